"""Tests of the wording of numbers, years and money."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programmes.models import Figure, Reach, Unit
from stemobs.entries import wording
from tests import chance

STEADY = chance.steady(100)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"),
        ("7", "7"),
        ("7.00", "7"),
        ("59.50", "59.5"),
        ("3.25", "3.25"),
        ("2000", "2,000"),
        ("60000.00", "60,000"),
        ("1234567.5", "1,234,567.5"),
        ("1000000", "1,000,000"),
        ("1E+2", "100"),
    ],
)
def test_a_number_has_separated_thousands_and_no_trailing_zeros(value: str, text: str) -> None:
    assert wording.format_number(Decimal(value)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("800000", "800,000"),
        ("1000000", "1\u00a0million"),
        ("1600000.00", "1.6\u00a0million"),
        ("45500000", "45.5\u00a0million"),
        ("125000000", "125\u00a0million"),
        ("1230000", "1.23\u00a0million"),
        ("1234567", "1,234,567"),
        ("2500000000", "2.5\u00a0billion"),
        ("1000000001", "1,000,000,001"),
    ],
)
def test_a_sum_is_written_in_millions_only_if_that_is_exact(value: str, text: str) -> None:
    assert wording.format_large_number(Decimal(value)) == text


@pytest.mark.parametrize(
    ("qualifier", "text"),
    [
        ("exact", "4,500"),
        ("about", "about 4,500"),
        ("over", "over 4,500"),
        ("nearly", "nearly 4,500"),
        ("at-least", "at least 4,500"),
        ("up-to", "up to 4,500"),
    ],
)
def test_a_figure_is_written_with_the_qualifier_of_its_source(qualifier: str, text: str) -> None:
    assert wording.format_figure(qualifier, Decimal(4500)) == text


def test_a_range_is_written_with_both_of_its_ends() -> None:
    assert wording.format_figure("range", Decimal(20), Decimal(30)) == "20 to 30"


def test_every_qualifier_of_the_models_has_a_wording() -> None:
    for qualifier in Figure.Qualifier.values:
        assert "5" in wording.format_figure(qualifier, Decimal(5), Decimal(6))


def test_money_is_written_with_its_own_currency() -> None:
    assert wording.format_money("EUR", "over", Decimal(6_000_000)) == "over EUR\u00a06\u00a0million"
    assert wording.format_money("NOK", "exact", Decimal("1250.50")) == "NOK\u00a01,250.5"


def test_a_range_of_money_names_the_currency_once() -> None:
    text = wording.format_money("EUR", "range", Decimal(500), Decimal(2_000_000))
    assert text == "EUR\u00a0500 to 2\u00a0million"


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (2014, 2017, "2014–2017"),
        (2016, 2016, "2016"),
        (2016, None, "from 2016"),
        (None, 2014, "until 2014"),
        (None, None, ""),
    ],
)
def test_years_are_written_as_a_span(first: int | None, last: int | None, text: str) -> None:
    assert wording.format_years(first, last) == text


@given(st.decimals(min_value=0, max_value=10**13, places=2))
@STEADY
def test_a_formatted_number_reads_back_as_the_same_number(value: Decimal) -> None:
    assert Decimal(wording.format_number(value).replace(",", "")) == value


@given(st.integers(min_value=0, max_value=10**13).map(Decimal))
@STEADY
def test_a_formatted_sum_reads_back_as_the_same_sum(value: Decimal) -> None:
    text = wording.format_large_number(value).replace(",", "").split("\u00a0")
    size = {"million": 10**6, "billion": 10**9}[text[1]] if len(text) == 2 else 1
    assert Decimal(text[0]) * size == value


@pytest.mark.parametrize(
    ("locator", "place"),
    [
        ("", ""),
        ("p. 4", "p. 4"),
        ("lines 286–294", ""),
        ("line 7", ""),
        ("lines 636–649; 1292–1300", ""),
        ("section 3; lines 4–5", "section 3"),
        ("headline", "headline"),
    ],
)
def test_readers_get_places_that_they_can_find(locator: str, place: str) -> None:
    assert wording.find_readers_place(locator) == place


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2016-10-25", "25 October 2016"),
        ("2016-12", "December 2016"),
        ("lab 2013; signed 2017-02-01 to 2020-01-31",
         "lab 2013; signed 1 February 2017 to 31 January 2020"),
        ("2023-24", "2023-24"),
        ("2004", "2004"),
        ("2012-13-01", "2012-13-01"),
    ],
)  # fmt: skip
def test_dates_are_told_in_words(text: str, told: str) -> None:
    assert wording.word_dates(text) == told


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"year_to": 2014}, "schools a year, until 2014"),
        ({"period": "a year"}, "schools a year"),
        ({"period": "a year", "unit_detail": "new ones a year"}, "schools, new ones a year"),
        (
            {"period": "school year 2023/24", "period_type": "school-year"},
            "schools, school year 2023/24",
        ),
    ],
)
def test_each_part_of_the_time_of_a_reach_figure_is_said_once(
    fields: dict[str, Any], text: str
) -> None:
    row = Reach(unit=Unit(name="Schools"), **{"period_type": "annual", **fields})
    assert wording.format_reached(row) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("One is here. Two is here.", ["One is here. Two is here."]),
        (
            "Aaa one. Bbb two. Ccc three. Ddd four.",
            ["Aaa one. Bbb two.", "Ccc three. Ddd four."],
        ),
        ("First part.\n\nSecond part.", ["First part.", "Second part."]),
        (
            "It began in St. Gallen, e.g. Oslo followed. In 2014 it grew. 40 joined. All stayed.",
            [
                "It began in St. Gallen, e.g. Oslo followed. In 2014 it grew.",
                "40 joined. All stayed.",
            ],
        ),
    ],
)
def test_a_long_text_is_split_between_sentences(text: str, expected: list[str]) -> None:
    assert wording.split_paragraphs(text) == expected


def test_splitting_loses_no_word_and_leaves_at_most_three_sentences_together() -> None:
    text = " ".join(f"Sentence number {number} stands here." for number in range(11))
    parts = wording.split_paragraphs(text)
    assert " ".join(parts) == text
    assert [part.count(".") for part in parts] == [2, 3, 3, 3]

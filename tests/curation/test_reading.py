"""Tests of what is read of a line that a curator types: the facts, and what is asked instead."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import pytest

from partnerships.models import Funding
from programmes.models import Reach, Unit
from stemobs.curation.reading.figures import read_figure
from stemobs.curation.reading.lines import LineRead
from stemobs.curation.reading.numbers import read_amount
from stemobs.curation.reading.partners import read_partner
from stemobs.curation.reading.periods import read_period
from stemobs.curation.reading.places import (
    find_longer_address,
    guess_title,
    is_address,
    read_source,
    read_source_line,
    reduce_address,
)
from stemobs.curation.reading.runs import read_run
from stemobs.curation.reading.sums import read_sum
from stemobs.curation.reading.units import Units
from tests.curation.writing import write_figures, write_sums

pytestmark = pytest.mark.once

NAMES = ("students", "schools", "participants", "lessons", "per cent", "events")
UNITS = Units((name, name.replace("per cent", "percent"), name) for name in NAMES)


def keep_filled(line: LineRead) -> dict[str, str]:
    return {name: value for name, value in line.values.items() if value}


# --- Periods --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words", "first", "last", "kind"),
    [
        ("2016/17", "2016/17", 2016, 2017, "school-year"),
        ("1999/00", "1999/00", 1999, 2000, "school-year"),
        ("since 2014", "since 2014", 2014, None, ""),
        ("until 2014", "until 2014", None, 2014, ""),
        ("2019–2023, in all", "2019–2023", 2019, 2023, "cumulative"),
        ("Nov 2018", "Nov 2018", 2018, 2018, ""),
        ("each year, 2019", "2019", 2019, 2019, "annual"),
        ("60th round, 2025", "60th round, 2025", 2025, 2025, ""),
        ("not dated (before 2018)", "not dated (before 2018)", None, None, ""),
        ("“each year, as of 2026”, a year", "each year, as of 2026", 2026, 2026, "annual"),
        ("fifth edition = 2014", "fifth edition", 2014, 2014, ""),
        ("“2018 article” = none", "2018 article", None, None, ""),
        ("“2019–2023”", "2019–2023", 2019, 2023, ""),
        ("", "", None, None, ""),
    ],
)
def test_a_period_keeps_its_words_and_gives_its_years(
    text: str, words: str, first: int | None, last: int | None, kind: str
) -> None:
    period = read_period(text)
    assert (period.words, period.first, period.last, period.kind) == (words, first, last, kind)
    assert not period.wrong
    assert not period.asks_kind


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("20199", "20199 is no year."),
        ("2O19", "it has a letter where a digit should be."),
        ("last year", "means something else every year."),
        ("2023–2019", "ends before it begins."),
        ("girls only", "Is “girls only” a time?"),
        ("each year, in all", "says two things of how it was counted."),
        (f"2019 {'and so on ' * 9}", "is too long"),
    ],
)
def test_what_is_no_period_is_an_error(text: str, told: str) -> None:
    assert told in read_period(text).wrong


# --- Numbers and units ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "qualifier", "low", "high"),
    [
        ("nearly 500", "nearly", "500", "None"),
        ("about 60,000", "about", "60000", "None"),
        ("80’000", "exact", "80000", "None"),
        ("1.600.000", "exact", "1600000", "None"),
        ("1 200", "exact", "1200", "None"),
        ("12.5", "exact", "12.5", "None"),
        ("1,600.50", "exact", "1600.50", "None"),
        ("1.600,50", "exact", "1600.50", "None"),
        ("more than 1.5 million", "over", "1.5E+6", "None"),
        ("20–30", "range", "20", "30"),
        ("between 1 and 2 million", "range", "1E+6", "2E+6"),
    ],
)
def test_a_number_is_read_with_what_says_how_exact_it_is(
    text: str, qualifier: str, low: str, high: str
) -> None:
    amount = read_amount(text)
    assert (amount.qualifier, str(amount.low), str(amount.high)) == (qualifier, low, high)
    assert not amount.unreadable


@pytest.mark.parametrize(
    ("line", "field", "told", "offered"),
    [
        ("1.200 schools", "value", "Is 1.200 the number 1,200, or 1.2?", ["1200", "1.2"]),
        ("2O schools", "value", "it has a letter", []),
        ("1,2,3 schools", "value", "We cannot read “1,2,3”", []),
        ("many schools", "value", "How many?", []),
        ("under 300 schools", "qualifier", "no word for “under”", ["nearly", "up-to"]),
        ("300+ schools", "qualifier", "Does “+” mean", ["over", "at-least"]),
        ("about 20–30 schools", "qualifier", "A range has its two ends", ["range"]),
        ("30–20 schools", "value_max", "above its lower end", []),
        ("9999999999999999 schools", "value", "below a hundred million millions", []),
        ("12 lesons", "unit", "We do not count “lesons”.", ["lessons"]),
        ("12 young people", "unit", "“young people”", ["participants", "students"]),
        ("12", "unit", "What is counted?", []),
        (
            "12 schools, 2019–2023",
            "period_type",
            "in all these years together, or each year?",
            ["cumulative", "annual"],
        ),
        (f"12 schools ({'x' * 121})", "unit_detail", "too long", []),
    ],
)
def test_what_is_not_clear_in_a_figure_is_asked(
    line: str, field: str, told: str, offered: list[str]
) -> None:
    question = read_figure(line, UNITS).asked[field]
    assert told in question.told
    assert [value for value, _label in question.options] == offered


@pytest.mark.parametrize(
    ("line", "values"),
    [
        (
            "nearly 500 students (girls from 60 schools), 2014 [S2]",
            {"qualifier": "nearly", "value": "500", "unit": "students", "period": "2014"}
            | {"unit_detail": "girls from 60 schools", "year_from": "2014", "year_to": "2014"},
        ),
        (
            "about 60,000 pupils a year, 2019 [2 p. 4]",
            {"qualifier": "about", "value": "60000", "unit": "students", "period_type": "annual"}
            | {"period": "2019", "year_from": "2019", "year_to": "2019", "locator": "p. 4"},
        ),
        (
            "40% of secondary schools in 2018 https://example.org/report",
            {"qualifier": "exact", "value": "40", "unit": "per cent", "period": "2018"}
            | {"unit_detail": "of secondary schools", "year_from": "2018", "year_to": "2018"},
        ),
    ],
)
def test_a_figure_is_read_as_people_say_it(line: str, values: dict[str, str]) -> None:
    found = read_figure(line, UNITS)
    assert keep_filled(found) == values
    assert not found.asked


# --- Sums and organisations -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "values"),
    [
        (
            "EUR 9,650 in 2015 from ESET Foundation [6]",
            {"amount": "9650", "currency": "EUR", "qualifier": "exact", "period": "2015"}
            | {"year_from": "2015", "year_to": "2015", "organisation": "ESET Foundation"},
        ),
        (
            "over 22 mil. CZK a year, 2019 from Ministry of Education, Youth and Sports",
            {"amount": "22000000", "currency": "CZK", "qualifier": "over", "basis": "annual"}
            | {"period": "2019", "year_from": "2019", "year_to": "2019"}
            | {"organisation": "Ministry of Education, Youth and Sports"},
        ),
        ("paid by industry", {"source_type": "private"}),
        (
            "about 80 000 euro for 2019, grant",
            {"amount": "80000", "currency": "EUR", "qualifier": "about", "basis": "grant"}
            | {"period": "2019", "year_from": "2019", "year_to": "2019"},
        ),
        (
            "about €2 million (first call), budget of a call, public",
            {"amount": "2000000", "currency": "EUR", "qualifier": "about", "basis": "call-budget"}
            | {"basis_detail": "first call", "source_type": "public"},
        ),
    ],
)
def test_a_sum_is_read_as_people_say_it(line: str, values: dict[str, str]) -> None:
    found = read_sum(line)
    assert keep_filled(found) == values
    assert not found.asked


@pytest.mark.parametrize(
    ("line", "field", "told"),
    [
        ("500 kr", "currency", "Which crowns"),
        ("9,650", "currency", "In which currency?"),
        ("1.200 EUR", "amount", "Is 1.200 the number"),
        ("a lot of money", "amount", "How much?"),
        ("EUR 2 million, 2019–2023", "basis", "or each year?"),
        ("EUR 2 million, 20199", "period", "is no year"),
    ],
)
def test_what_is_not_clear_in_a_sum_is_asked(line: str, field: str, told: str) -> None:
    assert told in read_sum(line).asked[field].told


def test_an_organisation_is_read_with_its_role_and_years() -> None:
    found = read_partner("Ministry of Education, Science and Sport, funder, 2002–2010 [1]")
    assert keep_filled(found) == {
        "organisation": "Ministry of Education, Science and Sport",
        "role": "funder",
        "since": "2002",
        "until": "2010",
    }
    assert "founder" in dict(read_partner("Philips, foundr").asked["role"].options)
    assert read_partner("Philips").asked.keys() == {"role"}
    assert read_partner("Philips, founder, last year").asked.keys() == {"since"}


# --- Sources --------------------------------------------------------------------------------------


def test_a_source_is_named_by_number_or_address_with_a_place() -> None:
    texts = ("2", "S2 p. 4", "02, lines 3–4", "a.eu", "www.a.eu/b p")
    named = [read_source(text) for text in texts]
    assert [(one.name, one.place) for one in named] == [
        ("2", ""),
        ("2", "p. 4"),
        ("2", "lines 3–4"),
        ("?", "a.eu"),
        ("https://www.a.eu/b", "p"),
    ]


@pytest.mark.parametrize(
    "address",
    [
        "http://www.dialogic.nl/projecten/update-quickscan/",
        "https://DIALOGIC.nl/projecten/update-quickscan?utm_source=x&fbclid=1#top",
    ],
)
def test_addresses_of_one_page_are_the_same(address: str) -> None:
    same = "https://dialogic.nl/projecten/update-quickscan"
    assert reduce_address(address) == reduce_address(same)
    assert reduce_address(f"{same}?id=2") != reduce_address(same)


@pytest.mark.parametrize("wrong", ["https://[x", "https://[example.org]/report", "www.[a"])
def test_what_only_looks_like_an_address_is_an_address_that_the_form_will_refuse(
    wrong: str,
) -> None:
    address, title = read_source_line(f"{wrong} A report")
    assert (address, title) == (wrong if "//" in wrong else f"https://{wrong}", "A report")
    assert reduce_address(address) == address
    assert is_address(address)
    assert guess_title(address)


def test_a_line_of_sources_is_an_address_and_a_title() -> None:
    told = read_source_line("https://a.eu/update-quickscan.html – Update of the quickscan")
    assert told == ("https://a.eu/update-quickscan.html", "Update of the quickscan")
    assert guess_title(told[0]) == "Update quickscan"
    assert guess_title("https://a.eu/2014/") == guess_title("https://a.eu/") == ""


def test_a_space_that_may_have_cut_an_address_is_noticed() -> None:
    line = "https://a.eu/jaarverslag 2023.pdf Annual report 2023"
    assert find_longer_address(line) == (
        "https://a.eu/jaarverslag%202023.pdf",
        "Annual report 2023",
    )
    for clear in ("https://a.eu/report.pdf Report.html", "https://a.eu/ A report", "report.pdf"):
        assert find_longer_address(clear) == ("", "")


# --- Every fact on record -------------------------------------------------------------------------


def read_plainest(
    lines: Iterable[str], read: Callable[[str], LineRead], wanted: dict[str, str]
) -> LineRead | None:
    """Return what is read of the first line that gives what is wanted, else of the first asked."""
    asked = None
    for line in lines:
        found = read(line)
        if {name: found.values.get(name, "") for name in wanted} == wanted and not found.asked:
            return found
        asked = asked or (found if found.asked else None)
    return asked


def write_plain(row: dict[str, Any], names: Iterable[str]) -> dict[str, str]:
    return {name: write_value(row[name]) for name in names}


def write_value(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "" if value is None else str(value)


TIMES = ("period", "year_from", "year_to", "locator", "qualifier")


@pytest.mark.data
@pytest.mark.django_db
def test_no_figure_on_record_differs_when_it_is_written_as_a_line_and_read() -> None:
    units = Units((name, slug, name) for slug, name in Unit.objects.values_list("slug", "name"))
    names = (*TIMES, "value", "value_max", "unit_detail", "period_type")
    found = []
    for row in Reach.objects.values("unit__name", *names):
        wanted = {**write_plain(row, names), "unit": row["unit__name"]}
        lines = write_figures(row, row["unit__name"], 7)
        found.append(read_plainest(lines, lambda line: read_figure(line, units), wanted))
    assert_nearly_all_are_read(found)


@pytest.mark.data
@pytest.mark.django_db
def test_no_sum_on_record_differs_when_it_is_written_as_a_line_and_read() -> None:
    kinds = dict(Funding.SourceType.choices)
    names = (*TIMES, "amount", "amount_max", "currency", "basis", "basis_detail", "source_type")
    found = []
    for row in Funding.objects.values("organisation__name", *names):
        wanted = {**write_plain(row, names), "organisation": row["organisation__name"] or ""}
        if row["amount"] is None:
            del wanted["qualifier"]
        lines = write_sums(row, wanted["organisation"], str(kinds[row["source_type"]]).lower(), 7)
        found.append(read_plainest(lines, read_sum, wanted))
    assert_nearly_all_are_read(found)


def assert_nearly_all_are_read(found: list[LineRead | None]) -> None:
    assert found
    assert None not in found
    assert sum(not line.asked for line in found if line) >= 0.95 * len(found)


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ("ended 2024", {"status": "completed", "year_end": "2024"}),
        ("It has ended.", {"status": "completed"}),
        ("since 2014 [2 p. 4]", {"year_start": "2014", "locator": "p. 4"}),
        ("2013–2015", {"year_start": "2013", "year_end": "2015"}),
        ("still running", {"status": "active", "year_end": ""}),
        ("ended 2O24", "a letter where a digit should be"),
        ("next year perhaps", "Write “since 2014”"),
        ("2014", "Write “since 2014”"),
    ],
)
def test_when_a_programme_ran_is_read_of_a_line(written: str, values: Any) -> None:
    line = read_run(written)
    if isinstance(values, str):
        assert values in line.asked["status"].told
    else:
        assert {"locator": "", **values} == line.values

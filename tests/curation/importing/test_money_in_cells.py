"""Tests of the sums in partners' cells: amounts, currencies, sizes, what a sum is."""

from typing import Any

import pytest

from stemobs.curation.importing.meanings.rows import read_rows
from stemobs.curation.importing.shapes import FileColumn
from tests.curation.importing.tables import (
    KNOWN,
    list_keys,
    make_table,
    read_cell,
    read_column,
    type_number,
)

pytestmark = pytest.mark.once


def read_sum(text: Any, **more: Any) -> str:
    """Return the amounts and currencies of a cell in one text."""
    facts = read_cell("money", text, **more).facts
    return ", ".join(f"{fact.get('amount')} {fact.get('currency')}" for fact in facts)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("€ 500", "500 EUR"),
        ("500 EUR", "500 EUR"),
        ("500 euros", "500 EUR"),
        ("1.234,56 €", "1234.56 EUR"),
        ("EUR 1,234.50", "1234.5 EUR"),
        ("CHF 12’500.50", "12500.5 CHF"),
        ("£5m", "5000000 GBP"),
        ("$100", "100 USD"),
        ("1,5 mln zł", "1500000 PLN"),
        ("5 000,- Kč", "5000 CZK"),
        ("12 tis. Kč", "12000 CZK"),
        ("12 mil. Ft", "12000000 HUF"),
        ("12 eFt", "12000 HUF"),
        ("100 lei", "100 RON"),
        ("200 лв.", "200 BGN"),
        ("300 din.", "300 RSD"),
        ("T€ 500", "500000 EUR"),
        ("500 T€", "500000 EUR"),
        ("500 TEUR", "500000 EUR"),
        ("1,5 Mio. €", "1500000 EUR"),
        ("2 M€", "2000000 EUR"),
        ("ca. € 5 000", "5000 EUR"),
        ("SEK 400", "400 SEK"),
        ("10 000 EUR (2019), 12 000 EUR (2020)", "10000 EUR, 12000 EUR"),
        ("0 €", "0 EUR"),
    ],
)
def test_sums_are_read_with_their_currency(text: str, told: str) -> None:
    meaning = read_cell("money", text)
    assert read_sum(text) == told
    assert not meaning.asked


@pytest.mark.parametrize(
    ("text", "basis"),
    [
        ("500 € pro Jahr", "annual"),
        ("500 zł rocznie", "annual"),
        ("5000 Kč ročně", "annual"),
        ("500 € par an", "annual"),
        ("500 EUR a year", "annual"),
        ("500 €/rok", "annual"),
        ("500 € insgesamt", "total"),
        ("500 zł łącznie", "total"),
        ("500 Kč celkem", "total"),
        ("500 Kč dotace", "grant"),
    ],
)
def test_what_a_sum_is_is_read(text: str, basis: str) -> None:
    assert read_cell("money", text).facts[0]["basis"] == basis


@pytest.mark.parametrize(
    ("name", "basis"), [("Jahresbudget", "annual"), ("Roczny budżet", "annual"),
                        ("Annual budget (EUR)", "annual"), ("Gesamtbudget", "total")]
)  # fmt: skip
def test_the_name_of_a_column_says_what_its_sums_are(name: str, basis: str) -> None:
    assert read_cell("money", "500 €", name=name).facts[0]["basis"] == basis


def test_a_sum_has_its_range_its_time_and_how_exact_it_is() -> None:
    assert read_cell("money", "100–150 EUR").facts == [
        {"amount": "100", "amount_max": "150", "qualifier": "range", "currency": "EUR"}
    ]
    assert read_cell("money", "über 5000 € (2019)").facts == [
        {"amount": "5000", "qualifier": "over", "currency": "EUR", "period": "2019",
         "year_from": "2019", "year_to": "2019"}
    ]  # fmt: skip


def test_an_unknown_currency_is_asked_once_for_the_column() -> None:
    meaning = read_column("money", "500", "1000", name="Budget")
    assert [(one.key, one.lines) for one in meaning.questions] == [("currency:0", (2, 3))]
    assert read_sum("500", answers={"currency:0": "EUR"}) == "500 EUR"
    assert read_sum("500", answers={"currency:0": "uah"}) == "500 UAH"
    assert read_cell("money", "500", answers={"currency:0": "gold"}).asked
    assert list_keys(read_column("money", "10 XYZ")) == ["currency:0:xyz"]


def test_crowns_are_asked_for_each_country_whose_own_come_first() -> None:
    table = make_table(["Country", "Budget"], ["SE", "500 kr"], ["NO", "500 kr"], ["NO", "9 kr"])
    columns = [FileColumn(0, "Country", "country"), FileColumn(1, "Budget", "money")]
    meaning = read_rows(table, columns, {}, KNOWN)
    asked = {one.key: (one.options[0][0], one.lines) for one in meaning.questions}
    assert asked == {"currency:1:kr:SE": ("SEK", (2,)), "currency:1:kr:NO": ("NOK", (3, 4))}
    answered = read_rows(table, columns, {"currency:1:kr:SE": "DKK"}, KNOWN)
    assert answered.rows[0].facts["money"][0]["currency"] == "DKK"


def test_thousands_in_the_name_of_a_column_count() -> None:
    more: dict[str, Any] = {"name": "Budget in T€", "currency": "EUR"}
    assert read_sum("500", **more) == "500000 EUR"
    assert read_sum(type_number("500", "500"), **more) == "500000 EUR"
    assert read_sum("ca. 500", **more) == "500000 EUR"
    assert read_sum("1,5 Mio. €", **more) == "1500000 EUR"
    assert read_cell("money", "12 000 €", **more).asked == ["size:0"]
    assert read_sum("12 000 €", answers={"size:0": "0"}, **more) == "12000 EUR"


def test_thousands_of_people_count_too() -> None:
    facts = [read_cell("reach", text, name="Schüler (in Tsd.)", unit="students").facts[0]
             for text in ("12", "ca. 12", "12 Tsd.")]  # fmt: skip
    assert [fact["value"] for fact in facts] == ["12000", "12000", "12000"]


def test_a_workbook_may_name_the_currency_in_the_look_of_a_number_only() -> None:
    assert read_sum(type_number("12 500,00 €", "12500")) == "12500 EUR"
    assert read_sum(type_number("$12,500.00", "12500")) == "12500 USD"
    assert read_cell("money", type_number("12500", "12500")).asked == ["currency:0"]


def test_mil_is_a_thousand_or_a_million() -> None:
    assert read_cell("money", "5 mil €").asked == ["size:0:mil"]
    assert read_sum("5 mil €", answers={"size:0:mil": "3"}) == "5000 EUR"


def test_a_column_of_currencies_is_for_the_sums_beside_it() -> None:
    table = make_table(["Budget", "Currency"], ["500", "EUR"], ["700", "zł"], ["9", "groats"])
    columns = [FileColumn(0, "Budget", "money"), FileColumn(1, "Currency", "currency")]
    rows = read_rows(table, columns, {}, KNOWN).rows
    assert [row.facts.get("money", [{}])[0].get("currency") for row in rows] == [
        "EUR",
        "PLN",
        None,
    ]
    assert rows[2].cells[1].code == "no-currency"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("-500 €", "negative-number"),
        ("5OO €", "letter-in-number"),
        ("some money", "no-number"),
        ("85%", "no-number"),
    ],
)
def test_what_is_no_sum_is_named(text: str, code: str) -> None:
    meaning = read_cell("money", text)
    assert (meaning.code, meaning.facts) == (code, [])

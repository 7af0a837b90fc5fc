"""Tests of the rows of partners' tables: cells read together, questions gathered, cells mended."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemobs.curation.importing.columns.proposing import propose_columns
from stemobs.curation.importing.meanings.rows import read_rows
from stemobs.curation.importing.shapes import (
    TARGETS,
    FileCell,
    FileColumn,
    FileTable,
    TableMeaning,
)
from tests.chance import steady
from tests.curation.importing.tables import (
    KNOWN,
    list_keys,
    list_values,
    make_table,
    read_cell,
    read_column,
)

pytestmark = pytest.mark.once

PARTNERS = make_table(
    ["Nazwa", "Kraj", "Uczestnicy", "Rok", "Strona", "Kontakt"],
    ["Ścieżki", "Polska", "12.500", "od 2014", "sciezki.pl", "Jan"],
    ["Roboty", "Polska, Czechy", "320 uczniów", "2016/17", "http://192.168.1.4/stem", ""],
    ["Laboratoria", "QQ", "ok. 300", "2O19", "", ""],
    ["Mosty", "Slovania", "12 szkół i 480 uczniów", "2019", "", ""],
)


def read(table: FileTable, answers: Mapping[str, Any] | None = None) -> TableMeaning:
    columns = propose_columns(table, KNOWN, {})
    return read_rows(table, columns, answers or {}, KNOWN)


def read_as(targets: str, *rows: list[str], **answers: str) -> TableMeaning:
    """Return what rows say whose columns become these targets, with a unit behind “:”."""
    names = targets.split()
    parts = [name.partition(":") for name in names]
    columns = [
        FileColumn(place, target, target, unit=unit)
        for place, (target, _mark, unit) in enumerate(parts)
    ]
    return read_rows(make_table(names, *rows), columns, answers, KNOWN)


def test_a_partners_table_asks_few_things_and_names_each_fault() -> None:
    meaning = read(PARTNERS)
    assert {one.key: one.lines for one in meaning.questions} == {
        "column:3": (2, 3, 4, 5),
        "numbers:2": (2,),
        "unit:2": (4,),
        "country:Slovania": (5,),
    }
    faults = {
        (row.line, place): cell.code
        for row in meaning.rows
        for place, cell in row.cells.items()
        if cell.fault
    }
    assert faults == {(3, 4): "private-address", (4, 1): "no-such-country"}
    assert [list_values(row, "name") for row in meaning.rows] == [
        ["Ścieżki"],
        ["Roboty"],
        ["Laboratoria"],
        ["Mosty"],
    ]


def test_answers_settle_a_partners_table() -> None:
    answers = {
        "column:3": "mixed",
        "numbers:2": "thousands",
        "unit:2": "students",
        "country:Slovania": "SI",
        "cell:4:1": "Polska",
        "cell:4:3": "2019",
        "cell:3:4": "https://roboty.pl",
    }
    meaning = read(PARTNERS, answers)
    assert meaning.questions == []
    assert not any(cell.fault for row in meaning.rows for cell in row.cells.values())
    first, second, third, fourth = (row.facts for row in meaning.rows)
    assert first["runs"] == [{"year_start": "2014"}]
    assert first["reach"] == [{"value": "12500", "qualifier": "exact", "unit": "students"}]
    assert second["reach"] == [
        {"value": "320", "qualifier": "exact", "unit": "students", "period": "2016/17",
         "year_from": "2016", "year_to": "2017", "period_type": "school-year"}
    ]  # fmt: skip
    assert second["website"] == [{"value": "https://roboty.pl"}]
    assert third["country"] == [{"value": "PL"}]
    assert third["reach"][0]["qualifier"] == "about"
    assert [(fact["unit"], fact["year_from"]) for fact in fourth["reach"]] == [
        ("schools", "2019"),
        ("students", "2019"),
    ]


def test_a_column_of_contacts_is_not_read() -> None:
    assert all(5 not in row.cells for row in read(PARTNERS).rows)


def test_what_it_counts_may_differ_from_row_to_row() -> None:
    texts = ("300", "20")
    answers = {"unit:0": "each", "unit:0:3": "schools"}
    meaning = read_column("reach", *texts, answers=answers)
    assert list_keys(meaning) == ["unit:0:2"]
    assert meaning.rows[1].cells[0].facts[0]["unit"] == "schools"


def test_a_figure_takes_unit_and_time_from_beside_it() -> None:
    meaning = read_as(
        "name reach reach-unit reach-when", ["A", "320", "žáků", "2019"], ["B", "12", "", "2020"]
    )
    assert meaning.rows[0].facts["reach"] == [
        {"value": "320", "qualifier": "exact", "unit": "students", "period": "2019",
         "year_from": "2019", "year_to": "2019"}
    ]  # fmt: skip
    assert list_keys(meaning) == ["unit:1"]


def test_of_several_times_each_is_for_the_figures_before_it() -> None:
    row = ["A", "12", "2019", "300", "2021"]
    meaning = read_as("name reach:schools reach-when reach:students reach-when", row)
    assert [(one["unit"], one["year_from"]) for one in meaning.rows[0].facts["reach"]] == [
        ("schools", "2019"),
        ("students", "2021"),
    ]


def test_the_time_of_a_figure_may_stand_in_the_name_of_its_column() -> None:
    facts = read_cell("reach", "300", name="Žáci 2022/23", unit="students").facts
    assert facts == [
        {"value": "300", "qualifier": "exact", "unit": "students", "period": "2022/23",
         "year_from": "2022", "year_to": "2023", "period_type": "school-year"}
    ]  # fmt: skip


def test_figures_of_several_years_ask_once_over_which_time_they_count() -> None:
    rows = (["A", "300", "2019–2023"], ["B", "20", "2016-2018"], ["C", "9", "2019"])
    meaning = read_as("name reach:schools reach-when", *rows)
    assert [(one.key, one.lines) for one in meaning.questions] == [("period:2", (2, 3))]
    answered = read_as("name reach:schools reach-when", *rows, **{"period:2": "annual"})
    assert [row.facts["reach"][0].get("period_type") for row in answered.rows] == [
        "annual",
        "annual",
        None,
    ]
    each = {"period:2": "each", "period:2:2019–2023": "cumulative"}
    assert list_keys(read_as("name reach:schools reach-when", *rows, **each)) == [
        "period:2:2016-2018"
    ]


def test_a_range_of_years_beside_a_figure_asks_too() -> None:
    assert read_cell("reach", "320 žáků (2019–2023)").asked == ["period:0"]
    assert read_cell("money", "320 € (2019–2023)").asked == ["period:0"]
    assert not read_cell("money", "320 € a year (2019–2023)").asked
    assert not read_cell("money", "320 €", name="Annual budget 2019–2023").asked
    assert not read_cell("money", "320 € (2019/20)").asked
    answers = {"period:0": "cumulative"}
    assert read_cell("money", "320 € (2019–2023)", answers=answers).facts[0]["basis"] == "total"


def test_start_end_and_status_are_one_running_time() -> None:
    meaning = read_as("name start end", ["A", "od 2014", "2019"], ["B", "2016", "trwa"])
    assert [row.facts["runs"] for row in meaning.rows] == [
        [{"year_start": "2014", "year_end": "2019"}],
        [{"year_start": "2016", "status": "active"}],
    ]


def test_an_end_before_the_start_is_a_fault_of_its_cell() -> None:
    row = read_as("name start end", ["A", "2019", "2014"]).rows[0]
    assert (row.cells[1].code, row.cells[2].code) == ("", "ends-before-it-begins")


def test_a_row_without_a_name_is_a_fault_and_the_others_are_read() -> None:
    meaning = read_as("name country", ["", "DE"], ["—", "AT"], ["C", "PL"])
    assert [row.cells[0].code for row in meaning.rows] == ["no-name", "no-name", ""]
    assert [list_values(row, "country") for row in meaning.rows] == [["DE"], ["AT"], ["PL"]]
    mended = read_as("name country", ["", "DE"], **{"cell:2:0": "A"})
    assert list_values(mended.rows[0], "name") == ["A"]


def test_a_short_line_has_empty_cells_and_may_be_mended() -> None:
    assert read_as("name country", ["A"]).rows[0].facts == {"name": [{"value": "A"}]}
    mended = read_as("name country", ["A"], **{"cell:2:1": "DE"})
    assert list_values(mended.rows[0], "country") == ["DE"]


def test_an_error_of_a_spreadsheet_is_named() -> None:
    assert read_cell("reach", FileCell("#REF!", note="error")).code == "spreadsheet-error"


# --- Organisations, addresses, texts --------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Siemens", ["Siemens"]),
        ("Siemens; Bosch\nPhilips", ["Siemens", "Bosch", "Philips"]),
        ("Siemens AG und Bosch GmbH", ["Siemens AG", "Bosch GmbH"]),
        ("Škoda Auto a.s.", ["Škoda Auto a.s."]),
        ("Procter & Gamble", ["Procter & Gamble"]),
        ("—", []),
    ],
)
def test_organisations_are_read_in_the_role_of_their_column(text: str, names: list[str]) -> None:
    facts = read_cell("partner", text).facts
    assert facts == [{"name": name, "role": "partner"} for name in names]


def test_a_comma_in_a_name_is_asked_once_for_the_column() -> None:
    texts = ("Philips, N.V.", "Shell, DSM")
    meaning = read_column("funder", *texts)
    assert [(one.key, one.lines) for one in meaning.questions] == [("organisations:0", (2, 3))]
    answers = {"organisations:0": "each", "organisation:Philips, N.V.": "keep",
               "organisation:Shell, DSM": "split"}  # fmt: skip
    answered = read_column("funder", *texts, answers=answers)
    assert [fact["name"] for row in answered.rows for fact in row.cells[0].facts] == [
        "Philips, N.V.",
        "Shell",
        "DSM",
    ]


@pytest.mark.parametrize(
    ("text", "address", "code"),
    [
        ("example.org", "https://example.org", ""),
        ("www.example.cz/a", "https://www.example.cz/a", ""),
        ("http://example.org", "http://example.org", ""),
        ("http://192.168.1.4/stem", "", "private-address"),
        ("http://localhost:8000", "", "private-address"),
        ("http://intranet/stem", "", "private-address"),
        ("http://[::1]/", "", "private-address"),
        ("javascript:alert(1)", "", "other-scheme"),
        ("ftp://example.org", "", "other-scheme"),
        ("someone@example.org", "", "mail-address"),
        ("mailto:someone@example.org", "", "mail-address"),
        ("two words", "", "no-address"),
        ("-", "", ""),
    ],
)
def test_addresses_of_websites_are_completed_or_refused(text: str, address: str, code: str) -> None:
    meaning = read_cell("website", text)
    assert (list_values(meaning), meaning.code) == ([address] if address else [], code)


@pytest.mark.parametrize("text", ["https://a.org https://b.org", "a.org; b.org"])
def test_of_several_addresses_people_choose_the_website(text: str) -> None:
    assert read_cell("website", text).asked == ["website:2:0"]
    answers = {"website:2:0": "https://b.org"}
    assert list_values(read_cell("website", text, answers=answers)) == ["https://b.org"]


def test_texts_stay_as_they_are() -> None:
    assert list_values(read_cell("summary", "Sends pupils\nto it ")) == ["Sends pupils\nto it"]
    assert list_values(read_cell("name", "A\u200b  B")) == ["A B"]
    assert read_cell("name", "x" * 201).code == "too-long"


# --- Chance ---------------------------------------------------------------------------------------

HOSTILE = st.one_of(
    st.text(max_size=40),
    st.text("0123456789.,-–/ '’½%€k+<>~OoIl()\n;|&", max_size=30),
    st.sampled_from(["²", "٣", "①", "1e5", "NaN", "∞", "0" * 500, "1" * 5000, "(" * 200, "%s %d",
                     "{0}", "=1+1", "\ud800", "\x00", "2019" * 50, "DE/" * 300, "http://[", "['"]),
)  # fmt: skip


@steady(40)
@given(st.lists(HOSTILE, min_size=1, max_size=4))
def test_no_text_makes_the_reading_fail(texts: list[str]) -> None:
    header = [f"{target} {texts[0][:20]}" for target in TARGETS]
    table = make_table(header, *([text] * len(TARGETS) for text in texts))
    read(table)
    columns = [FileColumn(place, one, one) for place, one in enumerate(TARGETS)]
    meaning = read_rows(table, columns, {}, KNOWN)
    first = {one.key: one.options[0][0] if one.options else "?" for one in meaning.questions}
    again = read_rows(table, columns, first, KNOWN)
    assert len(again.rows) == len(meaning.rows) == len(texts)

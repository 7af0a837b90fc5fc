"""Tests of finding a table: its header, its rows, and what is told of all other lines."""

from typing import Any

import pytest

from stemobs.curation.importing.files.opening import open_file
from stemobs.curation.importing.files.tables import find_table
from stemobs.curation.importing.shapes import FileRefused, FileTable, ReadingChoices
from tests.curation.importing.workbooks import make_workbook

pytestmark = pytest.mark.once

NONE = ReadingChoices()
HEAD = "Name;Land;Jahr;Web\n"
ROWS = "A;DE;2019;https://a.example\nB;FR;2020;https://b.example\nC;IT;2021;https://c.example\n"


def read(text: str, choices: ReadingChoices = NONE) -> FileTable:
    return find_table(open_file("a.csv", text.encode(), choices), choices)


def list_rows(table: FileTable) -> dict[int, list[str]]:
    return {row.number: [cell.text for cell in row.cells] for row in table.rows}


def list_notices(table: FileTable) -> list[tuple[str, int]]:
    return [(notice.code, notice.line) for notice in table.notices]


def list_faults(table: FileTable) -> list[tuple[str, int]]:
    return [(fault.code, fault.line) for fault in table.faults]


# --- The header -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("above", "line"),
    [
        ("", 1),
        ("Programme in Europa\n", 2),
        ("Programme in Europa;;;\n\nStand: 01.11.2026;;;\n", 4),
        ("Stand:;01.11.2026;;\n", 2),
        ("\n\n", 3),
        ("Programme 2026;Ministry;;\n\n", 3),
    ],
)
def test_the_header_is_found_below_titles(above: str, line: int) -> None:
    table = read(above + HEAD + ROWS)
    assert table.header_line == line
    assert table.header == ("Name", "Land", "Jahr", "Web")
    assert len(table.rows) == 3
    assert {code for code, _line in list_notices(table)} <= {"above", "blank"}


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("Name;Land;2019;2020\nA;DE;5;6\nB;FR;7;8\n", ("Name", "Land", "2019", "2020")),
        ("Programme;;Reach;\nName;Land;Pupils;Schools\nA;DE;5;6\nB;FR;7;8\n",
         ("Programme Name", "Programme Land", "Reach Pupils", "Reach Schools")),
        (";;Reach;\nName;Land;Pupils;Schools\nA;DE;5;6\nB;FR;7;8\n",
         ("Name", "Land", "Reach Pupils", "Reach Schools")),
        ("Name;Land;Reach;\n;;Pupils;Schools\nA;DE;5;6\nB;FR;7;8\n",
         ("Name", "Land", "Reach Pupils", "Reach Schools")),
        ("Name;Land;Budget;Reach\n;;EUR;pupils\nA;DE;5;6\nB;FR;7;8\n",
         ("Name", "Land", "Budget EUR", "Reach pupils")),
        ('Name;"Počet\nžáků";Web\nA;5;https://a.example\n', ("Name", "Počet žáků", "Web")),
        ("Name;Reg.no;Tel.nr\nA;5;6\nB;7;8\n", ("Name", "Reg.no", "Tel.nr")),
        ("Name\nHodina kódu\nTechniktage\n", ("Name",)),
    ],
)  # fmt: skip
def test_names_of_columns_are_joined(text: str, header: tuple[str, ...]) -> None:
    table = read(text)
    assert table.header == header
    assert len(table.rows) == 2 - ("Počet" in text)
    assert table.faults == []


@pytest.mark.parametrize(
    "text", [ROWS, "Jugend forscht;Deutschland;Schüler\nMINT-EC;Deutschland;Schulen\n"]
)
def test_a_table_without_header_is_told_of_and_numbered(text: str) -> None:
    table = read(text)
    assert list_faults(table) == [("no-header", 0)]
    assert table.header[:2] == ("Column 1", "Column 2")
    assert len(table.rows) == text.count("\n")


def test_somebody_may_say_which_line_is_the_header_or_that_none_is() -> None:
    table = read(ROWS, ReadingChoices(header=2))
    assert table.header[0] == "B"
    assert list_notices(table) == [("above", 1)]
    table = read(HEAD + ROWS, ReadingChoices(header=-1))
    assert (table.header_line, table.faults, len(table.rows)) == (0, [], 4)


def test_two_columns_of_one_name_are_told_of_and_get_two() -> None:
    table = read("Name;Počet;Počet;Počet\nA;1;2;3\n")
    assert table.header == ("Name", "Počet", "Počet (2)", "Počet (3)")
    assert list_faults(table) == [("header-twice", 1)] * 2
    assert table.faults[0].told == "Two columns are called “Počet”."
    assert table.faults[0].column == 3


def test_a_column_without_name_is_numbered_and_an_empty_one_dropped() -> None:
    table = read("Name;;Land;;Web\nA;;DE;x;https://a.example\nB;;FR;y;https://b.example\n")
    assert table.header == ("Name", "Land", "Column 4", "Web")
    assert list_notices(table) == [("no-header", 1)]
    assert list_rows(table)[2] == ["A", "DE", "x", "https://a.example"]


def test_a_row_that_is_wider_than_the_header_is_no_part_of_it() -> None:
    table = read("Name;Land\nA;DE;x\nB;FR;y\n")
    assert table.header == ("Name", "Land", "Column 3")
    assert list_rows(table) == {2: ["A", "DE", "x"], 3: ["B", "FR", "y"]}
    table = read("Name;Land\nK&ouml;ln;DE\n")
    assert list_faults(table) == [("too-many-cells", 2)]


# --- Lines that are no rows -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "label",
    ["Razem", "Celkem", "Summe", "Gesamt", "Total", "TOTAL:", "Totaal", "Totale", "Összesen",
     "Suma", "Insgesamt", "Spolu", "I alt", "Summa", "Yhteensä", "Σύνολο", "Итого", "Общо",
     "Skupaj", "Ukupno", "Iš viso", "Kokku", "Kopā", "Toplam", "Ensemble", "Samtals", "Σ Total",
     "Σ", "Celkem škol", "Zwischensumme", "Średnia"],
)  # fmt: skip
def test_totals_are_no_rows(label: str) -> None:
    table = read(f"Name;Land;Schüler\nA;DE;12\nB;FR;13\n{label};;99\n")
    assert list_notices(table) == [("total", 4)]
    assert len(table.rows) == 2


def test_a_line_that_adds_up_without_saying_so_is_no_row() -> None:
    table = read("Name;Land;Schüler;Schulen\nA;DE;12;3\nB;FR;13;4\n;;25;7\n")
    assert list_notices(table) == [("total", 4)]


@pytest.mark.parametrize(
    "row", ["Total Energies Award;FR;99", "Summa cum laude;DE;99", "Alle Kinder;DE;25", ";FR;99"]
)
def test_a_programme_that_is_called_like_a_total_is_a_row(row: str) -> None:
    assert len(read(f"Name;Land;Schüler\nA;DE;12\nB;FR;13\n{row}\n").rows) == 3


@pytest.mark.parametrize(
    "note",
    ["Stand: 01.11.2026", "* estimates", "Source: Ministry, 2026", "Źródło: MEN", "Quelle: BMBF",
     "¹ geschätzt", "1) ohne Berlin", "Anything at all at the end"],
)  # fmt: skip
def test_notes_below_a_table_are_no_rows(note: str) -> None:
    table = read(f"{HEAD}{ROWS}\n{note};;;\n")
    assert list_notices(table) == [("blank", 5), ("note", 6)]
    assert len(table.rows) == 3


def test_the_header_once_more_is_no_row() -> None:
    table = read(HEAD + ROWS + HEAD + "D;ES;2022;https://d.example\n")
    assert list_notices(table) == [("header-again", 5)]
    assert len(table.rows) == 4


def test_numbers_of_columns_are_no_row() -> None:
    table = read(f"{HEAD}1;2;3;4\n{ROWS}")
    assert list_notices(table) == [("header-again", 2)]


def test_a_heading_is_left_out_and_can_be_kept() -> None:
    text = HEAD + "Grundschulen;;;\n" + ROWS
    table = read(text)
    assert list_notices(table) == [("section", 2)]
    assert "“Grundschulen”. Is it a heading?" in table.notices[0].told
    assert table.notices[0].options[0][0] == "keep"
    assert list_rows(read(text, ReadingChoices(lines={2: "keep"})))[2][0] == "Grundschulen"


def test_a_list_of_names_is_no_list_of_headings() -> None:
    table = read("Name;Land\nA;\nB;\nC;DE\n")
    assert len(table.rows) == 3


def test_the_same_row_is_left_out_the_second_time() -> None:
    table = read(HEAD + ROWS + "A;DE;2019;https://a.example\n")
    assert list_notices(table) == [("same-row", 5)]
    assert "the same as line 2" in table.notices[0].told


# --- Lines that are too short or too long ---------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("D;ES;2022;https://d.example;x", "too-many-cells"),
        ("D;ES;2022;https://d.example;;;x", "too-many-cells"),
        ("D;ES", "too-few-cells"),
        ("D;ES;2022", "too-few-cells"),
    ],
)
def test_a_line_of_another_length_is_a_fault(line: str, code: str) -> None:
    table = read(HEAD + ROWS + line + "\nE;PT;2023;https://e.example\n")
    assert list_faults(table) == [(code, 5)]
    assert list(list_rows(table)) == [2, 3, 4, 6]
    assert "Line 5 " in table.faults[0].told


def test_a_short_line_is_read_if_somebody_says_so() -> None:
    table = read(HEAD + ROWS + "D;ES\n", ReadingChoices(lines={5: "keep"}))
    assert list_rows(table)[5] == ["D", "ES", "", ""]


@pytest.mark.parametrize("line", ["D;ES;2022;https://d.example;;;", "D;ES;;"])
def test_empty_cells_at_the_end_are_no_fault(line: str) -> None:
    table = read(HEAD + ROWS + line + "\n")
    assert table.faults == []
    assert len(table.rows) == 4


def test_a_program_may_leave_out_empty_cells_at_the_ends_of_lines() -> None:
    table = read("Name;Land;Web;Notiz\nA;DE\nB;FR;x\nC;IT;y;z\nD;ES\nE;PT;w\n")
    assert table.faults == []
    assert list_rows(table)[2] == ["A", "DE", "", ""]


def test_a_line_that_a_break_cut_in_two_is_told_of_twice() -> None:
    table = read("Name;Land;Web;Notiz\nA;DE\nB;FR;x\nC;IT;y;z\nD;first\nsecond;u;v\nE;PT\n")
    assert [code for code, _line in list_faults(table)] == ["too-few-cells"] * 2
    assert [line for _code, line in list_faults(table)] == [5, 6]


def test_too_many_rows_are_refused() -> None:
    text = "Name;Nummer\n" + "".join(f"A{number};x{number}\n" for number in range(5_001))
    with pytest.raises(FileRefused) as caught:
        read(text)
    assert caught.value.code == "too-many-rows"


# --- Workbooks ------------------------------------------------------------------------------------


def test_a_header_of_two_merged_lines_is_joined() -> None:
    def merge(sheet: Any) -> None:
        for cells in ("A1:A2", "B1:B2", "C1:D1"):
            sheet.merge_cells(cells)

    rows = [
        ["Name", "Land", "Reach", None],
        [None, None, "Pupils", "Schools"],
        ["A", "DE", 5, 6],
        ["B", "FR", 7, 8],
    ]
    table = find_table(open_file("a.xlsx", make_workbook(rows, merge), NONE), NONE)
    assert table.header == ("Name", "Land", "Reach Pupils", "Reach Schools")
    assert list_rows(table) == {3: ["A", "DE", "5", "6"], 4: ["B", "FR", "7", "8"]}


def test_hidden_columns_are_named_as_such() -> None:
    def hide(sheet: Any) -> None:
        sheet.column_dimensions["B"].hidden = True

    rows = [["Name", "E-mail", "Land"], ["A", "a@a.example", "DE"], ["B", "b@b.example", "FR"]]
    table = find_table(open_file("a.xlsx", make_workbook(rows, hide), NONE), NONE)
    assert table.hidden == frozenset({1})
    assert table.header == ("Name", "E-mail", "Land")


def test_a_second_table_is_named_line_by_line_until_its_header_is_left_out() -> None:
    text = HEAD + ROWS + "Name;Land;Jahr;Schulen\nD;PL;2022;7\n"
    table = read(text)
    assert list_faults(table) == [("other-table", 5), ("other-table", 6)]
    assert [*list_rows(table)] == [2, 3, 4]
    assert list(dict(table.faults[0].options)) == ["leave"]
    table = read(text, ReadingChoices(lines={5: "leave"}))
    assert (list_faults(table), [*list_rows(table)]) == ([], [2, 3, 4, 6])

"""Tests of splitting a text: what divides columns, broken marks, cells as people see them."""

import pytest

from stemobs.curation.importing.files.delimited import split_text
from stemobs.curation.importing.shapes import FileGrid, ReadingChoices

pytestmark = pytest.mark.once

NONE = ReadingChoices()


def split(text: str, choices: ReadingChoices = NONE) -> FileGrid:
    return split_text(text, choices)


def list_lines(grid: FileGrid) -> dict[int, list[str]]:
    return {line.number: [cell.text for cell in line.cells] for line in grid.lines}


def list_codes(grid: FileGrid) -> list[tuple[str, int, int]]:
    return [(fault.code, fault.line, fault.column) for fault in grid.faults]


# --- What divides the columns ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("Name;Land;Web\nA;DE;x\n", ";"),
        ("Name,Land\nA,DE\n", ","),
        ("Name\tLand\nA\tDE\n", "\t"),
        ("Name|Land\nA|DE\n", "|"),
        ("Name;Wert\nA;1,5\nB;2,5\n", ";"),
        ("Name;Text\nA;eins, zwei, drei\nB;vier\nC;fünf, sechs\n", ";"),
        ('Name,Text\nA,"eins; zwei; drei"\nB,"vier; fünf"\n', ","),
        ("Liste 2026\n\nName;Land\nA;DE\nB;FR\n", ";"),
        ("Name\nHodina kódu\nTechniktage\n", ""),
        ("sep=|\nName;x|Land\nA|DE\n", "|"),
        ('"sep=;"\nName;Land\n', ";"),
    ],
)
def test_what_divides_the_columns_is_found(text: str, delimiter: str) -> None:
    assert split(text).delimiter == delimiter


@pytest.mark.parametrize(("chosen", "delimiter"), [(",", ","), ("tab", "\t"), ('"', ";")])
def test_a_chosen_delimiter_wins_unless_it_is_none(chosen: str, delimiter: str) -> None:
    assert split("a;b,c\n", ReadingChoices(delimiter=chosen)).delimiter == delimiter


def test_the_line_that_says_the_delimiter_is_no_row() -> None:
    grid = split("sep=;\nName;Land\n")
    assert list_lines(grid) == {2: ["Name", "Land"]}
    assert [(note.code, note.line) for note in grid.notices] == [("delimiter", 1)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_any_system_ends_them(end: str) -> None:
    text = end.join(["Name;Land", "A;DE", "", "B;FR", ""])
    assert list_lines(split(text)) == {1: ["Name", "Land"], 2: ["A", "DE"], 3: [""], 4: ["B", "FR"]}


def test_lines_in_marks_as_a_whole_are_read_without_them() -> None:
    grid = split('"Name;Land;""Web"""\n"A;DE;x"\n"B;FR;y"\n')
    assert list_lines(grid)[1] == ["Name", "Land", "Web"]
    assert list_lines(grid)[2] == ["A", "DE", "x"]
    assert [note.code for note in grid.notices] == ["wrapped"]


def test_cells_with_commas_of_a_text_are_not_cut() -> None:
    grid = split('"Place, country"\n"Bonn, Germany"\n"Graz, Austria"\n')
    assert list_lines(grid)[2] == ["Bonn, Germany"]
    assert grid.notices == []
    assert split("Place\nBonn, Germany\nGraz, Austria\n").delimiter == ""
    assert split("Name, country\nA, DE\nB, FR\n").delimiter == ","


# --- Quotation marks ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('"A;B";DE', ["A;B", "DE"]),
        ('"He said ""yes""";DE', ['He said "yes"', "DE"]),
        ('"";DE', ["", "DE"]),
        ('"A" ; "DE"', ["A", "DE"]),
        ('5" disk;DE', ['5" disk', "DE"]),
        ('"abc"def;DE', ['"abc"def', "DE"]),
        ('"Girls" programme;DE', ['"Girls" programme', "DE"]),
        ('"Programme "Start" for girls";DE', ['Programme "Start" for girls', "DE"]),
        ('"Start" and "Go";DE', ['"Start" and "Go"', "DE"]),
        ('"The "Start; part 2" day";DE', ['The "Start; part 2" day', "DE"]),
        ("„Start“;DE", ["„Start“", "DE"]),
        ("A;'s-Hertogenbosch", ["A", "'s-Hertogenbosch"]),
    ],
)
def test_marks_in_a_line_are_read_as_they_are_meant(line: str, cells: list[str]) -> None:
    grid = split(f"Name;Land\n{line}\nB;FR\n")
    assert list_lines(grid) == {1: ["Name", "Land"], 2: cells, 3: ["B", "FR"]}
    assert grid.faults == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('N;T;L\nA;"one\ntwo";DE\nB;x;FR\n', {2: ["A", "one\ntwo", "DE"], 4: ["B", "x", "FR"]}),
        ('N;T;L\n"A\nB";x;DE\nC;y;FR\n', {2: ["A\nB", "x", "DE"], 4: ["C", "y", "FR"]}),
        ('N;T;L\nA;x;"one\n\ntwo"\nB;y;z\n', {2: ["A", "x", "one\n\ntwo"], 5: ["B", "y", "z"]}),
        ('N;T;L\nA;"one\ntwo";"three\nfour"\nB;y;z\n', {2: ["A", "one\ntwo", "three\nfour"]}),
        ('N;T;L\nA;"one\r\n""two""";DE\n', {2: ["A", 'one\n"two"', "DE"]}),
    ],
)
def test_a_cell_may_run_over_lines(text: str, lines: dict[int, list[str]]) -> None:
    grid = split(text)
    assert lines.items() <= list_lines(grid).items()
    assert grid.faults == []


@pytest.mark.parametrize(
    ("broken", "column"),
    [
        ('A;"open;DE', 2),
        ('"A;open;DE', 1),
        ('A;x;"DE', 3),
        ('A;"one";"DE', 3),
        ('A;"open "word";DE', 2),
    ],
)
@pytest.mark.parametrize("after", ["B;x;FR", 'B;"x";FR', 'B;5" disk;FR', 'B;disk 5";FR'])
def test_a_mark_that_is_never_closed_swallows_no_line(broken: str, column: int, after: str) -> None:
    grid = split(f"N;T;L\nZ;z;AT\n{broken}\n{after}\nC;y;IT\n")
    assert list_codes(grid) == [("open-quote", 3, column)]
    assert list(list_lines(grid)) == [1, 2, 4, 5]
    fault = grid.faults[0]
    assert fault.told == (
        f"Line 3: a quotation mark is opened in column {column} and never closed."
    )
    assert [answer for answer, _told in fault.options] == ["letter", "leave"]


def test_an_open_mark_is_read_as_a_letter_if_somebody_says_so() -> None:
    text = 'N;T;L\nA;"open;DE\nB;"a;b";FR\nC;"also open;IT\n'
    grid = split(text, ReadingChoices(lines={2: "letter"}))
    assert list_lines(grid)[2] == ["A", '"open', "DE"]
    assert list_lines(grid)[3] == ["B", "a;b", "FR"]
    assert list_codes(grid) == [("open-quote", 4, 2)]


def test_a_mark_does_not_wait_for_its_end_for_ever() -> None:
    text = 'N;T\nA;"open\n' + "x\n" * 60 + 'end"\n'
    grid = split(text)
    assert list_codes(grid) == [("open-quote", 2, 2)]
    assert len(grid.lines) == 62


# --- Cells ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "text", "note"),
    [
        ('="00123"', "00123", ""),
        ('"=""00123"""', "00123", ""),
        ("'00123", "00123", ""),
        ("'s-Hertogenbosch", "'s-Hertogenbosch", ""),
        ("\xa0 A\u200b\xa0B\u202f ", "A B", ""),
        ("60\xa0000", "60 000", ""),
        ("=SUM(A1)", "=SUM(A1)", "formula"),
        ("#REF!", "#REF!", "error"),
        ("#N/A", "#N/A", "error"),
        ("#BEZUG!", "#BEZUG!", "error"),
        ("#NV", "#NV", "error"),
        ("########", "########", "error"),
        ("#GirlsDay", "#GirlsDay", ""),
        ("#STEM", "#STEM", ""),
        ("E-learning", "E-learning", ""),
    ],
)
def test_a_cell_is_read_as_people_see_it(written: str, text: str, note: str) -> None:
    cell = split(f"A;B\n{written};x\n").lines[1].cells[0]
    assert (cell.text, cell.note) == (text, note)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("x" * 10_001, "too-long"),
        ("x\x00y", "nul"),
        ("x\x07y", "control"),
        ("x\x0by", "control"),
        ("x\udce9y", "broken-letter"),
    ],
)
def test_a_broken_cell_is_a_fault_of_its_line_alone(written: str, code: str) -> None:
    grid = split(f"A;B\nx;{written}\ny;z\n")
    assert list_codes(grid) == [(code, 2, 2)]
    assert "Line 2: column 2" in grid.faults[0].told
    assert list(list_lines(grid)) == [1, 3]


def test_a_sign_that_nobody_sees_is_left_out_if_somebody_says_so() -> None:
    grid = split("A;B\nx;o\x07n\x00e\n", ReadingChoices(lines={2: "keep"}))
    assert list_lines(grid)[2] == ["x", "one"]


@pytest.mark.parametrize(
    "spoilt",
    [
        "KÃ¶ln",
        "LycÃ©e",
        "WspÃ³Å‚praca",
        "Å¼ycie",
        "itâ€™s",
        "Ko�ice",
        "NÄ›mecko",
        "√©cole",
        "Ã©tÃ©",
        "Ă©lĂ¨ve",
    ],
)
def test_letters_that_were_spoilt_before_are_told_of_and_left(spoilt: str) -> None:
    grid = split(f"A;B\nx;{spoilt}\n")
    assert [(note.code, note.line, note.column) for note in grid.notices] == [("garbled", 2, 2)]
    assert list_lines(grid)[2] == ["x", spoilt]


@pytest.mark.parametrize("fine", ["Ääni", "ÅÄÖ", "São Tomé", "Ñandú", "Ålesund", "ÎLE", "Ðórir"])
def test_letters_that_are_rare_are_not_taken_for_spoilt(fine: str) -> None:
    assert split(f"A;B\nx;{fine}\n").notices == []

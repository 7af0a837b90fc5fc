"""Tests of opening a file: its kind is told by its content, and whatever comes, nothing is lost."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stemobs.curation.importing.files.kinds import ENCRYPTED, OLE
from stemobs.curation.importing.files.opening import MOST_BYTES, open_file
from stemobs.curation.importing.files.tables import find_table
from stemobs.curation.importing.shapes import FileGrid, FileRefused, ReadingChoices
from tests.chance import steady
from tests.curation.importing.workbooks import change_part, make_parts, make_workbook, pack

pytestmark = pytest.mark.once

NONE = ReadingChoices()
SMALL = make_workbook([["Name", "Země"], ["Hodina kódu", "Česko"]])


def refuse(name: str, content: bytes, choices: ReadingChoices = NONE) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        open_file(name, content, choices)
    return caught.value


@pytest.mark.parametrize(
    ("name", "content", "code", "told"),
    [
        ("a.csv", b"", "empty", "This file is empty."),
        ("a.csv", b" \r\n\t", "empty", "empty"),
        ("a.csv", b"\xef\xbb\xbf\r\n", "empty", "nothing"),
        ("a.xls", OLE + bytes(600), "old-workbook", "“.xls” is the format before 2007. Save it as"),
        ("a.xlsx", OLE + bytes(600), "encrypted", "A password protects this file."),
        ("a.xls", OLE + ENCRYPTED, "encrypted", "A password"),
        ("a.csv", b"%PDF-1.7 a", "other-format", "of the kind PDF"),
        ("a.csv", b"\x89PNG\r\n\x1a\n", "other-format", "PNG"),
        ("a.xls", b"<html><table><tr><td>Name</td></tr></table>", "other-format", "HTML"),
        ("a.xls", b"\xef\xbb\xbf  <!DOCTYPE html><p>", "other-format", "HTML"),
        ("a.csv", "<html>".encode("utf-16"), "other-format", "HTML"),
        ("a.xls", b'<?xml version="1.0"?><Workbook/>', "other-format", "XML"),
        ("a.csv", b'<?xml version="1.0"?><svg/>', "other-format", "SVG"),
        ("a.csv", b'{"name": "Hodina"}', "other-format", "JSON"),
        ("a.csv", b"{\\rtf1 Name}", "other-format", "RTF"),
        ("a.xlsx", b"Name;Land\nA;DE\n", "not-a-workbook", "It says .xlsx, and it is not one."),
        ("a.xlsx", b"PK\x03\x04 and then nothing", "not-a-workbook", "not a workbook"),
        ("a.xlsx", SMALL[:2000], "not-a-workbook", "not a workbook"),
        ("a.xlsx", pack({"readme.txt": "Hello"}), "not-a-workbook", "not a workbook"),
        ("a.xlsx", pack({"word/document.xml": "<a/>"}), "other-format", "Word"),
        ("a.xlsx", pack({"xl/workbook.bin": "a"}), "other-format", ".xlsb"),
        ("a.csv", bytes(range(256)) * 4, "binary", "not a text"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_the_reason(
    name: str, content: bytes, code: str, told: str
) -> None:
    error = refuse(name, content)
    assert error.code == code
    assert told in error.told


def test_a_spreadsheet_of_libreoffice_is_refused_by_its_name() -> None:
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<a/>")
    error = refuse("a.xlsx", target.getvalue())
    assert error.code == "other-format"
    assert ".ods" in error.told


def test_a_file_that_is_too_large_says_how_large_it_is() -> None:
    assert refuse("a.csv", b"a" * 7_000_000).told == "The file is 7 MB; we read up to 5."
    assert refuse("a.csv", b"a" * (MOST_BYTES + 1)).told == "The file is 5.1 MB; we read up to 5."


def test_a_workbook_with_macros_is_refused_unread() -> None:
    error = refuse("a.xlsm", make_parts("", **{"xl/vbaProject.bin": b"\xcc\x61"}))
    assert error.code == "macros"
    assert "which are programs" in error.told


@pytest.mark.parametrize("name", ["a.csv", "a.xls", "a"])
def test_a_workbook_is_read_as_one_whatever_its_name_says(name: str) -> None:
    grid = open_file(name, SMALL, NONE)
    assert [cell.text for cell in grid.lines[1].cells] == ["Hodina kódu", "Česko"]
    assert grid.notices[0].code == "other-name"


def test_a_text_is_read_as_one_whatever_its_name_says() -> None:
    grid = open_file("a.xls", b"Name\tLand\nA\tDE\n", NONE)
    assert [cell.text for cell in grid.lines[1].cells] == ["A", "DE"]


def test_a_line_that_somebody_leaves_out_is_told_of() -> None:
    grid = open_file("a.csv", b"Name;Land\nA;DE\nB;FR\n", ReadingChoices(lines={2: "leave"}))
    assert [line.number for line in grid.lines] == [1, 3]
    assert [(note.code, note.line) for note in grid.notices] == [("left-out", 2)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"Name;Land\n" + b"A;DE\n" * 5_200, "too-many-rows"),
        (b"a\n" * 60_000, "too-many-rows"),
        (b";".join(b"a" for _ in range(201)), "too-many-columns"),
    ],
)
def test_a_text_with_too_many_lines_or_columns_is_refused(content: bytes, code: str) -> None:
    assert refuse("a.csv", content).code == code


# --- Whatever comes -------------------------------------------------------------------------------


def find_taken(grid: FileGrid) -> set[int]:
    """Return the numbers of all lines that are rows, the header, faults or notices."""
    table = find_table(grid, NONE)
    told = [*grid.faults, *grid.notices, *table.faults, *table.notices]
    return {fault.line for fault in told} | {row.number for row in table.rows} | {table.header_line}


def check_nothing_lost(name: str, content: bytes) -> None:
    try:
        grid = open_file(name, content, NONE)
        taken = find_taken(grid)
    except FileRefused:
        return
    assert {line.number for line in grid.lines} - taken == set()


PIECES = st.sampled_from(
    [b'"', b";", b",", b"\t", b"\n", b"\r\n", b"\x00", b"a", b"\xe9", "ř".encode(), b"Total", b"12",
     b"=1+1", b"#REF!", b"sep=;\n", b"'", b"\xff\xfe", b"\x0b", b" ", b"https://a.example"]
)  # fmt: skip


SHEET = "xl/worksheets/sheet1.xml"
SPOILT = ["", "<c>", "</row>", "9", "-1", '" t="d', '" s="7', "\x00", "&a;", "<f>1</f>", "<v/>"]


@steady(300)
@given(st.binary(max_size=400))
@example(b"\xff\xfea")
@example(b"\x00")
@example(b"PK\x05\x06" + bytes(18))
@example(b'"' * 99)
def test_no_bytes_do_anything_but_be_read_or_refused(content: bytes) -> None:
    check_nothing_lost("a.csv", content)


@steady(400)
@given(st.lists(PIECES, max_size=60).map(b"".join))
def test_no_text_loses_a_line(content: bytes) -> None:
    check_nothing_lost("a.csv", content)


@steady(200)
@given(st.integers(0, len(SMALL) - 1), st.integers(0, 255))
def test_no_damage_to_a_workbook_does_anything_else(place: int, byte: int) -> None:
    check_nothing_lost("a.xlsx", SMALL[:place] + bytes([byte]) + SMALL[place + 1 :])


@steady(200)
@given(st.integers(0, 500), st.integers(0, 40), st.sampled_from(SPOILT))
def test_no_damage_inside_a_sheet_does_anything_else(place: int, length: int, new: str) -> None:
    with ZipFile(BytesIO(SMALL)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts[SHEET].decode()
    spoilt = sheet[:place] + new + sheet[place + length :]
    check_nothing_lost("a.xlsx", pack({**parts, SHEET: spoilt}))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('r="A1"', 'r="ZZZ9"'),
        ('row r="1"', 'row r="x"'),
        ('row r="2"', 'row r="1"'),
        ("<is>", "<is><is>"),
    ],
)
def test_cells_that_make_no_sense_are_refused(old: str, new: str) -> None:
    content = change_part(SMALL, "xl/worksheets/sheet1.xml", old, new)
    assert refuse("a.xlsx", content).code == "not-a-workbook"


@pytest.mark.parametrize(
    "cell",
    [
        't="s"><v>99</v>',
        't="n"><v>many</v>',
        't="b"><v>x</v>',
        't="d"><v>soon</v>',
    ],
)
def test_values_that_make_no_sense_are_refused(cell: str) -> None:
    content = make_parts(f'<row r="1"><c r="A1" {cell}</c></row>')
    assert refuse("a.xlsx", content).code == "not-a-workbook"

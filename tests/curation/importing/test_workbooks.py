"""Tests of reading workbooks: values as saved, what is special of cells, and what fills memory."""

import re
import struct
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from stemobs.curation.importing.files.formats import show_number
from stemobs.curation.importing.files.workbooks import read_workbook
from stemobs.curation.importing.shapes import FileCell, FileGrid, FileRefused, ReadingChoices
from tests.curation.importing.workbooks import (
    MAIN,
    change_part,
    make_parts,
    make_workbook,
    save,
    write_sheet,
)

pytestmark = pytest.mark.once

NONE = ReadingChoices()
MORNING = datetime.combine(date(2026, 11, 1), time(10, 30))
SHEET = "xl/worksheets/sheet1.xml"


def read(content: bytes, choices: ReadingChoices = NONE) -> FileGrid:
    return read_workbook(content, choices)


def read_one(value: Any, form: str = "General") -> FileCell:
    def set_format(sheet: Any) -> None:
        sheet["A1"].number_format = form

    return read(make_workbook([[value]], set_format)).lines[0].cells[0]


def list_lines(grid: FileGrid) -> dict[int, list[str]]:
    return {line.number: [cell.text for cell in line.cells] for line in grid.lines}


def list_notes(grid: FileGrid) -> dict[int, list[str]]:
    return {line.number: [cell.note for cell in line.cells] for line in grid.lines}


def refuse(content: bytes) -> str:
    with pytest.raises(FileRefused) as caught:
        read(content)
    return caught.value.code


# --- Values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "form", "text", "exact"),
    [
        (60000, "General", "60000", "60000"),
        (60000, "#,##0", "60,000", "60000"),
        (0.1 + 0.2, "General", "0.3", "0.3"),
        (1234.5, "#,##0.00", "1,234.50", "1234.5"),
        (1234.567, "0.0", "1234.6", "1234.567"),
        (0.12, "0%", "12 %", "0.12"),
        (0.125, "0.0%", "12.5 %", "0.125"),
        (0.12, "0\\ %", "12 %", "0.12"),
        (60000, '#,##0 "Kč"', "60,000 Kč", "60000"),
        (60000, '#,##0\\ "zł"', "60,000 zł", "60000"),
        (60000, "[$€-2] #,##0", "€ 60,000", "60000"),
        (60000, "#,##0.00\\ [$€-407]", "60,000.00 €", "60000"),
        (60000, "[$CHF-807] #,##0", "CHF 60,000", "60000"),
        (-60000, '#,##0 "€";[Red](#,##0) "€"', "(60,000) €", "-60000"),
        (-60000, '#,##0 "€"', "-60,000 €", "-60000"),
        (60000, '_-* #,##0 "Ft"_-;-* #,##0 "Ft"_-', "60,000 Ft", "60000"),
        (60000, "# ##0", "60,000", "60000"),
        (1500000, '0.0,,"M"', "1.5M", "1500000"),
        (123, "00000", "00123", "123"),
        (5, "0.##", "5", "5"),
        (5, '0 "pupils; girls"', "5 pupils, girls", "5"),
        (1234, "0.00E+00", "1234", "1234"),
        (0.5, "# ?/?", "0.5", "0.5"),
        (0, '#,##0;-#,##0;"–"', "0", "0"),
        (True, "General", "TRUE", "True"),
    ],
)
def test_a_number_is_shown_as_its_program_shows_it_and_kept_exactly(
    value: float, form: str, text: str, exact: str
) -> None:
    cell = read_one(value, form)
    assert (cell.text, str(cell.value)) == (text, exact)


def test_a_number_that_no_format_can_show_is_shown_plainly() -> None:
    assert show_number(Decimal("1E+300"), "0.00") == "1E+300"
    assert show_number(Decimal(12), "") == "12"


@pytest.mark.parametrize(
    ("value", "form", "text", "day"),
    [
        (date(2026, 11, 1), "yyyy-mm-dd", "2026-11-01", date(2026, 11, 1)),
        (date(2026, 11, 1), "dd.mm.yyyy", "2026-11-01", date(2026, 11, 1)),
        (date(2026, 11, 1), "mmm yyyy", "2026-11", date(2026, 11, 1)),
        (date(2026, 1, 1), "yyyy", "2026", date(2026, 1, 1)),
        (MORNING, "yyyy-mm-dd hh:mm", "2026-11-01 10:30", date(2026, 11, 1)),
        (time(10, 30), "hh:mm", "10:30", None),
    ],
)  # fmt: skip
def test_a_day_is_a_day(value: Any, form: str, text: str, day: date | None) -> None:
    cell = read_one(value, form)
    assert (cell.text, cell.value) == (text, day)


def test_days_count_from_1904_where_a_workbook_says_so() -> None:
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.worksheets[0].append([date(2026, 11, 1)])
    assert read(save(book)).lines[0].cells[0].value == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("value", "text", "note"),
    [
        ("#REF!", "#REF!", "error"),
        ("  Hodina\xa0kódu ", "Hodina kódu", ""),
        ("one\ntwo", "one\ntwo", ""),
        ("00123", "00123", ""),
    ],
)
def test_a_text_is_read_as_people_see_it(value: str, text: str, note: str) -> None:
    cell = read_one(value)
    assert (cell.text, cell.value, cell.note) == (text, None, note)


def test_rich_text_is_read_without_its_fonts() -> None:
    row = '<row r="1"><c r="A1" t="inlineStr"><is><r><t>Ho</t></r><r><t>dina</t></r></is></c></row>'
    assert list_lines(read(make_parts(row))) == {1: ["Hodina"]}


def test_a_letter_written_as_a_code_is_that_letter() -> None:
    row = '<row r="1"><c r="A1" t="inlineStr"><is><t>one_x000D_&#10;two_x0007_</t></is></c></row>'
    grid = read(make_parts(row))
    assert [(fault.code, fault.line, fault.column) for fault in grid.faults] == [("control", 1, 1)]
    grid = read(make_parts(row), ReadingChoices(lines={1: "keep"}))
    assert list_lines(grid) == {1: ["one\ntwo"]}


def test_a_cell_that_is_too_long_is_a_fault_of_its_line_alone() -> None:
    grid = read(make_workbook([["A"], ["x" * 10_001], ["B"]]))
    assert [(fault.code, fault.line) for fault in grid.faults] == [("too-long", 2)]
    assert list_lines(grid) == {1: ["A"], 3: ["B"]}


# --- Formulas, links, comments --------------------------------------------------------------------


def test_a_formula_has_the_value_that_was_saved_with_it() -> None:
    row = (
        '<row r="1"><c r="A1"><v>2</v></c><c r="B1"><f>A1*2</f><v>4</v></c>'
        '<c r="C1" t="str"><f>""</f><v></v></c><c r="D1" t="e"><f>A1/0</f><v>#DIV/0!</v></c></row>'
    )
    grid = read(make_parts(row))
    assert list_lines(grid) == {1: ["2", "4", "", "#DIV/0!"]}
    assert list_notes(grid) == {1: ["", "formula", "", "error"]}
    assert grid.faults == []


def test_a_formula_without_a_value_is_shown_and_told_of() -> None:
    grid = read(make_workbook([["A", 1], ["B", "=B1*2"]]))
    assert grid.lines[1].cells[1] == FileCell("=B1*2", note="formula")
    fault = grid.faults[0]
    assert (fault.code, fault.line, fault.column) == ("formula-without-value", 2, 2)


@pytest.mark.parametrize(
    ("text", "address", "shown"),
    [
        ("Website", "https://a.example/x", "Website https://a.example/x"),
        ("https://a.example", "https://a.example/", "https://a.example"),
        ("Write to us", "mailto:info@a.example", "Write to us"),
    ],
)
def test_a_cell_that_leads_to_a_page_says_its_address(text: str, address: str, shown: str) -> None:
    def link(sheet: Any) -> None:
        sheet["A1"].hyperlink = address

    assert list_lines(read(make_workbook([[text]], link))) == {1: [shown]}


def test_a_formula_that_leads_to_a_page_says_its_address() -> None:
    formula = "<f>HYPERLINK(&quot;https://a.example&quot;,&quot;Web&quot;)</f><v>Web</v>"
    content = make_parts(f'<row r="1"><c r="A1" t="str">{formula}</c></row>')
    assert list_lines(read(content)) == {1: ["Web https://a.example"]}


def test_comments_are_counted_and_never_read() -> None:
    def comment(sheet: Any) -> None:
        sheet["A1"].comment = Comment("Ask the office", "Office")

    grid = read(make_workbook([["Name"]], comment))
    assert [(notice.code, notice.told) for notice in grid.notices] == [
        ("comments", "Comments are not read. There are 1.")
    ]
    assert list_lines(grid) == {1: ["Name"]}


# --- What is hidden, merged, or in other sheets ---------------------------------------------------


def test_hidden_lines_are_left_out_unless_somebody_keeps_them() -> None:
    def hide(sheet: Any) -> None:
        sheet.row_dimensions[2].hidden = True

    content = make_workbook([["A"], ["B"], ["C"]], hide)
    grid = read(content)
    assert list_lines(grid) == {1: ["A"], 3: ["C"]}
    assert [(notice.code, notice.line) for notice in grid.notices] == [("hidden-row", 2)]
    assert list_lines(read(content, ReadingChoices(lines={2: "keep"})))[2] == ["B"]


def test_hidden_columns_are_read_and_marked() -> None:
    def hide(sheet: Any) -> None:
        sheet.column_dimensions["B"].hidden = True

    assert list_notes(read(make_workbook([["A", "B", "C"]], hide))) == {1: ["", "hidden", ""]}


def test_cells_merged_downwards_are_repeated_and_titles_are_not() -> None:
    def merge(sheet: Any) -> None:
        for cells in ("A1:C1", "B3:B4"):
            sheet.merge_cells(cells)

    rows = [["Title"], ["Name", "Land", "Web"], ["A", "DE", "x"], ["B", None, "y"]]
    grid = read(make_workbook(rows, merge))
    assert list_lines(grid)[1] == ["Title"]
    assert grid.lines[3].cells[1] == FileCell("DE", note="merged")


def make_sheets(finish: Callable[[Any], None] | None = None) -> bytes:
    book = Workbook()
    book.worksheets[0].title = "Read me"
    book.worksheets[0].append(["How to fill this in"])
    data, codes = book.create_sheet("Data"), book.create_sheet("Codes")
    for row in range(5):
        data.append([f"{row}{column}" for column in range(12)])
    for row in range(200):
        codes.append([row, f"Code {row}", "x"])
    if finish:
        finish(codes)
    return save(book)


def test_the_sheet_that_looks_most_like_a_table_is_read() -> None:
    grid = read(make_sheets())
    assert (grid.sheet, grid.sheets) == ("Data", ("Read me", "Data", "Codes"))
    assert [(notice.code, notice.told) for notice in grid.notices] == [
        ("other-sheets", "Only the sheet “Data” is read. There are others: Read me, Codes.")
    ]


def test_a_hidden_sheet_is_left_out_and_a_chosen_one_is_read() -> None:
    def hide(sheet: Any) -> None:
        sheet.sheet_state = "hidden"

    grid = read(make_sheets(hide), ReadingChoices(sheet="Read me"))
    assert (grid.sheet, grid.sheets) == ("Read me", ("Read me", "Data"))
    assert grid.notices[0].told == "Hidden sheets are left out: Codes."
    with pytest.raises(FileRefused, match="no sheet “Codes”"):
        read(make_sheets(hide), ReadingChoices(sheet="Codes"))


def test_a_sheet_that_lies_about_its_size_is_read_to_its_end() -> None:
    content = change_part(make_workbook([["A"], ["B"], ["C"]]), SHEET, 'ref="A1:A3"', 'ref="A1"')
    assert list_lines(read(content)) == {1: ["A"], 2: ["B"], 3: ["C"]}


def test_the_lines_keep_the_numbers_that_they_have_in_their_program() -> None:
    content = make_parts(
        '<row r="3"><c r="B3"><v>1</v></c></row><row r="1048576" ht="20"><c r="A1048576"/></row>'
    )
    assert list_lines(read(content)) == {1: [], 2: [], 3: ["", "1"]}


# --- What would fill the memory -------------------------------------------------------------------

LAUGHS = '<!DOCTYPE a [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]>'
SQUARE = f'<!DOCTYPE a [<!ENTITY a "{"x" * 10_000}">]>'


@pytest.mark.parametrize("bomb", [LAUGHS, SQUARE, '<!DOCTYPE a SYSTEM "http://a.example/a.dtd">'])
@pytest.mark.parametrize(
    "part", [SHEET, "xl/sharedStrings.xml", "docProps/core.xml", "odd/part.bin"]
)
def test_no_part_may_declare_a_document_type(bomb: str, part: str) -> None:
    sheet = write_sheet('<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>')
    assert refuse(make_parts("", **{part: bomb + sheet})) == "bomb"


def test_a_part_in_another_encoding_is_looked_through_too() -> None:
    text = '<?xml version="1.0" encoding="utf-16"?>' + LAUGHS + write_sheet("")
    assert refuse(make_parts("", **{SHEET: text.encode("utf-16")})) == "bomb"


def pack_zeros(size: int) -> bytes:
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive, archive.open("xl/media/a.bin", "w") as part:
        for _turn in range(size // 1_000_000):
            part.write(bytes(1_000_000))
    return target.getvalue()


def test_an_archive_that_unpacks_to_far_more_is_refused() -> None:
    assert refuse(pack_zeros(70_000_000)) == "bomb"


def claim_size(size: int) -> bytes:
    """Return a workbook that claims to have parts of this size."""
    content = bytearray(make_workbook([["A"]]))
    for found in re.finditer(rb"PK\x01\x02", bytes(content)):
        struct.pack_into("<I", content, found.start() + 24, size)
    return bytes(content)


def test_a_part_is_as_large_as_it_is_whatever_it_claims() -> None:
    assert list_lines(read(claim_size(2_000_000_000))) == {1: ["A"]}
    assert refuse(claim_size(5)) == "not-a-workbook"


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 5_103)),
         "too-many-rows"),
        ('<row r="1">' + "<c><v>1</v></c>" * 10_000 + "</row>", "too-many-columns"),
        ('<row r="900000"><c r="A900000"><v>1</v></c></row>', "too-many-rows"),
        ('<row r="99999999"><c r="A1"><v>1</v></c></row>', "not-a-workbook"),
        ('<row r="1"><c r="XFE1"><v>1</v></c></row>', "not-a-workbook"),
        ('<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>', "not-a-workbook"),
        ("<a>" * 200 + "</a>" * 200, "bomb"),
        ("<a/>" * 60_000, "bomb"),
        ("".join(f'<row r="{n}">' + "<c><v>1</v></c>" * 150 + "</row>" for n in range(1, 2_100)),
         "too-large"),
        ("<row>", "not-a-workbook"),
        ("<row/>" * 260_000, "too-large"),
    ],
)  # fmt: skip
def test_a_sheet_that_is_larger_than_we_read_is_refused_before_it_is_opened(
    rows: str, code: str
) -> None:
    assert refuse(make_parts(rows)) == code


def test_merged_cells_cannot_fill_the_memory() -> None:
    merged = "".join(f'<mergeCell ref="A1:A{row}"/>' for row in range(1_000, 2_000))
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="5000"><c r="B5000"><v>1</v></c></row>'
    sheet = write_sheet(rows, f"<mergeCells>{merged}</mergeCells>")
    assert refuse(make_parts("", **{SHEET: sheet})) == "too-large"


@pytest.mark.parametrize(
    "name", ["../a.xml", "/etc/a.xml", "a\\..\\b.xml", "c:/a.xml", "XL/workbook.xml"]
)
def test_a_part_with_a_name_that_is_none_is_refused(name: str) -> None:
    assert refuse(make_parts("", **{name: "<a/>"})) == "not-a-workbook"


def test_an_archive_of_too_many_parts_is_refused() -> None:
    assert refuse(make_parts("", **{f"a{number}.xml": "<a/>" for number in range(1_001)})) == "bomb"


def test_a_part_behind_a_password_is_told_of() -> None:
    content = bytearray(make_workbook([["A"]]))
    place = content.find(b"PK\x01\x02")
    content[place + 8] |= 1
    assert refuse(bytes(content)) == "encrypted"


def test_a_workbook_of_the_strict_kind_is_named() -> None:
    strict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    book = f'<workbook xmlns="{strict}"><sheets/></workbook>'
    assert refuse(make_parts("", **{"xl/workbook.xml": book})) == "other-format"


def test_a_stored_archive_is_read_as_a_packed_one() -> None:
    target = BytesIO()
    with (
        ZipFile(BytesIO(make_workbook([["A"]]))) as source,
        ZipFile(target, "w", ZIP_STORED) as archive,
    ):
        for name in source.namelist():
            archive.writestr(name, source.read(name))
    assert list_lines(read(target.getvalue())) == {1: ["A"]}


def test_two_lists_of_sheets_are_one_too_many() -> None:
    book = f'<workbook xmlns="{MAIN}"><sheets/></workbook>'
    assert refuse(make_parts("", **{"xl/other.xml": book})) == "not-a-workbook"


@pytest.mark.parametrize("part", ["docProps/core.xml", "xl/theme/theme1.xml", "xl/drawings/a.xml"])
def test_a_part_that_is_not_needed_need_not_make_sense(part: str) -> None:
    row = '<row r="1"><c r="A1"><v>5</v></c></row>'
    assert list_lines(read(make_parts(row, **{part: "<odd><created>soon</created></odd>"}))) == {
        1: ["5"]
    }


def test_styles_that_libraries_stumble_over_leave_the_numbers_as_they_are() -> None:
    content = make_workbook([["Name", 60000]], lambda sheet: set_format(sheet, '#,##0 "Kč"'))
    content = change_part(content, "xl/styles.xml", "<fills", "<fills><fill/></fills><fills")
    assert list_lines(read(content)) == {1: ["Name", "60,000 Kč"]}


def set_format(sheet: Any, form: str) -> None:
    sheet["B1"].number_format = form


def test_a_style_that_is_not_there_leaves_the_number_as_it_is() -> None:
    content = make_parts('<row r="1"><c r="A1" s="9"><v>5</v></c></row>')
    assert list_lines(read(content)) == {1: ["5"]}

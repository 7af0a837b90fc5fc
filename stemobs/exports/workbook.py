"""Writes tables as Excel workbooks (XLSX) row by row; text is never taken for a formula or link.

The first sheets hold the rows, the next is a codebook of the columns, the last is about the file.
"""

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import IO, Any

import xlsxwriter  # type: ignore[import-untyped]  # it comes without types
from django.utils.translation import gettext as _

from stemobs.exports.delimited import UNREADABLE, replace_unreadable
from stemobs.exports.tables import DescribedColumn, Row, Table, Type

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Excel's limits: rows of a sheet, and UTF-16 units of a cell (an emoji counts as two).
MOST_ROWS = 1_048_576
MOST_UNITS = 32_767
CUT = "…"
# Characters that have to be replaced; a text without any is written as it is.
UNFIT = re.compile(rf"\r|{UNREADABLE.pattern}")
FIRST_YEAR = 1900  # spreadsheets have no dates before 1900
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "remove_timezone": True,
}
FORMATS: Mapping[str, Mapping[str, Any]] = {
    "head": {"bold": True, "bottom": 1},
    "date": {"num_format": "yyyy-mm-dd"},
    "time": {"num_format": "yyyy-mm-dd hh:mm:ss"},
    "wrapped": {"text_wrap": True, "valign": "top"},
    "bold": {"bold": True, "valign": "top"},
}
WIDTHS = {
    Type.TEXT: 32, Type.CODE: 16, Type.CODES: 20, Type.NUMBER: 14, Type.YEAR: 12,
    Type.BOOLEAN: 14, Type.DATE: 12, Type.TIME: 20, Type.ADDRESS: 44,
}  # fmt: skip

Facts = Sequence[tuple[Any, Any]]  # pairs of a label and a value


def write_workbook(
    file: IO[bytes],
    table: Table,
    lots: Iterable[Iterable[Row]],
    codebook: Iterable[DescribedColumn],
    facts: Facts,
    properties: Mapping[str, Any],
) -> None:
    """Write a workbook into a file: the rows of a table, its codebook, and facts about the file."""
    with open_workbook(file) as book:
        book.workbook.set_properties(properties)
        written = book.write_rows(table, lots)
        book.write_codebook(codebook)
        book.write_facts([*facts, (_("Rows"), written), *book.remarks])


@contextmanager
def open_workbook(file: IO[bytes]) -> Iterator["Book"]:
    """Give a workbook to fill; its temporary files are deleted even if writing fails."""
    with (
        TemporaryDirectory() as folder,
        xlsxwriter.Workbook(file, {**OPTIONS, "tmpdir": folder}) as workbook,
    ):
        yield Book(workbook)


def list_codebook_lines(codebook: Iterable[DescribedColumn]) -> Iterator[list[Any]]:
    """Yield the codebook's lines: one for each column, each followed by one for each value."""
    for column, values in codebook:
        yield [column.name, column.type.label, column.unit, column.meaning]
        yield from ([column.name, "", "", "", value, label] for value, label in values.items())


def cut_text(text: str) -> str:
    """Return a text, cut off with “…” if it is longer than a cell can be."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * MOST_UNITS:
        return text
    return units[: 2 * (MOST_UNITS - 1)].decode("utf-16-le", "ignore") + CUT


class Book:
    """A workbook that is written sheet by sheet, each from its first row to its last."""

    def __init__(self, workbook: Any) -> None:
        self.workbook = workbook
        self.formats = {name: workbook.add_format(dict(of)) for name, of in FORMATS.items()}
        self.has_cut = False

    # --- Sheets -----------------------------------------------------------------------------------

    def write_rows(self, table: Table, lots: Iterable[Iterable[Row]]) -> int:
        """Write all rows, and begin another sheet when one is full; return the number of rows."""
        sheet, place, written = None, 0, 0
        for rows in lots:
            for row in rows:
                if sheet is None or place == MOST_ROWS:
                    self.close(sheet, table, place)
                    sheet, place = self.begin(table, written // (MOST_ROWS - 1) + 1), 1
                self.write_row(sheet, place, table.list_cells(row))
                place, written = place + 1, written + 1
        self.close(sheet or self.begin(table, 1), table, max(place, 1))
        return written

    def begin(self, table: Table, number: int) -> Any:
        """Begin a sheet with a frozen header row of column names; `number` counts sheets from 1."""
        name = str(table.name) if number == 1 else f"{table.name} {number}"
        widths = [WIDTHS[column.type] for column in table.columns]
        return self.add_sheet(name, table.header, widths)

    def close(self, sheet: Any, table: Table, rows: int) -> None:
        if sheet is not None:
            sheet.autofilter(0, 0, rows - 1, len(table.columns) - 1)

    def write_codebook(self, codebook: Iterable[DescribedColumn]) -> None:
        header = [_("column"), _("type"), _("unit"), _("meaning"), _("value"), _("label")]
        sheet = self.add_sheet(_("Codebook"), header, [18, 18, 18, 70, 24, 48])
        lines = list(list_codebook_lines(codebook))
        for place, line in enumerate(lines, start=1):
            self.write_row(sheet, place, line, "wrapped")
        sheet.autofilter(0, 0, len(lines), len(header) - 1)

    def write_facts(self, facts: Facts) -> None:
        sheet = self.workbook.add_worksheet(_("About this file"))
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 100)
        for place, (name, value) in enumerate(facts):
            sheet.write_string(place, 0, str(name), self.formats["bold"])
            self.write_cell(sheet, place, 1, value, "wrapped")

    def add_sheet(self, name: str, header: Sequence[str], widths: Sequence[int]) -> Any:
        sheet = self.workbook.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        self.write_row(sheet, 0, header, "head")
        return sheet

    # --- Cells ------------------------------------------------------------------------------------

    def write_row(self, sheet: Any, row: int, cells: Iterable[Any], style: str = "") -> None:
        for column, cell in enumerate(cells):
            if cell not in (None, ""):
                self.write_cell(sheet, row, column, cell, style)

    def write_cell(self, sheet: Any, row: int, column: int, cell: Any, style: str = "") -> None:
        """Write a cell by its type; a text stays text even if it looks like a number."""
        look = self.formats[style] if style else None
        if isinstance(cell, str):
            sheet.write_string(row, column, self.fit_text(cell), look)
        elif isinstance(cell, bool):
            sheet.write_boolean(row, column, cell, look)
        elif isinstance(cell, int | float):
            sheet.write_number(row, column, cell, look)
        elif isinstance(cell, datetime.date) and cell.year >= FIRST_YEAR:
            kind = "time" if isinstance(cell, datetime.datetime) else "date"
            # A spreadsheet shows seconds.
            moment = cell.replace(microsecond=0) if isinstance(cell, datetime.datetime) else cell
            sheet.write_datetime(row, column, moment, self.formats[kind])
        else:  # a lazily translated text, or a date before 1900
            sheet.write_string(row, column, self.fit_text(str(cell)), look)

    def fit_text(self, text: str) -> str:
        """Return a text that a cell can hold: only legible characters, cut off if too long."""
        if len(text) <= MOST_UNITS // 2 and not UNFIT.search(text):
            return text
        legible = replace_unreadable(text).replace("\r\n", "\n").replace("\r", "\n")
        fitting = cut_text(legible)
        self.has_cut = self.has_cut or fitting != legible
        return fitting

    @property
    def remarks(self) -> Facts:
        """Return the fact that texts were cut off, if any text was; else nothing."""
        if not self.has_cut:
            return []
        reason = _("A cell holds 32,767 characters; what is longer ends with “…”. CSV has it all.")
        return [(_("Shortened"), reason)]

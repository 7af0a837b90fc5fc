"""Reads a sheet of a workbook (.xlsx): values as they were saved, never worked out anew.

`archives.py` looks through every part first. Since it lets no part pass that declares a document
type, the parser of the standard library, which openpyxl uses, has no entity to expand.
"""

import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from io import BytesIO
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook

from stemobs.curation.importing.files.archives import (
    SheetNamed,
    WorkbookParts,
    inspect_workbook,
    reduce_workbook,
)
from stemobs.curation.importing.files.cells import (
    EMPTY,
    MOST_LINES,
    drop_unprintable,
    find_cell_fault,
    make_cell_fault,
    offer_to_leave,
    read_cell,
)
from stemobs.curation.importing.files.formats import read_exactly, show_day, show_number
from stemobs.curation.importing.files.kinds import make_not_a_workbook
from stemobs.curation.importing.files.sheets import Place, SheetFacts
from stemobs.curation.importing.shapes import (
    FileCell,
    FileGrid,
    FileLine,
    FileRefused,
    LineFault,
    ReadingChoices,
)

LAST_LINE = 4 * MOST_LINES  # a cell far below is somebody's slip
WEB = re.compile(r"https?://\S+", re.IGNORECASE)
LINKED = re.compile(r'HYPERLINK\(\s*"(https?://[^"\s]+)"', re.IGNORECASE)
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how workbooks write what XML cannot hold


def read_workbook(content: bytes, choices: ReadingChoices) -> FileGrid:
    """Return the lines of one sheet: the chosen one, or the one that looks most like a table."""
    parts = inspect_workbook(content)
    sheets = list(parts.list_sheets())
    seen = [named for named in sheets if named[0].state == "visible"] or sheets
    if not seen:
        raise make_not_a_workbook()
    sheet, part = choose_sheet(seen, parts, choices.sheet)
    grid = FileGrid(sheet=sheet.name, sheets=tuple(named.name for named, _part in seen))
    note_sheets(grid, sheets, parts)
    note_comments(grid, parts.count_comments(part))
    facts = parts.sheets[part]
    refuse_far(facts)
    reader = SheetReader(facts, find_links(parts, part), choices, grid)
    reduced = reduce_workbook(content, parts, part)
    for number, cells in enumerate(list_rows(reduced, facts), start=1):
        reader.take_in(number, cells)
    return grid


def choose_sheet(
    seen: Sequence[tuple[SheetNamed, str]], parts: WorkbookParts, chosen: str
) -> tuple[SheetNamed, str]:
    """Return the sheet to read, with the name of its part."""
    if not chosen:
        return max(seen, key=lambda named: parts.sheets[named[1]].worth)
    for named in seen:
        if named[0].name == chosen:
            return named
    told = _("There is no sheet “%(name)s” in this workbook.")
    raise FileRefused("no-sheet", told % {"name": chosen})


def note_sheets(
    grid: FileGrid, sheets: Sequence[tuple[SheetNamed, str]], parts: WorkbookParts
) -> None:
    """Tell which sheets are not read: those that are hidden, and those with something in them."""
    hidden = [named.name for named, _part in sheets if named.name not in grid.sheets]
    if hidden:
        told = _("Hidden sheets are left out: %(names)s.") % {"names": ", ".join(hidden)}
        grid.notices.append(LineFault(0, "hidden-sheets", told))
    filled = [named.name for named, part in sheets if parts.sheets[part].filled]
    others = [name for name in filled if name in grid.sheets and name != grid.sheet]
    if others:
        told = _("Only the sheet “%(name)s” is read. There are others: %(names)s.")
        told %= {"name": grid.sheet, "names": ", ".join(others)}
        grid.notices.append(LineFault(0, "other-sheets", told))


def note_comments(grid: FileGrid, number: int) -> None:
    if number:
        told = _("Comments are not read. There are %(number)s.") % {"number": number}
        grid.notices.append(LineFault(0, "comments", told))


def refuse_far(facts: SheetFacts) -> None:
    if facts.rows > LAST_LINE:
        told = _("Something stands in line %(line)s; we read up to %(most)s lines. Clear it.")
        told %= {"line": f"{facts.rows:,}", "most": f"{MOST_LINES:,}"}
        raise FileRefused("too-many-rows", told)


def find_links(parts: WorkbookParts, part: str) -> dict[Place, str]:
    """Return the addresses that cells lead to; an address of e-mail is nobody's website."""
    relations = parts.find_relations(part)
    links = {}
    for place, name in parts.sheets[part].links.items():
        relation = relations.get(name)
        if relation and relation.is_outside and WEB.fullmatch(relation.target):
            links[place] = relation.target
    return links


def list_rows(content: bytes, facts: SheetFacts) -> Iterator[Sequence[Any]]:
    """Yield the cells of each row of a sheet, up to the last that holds something."""
    if not facts.rows:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
            rows = book.worksheets[0].iter_rows(1, facts.rows, 1, facts.columns)
            yield from islice(rows, facts.rows)
        except FileRefused:
            raise
        except Exception as error:  # whatever the parts of the library raise on broken parts
            raise make_not_a_workbook() from error


@dataclass
class SheetReader:
    """Puts the rows of a sheet into a grid, with what its facts say of them."""

    facts: SheetFacts
    links: dict[Place, str]
    choices: ReadingChoices
    grid: FileGrid
    above: dict[Place, Place] = field(default_factory=dict)
    kept: dict[Place, FileCell] = field(default_factory=dict)  # what merged cells show
    texts: dict[str, FileCell] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.above = dict(self.facts.find_merged())
        self.tops = set(self.above.values())

    def take_in(self, number: int, cells: Sequence[Any]) -> None:
        """Take in a row: among the lines, among the faults, or among what was passed over."""
        answer = self.choices.lines.get(number, "")
        line = self.read_row(number, cells, answer)
        if isinstance(line, LineFault):
            self.grid.faults.append(line)
        elif number in self.facts.hidden_rows and answer != "keep":
            if any(cell.text for cell in line.cells):
                self.grid.notices.append(make_hidden_row(number))
        else:
            self.grid.lines.append(line)
            self.note_unsaved(line)

    def read_row(self, number: int, cells: Sequence[Any], answer: str) -> FileLine | LineFault:
        """Return a row, or what is wrong with the first cell that is broken."""
        read = []
        for column, cell in enumerate(cells, start=1):
            place = (number, column)
            text = clear_text(cell.value, answer) if isinstance(cell.value, str) else ""
            if code := find_cell_fault(text):
                return make_cell_fault(number, column, code)
            read.append(self.finish(place, self.read_value(place, cell, text)))
        while read and read[-1] is EMPTY:
            read.pop()
        return FileLine(number, tuple(read))

    def read_value(self, place: Place, cell: Any, written: str) -> FileCell:
        """Return what a cell holds, as it is seen."""
        if place in self.facts.unsaved:
            return FileCell(f"={self.facts.formulas[place]}", note="formula")
        value = cell.value
        if value is None or value == "":
            return EMPTY
        if isinstance(value, str):
            return self.read_text(written)
        if isinstance(value, bool):
            return FileCell("TRUE" if value else "FALSE", value)
        if isinstance(value, date | time | timedelta):
            text, day = show_day(value, get_format(cell))
            return FileCell(text, day)
        number = read_exactly(value)
        if number is None:
            return FileCell(str(value), note="error")
        return FileCell(show_number(number, get_format(cell)), number)

    def read_text(self, written: str) -> FileCell:
        """Return a cell of a text; a text that thousands of cells share is read once."""
        if written not in self.texts:
            self.texts[written] = read_cell(written)
        return self.texts[written]

    def finish(self, place: Place, cell: FileCell) -> FileCell:
        """Return a cell with what its sheet says of it: its address, a formula, what is merged."""
        cell = self.add_address(place, cell)
        if cell.text and not cell.note and place in self.facts.formulas:
            cell = replace(cell, note="formula")
        if not cell.text and place in self.above:
            source = self.kept.get(self.above[place], EMPTY)
            cell = replace(source, note=source.note or "merged") if source.text else EMPTY
        if place in self.tops:
            self.kept[place] = cell
        if cell.text and cell.note != "error" and place[1] in self.facts.hidden_columns:
            cell = replace(cell, note="hidden")
        return cell

    def add_address(self, place: Place, cell: FileCell) -> FileCell:
        """Return a cell with the address that it leads to, unless its text says one."""
        address = self.links.get(place, "")
        if not address and (formula := LINKED.search(self.facts.formulas.get(place, ""))):
            address = formula[1]
        if not address or WEB.search(cell.text) or place in self.facts.unsaved:
            return cell
        return replace(cell, text=f"{cell.text} {address}".strip())

    def note_unsaved(self, line: FileLine) -> None:
        """Tell which cells hold a formula whose result was not saved."""
        for column in range(1, len(line.cells) + 1):
            if (line.number, column) in self.facts.unsaved:
                told = _("Line %(line)s: column %(column)s holds a formula without its result.")
                told %= {"line": line.number, "column": column}
                options = (offer_to_leave(line.number),)
                code = "formula-without-value"
                self.grid.faults.append(LineFault(line.number, code, told, column, options))


def get_format(cell: Any) -> str:
    """Return the format of a cell; "" if its workbook does not have the one that it names."""
    try:
        return cell.number_format or ""
    except IndexError:
        return ""


def clear_text(text: str, answer: str) -> str:
    """Return a text with the characters that XML cannot hold; without them if so answered."""
    plain = ESCAPED.sub(lambda code: chr(int(code[1], 16)), text)
    return drop_unprintable(plain) if answer == "keep" else plain


def make_hidden_row(number: int) -> LineFault:
    told = _("Line %(line)s is hidden in the workbook, and is left out.") % {"line": number}
    options = (("keep", _("Read it all the same")),)
    return LineFault(number, "hidden-row", told, options=options)

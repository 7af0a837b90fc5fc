"""What is known of a sheet before its cells are read: where they are, and what is special there."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import log2

from django.utils.translation import gettext as _

from stemobs.curation.importing.files.cells import MOST_COLUMNS, MOST_LINES
from stemobs.curation.importing.files.kinds import make_not_a_workbook
from stemobs.curation.importing.shapes import FileRefused

Place = tuple[int, int]  # row and column, from 1

MOST_CELLS = 300_000
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384  # of any sheet
COORDINATE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})")
YES = ("1", "true")
WIDE = 8  # columns, from which on a table is none the better for having more


@dataclass
class SheetFacts:
    """Where the cells of a sheet are that hold something, and what else its file says of them."""

    rows: int = 0  # the last that holds something
    columns: int = 0
    cells: int = 0
    filled: Counter[int] = field(default_factory=Counter)  # cells by row
    formulas: dict[Place, str] = field(default_factory=dict)
    unsaved: set[Place] = field(default_factory=set)  # formulas without a value
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[tuple[Place, Place]] = field(default_factory=list)
    links: dict[Place, str] = field(default_factory=dict)  # names of relations

    @property
    def worth(self) -> float:
        """How much this looks like a table: wide rows count more than many."""
        widths = [number for number in self.filled.values() if number > 1]
        if not widths:
            return 0.01 * min(len(self.filled), 10)
        width = sorted(widths)[len(widths) // 2]
        return min(width, WIDE) ** 2 * log2(len(widths) + 1)

    def find_merged(self) -> Iterator[tuple[Place, Place]]:
        """Yield the cells that show what a cell above them holds, and the place of that one."""
        repeated = 0
        for (top, left), (bottom, right) in self.merged:
            if right - left >= MOST_COLUMNS or bottom == top:
                continue
            last = min(bottom, self.rows)
            repeated += max(0, last - top)
            refuse_crowded(repeated)
            yield from (((row, left), (top, left)) for row in range(top + 1, last + 1))


def refuse_crowded(number: int) -> None:
    if number > MOST_CELLS:
        raise FileRefused("too-large", _("There are too many cells in this file. Cut it in two."))


def read_place(text: str) -> Place:
    """Return the row and the column of “B7”."""
    found = COORDINATE.fullmatch(text)
    if not found:
        raise make_not_a_workbook()
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return check_place((int(found[2]), column))


def check_place(place: Place) -> Place:
    if not (1 <= place[0] <= LAST_ROW and 1 <= place[1] <= LAST_COLUMN):
        raise make_not_a_workbook()
    return place


def read_count(text: str) -> int:
    """Return a number of a row or column; refuse what is none."""
    if not re.fullmatch(r"\d{1,7}(\.0+)?", text):
        raise make_not_a_workbook()
    return int(text.partition(".")[0])


class SheetCollector:
    """Collects what is known of a sheet, from the elements of its part."""

    def __init__(self) -> None:
        self.facts = SheetFacts()
        self.row = self.column = 0
        self.kind = ""  # of the cell
        self.seen: set[int] = set()  # columns of the row
        self.holds = ""  # the element whose text is collected
        self.texts: dict[str, str] = {}

    def start(self, name: str, values: dict[str, str]) -> None:
        """Take in the beginning of an element."""
        if name in ("v", "f", "t"):
            self.holds = name
            self.texts.setdefault(name, "")
        elif name == "c":
            self.start_cell(values)
        elif name == "row":
            self.start_row(values)
        elif name in self.others:
            self.others[name](self, values)

    def text(self, data: str) -> None:
        """Take in text of an element, as much of it as tells whether there is any."""
        if self.holds and len(self.texts[self.holds]) < 2000:
            self.texts[self.holds] += data

    def end(self, name: str) -> None:
        """Take in the end of an element."""
        if name in ("v", "f", "t"):
            self.holds = ""
        elif name == "c":
            self.end_cell()

    def start_row(self, values: dict[str, str]) -> None:
        number = read_count(values["r"]) if "r" in values else self.row + 1
        if number <= self.row:
            raise make_not_a_workbook()
        self.row, self.column = check_place((number, 1))[0], 0
        self.seen.clear()
        if values.get("hidden") in YES and number <= MOST_LINES * 2:
            self.facts.hidden_rows.add(number)

    def start_cell(self, values: dict[str, str]) -> None:
        self.column = read_place(values["r"])[1] if "r" in values else self.column + 1
        check_place((self.row, self.column))
        if self.column in self.seen:
            raise make_not_a_workbook()
        self.seen.add(self.column)
        self.kind = values.get("t", "n")
        self.texts = {}

    def end_cell(self) -> None:
        value, formula = self.texts.get("v", ""), self.texts.get("f")
        if not (value or self.texts.get("t") or formula is not None):
            return
        place, facts = (self.row, self.column), self.facts
        facts.filled[self.row] += 1
        facts.cells += 1
        refuse_crowded(facts.cells)
        facts.rows, facts.columns = self.row, max(facts.columns, self.column)
        refuse_wide(len(facts.filled), facts.columns)
        if formula is not None:
            facts.formulas[place] = formula
            # A text that is empty is what a formula came to; a number never is.
            if not value and not (self.kind == "str" and "v" in self.texts):
                facts.unsaved.add(place)

    def add_columns(self, values: dict[str, str]) -> None:
        first, last = read_count(values.get("min", "")), read_count(values.get("max", ""))
        if values.get("hidden") in YES:
            self.facts.hidden_columns.update(range(first, min(last, MOST_COLUMNS) + 1))

    def add_merged(self, values: dict[str, str]) -> None:
        first, _colon, last = values.get("ref", "").partition(":")
        self.facts.merged.append((read_place(first), read_place(last or first)))

    def add_link(self, values: dict[str, str]) -> None:
        relation = next((value for name, value in values.items() if name.endswith(" id")), "")
        if relation:
            self.facts.links[read_place(values.get("ref", "").partition(":")[0])] = relation

    others = {"col": add_columns, "mergeCell": add_merged, "hyperlink": add_link}


def refuse_wide(rows: int, columns: int) -> None:
    if rows > MOST_LINES:
        told = _("There are more than %(most)s lines. Cut the file into several.")
        raise FileRefused("too-many-rows", told % {"most": f"{MOST_LINES:,}"})
    if columns > MOST_COLUMNS:
        told = _("There are more than %(most)s columns. Leave some out.")
        raise FileRefused("too-many-columns", told % {"most": MOST_COLUMNS})

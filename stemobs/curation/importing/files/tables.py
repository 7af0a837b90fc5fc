"""Finds the table in an opened file: the names of its columns, its rows, and what is no row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from django.utils.translation import gettext as _

from stemobs.curation.importing.files.asides import ColumnSums, find_end, is_note, is_total
from stemobs.curation.importing.files.cells import get_cell, list_filled, offer_to_leave
from stemobs.curation.importing.files.headers import (
    HeaderFound,
    find_header,
    is_header_again,
    names_anew,
    numbers_columns,
    take_header,
)
from stemobs.curation.importing.shapes import (
    FileGrid,
    FileLine,
    FileRefused,
    FileTable,
    LineFault,
    ReadingChoices,
)
from stemobs.text import fold

MOST_ROWS = 5_000
HALF = 0.5
DROPPING = 3  # short lines, from which on a program is taken to drop empty cells at the end
FIFTH = 0.2


def find_table(grid: FileGrid, choices: ReadingChoices) -> FileTable:
    """Return the table in a grid. Every line is in its rows, its faults, or its notices.

    A header of −1 says that the file has none: the columns are numbered then.
    """
    lines = [line for line in grid.lines if list_filled(line)]
    header = take_header(lines, choices.header) if choices.header else find_header(lines)
    body = lines[header.last + 1 :] if header else lines
    reader = TableReader(header, body, choices, is_text=bool(grid.encoding))
    reader.table.header_line = lines[header.last].number if header else 0
    if not header and choices.header >= 0:
        reader.table.faults.append(make_no_header())
    reader.note_blank(grid.lines)
    reader.note_above(lines[: header.first] if header else [])
    reader.note_joined(lines[header.first : header.last] if header else [])
    for place, line in enumerate(body):
        reader.take_in(place, line)
    refuse_long(reader.table)
    reader.finish(lines[header.last] if header else None)
    return reader.table


def make_no_header() -> LineFault:
    told = _("We find no line with the names of the columns. Say which line it is.")
    return LineFault(0, "no-header", told)


def refuse_long(table: FileTable) -> None:
    if len(table.rows) > MOST_ROWS:
        told = _("There are %(number)s rows; we read up to %(most)s. Cut the file into several.")
        told %= {"number": f"{len(table.rows):,}", "most": f"{MOST_ROWS:,}"}
        raise FileRefused("too-many-rows", told)


@dataclass
class TableReader:
    """Puts the lines below a header where they belong: rows, faults, or notices."""

    header: HeaderFound | None
    body: Sequence[FileLine]
    choices: ReadingChoices
    is_text: bool
    table: FileTable = field(default_factory=lambda: FileTable(0, ()))
    sums: ColumnSums = field(default_factory=ColumnSums)
    seen: dict[tuple[str, ...], int] = field(default_factory=dict)
    other: int = 0  # the line with other names of columns, below which another table stands

    def __post_init__(self) -> None:
        self.names = self.header.names if self.header else ()
        self.width = find_width(self.names, self.body)
        self.end = find_end(self.body)
        single = sum(len(list_filled(line)) == 1 for line in self.body)
        self.has_sections = self.width > 1 and single <= HALF * len(self.body)
        self.split = find_split(self.body, self.width) if self.is_text else set()
        self.drops_ends = drops_ends(self.body, self.width)

    def take_in(self, place: int, line: FileLine) -> None:
        """Take in a line: the first that it is found to be counts."""
        answer = self.choices.lines.get(line.number, "")
        if self.header and place and not answer and self.is_below_another(line):
            self.table.faults.append(make_other_table(line, self.other))
            return
        aside = "" if answer == "keep" else self.find_aside(place, line)
        if aside:
            self.note(line, aside)
        elif fault := self.find_length_fault(line, answer):
            self.table.faults.append(fault)
        else:
            self.add_row(line, answer)

    def is_below_another(self, line: FileLine) -> bool:
        """Return whether a line has other names of the columns, or stands below such a line."""
        if is_header_again(line, self.names):
            self.other = 0
        elif names_anew(line, self.names):
            self.other = line.number
        return bool(self.other)

    def find_aside(self, place: int, line: FileLine) -> str:
        """Return the code of what a line is, if it is no row; "" if it is one."""
        if is_header_again(line, self.names) or (place == 0 and numbers_columns(line)):
            return "header-again"
        if is_total(line) or self.sums.are_in(line):
            self.sums.begin_part()
            return "total"
        if is_note(line, self.width):
            return "note"
        if self.has_sections and len(list_filled(line)) == 1:
            self.sums.begin_part()
            return "section" if place < self.end else "note"
        return ""

    def find_length_fault(self, line: FileLine, answer: str) -> LineFault | None:
        """Return what is wrong with the number of cells of a line of a text."""
        if not self.is_text or self.width < 2:
            return None
        filled = list_filled(line)[-1] + 1
        if filled > self.width:
            return make_length_fault(line, "too-many-cells", self.width)
        is_short = len(line.cells) < self.width and any(self.names[len(line.cells) : self.width])
        is_fine = self.drops_ends and line.number not in self.split
        if is_short and not is_fine and answer not in ("keep", "letter"):
            return make_length_fault(line, "too-few-cells", self.width)
        return None

    def add_row(self, line: FileLine, answer: str) -> None:
        """Add a row, unless the same row stands above."""
        self.sums.add(line)
        texts = tuple(cell.text for cell in line.cells[: line_end(line)])
        first = self.seen.setdefault(texts, line.number)
        if first == line.number or answer == "keep":
            self.table.rows.append(line)
            return
        told = _("Line %(line)s is the same as line %(first)s, and is left out.")
        told %= {"line": line.number, "first": first}
        self.table.notices.append(LineFault(line.number, "same-row", told, options=offer_to_keep()))

    def note(self, line: FileLine, code: str) -> None:
        """Tell that a line is no row, and offer to read it as one."""
        text = line.cells[list_filled(line)[0]].text[:60]
        told = {
            "header-again": _("Line %(line)s repeats the names of the columns."),
            "total": _("Line %(line)s adds up others (“%(text)s”), and is left out."),
            "note": _("Line %(line)s is a note: “%(text)s”. It is left out."),
            "section": _("Line %(line)s only says “%(text)s”. Is it a heading? It is left out."),
            "above": _("Line %(line)s stands above the table: “%(text)s”."),
        }[code]
        told %= {"line": line.number, "text": text}
        options = offer_to_keep() if code != "above" else ()
        self.table.notices.append(LineFault(line.number, code, told, options=options))

    def note_above(self, lines: Iterable[FileLine]) -> None:
        for line in lines:
            self.note(line, "above")

    def note_joined(self, lines: Iterable[FileLine]) -> None:
        for line in lines:
            told = _("Line %(line)s names the columns together with the line below it.")
            told %= {"line": line.number}
            self.table.notices.append(LineFault(line.number, "header-joined", told))

    def note_blank(self, lines: Iterable[FileLine]) -> None:
        for line in lines:
            if not list_filled(line):
                told = _("Line %(line)s is empty.") % {"line": line.number}
                self.table.notices.append(LineFault(line.number, "blank", told))

    def finish(self, header: FileLine | None) -> None:
        """Name the columns, and drop those that are wholly empty."""
        number = header.number if header else 0
        width = max(map(line_end, self.table.rows), default=0)
        kept = [
            place
            for place in range(max(width, len(self.names)))
            if (place < len(self.names) and self.names[place])
            or any(get_cell(line, place).text for line in self.table.rows)
        ]  # fmt: skip
        names = [self.names[place] if place < len(self.names) else "" for place in kept]
        self.table.header = self.name_columns(number, kept, names)
        self.table.hidden = find_hidden(header, self.table.rows, kept)
        self.table.rows = [
            FileLine(line.number, tuple(get_cell(line, place) for place in kept))
            for line in self.table.rows
        ]

    def name_columns(self, number: int, kept: Sequence[int], names: list[str]) -> tuple[str, ...]:
        """Return names that all differ, and tell which were missing or there twice."""
        counts: dict[str, int] = {}
        for at, (place, name) in enumerate(zip(kept, names, strict=True)):
            if not name:
                names[at] = _("Column %(number)s") % {"number": place + 1}
                self.note_nameless(number, place, names[at])
                continue
            times = counts[fold(name)] = counts.get(fold(name), 0) + 1
            if times > 1:
                self.table.faults.append(make_header_twice(number, place, name, times))
                names[at] = f"{name} ({times})"
        return make_unique(names)

    def note_nameless(self, number: int, place: int, name: str) -> None:
        if self.header:
            told = _("A column with values has no name. We call it “%(name)s”.") % {"name": name}
            self.table.notices.append(LineFault(number, "no-header", told, place + 1))


def make_header_twice(number: int, place: int, name: str, times: int) -> LineFault:
    if times == 2:
        told = _("Two columns are called “%(name)s”.") % {"name": name}
    else:
        told = _("One more column is called “%(name)s”.") % {"name": name}
    return LineFault(number, "header-twice", told, place + 1)


def make_other_table(line: FileLine, other: int) -> LineFault:
    """Return what is wrong with a line of a second table; without its header all of it is read."""
    told = _("Line %(line)s stands below other names of columns, in line %(other)s.")
    options: tuple[tuple[str, str], ...] = ()
    if line.number == other:
        told = _(
            "Line %(line)s names the columns in another way. Send what is below in its own file."
        )
        below = _("Leave line %(line)s out, and read those below it as the others")
        options = (("leave", below % {"line": line.number}),)
    told %= {"line": line.number, "other": other}
    return LineFault(line.number, "other-table", told, 0, options)


def make_unique(names: Sequence[str]) -> tuple[str, ...]:
    """Return names of which none is there twice, also where a column is called “Name (2)”."""
    unique: list[str] = []
    for name in names:
        new, times = name, 2
        while new in unique:
            new, times = f"{name} ({times})", times + 1
        unique.append(new)
    return tuple(unique)


def offer_to_keep() -> tuple[tuple[str, str], ...]:
    return (("keep", _("Read it as a row")),)


def make_length_fault(line: FileLine, code: str, width: int) -> LineFault:
    told = {
        "too-many-cells": _("Line %(line)s has %(cells)s cells, for %(width)s columns."),
        "too-few-cells": _("Line %(line)s only has %(cells)s cells, for %(width)s columns."),
    }[code]
    cells = len(line.cells) if code == "too-few-cells" else line_end(line)
    told %= {"line": line.number, "cells": cells, "width": width}
    keep = [("keep", _("Read the missing cells as empty"))] if code == "too-few-cells" else []
    return LineFault(line.number, code, told, 0, (*keep, offer_to_leave(line.number)))


def line_end(line: FileLine) -> int:
    """Return how many cells a line has without the empty ones at its end."""
    filled = list_filled(line)
    return filled[-1] + 1 if filled else 0


def find_width(names: Sequence[str], body: Sequence[FileLine]) -> int:
    """Return how many columns a table has: those with a name, and others that most lines fill.

    What a single line has beside those with a name is rather a delimiter within a text.
    """
    named = max((place + 1 for place, name in enumerate(names) if name), default=0)
    ends = sorted(map(line_end, body))
    usual = ends[len(ends) // 2] if len(ends) > 1 or (ends and not names) else 0
    return max(named, usual)


def find_split(body: Sequence[FileLine], width: int) -> set[int]:
    """Return the numbers of lines that look like two pieces of one, cut by a line break."""
    split: set[int] = set()
    for first, second in pairwise(body):
        sizes = len(first.cells), len(second.cells)
        goes_on = second.cells[0].text[:1].islower()
        if goes_on and max(sizes) < width and sum(sizes) == width + 1:
            split |= {first.number, second.number}
    return split


def drops_ends(body: Sequence[FileLine], width: int) -> bool:
    """Return whether the program that wrote a text left out the empty cells at the ends of lines.

    It did if many lines are short, and none has an empty cell at its end.
    """
    short = sum(1 < len(line.cells) < width for line in body)
    has_ends = any(len(line.cells) > 1 and not line.cells[-1].text for line in body)
    return not has_ends and short >= max(DROPPING, FIFTH * len(body))


def find_hidden(
    header: FileLine | None, rows: Sequence[FileLine], kept: Sequence[int]
) -> frozenset[int]:
    """Return the places of columns that their program hides."""
    lines = [*([header] if header else []), *rows]
    return frozenset(
        at
        for at, place in enumerate(kept)
        if any(get_cell(line, place).note == "hidden" for line in lines)
    )

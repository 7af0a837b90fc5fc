"""Opens a file that a partner sent: from its bytes to a grid of cells."""

from dataclasses import replace
from decimal import ROUND_UP, Decimal

from django.utils.translation import gettext as _

from stemobs.curation.importing.files.cells import (
    MOST_COLUMNS,
    MOST_LETTERS,
    MOST_LINES,
    list_filled,
)
from stemobs.curation.importing.files.delimited import split_text
from stemobs.curation.importing.files.encodings import decode_text
from stemobs.curation.importing.files.kinds import is_workbook
from stemobs.curation.importing.files.workbooks import read_workbook
from stemobs.curation.importing.shapes import (
    FileGrid,
    FileRefused,
    LineFault,
    ReadingChoices,
)

MOST_BYTES = 5_000_000
NO_LETTERS = "\ufeff \t\r\n;,|\"'"  # what a table may have that says nothing


def open_file(name: str, content: bytes, choices: ReadingChoices) -> FileGrid:
    """Return what a file says, line by line; raise `FileRefused` if it cannot be read at all.

    Its content says whether it is a text or a workbook, whatever its name says.
    """
    refuse_large(len(content))
    if is_workbook(name, content):
        grid = read_workbook(content, choices)
        if not name.lower().endswith((".xlsx", ".xlsm")):
            told = _("This is a workbook, whatever its name says. It was read as one.")
            grid.notices.insert(0, LineFault(0, "other-name", told))
    else:
        grid = open_text(content, choices)
    leave_out_chosen(grid, choices)
    refuse_endless(grid)
    return grid


def refuse_large(number: int) -> None:
    """Refuse a file of so many bytes, if that is more than anybody looks through."""
    if number > MOST_BYTES:
        size = (Decimal(number) / 1_000_000).quantize(Decimal("0.1"), ROUND_UP)
        told = _("The file is %(size)s MB; we read up to %(most)s.")
        values = {"size": f"{size.normalize():f}", "most": MOST_BYTES // 1_000_000}
        raise FileRefused("too-large", told % values)


def open_text(content: bytes, choices: ReadingChoices) -> FileGrid:
    text = decode_text(content, choices.encoding)
    if not text.text.strip(NO_LETTERS):
        raise FileRefused("empty", _("There is nothing in this file."))
    grid = split_text(text.text, choices, text.encoding)
    return replace(grid, encoding=text.encoding, encodings=text.encodings, marked=text.marked)


def leave_out_chosen(grid: FileGrid, choices: ReadingChoices) -> None:
    """Leave out the lines that somebody chose to leave out, and say so."""
    chosen = {number for number, answer in choices.lines.items() if answer == "leave"}
    if not chosen:
        return
    known = {line.number for line in grid.lines} | {fault.line for fault in grid.faults}
    grid.lines = [line for line in grid.lines if line.number not in chosen]
    grid.faults = [fault for fault in grid.faults if fault.line not in chosen]
    told = _("Line %(line)s is left out, as you said.")
    for number in sorted(chosen & known):
        grid.notices.append(LineFault(number, "left-out", told % {"line": number}))


def refuse_endless(grid: FileGrid) -> None:
    """Refuse a file with more lines, columns or letters than anybody looks through."""
    if not grid.faults and not any(map(list_filled, grid.lines)):
        raise FileRefused("empty", _("There is nothing in this file."))
    if sum(map(bool, map(list_filled, grid.lines))) + len(grid.faults) > MOST_LINES:
        told = _("There are more than %(most)s lines. Cut the file into several.")
        raise FileRefused("too-many-rows", told % {"most": f"{MOST_LINES:,}"})
    if any(max(list_filled(line), default=0) >= MOST_COLUMNS for line in grid.lines):
        told = _("There are more than %(most)s columns. Leave some out.")
        raise FileRefused("too-many-columns", told % {"most": MOST_COLUMNS})
    if sum(len(cell.text) for line in grid.lines for cell in line.cells) > MOST_LETTERS:
        raise FileRefused("too-large", _("There is too much text in this file. Cut it in two."))

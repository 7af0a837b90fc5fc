"""Splits a text into lines and cells: what divides its columns is found out."""

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

from stemobs.curation.importing.files.cells import (
    MOST_COLUMNS,
    MOST_LINES,
    offer_to_leave,
    read_line,
)
from stemobs.curation.importing.files.quotes import RawRecord, cut_records, find_width
from stemobs.curation.importing.shapes import (
    FileGrid,
    FileLine,
    FileRefused,
    LineFault,
    ReadingChoices,
)
from stemobs.curation.importing.spoilt import is_garbled

LINE_END = re.compile(r"\r\n|\n|\r")
DELIMITERS = (";", ",", "\t", "|")
NAMED = {"tab": "\t", "\\t": "\t"}
SAID = re.compile(r'\s*"?sep=(.)"?[;,\t|]*\s*', re.IGNORECASE)  # Excel's first line: “sep=;”
LONGEST_LOOKED_AT = 20_000  # letters of a line
LOOKED_AT = 400  # lines, to find what divides the columns
MOST_DELIMITERS = 20 * MOST_COLUMNS  # in a line
MOST_TEXT_LINES = 50_000  # a record may run over several
ALIKE = 0.1
OF_TABLES = re.compile(r"[;\t|]|,(?! )")  # in a text a space follows a comma
BARE_COMMA = re.compile(r",(?! )")
HALF = 0.5
WRAPPED = re.compile(r'"(?:[^"]|"")*"[;,\t|]*')


def split_text(text: str, choices: ReadingChoices, encoding: str = "") -> FileGrid:
    """Return the lines and cells of a text, and the lines that could not be split."""
    lines = LINE_END.split(text)
    if not lines[-1]:
        lines.pop()
    if len(lines) > MOST_TEXT_LINES:
        told = _("There are more than %(most)s lines. Cut the file into several.")
        raise FileRefused("too-many-rows", told % {"most": f"{MOST_LINES:,}"})
    grid = FileGrid()
    said = take_said_delimiter(lines, grid)
    unwrap(lines, grid)
    grid.delimiter = choose_delimiter(lines, choices.delimiter, said)
    refuse_endless_lines(lines, grid.delimiter)
    width, _part = find_width(lines, grid.delimiter)
    for record in cut_records(lines, grid.delimiter, width, choices.lines):
        if said and record.number == 1:
            continue
        put_record(grid, record, choices.lines.get(record.number, ""))
    note_garbled(grid, encoding)
    return grid


def refuse_endless_lines(lines: Sequence[str], delimiter: str) -> None:
    """Refuse a line with more fields than there are columns, even if many are within marks."""
    if delimiter and any(line.count(delimiter) > MOST_DELIMITERS for line in lines):
        told = _("There are more than %(most)s columns. Leave some out.")
        raise FileRefused("too-many-columns", told % {"most": MOST_COLUMNS})


def take_said_delimiter(lines: list[str], grid: FileGrid) -> str:
    """Return what the first line says of what divides the columns; it is no row."""
    found = SAID.fullmatch(lines[0]) if lines else None
    if not found:
        return ""
    lines[0] = ""
    told = _("The first line only says what divides the columns.")
    grid.notices.append(LineFault(1, "delimiter", told))
    return found[1]


def choose_delimiter(lines: Sequence[str], chosen: str, said: str) -> str:
    """Return what divides the columns: as chosen, as the file says, or as found."""
    chosen = NAMED.get(chosen, chosen)
    if len(chosen) == 1 and chosen not in '"\r\n':
        return chosen
    return said if said and said not in '"\r\n' else find_delimiter(lines)


def find_delimiter(lines: Sequence[str]) -> str:
    """Return the sign that cuts most lines into the same number of fields, several of them.

    "" if there is none: a text of a single column.
    """
    filled = [line[:LONGEST_LOOKED_AT] for line in lines if line.strip()][:LOOKED_AT]
    best, most = "", 0.0
    for delimiter in DELIMITERS:
        if delimiter == "," and is_prose(filled):
            continue
        width, part = find_width(filled, delimiter)
        worth = part * (1 + ALIKE * min(width, 10)) if width > 1 else 0.0
        if worth > most:
            best, most = delimiter, worth
    return best


def is_prose(lines: Sequence[str]) -> bool:
    """Return whether commas are those of a text: “Bonn, Germany” in a column called “Place”."""
    has_first = bool(lines) and "," in lines[0]
    return not has_first and not any(BARE_COMMA.search(line) for line in lines)


def unwrap(lines: list[str], grid: FileGrid) -> None:
    """Take the marks off lines that stand in marks as a whole, as some programs write them."""
    filled = [place for place, line in enumerate(lines) if line.strip()]
    if len(filled) < 2 or not all(WRAPPED.fullmatch(lines[place]) for place in filled):
        return
    bare = {place: lines[place].rstrip(";,\t|")[1:-1].replace('""', '"') for place in filled}
    delimiter = find_delimiter(list(bare.values()))
    width, part = find_width(list(bare.values()), delimiter)
    if width < 2 or part < HALF or not any(OF_TABLES.search(line) for line in bare.values()):
        return
    for place, line in bare.items():
        lines[place] = line
    told = _("Every line stands in quotation marks as a whole. They were taken off.")
    grid.notices.append(LineFault(0, "wrapped", told))


def put_record(grid: FileGrid, record: RawRecord, answer: str) -> None:
    """Put a record where it belongs: among the lines, or among those that are at fault."""
    if record.open_column:
        grid.faults.append(make_open_quote(record))
        return
    line = read_line(record.number, record.fields, answer)
    if isinstance(line, FileLine):
        grid.lines.append(line)
    else:
        grid.faults.append(line)


def make_open_quote(record: RawRecord) -> LineFault:
    told = _("Line %(line)s: a quotation mark is opened in column %(column)s and never closed.")
    told %= {"line": record.number, "column": record.open_column}
    letter = ("letter", _("Read the mark as a letter"))
    options = (letter, offer_to_leave(record.number))
    return LineFault(record.number, "open-quote", told, record.open_column, options)


# --- Letters that were spoilt before --------------------------------------------------------------


def note_garbled(grid: FileGrid, encoding: str) -> None:
    """Tell which lines hold letters that were spoilt before they came here: “Ã©” for “é”."""
    for line in grid.lines:
        columns = [
            place
            for place, cell in enumerate(line.cells, start=1)
            if not cell.text.isascii() and is_garbled(cell.text, encoding)
        ]
        if columns:
            told = _("Line %(line)s: letters are spoilt, as in “%(text)s”. It was read as it is.")
            text = line.cells[columns[0] - 1].text[:60]
            told %= {"line": line.number, "text": text}
            grid.notices.append(LineFault(line.number, "garbled", told, columns[0]))

"""Reads a cell as people see it in their program: what is wrong with it, what it looks like."""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from stemobs.curation.importing.shapes import FileCell, FileLine, LineFault
from stemobs.text import UNPRINTABLE, drop_invisible

MOST_LINES = 5_100  # a hundred more than rows, for titles above and notes below
MOST_COLUMNS = 200
MOST_LETTERS = 20_000_000  # of all cells together
LONGEST_CELL = 10_000

EMPTY = FileCell()
SPECIAL = frozenset("=#E'")
BREAK = re.compile(r"\r\n?")
SPACES = re.compile(r"[^\S\n]+")
SPACED_BREAK = re.compile(r" ?\n ?")
# How Excel keeps the zeros of “00123” in a text, and its mark for “this is no number”.
KEPT_AS_TEXT = re.compile(r'="((?:[^"]|"")*)"')
APOSTROPHE = re.compile(r"'(?=[\d=+@-])")
LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
ERROR = re.compile(r"#[A-ZÀ-ÞĀ-Ž][A-ZÀ-ÞĀ-Ž0-9/_]*[!?]|#(N/[A-Z]+|NV|NAPA|DIV/0!)|#{2,}|Err:\d{3}")


def read_line(number: int, texts: Iterable[str], answer: str = "") -> FileLine | LineFault:
    """Return a line of these cells, or what is wrong with the first cell that is broken."""
    cells = []
    for place, raw in enumerate(texts, start=1):
        text = drop_unprintable(raw) if answer == "keep" else raw
        if code := find_cell_fault(text):
            return make_cell_fault(number, place, code)
        cells.append(read_cell(text))
    return FileLine(number, tuple(cells))


def read_cell(raw: str) -> FileCell:
    """Return what a cell says, without spaces around it and what nobody sees."""
    text = clean_text(raw)
    if not text:
        return EMPTY
    if text[0] in SPECIAL:
        return read_special(text)
    return FileCell(text)


def read_special(text: str) -> FileCell:
    """Return a cell that begins as formulas, errors, and what Excel keeps as a text do."""
    if kept := KEPT_AS_TEXT.fullmatch(text):
        return FileCell(clean_text(kept[1].replace('""', '"')))
    if text.startswith("=") and len(text) > 1:
        return FileCell(text, note="formula")
    return FileCell(APOSTROPHE.sub("", text, count=1), note="error" if is_error(text) else "")


def clean_text(raw: str) -> str:
    """Return a text with plain spaces, and with its line breaks as they are."""
    if raw.isascii() and raw.isprintable() and "  " not in raw:
        return raw.strip()
    text = SPACES.sub(" ", BREAK.sub("\n", drop_invisible(raw)))
    return SPACED_BREAK.sub("\n", text).strip()


def is_error(text: str) -> bool:
    """Return whether a cell shows that its program could not work it out: “#REF!”, “####”."""
    return ERROR.fullmatch(text) is not None


# --- What is wrong with a cell --------------------------------------------------------------------

UNPRINTABLE_BUT_SPACE = re.compile(rf"(?![\t\n\r]){UNPRINTABLE.pattern}")


def find_cell_fault(raw: str) -> str:
    """Return the code of what is wrong with a cell; "" if nothing is."""
    if len(raw) > LONGEST_CELL:
        return "too-long"
    if raw.isascii() and raw.isprintable():
        return ""
    if "\x00" in raw:
        return "nul"
    if LONE_SURROGATE.search(raw):
        return "broken-letter"
    return "control" if UNPRINTABLE_BUT_SPACE.search(raw) else ""


def drop_unprintable(raw: str) -> str:
    """Return a text without characters that nobody can see."""
    return UNPRINTABLE_BUT_SPACE.sub("", raw)


def make_cell_fault(number: int, column: int, code: str) -> LineFault:
    """Return what is wrong with a cell, in words and with the answers that help."""
    told = {
        "too-long": _("Line %(line)s: column %(column)s holds more than %(most)s letters."),
        "nul": _("Line %(line)s: column %(column)s holds a zero byte, which is no letter."),
        "broken-letter": _("Line %(line)s: column %(column)s holds a letter that is broken."),
        "control": _("Line %(line)s: column %(column)s holds a sign that nobody can see."),
    }[code]
    told %= {"line": number, "column": column, "most": f"{LONGEST_CELL:,}"}
    keep = [("keep", _("Read the line without it"))] if code in ("nul", "control") else []
    return LineFault(number, code, told, column, (*keep, offer_to_leave(number)))


def offer_to_leave(number: int) -> tuple[str, str]:
    """Return the answer that a line be left out."""
    return "leave", _("Leave line %(line)s out") % {"line": number}


# --- What a cell looks like ----------------------------------------------------------------------

FIRST_YEAR, LAST_YEAR = 1900, 2100
LONGEST_NAME = 100  # of a column
ADDRESS = re.compile(
    r"https?://|www\.|\S+@\S+\.\w|(?:[\w-]+\.)?[\w-]{5,}\.(?:[a-z]{2}|com|org|net|info)(?:/\S*)?$"
)
# “1.200”, “€ 5”, “12 %”, “60 000 Kč”, “5–10”
AMOUNT = re.compile(
    r"(?:(?:[A-Z]{3}|Kč|zł|Ft|[€$£])\s?)?([+-]?\d[\d.,'’ ]*)\s?(?:%|[€$£]|[^\d\W]{1,4}\.?)?"
    r"(?:\s?[–-]\s?\d[\d.,]*)?"
)
GROUPED = re.compile(r"[+-]?\d{1,3}(?:([.,'’ ])\d{3})(?:\1\d{3})*(?:[.,]\d{1,2})?")
DAY = re.compile(
    r"\d{1,2}\. ?\d{1,2}\. ?\d{2,4}\.?|\d{1,2}[/-]\d{1,2}[/-]\d{2,4}|\d{4}-\d\d(?:-\d\d)?"
)


def list_filled(line: FileLine) -> list[int]:
    """Return the places of the cells that hold something, from 0."""
    return [place for place, cell in enumerate(line.cells) if cell.text]


def get_cell(line: FileLine, place: int) -> FileCell:
    """Return the cell of a line at a place; an empty one beyond its end."""
    return line.cells[place] if place < len(line.cells) else FileCell()


def read_roughly(cell: FileCell) -> Decimal | None:
    """Return about what number a cell holds, which is enough to see whether a line adds up."""
    if isinstance(cell.value, Decimal):
        return cell.value
    found = AMOUNT.fullmatch(cell.text)
    if not found:
        return None
    text = found[1].strip(" .,'’")
    if grouped := GROUPED.fullmatch(text):
        text = text.replace(grouped[1], "")
    try:
        return Decimal(text.replace(" ", "").replace(",", "."))
    except InvalidOperation:
        return None


def is_number(cell: FileCell) -> bool:
    return read_roughly(cell) is not None


def is_year(cell: FileCell) -> bool:
    """Return whether a cell holds a year, which may be the name of a column too."""
    return bool(re.fullmatch(r"\d{4}", cell.text)) and FIRST_YEAR <= int(cell.text) <= LAST_YEAR


def is_fact(cell: FileCell) -> bool:
    """Return whether a cell holds what no column is called: a number, a day, an address."""
    if not cell.text:
        return False
    if cell.value is not None or is_number(cell) or DAY.fullmatch(cell.text):
        return True
    return bool(ADDRESS.match(cell.text.lower()))


def may_be_name(cell: FileCell) -> bool:
    """Return whether a column may be called what a cell says."""
    return len(cell.text) <= LONGEST_NAME and (is_year(cell) or not is_fact(cell))

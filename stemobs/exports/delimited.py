"""Rows as CSV (RFC 4180), whose cells no spreadsheet takes for formulas."""

import csv
import datetime
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

MEDIA_TYPE = "text/csv"
CONTENT_TYPE = f"{MEDIA_TYPE}; charset=utf-8"
# A spreadsheet works out a cell that begins like this, full-width signs included. Some leave out
# white space and signs of no width before them.
FORMULA = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r]")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?\Z", re.ASCII)
# What no XML can hold, and many readers of CSV stumble over.
UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
REPLACEMENT = "\ufffd"


class Echo:
    """What a csv.writer writes to: it gives the line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def write_csv_lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield the lines of a file, one for each row; None is an empty cell."""
    write = csv.writer(Echo()).writerow
    for row in rows:
        yield write([cell if cell.__class__ is int else format_cell(cell) for cell in row])


def format_cell(cell: object) -> str:
    """Return a cell as text; whatever is no number could be taken for a formula."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime.datetime):
        return cell.isoformat().replace("+00:00", "Z")
    return str(cell) if isinstance(cell, int | float | Decimal) else make_harmless(str(cell))


def make_harmless(text: str) -> str:
    """Return a text that every reader can read, and none takes for a formula."""
    text = replace_unreadable(text)
    return f"'{text}" if FORMULA.match(text) and not NUMBER.match(text) else text


def replace_unreadable(text: str) -> str:
    """Return a text without control characters, each replaced by the sign for what is lost."""
    return UNREADABLE.sub(REPLACEMENT, text)

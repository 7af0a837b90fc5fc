"""Writes rows as CSV (RFC 4180), with cells that no spreadsheet runs as formulas."""

import csv
import datetime
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

MEDIA_TYPE = "text/csv"
CONTENT_TYPE = f"{MEDIA_TYPE}; charset=utf-8"
# A spreadsheet takes a cell that begins with =, +, - or @ for a formula, also with their full-width
# forms. Some spreadsheets skip white space and zero-width characters before the sign.
FORMULA = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r]")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?\Z", re.ASCII)
# Control characters and lone surrogates, which XML forbids and many readers of CSV cannot read.
UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
REPLACEMENT = "\ufffd"


class Echo:
    """A file for csv.writer that returns each written line, so that lines can be yielded."""

    def write(self, line: str) -> str:
        return line


def write_csv_lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield a CSV line for each row; None becomes an empty cell."""
    write = csv.writer(Echo()).writerow
    for row in rows:
        yield write([cell if cell.__class__ is int else format_cell(cell) for cell in row])


def format_cell(cell: object) -> str:
    """Return a cell as text; texts are made harmless, so that none is taken for a formula."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(timespec="seconds").replace("+00:00", "Z")
    return str(cell) if isinstance(cell, int | float | Decimal) else make_harmless(str(cell))


def make_harmless(text: str) -> str:
    """Return a text without control characters; a formula gets an apostrophe before it."""
    text = replace_unreadable(text)
    return f"'{text}" if FORMULA.match(text) and not NUMBER.match(text) else text


def replace_unreadable(text: str) -> str:
    """Return a text with each control character replaced by U+FFFD, the replacement character."""
    return UNREADABLE.sub(REPLACEMENT, text)

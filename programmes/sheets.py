"""Rows as CSV (RFC 4180), whose cells no spreadsheet takes for formulas."""

import csv
from collections.abc import Iterable, Iterator

CONTENT_TYPE = "text/csv; charset=utf-8"
# A spreadsheet works out a cell that begins like this.
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


class Echo:
    """What a csv.writer writes to: it gives the line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield the lines of a file, one for each row; None is an empty cell."""
    write = csv.writer(Echo()).writerow
    for row in rows:
        yield write([harmless(cell) for cell in row])


def harmless(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULAS) and not is_number(text) else text


def is_number(text: str) -> bool:
    """Whether a text is a plain number, which may be negative."""
    return text.lstrip("+-").replace(".", "", 1).isdecimal()

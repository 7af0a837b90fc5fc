"""Tables of partners' files, built by hand, and the words of the catalogue beside them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from stemobs.curation.importing.meanings.rows import read_rows
from stemobs.curation.importing.shapes import (
    CellMeaning,
    FileCell,
    FileColumn,
    FileLine,
    FileTable,
    KnownTerms,
    RowMeaning,
    TableMeaning,
)

UNITS = (
    "children", "classes", "companies", "events", "participants", "partner-organisations",
    "schools", "students", "teachers", "university-students", "visitors",
)  # fmt: skip
KNOWN = KnownTerms(
    units={**{slug: slug.replace("-", " ") for slug in UNITS}, "percent": "per cent"},
    countries={
        "AT": "Austria", "BA": "Bosnia and Herzegovina", "BE": "Belgium", "BG": "Bulgaria",
        "CH": "Switzerland", "CZ": "Czechia", "DE": "Germany", "DK": "Denmark", "ES": "Spain",
        "FI": "Finland", "FR": "France", "GB": "United Kingdom", "GE": "Georgia", "GR": "Greece",
        "HR": "Croatia", "HU": "Hungary", "IE": "Ireland", "IT": "Italy", "LT": "Lithuania",
        "LV": "Latvia", "MK": "North Macedonia", "NL": "Netherlands", "NO": "Norway",
        "PL": "Poland", "PT": "Portugal", "RO": "Romania", "SE": "Sweden", "SI": "Slovenia",
        "SK": "Slovakia", "XK": "Kosovo",
    },
    levels={str(level): f"level {level}" for level in range(9)},
    kinds={"company-visits": "Company visits", "internships": "Internships",
           "technological-challenge": "Technological challenge"},
    audiences={"girls": "Girls", "students": "Students", "teachers": "Teachers"},
)  # fmt: skip
Raw = str | FileCell


def make_cell(raw: Raw) -> FileCell:
    return raw if isinstance(raw, FileCell) else FileCell(raw)


def make_table(header: Sequence[str], *rows: Sequence[Raw]) -> FileTable:
    """Return a table whose header is line 1."""
    lines = [
        FileLine(number, tuple(map(make_cell, row))) for number, row in enumerate(rows, start=2)
    ]
    return FileTable(header_line=1, header=tuple(header), rows=lines)


def type_number(text: str, value: str) -> FileCell:
    """Return a cell of a workbook that holds a number."""
    return FileCell(text, Decimal(value))


def read_column(
    target: str,
    *texts: Raw,
    name: str = "Column",
    answers: Mapping[str, Any] | None = None,
    **more: Any,
) -> TableMeaning:
    """Return what a table of one column says."""
    table = make_table([name], *([text] for text in texts))
    return read_rows(table, [FileColumn(0, name, target, **more)], answers or {}, KNOWN)


def read_cell(target: str, text: Raw, **more: Any) -> CellMeaning:
    """Return what a cell says that stands alone in its column."""
    return read_column(target, text, **more).rows[0].cells[0]


def list_values(meaning: CellMeaning | RowMeaning, target: str = "") -> list[str]:
    """Return the values of the facts of a cell, or of those of a row for a target."""
    facts = meaning.facts if isinstance(meaning, CellMeaning) else meaning.facts.get(target, [])
    return [fact.get("value", "") for fact in facts]


def list_keys(meaning: TableMeaning) -> list[str]:
    """Return the keys of the questions."""
    return [question.key for question in meaning.questions]

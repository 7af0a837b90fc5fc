"""The corpus of partners' files with the right answers beside them, and how they are compared."""

import codecs
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from stemobs.curation.importing.columns.proposing import propose_columns
from stemobs.curation.importing.files.opening import open_file
from stemobs.curation.importing.files.tables import find_table
from stemobs.curation.importing.meanings.rows import read_rows
from stemobs.curation.importing.shapes import (
    CellMeaning,
    FileColumn,
    FileGrid,
    FileRefused,
    FileTable,
    KnownTerms,
    ReadingChoices,
)

FOLDER = Path(__file__).parent / "corpus"
ENDING = ".answers.yaml"


@dataclass(frozen=True)
class AnsweredFile:
    """A file of the corpus, and what a curator who knows all of it would say."""

    name: str
    answers: Mapping[str, Any]

    @property
    def content(self) -> bytes:
        return (FOLDER / self.name).read_bytes()

    def open(self) -> tuple[FileGrid, FileTable]:
        """Open the file, and choose for it what only a person can."""
        choices = ReadingChoices()
        if self.answers.get("sheet_asked"):
            choices = ReadingChoices(sheet=self.answers["sheet"])
        grid = open_file(self.name, self.content, choices)
        return grid, find_table(grid, choices)

    def allow(self, key: str) -> set[Any]:
        """Return the right values of what was asked of the whole file."""
        return {self.answers.get(key), *self.answers.get(f"{key}_may_be", ())}


@cache
def list_files() -> tuple[AnsweredFile, ...]:
    """Return all files of the corpus."""
    found = sorted(FOLDER.glob(f"*{ENDING}"))
    return tuple(
        AnsweredFile(
            one.name.removesuffix(ENDING), yaml.load(one.read_text(), Loader=yaml.CSafeLoader)
        )
        for one in found
    )


def list_readable() -> list[AnsweredFile]:
    return [one for one in list_files() if not one.answers.get("refused")]


def list_refused() -> list[AnsweredFile]:
    return [one for one in list_files() if one.answers.get("refused")]


def compare_table(file: AnsweredFile) -> list[str]:
    """Return in words where a file was opened otherwise than the answers say."""
    try:
        grid, table = file.open()
    except FileRefused as refused:
        return [f"refused: {refused.told}"]
    told = []
    right = {name and codecs.lookup(name).name for name in file.allow("encoding")}
    found = grid.encoding and codecs.lookup(grid.encoding).name
    if (found or None) not in right and not grid.encodings:
        told.append(f"encoding: {grid.encoding!r}")
    if (grid.delimiter or None) not in file.allow("delimiter"):
        told.append(f"delimiter: {grid.delimiter!r}")
    if file.answers.get("sheet") and grid.sheet not in file.allow("sheet"):
        told.append(f"sheet: {grid.sheet!r}")
    if first := file.answers["header_line"]:
        lines = range(first, first + file.answers.get("header_lines", 1))
        if table.header_line not in lines:
            told.append(f"header in line {table.header_line}")
    told += compare_header(file, table)
    told += compare_lines(file, grid, table)
    return told


def compare_header(file: AnsweredFile, table: FileTable) -> list[str]:
    right = [str(name) for name in file.answers["columns"]]
    if len(table.header) < len(right):  # empty columns may be missing
        right = [name for name in right if not name.startswith("#")]
    if len(table.header) != len(right):
        return [f"columns: {table.header}"]
    return [
        f"column {place}: {found!r}"
        for place, (found, name) in enumerate(zip(table.header, right, strict=True), 1)
        if not name.startswith("#") and found != name
    ]


def compare_lines(file: AnsweredFile, grid: FileGrid, table: FileTable) -> list[str]:
    """Return which lines are rows, left out or faulty that should not be so."""
    rows, told = {row.number for row in table.rows}, []
    faulty = {fault.line for fault in (*grid.faults, *table.faults)}
    noticed = {notice.line: notice.code for notice in (*grid.notices, *table.notices)}
    named = file.answers.get("faults") or {}
    for line in file.answers["rows"]:
        if line not in rows and not (line in faulty and line in named):
            told.append(f"line {line} is no row: {noticed.get(line, '')}")
    for line, code in (file.answers.get("left_out") or {}).items():
        if line in rows:
            told.append(f"line {line} is a row, though {code}")
        elif line not in noticed and line not in faulty:
            told.append(f"line {line} is passed over without a word ({code})")
    surplus = rows - set(file.answers["rows"]) - set(named)
    return [*told, *(f"line {line} is a row" for line in sorted(surplus))]


# --- What cells say -------------------------------------------------------------------------------

Facts = list[dict[str, str]]
SAME = {
    "age_from": "age_min",
    "age_to": "age_max",
    "status": "value",
}  # what the answers call otherwise
TIMES = ("reach-when", "money-when")  # what they say is part of the figures beside them


@dataclass
class Compared:
    """How the cells of a file came out: how many right, how many asked, and which wrong."""

    right: int = 0
    asked: int = 0
    wrong: list[str] = field(default_factory=list)


def compare_cells(file: AnsweredFile, terms: KnownTerms) -> Compared:
    """Compare what every cell of a file says with what it should say, nothing being answered."""
    _grid, table = file.open()
    columns = propose_columns(table, terms, {})
    meaning = read_rows(table, columns, {}, terms)
    names = name_columns(file, columns)
    compared = Compared(wrong=[*compare_columns(file, columns, names)])
    rows = {row.line: row for row in meaning.rows}
    for line, cells in file.answers["rows"].items():
        for column, name in zip(columns, names, strict=True):
            if column.target != "ignore" and line in rows:
                cell = rows[line].cells.get(column.place) or CellMeaning("")
                told = compare_cell(column, cell, rows[line].facts, cells.get(name))
                if column.certainty in ("asked", "suggested") or cell.asked or cell.fault:
                    compared.asked += 1
                elif told:
                    compared.wrong.append(f"line {line}, {name}: {cell.raw!r} is {told}")
                else:
                    compared.right += 1
    return compared


def name_columns(file: AnsweredFile, columns: Sequence[FileColumn]) -> list[str]:
    """Return the names of the columns in the answers; empty columns may be missing in a table."""
    names = [str(one) for one in file.answers["columns"]]
    if len(names) > len(columns):
        names = [name for name in names if not name.startswith("#")]
    return names


def compare_columns(
    file: AnsweredFile, columns: Sequence[FileColumn], names: Sequence[str]
) -> Iterator[str]:
    """Yield which columns became something else, though nobody was asked."""
    for column, name in zip(columns, names, strict=True):
        right = file.answers["columns"][name]
        allowed = right["may_be"] if isinstance(right, dict) else [right]
        is_asked = column.question is not None or column.certainty == "suggested"
        if not is_asked and column.target not in allowed:
            yield f"column {name} is {column.target}"
        # What is open of a column of money is its currency, which is asked with the cells.
        is_open = isinstance(right, dict) and right.get("asked") and column.target != "money"
        if is_open and not is_asked:
            yield f"column {name} is not asked, but {column.target}"


def compare_cell(
    column: FileColumn, cell: CellMeaning, facts: Mapping[str, Facts], right: Any
) -> str:
    """Return what a cell says, in words, if it should say something else; else ""."""
    got = cell.facts
    if column.target in TIMES:
        got = [*got, *facts.get(column.target.partition("-")[0], ())]
    if isinstance(right, dict):
        if right.get("asked") and not right.get("may_ask"):
            return f"{cell.facts}, not asked" if cell.facts else ""
        options = [right.get("then", []), *right.get("then_may_be", ())]
    else:
        options = [right if isinstance(right, list) else []]
    if column.target in TIMES:
        is_right = any(has_time(one, got) for one in options)
    else:
        is_right = any(are_same(one, got) for one in options)
    return "" if is_right else f"{got}, not {right}"


def has_time(right: Facts, got: Facts) -> bool:
    return not right or not got or any(is_fact(right[0], one) for one in got)


def are_same(right: Facts, got: Facts) -> bool:
    """Whether two lists of facts are the same, in any order."""
    left = list(got)
    for fact in right:
        found = next((one for one in left if is_fact(fact, one)), None)
        if found is None:
            return False
        left.remove(found)
    return not left


def is_fact(right: Mapping[str, Any], got: Mapping[str, str]) -> bool:
    """Whether a fact has all that it should say."""
    for key, value in right.items():
        if key in ("known", "unit_detail") or key.endswith("_may_be"):
            continue
        allowed = {value, *right.get(f"{key}_may_be", ())}
        told = got.get(key, got.get(SAME.get(key, "")))
        if key == "qualifier":
            told = told or "exact"
        if isinstance(told, str):
            told = " ".join(told.split())
        if told not in allowed and not (told is None and f"{key}_may_be" in right):
            return False
    return True

"""Reads an import: its file, by what was chosen and answered, down to what becomes of each row.

A process keeps what it read of the last import, so that a page does not read a long file anew.
What becomes of its rows is worked out on each page, as the catalogue changes meanwhile.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Generic, TypeVar

from django.utils.translation import get_language

from programmes.models import Import
from stemobs.curation.importing.columns.proposing import propose_columns
from stemobs.curation.importing.files.opening import open_file
from stemobs.curation.importing.files.tables import find_table
from stemobs.curation.importing.knowledge import read_remembered, read_terms
from stemobs.curation.importing.meanings.rows import read_rows
from stemobs.curation.importing.plans import ImportPlan, Planner
from stemobs.curation.importing.shapes import (
    TARGETS,
    FileColumn,
    FileGrid,
    FileTable,
    KnownTerms,
    ReadingChoices,
    TableMeaning,
)

Reading = TypeVar("Reading")
FOR_ALL = "all:"  # begins the keys of answers that fill all rows which say nothing of a target
# When a partner looked at it last: whoever checks a record says so in the catalogue.
CHECKED = "checked"
FILLED = ("country", "level", "kind", "audience")  # the targets that can be filled so


@dataclass
class KeptReading(Generic[Reading]):
    """What was read last, with a digest of all that it was read from.

    One of 5,000 rows takes some tens of megabytes, so a process keeps one. Whoever takes a reading
    must not change it, since other threads have it too.
    """

    kept: tuple[str, Reading] | None = None

    def take(self, sheet: Import, told: Any, read: Callable[[], Reading]) -> Reading:
        """Return what was read of an import from all this; read it if it is not at hand."""
        digest = hashlib.sha256(bytes(sheet.content))
        digest.update(json.dumps([sheet.file_name, get_language(), told]).encode())
        key, kept = digest.hexdigest(), self.kept
        if kept and kept[0] == key:
            return kept[1]
        self.kept = kept = None  # not two long files at once
        reading = read()
        self.kept = (key, reading)
        return reading


@dataclass
class OpenedSheet:
    """The file of an import as it was opened, and what its columns become."""

    grid: FileGrid
    table: FileTable
    columns: list[FileColumn]
    terms: KnownTerms


OPENED: KeptReading[tuple[FileGrid, FileTable]] = KeptReading()
READ: KeptReading[TableMeaning] = KeptReading()


@dataclass
class SheetRead(OpenedSheet):
    """An import as it was read: what each row says, and what becomes of it."""

    meaning: TableMeaning
    plan: ImportPlan


def read_choices(told: dict[str, Any]) -> ReadingChoices:
    """Return how a file is to be read, from what is kept of it."""
    lines = {int(number): answer for number, answer in told.get("lines", {}).items()}
    return ReadingChoices(
        encoding=told.get("encoding", ""),
        delimiter=told.get("delimiter", ""),
        sheet=told.get("sheet", ""),
        header=int(told.get("header") or 0),
        lines=lines,
    )


def open_sheet(sheet: Import) -> OpenedSheet:
    """Open the file of an import; raise FileRefused if it cannot be read as was chosen."""
    choices = read_choices(sheet.choices)

    def read() -> tuple[FileGrid, FileTable]:
        grid = open_file(sheet.file_name, bytes(sheet.content), choices)
        return grid, find_table(grid, choices)

    grid, table = OPENED.take(sheet, sheet.choices, read)
    terms = read_terms()
    proposed = propose_columns(table, terms, read_remembered(table.header))
    columns = [choose(column, sheet.columns.get(str(column.place), "")) for column in proposed]
    return OpenedSheet(grid, table, columns, terms)


def choose(column: FileColumn, target: str) -> FileColumn:
    """Return a column with what somebody has chosen for it."""
    if target not in TARGETS:
        return column
    if target == column.target:
        # What is asked about it is still to be answered.
        return column if column.question else replace(column, certainty="sure")
    return replace(column, target=target, certainty="sure", question=None)


def read_sheet(sheet: Import) -> SheetRead:
    """Read the whole of an import; nothing is written."""
    opened = open_sheet(sheet)
    columns = [
        replace(one, target="ignore") if one.target == CHECKED else one for one in opened.columns
    ]

    def read_all() -> TableMeaning:
        meaning = read_rows(opened.table, columns, sheet.answers, opened.terms)
        fill_for_all(meaning, sheet.answers)
        return meaning

    told = [sheet.choices, sheet.answers, [*map(asdict, columns)], asdict(opened.terms)]
    meaning = READ.take(sheet, told, read_all)
    plan = Planner(meaning, sheet.answers, sheet.pk).run()
    read = [
        replace(one, target=before.target) if before.target == CHECKED else one
        for one, before in zip(meaning.columns, opened.columns, strict=True)
    ]
    return SheetRead(opened.grid, opened.table, read, opened.terms, meaning, plan)


def fill_for_all(meaning: TableMeaning, answers: dict[str, Any]) -> None:
    """Let rows that say nothing of a target have what was chosen for all of them."""
    for target in FILLED:
        if value := answers.get(f"{FOR_ALL}{target}"):
            for row in meaning.rows:
                row.facts.setdefault(target, [{"value": value}])

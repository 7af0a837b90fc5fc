"""What a partner's file is on its way into the catalogue: cells, lines, a table, what it says.

A file is opened (`files/`) into a grid, of which the lines under the header are the table. What its
columns become is understood in `columns/`, what its cells mean in `meanings/`. Nothing here knows
of the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from stemobs.curation.reading.lines import FieldQuestion


class FileRefused(Exception):
    """A file that cannot be read at all, with the reason for whoever sent it.

    `code` names the reason for programs: “too-large”, “not-a-workbook”, “bomb”.
    """

    def __init__(self, code: str, told: str) -> None:
        super().__init__(told)
        self.code, self.told = code, told


@dataclass(frozen=True)
class ReadingChoices:
    """How a file is to be read, as far as somebody has said so; what is empty is found out."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header: int = 0  # the number of the line with the names of the columns
    lines: Mapping[int, str] = field(default_factory=dict)  # a broken line: “letter” or “leave”


@dataclass(frozen=True)
class FileCell:
    """A cell as people see it in their program, without spaces around it.

    `value` is what a workbook holds where it is a number or a day, for which nothing has to be
    guessed. `note` says what is special: “formula”, “error”, “merged”, “hidden”.
    """

    text: str = ""
    value: Decimal | date | bool | None = None
    note: str = ""


@dataclass(frozen=True)
class FileLine:
    """A line of a file: its number, from 1, where it begins in the file, and its cells."""

    number: int
    cells: tuple[FileCell, ...]


@dataclass(frozen=True)
class LineFault:
    """What is wrong with a line, or why it is left out, by a code for programs and in words.

    `column` is the place of the cell in its line, from 1; 0 if it is about the whole line.
    `options` are the answers that help: what is answered, and how that reads.
    """

    line: int
    code: str
    told: str
    column: int = 0
    options: tuple[tuple[str, str], ...] = ()


@dataclass
class FileGrid:
    """A file as it was opened: its lines, how it was read, and what could not be read."""

    lines: list[FileLine] = field(default_factory=list)
    encoding: str = ""  # of a text: a name that Python knows, such as “cp1250”
    encodings: tuple[str, ...] = ()  # others that are as likely
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()  # all that are not hidden
    marked: tuple[str, ...] = ()  # letters that tell encodings apart
    faults: list[LineFault] = field(default_factory=list)  # lines that could not be split
    notices: list[LineFault] = field(default_factory=list)  # what was passed over, and why


@dataclass
class FileTable:
    """The table in a grid: the names of its columns, and its rows."""

    header_line: int
    header: tuple[str, ...]
    hidden: frozenset[int] = frozenset()  # places of columns, from 0, that their program hides
    rows: list[FileLine] = field(default_factory=list)
    faults: list[LineFault] = field(default_factory=list)
    notices: list[LineFault] = field(default_factory=list)


@dataclass(frozen=True)
class FileColumn:
    """What a column of a table becomes.

    `target` is one of `TARGETS`; `unit` and `currency` are what its name says of its numbers, as a
    slug and as a code of ISO 4217. `certainty` is “sure”, “remembered”, “suggested” or “asked”.
    Nothing is taken from a column that is asked about, or only suggested, before it is answered.
    """

    place: int  # from 0
    name: str
    target: str
    certainty: str = "sure"
    unit: str = ""
    currency: str = ""
    question: FieldQuestion | None = None


# What a column may become. Contacts and remarks are never taken over: they name people.
TARGETS = (
    "name", "other-name", "country", "region", "website", "level", "kind", "audience", "summary",
    "description", "coordinator", "partner", "funder", "reach", "reach-unit", "reach-when",
    "money", "currency", "money-when", "runs", "start", "end", "status", "age", "language",
    "source", "checked", "ignore",
)  # fmt: skip


@dataclass
class CellMeaning:
    """What a cell says: its facts as the fields of rows of the record's form, and what is asked.

    A fact of a vocabulary is {"value": key}: a code of ISO 3166-1, of ISCED 2011, a slug. A figure
    has the fields of `Reach`, a sum those of `Funding`, an organisation “name” and “role”; all
    values are texts. What is asked has the key of its question in `TableMeaning.questions`.
    """

    raw: str
    facts: list[dict[str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    fault: str = ""  # why it cannot be right, in words
    code: str = ""  # the same for programs: “letter-in-year”, “private-address”


@dataclass
class RowMeaning:
    """What a row says, by the target of its cells; several columns may have one target."""

    line: int
    cells: dict[int, CellMeaning] = field(default_factory=dict)  # by the place of the column
    facts: dict[str, list[dict[str, str]]] = field(default_factory=dict)  # by target


@dataclass(frozen=True)
class TableQuestion:
    """A question about a table, asked once for all the rows that it names."""

    key: str
    told: str
    options: tuple[tuple[str, str], ...]
    column: int
    lines: tuple[int, ...]


@dataclass
class TableMeaning:
    """What a table says: its columns, its rows, and what has to be answered first."""

    columns: list[FileColumn]
    rows: list[RowMeaning] = field(default_factory=list)
    questions: list[TableQuestion] = field(default_factory=list)


@dataclass(frozen=True)
class KnownTerms:
    """The words of the catalogue, as plain data: names by key."""

    units: Mapping[str, str] = field(default_factory=dict)  # slug: name
    countries: Mapping[str, str] = field(default_factory=dict)  # code: name
    levels: Mapping[str, str] = field(default_factory=dict)  # ISCED level: name
    kinds: Mapping[str, str] = field(default_factory=dict)  # slug: name
    audiences: Mapping[str, str] = field(default_factory=dict)  # slug: name
    merged_units: Mapping[str, str] = field(default_factory=dict)  # slug: that of the other


Answers = Mapping[str, Any]  # by the key of a question

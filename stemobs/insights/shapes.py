"""The data of an insight, and of the chart that draws it: bars, squares, matrix, network and so on.

Nothing here knows of HTTP; templates in templates/pages/insight/ draw these classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stemobs.insights.explanations import EXPLANATIONS, Explanation

# How many squares stand side by side in one line of the SVG file.
ACROSS = 14


@dataclass(frozen=True)
class CountRow:
    """A counted value: its label, its number, its key in files, and a query for its programmes.

    `query` is the query string of the programme list, or "" where the list cannot show them.
    """

    label: str
    count: int
    query: str = ""
    key: str = ""


@dataclass(frozen=True)
class Bars:
    """A bar chart: one bar for each row."""

    rows: list[CountRow]

    @property
    def most(self) -> int:
        return max((row.count for row in self.rows), default=0)


@dataclass(frozen=True)
class Squares:
    """A chart of squares: each square stands for `each` programmes."""

    rows: list[CountRow]
    each: int

    @property
    def lines(self) -> list[tuple[CountRow, range]]:
        # Rounded up, so that a number above zero has at least one square.
        return [(row, range(-(-row.count // self.each))) for row in self.rows]

    @property
    def tallest(self) -> int:
        """Return how many lines of squares the row with most of them takes in the SVG file."""
        return max((-(-len(squares) // ACROSS) for _row, squares in self.lines), default=0)


@dataclass(frozen=True)
class FamilyShare:
    """One family of obstacles: its obstacles, and the percentage that they have together."""

    key: str
    label: str
    share: int
    rows: list[CountRow]


@dataclass(frozen=True)
class Families:
    """A bar chart of obstacles, grouped by family."""

    families: list[FamilyShare]

    @property
    def rows(self) -> list[tuple[FamilyShare, CountRow]]:
        return [(family, row) for family in self.families for row in family.rows]

    @property
    def length(self) -> int:
        return len(self.rows)

    @property
    def most(self) -> int:
        return max((row.count for family in self.families for row in family.rows), default=0)


@dataclass(frozen=True)
class MatrixCell:
    """A cell of a matrix: its number, its shade from 0 (none) to 5 (most), and its query."""

    column: str
    count: int
    step: int
    query: str


@dataclass(frozen=True)
class Matrix:
    """A table of how many programmes have both the kind of the row and the value of the column.

    `by` is the parameter of the facet that the columns show.
    """

    by: str
    columns: list[str]
    rows: list[tuple[CountRow, list[MatrixCell]]]


@dataclass(frozen=True)
class Combination:
    """How many programmes have exactly this set of payers; `has` has a flag for each payer."""

    has: list[bool]
    count: int
    label: str


@dataclass(frozen=True)
class Combinations:
    """A chart of payers that programmes have together: a column for a payer, a row for a set."""

    payers: list[CountRow]
    rows: list[Combination]
    others: int  # programmes whose set of payers is too rare to be drawn
    unknown: CountRow

    @property
    def most(self) -> int:
        return max((row.count for row in self.rows), default=0)


@dataclass(frozen=True)
class Node:
    """An organisation or a programme in the network, `y` units below the top of the drawing.

    `ties` has the titles of the programmes that an organisation is joined to.
    """

    label: str
    url: str
    y: int
    is_company: bool = False
    ties: tuple[str, ...] = ()


@dataclass(frozen=True)
class Network:
    """A network: organisations on the left, the programmes they share on the right, and lines."""

    organisations: list[Node]
    programmes: list[Node]
    lines: list[tuple[int, int, bool]]  # `y` of both ends, and whether a company is on the left

    @property
    def height(self) -> int:
        return 20 + max((node.y for node in [*self.organisations, *self.programmes]), default=0)


@dataclass(frozen=True)
class Insight:
    """One finding about the whole catalogue, with its chart and with its numbers as a table.

    `shape` names the template that draws `drawing`; `columns` and `table` are the CSV file.
    """

    slug: str
    name: str
    finding: str
    subject: str
    note: str
    shape: str
    drawing: Any
    columns: tuple[str, ...]
    table: list[tuple[Any, ...]]
    # The same as a table for readers, where the chart itself is not already a table.
    heads: tuple[str, ...] = ()
    told: Sequence[tuple[Any, ...]] = ()
    origin: str = ""  # who published the numbers, where they are not the catalogue's own
    variant: str = ""  # query string of its page and files, where the reader changed the default
    size: str = ""  # what was counted, for where the figure stands alone

    @property
    def subject_alone(self) -> str:
        """The subject with what was counted, which a page with many figures says once."""
        return f"{self.subject}; {self.size}" if self.size else self.subject

    @property
    def explanation(self) -> Explanation:
        return EXPLANATIONS[self.slug]

"""What figures are made of: numbers with names, drawn in one of a few shapes. Knows no HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# Squares beside each other in a picture.
ACROSS = 14


@dataclass(frozen=True)
class CountRow:
    """A number with its name, and the query of the programmes behind it; "" if there is none."""

    label: str
    count: int
    query: str = ""
    key: str = ""


@dataclass(frozen=True)
class Bars:
    """Numbers to compare by their length."""

    rows: list[CountRow]

    @property
    def most(self) -> int:
        return max((row.count for row in self.rows), default=0)


@dataclass(frozen=True)
class Squares:
    """Numbers as squares; each stands for `each` programmes."""

    rows: list[CountRow]
    each: int

    @property
    def lines(self) -> list[tuple[CountRow, range]]:
        # Something is never drawn as nothing.
        return [(row, range(-(-row.count // self.each))) for row in self.rows]

    @property
    def tallest(self) -> int:
        """Return how many lines the longest row of squares takes in a picture."""
        return max((-(-len(squares) // ACROSS) for _row, squares in self.lines), default=0)


@dataclass(frozen=True)
class FamilyShare:
    """Obstacles of one family, and their share together in percent."""

    key: str
    label: str
    share: int
    rows: list[CountRow]


@dataclass(frozen=True)
class Families:
    """Obstacles by family."""

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
    """A number in a matrix, with its step on the scale from 0 to 5 and its query."""

    column: str
    count: int
    step: int
    query: str


@dataclass(frozen=True)
class Matrix:
    """Numbers of programmes by two facets."""

    by: str
    columns: list[str]
    rows: list[tuple[CountRow, list[MatrixCell]]]


@dataclass(frozen=True)
class Combination:
    """How many programmes have exactly these payers."""

    has: list[bool]
    count: int
    label: str


@dataclass(frozen=True)
class Combinations:
    """How many programmes have which payers together."""

    payers: list[CountRow]
    rows: list[Combination]
    others: int  # programmes with combinations that are not drawn
    unknown: CountRow

    @property
    def most(self) -> int:
        return max((row.count for row in self.rows), default=0)


@dataclass(frozen=True)
class Node:
    """Something at the end of a line, by its place from above."""

    label: str
    url: str
    y: int
    is_company: bool = False
    ties: tuple[str, ...] = ()


@dataclass(frozen=True)
class Network:
    """Organisations, the programmes that they share, and the lines between them."""

    organisations: list[Node]
    programmes: list[Node]
    lines: list[tuple[int, int, bool]]  # from above, and whether it is a company

    @property
    def height(self) -> int:
        return 20 + max((node.y for node in [*self.organisations, *self.programmes]), default=0)


@dataclass(frozen=True)
class Insight:
    """A finding with the numbers behind it: drawn as `shape`, told as a table."""

    slug: str
    name: str
    finding: str
    subject: str
    note: str
    shape: str
    drawing: Any
    columns: tuple[str, ...]
    table: list[tuple[Any, ...]]
    # As a table in words, where the figure itself is none.
    heads: tuple[str, ...] = ()
    told: Sequence[tuple[Any, ...]] = ()
    origin: str = ""  # of numbers that are not the catalogue's own
    variant: str = ""  # the query of its page and files, where it is not the usual one

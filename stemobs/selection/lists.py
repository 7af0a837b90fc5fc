"""Lists in an order that tells where a row stands, or would stand if it were still there."""

from abc import abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import Any, TypeVar, overload

from django.db.models import Q, QuerySet

Row = TypeVar("Row")
# What a row is sorted by. It is the row's own: it stays while other rows come and go.
Place = tuple[Any, ...]


class Ordered(Sequence[Row]):
    """A sequence whose rows have places, so that a reader can go on from one."""

    @abstractmethod
    def cut(self, start: int, stop: int) -> list[Row]:
        """Return the rows from start to stop."""

    @abstractmethod
    def place(self, row: Row) -> Place:
        """Return what sorts a row; no other row has the same."""

    @abstractmethod
    def rank(self, place: Place, inclusive: bool) -> int:
        """Return how many rows stand before a place; inclusive: before it or there."""

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        if isinstance(place, int):
            place = range(len(self))[place]
            return self.cut(place, place + 1)[0]
        return self.cut(*place.indices(len(self))[:2])


class StoredRows(Ordered[Any]):
    """The rows of a query, in the order of their model; the primary key settles ties."""

    def __init__(self, rows: QuerySet, order: Sequence[str] = ()) -> None:
        self.order = (*(order or rows.model._meta.ordering), "pk")
        self.rows = rows.order_by(*self.order)

    @cached_property
    def count_of_rows(self) -> int:
        return self.rows.count()

    def __len__(self) -> int:
        return self.count_of_rows

    def cut(self, start: int, stop: int) -> list[Any]:
        return list(self.rows[start:stop])

    def place(self, row: Any) -> Place:
        return tuple(getattr(row, name) for name in self.order)

    def rank(self, place: Place, inclusive: bool) -> int:
        return self.rows.filter(match_before(self.order, place, inclusive)).count()


def match_before(names: Sequence[str], place: Place, inclusive: bool) -> Q:
    """Return the condition for rows before a place: a smaller name, or the same and then …"""
    (name, *names), (value, *rest) = names, place
    if not names:
        return Q(**{f"{name}__lte" if inclusive else f"{name}__lt": value})
    return Q(**{f"{name}__lt": value}) | Q(**{name: value}) & match_before(
        names, tuple(rest), inclusive
    )

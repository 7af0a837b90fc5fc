"""Sorted lists that can find a position from a row's sort key, even after the row was deleted."""

from abc import abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import Any, TypeVar, overload

from django.db.models import Q, QuerySet

Row = TypeVar("Row")
# The sort key of a row, unique in its list. Unlike a position, it does not change when other rows
# are added or removed.
Place = tuple[Any, ...]


class Ordered(Sequence[Row]):
    """A sorted sequence whose rows have unique sort keys (“places”), which cursors use."""

    @abstractmethod
    def cut(self, start: int, stop: int) -> list[Row]:
        """Return the rows of the slice [start:stop]."""

    @abstractmethod
    def place(self, row: Row) -> Place:
        """Return the sort key of a row, which no other row has."""

    @abstractmethod
    def rank(self, place: Place, inclusive: bool) -> int:
        """Return how many rows are sorted before a place; with `inclusive` also the row at it."""

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
    """The rows of a query, in a given order or their model's; ties are ordered by primary key."""

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
    """Return the condition for rows that are sorted before a place by the columns `names`.

    Columns are compared one after the other, as tuples are. With `inclusive` a row at the place
    matches too.
    """
    (name, *names), (value, *rest) = names, place
    if not names:
        return Q(**{f"{name}__lte" if inclusive else f"{name}__lt": value})
    return Q(**{f"{name}__lt": value}) | Q(**{name: value}) & match_before(
        names, tuple(rest), inclusive
    )

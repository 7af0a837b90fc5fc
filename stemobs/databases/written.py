"""Queries about a few rows, written once and asked again with other ids or numbers.

Django takes ten times as long to write the SQL of a small query as the database takes to answer it.
"""

from collections.abc import Callable, Collection, Hashable
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

Make = Callable[[Collection[int]], QuerySet[Any, Any]]
# For so many ids a query is written once. A longer one is worth being written each time.
FEW = 64
# Numbers that stand in a query until it is asked. Django leaves out a condition that all numbers of
# a column meet, so they are ordinary ones, and all must be found again.
FIRST_STAND_IN = 1_907_000_000


class Written(NamedTuple):
    """The SQL of a query, its parameters, and which of these are ids: their places in a list."""

    sql: str
    parameters: tuple[Any, ...]
    places: tuple[int | None, ...]

    def ask(self, ids: list[int]) -> list[tuple[Any, ...]]:
        parameters = [
            parameter if place is None else ids[place]
            for parameter, place in zip(self.parameters, self.places, strict=True)
        ]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, parameters)
            return cursor.fetchall()


KNOWN: dict[Hashable, Written] = {}


def ask_about(name: Hashable, make: Make, ids: Collection[int]) -> Collection[tuple[Any, ...]]:
    """Return the rows of the query that `make` makes for some ids.

    `make` returns a query of columns. Times may lack their time zone, which is UTC, and JSON may be
    a text. What differs between two queries but the ids is part of the name.
    """
    if not ids:
        return ()
    if len(ids) > FEW:
        return make(ids)
    # A list is filled up with its first id, so that a query has few lengths.
    length = 1 << (len(ids) - 1).bit_length()
    first, *others = ids
    key = (connection.vendor, name, length)
    if key not in KNOWN:
        KNOWN[key] = write_query(make, length)
    return KNOWN[key].ask([first, *others, *[first] * (length - len(ids))])


def write_query(make: Make, length: int) -> Written:
    stand_ins = range(FIRST_STAND_IN, FIRST_STAND_IN + length)
    sql, parameters = make(stand_ins).query.sql_with_params()
    places = tuple(
        one - FIRST_STAND_IN if isinstance(one, int) and one in stand_ins else None
        for one in parameters
    )
    if set(places) - {None} != set(range(length)):
        raise ValueError(f"This query does not ask for each number: {sql}")
    return Written(sql, parameters, places)

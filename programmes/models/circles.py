"""Rows that lead to rows of their own model: where to in the end, and never in a circle."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.utils.translation import gettext as _

Link = tuple[int, int]  # ids of a row and of the row that it leads to


def read_links(model: Any, names: Collection[str], starts: Iterable[int]) -> Iterator[Link]:
    """Yield the links by these foreign keys that can be reached from the starts.

    There is one query for all of them, and none without a start. It ends in a circle too: UNION
    drops the rows that were found before.
    """
    starts = list(dict.fromkeys(starts))
    if not starts:
        return
    table = connection.ops.quote_name(model._meta.db_table)
    columns = [model._meta.get_field(name).column for name in names]
    # Both texts are safe from injection: only Django's names of table and columns stand in them.
    links = " UNION ALL ".join(
        f"SELECT id, {column} AS next FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608  # Django's names only
        for column in columns
    )
    places = ", ".join(["%s"] * len(starts))
    # The ids are parameters.
    query = f"""
        WITH RECURSIVE link AS ({links}), way(id, next) AS (
            SELECT id, next FROM link WHERE id IN ({places})
            UNION SELECT link.id, link.next FROM link JOIN way ON link.id = way.next
        ) SELECT id, next FROM way
    """  # noqa: S608  # of Django's names and places for parameters
    with connection.cursor() as cursor:
        cursor.execute(query, starts)
        yield from cursor.fetchall()


def follow_links(links: Mapping[int, int], start: int) -> int | None:
    """Return the last row on the way from a start; None if the way is a circle."""
    passed: set[int] = set()
    while start in links:
        if start in passed:
            return None
        passed.add(start)
        start = links[start]
    return start


def find_way(links: Iterable[Link], start: int, end: int) -> list[int]:
    """Return the ids on the shortest way from one row to another; empty if there is none."""
    ahead: dict[int, list[int]] = {}
    for one, following in links:
        ahead.setdefault(one, []).append(following)
    ways, passed = [[start]], {start}
    for way in ways:
        if way[-1] == end:
            return way
        for following in ahead.get(way[-1], []):
            if following not in passed:
                passed.add(following)
                ways.append([*way, following])
    return []


def refuse_circle(row: models.Model, names: Collection[str]) -> None:
    """Raise ValidationError, naming the circle, if one of these foreign keys leads back to the row.

    The circle may be closed by any of them: a part of what succeeds it is as lost as its own part.
    """
    if row.pk is None:
        return
    model: Any = type(row)
    for name in names:
        target = getattr(row, model._meta.get_field(name).attname)
        if target is None or target == row.pk:
            continue  # a row that leads to itself is refused by a constraint
        links = [link for link in read_links(model, names, [target]) if link[0] != row.pk]
        if way := find_way(links, target, row.pk):
            rows = model._base_manager.in_bulk(way)
            told = " → ".join(str(rows[pk]) for pk in [row.pk, *way])
            raise ValidationError(
                {
                    name: _("This would go round in a circle: %(way)s. Choose something else.")
                    % {"way": told}
                }
            )


def find_circle(links: Iterable[Link]) -> list[int]:
    """Return the ids of a circle among links, each once; empty if there is none."""
    ahead: dict[int, list[int]] = {}
    for one, following in links:
        ahead.setdefault(one, []).append(following)
    done: set[int] = set()
    for start in list(ahead):
        way: list[int] = []
        waiting = [(start, 0)]
        while waiting:
            one, depth = waiting.pop()
            del way[depth:]
            if one in way:
                return way[way.index(one) :]
            if one not in done:
                done.add(one)
                way.append(one)
                waiting += [(following, len(way)) for following in ahead.get(one, [])]
    return []

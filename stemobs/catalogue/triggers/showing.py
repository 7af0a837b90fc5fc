"""Which sources and organisations a write shows to readers, so that triggers make them public.

A row that readers may see shows what it names. A row that comes to be seen, as a programme that is
published, also shows what the rows that belong to it name.
"""

from collections.abc import Iterator
from typing import NamedTuple

from stemobs.catalogue.visibility.conditions import write_visible, write_ways
from stemobs.catalogue.visibility.relations import SHOWN, Model, list_shown


class Shown(NamedTuple):
    """What a row shows by one of its columns, or what those that belong to a row show."""

    table: str  # of sources or organisations
    ids: str  # SQL: a column, or a query with `{ids}` in place of those of the rows themselves


def list_shown_columns(model: Model) -> Iterator[Shown]:
    for tie in list_shown(model):
        yield Shown(tie.related_model._meta.db_table, tie.column)


def list_shown_by_others(model: Model, others: list[Model]) -> Iterator[Shown]:
    """Yield what is shown by those rows of `others` that belong to a row of the model."""
    for target in SHOWN:
        queries = [
            f"SELECT fact.{tie.column} FROM {other._meta.db_table} AS fact"  # noqa: S608  # Django's names
            f" WHERE {way} AND {write_visible(other)}".replace("{row}", "fact")
            for other in others
            for tie in list_shown(other)
            if tie.related_model is target
            for way in write_ways(other, model)
        ]
        if queries:
            yield Shown(target._meta.db_table, " UNION ALL ".join(queries))

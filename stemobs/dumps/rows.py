"""The catalogue as lines of JSON: every row with every column, exactly as the database has it.

A line has the columns in their order, then the many-to-many relations. Related rows are told by
their ids, numbers with decimals as text, so that nothing is rounded.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import orjson
from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

from programmes.models import Change, Revision
from stemobs.catalogue.programmes import batches
from stemobs.catalogue.triggers import APPS

Model = type[models.Model]
Row = dict[str, Any]

AT_ONCE = 2_000  # rows that are held in memory
# What the database keeps about itself.
OWN = {Change, Revision}


@cache
def all_models() -> tuple[Model, ...]:
    """Return the models of the catalogue, each after those that it refers to."""
    found = [model for name in APPS for model in apps.get_app_config(name).get_models()]
    return tuple(in_order([model for model in found if model not in OWN]))


def in_order(waiting: list[Model]) -> Iterator[Model]:
    """Yield models as soon as nothing that they refer to is still to come."""
    while waiting:
        ready = [model for model in waiting if not referred_by(model).intersection(waiting)]
        yield from ready
        waiting = [model for model in waiting if model not in ready]


def referred_by(model: Model) -> set[Any]:
    """Return the other models that a row may name."""
    fields = [*model._meta.concrete_fields, *model._meta.many_to_many]
    return {field.related_model for field in fields} - {None, model}


def columns(model: Model) -> list[str]:
    """Return the names of a row's columns; those of relations end in `_id`."""
    return [field.attname for field in model._meta.concrete_fields]


def relations(model: Model) -> list[models.ManyToManyField]:
    return list(model._meta.many_to_many)


def encoded(row: Any) -> bytes:
    """Return a row as a line."""
    return orjson.dumps(row, default=exact, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)


def exact(value: Any) -> str:
    """Return as text what JSON has no form for."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(type(value))


class Everything:
    """Tells every row of the catalogue."""

    def told_models(self) -> list[Model]:
        """Return the models whose rows are told, each after those that it refers to."""
        return list(all_models())

    def rows(self, model: Model) -> QuerySet:
        """Return the rows of a model that are told."""
        return model._base_manager.all()

    def links(self, relation: models.ManyToManyField) -> QuerySet:
        """Return the rows of a many-to-many relation that are told."""
        through: Any = relation.remote_field.through
        return through._base_manager.all()

    def shown(self, model: Model, row: Row) -> Row:
        """Return what is told of a row."""
        return row

    def lines(self, model: Model) -> Iterator[bytes]:
        """Yield the rows of a model in the order of their ids, few of them in memory."""
        names = columns(model)
        rows = self.rows(model).order_by("pk").values_list(*names)
        for some in batches(rows.iterator(chunk_size=AT_ONCE), AT_ONCE):
            told = [dict(zip(names, row, strict=True)) for row in some]
            for relation in relations(model):
                linked = self.linked(relation, told[0]["id"], told[-1]["id"])
                for row in told:
                    row[relation.name] = linked.get(row["id"], [])
            yield from (encoded(self.shown(model, row)) for row in told)

    def linked(
        self, relation: models.ManyToManyField, first: int, last: int
    ) -> dict[int, list[int]]:
        """Return the ids that rows of a range of ids are related to."""
        own, other = relation.m2m_column_name(), relation.m2m_reverse_name()
        pairs = self.links(relation).filter(**{f"{own}__gte": first, f"{own}__lte": last})
        found: defaultdict[int, list[int]] = defaultdict(list)
        for one, related in pairs.order_by(own, other).values_list(own, other):
            found[one].append(related)
        return found


def take_time(connection: BaseDatabaseWrapper) -> None:
    """Lift the limits of PostgreSQL until the transaction ends: they are meant for requests."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")

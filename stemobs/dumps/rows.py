"""Rows of the catalogue as lines of JSON: every row with every column, exactly as in the database.

A line has the columns in the order of the model, then the many-to-many relations. Related rows are
written as ids. Decimal numbers are written as text, so that nothing is rounded.
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

from programmes.models import Change, Edit, Redaction, Revision, SeededRow, Suggestion, Version
from stemobs.catalogue.programmes import split_into_batches
from stemobs.catalogue.triggers.tables import APPS

Model = type[models.Model]
Row = dict[str, Any]

AT_ONCE = 2_000  # rows that are held in memory at a time
# Models that no dump has. Triggers write their rows, and history is that of one database: it knows
# users, and what was in a draft. A backup by the database's own means keeps it.
OWN = {Change, Edit, Redaction, Revision, Version}
# Models that only a private dump has: what seeding remembers, and what readers have written.
CONFIDENTIAL = {SeededRow, Suggestion}


@cache
def list_all_models() -> tuple[Model, ...]:
    """Return the models of the catalogue, each after the models that it refers to."""
    found = [model for name in APPS for model in apps.get_app_config(name).get_models()]
    return tuple(sort_models([model for model in found if model not in OWN]))


def sort_models(waiting: list[Model]) -> Iterator[Model]:
    """Yield models in an order in which each comes after the models that it refers to."""
    while waiting:
        ready = [
            model for model in waiting if not find_referred_models(model).intersection(waiting)
        ]
        yield from ready
        waiting = [model for model in waiting if model not in ready]


def find_referred_models(model: Model) -> set[Any]:
    """Return the other models that a model refers to by foreign keys or many-to-many relations."""
    fields = [*model._meta.concrete_fields, *model._meta.many_to_many]
    return {field.related_model for field in fields} - {None, model}


def list_columns(model: Model) -> list[str]:
    """Return the names of a row's columns; those of relations end in `_id`."""
    return [field.attname for field in model._meta.concrete_fields]


def list_relations(model: Model) -> list[models.ManyToManyField]:
    return list(model._meta.many_to_many)


def encode_row(row: Any) -> bytes:
    """Return a row, or one of its values, as a line of JSON."""
    return orjson.dumps(
        row, default=encode_exactly, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
    )


def encode_exactly(value: Any) -> str:
    """Return a Decimal as text; raise TypeError for other values that JSON has no form for."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(type(value))


class AllRows:
    """Selects the rows of a private dump, which are all; PublicRows narrows them."""

    def list_models(self) -> list[Model]:
        """Return the models whose rows are dumped, each after the models that it refers to."""
        return list(list_all_models())

    def select_rows(self, model: Model) -> QuerySet:
        """Return the rows of a model that are dumped."""
        return model._base_manager.all()

    def select_links(self, relation: models.ManyToManyField) -> QuerySet:
        """Return the rows of a many-to-many relation's table that are dumped."""
        through: Any = relation.remote_field.through
        return through._base_manager.all()

    def redact_row(self, model: Model, row: Row) -> Row:
        """Return a row with private values emptied; here nothing is."""
        return row

    def write_lines(self, model: Model) -> Iterator[bytes]:
        """Yield the rows of a model as lines, ordered by id, with AT_ONCE rows in memory."""
        names = list_columns(model)
        rows = self.select_rows(model).order_by("pk").values_list(*names)
        for some in split_into_batches(rows.iterator(chunk_size=AT_ONCE), AT_ONCE):
            told = [dict(zip(names, row, strict=True)) for row in some]
            for relation in list_relations(model):
                linked = self.read_links(relation, told[0]["id"], told[-1]["id"])
                for row in told:
                    row[relation.name] = linked.get(row["id"], [])
            yield from (encode_row(self.redact_row(model, row)) for row in told)

    def read_links(
        self, relation: models.ManyToManyField, first: int, last: int
    ) -> dict[int, list[int]]:
        """Return the related ids of the rows from id `first` to `last`, by the row's id."""
        own, other = relation.m2m_column_name(), relation.m2m_reverse_name()
        pairs = self.select_links(relation).filter(**{f"{own}__gte": first, f"{own}__lte": last})
        found: defaultdict[int, list[int]] = defaultdict(list)
        for one, related in pairs.order_by(own, other).values_list(own, other):
            found[one].append(related)
        return found


def lift_time_limits(connection: BaseDatabaseWrapper) -> None:
    """Lift PostgreSQL's time limits until the transaction ends; they are meant for requests."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")

"""Rows of the catalogue as lines of JSON: every row with every column, exactly as in the database.

A line has the columns in the order of the model, then the many-to-many relations. Related rows are
written as ids, and accounts by their names. Decimal numbers are written as text, so that nothing is
rounded.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import orjson
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

from programmes.models import (
    BulkChange,
    BulkChangeRow,
    Change,
    ChangeDraft,
    DraftStep,
    Edit,
    Import,
    ImportedRow,
    ImportedRowSeen,
    Lease,
    ProposedMerger,
    RecordCheck,
    Redaction,
    RememberedColumn,
    Revision,
    SeededRow,
    Suggestion,
    Task,
    Version,
    WebLink,
)
from stemobs.catalogue.related import split_into_batches
from stemobs.catalogue.triggers.tables import APPS
from stemobs.dumps.past import HISTORY, tell_content, where_over

Model = type[models.Model]
Row = dict[str, Any]

AT_ONCE = 2_000  # rows that are held in memory at a time
# Models that are not of the catalogue: what changed, what was before, which job runs now, partners'
# files on their way, bulk changes, and mergers that wait. Of these a dump has the history, beside
# the catalogue.
OWN = {
    *(BulkChange, BulkChangeRow, ProposedMerger),
    *(Change, Edit, Import, ImportedRow, ImportedRowSeen, Lease, Redaction, Revision, Version),
}
# Models that only a private dump has: what seeding remembers, what readers have written, what waits
# to be approved or to be looked at, who checked what, and what was found of links.
CONFIDENTIAL = {
    *(ChangeDraft, DraftStep, RecordCheck, RememberedColumn, SeededRow, Suggestion, Task, WebLink),
}


@cache
def list_all_models() -> tuple[Model, ...]:
    """Return the models of the catalogue, each after the models that it refers to."""
    found = [model for name in APPS for model in apps.get_app_config(name).get_models()]
    return tuple(sort_models([model for model in found if model not in OWN]))


def list_link_models() -> list[Model]:
    """Return the models of the tables behind many-to-many relations."""
    relations = (relation for model in list_all_models() for relation in list_relations(model))
    return list(map(find_through_model, relations))


def find_through_model(relation: models.ManyToManyField) -> Model:
    # The stubs allow for a name in its place; Django has put the model there when all are loaded.
    return relation.remote_field.through  # type: ignore[return-value]


def list_models_in(*, is_private: bool, has_history: bool) -> list[Model]:
    """Return the models whose rows a dump holds, each after the models that it refers to.

    The history knows the rows behind many-to-many relations by their ids, so they come with it.
    """
    found = [model for model in list_all_models() if is_private or model not in CONFIDENTIAL]
    return [*found, *list_link_models(), *HISTORY] if has_history else found


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
    return [name_column(field) for field in model._meta.concrete_fields]


def name_column(field: Any) -> str:
    return field.name if is_of_account(field) else field.attname


def list_lookups(model: Model) -> list[str]:
    """Return what queries call a row's columns."""
    return [
        f"{field.name}__username" if is_of_account(field) else field.attname
        for field in model._meta.concrete_fields
    ]


def is_of_account(field: Any) -> bool:
    """Whether a column leads to an account, of which a dump has nothing but the name."""
    return field.related_model is get_user_model()


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
        return list_models_in(is_private=True, has_history=True)

    def select_rows(self, model: Model) -> QuerySet:
        """Return the rows of a model that are dumped."""
        rows = model._base_manager.all()
        return rows.filter(where_over(model)) if model in HISTORY else rows

    def select_links(self, relation: models.ManyToManyField) -> QuerySet:
        """Return the rows of a many-to-many relation's table that are dumped."""
        return find_through_model(relation)._base_manager.all()

    def redact_row(self, model: Model, row: Row) -> Row:
        """Return a row with private values emptied; here nothing is."""
        if model is Version:
            row["was"] = tell_content(row["model"], row["was"])
        return row

    def write_lines(self, model: Model) -> Iterator[bytes]:
        """Yield the rows of a model as lines, ordered by id, with AT_ONCE rows in memory."""
        names = list_columns(model)
        rows = self.select_rows(model).order_by("pk").values_list(*list_lookups(model))
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

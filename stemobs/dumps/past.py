"""The history in a dump: versions tell of a row as the lines of its own file do."""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import Q

from programmes.models import Edit, Redaction, Version
from stemobs.catalogue.editing import NAME
from stemobs.catalogue.history import WITHHELD, Model, Row, decode_value
from stemobs.catalogue.triggers.numbering import OWN_EDITS
from stemobs.catalogue.triggers.tables import list_recorded_models

# The models of the history, each after the models that it refers to.
HISTORY: tuple[Model, ...] = (Edit, Redaction, Version)
NUMBERS = range(-(1 << 63), 1 << 63)  # that databases have


@cache
def map_recorded_models() -> dict[str, Model]:
    """Return the models of which there are versions, by the name that versions have for them."""
    return {model._meta.label_lower: model for model in list_recorded_models()}


def where_over(model: Model) -> Q:
    """Return the condition for rows of the history that a dump can have.

    What is still being made has no revision, and a version may be of a table that is no more.
    """
    if model is Edit:
        return Q(revision__isnull=False)
    over = Q(edit__revision__isnull=False)
    return over & Q(model__in=map_recorded_models()) if model is Version else over


def tell_content(label: str, was: Row | None) -> Row | None:
    """Return what a version says of a row, without what is empty, whichever database wrote it."""
    return None if was is None else dict(tell_values(map_recorded_models()[label], was))


def tell_values(model: Model, was: Row) -> Iterator[tuple[str, Any]]:
    for field in model._meta.concrete_fields:
        value = was.get(field.attname)
        if value is not None:
            yield field.attname, tell_value(decode_value(field, value))
    if WITHHELD in was:
        yield WITHHELD, was[WITHHELD]


def tell_value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, datetime.date) else value


def find_fault(row: Row) -> tuple[str, str] | None:
    """Return column and reason if the content of a version cannot be that of a row."""
    model, was = map_recorded_models().get(row["model"]), row["was"]
    if model is None:
        return "model", "there is no such model in the history."
    if (was is None) != (row["operation"] == Version.Operation.INSERT):
        return "was", "a row that was inserted has no content before, and any other has."
    if was is None:
        return None
    if not isinstance(was, dict) or was.get("id") != row["object_id"]:
        return "was", "is not the content of the row."
    fields = {field.attname: field for field in model._meta.concrete_fields}
    for name, value in was.items():
        if not (is_text(value) if name == WITHHELD else is_told(fields.get(name), value)):
            return f"was: {name}", "no such row says this."
    return None


def is_told(field: Any, value: Any) -> bool:
    """Whether a column can have held a value that a version tells."""
    if field is None or isinstance(value, list | dict):
        return False
    if field.empty_strings_allowed:
        return is_text(value)
    try:
        told = tell_value(decode_value(field, value))
    except (ValidationError, ArithmeticError, TypeError, ValueError):
        return False
    if isinstance(told, int) and told not in NUMBERS:
        return False
    return type(told) is type(value) and told == value


def is_text(value: Any) -> bool:
    return isinstance(value, str) and "\x00" not in value


def forget_history() -> None:
    """Delete the whole history, with what the present transaction has left in it so far."""
    with connection.cursor() as cursor:
        cursor.execute(NAME[connection.vendor], [None])  # what is written next is of no edit yet
        for model in (Version, Redaction, Edit):
            table = connection.ops.quote_name(model._meta.db_table)
            # Safe from injection: only Django's name of the table.
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608
        if connection.vendor == "postgresql":
            # Else the edits of the dump that have these ids would get the number of this one.
            cursor.execute("SELECT set_config(%s, '', true)", [OWN_EDITS])


def find_last_known(model: type[models.Model]) -> int:
    """Return the highest id of a row of a model that the history knows."""
    rows = Version.objects.filter(model=model._meta.label_lower)
    return rows.aggregate(last=models.Max("object_id"))["last"] or 0

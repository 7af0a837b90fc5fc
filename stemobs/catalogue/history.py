"""What the catalogue held at an earlier revision: today's rows, with what changed since undone."""

import datetime
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.db import connection, models
from django.db.models import Q

from programmes.models import Edit, Version
from stemobs.catalogue.moments import hold_one_state, read_latest_moment
from stemobs.catalogue.triggers.tables import describe_recorded_table

Model = type[models.Model]
Row = dict[str, Any]
Rows = dict[int, Row]
NOTHING = Q(pk__in=())


class UnknownState(LookupError):
    """A revision that the catalogue has not reached, or that lies before its history begins."""


class Owner(NamedTuple):
    """The programme or the organisation that rows are about."""

    subject: str  # as in `Change`
    pk: int


def read_rows_at(model: Model, revision: int, owner: Owner | None = None) -> Rows:
    """Return the rows of a model as they were at a revision, by id; only those about the owner.

    Raise UnknownState if that cannot be told.
    """
    with hold_one_state(connection):
        refuse_unknown_state(revision)
        if owner is None:
            return undo_changes(model, revision, read_present_rows(model, Q()), Q())
        return read_rows_of_owner_at(model, revision, owner)


def refuse_unknown_state(revision: int) -> None:
    latest = read_latest_moment(connection).number
    if revision > latest:
        raise UnknownState(f"The catalogue is at revision {latest}.")
    begun = Edit.objects.filter(kind=Edit.Kind.UNSEEN, revision__gt=revision)
    if revision < 1 or begun.exists():
        raise UnknownState(f"What the catalogue held at revision {revision} is not recorded.")


def read_rows_of_owner_at(model: Model, revision: int, owner: Owner) -> Rows:
    marks = describe_recorded_table(model).marks
    paths = [mark.path for mark in marks if mark.subject == owner.subject]
    if any("__" in path for path in paths):
        (path,) = paths
        return read_parts_at(model, revision, owner, path.split("__")[0])
    rows = read_present_rows(model, reduce(or_, (Q(**{path: owner.pk}) for path in paths), NOTHING))
    return undo_changes(model, revision, rows, Q(**{f"{owner.subject}_id": owner.pk}))


def read_parts_at(model: Model, revision: int, owner: Owner, name: str) -> Rows:
    """Return the parts of the owner's facts, such as the claims of its discrepancies.

    A part has no version of its own when its fact moves to another programme. So the facts say
    whose it is; `name` is that of the foreign key which leads to them.
    """
    field: Any = model._meta.get_field(name)
    facts = read_rows_of_owner_at(field.related_model, revision, owner)
    rows = read_present_rows(model, Q(**{f"{name}__in": list(facts)}))
    undo_changes(model, revision, rows, Q())
    return {pk: row for pk, row in rows.items() if row[field.attname] in facts}


def read_present_rows(model: Model, condition: Q) -> Rows:
    rows = model._base_manager.filter(condition).values()
    return {row["id"]: row for row in rows.iterator()}


def undo_changes(model: Model, revision: int, rows: Rows, condition: Q) -> Rows:
    """Undo in these rows, from last to first, what changed after a revision; return them."""
    for pk, was in read_versions_after(model, revision, condition):
        if was is None:
            rows.pop(pk, None)
        else:
            rows[pk] = decode_row(model, was)
    return rows


def read_versions_after(
    model: Model, revision: int, condition: Q
) -> Iterable[tuple[int, Mapping[str, Any] | None]]:
    """Return id and former content of each row that changed after a revision, the last first.

    Whoever changes a row waits for whoever changed it before. So the versions of one row are
    numbered as they came to be, although those of others may lie between.
    """
    versions = Version.objects.filter(condition, model=model._meta.label_lower)
    # An edit that is still being made, which only its own transaction sees, has no revision yet.
    later = versions.exclude(edit__revision__lte=revision).order_by("-pk")
    return later.values_list("object_id", "was").iterator()


def decode_row(model: Model, was: Mapping[str, Any]) -> Row:
    """Return a row as queries return it, from what a version says of it."""
    return dict(decode_values(model, was))


def decode_values(model: Model, was: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for field in model._meta.concrete_fields:
        value = was.get(field.attname)
        yield field.attname, decode_gap(field) if value is None else decode_value(field, value)


def decode_gap(field: models.Field) -> Any:
    """Return what a column held that a version leaves out: nothing, or it was made later."""
    if field.null:
        return None
    return "" if field.empty_strings_allowed else field.get_default()


def decode_value(field: Any, value: Any) -> Any:
    if field.empty_strings_allowed:
        return value  # a text as it was stored, which may be older than how texts are cleaned now
    told = field.to_python(value)
    if isinstance(field, models.DecimalField):
        return told.quantize(Decimal(1).scaleb(-field.decimal_places))
    # SQLite stores times without a time zone.
    if isinstance(told, datetime.datetime) and told.tzinfo is None:
        return told.replace(tzinfo=datetime.UTC)
    return told

"""What rows share that are checked often: they ask the database little about themselves."""

from collections.abc import Collection, Iterator
from copy import copy
from functools import cache, reduce
from operator import and_
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CheckConstraint, Q
from django.utils.functional import Promise


class WordedRow(models.Model):
    """Base of rows whose choices are shown by the dozen.

    Django makes a table of all choices for each that is shown, and translates them for it.
    """

    class Meta:
        abstract = True

    def _get_FIELD_display(self, field: Any) -> Any:  # noqa: N802  # the name is Django's
        value = getattr(self, field.attname)
        words = list_words(field).get(value, value)
        return str(words) if isinstance(words, Promise) else words


@cache
def list_words(field: Any) -> dict[Any, Any]:
    """Return the values of a field with their words, not translated yet."""
    return dict(field.flatchoices)


class CheckedRow(WordedRow):
    """Base of rows that a form checks by the dozen.

    Django asks the database once for each constraint, and whether each related row exists.
    """

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Check the columns; a related row that was read is there."""
        super().clean_fields({*(exclude or ()), *self.list_read()})

    def list_read(self) -> Iterator[str]:
        """Yield the names of the foreign keys whose row is at hand, and stored."""
        for name, row in self._state.fields_cache.items():
            if isinstance(row, models.Model) and not row._state.adding:
                yield name

    def get_constraints(self) -> Any:
        return [(model, join_conditions(found)) for model, found in super().get_constraints()]


class Conditions:
    """The conditions on a row, asked of the database together; one by one if they do not hold."""

    def __init__(self, parts: Collection[CheckConstraint]) -> None:
        self.parts = parts

    def validate(
        self, model: Any, instance: Any, exclude: set[str] | None = None, using: str = ""
    ) -> None:
        known = instance._get_field_expression_map(meta=model._meta, exclude=exclude)
        asked = [part for part in self.parts if known.keys() >= {*find_columns(model, part)}]
        if not asked or reduce(and_, (Q(part.condition) for part in asked)).check(known, using):
            return
        errors: list[ValidationError] = []
        for part in asked:
            try:
                part.validate(model, instance, exclude, using)
            except ValidationError as error:
                errors.append(error)
        raise ValidationError(errors)


def find_columns(model: Any, constraint: CheckConstraint) -> list[str]:
    """Return the columns of which a condition speaks, in its order."""
    paths = model._get_expr_references(Q(constraint.condition))
    return list(dict.fromkeys(path[0] for path in paths))


def join_conditions(constraints: Collection[Any]) -> list[Any]:
    """Return constraints with all their conditions as one."""
    parts = [one for one in constraints if isinstance(one, CheckConstraint)]
    others = [one for one in constraints if one not in parts]
    return [*others, Conditions(parts)] if parts else others


# --- What was read already ------------------------------------------------------------------------


def keep_read(row: models.Model, name: str, found: list[Any]) -> None:
    """Put rows that belong to another where Django keeps what it has read ahead."""
    rows = getattr(row, name).all()
    rows._result_cache, rows._prefetch_done = found, True
    row.__dict__.setdefault("_prefetched_objects_cache", {})[name] = rows


def keep_replaced(figures: Collection[Any]) -> None:
    """Tell the figures of a record which of them each replaced, as all are stored now."""
    stored = [*map(copy, figures)]
    for row in figures:
        keep_read(row, "replaces", [one for one in stored if one.superseded_by_id == row.pk])

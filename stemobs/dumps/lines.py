"""Reads the lines of a dump: every value is checked as a form would check it."""

from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from pyroaring import BitMap64

from programmes.models import Edit, Programme, Version
from stemobs.dumps.past import find_fault
from stemobs.dumps.pictures import check_name
from stemobs.dumps.rows import (
    Model,
    Row,
    encode_row,
    is_of_account,
    list_columns,
    list_relations,
    name_column,
)
from stemobs.dumps.verify import LoadError

LONGEST_LINE = 1 << 24  # bytes
LAST_ID = (1 << 63) - 1  # the highest number that databases have for an id


class FilePlace(NamedTuple):
    """File and line number in a dump, to be named in an error."""

    file: str
    line: int

    def make_error(self, reason: object, column: str = "") -> LoadError:
        about = f"{column}: " if column else ""
        return LoadError(f"{self.file}, line {self.line}: {about}{reason}")


def read_lines(folder: Path, name: str) -> Iterator[tuple[FilePlace, bytes]]:
    """Yield the lines of a file; raise LoadError for one that is too long."""
    with (folder / name).open("rb") as file:
        for number in count(1):
            line = file.readline(LONGEST_LINE)
            if not line:
                return
            if not line.endswith(b"\n"):
                raise FilePlace(name, number).make_error("the line is cut off or too long.")
            yield FilePlace(name, number), line


class RowReader:
    """Reads and checks rows of one model; `known` has the ids that were read so far, by model."""

    def __init__(self, model: Model, known: dict[Any, BitMap64]) -> None:
        self.model = model
        self.names = [*list_columns(model), *(relation.name for relation in list_relations(model))]
        self.fields = list(model._meta.concrete_fields)
        self.known = known
        self.ids = known[model] = BitMap64()
        # References to rows of the same model, which may come later in the file.
        self.awaited: list[tuple[FilePlace, str, int]] = []

    def read(self, place: FilePlace, line: bytes) -> Row:
        """Return the row in a line; raise LoadError if the catalogue could not hold it."""
        told = parse_line(place, line)
        if list(told) != self.names:
            differing = sorted(set(told) ^ set(self.names)) or ["their order"]
            raise place.make_error(f"other columns than expected: {', '.join(differing)}.")
        row = {name_column(field): self.read_value(place, field, told) for field in self.fields}
        for relation in list_relations(self.model):
            row[relation.name] = self.read_related(place, relation, told[relation.name])
        if encode_row(row) != line:
            differing = [
                name for name in self.names if encode_row(row[name]) != encode_row(told[name])
            ]
            raise place.make_error("is not as `dump` writes it.", *differing[:1])
        if self.model is Version and (fault := find_fault(row)):
            column, reason = fault
            raise place.make_error(reason, column)
        return row

    def read_value(self, place: FilePlace, field: Any, told: Row) -> Any:
        value: Any = told[name_column(field)]
        # An edit has no revision while it is being made, but none of those is dumped.
        if value is None and field.null and field.model is not Edit:
            return None
        if is_of_account(field):
            return self.read_account(place, field, value)
        if isinstance(field, models.JSONField):
            return value  # it is checked with the whole row
        if type(value) is not find_json_type(field):
            raise place.make_error(f"{shorten_value(value)} is of another type.", field.attname)
        if field.primary_key:
            return self.read_own_id(place, value)
        if field.is_relation:
            return self.read_other_id(place, field.attname, field.related_model, value)
        # A public dump leaves most texts of withdrawn programmes empty, which a form would refuse.
        if value == "" and self.model is Programme and told["state"] == Programme.State.WITHDRAWN:
            return value
        try:
            return clean_value(field, value)
        except (ValidationError, ArithmeticError) as error:
            reason = " ".join(getattr(error, "messages", ["is no number."]))
            raise place.make_error(f"{shorten_value(value)}: {reason}", field.attname) from error

    def read_account(self, place: FilePlace, field: Any, value: Any) -> str | None:
        """Return the name of the account that made an edit; None if nobody signed in."""
        if value is None:
            return None
        try:
            return field.related_model._meta.get_field("username").clean(value, None)
        except ValidationError as error:
            raise place.make_error(" ".join(error.messages), field.name) from error

    def read_own_id(self, place: FilePlace, value: Any) -> int:
        if not (self.ids.max() if self.ids else 0) < value <= LAST_ID:
            raise place.make_error("is not above the one before.", "id")
        self.ids.add(value)
        return value

    def read_other_id(self, place: FilePlace, column: str, model: Any, value: Any) -> int:
        if type(value) is not int or not 0 < value <= LAST_ID:
            raise place.make_error(f"{shorten_value(value)} is no id.", column)
        if model is self.model:
            self.awaited.append((place, column, value))
        elif value not in self.known[model]:
            raise place.make_error(describe_missing_row(model, value), column)
        return value

    def read_related(
        self, place: FilePlace, relation: models.ManyToManyField, told: Any
    ) -> list[int]:
        if not isinstance(told, list):
            raise place.make_error(f"{shorten_value(told)} is no list.", relation.name)
        ids = [
            self.read_other_id(place, relation.name, relation.related_model, one) for one in told
        ]
        if ids != sorted(set(ids)):
            raise place.make_error("is not in order.", relation.name)
        return ids

    def check_awaited(self) -> None:
        """Raise LoadError if a row refers to a row of its own model that the file lacks."""
        for place, column, value in self.awaited:
            if value not in self.ids:
                raise place.make_error(describe_missing_row(self.model, value), column)


def describe_missing_row(model: Model, value: int) -> str:
    return f"there is no {model._meta.verbose_name} with the id {value}."


def shorten_value(value: Any) -> str:
    return Truncator(repr(value)).chars(60)


def parse_line(place: FilePlace, line: bytes) -> Row:
    try:
        told = orjson.loads(line)
    except ValueError as error:
        raise place.make_error(f"is not JSON: {error}.") from error
    if not isinstance(told, dict):
        raise place.make_error("is no object.")
    return told


@cache
def find_json_type(field: models.Field) -> type:
    """Return the type that the values of a column have in JSON, as Python's type."""
    if isinstance(field, models.BooleanField):
        return bool
    return int if field.is_relation or isinstance(field, models.IntegerField) else str


def clean_value(field: models.Field, value: Any) -> Any:
    """Return a value as Python has it; raise ValidationError if a form would refuse it."""
    if isinstance(value, str) and "\x00" in value:
        raise ValidationError(_("Null characters are not allowed."))
    if not isinstance(field, models.FileField):
        return field.clean(value, None)
    if value:
        check_name(value)
    return value

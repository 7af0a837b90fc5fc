"""Loads a dump: completely and exactly, or not at all.

Nothing in a dump is believed. Its files are compared with their digests, every value is checked as
a form would check it, and before the transaction ends the rows are read back and compared, line by
line, with those of the dump.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, count, zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, models, reset_queries, transaction
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from pyroaring import BitMap64

from programmes.models import Change, Departure, Programme, Revision, SeededRow
from stemobs.catalogue.programmes import batches
from stemobs.catalogue.triggers import ANY, EVERYTHING, Moment, latest
from stemobs.dumps.insert import Table, reset_sequences
from stemobs.dumps.manifest import (
    LONGEST_MANIFEST,
    MANIFEST,
    SUMS,
    Manifest,
    Written,
    digest,
    file_of,
    manifest_of,
    migrations,
    parts_of,
)
from stemobs.dumps.pictures import check_name, check_picture, is_picture, name_of, waiting
from stemobs.dumps.rows import (
    AT_ONCE,
    Everything,
    Model,
    Row,
    all_models,
    columns,
    encoded,
    relations,
    take_time,
)
from stemobs.dumps.seed import leave_as_they_are

Tell = Callable[[str], object]

LONGEST_LINE = 1 << 24
LAST_ID = (1 << 63) - 1
TEXTS = {"README.txt", "LICENCE.txt", "programmes.csv", "figures.csv"}


class LoadError(Exception):
    """The dump cannot be loaded: says which file, line and field, and why."""


class PicturesError(Exception):
    """Everything is loaded, but not every picture got to its place."""


# --- The files ------------------------------------------------------------------------------------


def verified(folder: Path) -> Manifest:
    """Return the manifest of a dump all of whose files are there and as they were written."""
    found = standing(folder)
    manifest = read_manifest(folder)
    files = {file.name: file for file in manifest.files}
    if len(files) < len(manifest.files):
        raise LoadError(f"{MANIFEST}: it names a file twice.")
    expected = {*files, MANIFEST, SUMS}
    for name in sorted(expected ^ found):
        reason = "it is missing." if name in expected else "it is no part of the dump."
        raise LoadError(f"{name}: {reason}")
    needed = set(map(file_of, models_of(manifest)))
    for name in sorted(needed - files.keys()):
        raise LoadError(f"{MANIFEST}: it does not name {name}.")
    for name in sorted(files.keys() - needed - TEXTS):
        if not is_picture(name):
            raise LoadError(f"{name}: a dump of this release has no such file.")
    if (folder / SUMS).read_bytes() != manifest.sums():
        raise LoadError(f"{SUMS}: it does not agree with {MANIFEST}.")
    for file in manifest.files:
        verify(folder, file)
    return manifest


def standing(folder: Path) -> set[str]:
    """Return the names of all files below a folder, where there is nothing but files."""
    if not folder.is_dir():
        raise LoadError(f"{folder} is not a folder.")
    found = set()
    for path, folders, files in os.walk(folder):
        for name in chain(folders, files):
            one = Path(path, name)
            mode = one.lstat().st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                raise LoadError(f"{one}: it is a link or a device, not a file.")
        found.update(Path(path, name).relative_to(folder).as_posix() for name in files)
    return found


def read_manifest(folder: Path) -> Manifest:
    try:
        with (folder / MANIFEST).open("rb") as file:
            data = file.read(LONGEST_MANIFEST)
        manifest = manifest_of(orjson.loads(data))
    except (OSError, ValueError) as error:  # not JSON is a ValueError, too
        raise LoadError(f"{MANIFEST}: {error}.") from error
    if manifest.text() != data:
        raise LoadError(f"{MANIFEST}: it is not written as `dump` writes it.")
    return manifest


def models_of(manifest: Manifest) -> list[Model]:
    """Return the models whose rows a dump holds."""
    return [model for model in all_models() if manifest.is_private or model is not SeededRow]


def verify(folder: Path, file: Written) -> None:
    """Raise LoadError if a file is not as it was written."""
    path = folder / file.name
    if path.stat().st_size != file.bytes or digest(parts_of(path)) != file.sha256:
        raise LoadError(f"{file.name}: its size or its digest is not the one in {MANIFEST}.")


def verify_schema(manifest: Manifest) -> None:
    """Raise LoadError if the dump is of another schema than this database."""
    here = migrations()
    for app in sorted(here.keys() | manifest.migrations.keys()):
        theirs, ours = manifest.migrations.get(app, []), here.get(app, [])
        if theirs != ours:
            raise LoadError(
                f"The dump was made by release {manifest.software} with other migrations of "
                f"{app}: {named(theirs)}; this database has {named(ours)}. Load it with that "
                "release, then migrate."
            )


def named(names: Iterable[str]) -> str:
    return ", ".join(map(str, names)) or "none"


# --- The lines ------------------------------------------------------------------------------------


class Place(NamedTuple):
    """A line of a file, to name in what is wrong with it."""

    file: str
    line: int

    def fault(self, reason: object, column: str = "") -> LoadError:
        about = f"{column}: " if column else ""
        return LoadError(f"{self.file}, line {self.line}: {about}{reason}")


def lines_of(folder: Path, name: str) -> Iterator[tuple[Place, bytes]]:
    """Yield the lines of a file; raise LoadError for one that is too long."""
    with (folder / name).open("rb") as file:
        for number in count(1):
            line = file.readline(LONGEST_LINE)
            if not line:
                return
            if not line.endswith(b"\n"):
                raise Place(name, number).fault("the line is cut off or too long.")
            yield Place(name, number), line


class RowReader:
    """Reads rows of one model; `known` has the ids of all that they may name."""

    def __init__(self, model: Model, known: dict[Any, BitMap64]) -> None:
        self.model = model
        self.names = [*columns(model), *(relation.name for relation in relations(model))]
        self.fields = list(model._meta.concrete_fields)
        self.known = known
        self.ids = known[model] = BitMap64()
        # Rows of this model that rows before them may have named.
        self.awaited: list[tuple[Place, str, int]] = []

    def read(self, place: Place, line: bytes) -> Row:
        """Return the row of a line; raise LoadError if it could not stand in the catalogue."""
        told = parsed(place, line)
        if list(told) != self.names:
            differing = sorted(set(told) ^ set(self.names)) or ["their order"]
            raise place.fault(f"other columns than expected: {', '.join(differing)}.")
        row = {field.attname: self.value(place, field, told) for field in self.fields}
        for relation in relations(self.model):
            row[relation.name] = self.related(place, relation, told[relation.name])
        if encoded(row) != line:
            differing = [name for name in self.names if encoded(row[name]) != encoded(told[name])]
            raise place.fault("is not as `dump` writes it.", *differing[:1])
        return row

    def value(self, place: Place, field: Any, told: Row) -> Any:
        value: Any = told[field.attname]
        if value is None and field.null:
            return None
        if type(value) is not kind_of(field):
            raise place.fault(f"{shortened(value)} is of another type.", field.attname)
        if field.primary_key:
            return self.own_id(place, value)
        if field.is_relation:
            return self.other_id(place, field.attname, field.related_model, value)
        # Of a withdrawn entry a public dump has little.
        if value == "" and self.model is Programme and told["state"] == Programme.State.WITHDRAWN:
            return value
        try:
            return clean(field, value)
        except (ValidationError, ArithmeticError) as error:
            reason = " ".join(getattr(error, "messages", ["is no number."]))
            raise place.fault(f"{shortened(value)}: {reason}", field.attname) from error

    def own_id(self, place: Place, value: Any) -> int:
        if not (self.ids.max() if self.ids else 0) < value <= LAST_ID:
            raise place.fault("is not above the one before.", "id")
        self.ids.add(value)
        return value

    def other_id(self, place: Place, column: str, model: Any, value: Any) -> int:
        if type(value) is not int or not 0 < value <= LAST_ID:
            raise place.fault(f"{shortened(value)} is no id.", column)
        if model is self.model:
            self.awaited.append((place, column, value))
        elif value not in self.known[model]:
            raise place.fault(nobody(model, value), column)
        return value

    def related(self, place: Place, relation: models.ManyToManyField, told: Any) -> list[int]:
        if not isinstance(told, list):
            raise place.fault(f"{shortened(told)} is no list.", relation.name)
        ids = [self.other_id(place, relation.name, relation.related_model, one) for one in told]
        if ids != sorted(set(ids)):
            raise place.fault("is not in order.", relation.name)
        return ids

    def finish(self) -> None:
        """Raise LoadError if a row of this model names one that has not come."""
        for place, column, value in self.awaited:
            if value not in self.ids:
                raise place.fault(nobody(self.model, value), column)


def nobody(model: Model, value: int) -> str:
    return f"there is no {model._meta.verbose_name} with the id {value}."


def shortened(value: Any) -> str:
    return Truncator(repr(value)).chars(60)


def parsed(place: Place, line: bytes) -> Row:
    try:
        told = orjson.loads(line)
    except ValueError as error:
        raise place.fault(f"is not JSON: {error}.") from error
    if not isinstance(told, dict):
        raise place.fault("is no object.")
    return told


@cache
def kind_of(field: models.Field) -> type:
    """Return what the values of a column are in JSON."""
    if isinstance(field, models.BooleanField):
        return bool
    return int if field.is_relation or isinstance(field, models.IntegerField) else str


def clean(field: models.Field, value: Any) -> Any:
    """Return a value as the database takes it; raise ValidationError if a form would refuse it."""
    if isinstance(value, str) and "\x00" in value:
        raise ValidationError(_("Null characters are not allowed."))
    if not isinstance(field, models.FileField):
        return field.clean(value, None)
    if value:
        check_name(value)
    return value


# --- The rows -------------------------------------------------------------------------------------


class RowWriter:
    """Writes rows of one model and of its many-to-many relations."""

    def __init__(self, model: Model) -> None:
        self.table = Table(model)
        self.links = [
            (relation, Table(through(relation)), count(1)) for relation in relations(model)
        ]

    def write(self, rows: Sequence[Row]) -> None:
        names = self.table.defaults
        with transaction.atomic():
            self.table.write([{name: row[name] for name in names} for row in rows])
            for relation, table, numbers in self.links:
                own, other = relation.m2m_column_name(), relation.m2m_reverse_name()
                pairs = ((row["id"], one) for row in rows for one in row[relation.name])
                table.write([{"id": next(numbers), own: a, other: b} for a, b in pairs])

    def write_or_blame(self, places: Sequence[Place], rows: Sequence[Row]) -> None:
        """Write rows; raise LoadError for the first that the database refuses."""
        try:
            self.write(rows)
        except DatabaseError:
            for place, row in zip(places, rows, strict=True):
                try:
                    self.write([row])
                except DatabaseError as error:
                    raise place.fault(str(error).strip()) from error


def through(relation: models.ManyToManyField) -> Model:
    return relation.remote_field.through  # type: ignore[return-value]  # a model, once all are loaded


def write_rows(folder: Path, model: Model, known: dict[Any, BitMap64]) -> int:
    """Read and write the rows of a model; return how many there are."""
    reader, writer, number = RowReader(model, known), RowWriter(model), 0
    for some in batches(lines_of(folder, file_of(model)), AT_ONCE):
        rows = [reader.read(place, line) for place, line in some]
        writer.write_or_blame([place for place, _line in some], rows)
        number += len(rows)
        reset_queries()  # which Django keeps all of while developing
    reader.finish()
    return number


def compare(folder: Path, model: Model) -> None:
    """Raise LoadError unless the database gives back exactly what the dump holds."""
    name = file_of(model)
    try:
        for line, here in zip_longest(lines_of(folder, name), Everything().lines(model)):
            if line is None:
                raise LoadError(f"{name}: the database gives back more than it was given.")
            place, there = line
            if here != there:
                raise place.fault("the database gives back something else than it was given.")
    # SQLite rounds a number of more than 15 digits, and Django cannot read all that comes of it.
    except ArithmeticError as error:
        raise LoadError(f"{name}: the database cannot give back a number.") from error


# --- The whole ------------------------------------------------------------------------------------


def load(folder: Path, fixtures: Path, *, replace: bool = False, tell: Tell = id) -> Manifest:
    """Load a dump in one transaction; raise LoadError and change nothing.

    `fixtures` are those that `seed` loads: it must not add them to a public dump.
    """
    manifest = verified(folder)
    verify_schema(manifest)
    with waiting(folder, arriving(folder, manifest, replace=replace)) as put_in_place:
        with transaction.atomic():
            fill(folder, manifest, fixtures, replace=replace, tell=tell)
        # When nothing can take the rows back: else the files of the site would be lost with them.
        try:
            put_in_place()
        except OSError as error:
            raise PicturesError(f"The rows were loaded, but not all pictures. {error}.") from error
    return manifest


def fill(folder: Path, manifest: Manifest, fixtures: Path, *, replace: bool, tell: Tell) -> None:
    """Put the rows of a dump in the place of all others, and have them read anew."""
    take_time(connection)
    # Its lock first: a number that others give away meanwhile would stand for two states.
    list(Revision.objects.select_for_update())
    before = latest(connection)
    make_room(replace=replace)
    known: dict[Any, BitMap64] = {}
    for model in models_of(manifest):
        tell(f"{file_of(model)}: {write_rows(folder, model, known)} rows")
    for model in models_of(manifest):
        compare(folder, model)
    if not manifest.is_private and fixtures.is_dir():
        leave_as_they_are(fixtures)
    reset_sequences(all_tables())
    settle(before, manifest.moment)


def all_tables() -> list[Model]:
    """Return every model with rows, each before those it refers to."""
    links = [through(relation) for model in all_models() for relation in relations(model)]
    return [*links, *reversed(all_models())]


def make_room(*, replace: bool) -> None:
    """Delete all rows of the catalogue, if there are any and that is wanted."""
    if any(model._base_manager.exists() for model in all_models()):
        if not replace:
            raise LoadError("The catalogue is not empty; --replace deletes everything in it first.")
        with connection.cursor() as cursor:
            for model in all_tables():
                # The names of tables are Django's own.
                table = connection.ops.quote_name(model._meta.db_table)
                cursor.execute(f"DELETE FROM {table}")  # noqa: S608
    # The triggers have noted every row, of a catalogue that is no more.
    Departure.objects.all().delete()
    Change.objects.all().delete()


def settle(before: Moment, dumped: Moment) -> None:
    """Give the catalogue a revision that it never had, if possible that of the dump.

    Then it goes on where the dumped one was: what it says at this revision is the same. Numbers
    never go back, or a reader would take what has changed for what is known.
    """
    moment = dumped if dumped.number > before.number else Moment(before.number + 1, timezone.now())
    Revision.objects.update(number=moment.number, changed_at=moment.changed_at)
    gone = Departure.objects.values_list("subject", "object_id").iterator()
    changes = [(EVERYTHING, ANY), *gone]
    Change.objects.bulk_create(
        [Change(subject=subject, object_id=pk, revision=0) for subject, pk in changes],
        ignore_conflicts=True,  # the triggers have counted what came
    )
    Change.objects.update(revision=moment.number)


def arriving(folder: Path, manifest: Manifest, *, replace: bool) -> list[Written]:
    """Return the pictures that are not there yet; raise LoadError if one may not come."""
    pictures = [file for file in manifest.files if is_picture(file.name)]
    for file in pictures:
        try:
            check_name(name_of(file.name))
            with (folder / file.name).open("rb") as opened:
                check_picture(File(opened, file.name))
        except ValidationError as error:
            raise LoadError(f"{file.name}: {' '.join(error.messages)}") from error
    return [file for file in pictures if not is_there(file, replace=replace)]


def is_there(file: Written, *, replace: bool) -> bool:
    """Whether a picture stands in its place; raise LoadError if another does that has to stay."""
    name = name_of(file.name)
    if not default_storage.exists(name):
        return False
    with default_storage.open(name) as standing:
        if digest(standing.chunks()) == file.sha256:
            return True
    if not replace:
        raise LoadError(f"{file.name}: another picture has this name already.")
    return False

"""Loads a dump into the database: completely and exactly, or not at all.

A dump is not trusted. Its files are compared with their digests, and every value is checked as a
form would check it. Before the transaction ends, the rows are read back from the database and
compared, line by line, with those of the dump.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import count, zip_longest
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

from partnerships.models import Organisation
from programmes.models import Change, Departure, Edit, Programme, Revision, find_circle
from stemobs.catalogue.editing import edit, take_number, wait_for_turn
from stemobs.catalogue.moments import Moment, read_latest_moment
from stemobs.catalogue.programmes import split_into_batches
from stemobs.catalogue.triggers.tables import ANY, EVERYTHING
from stemobs.dumps.insert import TableWriter, reset_sequences
from stemobs.dumps.manifest import (
    Manifest,
    WrittenFile,
    digest_parts,
    name_file,
)
from stemobs.dumps.pictures import (
    check_name,
    check_picture,
    find_picture_name,
    is_picture,
    prepare_pictures,
)
from stemobs.dumps.rows import (
    AT_ONCE,
    AllRows,
    Model,
    Row,
    encode_row,
    lift_time_limits,
    list_all_models,
    list_columns,
    list_relations,
)
from stemobs.dumps.seed import protect_present_rows
from stemobs.dumps.verify import LoadError, list_models, verify_dump, verify_schema

Tell = Callable[[str], object]
# The models whose rows have marks of their own.
MARKED: dict[Any, Change.Subject] = {
    Programme: Change.Subject.PROGRAMME,
    Organisation: Change.Subject.ORGANISATION,
}

LONGEST_LINE = 1 << 24  # bytes
LAST_ID = (1 << 63) - 1  # the highest number that databases have for an id


class PicturesError(Exception):
    """All rows were loaded, but not every picture could be moved to its name."""


# --- The lines ------------------------------------------------------------------------------------


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
        row = {field.attname: self.read_value(place, field, told) for field in self.fields}
        for relation in list_relations(self.model):
            row[relation.name] = self.read_related(place, relation, told[relation.name])
        if encode_row(row) != line:
            differing = [
                name for name in self.names if encode_row(row[name]) != encode_row(told[name])
            ]
            raise place.make_error("is not as `dump` writes it.", *differing[:1])
        return row

    def read_value(self, place: FilePlace, field: Any, told: Row) -> Any:
        value: Any = told[field.attname]
        if value is None and field.null:
            return None
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


# --- The rows -------------------------------------------------------------------------------------


class RowWriter:
    """Inserts rows of one model and of its many-to-many relations."""

    def __init__(self, model: Model) -> None:
        self.table = TableWriter(model)
        self.links = [
            (relation, TableWriter(find_through_model(relation)), count(1))
            for relation in list_relations(model)
        ]

    def write(self, rows: Sequence[Row]) -> None:
        names = self.table.defaults
        with transaction.atomic():
            self.table.write([{name: row[name] for name in names} for row in rows])
            for relation, table, numbers in self.links:
                own, other = relation.m2m_column_name(), relation.m2m_reverse_name()
                pairs = ((row["id"], one) for row in rows for one in row[relation.name])
                table.write([{"id": next(numbers), own: a, other: b} for a, b in pairs])

    def write_or_blame(self, places: Sequence[FilePlace], rows: Sequence[Row]) -> None:
        """Insert rows; raise LoadError with the line of the first row that the database refuses."""
        try:
            self.write(rows)
        except DatabaseError:
            for place, row in zip(places, rows, strict=True):
                try:
                    self.write([row])
                except DatabaseError as error:
                    raise place.make_error(str(error).strip()) from error


def find_through_model(relation: models.ManyToManyField) -> Model:
    # The stubs allow for a name in its place; Django has put the model there when all are loaded.
    return relation.remote_field.through  # type: ignore[return-value]


def write_rows(folder: Path, model: Model, known: dict[Any, BitMap64]) -> int:
    """Read the rows of a model from a dump and insert them; return how many there are."""
    reader, writer, number = RowReader(model, known), RowWriter(model), 0
    for some in split_into_batches(read_lines(folder, name_file(model)), AT_ONCE):
        rows = [reader.read(place, line) for place, line in some]
        writer.write_or_blame([place for place, _line in some], rows)
        number += len(rows)
        reset_queries()  # with DEBUG, Django would keep all queries in memory
    reader.check_awaited()
    refuse_circles(model)
    refuse_wrong_links(model)
    return number


def refuse_circles(model: Any) -> None:
    """Raise LoadError if rows of a model lead to each other in a circle that a form refuses."""
    links = (
        link
        for name in getattr(model, "never_in_circles", ())
        for link in model._base_manager.exclude(**{name: None}).values_list("pk", name)
    )
    if circle := find_circle(links):
        ids = ", ".join(map(str, circle))
        raise LoadError(f"{name_file(model)}: the rows {ids} lead to each other in a circle.")


def refuse_wrong_links(model: Any) -> None:
    """Raise LoadError if a row leads to one that a form refuses, which may come after it."""
    for name in getattr(model, "checked_links", ()):
        for row in model._base_manager.exclude(**{name: None}).iterator():
            try:
                row.clean()
            except ValidationError as error:
                told = " ".join(error.messages)
                raise LoadError(f"{name_file(model)}: the row {row.pk}: {told}") from error


def compare_rows(folder: Path, model: Model) -> None:
    """Raise LoadError unless the database gives back exactly the lines of the dump."""
    name = name_file(model)
    try:
        for line, here in zip_longest(read_lines(folder, name), AllRows().write_lines(model)):
            if line is None:
                raise LoadError(f"{name}: the database gives back more than it was given.")
            place, there = line
            if here != there:
                raise place.make_error("the database gives back something else than it was given.")
    # SQLite rounds numbers of more than 15 digits, and Django cannot read some of the results.
    except ArithmeticError as error:
        raise LoadError(f"{name}: the database cannot give back a number.") from error


# --- The whole ------------------------------------------------------------------------------------


def load_dump(folder: Path, fixtures: Path, *, replace: bool = False, tell: Tell = id) -> Manifest:
    """Load a dump in one transaction; raise LoadError and change nothing if it cannot be loaded.

    Raise PicturesError if only pictures failed. With `replace` all present rows are deleted first.
    `fixtures` is the folder that `seed` loads: after loading a public dump, the command `seed` must
    not add or change its rows.
    """
    manifest = verify_dump(folder)
    verify_schema(manifest)
    with prepare_pictures(
        folder, list_arriving_pictures(folder, manifest, replace=replace)
    ) as put_in_place:
        with edit(Edit.Kind.DUMP):
            fill_catalogue(folder, manifest, fixtures, replace=replace, tell=tell)
        # Only after the commit: a rollback could not bring back pictures that were replaced.
        try:
            put_in_place()
        except OSError as error:
            raise PicturesError(f"The rows were loaded, but not all pictures. {error}.") from error
    return manifest


def fill_catalogue(
    folder: Path, manifest: Manifest, fixtures: Path, *, replace: bool, tell: Tell
) -> None:
    """Replace all rows by those of a dump, within a transaction, and mark everything as changed."""
    lift_time_limits(connection)
    wait_for_turn()
    before = read_latest_moment(connection)
    clear_catalogue(replace=replace)
    known: dict[Any, BitMap64] = {}
    for model in list_models(manifest):
        tell(f"{name_file(model)}: {write_rows(folder, model, known)} rows")
    reset_sequences(list_all_tables())
    # From here on nobody else gets a revision. So what is compared stays as it is, and no other
    # state can have the number of this one.
    taken = take_number()
    for model in list_models(manifest):
        compare_rows(folder, model)
    if not manifest.is_private and fixtures.is_dir():
        protect_present_rows(fixtures)
    settle_revision(find_latest_of_others(before, taken), manifest.moment)


def list_all_tables() -> list[Model]:
    """Return all models of the catalogue, links included, each before the models it refers to."""
    links = [
        find_through_model(relation)
        for model in list_all_models()
        for relation in list_relations(model)
    ]
    return [*links, *reversed(list_all_models())]


def clear_catalogue(*, replace: bool) -> None:
    """Delete all rows of the catalogue; raise LoadError if there are any and `replace` is false."""
    if any(model._base_manager.exists() for model in list_all_models()):
        if not replace:
            raise LoadError("The catalogue is not empty; --replace deletes everything in it first.")
        with connection.cursor() as cursor:
            for model in list_all_tables():
                table = connection.ops.quote_name(model._meta.db_table)
                # Safe from injection: only Django's name of the table.
                cursor.execute(f"DELETE FROM {table}")  # noqa: S608
    Departure.objects.all().delete()


def find_latest_of_others(before: Moment, taken: Moment) -> int:
    """Return the last revision that is not of this transaction.

    `before` was the revision when it began. On PostgreSQL it raises the revision once, above what
    others have come to meanwhile; on SQLite once for each row, and nobody else can.
    """
    is_raised_once = connection.vendor == "postgresql"
    return max(before.number, taken.number - 1) if is_raised_once else before.number


def settle_revision(before: int, dumped: Moment) -> None:
    """Set a revision that this catalogue never had: the dump's, if that is above the present one.

    With the dump's revision both catalogues say the same at the same number. The number never goes
    down, or clients would take changed rows for rows they already have. All rows count as changed.
    """
    moment = dumped if dumped.number > before else Moment(before + 1, timezone.now())
    Revision.objects.update(number=moment.number, changed_at=moment.changed_at)
    Edit.objects.filter(revision__gt=before).update(revision=moment.number)
    forget_deleted(before)
    gone = Departure.objects.values_list("subject", "object_id").iterator()
    changes = [(EVERYTHING, ANY), *gone]
    Change.objects.bulk_create(
        [Change(subject=subject, object_id=pk, revision=0) for subject, pk in changes],
        ignore_conflicts=True,  # the triggers have already recorded some of these rows
    )
    Change.objects.update(revision=moment.number)


def forget_deleted(before: int) -> None:
    """Delete the marks of what was there before and is not there any more.

    The history keeps each deleted row, but whoever follows changes has no interest in them.
    """
    marks = Change.objects.all()
    marks.filter(revision__lte=before).delete()
    for model, subject in MARKED.items():
        marks.filter(subject=subject).exclude(object_id__in=model.objects.values("pk")).delete()


def list_arriving_pictures(folder: Path, manifest: Manifest, *, replace: bool) -> list[WrittenFile]:
    """Return a dump's pictures that the site lacks; raise LoadError if one is not allowed."""
    pictures = [file for file in manifest.files if is_picture(file.name)]
    for file in pictures:
        try:
            check_name(find_picture_name(file.name))
            with (folder / file.name).open("rb") as opened:
                check_picture(File(opened, file.name))
        except ValidationError as error:
            raise LoadError(f"{file.name}: {' '.join(error.messages)}") from error
    return [file for file in pictures if not is_in_place(file, replace=replace)]


def is_in_place(file: WrittenFile, *, replace: bool) -> bool:
    """Whether the site has this picture; raise LoadError if another has its name.

    With `replace`, another picture is no error, because it will be replaced.
    """
    name = find_picture_name(file.name)
    if not default_storage.exists(name):
        return False
    with default_storage.open(name) as standing:
        if digest_parts(standing.chunks()) == file.sha256:
            return True
    if not replace:
        raise LoadError(f"{file.name}: another picture has this name already.")
    return False

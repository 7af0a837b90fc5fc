"""Loads a dump into the database: completely and exactly, or not at all.

A dump is not trusted. Its files are compared with their digests, and every value is checked as a
form would check it. Before the transaction ends, the rows are read back from the database and
compared, line by line, with those of the dump.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import count, zip_longest
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, reset_queries, transaction
from django.utils import timezone
from pyroaring import BitMap64

from partnerships.models import Organisation
from programmes.models import Change, Departure, Edit, Programme, Revision, find_circle
from stemobs.catalogue.editing import edit, take_number, wait_for_turn
from stemobs.catalogue.related import split_into_batches
from stemobs.catalogue.states.moments import Moment, find_next_beginning, read_latest_moment
from stemobs.catalogue.triggers.tables import ANY, EVERYTHING
from stemobs.dumps.insert import TableWriter, reset_sequences
from stemobs.dumps.lines import FilePlace, RowReader, read_lines
from stemobs.dumps.manifest import (
    Manifest,
    WrittenFile,
    digest_parts,
    name_file,
)
from stemobs.dumps.past import HISTORY, forget_history
from stemobs.dumps.pictures import (
    check_name,
    check_picture,
    find_picture_name,
    is_picture,
    prepare_pictures,
)
from stemobs.dumps.protecting import protect_present_rows
from stemobs.dumps.rows import (
    AT_ONCE,
    AllRows,
    Model,
    Row,
    find_through_model,
    is_of_account,
    lift_time_limits,
    list_all_models,
    list_link_models,
    list_relations,
)
from stemobs.dumps.verify import LoadError, list_models, verify_dump, verify_schema

Tell = Callable[[str], object]
# The models whose rows have marks of their own.
MARKED: dict[Any, Change.Subject] = {
    Programme: Change.Subject.PROGRAMME,
    Organisation: Change.Subject.ORGANISATION,
}


class PicturesError(Exception):
    """All rows were loaded, but not every picture could be moved to its name."""


# --- The rows -------------------------------------------------------------------------------------


class RowWriter:
    """Inserts rows of one model and of its many-to-many relations, unless these have files."""

    def __init__(self, model: Model, *, has_links: bool) -> None:
        self.table = TableWriter(model)
        self.links = [
            (relation, TableWriter(find_through_model(relation)), count(1))
            for relation in list_relations(model)
            if has_links
        ]
        fields = model._meta.concrete_fields
        self.accounts = [field for field in fields if is_of_account(field)]

    @cached_property
    def ids(self) -> dict[str, int]:
        """The ids of the accounts of this site, by name."""
        return dict(get_user_model()._base_manager.values_list("username", "pk"))

    def name_accounts(self, row: Row) -> Row:
        """Return a row with the ids of accounts in place of their names."""
        return {**row, **{one.attname: self.find_account(row[one.name]) for one in self.accounts}}

    def find_account(self, name: str | None) -> int | None:
        """Return the id of the account of a name; make one that nobody can use if there is none."""
        if name is not None and name not in self.ids:
            made = get_user_model()(username=name, is_active=False)
            made.set_unusable_password()
            made.save()
            self.ids[name] = made.pk
        return None if name is None else self.ids[name]

    def write(self, rows: Sequence[Row]) -> None:
        names = self.table.defaults
        told = map(self.name_accounts, rows)
        with transaction.atomic():
            self.table.write([{name: row[name] for name in names} for row in told])
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


def write_rows(
    folder: Path, model: Model, known: dict[Any, BitMap64], *, has_links: bool = False
) -> int:
    """Read the rows of a model from a dump and insert them; return how many there are."""
    reader, writer, number = RowReader(model, known), RowWriter(model, has_links=has_links), 0
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
        with transaction.atomic():
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
    known: dict[Any, BitMap64] = {}

    def write(model: Model) -> None:
        number = write_rows(folder, model, known, has_links=not manifest.has_history)
        tell(f"{name_file(model)}: {number} rows")

    with edit(Edit.Kind.DUMP):
        clear_catalogue(replace=replace)
        for model in list_models(manifest):
            if model not in HISTORY:
                write(model)
    if manifest.has_history:
        forget_history()
        for model in HISTORY:
            write(model)
        refuse_later_edits(manifest)
    reset_sequences([*list_all_tables(), *HISTORY])
    # From here on nobody else gets a revision. So what is compared stays as it is, and no other
    # state can have the number of this one.
    taken = take_number()
    for model in list_models(manifest):
        compare_rows(folder, model)
    if not manifest.is_private and fixtures.is_dir():
        protect_present_rows(fixtures)
    settle_revision(before._replace(number=find_latest_of_others(before, taken)), manifest.moment)


def refuse_later_edits(manifest: Manifest) -> None:
    """Raise LoadError if an edit has a revision that the catalogue had not come to."""
    later = Edit.objects.filter(revision__gt=manifest.moment.number).order_by("pk").first()
    if later:
        raise LoadError(
            f"{name_file(Edit)}: the row {later.pk}: its revision is above that of the dump."
        )


def list_all_tables() -> list[Model]:
    """Return all models of the catalogue, links included, each before the models it refers to."""
    return [*list_link_models(), *reversed(list_all_models())]


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


def settle_revision(before: Moment, dumped: Moment) -> None:
    """Set a revision that this catalogue never had with other rows. All rows count as changed.

    The number never goes down, or clients would take changed rows for rows they already have.
    """
    moment = choose_moment(before, dumped)
    Revision.objects.update(
        number=moment.number, changed_at=moment.changed_at, history=UUID(moment.history)
    )
    if not dumped.history:
        Edit.objects.filter(revision__gt=before.number).update(revision=moment.number)
    else:
        Edit.objects.create(kind=Edit.Kind.ENDED, revision=dumped.number)
        Edit.objects.create(kind=Edit.Kind.DUMP, revision=moment.number)
    forget_deleted(before.number)
    gone = Departure.objects.values_list("subject", "object_id").iterator()
    changes = [(EVERYTHING, ANY), *gone]
    Change.objects.bulk_create(
        [Change(subject=subject, object_id=pk, revision=0) for subject, pk in changes],
        ignore_conflicts=True,  # the triggers have already recorded some of these rows
    )
    Change.objects.update(revision=moment.number)


def choose_moment(before: Moment, dumped: Moment) -> Moment:
    """Return the moment of the catalogue with the rows of a dump, and with its history if it has.

    Whoever wrote the dump goes on in its history, and this catalogue had another state, if only in
    drafts. So another history begins, or a number would stand for two states.
    """
    if dumped.history:
        ended = max(before.number, dumped.number)
        return Moment(find_next_beginning(ended), timezone.now(), uuid4().hex)
    if dumped.number > before.number:
        return dumped._replace(history=before.history)
    return before._replace(number=before.number + 1, changed_at=timezone.now())


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

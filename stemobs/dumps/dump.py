"""Writes a dump: the whole catalogue as a folder of plain files, to publish or to load again.

A public dump holds what readers can see; a private dump holds all rows, as a backup. All rows are
read in one state of the database while curators go on writing. The folder gets its name only when
the dump is complete. The same revision gives the same bytes.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import connection, models
from django.db.models import QuerySet
from django.template.loader import render_to_string
from pyroaring import BitMap64

from programmes.models import (
    PRIVATE,
    Programme,
    where_published,
)
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.index import Index
from stemobs.catalogue.programmes import read_programmes
from stemobs.catalogue.related import split_into_batches
from stemobs.catalogue.states.moments import Moment, hold_one_state, read_latest_moment
from stemobs.catalogue.visibility.queries import match_visible, where_visible
from stemobs.dumps.manifest import (
    LONGEST_MANIFEST,
    MANIFEST,
    MEDIA,
    PREFIX,
    SUMS,
    Manifest,
    WrittenFile,
    find_release,
    list_migrations,
    name_file,
)
from stemobs.dumps.past import HISTORY
from stemobs.dumps.pictures import check_name, check_picture
from stemobs.dumps.rows import (
    AT_ONCE,
    AllRows,
    Model,
    Row,
    lift_time_limits,
    list_models_in,
    list_relations,
)
from stemobs.dumps.told import PublicPast, list_loose_ends
from stemobs.entries.publication import tell_reason
from stemobs.exports import csvw
from stemobs.exports.delimited import write_csv_lines
from stemobs.exports.evaluations import EVALUATIONS
from stemobs.exports.tables import FIGURES, PROGRAMMES, Table

Tell = Callable[[str], object]

# The columns of a withdrawn programme that stay public, because its old address shows them.
OF_WITHDRAWN = {
    "id", "slug", "name", "short_name", "state", "withdrawn_reason", "merged_into_id",
    "created_at", "changed_at",
}  # fmt: skip


class DumpError(Exception):
    """The dump cannot be written where it should be."""


# --- What is public -------------------------------------------------------------------------------


class PublicRows(AllRows):
    """Selects the rows of a public dump: no drafts, and of withdrawn programmes only the reason."""

    def list_models(self) -> list[Model]:
        return list_models_in(is_private=False, has_history=True)

    @cached_property
    def past(self) -> PublicPast:
        """What is told of the history."""
        return PublicPast()

    def write_lines(self, model: Model) -> Iterator[bytes]:
        return self.past.write_lines(model) if model in HISTORY else super().write_lines(model)

    def select_rows(self, model: Model) -> QuerySet:
        return super().select_rows(model).filter(where_visible(model))

    def select_links(self, relation: models.ManyToManyField) -> QuerySet:
        links = super().select_links(relation)
        return links.filter(match_visible(relation.remote_field.through))

    def redact_row(self, model: Model, row: Row) -> Row:
        if model is Programme:
            row["merged_into_id"] = self.successors.get(row["id"])
        for name in list_loose_ends(model):
            if row[name] is not None and row[name] not in self.published_ids:
                row[name] = None
        return self.redact_programme(row) if model is Programme else row

    def redact_programme(self, row: Row) -> Row:
        if row["state"] == Programme.State.PUBLISHED:
            logo = "" if row["logo"].startswith(PRIVATE) else row["logo"]
            return {**row, "curators_note": "", "logo": logo}
        reason = row["withdrawn_reason"]
        if row["merged_into_id"] is None:
            reason = tell_reason(reason)
        kept = {name: row[name] for name in OF_WITHDRAWN}
        return {**make_empty_row(Programme), **kept, "withdrawn_reason": reason}

    @cached_property
    def successors(self) -> dict[int, int]:
        """The ids of the published programmes that merged ones lead to, by id."""
        merged = Programme.objects.exclude(merged_into=None)
        return {pk: one.pk for pk, one in Programme.objects.find_successors(merged).items()}

    @cached_property
    def published_ids(self) -> BitMap64:
        return BitMap64(Programme.objects.published().values_list("pk", flat=True).iterator())


@cache
def make_empty_row(model: Model) -> Row:
    """Return a row with the default of each column and no related rows."""
    empty = {field.attname: field.get_default() for field in model._meta.concrete_fields}
    return {**empty, **{relation.name: [] for relation in list_relations(model)}}


# --- Spreadsheets ---------------------------------------------------------------------------------


def write_sheet(table: Table, moment: Moment) -> Iterator[bytes]:
    """Yield the site's CSV file of all published programmes, ordered by slug."""
    programmes = Programme.objects.published().order_by().values_list("slug", "pk")
    # Sorted here, because SQLite and PostgreSQL order hyphens differently.
    ids = [pk for _slug, pk in sorted(programmes.iterator())]
    lasting: dict[Hashable, Any] = {}
    yield "".join(write_csv_lines([table.header])).encode()
    for some in split_into_batches(ids, AT_ONCE):
        rows = table.read(read_partial_catalogue(some, moment, lasting), some)
        yield "".join(write_csv_lines(map(table.list_cells, rows))).encode()


def read_partial_catalogue(
    ids: Collection[int], moment: Moment, lasting: dict[Hashable, Any]
) -> Catalogue:
    """Return a catalogue with only these programmes, read in the dump's state of the database.

    `lasting` keeps what can be shared between such catalogues.
    """
    index = Index()
    index = index.with_entries(index.read_documents(read_programmes(ids)))
    return Catalogue(moment, index, Index(), Index(), is_shared=False, lasting=lasting)


# --- Writing --------------------------------------------------------------------------------------


class Writer:
    """Writes the files of a dump, and notes the rows, size and digest of each file."""

    def __init__(self, folder: Path, tell: Tell, warn: Tell) -> None:
        self.folder = folder
        self.tell = tell
        self.warn = warn
        self.files: list[WrittenFile] = []

    def write(self, name: str, parts: Iterable[bytes], *, has_rows: bool = False) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        found, rows, size = hashlib.sha256(), 0, 0
        with path.open("xb") as file:
            for part in parts:
                file.write(part)
                found.update(part)
                rows += 1
                size += len(part)
            # Data must be on the disk before the folder gets the name that says it is complete.
            file.flush()
            os.fsync(file.fileno())
        written = WrittenFile(name, rows if has_rows else None, size, found.hexdigest())
        self.files.append(written)
        self.tell(f"{name}: {rows} rows" if has_rows else name)

    def write_rows(self, told: AllRows) -> None:
        for model in told.list_models():
            self.write(name_file(model), told.write_lines(model), has_rows=True)

    def write_sheets(self, moment: Moment) -> None:
        for table in (PROGRAMMES, FIGURES, EVALUATIONS):
            name = f"{table.slug}.csv"
            self.write(name, write_sheet(table, moment))
            described = csvw.describe_file(name, table.name, csvw.describe_table(table))
            self.write(f"{name}{csvw.METADATA_ENDING}", [described])

    def write_pictures(self, told: AllRows) -> None:
        rows = told.select_rows(Programme).exclude(logo="").order_by("logo").distinct()
        if isinstance(told, PublicRows):
            rows = rows.filter(where_published()).exclude(logo__startswith=PRIVATE)
        for name in rows.values_list("logo", flat=True):
            try:
                self.write_picture(name)
            except ValidationError as error:
                raise DumpError(f"{name} cannot be loaded: {' '.join(error.messages)}") from error

    def write_picture(self, name: str) -> None:
        """Copy an uploaded picture into the dump; raise ValidationError if it is not allowed."""
        check_name(name)
        if not default_storage.exists(name):
            self.warn(f"{name} is not among the uploaded files: the dump goes without it.")
            return
        with default_storage.open(name) as picture:
            check_picture(picture)
            self.write(f"{MEDIA}/{name}", picture.chunks())

    def write_texts(self, moment: Moment, *, is_private: bool) -> None:
        context = {"moment": moment, "is_private": is_private, "files": self.files}
        self.write("README.txt", [render_to_string("dumps/readme.txt", context).encode()])
        licence = settings.BASE_DIR / "fixtures" / "LICENCE.md"
        self.write("LICENCE.txt", [licence.read_bytes()])

    def write_manifest(self, moment: Moment, *, is_private: bool) -> None:
        files = sorted(self.files)
        manifest = Manifest(is_private, moment, find_release(), list_migrations(), files)
        text = manifest.encode_manifest()
        if len(text) > LONGEST_MANIFEST:
            raise DumpError(f"There are too many files: {MANIFEST} would be too long to load.")
        self.write(MANIFEST, [text])
        self.write(SUMS, [manifest.encode_sums()])


def write_dump(folder: Path, *, is_private: bool = False, tell: Tell = id, warn: Tell = id) -> Path:
    """Write the catalogue into a new folder below `folder`, named by the revision; return its path.

    Raise DumpError if a different dump or file has that name, or if the dump could not be loaded.
    `tell` is called with a line for each file, `warn` with a line for each missing picture.
    """
    told = AllRows() if is_private else PublicRows()
    with hold_one_state(connection):
        lift_time_limits(connection)
        moment = read_latest_moment(connection)
        name = f"{PREFIX}{moment.number}{'-private' if is_private else ''}"
        with open_unfinished_folder(folder / name, is_private=is_private) as unfinished:
            writer = Writer(unfinished, tell, warn)
            writer.write_rows(told)
            writer.write_sheets(moment)
            writer.write_pictures(told)
            writer.write_texts(moment, is_private=is_private)
            writer.write_manifest(moment, is_private=is_private)
            return put_in_place(unfinished, folder / name, is_private=is_private)


@contextmanager
def open_unfinished_folder(target: Path, *, is_private: bool) -> Iterator[Path]:
    """Give a temporary folder beside `target` to write into; in the end it is no longer there."""
    unfinished = target.with_name(f".{target.name}-{secrets.token_hex(4)}")
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished.mkdir(mode=0o700 if is_private else 0o777)  # less what the umask takes
    try:
        yield unfinished
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def put_in_place(unfinished: Path, target: Path, *, is_private: bool) -> Path:
    """Give a complete dump its name and return its path; the same dump may be there already.

    Drafts and suggestions do not raise the revision, so private dumps of one revision may differ:
    they are numbered. Raise DumpError if anything else has the name of a public dump.
    """
    for place in list_places(target, is_private=is_private):
        if not os.path.lexists(place):
            move_into_place(unfinished, place)
            return place
        if is_same_dump(unfinished, place):
            return place
    raise DumpError(f"{target} exists and is not the same dump. Move it away first.")


def list_places(target: Path, *, is_private: bool) -> Iterator[Path]:
    yield target
    if is_private:
        yield from (target.with_name(f"{target.name}-{number}") for number in count(2))


def is_same_dump(unfinished: Path, place: Path) -> bool:
    sums = place / SUMS
    return sums.is_file() and sums.read_bytes() == (unfinished / SUMS).read_bytes()


def move_into_place(unfinished: Path, target: Path) -> None:
    for folder, _folders, _files in os.walk(unfinished):
        sync_folder(Path(folder))
    unfinished.rename(target)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make sure that the names of the files in a folder are on the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)

"""What a public dump has of the history: what readers can look up, and nothing else.

Only records that are published have a past. What happened to one while readers could not see it is
told as one change, in the edit that published it: each row as they last saw it, or that there was
none. Rows that records share are told as long as readers could see them. A relation is told since
both of its ends have been public without a break.

Edits and versions are numbered anew, so that no gap tells of a draft.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import count, groupby
from typing import Any, NamedTuple

import orjson
from django.db.models import F
from pyroaring import BitMap64

from partnerships.models import Lineage, Strategy
from programmes.models import PRIVATE, Edit, Programme, Redaction, Version
from stemobs.catalogue.history import LAST_FIRST, Model, Row, decode_row
from stemobs.catalogue.related import split_into_batches
from stemobs.catalogue.visibility.queries import where_visible
from stemobs.catalogue.visibility.relations import SHOWN, list_owners
from stemobs.dumps.past import map_recorded_models, tell_values
from stemobs.dumps.rows import AT_ONCE, encode_row, list_columns, list_lookups
from stemobs.entries.history.rebuilding import RELATIONS, find_link, list_foreign_keys
from stemobs.entries.history.telling import ENDS, is_published

RECORDS_AT_ONCE = 200  # whose rows are held in memory
ROWS_AT_ONCE = 900  # ids in one query
PROGRAMME, LINEAGE = Programme._meta.label_lower, Lineage._meta.label_lower
Operation = Version.Operation
SECRET = {"curators_note", "withdrawn_reason", "merged_into_id"}  # columns of programmes
WITHOUT_ROWS = (Edit.Kind.UNSEEN, Edit.Kind.ENDED)

Key = tuple[str, int]  # the label of a row's model, and its id
Content = Row | None


class Kept(NamedTuple):
    """A version as it is kept, with the revision of its edit."""

    owner: int | None
    organisation: int | None
    edit: int
    revision: int
    model: str
    pk: int
    operation: str
    was: Content


class ToldChange(NamedTuple):
    """A change of a row as it is told: its edit, what it was before, and whether it was there then.

    `was` and `after` are None where there was no row.
    """

    edit: int
    revision: int
    key: Key
    was: Content
    after: Content

    @property
    def operation(self) -> str:
        if self.was is None:
            return Operation.INSERT.value
        return (Operation.DELETE if self.after is None else Operation.UPDATE).value


COLUMNS = (
    "programme_id", "organisation_id", "edit_id", "edit__revision", "model", "object_id",
    "operation", "was",
)  # fmt: skip
MAKE_STORE = """
CREATE TABLE told (edit, model, object_id, programme_id, place, organisation_id, operation, was);
CREATE TABLE edit (id INTEGER PRIMARY KEY, number INTEGER);
"""
KEEP = "INSERT INTO told VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
READ = """
SELECT edit.number, model, object_id, operation, programme_id, organisation_id, was
  FROM told JOIN edit ON edit.id = told.edit
 ORDER BY edit.number, model, object_id, programme_id, place
"""


# --- What belongs to a record, and what it names --------------------------------------------------


@cache
def map_own_models() -> dict[str, Model]:
    """Return the models of the rows that are of one record, by label."""
    links = (find_link(model, name) for model, names in RELATIONS.items() for name in names)
    # A strategy may be the same as a programme, and others are shared.
    own = {Programme, Lineage, Strategy, *(link.rows for link in links)}
    return {label: model for label, model in map_recorded_models().items() if model in own}


@cache
def map_shared_models() -> dict[str, Model]:
    """Return the models of the rows that records name, by label."""
    own = map_own_models()
    named = {field.related_model for model in own.values() for field in list_foreign_keys(model)}
    named -= {*own.values()} - {Strategy}
    return {label: model for label, model in map_recorded_models().items() if model in named}


# --- The walk -------------------------------------------------------------------------------------


class Gap:
    """A time when readers could not see a record, which an edit ended."""

    def __init__(self, edit: int, revision: int) -> None:
        self.edit, self.revision = edit, revision
        self.before: dict[Key, Content] = {}
        self.after: dict[Key, Content] = {}

    def add(self, key: Key, was: Content, after: Content) -> None:
        self.before[key] = was
        self.after.setdefault(key, after)

    def tell(self, *, is_first: bool) -> Iterator[ToldChange]:
        """Yield what is different after it; before the first one there was nothing."""
        for key, was in self.before.items():
            before = None if is_first else was
            yield ToldChange(self.edit, self.revision, key, before, self.after[key])


def walk_record(
    pk: int, versions: Iterable[Kept], present: Mapping[Key, Content]
) -> Iterator[ToldChange]:
    """Yield what readers could see change in a published record, the last first.

    `versions` are those of the record, the last first; `present` are its rows as they are.
    """
    own = (PROGRAMME, pk)
    later = dict(present)
    gap = None
    for (edit, revision), some in groupby(versions, key=lambda one: (one.edit, one.revision)):
        written = {(one.model, one.pk): one.was for one in some}  # as the edit found them
        after = later.get(own)
        before = written.get(own, after)
        was_public, is_public = is_public_row(before), is_public_row(after)
        if is_public and not was_public:
            gap = Gap(edit, revision)
            yield ToldChange(edit, revision, own, before and hide_content(pk), after)
        for key, was in written.items():
            if key == own and was_public:
                yield ToldChange(edit, revision, own, was, after)
            elif key != own and gap:
                gap.add(key, was, later.get(key))
            elif key != own:
                yield ToldChange(edit, revision, key, was, later.get(key))
        later.update(written)
        if gap and (was_public or before is None):
            yield from gap.tell(is_first=not was_public)
            gap = None
        if before is None:
            return  # what was before is the past of another, whose number it got
    if gap:
        yield from gap.tell(is_first=True)


def is_public_row(row: Content) -> bool:
    return row is not None and is_published(row)


def drop_time(row: Row) -> Row:
    """Return the content of a row without when it changed, which any change brings along."""
    return {name: value for name, value in row.items() if name != "changed_at"}


def hide_content(pk: int) -> Row:
    """Return what is told of a record that readers could not see: that there was one."""
    return {"id": pk, "state": Programme.State.DRAFT.value}


def join_by_edit(versions: Iterable[Kept]) -> Iterator[Kept]:
    """Yield one version of a row for each edit: readers saw nothing of the steps within it."""
    for _edit, some in groupby(versions, key=lambda one: one.edit):
        first, *_between, last = [*some] * 2
        is_gone = last.operation == Operation.DELETE
        if not (is_gone and first.operation == Operation.INSERT):
            yield first._replace(operation=last.operation) if is_gone else first


class PublicPast:
    """Collects what is told of the history, in a file that SQLite deletes in the end."""

    def __init__(self) -> None:
        begun = Edit.objects.filter(kind=Edit.Kind.UNSEEN).order_by("-revision").first()
        self.begun = begun.revision if begun else 0
        self.published = BitMap64(
            Programme.objects.published().order_by("pk").values_list("pk", flat=True).iterator()
        )
        self.named: defaultdict[Model, BitMap64] = defaultdict(BitMap64)
        self.came: dict[int, tuple[int, int]] = {}
        # The edits whose reasons readers see: those that they see change something in a record.
        self.explained = BitMap64()
        self.store = sqlite3.connect("")
        self.store.executescript(MAKE_STORE)
        self.store.executemany(KEEP, self.tell_records())
        self.store.executemany(KEEP, self.tell_shared_rows())
        self.number_edits()

    def select_versions(self, **conditions: Any) -> Any:
        found = Version.objects.filter(edit__revision__gt=self.begun, **conditions)
        return found.values_list(*COLUMNS)

    # --- Records ---

    def tell_records(self) -> Iterator[tuple[Any, ...]]:
        """Yield the versions of published records, as the store keeps them."""
        for some in split_into_batches(iter(self.published), RECORDS_AT_ONCE):
            rows = self.select_versions(programme_id__in=some, model__in=map_own_models())
            written = rows.values_list("model", "object_id").order_by().distinct()
            present = read_present({*written, *((PROGRAMME, pk) for pk in some)})
            kept = map(Kept._make, rows.order_by("programme_id", *LAST_FIRST).iterator(AT_ONCE))
            for pk, versions in groupby(kept, key=lambda one: one.owner or 0):
                mine = {key: row for key, row in present.items() if belongs_to(key, row, pk)}
                yield from self.tell_record(pk, walk_record(pk, versions, mine))

    def tell_record(self, pk: int, told: Iterable[ToldChange]) -> Iterator[tuple[Any, ...]]:
        relations: defaultdict[Key, list[ToldChange]] = defaultdict(list)
        for one in told:
            if one.key[0] == LINEAGE:
                relations[one.key].append(one)
            else:
                yield from self.keep(pk, one)
        for changes in relations.values():
            for one in self.cut_relation(changes):
                yield from self.keep(pk, one)

    def cut_relation(self, changes: Iterable[ToldChange]) -> Iterator[ToldChange]:
        """Yield the changes of a relation since both of its ends were public, the last first."""
        for one in changes:
            was, after = (self.find_joint_edit(row) for row in (one.was, one.after))
            if after and after > (one.revision, one.edit):
                yield ToldChange(after[1], after[0], one.key, None, one.after)
                return
            if was and was < (one.revision, one.edit):
                yield one if after else one._replace(after=None)
            elif after:
                yield one._replace(was=None)
                return
            else:
                return

    def find_joint_edit(self, relation: Content) -> tuple[int, int] | None:
        """Return revision and id of the edit since which readers see the ends of a relation.

        None if they do not.
        """
        ends = {end for name in ENDS if relation and (end := relation.get(name))}
        if relation is None or not all(end in self.published for end in ends):
            return None
        return max(map(self.find_publication, ends), default=(0, 0))

    def find_publication(self, pk: int) -> tuple[int, int]:
        """Return revision and id of the edit that published a record last; zeros if none did."""
        if pk not in self.came:
            rows = self.select_versions(model=PROGRAMME, object_id=pk).order_by(*LAST_FIRST)
            hidden = (one for one in map(Kept._make, rows) if not is_public_row(one.was))
            found = next(hidden, None)
            self.came[pk] = (found.revision, found.edit) if found else (0, 0)
        return self.came[pk]

    def keep(self, pk: int, told: ToldChange) -> Iterator[tuple[Any, ...]]:
        """Yield a change as the store keeps it, unless readers see no difference."""
        model = map_own_models()[told.key[0]]
        was, after = (self.tell_public(model, one) for one in (told.was, told.after))
        if was == after:
            return
        if was is None or after is None or drop_time(was) != drop_time(after):
            self.explained.add(told.edit)
        if was:
            self.note_named(model, was)
        organisation = was and was.get("organisation_id")
        yield (told.edit, *told.key, pk, 0, organisation, told.operation, encode(was))

    def tell_public(self, model: Model, was: Content) -> Content:
        """Return the content of a row without what readers never see, and without what is empty."""
        if was is None:
            return None
        secret = {*SECRET} if model is Programme else set()
        secret |= {
            name for name in list_loose_ends(model) if (was.get(name) or 0) not in self.published
        }
        if str(was.get("logo", "")).startswith(PRIVATE):
            secret.add("logo")
        return {
            name: value
            for name, value in tell_values(model, was)
            if name not in secret and value != ""
        }

    def note_named(self, model: Model, was: Row) -> None:
        for field in list_foreign_keys(model):
            if pk := was.get(field.attname):
                self.named[field.related_model].add(pk)

    # --- Rows that records share ---

    def tell_shared_rows(self) -> Iterator[tuple[Any, ...]]:
        for label, model in map_shared_models().items():
            seen = model._base_manager.filter(where_visible(model)).values_list("pk", flat=True)
            told = BitMap64(seen.iterator())
            here = model._base_manager.order_by("pk").values_list("pk", flat=True)
            told |= self.named[model] - BitMap64(here.iterator())
            rows = self.select_versions(model=label, programme_id=None)
            kept = map(Kept._make, rows.order_by("object_id", "pk").iterator(chunk_size=AT_ONCE))
            for pk, versions in groupby(kept, key=lambda one: one.pk):
                if pk in told:
                    yield from self.tell_shared_row(model, [*join_by_edit(versions)])

    def tell_shared_row(self, model: Model, versions: Sequence[Kept]) -> Iterator[tuple[Any, ...]]:
        """Yield the versions of a row since readers see it, the first one without content."""
        hidden = [place for place, one in enumerate(versions) if is_hidden(model, one.was)]
        begun = hidden[-1] if hidden else -1
        for place, one in enumerate(versions):
            is_first = place == begun and one.operation != Operation.DELETE
            if is_first or place > begun:
                was = None if is_first else encode(self.tell_public(model, one.was))
                operation = Operation.INSERT.value if is_first else one.operation
                whom = one.organisation
                yield (one.edit, one.model, one.pk, None, place, whom, operation, was)

    # --- Numbers and lines ---

    def number_edits(self) -> None:
        """Number the edits that are told: those with versions, else the first of a revision."""
        self.told = BitMap64(self.list_edits())
        edits = Edit.objects.filter(revision__isnull=False)
        ordered = edits.order_by("revision", "made_at", "pk")
        rows = ordered.values_list("revision", "pk", "kind").iterator(chunk_size=AT_ONCE)
        for _revision, some in groupby(rows, key=lambda row: row[0]):
            self.told |= BitMap64(self.choose_edits([row[1:] for row in some]))
        pks = edits.order_by("revision", "pk").values_list("pk", flat=True)
        told = (pk for pk in pks.iterator(chunk_size=AT_ONCE) if pk in self.told)
        numbered = ((pk, number) for number, pk in enumerate(told, 1))
        self.store.executemany("INSERT INTO edit VALUES (?, ?)", numbered)

    def choose_edits(self, edits: Sequence[tuple[int, str]]) -> Iterator[int]:
        """Yield which edits of a revision are told besides those with versions; takes them by time.

        If none has versions it is the first, so that the revision has a day: later ones are of
        drafts.
        """
        yield from (pk for pk, kind in edits if kind in WITHOUT_ROWS)
        if not any(pk in self.told for pk, _kind in edits):
            yield edits[0][0]

    def list_edits(self) -> Iterator[int]:
        yield from (edit for (edit,) in self.store.execute("SELECT DISTINCT edit FROM told"))

    def write_lines(self, model: Model) -> Iterator[bytes]:
        """Yield the rows of a model of the history as lines, ordered by id."""
        rows = {Edit: self.write_edits, Redaction: self.write_redactions}
        yield from map(encode_row, rows.get(model, self.write_versions)())

    def write_edits(self) -> Iterator[Row]:
        names, numbers = list_columns(Edit), count(1)
        rows = Edit.objects.filter(revision__isnull=False).order_by("revision", "pk")
        for row in rows.values_list(*list_lookups(Edit)).iterator(chunk_size=AT_ONCE):
            told = dict(zip(names, row, strict=True))
            if told["id"] in self.told:
                reason = told["reason"] if told["id"] in self.explained else ""
                yield {**told, "id": next(numbers), "user": None, "reason": reason}

    def write_redactions(self) -> Iterator[Row]:
        names, numbers = list_columns(Redaction), count(1)
        rows = Redaction.objects.order_by("pk").annotate(at=F("edit__made_at"))
        for one in rows.iterator():
            if number := self.find_number(one.edit_id, one.programme_id):
                told = {"id": next(numbers), "edit_id": number, "made_at": one.at, "user": None}
                yield {name: told.get(name, getattr(one, name, None)) for name in names}

    def find_number(self, edit: int, programme: int) -> int | None:
        """Return the number of an edit that is told of a record."""
        found = self.store.execute(
            "SELECT number FROM told JOIN edit ON edit.id = told.edit"
            " WHERE edit.id = ? AND programme_id = ?",
            [edit, programme],
        ).fetchone()
        return found and found[0]

    def write_versions(self) -> Iterator[Row]:
        for number, row in enumerate(self.store.execute(READ), 1):
            edit, model, pk, operation, programme, organisation, was = row
            told = {
                "id": number, "edit_id": edit, "model": model, "object_id": pk,
                "operation": operation, "programme_id": programme,
                "organisation_id": organisation, "was": was and orjson.loads(was),
            }  # fmt: skip
            yield {name: told[name] for name in list_columns(Version)}


@cache
def list_loose_ends(model: Model) -> list[str]:
    """Return the columns with a programme's id that can be emptied if it is not public."""
    ties = [field for field in list_foreign_keys(model) if field.related_model is Programme]
    return [tie.attname for tie in ties if tie not in list_owners(model)]


def encode(was: Content) -> bytes | None:
    return None if was is None else orjson.dumps(was)


def is_hidden(model: Model, was: Content) -> bool:
    """Whether readers could not see a row that says itself whether they can."""
    return model in SHOWN and was is not None and not decode_row(model, was)["is_public"]


def read_present(keys: Iterable[Key]) -> dict[Key, Content]:
    """Return rows as they are."""
    ids: defaultdict[str, list[int]] = defaultdict(list)
    for label, pk in keys:
        ids[label].append(pk)
    return {
        (label, row["id"]): row
        for label, pks in ids.items()
        for some in split_into_batches(iter(pks), ROWS_AT_ONCE)
        for row in map_own_models()[label]._base_manager.filter(pk__in=some).values()
    }


def belongs_to(key: Key, row: Any, programme: int) -> bool:
    """Whether a row is about a programme, as far as its own columns say."""
    if key[0] == PROGRAMME:
        return key[1] == programme
    names = [name for name in ("programme_id", *ENDS) if name in row]
    return not names or programme in {row[name] for name in names}

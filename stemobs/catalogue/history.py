"""What the catalogue held at an earlier revision: today's rows, with what changed since undone."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property, reduce
from operator import or_
from typing import Any, NamedTuple

from django.db import connection, models
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from partnerships.models import Organisation
from programmes.models import Change, Edit, FormerSourceSlug, Programme, Source, Version
from stemobs.catalogue.states.moments import hold_one_state, is_lost, read_latest_moment
from stemobs.catalogue.triggers.tables import describe_recorded_table

Model = type[models.Model]
Row = dict[str, Any]
Rows = dict[int, Row]
Undone = tuple[int, Mapping[str, Any] | None]  # the id of a row, and what it was: None if not there
NOTHING = Q(pk__in=())
# Stands among the columns of a version from which something was taken out, and says why.
WITHHELD = "withheld"
# The order of versions of many rows. Those of two transactions that were open at once are numbered
# among each other; what is not over comes last.
LAST_FIRST = (models.F("edit__revision").desc(nulls_first=True), "-pk")
OWNERS: dict[str, Any] = {
    Change.Subject.PROGRAMME: Programme,
    Change.Subject.ORGANISATION: Organisation,
}


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
        if owner:
            return OwnersPast(owner, revision).read_rows(model)
        refuse_unknown_state(revision)
        return undo_changes(
            model, read_present_rows(model, Q()), list_undone(select_later(revision), model)
        )


def refuse_unknown_state(revision: int) -> None:
    latest = read_latest_moment(connection).number
    if revision > latest:
        raise UnknownState(f"The catalogue is at revision {latest}.")
    begun = Edit.objects.filter(kind=Edit.Kind.UNSEEN, revision__gt=revision)
    if revision < 1 or begun.exists() or is_lost(revision):
        raise UnknownState(f"What the catalogue held at revision {revision} is not recorded.")


class OwnersPast:
    """What the catalogue held about a programme or an organisation at a revision.

    All is read from one state of the database, which whoever asks holds.
    """

    def __init__(self, owner: Owner, revision: int) -> None:
        """Raise UnknownState if what was at the revision cannot be told."""
        refuse_unknown_state(revision)
        self.owner, self.revision = owner, revision
        self.read: dict[Model, Rows] = {}
        self.withheld: dict[tuple[Model, int], str] = {}  # why what rows held is not kept any more

    @cached_property
    def undone(self) -> defaultdict[str, list[Undone]]:
        """What to undo in rows about the owner, by the label of their model, the last first."""
        return group_undone(self.later.filter(**{f"{self.owner.subject}_id": self.owner.pk}))

    @property
    def later(self) -> QuerySet[Version]:
        """The versions of what changed after the revision, none of an earlier owner's rows."""
        own = where_since_it_came(OWNERS[self.owner.subject], self.owner.pk)
        return select_later(self.revision).filter(own)

    def read_rows(self, model: Model) -> Rows:
        """Return the rows of a model about the owner, as they were, by id."""
        if model not in self.read:
            marks = describe_recorded_table(model).marks
            paths = [mark.path for mark in marks if mark.subject == self.owner.subject]
            parts = [path.split("__")[0] for path in paths if "__" in path]
            self.read[model] = (
                self.read_parts(model, parts[0]) if parts else self.read_facts(model, paths)
            )
        return self.read[model]

    def read_facts(self, model: Model, paths: Iterable[str]) -> Rows:
        condition = reduce(or_, (Q(**{path: self.owner.pk}) for path in paths), NOTHING)
        rows = read_present_rows(model, condition)
        return self.undo(model, rows, self.undone[model._meta.label_lower])

    def read_named_rows(self, named: Mapping[Model, Iterable[int]]) -> dict[Model, Rows]:
        """Return the rows with these ids, which others share, as they were, by model.

        What another programme withholds goes from its own states alone: here only its name stands.
        """
        return {
            model: undo_changes(model, rows, undone)
            if model is Programme
            else self.undo(model, rows, undone)
            for model, rows, undone in find_named_rows(named, self.revision)
        }

    def undo(self, model: Model, rows: Rows, undone: Iterable[Undone]) -> Rows:
        """Undo changes in these rows, and note which of them are not told in full any more."""
        undone = list(undone)
        for pk, was in undone:
            self.withheld.pop((model, pk), None)
            if was and WITHHELD in was:
                self.withheld[model, pk] = was[WITHHELD]
        return undo_changes(model, rows, undone)

    def read_parts(self, model: Model, name: str) -> Rows:
        """Return the parts of the owner's facts, such as the claims of its discrepancies.

        A part has no version of its own when its fact moves to another programme. So the facts say
        whose it is; `name` is that of the foreign key which leads to them.
        """
        field: Any = model._meta.get_field(name)
        facts = self.read_rows(field.related_model)
        rows = read_present_rows(model, Q(**{f"{name}__in": list(facts)})) if facts else {}
        if facts:
            programmes = self.list_programmes(field.related_model, facts)
            changed = Q(programme_id__in=programmes) | Q(object_id__in=list(rows))
            self.undo(model, rows, list_undone(self.later.filter(changed), model))
        return {pk: row for pk, row in rows.items() if row[field.attname] in facts}

    def list_programmes(self, model: Model, facts: Rows) -> set[int]:
        """Return the programmes that these facts have belonged to since the revision."""
        moved = self.later.filter(model=model._meta.label_lower, object_id__in=list(facts))
        owners = moved.values_list("programme_id", flat=True).distinct()
        return {self.owner.pk, *filter(None, owners)}


def read_named_rows_at(named: Mapping[Model, Iterable[int]], revision: int) -> dict[Model, Rows]:
    """Return the rows with these ids as they were at a revision that can be told, by model."""
    found = find_named_rows(named, revision)
    return {model: undo_changes(model, rows, undone) for model, rows, undone in found}


def find_named_rows(
    named: Mapping[Model, Iterable[int]], revision: int
) -> Iterator[tuple[Model, Rows, list[Undone]]]:
    """Yield by model the rows with these ids as they are, and what to undo in them.

    What to undo in all of them is asked once.
    """
    ids = {model: [*pks] for model, pks in named.items()}
    pairs = (
        Q(model=model._meta.label_lower, object_id__in=pks) for model, pks in ids.items() if pks
    )
    undone = group_undone(select_later(revision).filter(reduce(or_, pairs, NOTHING)))
    for model, pks in ids.items():
        if pks:
            yield model, read_present_rows(model, Q(pk__in=pks)), undone[model._meta.label_lower]


def read_present_rows(model: Model, condition: Q) -> Rows:
    rows = model._base_manager.filter(condition).values()
    return {row["id"]: row for row in rows.iterator()}


def undo_changes(model: Model, rows: Rows, undone: Iterable[Undone]) -> Rows:
    """Undo changes in these rows, from the last to the first; return them."""
    for pk, was in undone:
        if was is None:
            rows.pop(pk, None)
        else:
            rows[pk] = decode_row(model, was)
    return rows


def list_undone(later: QuerySet[Version], model: Model) -> Iterable[Undone]:
    """Return what to undo in the rows of a model, the last first."""
    rows = later.filter(model=model._meta.label_lower)
    return rows.values_list("object_id", "was").iterator()


def group_undone(later: QuerySet[Version]) -> defaultdict[str, list[Undone]]:
    """Return what to undo by the label of the model, each the last first."""
    found: defaultdict[str, list[Undone]] = defaultdict(list)
    for label, pk, was in later.values_list("model", "object_id", "was"):
        found[label].append((pk, was))
    return found


def select_later(revision: int) -> QuerySet[Version]:
    """Return the versions of what changed after a revision, the last first.

    Whoever changes a row waits for whoever changed it before. So the versions of one row are
    numbered as they came to be, although those of others may lie between.
    """
    # An edit that is still being made, which only its own transaction sees, has no revision yet.
    return Version.objects.exclude(edit__revision__lte=revision).order_by("-pk")


def where_since_it_came(model: Model, pk: int) -> Q:
    """Return the condition for versions since a row came that had gone; true for most rows.

    A dump that replaced the catalogue may have given another row the number of one that went. What
    was before that is the past of the other. An organisation or a source that a curator brings
    back, by undoing a merger, is the same as before.
    """
    own = Version.objects.filter(model=model._meta.label_lower, object_id=pk)
    came = own.filter(operation=Version.Operation.INSERT, pk__gt=OuterRef("pk"))
    if model is not Programme:
        came = came.exclude(edit__kind=Edit.Kind.CURATOR)
    went = own.filter(Exists(came), operation=Version.Operation.DELETE).order_by("-pk")
    return Q(pk__gt=Coalesce(Subquery(went.values("pk")[:1]), 0))


def where_about(row: models.Model) -> Q:
    """Return the condition for the versions of a row, and of the rows about it.

    What an organisation does in a programme is about the programme.
    """
    about = Q(model=row._meta.label_lower, object_id=row.pk)
    if isinstance(row, Programme):
        about = Q(programme_id=row.pk)
    elif isinstance(row, Organisation):
        about |= Q(organisation_id=row.pk, programme_id=None)
    elif isinstance(row, Source):
        # What was merged into it leaves its address there.
        led = FormerSourceSlug.objects.filter(source=row).values("pk")
        about |= Q(model=FormerSourceSlug._meta.label_lower, object_id__in=led)
    return about & where_since_it_came(type(row), row.pk)


def decode_row(model: Model, was: Mapping[str, Any]) -> Row:
    """Return a row as queries return it, from what a version says of it."""
    return dict(decode_values(model, was))


def decode_content(model: Model, was: Mapping[str, Any] | None) -> Row:
    """Return what a version says of a row as queries return it, without what it leaves out."""
    given = was or {}
    decoded = decode_row(model, given)
    return {name: decoded.get(name, value) for name, value in given.items()}


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

"""Undoing an edit of a record by an edit of its own.

What the edit changed goes back to what it was before, unless it was changed again since: then
nothing is undone, and what is in the way is named.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from programmes.models import Edit, Programme, Version
from programmes.pictures.names import is_private
from stemobs.catalogue.editing import edit, wait_for_turn
from stemobs.catalogue.history import WITHHELD, Model, Row, decode_row, where_about
from stemobs.entries.history.differences import KINDS
from stemobs.entries.history.rebuilding import RELATIONS, find_link
from stemobs.entries.history.wording import name_field

# Columns that change by themselves.
BOOKKEEPING = {"id", "created_at", "changed_at"}
# Columns of a programme on which more hangs than its row: what is public, links, and files.
BY_FORM_ONLY = {"state", "withdrawn_reason", "merged_into_id", "slug", "logo"}


class CannotUndo(ValueError):
    """An edit that cannot be undone, with what is in the way."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, eq=False)
class RowChange:
    """What an edit did to a row: what it was before, after, and is now; None for no row."""

    model: Model
    pk: int
    before: Row | None
    after: Row | None
    now: Row | None
    withheld: str = ""  # why what it held is not kept any more
    free: frozenset[str] = frozenset()  # columns that may go back although only a form changes them
    brings_picture: bool = False  # whether `before` has the name that its picture has by now

    @property
    def columns(self) -> list[str]:
        """The columns that the edit changed, of a row that was there before and after."""
        if self.before is None or self.after is None:
            return []
        names = self.before.keys() - BOOKKEEPING
        is_moved = self.model is Programme and is_picture_moved(self.before, self.after)
        if is_moved and not self.brings_picture:
            names -= {"logo"}  # it goes with the record
        return sorted(name for name in names if self.before[name] != self.after[name])

    @property
    def is_told(self) -> bool:
        """Whether the row is another than before, or was and is withheld."""
        return bool(self.withheld) or self.before != self.after

    @property
    def name(self) -> str:
        """What the row is about, as curators call it."""
        return name_rows(self.model)

    def list_hindrances(self) -> Iterator[str]:
        """Yield the names of what cannot go back, because it was changed since or is withheld."""
        if self.withheld:
            yield _("%(name)s: its content is withheld") % {"name": self.name}
        elif self.model is Programme and self.before is None:
            yield _("It added the record itself: withdraw it in the form")
        elif self.before is None or self.after is None:
            if self.now is not None and differs(self.now, self.after):
                yield _("%(name)s: changed since") % {"name": self.name}
        else:
            yield from self.list_columns_in_the_way()

    def list_columns_in_the_way(self) -> Iterator[str]:
        now = self.now
        if now is None:
            yield _("%(name)s: removed since") % {"name": self.name}
            return
        before, after = self.before or {}, self.after or {}
        for column in self.columns:
            told = {"name": self.name, "column": name_column(self.model, column)}
            if self.model is Programme and column in BY_FORM_ONLY - self.free:
                yield _("%(name)s, %(column)s: change it in the form") % told
            elif now[column] not in (after[column], before[column]):
                yield _("%(name)s, %(column)s: changed since") % told

    @property
    def is_undone(self) -> bool:
        """Whether the row is already as it was before the edit."""
        if self.before is None or self.now is None:
            return self.before is self.now
        return all(self.now[column] == self.before[column] for column in self.columns)


def is_picture_moved(before: Row, after: Row) -> bool:
    """Whether the picture of a record went out of the folder that readers do not see, or into it.

    It gets another name there when the record is published or withdrawn.
    """
    names = before["logo"], after["logo"]
    return all(names) and is_private(names[0]) != is_private(names[1])


def differs(now: Row, after: Row | None) -> bool:
    return after is None or any(now[name] != after[name] for name in now.keys() - BOOKKEEPING)


# --- What an edit did -----------------------------------------------------------------------------


def list_changes(owner: models.Model, made: Edit) -> list[RowChange]:
    """Return what an edit did to a row, and to the rows about it."""
    own = made.versions.filter(where_about(owner)).order_by("pk")
    rows = dict.fromkeys(own.values_list("model", "object_id"))
    return [one for one in read_changes(rows, {made.pk}) if one.is_told]


def list_changes_of_many(edits: Iterable[Edit]) -> dict[int, list[RowChange]]:
    """Return by record what edits did to records and to the rows about them, in few queries.

    Each record is to be changed by one of the edits.
    """
    ids = {made.pk for made in edits}
    about = Version.objects.filter(edit__in=ids).exclude(programme_id=None).order_by("pk")
    rows = {
        (label, pk): int(programme or 0)  # the query leaves out those without one
        for label, pk, programme in about.values_list("model", "object_id", "programme_id")
    }
    changes: defaultdict[int, list[RowChange]] = defaultdict(list)
    for change in read_changes(rows, ids):
        if change.is_told:
            changes[rows[change.model._meta.label_lower, change.pk]].append(change)
    return changes


def read_changes(rows: Iterable[tuple[str, int]], edits: Container[int]) -> Iterator[RowChange]:
    """Yield what some edits did to rows, in their order; two queries for each kind of rows."""
    stored, lines = read_stored(rows), read_lines(rows)
    for label, pk in rows:
        yield read_change_in(lines[label, pk], edits, stored[label].get(pk))


def read_lines(rows: Iterable[tuple[str, int]]) -> dict[tuple[str, int], list[Version]]:
    """Return all versions of rows, the first one first."""
    lines: dict[tuple[str, int], list[Version]] = {row: [] for row in rows}
    for label, ids in group_ids(rows).items():
        for one in Version.objects.filter(model=label, object_id__in=ids).order_by("pk"):
            lines[label, one.object_id].append(one)
    return lines


def group_ids(rows: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    """Return the ids of rows by their models."""
    ids: defaultdict[str, list[int]] = defaultdict(list)
    for label, pk in rows:
        ids[label].append(pk)
    return ids


def read_change_in(line: Sequence[Version], edits: Container[int], now: Row | None) -> RowChange:
    """Return what one of some edits did to a row, of which these are all versions."""
    first, last = (
        next(n for n, one in counted if one.edit_id in edits)
        for counted in (enumerate(line), reversed([*enumerate(line)]))
    )
    later = line[last + 1] if last + 1 < len(line) else None
    return build_change(line[first], later, now)


def list_all_changes(owner: models.Model, edits: Sequence[Edit]) -> dict[int, list[RowChange]]:
    """Return by their ids what the last edits did to a row, and to the rows about it."""
    lines: defaultdict[tuple[str, int], list[Version]] = defaultdict(list)
    for one in Version.objects.filter(where_about(owner), edit__in=edits).order_by("pk"):
        line = lines[one.model, one.object_id]
        if not line or line[-1].edit_id != one.edit_id:
            line.append(one)
    stored = read_stored(lines)
    changes: defaultdict[int, list[RowChange]] = defaultdict(list)
    for (label, pk), line in lines.items():
        model, now = apps.get_model(label), stored[label].get(pk)
        for one, later in zip(line, [*line[1:], None], strict=True):
            before = read_content(model, one)
            after = read_content(model, later) if later else now
            withheld = find_reason(one, later)
            if withheld or before != after:
                change = RowChange(model, pk, before, after, now, withheld)
                changes[one.edit_id].append(change)
    return changes


def find_reason(*versions: Version | None) -> str:
    """Return why what a row was is withheld in one of some versions; "" if it is in none."""
    told = [one.was for one in versions if one and one.was]
    return next((was[WITHHELD] for was in told if WITHHELD in was), "")


def read_stored(rows: Iterable[tuple[str, int]]) -> dict[str, dict[int, Row]]:
    """Return rows as they are stored now, by model and id."""
    return {
        label: {
            row["id"]: row
            for row in apps.get_model(label)._base_manager.filter(pk__in=found).values()
        }
        for label, found in group_ids(rows).items()
    }


def build_change(first: Version, later: Version | None, now: Row | None) -> RowChange:
    """Return what became of a row between two versions of it, or until now."""
    model = apps.get_model(first.model)
    return RowChange(
        model=model,
        pk=first.object_id,
        before=read_content(model, first),
        after=read_content(model, later) if later else now,
        now=now,
        withheld=find_reason(first, later),
    )


def read_content(model: Model, version: Version) -> Row | None:
    return None if version.was is None else decode_row(model, version.was)


# --- Undoing --------------------------------------------------------------------------------------


def find_hindrances(changes: Sequence[RowChange]) -> list[str]:
    """Return what keeps these changes from being undone; [] if nothing does."""
    if all(one.is_undone for one in changes):
        return [_("Nothing is left to undo.")]
    return [told for one in changes for told in one.list_hindrances()]


def undo_edit(
    programme: Programme,
    made: Edit,
    user: Any,
    read: Callable[[], Sequence[RowChange]] | None = None,
) -> None:
    """Undo what an edit did to a record, in an edit of its own; raise CannotUndo if that fails.

    `read` says what else is undone, if that is more than what it did to the record.
    """
    try:
        with edit(Edit.Kind.CURATOR, user, word_undoing(made)):
            wait_for_turn()  # one after another, as forms are saved
            changes = read() if read else list_changes(programme, made)
            if hindrances := find_hindrances(changes):
                raise CannotUndo(hindrances)
            undo_changes([one for one in changes if not one.is_undone])
            if not any(one.model is Programme for one in changes):
                Programme.objects.get(pk=programme.pk).save()  # it counts as changed too
            connection.check_constraints()
    except ValidationError as error:
        raise CannotUndo(error.messages) from error
    except IntegrityError as error:
        told = _("It no longer fits what the record says now. Correct it in the form.")
        raise CannotUndo([told]) from error


def undo_many(changes: Mapping[int, Iterable[RowChange]], user: Any, reason: str) -> None:
    """Undo by record what was done to many, in one edit; raise CannotUndo if that fails.

    Nothing may be in the way of any. What a row was before passed all checks of its model, so the
    database alone sees to it that it fits in again, in one query for all that go back alike.
    """
    rows = [one for some in changes.values() for one in some]
    try:
        with edit(Edit.Kind.CURATOR, user, reason):
            bring_all_back(rows, changes)
    except IntegrityError as error:
        told = _("It no longer fits what the records say now. Correct it in their forms.")
        raise CannotUndo([told]) from error


def undo_everywhere(made: Edit, user: Any, read: Callable[[], Sequence[RowChange]]) -> None:
    """Undo what an edit did to all rows that `read` returns; raise CannotUndo if that fails.

    Rows that many records share may come back by it. As in `undo_many`, the database sees to it
    that all fits.
    """
    try:
        with edit(Edit.Kind.CURATOR, user, word_undoing(made)):
            wait_for_turn()
            changes = read()
            if hindrances := find_hindrances(changes):
                raise CannotUndo(hindrances)
            bring_all_back(changes, [one.pk for one in changes if one.model is Programme])
    except IntegrityError as error:
        told = _("It no longer fits what the records say now. Correct it in their forms.")
        raise CannotUndo([told]) from error


def bring_all_back(changes: Iterable[RowChange], records: Iterable[int]) -> None:
    """Bring all rows back to what they were; the records count as changed."""
    rows = [one for one in changes if not one.is_undone]
    for model in dict.fromkeys(one.model for one in rows):
        bring_back(model, [one for one in rows if one.model is model])
    Programme.objects.filter(pk__in=[*records]).update(changed_at=timezone.now())
    connection.check_constraints()


def bring_back(model: Model, rows: Sequence[RowChange]) -> None:
    """Remove the rows of a model that came, change the others back, and bring those that went.

    What changes back makes room for what comes, such as the address of a source.
    """
    stored = model._base_manager
    stored.filter(pk__in=[one.pk for one in rows if one.before is None])._raw_delete("default")
    alike: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
    for one in rows:
        if one.before is not None and one.now is not None:
            alike[tuple((name, one.before[name]) for name in one.columns)].append(one.pk)
    for back, ids in alike.items():
        stored.filter(pk__in=ids).update(**dict(back))
    stored.bulk_create(model(**one.before) for one in rows if one.before and one.now is None)


def word_undoing(made: Edit) -> str:
    when = date_format(timezone.localtime(made.made_at), "j F Y, H:i")
    return _("Undoes the change of %(when)s (revision %(revision)s).") % {
        "when": when, "revision": made.revision,
    }  # fmt: skip


def undo_changes(changes: Sequence[RowChange]) -> None:
    """Remove what came, then change back, then bring what went: parts go first and come last."""
    parts = {find_link(model, name).rows for model in RELATIONS for name in RELATIONS[model]
             if model is not Programme}  # fmt: skip
    for one in sorted(changes, key=lambda change: change.model not in parts):
        if one.before is None:
            one.model._base_manager.filter(pk=one.pk)._raw_delete("default")
    for one in changes:
        if one.before is not None and one.now is not None:
            change_back(one)
    for one in sorted(changes, key=lambda change: change.model in parts):
        if one.before is not None and one.now is None:
            row = one.model(**one.before)
            row.full_clean(exclude=getattr(row, "checked_links", ()))
            row.save(force_insert=True)


def change_back(one: RowChange) -> None:
    row = one.model._base_manager.get(pk=one.pk)
    for column in one.columns:
        setattr(row, column, (one.before or {})[column])
    # What it leads to may be brought back only after it. The last check of all finds what is not.
    row.full_clean(exclude=getattr(row, "checked_links", ()))
    with transaction.atomic():
        row.save()


# --- Names ----------------------------------------------------------------------------------------


def name_rows(model: Model) -> str:
    """Return what curators call the rows of a model: “Countries”, “Reach figure”."""
    for relation in Programme._meta.many_to_many:
        if relation.remote_field.through is model:
            return name_field(relation)
    for name, label in KINDS.items():
        if find_link(Programme, name).rows is model:
            return str(label)
    # What says only which rows were chosen is called as what has them, such as a guide item.
    owner: Any = model._meta.auto_created or model
    return capfirst(str(owner._meta.verbose_name))


def name_column(model: Model, column: str) -> str:
    fields: Mapping[str, Any] = {one.attname: one for one in model._meta.concrete_fields}
    return str(fields[column].verbose_name)

"""Takes a bulk change back as a whole, as far as nobody has changed the same since."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from programmes.models import BulkChange, BulkChangeRow, Programme
from stemobs.admin.bulk.confirming import look_at_few
from stemobs.admin.bulk.steps import BulkSteps, State
from stemobs.admin.rights.publishing import LONGEST_REASON
from stemobs.catalogue.editing import wait_for_turn
from stemobs.curation.bulk.changes import find_faults_of, read_records
from stemobs.curation.states import MAY_PUBLISH, Refused, describe_role, may_act_alone
from stemobs.entries.history.undoing import (
    CannotUndo,
    RowChange,
    find_hindrances,
    list_changes_of_many,
    undo_many,
)


@dataclass
class Undoing:
    """What can be taken back of a bulk change, and why the rest cannot."""

    changes: Mapping[int, Sequence[RowChange]]  # what was changed, by record
    left: Mapping[int, str]  # what is in the way, by record


class UndoesBulkChanges(BulkSteps):
    """Takes back what became of a bulk change, in one transaction."""

    def undo(self, request: HttpRequest, batch: BulkChange) -> HttpResponse:
        address = self.find_address(batch, "batch")
        try:
            with transaction.atomic():
                wait_for_turn()
                locked = BulkChange.objects.select_for_update(of=("self",)).get(pk=batch.pk)
                if locked.state == State.WAITING and not may_cancel(request.user, locked):
                    raise Refused(describe_role(request.user))
                rows = list_rows(locked)
                undoing = find_undoing(rows)
                refuse_alone(request.user, locked, (row.programme for row in rows if row.edit))
                if not undoing.changes and locked.state != State.WAITING:
                    raise CannotUndo([_("Nothing is left to undo.")])
                self.take_back(request, locked, undoing)
        except CannotUndo as error:
            told = _("Nothing was undone: %(reasons)s") % {"reasons": "; ".join(error.reasons)}
            self.message_user(request, told, messages.ERROR)
            return HttpResponseRedirect(address)
        self.message_user(request, word_undone(len(undoing.changes)), messages.SUCCESS)
        return HttpResponseRedirect(address)

    def take_back(self, request: HttpRequest, batch: BulkChange, undoing: Undoing) -> None:
        """Undo what can be, and let nothing of it wait any more."""
        if undoing.changes:
            reason = _("Undone: %(reason)s") % {"reason": batch.reason}
            with keep_sound(undoing.changes):
                undo_many(undoing.changes, request.user, reason[:LONGEST_REASON])
            look_at_few([*Programme.objects.filter(pk__in=undoing.changes)])
        batch.state = State.DONE if undoing.left else State.UNDONE
        batch.save(update_fields=["state", "changed_at"])


def may_cancel(user: Any, batch: BulkChange) -> bool:
    """Whether a user may keep what waits from being done: who chose it, or who may approve it."""
    return batch.user == user or user.has_perm(MAY_PUBLISH)


def refuse_alone(user: Any, batch: BulkChange, records: Iterable[Programme]) -> None:
    """Raise CannotUndo where what readers see would go back by one person alone.

    As of a single record, that takes who may publish, and did not choose the change.
    """
    if not settings.FOUR_EYES or may_act_alone(user) or not any(one.is_public for one in records):
        return
    if not user.has_perm(MAY_PUBLISH):
        raise CannotUndo([describe_role(user)])
    if batch.user == user:
        raise CannotUndo([_("You chose this, so somebody else has to undo it.")])


def list_rows(batch: BulkChange) -> list[BulkChangeRow]:
    """Return the rows of a bulk change with their records and edits."""
    return list(batch.rows.select_related("programme", "edit"))


def find_undoing(rows: Iterable[BulkChangeRow]) -> Undoing:
    """Return what can be taken back of the rows of a bulk change, in few queries."""
    found = list_changes_of_many({row.edit for row in rows if row.edit})
    left, changes = {}, {}
    for pk, changed in found.items():
        if all(one.is_undone for one in changed):
            continue
        if hindrances := find_hindrances(changed):
            left[pk] = "; ".join(dict.fromkeys(hindrances))
        else:
            changes[pk] = changed
    return Undoing(changes, left)


@contextmanager
def keep_sound(ids: Iterable[int]) -> Iterator[None]:
    """Let a block change records; raise CannotUndo if it brings errors before readers."""
    before = find_faults_of(read_records(ids))
    yield
    records = read_records(ids)
    found = find_faults_of(records)
    errors = [
        _("%(name)s: %(told)s") % {"name": one, "told": fault}
        for one in records
        for fault in found[one.pk] - before[one.pk]
        if fault.is_error and one.is_public
    ]
    if errors:
        raise CannotUndo(errors)


def word_undone(number: int) -> str:
    if not number:
        return _("Taken back. Nothing had been changed.")
    told = ngettext(
        "%(number)d record is as it was.", "%(number)d records are as they were.", number
    )
    return told % {"number": number}

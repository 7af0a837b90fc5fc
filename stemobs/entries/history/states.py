"""The states of a record that readers can look up: which there are, and what each holds.

Only a record that is public now has states, and only those in which readers could see it. What
happened to a draft, or while the record was withdrawn, is never shown.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from programmes.models import Change, Edit, Programme
from stemobs.catalogue.history import Owner, OwnersPast, UnknownState
from stemobs.catalogue.states.moments import Moment, hold_one_state, read_latest_moment
from stemobs.entries.history.rebuilding import rebuild_programme
from stemobs.entries.history.steps import find_latest_step
from stemobs.entries.history.telling import is_published
from stemobs.selection.parameters import DayField

AS_OF = "as_of"  # the parameter that asks for the state of a day


@dataclass(frozen=True)
class RecordState:
    """A published record as it was at a revision of the catalogue."""

    record: Programme  # as it is now
    programme: Programme  # as it was
    moment: Moment  # the revision, and when the catalogue came to it

    @property
    def has_changed(self) -> bool:
        """Whether readers have been told of a later change of the record."""
        latest = find_latest_step(self.record)
        return latest is not None and latest.revision > self.moment.number


class Withheld(LookupError):
    """A state of which something is not kept any more; it says why."""


def read_state(record: Programme, revision: int) -> RecordState | None:
    """Return a published record as it was at a revision; None if readers could not see it then.

    Raise Withheld if something of it must not be shown any more.
    """
    with hold_one_state(connection):
        past = open_past(record, revision)
        programme = past and rebuild_programme(past)
        if not (past and programme):
            return None
        if past.withheld:
            raise Withheld(word_withheld(next(iter(past.withheld.values()))))
        return RecordState(record, programme, Moment(revision, find_time(revision, programme)))


def open_past(record: Programme, revision: int) -> OwnersPast | None:
    try:
        return OwnersPast(Owner(Change.Subject.PROGRAMME, record.pk), revision)
    except UnknownState:
        return None


def find_time(revision: int, programme: Programme) -> datetime.datetime:
    """Return when the catalogue came to a revision, as far as edits tell."""
    made = Edit.objects.filter(revision__lte=revision).exclude(kind=Edit.Kind.ENDED)
    # The first edit made the revision; those of drafts at the same revision are secret.
    made = made.order_by("-revision", "made_at")
    return made.values_list("made_at", flat=True).first() or programme.changed_at


def find_revision_on(record: Programme, day: datetime.date) -> int | None:
    """Return the revision at the end of a day, or the present one on the present day.

    None if readers could not see the record then.
    """
    with hold_one_state(connection):
        revision = find_last_revision(day)
        past = open_past(record, revision) if revision else None
        row = past and past.read_rows(Programme).get(record.pk)
        return revision if is_published(row) else None


def find_last_revision(day: datetime.date) -> int | None:
    """Return the last revision that the catalogue came to until the end of a day."""
    if day >= timezone.localdate():
        return read_latest_moment(connection).number
    end = datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min)
    made = Edit.objects.filter(made_at__lt=timezone.make_aware(end), revision__isnull=False)
    return made.order_by("-revision").values_list("revision", flat=True).first()


def read_day(given: Sequence[str]) -> datetime.date:
    """Return the day that `as_of` names; raise ValidationError if it is none that has begun."""
    return DayField().clean(list(given))


def word_missing_state(revision: int) -> str:
    told = _("We have no state of this record at revision {revision}. See what changed in it.")
    return told.format(revision=revision)


def word_missing_day(day: datetime.date) -> str:
    told = _("We have no state of this record as of {day} ({parameter}).")
    return told.format(day=date_format(day, "j F Y"), parameter=AS_OF)


def word_withheld(reason: str) -> str:
    return _("Withheld: {reason}").format(reason=reason)

"""The desk of one person: what was returned to them, their drafts, what they may approve, tasks.

It is read in few queries, however much there is, because everybody begins the day with it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import (
    CharField,
    Count,
    DateTimeField,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.utils import timezone

from partnerships.models import Organisation
from programmes.models import Edit, Import, Lease, Programme, Suggestion, Task, Version
from stemobs.curation.states import MAY_PUBLISH
from stemobs.curation.suggestions import where_late
from stemobs.curation.tasks.queues import RANKED
from stemobs.curation.tasks.waiting import Waiting, read_waiting
from stemobs.curation.tasks.watching import LEASE

EDITS = 8
FILES = 8
LATE = timedelta(hours=36)  # after a night without a look
State = Programme.State


@dataclass(frozen=True)
class TasksOfKind:
    """How many tasks of a kind are open."""

    kind: Task.Kind
    number: int


@dataclass
class DeskNumbers:
    """How much there is, whoever asks, and when somebody last looked for tasks."""

    looked_at: datetime | None = None
    records: dict[str, int] = field(default_factory=dict)  # by state, of those not published too
    tasks: dict[str, int] = field(default_factory=dict)  # open ones, by kind
    suggestions: dict[str, int] = field(default_factory=dict)  # “received”, and “late”


class CuratorsDesk:
    """What waits for a user who has signed in."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self.may_publish = user.has_perm(MAY_PUBLISH)

    # What waits

    @cached_property
    def waiting(self) -> list[Waiting]:
        """What the user wrote and what waits for somebody: changes, mergers, records, checks."""
        return read_waiting(self.user)

    @property
    def returned(self) -> list[Waiting]:
        return [one for one in self.waiting if one.is_returned]

    @property
    def written(self) -> list[Waiting]:
        """What the user writes, or waits for somebody else to read it."""
        own = (one for one in self.waiting if one.is_mine and not one.is_returned)
        return [one for one in own if one.what != "check"]

    @property
    def checks(self) -> list[Waiting]:
        """The checks against sources that the user has begun, and not finished."""
        return [one for one in self.waiting if one.what == "check"]

    @property
    def to_approve(self) -> list[Waiting]:
        """What others have sent to review, and the user may approve or publish."""
        others = (one for one in self.waiting if one.waits and not one.is_mine)
        return [*others] if self.may_publish else []

    # Tasks, and what happened last

    @cached_property
    def tasks(self) -> list[TasksOfKind]:
        """How many tasks are open, by kind, those first that matter most to readers."""
        return [TasksOfKind(kind, self.numbers.tasks.get(kind, 0)) for kind in RANKED]

    @property
    def task_number(self) -> int:
        return sum(one.number for one in self.tasks)

    @cached_property
    def numbers(self) -> DeskNumbers:
        return count_all()

    @property
    def looked_at(self) -> datetime | None:
        return self.numbers.looked_at

    @property
    def is_look_late(self) -> bool:
        return is_late(self.looked_at)

    @cached_property
    def imports(self) -> list[Any]:
        """The partners' files that are being read, or whose drafts wait for review."""
        waiting = Import.objects.filter(state__in=[Import.State.READING, Import.State.DRAFTED])
        return list(waiting.defer("content", "answers").select_related("user")[:FILES])

    @cached_property
    def edits(self) -> list[Any]:
        """The latest edits, with the name of what the first row that each changed is about."""
        return list(select_edits()[:EDITS])


def count_all() -> DeskNumbers:
    """Count records, tasks and suggestions, and find the last look, in one query."""
    received = Suggestion.objects.filter(state=Suggestion.State.RECEIVED)
    late = Suggestion.objects.filter(where_late()).annotate(late=Value("late", CharField()))
    # The look comes first, so that PostgreSQL knows of which kind the times of the others are.
    looks = Lease.objects.filter(name=LEASE).order_by().annotate(
        what=Value("look", CharField()), number=Value(0)
    )  # fmt: skip
    parts = [
        count_by("records", Programme.objects.all(), "state"),
        count_by("tasks", Task.objects.filter(state=Task.State.OPEN), "kind"),
        count_by("suggestions", received, "state"),
        count_by("suggestions", late, "late"),
    ]
    found = DeskNumbers(
        records=dict.fromkeys(State.values, 0), suggestions={"received": 0, "late": 0}
    )
    rows = looks.values_list("what", "name", "number", "ended_at").union(*parts, all=True)
    for what, key, number, ended_at in rows:
        if what == "look":
            found.looked_at = ended_at
        else:
            getattr(found, what)[key] = number
    return found


def count_by(what: str, rows: QuerySet, column: str) -> QuerySet:
    """Return how many rows there are of each value of a column, called as something."""
    named = rows.order_by().annotate(what=Value(what, CharField())).values_list("what", column)
    at = Value(None, DateTimeField(null=True))
    return named.annotate(number=Count("pk"), at=at)


def select_edits() -> QuerySet[Edit]:
    rows = Version.objects.filter(edit=OuterRef("pk")).order_by("pk")
    programme = rows.exclude(programme_id=None).values("programme_id")[:1]
    organisation = rows.exclude(organisation_id=None).values("organisation_id")[:1]
    edits = Edit.objects.exclude(revision=None).select_related("user").order_by("-revision", "-pk")
    return (
        edits.annotate(programme_pk=Subquery(programme), organisation_pk=Subquery(organisation))
        .annotate(
            programme_name=find_name(Programme, "programme_pk"),
            organisation_name=find_name(Organisation, "organisation_pk"),
        )
        .exclude(programme_name=None, organisation_name=None, reason="")
    )


def find_name(model: Any, column: str) -> Subquery:
    return Subquery(model.objects.filter(pk=OuterRef(column)).order_by().values(told=F("name"))[:1])


def find_last_look() -> datetime | None:
    """Return when somebody last looked for all tasks; None if never."""
    return Lease.objects.filter(name=LEASE).values_list("ended_at", flat=True).first()


def is_late(ended: datetime | None) -> bool:
    """Whether the last look is so long ago that a later one must have failed."""
    return ended is None or timezone.now() - ended > LATE

"""What waits for one person: what was returned to them, their drafts, what they may approve, tasks.

It is read in few queries, however much there is, because everybody begins the day with it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import (
    CharField,
    Count,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.utils import timezone

from partnerships.models import Organisation
from programmes.models import (
    ChangeDraft,
    DraftStep,
    Edit,
    Import,
    Lease,
    Programme,
    ProposedMerger,
    RecordCheck,
    Suggestion,
    Task,
    Version,
)
from stemobs.curation.states import MAY_PUBLISH
from stemobs.curation.suggestions import where_late
from stemobs.curation.tasks.queues import RANKED
from stemobs.curation.tasks.watching import LEASE
from stemobs.entries.history.steps import PROGRAMME

MOST = 100  # drafts that are read
EDITS = 8
FILES = 8
LATE = timedelta(hours=36)  # after a night without a look
DraftState = ChangeDraft.State
Proposed = ProposedMerger.State
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

    @property
    def has_review(self) -> bool:
        """Whether changes of published records wait for a second person."""
        return bool(settings.FOUR_EYES)

    # Drafts of changes

    @cached_property
    def drafts(self) -> list[Any]:
        """The open drafts of changes that the user wrote, then those that wait for somebody."""
        if not self.has_review:
            return []
        wrote = DraftStep.objects.filter(
            draft=OuterRef("pk"), kind=DraftStep.Kind.WROTE, user=self.user
        )
        rows = ChangeDraft.objects.filter(state__in=ChangeDraft.OPEN)
        rows = rows.annotate(is_mine=Exists(wrote)).select_related("programme")
        shown = rows.filter(Q(is_mine=True) | Q(state=DraftState.REVIEW))
        return list(shown.defer("form", "opened").order_by("-is_mine", "-changed_at")[:MOST])

    @property
    def returned(self) -> list[Any]:
        return [one for one in self.drafts if one.is_mine and one.state == DraftState.RETURNED]

    @property
    def written(self) -> list[Any]:
        return [one for one in self.drafts if one.is_mine and one.state != DraftState.RETURNED]

    @property
    def to_approve(self) -> list[Any]:
        """The drafts of others that the user may approve."""
        return [one for one in self.drafts if not one.is_mine] if self.may_publish else []

    @cached_property
    def checks(self) -> list[Any]:
        """The checks against sources that the user has begun, and not finished."""
        begun = RecordCheck.objects.filter(user=self.user, finished_at=None)
        kept = begun.select_related("programme").only("programme__name", "changed_at")
        return list(kept.order_by("-changed_at")[:MOST])

    @cached_property
    def mergers(self) -> list[Any]:
        """The mergers that the user has sent or got back, and those that wait for somebody."""
        waiting = Q(state=Proposed.WAITING)
        own = Q(user=self.user, state__in=[Proposed.WAITING, Proposed.RETURNED])
        rows = ProposedMerger.objects.filter(waiting | own)
        return list(rows.only("told", "state", "user", "changed_at")[:MOST])

    @property
    def own_mergers(self) -> list[Any]:
        return [one for one in self.mergers if one.user_id == self.user.pk]

    @property
    def mergers_to_approve(self) -> list[Any]:
        """The mergers that others have sent, and that the user may approve."""
        others = [one for one in self.mergers if one.user_id != self.user.pk]
        return others if self.may_publish else []

    # Records that are not published yet

    @cached_property
    def records(self) -> list[Any]:
        """The unpublished records that the user wrote, then those that wait for review."""
        inserted = Version.objects.filter(
            model=PROGRAMME,
            object_id=OuterRef("pk"),
            operation=Version.Operation.INSERT,
            edit__user=self.user,
        )
        unpublished = Programme.objects.filter(state__in=[State.DRAFT, State.REVIEW])
        rows: Any = unpublished.annotate(is_mine=Exists(inserted))
        shown = rows.filter(Q(is_mine=True) | Q(state=State.REVIEW))
        kept = shown.only("name", "slug", "state", "changed_at")
        return list(kept.order_by("-is_mine", "-changed_at")[:MOST])

    @property
    def own_records(self) -> list[Any]:
        return [one for one in self.records if one.is_mine]

    @property
    def records_to_publish(self) -> list[Any]:
        """The records in review that somebody else wrote."""
        in_review = (one for one in self.records if one.state == State.REVIEW)
        return [one for one in in_review if not one.is_mine] if self.may_publish else []

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

"""What waits for a user or was returned to them, of whatever kind, read in one query."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.utils.translation import gettext_lazy as _

from programmes.models import (
    BulkChange,
    ChangeDraft,
    DraftStep,
    ImportedRow,
    Programme,
    ProposedMerger,
    RecordCheck,
    Version,
)
from programmes.models.curation.returned import Returnable
from stemobs.entries.history.steps import PROGRAMME

MOST = 100  # of each kind that are read
State = Programme.State
COLUMNS = ("what", "page", "called", "stands", "own", "last", "said")


class WaitingKind(NamedTuple):
    """A kind of thing that waits: what it is called, its page, and in which states it may be."""

    label: Any
    view: str
    states: Any = None


KINDS = {
    "draft": WaitingKind(_("A change"), "programmes_programme_draft", ChangeDraft.State),
    "bulk": WaitingKind(_("A bulk change"), "programmes_bulkchange_batch", BulkChange.State),
    "merger": WaitingKind(
        _("A merger"), "programmes_proposedmerger_change", ProposedMerger.State
    ),
    "record": WaitingKind(_("A new record"), "programmes_programme_change", State),
    "check": WaitingKind(_("A check"), "programmes_programme_check"),
}  # fmt: skip


@dataclass(frozen=True)
class Waiting:
    """Something that somebody wrote, that they got back, or that waits for a second person."""

    what: str  # a key of KINDS
    pk: int  # of its page
    name: str
    state: str
    is_mine: bool
    changed_at: datetime
    said: str  # by whoever returned it

    @property
    def kind(self) -> WaitingKind:
        return KINDS[self.what]

    @property
    def view(self) -> str:
        return f"admin:{self.kind.view}"

    @property
    def state_label(self) -> str:
        return str(self.kind.states(self.state).label)

    @property
    def is_returned(self) -> bool:
        """Whether its author is to mend it. A new record is a draft again by then."""
        at = State.DRAFT if self.what == "record" else Returnable.RETURNED
        return self.is_mine and self.state == at and (self.what != "record" or bool(self.said))

    @property
    def waits(self) -> bool:
        """Whether a second person is to read it."""
        return self.state in (ChangeDraft.State.REVIEW, BulkChange.State.WAITING)


def read_waiting(user: Any) -> list[Waiting]:
    """Return what a user wrote and what waits for somebody, at most some of each kind.

    What a user wrote comes first, and then what was changed last.
    """
    # New records come first, so that PostgreSQL knows of which kind the columns of all are.
    first, *others = (select_records(user), select_checks(user))
    others += [select_bulk(user), select_mergers(user)]
    if settings.FOUR_EYES:
        others.append(select_drafts(user))
    rows = first.union(*others, all=True).order_by("-own", "-last")
    return [Waiting(*row) for row in rows]


def select_records(user: Any) -> QuerySet:
    """Select the unpublished records that a user wrote, and those that wait for review.

    What was said of one that came by an import stands in the row of that.
    """
    inserted = Version.objects.filter(
        model=PROGRAMME,
        object_id=OuterRef("pk"),
        operation=Version.Operation.INSERT,
        edit__user=user,
    )
    returned = ImportedRow.objects.filter(
        programme=OuterRef("pk"), is_new=True, is_returned=True
    ).order_by("-pk")
    rows: Any = Programme.objects.filter(state__in=[State.DRAFT, State.REVIEW])
    rows = rows.annotate(own=Exists(inserted))
    shown = rows.filter(Q(own=True) | Q(state=State.REVIEW))
    return take(shown, "record", F("pk"), F("name"), F("state"), find_text(returned, "comment"))


def select_drafts(user: Any) -> QuerySet:
    """Select the open drafts of changes that a user wrote, and those that wait for somebody."""
    steps = DraftStep.objects.filter(draft=OuterRef("pk"))
    wrote = steps.filter(kind=DraftStep.Kind.WROTE, user=user)
    # Who returns a draft may have said why beside its facts alone.
    said = steps.filter(kind__in=[DraftStep.Kind.RETURNED, DraftStep.Kind.COMMENTED])
    said = said.exclude(text="").exclude(user=user).order_by("-pk")
    rows: Any = ChangeDraft.objects.filter(state__in=ChangeDraft.OPEN)
    rows = rows.annotate(own=Exists(wrote))
    shown = rows.filter(Q(own=True) | Q(state=ChangeDraft.State.REVIEW))
    named = (F("programme_id"), F("programme__name"), F("state"))
    return take(shown, "draft", *named, find_text(said, "text"))


def select_bulk(user: Any) -> QuerySet:
    """Select the bulk changes that wait, and those that a user got back."""
    return select_returnable(BulkChange, user, "bulk")


def select_mergers(user: Any) -> QuerySet:
    """Select the mergers that wait, and those that a user got back."""
    return select_returnable(ProposedMerger, user, "merger")


def select_returnable(model: Any, user: Any, what: str) -> QuerySet:
    left = Q(pk__in=model.objects.returned_to(user).values("pk"))
    rows = model.objects.filter(left | Q(state=model.State.WAITING))
    is_own = Case(When(user=user, then=True), default=False, output_field=BooleanField())
    return take(rows.annotate(own=is_own), what, F("pk"), F("told"), F("state"), F("comment"))


def select_checks(user: Any) -> QuerySet:
    """Select the checks against sources that a user has begun, and not finished."""
    rows = RecordCheck.objects.filter(user=user, finished_at=None)
    rows = rows.annotate(own=Value(True, BooleanField()))
    none = Value("", CharField())
    return take(rows, "check", F("programme_id"), F("programme__name"), none, none)


def take(rows: QuerySet, what: str, page: Any, called: Any, stands: Any, said: Any) -> QuerySet:
    """Return the first rows of a kind, with the columns that all kinds have."""
    # Not a slice of the rows themselves: SQLite takes none in a union.
    first = rows.order_by("-own", "-changed_at").values("pk")[:MOST]
    return (
        rows.order_by()
        .filter(pk__in=first)
        .annotate(
            what=Value(what, CharField()),
            page=page,
            called=called,
            stands=stands,
            last=F("changed_at"),
            said=said,
        )
        .values_list(*COLUMNS)
    )


def find_text(rows: QuerySet, name: str) -> Subquery:
    return Subquery(rows.values(name)[:1], TextField())

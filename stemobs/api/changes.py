"""The API's list of changes since a revision, for programs that keep a copy of the catalogue."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, models
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.request import Request

from partnerships.models import Organisation
from programmes.models import Change, Departure, Programme
from stemobs.addresses import build_absolute_url
from stemobs.api.programmes import tell_end
from stemobs.api.resources import ListPart, ListResource, WrongSelection
from stemobs.catalogue.states.moments import hold_one_state, is_lost
from stemobs.catalogue.visibility.queries import where_known
from stemobs.entries.history.steps import MadeBy, find_edits
from stemobs.entries.publication import Found, Gone, Merged, judge_all
from stemobs.selection.lists import StoredRows
from stemobs.selection.parameters import NumberFilter, Problem
from stemobs.selection.selection import SelectionFilter

MAX_REVISION = 999_999_999
Subject = Change.Subject


class ChangeKind(models.TextChoices):
    """What happened to an entry: changed, withdrawn, merged or no longer published."""

    CHANGED = "changed", gettext_lazy("New, or changed")
    WITHDRAWN = "withdrawn", gettext_lazy("Withdrawn")
    MERGED = "merged", gettext_lazy("Merged into another entry")
    GONE = "gone", gettext_lazy("No longer published")


class ChangesFilter(SelectionFilter):
    """The parameters of the list of changes.

    The list has a cursor but no page numbers: an entry that changes again moves to its end.
    """

    since = NumberFilter(label=gettext_lazy("Since revision"), bounds=(0, MAX_REVISION))

    @classmethod
    def get_filters(cls) -> Any:
        filters = super().get_filters()
        del filters["page"]
        return filters


def select_changes(since: int) -> QuerySet[Any]:
    """Return the changes after `since` of entries that are or were public.

    Each row gets `told`, the revision to show. For an entry that is no longer public this is the
    revision in which it disappeared, because later edits of it are secret. An entry that was
    withdrawn with a reason stays known to readers, so all its changes are shown.
    """
    programmes = Programme.objects.filter(pk=OuterRef("object_id")).order_by()
    organisations = Organisation.objects.public().filter(pk=OuterRef("object_id")).order_by()
    departures = Departure.objects.filter(
        subject=OuterRef("subject"), object_id=OuterRef("object_id")
    )
    is_programme = Q(subject=Subject.PROGRAMME)
    is_told = is_programme & Exists(programmes.filter(where_known())) | Q(
        subject=Subject.ORGANISATION
    ) & Exists(organisations)
    left = Subquery(departures.values("revision"))
    changes = Change.objects.filter(revision__gt=since).annotate(left=left)
    return changes.filter(is_told | Q(left__gt=since)).annotate(
        told=Case(When(is_told, then=F("revision")), default=F("left"))
    )


class ChangeList(ListResource):
    """What was added, changed, withdrawn or merged after a revision, in the order of revisions."""

    filterset_class = ChangesFilter

    @property
    def known_fields(self) -> tuple[str, ...]:
        return (
            "revision", "subject", "slug", "change", "url", "former_slugs", "merged_into", "reason",
            "edit",
        )  # fmt: skip

    def select(self, request: Request) -> SelectionFilter:
        selection = super().select(request)
        since, present = selection.values["since"] or 0, self.catalogue.revision
        reason = ""
        if since > present:
            reason = _("is later than the present revision, {number}; read everything again")
        elif is_lost(since):
            reason = _("belongs to a history that was lost; read everything again")
        if reason:
            raise WrongSelection([Problem("since", str(since), reason.format(number=present))])
        return selection

    def describe_list(self, selection: SelectionFilter) -> str:
        """Return the text that ties a cursor to this list, in the history of its revisions."""
        return f"{self.catalogue.moment.history} {super().describe_list(selection)}"

    def read_part(self, selection: SelectionFilter) -> ListPart:
        with hold_one_state(connection):
            return self.take_window(selection, self.find_matches(selection))

    def find_matches(self, selection: SelectionFilter) -> StoredRows:
        # A change that is committed after the answer began may be in the list as well. The client
        # gets it again next time, because the answer names the earlier revision.
        changes = select_changes(selection.values["since"] or 0)
        return StoredRows(changes, ("told", "subject", "object_id"))

    def build_answer(
        self, selection: Any, part: ListPart, addresses: Mapping[str, str]
    ) -> dict[str, Any]:
        since = selection.values["since"] or 0
        everything = Change.objects.filter(subject=Subject.EVERYTHING, revision__gt=since)
        return {
            "revision": self.catalogue.revision,
            "changed_at": self.catalogue.moment.changed_at,
            "since": since,
            "everything": everything.exists(),
            **super().build_answer(selection, part, addresses),
        }

    def list_results(self, rows: Iterable[Any]) -> Sequence[Any]:
        told = ChangeReader(list(rows))
        return [
            self.keep_asked_fields(row) for change in told.changes if (row := told.read_row(change))
        ]


class ChangeReader:
    """Loads the entries that some changes are about, in a fixed number of queries."""

    def __init__(self, changes: Collection[Any]) -> None:
        self.changes = changes
        programmes = Programme.objects.prefetch_related("former_slugs")
        self.programmes = judge_all(programmes.filter(pk__in=self.list_ids(Subject.PROGRAMME)))
        self.organisations = Organisation.objects.public().in_bulk(
            self.list_ids(Subject.ORGANISATION)
        )
        told = {one.object_id: one.told for one in changes if one.subject == Subject.PROGRAMME}
        self.edits = find_edits(
            {pk: told[pk] for pk, found in self.programmes.items() if isinstance(found, Found)}
        )
        departures = Departure.objects.filter(object_id__in=[one.object_id for one in changes])
        self.known_as = {(one.subject, one.object_id): one.slug for one in departures}

    def list_ids(self, subject: str) -> list[int]:
        return [change.object_id for change in self.changes if change.subject == subject]

    def read_row(self, change: Any) -> dict[str, Any] | None:
        """Return a change as a row of the API.

        None if the entry ceased to be public after the changes were selected.
        """
        if change.subject == Subject.ORGANISATION:
            organisation = self.organisations.get(change.object_id)
            return (
                self.describe_present(change, organisation)
                if organisation
                else self.describe_departed(change)
            )
        match self.programmes.get(change.object_id):
            case Found(entry):
                former = [row.slug for row in entry.former_slugs.all()]
                made = describe_edit(self.edits.get(change.object_id))
                return self.describe_present(change, entry, former_slugs=former, edit=made)
            case Merged() as end:
                into = end.successor.slug
                return self.describe_departed(
                    change, ChangeKind.MERGED, merged_into=into, reason=tell_end(end)
                )
            case Gone() as end:
                return self.describe_departed(change, ChangeKind.WITHDRAWN, reason=tell_end(end))
        return self.describe_departed(change)

    def describe_present(self, change: Any, entry: Any, **more: Any) -> dict[str, Any]:
        return describe_change(change, entry.slug, ChangeKind.CHANGED, **more)

    def describe_departed(
        self, change: Any, kind: ChangeKind = ChangeKind.GONE, **more: Any
    ) -> dict[str, Any] | None:
        slug = self.known_as.get((change.subject, change.object_id))
        return describe_change(change, slug, kind, **more) if slug else None


def describe_edit(made: MadeBy | None) -> dict[str, Any] | None:
    """Return when, how and why a record was changed; never by whom."""
    return {"at": made.at, "kind": made.kind, "reason": made.reason} if made else None


def describe_change(change: Any, slug: str, kind: ChangeKind, **more: Any) -> dict[str, Any]:
    """Return a change as a row of the API; `more` replaces the usual values of fields."""
    usual = {"former_slugs": [], "merged_into": None, "reason": "", "edit": None}
    return {
        "revision": change.told,
        "subject": change.subject,
        "slug": slug,
        "change": kind.value,
        "url": build_absolute_url(reverse(f"api-{change.subject}s-detail", args=[slug])),
        **usual,
        **more,
    }

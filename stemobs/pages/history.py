"""The page that tells what changed in the record of a programme, and when.

With `from` and `to` it also compares the states of two revisions.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from programmes.models import Programme
from stemobs.addresses import NothingThere
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.entries.history.differences import Difference, compare_states
from stemobs.entries.history.states import RecordState, Withheld, read_state
from stemobs.entries.history.steps import RecordStep, tell_past
from stemobs.exports.feeds import HistoryFeed
from stemobs.pages.redirects import find_programme, find_stated_programme, show_withheld
from stemobs.selection.parameters import WholeNumberField, make_refusal_of, refuse_parameters

TEMPLATE = "pages/history/history.html"
FROM, TO = "from", "to"
LATEST = 999_999_999  # the last revision that an address may name


class Compared(NamedTuple):
    """Two states of a record, the earlier first, and what is different between them."""

    old: RecordState
    new: RecordState
    differences: list[Difference]


@require_safe
def show_history(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the steps of a record since readers could first see it; drafts have none."""
    pair = read_pair(request)
    programme = (
        find_stated_programme(request, slug, build_history_address)
        if pair
        else find_programme(request, slug, Programme.objects.all(), build_history_address)
    )
    if isinstance(programme, HttpResponse):
        return programme
    past = tell_past(programme)
    try:
        compared = compare(programme, *pair) if pair else None
    except Withheld as withheld:
        return show_withheld(request, programme, str(withheld))
    context = {"programme": programme, "past": past, "compared": compared}
    return render(request, TEMPLATE, {**context, **choose_pair(past.steps, pair)})


def build_history_address(programme: Programme) -> str:
    return reverse("programme-history", args=[programme.slug])


@require_safe
def send_history_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """Send the changes of a record as a feed; former slugs redirect, drafts answer 404."""
    refuse_parameters(request.GET)
    programme = find_programme(request, slug, Programme.objects.all(), build_feed_address)
    if isinstance(programme, HttpResponse):
        return programme
    return HistoryFeed()(request, programme=programme)


def build_feed_address(programme: Programme) -> str:
    return reverse("programme-history-atom", args=[programme.slug])


def read_pair(request: HttpRequest) -> tuple[int, int] | None:
    """Return the revisions to compare, the earlier first; None if none are asked for."""
    if not {FROM, TO} & request.GET.keys():
        return None
    latest = get_request_catalogue(request).revision
    first = read_revision(request.GET, FROM, None)
    last = read_revision(request.GET, TO, latest)
    return min(first, last), max(first, last)


def read_revision(data: QueryDict, name: str, instead: int | None) -> int:
    try:
        given = WholeNumberField(bounds=(1, LATEST)).clean(data.getlist(name)) or instead
    except ValidationError as error:
        raise make_refusal_of(name, error) from error
    if given is None:
        raise BadRequest(_("{name} is missing: give the revision to begin with.").format(name=name))
    return int(given)


def compare(programme: Programme, first: int, last: int) -> Compared:
    """Return what is different between two revisions; raise NothingThere if one has no state."""
    old, new = (find_state(programme, revision) for revision in (first, last))
    return Compared(old, new, compare_states(old.programme, new.programme))


def find_state(programme: Programme, revision: int) -> RecordState:
    state = read_state(programme, revision)
    if state is None:
        told = _("There is no state of this record at revision {revision} to compare (from, to).")
        raise NothingThere(told.format(revision=revision))
    return state


def choose_pair(steps: Sequence[RecordStep], pair: tuple[int, int] | None) -> dict[str, Any]:
    """Return what the form offers to compare, and which two it has chosen.

    Between two steps the record stayed as it was, so any revision stands for the step before it.
    """
    # One transaction may hold several edits, and then they lead to the same revision.
    offered = {step.revision: step for step in steps if step.has_state}
    if pair is None and offered:
        pair = min(offered), max(offered)
    chosen = [
        max((step for step in offered if step <= revision), default=revision)
        for revision in pair or ()
    ]
    others = [revision for revision in dict.fromkeys(chosen) if revision not in offered]
    return {"offered": offered.values(), "others": others, "pair": chosen}

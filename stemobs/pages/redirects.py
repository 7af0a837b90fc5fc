"""Answers of pages to the slug of a programme: the programme, a redirect, 404 or 410."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from programmes.models import Programme
from stemobs.addresses import NothingThere, build_location, redirect_for_good
from stemobs.entries.history.states import AS_OF, find_revision_on, read_day, word_missing_day
from stemobs.entries.publication import Draft, Found, Gone, Merged, Standing, may_see_drafts
from stemobs.entries.slugs import Moved, resolve_slug
from stemobs.pages.decorators import JSON
from stemobs.selection.parameters import make_refusal_of

Address = Callable[[Programme], str]
View = Callable[..., HttpResponse]


def find_programme(
    request: HttpRequest,
    slug: str,
    programmes: QuerySet[Programme],
    address: Address,
    *,
    has_drafts: bool = False,
) -> Programme | HttpResponse:
    """Return the programme with this slug, or the response to send instead of its page.

    `address` builds the URL to redirect to for a former slug or a merged programme. With
    `has_drafts`, curators get drafts too. Raise Http404 for an unknown slug and for a draft.
    """
    place = resolve_slug(slug, programmes, has_drafts=has_drafts and may_see_drafts(request.user))
    if isinstance(place, Found | Draft):
        return place.programme
    return answer_instead(request, place, address)


def answer_instead(
    request: HttpRequest, place: Standing | Moved | None, address: Address
) -> HttpResponse:
    """Return a redirect to the programme's present address, or 410 for a withdrawn programme.

    Raise Http404 without a reason for everything else: the 404 of a draft must read like that of
    an address that never was.
    """
    match place:
        case Moved(programme) | Merged(successor=programme):
            return redirect_for_good(build_location(request, address(programme)))
        case Gone():
            return show_withdrawn(request, place)
    raise Http404


def show_withdrawn(request: HttpRequest, place: Gone | Merged) -> HttpResponse:
    successor = place.successor if isinstance(place, Merged) else None
    context = {"programme": place.programme, "successor": successor}
    return render(request, "pages/programme/withdrawn.html", context, status=410)


# --- Former states --------------------------------------------------------------------------------


def find_stated_programme(
    request: HttpRequest, slug: str, address: Address = Programme.get_absolute_url
) -> Programme | HttpResponse:
    """Return the published programme whose states may be shown, or the response to send instead.

    One that was merged answers 410: the states of what it was merged into are not its own.
    """
    place = resolve_slug(slug, Programme.objects.all())
    if isinstance(place, Found):
        return place.programme
    if isinstance(place, Merged):
        return show_withdrawn(request, place)
    return answer_instead(request, place, address)


def build_state_address(programme: Programme, revision: int) -> str:
    return reverse("programme-state", args=[programme.slug, revision])


def redirect_to_state(view: View) -> View:
    """Make the page of a record lead to its state of a day where `as_of` asks for one."""

    @wraps(view)
    def dated(request: HttpRequest, slug: str) -> HttpResponse:
        if AS_OF not in request.GET:
            return view(request, slug)
        try:
            day = read_day(request.GET.getlist(AS_OF))
        except ValidationError as error:
            raise make_refusal_of(AS_OF, error) from error
        programme = find_stated_programme(request, slug)
        if isinstance(programme, HttpResponse):
            return programme
        revision = find_revision_on(programme, day)
        if revision is None:
            raise NothingThere(word_missing_day(day))
        return HttpResponseRedirect(build_state_address(programme, revision))

    return dated


def show_withheld(request: HttpRequest, programme: Programme, reason: str) -> HttpResponse:
    context = {"programme": programme, "reason": reason}
    return render(request, "pages/state/withheld.html", context, status=410)


def redirect_to_data_of_state(slug: str, revision: int, ending: str) -> HttpResponse:
    """Redirect to a state as data, which the API has."""
    query = "" if ending == JSON else f"?{urlencode({'format': ending})}"
    place = reverse("api-programmes-state", args=[slug, revision])
    response = HttpResponseRedirect(f"{place}{query}")
    response.status_code = 303
    return response

"""Answers of pages to the slug of a programme: the programme, a redirect, 404 or 410."""

from collections.abc import Callable

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from programmes.models import Programme
from stemobs.addresses import build_location, redirect_for_good
from stemobs.entries.publication import Draft, Found, Gone, Merged, Standing, may_see_drafts
from stemobs.entries.slugs import Moved, resolve_slug

Address = Callable[[Programme], str]


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
    place = resolve_slug(slug, programmes)
    if isinstance(place, Found):
        return place.programme
    if isinstance(place, Draft) and has_drafts and may_see_drafts(request.user):
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
        case Gone(programme):
            context = {"programme": programme}
            return render(request, "pages/programme/withdrawn.html", context, status=410)
    raise Http404

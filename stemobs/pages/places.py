"""What the address of a programme answers on pages: the entry, a redirect, or why it is gone."""

from collections.abc import Callable

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render

from programmes.models import Programme
from stemobs.entries.publication import (
    Draft,
    Found,
    Gone,
    Merged,
    Moved,
    Standing,
    may_see_drafts,
    resolve_slug,
)

# The words that a lost address has had so far.
NOTHING = "No FormerSlug matches the given query."

Address = Callable[[Programme], str]


def find_programme(
    request: HttpRequest,
    slug: str,
    programmes: QuerySet[Programme],
    address: Address,
    *,
    has_drafts: bool = False,
) -> Programme | HttpResponse:
    """Return the programme, or what to answer in its place; raise Http404 for nothing.

    `address` tells where another programme has what was asked for here. Where there are drafts,
    curators see them.
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
    """Lead to the entry that has what was asked for, or say why there is none."""
    match place:
        case Moved(programme) | Merged(successor=programme):
            return HttpResponsePermanentRedirect(address(programme))
        case Gone(programme):
            context = {"programme": programme}
            return render(request, "pages/programme/withdrawn.html", context, status=410)
        case None:
            raise Http404(NOTHING)
    raise Http404

"""What the address of a programme leads to: the entry, a newer address, or why it is gone."""

from collections.abc import Callable

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render

from programmes.models import FormerSlug, Programme

HIDDEN = (Programme.State.DRAFT, Programme.State.REVIEW)

Address = Callable[[Programme], str]


def programme_at(
    request: HttpRequest, slug: str, programmes: QuerySet[Programme], address: Address
) -> Programme | HttpResponse:
    """Return the programme, which may be a draft, or what to answer in its place.

    `address` tells where another programme has what was asked for here.
    """
    programme = programmes.select_related("merged_into").filter(slug=slug).first()
    if programme is None:
        return moved(once_at(slug), address)
    if programme.state == Programme.State.WITHDRAWN:
        return (
            moved(programme.successor, address) if programme.successor else gone(request, programme)
        )
    return programme


def once_at(slug: str) -> Programme:
    """Return the programme that had this slug; a draft has never been anywhere."""
    former = get_object_or_404(FormerSlug.objects.select_related("programme"), slug=slug)
    if former.programme.state in HIDDEN:
        raise Http404
    return former.programme


def moved(programme: Programme, address: Address) -> HttpResponse:
    return HttpResponsePermanentRedirect(address(programme))


def gone(request: HttpRequest, programme: Programme) -> HttpResponse:
    """Say why an entry was withdrawn."""
    context = {"programme": programme}
    return render(request, "pages/programme/withdrawn.html", context, status=410)

"""The page of one programme; lists are in listing.py."""

from django.db.models import prefetch_related_objects
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from partnerships.models import Lineage
from programmes.alternates import with_data
from programmes.catalogue import catalogue_of
from programmes.citing import of_programme
from programmes.entry import Entry, with_facts
from programmes.journeys import CAME_FROM_SUBJECT, CAME_FROM_TARGET
from programmes.models import FormerSlug, Programme
from programmes.similar import similar_to
from programmes.timelines import Link, Timeline, span_of, timeline


@require_safe
@with_data("programme")
def programme_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One programme with every fact and its source; old addresses redirect, drafts hide."""
    programme = with_facts(Programme.objects.all()).filter(slug=slug).first()
    if programme is None:
        return redirect_former(slug)
    if programme.state == Programme.State.WITHDRAWN:
        return withdrawn(request, programme)
    is_public = programme.is_public
    if not is_public and not request.user.has_perm("programmes.view_programme"):
        raise Http404
    entry, catalogue = Entry(programme), catalogue_of(request)
    context = {
        "programme": programme,
        "entry": entry,
        "is_public": is_public,
        "family": family(entry),
        "similar": similar_to(catalogue, programme.pk),
        "reference": of_programme(programme, catalogue.moment),
    }
    response = render(request, "programmes/programme_detail.html", context)
    if not is_public:
        response.headers["Cache-Control"] = "no-store"
    return response


def redirect_former(slug: str) -> HttpResponsePermanentRedirect:
    former = get_object_or_404(FormerSlug.objects.select_related("programme"), slug=slug)
    if former.programme.state in (Programme.State.DRAFT, Programme.State.REVIEW):
        raise Http404
    return HttpResponsePermanentRedirect(former.programme.get_absolute_url())


def withdrawn(request: HttpRequest, programme: Programme) -> HttpResponse:
    """Lead to the entry that took over, or say with 410 why this one is gone."""
    if programme.successor:
        return redirect(programme.successor, permanent=True)
    context = {"programme": programme}
    return render(request, "programmes/programme_withdrawn.html", context, status=410)


def family(entry: Entry) -> Timeline:
    """Draw when a programme ran beside what it came from and what came of it."""
    prefetch_related_objects(entry.lineage, "from_programme__countries", "to_programme__countries")
    ends = {end for row in entry.lineage for end in (row.from_programme, row.to_programme) if end}
    spans = [span for end in {entry.programme, *ends} if (span := span_of(end))]
    if len(spans) < 2:
        return timeline([])
    spans.sort(key=lambda span: (span.start, span.name, span.key))
    return timeline(spans, list(dict.fromkeys(filter(None, map(link_of, entry.lineage)))))


def link_of(row: Lineage) -> Link | None:
    """Return what was made from what, and when, if a row tells that of two programmes."""
    first, second = row.from_programme, row.to_programme
    if not (first and second and row.year):
        return None
    if row.relation in CAME_FROM_SUBJECT:
        return Link(first.slug, second.slug, row.year)
    return Link(second.slug, first.slug, row.year) if row.relation in CAME_FROM_TARGET else None

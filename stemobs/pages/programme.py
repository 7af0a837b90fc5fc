"""The page of one programme; lists are in listing.py."""

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from partnerships.models import Lineage
from programmes.models import Programme
from stemobs.catalogue.requests import catalogue_of
from stemobs.entries.entry import Entry, with_facts
from stemobs.entries.lineage import CAME_FROM_SUBJECT, CAME_FROM_TARGET
from stemobs.entries.similar import similar_to
from stemobs.exports.citations import of_programme
from stemobs.insights.timelines import Link, Timeline, span_of, timeline
from stemobs.pages.decorators import with_data
from stemobs.pages.places import programme_at


@require_safe
@with_data("programme")
def programme_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One programme with every fact and its source; old addresses redirect, drafts hide."""
    programmes = with_facts(Programme.objects.all())
    programme = programme_at(request, slug, programmes, Programme.get_absolute_url, has_drafts=True)
    if isinstance(programme, HttpResponse):
        return programme
    is_public = programme.is_public
    entry, catalogue = Entry(programme), catalogue_of(request)
    context = {
        "programme": programme,
        "entry": entry,
        "is_public": is_public,
        "family": family(entry),
        "similar": similar_to(catalogue, programme.pk),
        "reference": of_programme(programme, catalogue.moment),
    }
    response = render(request, "pages/programme/programme.html", context)
    if not is_public:
        response.headers["Cache-Control"] = "no-store"
    return response


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

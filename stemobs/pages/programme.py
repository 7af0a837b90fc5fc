"""The page of one programme; the list of programmes is in `programmes.py`."""

from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from partnerships.models import Lineage
from programmes.models import Programme
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.entries.entry import Entry
from stemobs.entries.lineage import CAME_FROM_SUBJECT, CAME_FROM_TARGET
from stemobs.entries.loading import load_facts
from stemobs.entries.signals.for_whom import name_actors
from stemobs.entries.signals.signals import list_gaps, make_signals, tell_reach
from stemobs.entries.similar import find_similar
from stemobs.entries.ways_in import list_ways_below
from stemobs.exports.citations import cite_programme
from stemobs.insights.timelines import SpanLink, Timeline, make_span, make_timeline
from stemobs.pages.citable import render_citable
from stemobs.pages.decorators import redirect_to_data
from stemobs.pages.redirects import find_programme, redirect_to_state
from stemobs.selection.trail import read_trail

TEMPLATE = "pages/programme/programme.html"


@require_safe
@redirect_to_state
@redirect_to_data("programme")
def show_programme(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one programme with every fact and its source.

    Former slugs redirect, withdrawn programmes answer 410, and only curators see drafts.
    """
    programme = find_programme(
        request, slug, Programme.objects.all(), Programme.get_absolute_url, has_drafts=True
    )
    if isinstance(programme, HttpResponse):
        return programme
    is_public = programme.is_public
    entry, catalogue = Entry(load_facts(programme)), get_request_catalogue(request)
    context = {
        **describe_parts(entry),
        "is_public": is_public,
        "family": draw_family(entry),
        "similar": find_similar(catalogue, programme.pk),
        "trail": read_trail(request.GET, catalogue, programme.pk),
        "reference": cite_programme(programme, catalogue.moment),
    }
    if is_public:
        return render_citable(request, TEMPLATE, context, context["reference"])
    response = render(request, TEMPLATE, context)
    response.headers["Cache-Control"] = "no-store"
    return response


def describe_parts(entry: Entry) -> dict[str, Any]:
    """Return what the templates of a record need to show its facts."""
    gaps = list_gaps(entry)
    parts = list_parts(entry, gaps)
    return {
        "programme": entry.programme,
        "entry": entry,
        "signals": make_signals(entry),
        "reach": tell_reach(entry),
        "gaps": gaps,
        "parts": parts,
        "contents": [{"anchor": anchor, "name": name} for anchor, name in parts.items()],
    }


def list_parts(entry: Entry, gaps: list[str]) -> dict[str, str]:
    """Return the headings of those parts of the page that have something to say, by anchor."""
    one = entry.programme
    has_story = (
        entry.relations or one.year_start or hasattr(one, "strategy") or one.guide_items.all()
    )
    parts = {
        "what": (name_actors(one), one.description or one.activities or entry.reach_by_unit),
        "works": (_("Does it work?"), has_evidence(entry)),
        "takes": (_("What it takes"), gaps or entry.withheld or list_ways_below(one)),
        "organisations": (
            _("Who runs it"),
            one.partnerships.all() or entry.funding or one.funding_text,
        ),
        "lineage": (_("Where the idea came from and went"), has_story or hasattr(one, "strategy")),
        "from": (_("Where this comes from"), True),
    }
    return {anchor: name for anchor, (name, is_shown) in parts.items() if is_shown}


def has_evidence(entry: Entry) -> bool:
    """Whether anything is told of effects, beyond that no evaluation was found."""
    one = entry.programme
    in_words = (one.key_statement, one.impact, one.highlighted_impact, one.evaluation_note)
    return bool(one.evaluations.all() or any(in_words) or one.assessments.all())


def draw_family(entry: Entry) -> Timeline:
    """Draw a timeline of a programme, the programmes it was made from and those made from it.

    The timeline is empty unless at least two of them have a start year.
    """
    prefetch_related_objects(entry.lineage, "from_programme__countries", "to_programme__countries")
    ends = {end for row in entry.lineage for end in (row.from_programme, row.to_programme) if end}
    spans = [span for end in {entry.programme, *ends} if (span := make_span(end))]
    if len(spans) < 2:
        return make_timeline([])
    spans.sort(key=lambda span: (span.start, span.name, span.key))
    return make_timeline(spans, list(dict.fromkeys(filter(None, map(make_link, entry.lineage)))))


def make_link(row: Lineage) -> SpanLink | None:
    """Return the link from the older to the newer programme of a lineage row, with its year.

    None if an end of the row is not a programme, or if the row has no year.
    """
    first, second = row.from_programme, row.to_programme
    if not (first and second and row.year):
        return None
    if row.relation in CAME_FROM_SUBJECT:
        return SpanLink(first.slug, second.slug, row.year)
    return SpanLink(second.slug, first.slug, row.year) if row.relation in CAME_FROM_TARGET else None

"""The home page."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from partnerships.models import Obstacle
from programmes.models import EUROPE, CareerFactor, EvidenceStep, Programme
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.index import NONE
from stemobs.catalogue.requests import catalogue_of
from stemobs.entries.lineage import Journey, furthest, journeys
from stemobs.entries.publication import list_published
from stemobs.insights import maps
from stemobs.insights.timelines import Link, Timeline, span_of, timeline
from stemobs.selection.facets import COUNTRY, DURATION, EVIDENCE, FACTOR, FUNDING, KIND, LEVEL
from stemobs.selection.programmes import ProgrammeFilter

MOST_OBSTACLES = 6
MOST_NEWS = 5
MOST_HIGHLIGHTED = 3
MOST_DRAWN = 6
MOST_JOURNEYS = 50

# What the catalogue does not know of programmes, and the selection of those.
GAPS = (
    (_("Programmes without a level of education"), LEVEL),
    (_("Programmes that do not say who pays"), FUNDING),
    (_("Programmes that do not say how long it takes"), DURATION),
    (_("Programmes without a list of countries"), COUNTRY),
)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the catalogue is, ways in, and what it holds and lacks today."""
    everything = ProgrammeFilter(QueryDict(), catalogue_of(request))
    catalogue, evidence = everything.catalogue, everything.counts(EVIDENCE)
    travelled = journeys(catalogue)
    context = {
        "total": len(everything.index),
        "independent": evidence.get(EvidenceStep.INDEPENDENT, 0),
        "without_evaluation": evidence.get(EvidenceStep.NONE, 0),
        "levels": everything.panel(LEVEL),
        "kinds": everything.panel(KIND),
        "factors": factors(catalogue, everything.counts(FACTOR)),
        "obstacles": catalogue.once_in_this_state(obstacles, obstacles),
        "news": catalogue.once_in_this_state(news, lambda: news(catalogue)),
        "highlighted": catalogue.once_in_this_state(highlighted, lambda: highlighted(catalogue)),
        "gaps": gaps(everything),
        "travelled": travelled[:MOST_JOURNEYS],
        "travelled_total": len(travelled),
        **where(everything, travelled),
        **furthest_idea(catalogue, travelled),
    }
    return render(request, "pages/home/home.html", context)


def where(everything: ProgrammeFilter, travelled: Sequence[Journey]) -> dict[str, Any]:
    """Return the map, and what it shows as lists."""
    names = COUNTRY.labels(everything.catalogue)
    counts = {code: n for code, n in everything.counts(COUNTRY).items() if code != NONE}
    return {
        "countries": everything.panel(COUNTRY),
        "country_total": len(counts),
        "dots": maps.dots(counts, names),
        "arcs": maps.arcs(one.countries for one in travelled),
        "empty_total": len((EUROPE & names.keys()) - counts.keys()),
    }


def factors(catalogue: Catalogue, counts: Mapping[str, int]) -> list[tuple[CareerFactor, int]]:
    """Return the four factors of career choice with the number of programmes that work on each."""
    rows = catalogue.once(factors, lambda: list(CareerFactor.objects.all()))
    return [(factor, counts.get(factor.slug, 0)) for factor in rows]


def gaps(everything: ProgrammeFilter) -> list[tuple[Any, str, int]]:
    """Return what is not known, the parameter that selects it, and of how many."""
    found = [(words, f.parameter, everything.counts(f).get(NONE, 0)) for words, f in GAPS]
    return sorted((row for row in found if row[2]), key=lambda row: -row[2])


def obstacles() -> list[Obstacle]:
    """Return what stands in the way of partnerships most often."""
    return list(Obstacle.objects.order_by("-share", "position")[:MOST_OBSTACLES])


def news(catalogue: Catalogue) -> list[Programme]:
    """Return the programmes that changed last, the latest first."""
    index = catalogue.programmes
    latest = index.in_order_of_changes(index.everything, 0, MOST_NEWS)
    return list_published(latest, Programme.objects.prefetch_related("countries"))


def highlighted(catalogue: Catalogue) -> list[Programme]:
    """Return what curators recommend."""
    index = catalogue.programmes
    ids = index.in_order_of_names([index.having("highlighted", ["yes"])], 0, MOST_HIGHLIGHTED)
    return list(Programme.objects.published().with_evidence().filter(pk__in=ids))


def furthest_idea(catalogue: Catalogue, travelled: Sequence[Journey]) -> dict[str, Any]:
    """Return the programme that most others were made from, with what they are."""
    times = furthest(travelled)
    if not times:
        return {}
    found = times[:MOST_DRAWN]
    return {
        "idea_times": len(times),
        "idea": found[0].origin,
        "idea_targets": [one.target for one in found],
        "idea_timeline": catalogue.once_in_this_state(
            (furthest, get_language()), lambda: drawn(found)
        ),
    }


def drawn(found: Sequence[Journey]) -> Timeline:
    """Draw an idea and what was made from it, as far as the years are known."""
    ids = [found[0].origin.pk, *(one.target.pk for one in found)]
    rows = Programme.objects.published().prefetch_related("countries").in_bulk(filter(None, ids))
    spans = {pk: span_of(rows[pk]) for pk in dict.fromkeys(ids) if pk in rows}
    links = [
        Link(rows[one.origin.pk].slug, rows[one.target.pk].slug, one.year)
        for one in found
        if one.year and one.target.pk in rows and one.origin.pk in rows
    ]
    return timeline([span for span in spans.values() if span], links)

"""The home page: search, map, numbers, travelled ideas, obstacles, news and gaps."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from partnerships.models import Obstacle
from programmes.models import EUROPE, CareerFactor, EvidenceStep, Programme
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.counting import count_own_programmes, put_ended_last, tally_records
from stemobs.catalogue.documents import NONE
from stemobs.catalogue.requests import get_request_catalogue
from stemobs.entries.lineage import Journey, find_furthest_journeys, list_journeys
from stemobs.entries.publication import list_published
from stemobs.exports.citations import cite_fixed_page
from stemobs.insights import maps
from stemobs.insights.timelines import SpanLink, Timeline, make_span, make_timeline
from stemobs.pages.citable import render_citable
from stemobs.selection.facets import COUNTRY, DURATION, EVIDENCE, FACTOR, FUNDING, KIND, LEVEL
from stemobs.selection.programmes import ProgrammeFilter

MOST_OBSTACLES = 6
MOST_NEWS = 5
MOST_HIGHLIGHTED = 3
MOST_DRAWN = 6
MOST_JOURNEYS = 50

# Facts that many programmes lack, each with the facet that selects those programmes.
GAPS = (
    (_("Programmes without a level of education"), LEVEL),
    (_("Programmes that do not say who pays"), FUNDING),
    (_("Programmes that do not say how long it takes"), DURATION),
    (_("Programmes without a list of countries"), COUNTRY),
)


@require_safe
def show_home(request: HttpRequest) -> HttpResponse:
    """Show the home page: ways into the catalogue, and what it holds and lacks today."""
    everything = ProgrammeFilter(QueryDict(), get_request_catalogue(request))
    catalogue, evidence = everything.catalogue, everything.count_values(EVIDENCE)
    travelled = list_journeys(catalogue)
    context = {
        "total": len(everything.index),
        "tally": tally_records(everything.index, everything.index.everything),
        "independent": evidence.get(EvidenceStep.INDEPENDENT, 0),
        "without_evaluation": evidence.get(EvidenceStep.NONE, 0),
        "levels": everything.make_panel(LEVEL),
        "kinds": everything.make_panel(KIND),
        "factors": count_factors(catalogue, everything.count_values(FACTOR)),
        "obstacles": catalogue.make_once_in_this_state(list_obstacles, list_obstacles),
        "news": catalogue.make_once_in_this_state(list_news, lambda: list_news(catalogue)),
        "highlighted": catalogue.make_once_in_this_state(
            list_highlighted, lambda: list_highlighted(catalogue)
        ),
        "gaps": count_gaps(everything),
        "travelled": travelled[:MOST_JOURNEYS],
        "travelled_total": len(travelled),
        **draw_map(everything, travelled),
        **find_furthest_idea(catalogue, travelled),
    }
    reference = cite_fixed_page("home", get_request_catalogue(request).moment)
    return render_citable(request, "pages/home/home.html", context, reference)


def draw_map(everything: ProgrammeFilter, travelled: Sequence[Journey]) -> dict[str, Any]:
    """Return the dots and arcs of the map, and the same numbers for the list beside it."""
    names = COUNTRY.labels(everything.catalogue)
    counts = count_own_programmes(everything.index)
    return {
        "countries": everything.make_panel(COUNTRY),
        "listed": sorted(
            ((code, names[code], number) for code, number in counts.items()),
            key=lambda row: (-row[2], row[1]),
        ),
        "country_total": len(counts),
        "dots": maps.make_dots(counts, names),
        "arcs": maps.draw_arcs(one.countries for one in travelled),
        "empty_total": len((EUROPE & names.keys()) - counts.keys()),
    }


def count_factors(
    catalogue: Catalogue, counts: Mapping[str, int]
) -> list[tuple[CareerFactor, int]]:
    """Return the four factors of career choice with the number of programmes that work on each."""
    rows = catalogue.make_once(count_factors, lambda: list(CareerFactor.objects.all()))
    return [(factor, counts.get(factor.slug, 0)) for factor in rows]


def count_gaps(everything: ProgrammeFilter) -> list[tuple[Any, str, int]]:
    """Return (words, parameter, number of programmes) for each missing fact, the largest first."""
    found = [(words, f.parameter, everything.count_values(f).get(NONE, 0)) for words, f in GAPS]
    return sorted((row for row in found if row[2]), key=lambda row: -row[2])


def list_obstacles() -> list[Obstacle]:
    """Return the obstacles to partnerships that were named most often."""
    return list(Obstacle.objects.order_by("-share", "position")[:MOST_OBSTACLES])


def list_news(catalogue: Catalogue) -> list[Programme]:
    """Return the programmes that changed last, the latest first."""
    index = catalogue.programmes
    latest = index.list_by_change(index.everything, 0, MOST_NEWS)
    return list_published(latest, Programme.objects.prefetch_related("countries"))


def list_highlighted(catalogue: Catalogue) -> list[Programme]:
    """Return the programmes that curators have highlighted, those that run before others."""
    index = catalogue.programmes
    found = put_ended_last(index, [index.find_with_value("highlighted", ["yes"])])
    ids = index.list_by_name(found, 0, MOST_HIGHLIGHTED)
    return list_published(ids, Programme.objects.with_evidence())


def find_furthest_idea(catalogue: Catalogue, travelled: Sequence[Journey]) -> dict[str, Any]:
    """Return the programme that was adapted most often, with the programmes made from it."""
    times = find_furthest_journeys(travelled)
    if not times:
        return {}
    found = times[:MOST_DRAWN]
    return {
        "idea_times": len(times),
        "idea": found[0].origin,
        "idea_targets": [one.target for one in found],
        "idea_timeline": catalogue.make_once_in_this_state(
            (find_furthest_journeys, get_language(), localdate()), lambda: draw_journeys(found)
        ),
    }


def draw_journeys(found: Sequence[Journey]) -> Timeline:
    """Draw an idea and the programmes made from it on a timeline, as far as years are known."""
    ids = [found[0].origin.pk, *(one.target.pk for one in found)]
    rows = Programme.objects.published().prefetch_related("countries").in_bulk(filter(None, ids))
    spans = {pk: make_span(rows[pk]) for pk in dict.fromkeys(ids) if pk in rows}
    links = [
        SpanLink(rows[one.origin.pk].slug, rows[one.target.pk].slug, one.year)
        for one in found
        if one.year and one.target.pk in rows and one.origin.pk in rows
    ]
    return make_timeline([span for span in spans.values() if span], links)

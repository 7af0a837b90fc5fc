"""The home page: search, map, numbers, kinds of activity, one story, questions, news and gaps."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.timezone import localdate
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from programmes.models import EUROPE, CareerFactor, EvidenceStep, Programme, Story
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.counting import count_own_programmes, put_ended_last, tally_records
from stemobs.catalogue.documents import NONE
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.entries.findings import tell_findings
from stemobs.entries.lineage import AMONG, Journey, list_journeys
from stemobs.entries.publication import list_published
from stemobs.exports.citations import cite_fixed_page
from stemobs.insights import maps
from stemobs.insights.news import list_changed_days
from stemobs.pages.citable import render_citable
from stemobs.selection.facets import COUNTRY, EVIDENCE, FACTOR, KIND, LEVEL
from stemobs.selection.programmes import ProgrammeFilter

MOST_HIGHLIGHTED = 3
MOST_STORIES = 6

# What is often not known yet, each with the query that lists the programmes that lack it.
GAPS = (
    (gettext_lazy("No evaluation found"), "evidence=none"),
    (gettext_lazy("Running, but how to join is not known yet"), "status=active&open_to=none"),
    (gettext_lazy("Funding unknown"), "funding=none"),
    (gettext_lazy("School level not known yet"), "level=none"),
)


@require_safe
def show_home(request: HttpRequest) -> HttpResponse:
    """Show the home page: ways into the catalogue, and what it holds and lacks today."""
    catalogue = get_request_catalogue(request)
    context = catalogue.make_once_in_this_state(
        (describe_home, get_language()), lambda: describe_home(catalogue)
    )
    reference = cite_fixed_page("home", catalogue.moment)
    context = {**context, "today": localdate()}
    return render_citable(request, "pages/home/home.html", context, reference)


def describe_home(catalogue: Catalogue) -> dict[str, Any]:
    """Return what the page shows as long as nothing in the catalogue changes."""
    everything = ProgrammeFilter(QueryDict(), catalogue)
    evidence, travelled = everything.count_values(EVIDENCE), list_journeys(catalogue)
    return {
        "total": len(everything.index),
        "tally": tally_records(everything.index, everything.index.everything),
        "independent": evidence.get(EvidenceStep.INDEPENDENT, 0),
        "without_evaluation": evidence.get(EvidenceStep.NONE, 0),
        "travelled_total": len(travelled),
        "among": AMONG,
        "levels": everything.make_panel(LEVEL),
        "kinds": count_kinds(everything),
        "factors": count_factors(catalogue, everything.count_values(FACTOR)),
        "gaps": count_gaps(catalogue),
        "days": list_changed_days(catalogue),
        "highlighted": list_highlighted(catalogue),
        **tell_stories(),
        **draw_map(everything, travelled),
    }


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


def count_kinds(everything: ProgrammeFilter) -> list[tuple[str, str, int]]:
    """Return slug, name and number of programmes of each kind, the largest number first."""
    counts, names = everything.count_values(KIND), KIND.labels(everything.catalogue)
    rows = [(slug, name, counts.get(slug, 0)) for slug, name in names.items() if slug != NONE]
    return sorted(rows, key=lambda row: -row[2])


def count_factors(
    catalogue: Catalogue, counts: Mapping[str, int]
) -> list[tuple[CareerFactor, int]]:
    """Return the four factors of career choice with the number of programmes that work on each."""
    rows = catalogue.make_once(count_factors, lambda: list(CareerFactor.objects.all()))
    return [(factor, counts.get(factor.slug, 0)) for factor in rows]


def count_gaps(catalogue: Catalogue) -> list[tuple[Any, str, int]]:
    """Return (words, query, number of programmes) for each missing fact, the largest first."""
    found = [
        (words, query, len(ProgrammeFilter(QueryDict(query), catalogue).matched))
        for words, query in GAPS
    ]
    return sorted((row for row in found if row[2]), key=lambda row: -row[2])


# --- What curators chose --------------------------------------------------------------------------


def tell_stories() -> dict[str, Any]:
    """Return the story chosen last, and the earlier ones."""
    rows = Story.objects.told().select_related("programme")
    stories = list(rows.prefetch_related("programme__evaluations", "programme__kinds"))
    if not stories:
        return {}
    first, *earlier = stories[:MOST_STORIES]
    return {
        "story": first,
        "story_standing": tell_standing(first.programme),
        "earlier_stories": earlier,
    }


def tell_standing(programme: Programme) -> str:
    """Return when a programme ended or was last heard of, and what is known of its effect."""
    if programme.status == Programme.Status.COMPLETED:
        ended = _("It ended in {year}.") if programme.year_end else _("It has ended.")
        when = ended.format(year=programme.year_end)
    elif programme.status_as_of:
        when = _("We last heard of it in {year}.").format(year=programme.status_as_of)
    else:
        when = _("We don’t know whether it still runs.")
    return f"{when} {tell_findings(programme.evaluations.all())[0]}"


def list_highlighted(catalogue: Catalogue) -> list[Programme]:
    """Return the programmes that curators have highlighted, those that run before others."""
    index = catalogue.programmes
    found = put_ended_last(index, [index.find_with_value("highlighted", ["yes"])])
    return list_published(index.list_by_name(found, 0, MOST_HIGHLIGHTED))

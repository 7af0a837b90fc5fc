"""The page of one country: programmes, platforms, strategies, travelled ideas and contacts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from pyroaring import BitMap

from partnerships.models import GuideItem, NationalPlatform, Organisation, Partnership, Strategy
from programmes.models import (
    Contact,
    Country,
    EvidenceStep,
    InitiativeKind,
    Programme,
    Reach,
    Unit,
    where_current,
)
from stemobs.addresses import build_location, redirect_for_good
from stemobs.catalogue.counting import (
    count_own_programmes,
    find_ended,
    find_own,
    find_programmes,
    find_shared,
    put_ended_last,
    tally_records,
)
from stemobs.catalogue.documents import NONE
from stemobs.catalogue.programmes import VOCATIONAL
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.entries import wording
from stemobs.entries.cards import render_cards
from stemobs.entries.entry import SHARES
from stemobs.entries.lineage import AMONG, Journey, list_journeys
from stemobs.entries.publication import list_published
from stemobs.entries.signals.levels import STAGES
from stemobs.entries.ways_in import list_offices
from stemobs.exports.citations import cite_thing
from stemobs.insights import maps
from stemobs.insights.findings import FindingRecord
from stemobs.insights.timelines import Span, Timeline, make_span, make_timeline, span_of_initiative
from stemobs.pages.citable import render_citable
from stemobs.selection.facets import (
    KIND,
    LEVEL,
    ORGANISATION,
    normalise_country_code,
)
from stemobs.selection.programmes import ProgrammeFilter

Standing = NationalPlatform.Standing
# How many of each kind the page shows at most; it links to the whole lists.
MOST_PROGRAMMES = 25
MOST_DRAWN = 15
MOST_REACH = 5
MOST_COMPARABLE = 1_000
MOST_ORGANISATIONS = 12
MOST_CONTACTS = 5
MOST_PLATFORMS = 3
MOST_STRATEGIES = 8
MOST_MENTIONS = 6
MOST_JOURNEYS = 25
MOST_NEIGHBOURS = 5
MOST_COMPARED = 3

# Columns of the table of levels: the value of the level facet, and the heading of the column.
LEVELS = (*((stage.value, stage.name) for stage in STAGES), (VOCATIONAL, _("Vocational")))
# The sentence about the only national platform, by whether it has a mandate and by its status.
ROLES: Mapping[tuple[bool, str], Any] = {
    (True, Programme.Status.ACTIVE): _("{names} is its national STEM platform."),
    (True, Programme.Status.COMPLETED): _("{names} was its national STEM platform."),
}
# The words after the name of a platform that is not known to be active.
STATES: Mapping[str, Any] = {
    Programme.Status.PLANNED: _("planned"),
    Programme.Status.COMPLETED: _("ended"),
    Programme.Status.UNKNOWN: _("status not known"),
}
SEVERAL = _("We know of {number} national STEM platforms: {names}.")
ON_RECORD = _("National STEM platform: {names}.")
NO_PLATFORM = _("We know of no national STEM platform here.")
OF_REGION = _("{region} has its own: {name}.")
ATTEMPT = _("We know of no national STEM platform here. An attempt came to nothing.")
ATTEMPT_OF = _("We know of no national STEM platform here. An attempt in {year} came to nothing.")
SIMILAR = _("In a similar role: {names}.")


@require_safe
def show_country(request: HttpRequest, code: str) -> HttpResponse:
    """Show a country's programmes, platforms, strategies, lineage, gaps and contacts."""
    country = get_object_or_404(Country, code=normalise_country_code(code))
    if code != country.code.lower():
        return redirect_for_good(
            build_location(request, reverse("country", args=[country.code.lower()]))
        )
    query = QueryDict(f"country={country.code}")
    here = ProgrammeFilter(query, get_request_catalogue(request))
    catalogue = here.catalogue
    key = (show_country, country.pk, get_language())
    context = {
        "country": country,
        "total": len(here.matched),
        **count_here(country, here),
        "organisation_total": len(
            catalogue.organisations.find_with_value("country", [country.code])
        ),
        **catalogue.make_once_in_this_state(key, partial(read_profile, country, here)),
        **count_levels(here),
        **count_studies_alike(here),
        "cards": render_programme_lines(here),
    }
    reference = cite_thing("country", country, get_request_catalogue(request).moment)
    return render_citable(request, "pages/country/country.html", context, reference)


def read_profile(country: Country, here: ProgrammeFilter) -> dict[str, Any]:
    """Return the part of the template context that needs database queries; it is cached."""
    strategies = list(country.strategies.select_related("programme"))
    return {
        "strategies": strategies,
        "most_strategies": MOST_STRATEGIES,
        "contacts": find_contacts(country, here),
        "offices": find_offices(country, here),
        "partners": here.make_panel(ORGANISATION).choices[:MOST_ORGANISATIONS],
        **choose_programmes_to_compare(here),
        **find_platforms(country),
        **find_travelled_ideas(country, here),
        **draw_over_time(here, strategies),
        **find_reach(here),
        **find_mentions(country),
        **find_surroundings(country, here),
    }


# --- Where, and what travelled -------------------------------------------------------------------


def find_travelled_ideas(country: Country, here: ProgrammeFilter) -> dict[str, Any]:
    """Return ideas that other countries took from this one, ideas it took, and a map of both."""
    everywhere = list_journeys(here.catalogue)
    given = [one for one in everywhere if one.origin.country == country.code]
    taken = [one for one in everywhere if one.target.country == country.code]
    tied = {
        **{one.origin.country: one.origin.country_name for one in taken},
        **{one.target.country: one.target.country_name for one in given},
    }
    return {
        "given": given[:MOST_JOURNEYS],
        "given_total": len(given),
        "among": AMONG,
        "given_countries": len({one.target.country for one in given}),
        "taken": taken[:MOST_JOURNEYS],
        "taken_total": len(taken),
        **draw_locator(country, tied, [*given, *taken]),
    }


def draw_locator(
    country: Country, tied: dict[str, str], found: Sequence[Journey]
) -> dict[str, Any]:
    """Return a map that shows the country and the countries with which it shares ideas.

    `tied` has the names of those other countries by code.
    """
    places = [maps.Place(code, name, 0) for code, name in tied.items() if code in maps.POINTS]
    own = maps.Place(country.code, country.name, 0) if country.code in maps.POINTS else None
    window = maps.make_view_box(country.code, tied)
    return {
        "window": window,
        "name_size": maps.measure_names(window),
        "own": own,
        "tied": places,
        "arcs": maps.draw_arcs((one.countries for one in found), maps.POINTS.__getitem__),
    }


def find_surroundings(country: Country, here: ProgrammeFilter) -> dict[str, Any]:
    """Return programmes from elsewhere that reach a country, and neighbours with programmes."""
    index = here.index
    reaching = index.find_with_value("also_reaches", [country.code])
    ids = index.list_by_name(put_ended_last(index, [reaching]), 0, MOST_PROGRAMMES)
    counts = count_own_programmes(index)
    near = maps.find_nearest(country.code, counts, MOST_NEIGHBOURS)
    names = Country.objects.filter(code__in=near).in_bulk(field_name="code")
    return {
        "reaching": list_published(ids),
        "reaching_total": len(reaching),
        "neighbours": [(names[code], counts[code]) for code in near if code in names],
    }


# --- Programmes ----------------------------------------------------------------------------------


def count_here(country: Country, here: ProgrammeFilter) -> dict[str, Any]:
    """Return what the country's own records count as, and how many are shared with many others."""
    index = here.index
    own = find_own(index, country.code)
    evaluated = index.find_with_value("evidence", [EvidenceStep.INDEPENDENT])
    return {
        "tally": tally_records(index, own),
        "shared": len(here.matched - own),
        "independent": len(own & find_programmes(index) & evaluated),
        "evaluated": len(here.matched & evaluated),
    }


def render_programme_lines(here: ProgrammeFilter) -> list[str]:
    """Return the HTML rows of the table of levels: programmes, the strongest evidence first."""
    ids = here.matches[:MOST_PROGRAMMES]
    return render_cards(here.catalogue, ids, template="pages/country/line.html")


def count_levels(here: ProgrammeFilter) -> dict[str, Any]:
    """Return the number of programmes at each level, and the levels and kinds without any."""
    query = QueryDict(f"country={here.values['country'][0]}&evidence=independent")
    counts, evaluated = (
        here.count_values(LEVEL),
        ProgrammeFilter(query, here.catalogue).count_values(LEVEL),
    )
    kinds, by_kind = here.catalogue.list_terms(InitiativeKind), here.count_values(KIND)
    return {
        "levels": [(value, name, counts.get(value, 0)) for value, name in LEVELS],
        "levels_unknown": counts.get(NONE, 0),
        "missing_levels": [name for value, name in LEVELS if not counts.get(value)],
        "unevaluated_levels": [
            name for value, name in LEVELS if counts.get(value) and not evaluated.get(value)
        ],
        "missing_kinds": [name for slug, name in kinds.items() if slug not in by_kind],
    }


def count_studies_alike(here: ProgrammeFilter) -> dict[str, Any]:
    """Return what studies found in any country of the kinds of programme that this one has."""
    kinds = sorted(here.count_values(KIND).keys() - {NONE})
    return {"alike": FindingRecord(here.catalogue).count_alike(kinds)} if kinds else {}


def draw_over_time(here: ProgrammeFilter, strategies: Sequence[Strategy]) -> dict[str, Any]:
    """Return the timeline of programmes and strategies, with the numbers of programmes left out.

    `undrawn` counts programmes beyond the limit, `undated` those without a start year.
    """
    undated = len(here.matched & here.index.find_with_value("year_start", [NONE]))
    dated = len(here.matched) - undated
    code = here.values["country"][0]
    oldest = ProgrammeFilter(QueryDict(f"country={code}&sort=oldest"), here.catalogue)
    ids = oldest.matches[: min(MOST_DRAWN, dated)]
    return {
        "timeline": draw_timeline(ids, strategies),
        "undrawn": dated - len(ids),
        "undated": undated,
    }


def draw_timeline(ids: list[int], strategies: Sequence[Strategy]) -> Timeline:
    rows = Programme.objects.published().prefetch_related("countries").in_bulk(ids)
    spans = list_programme_spans(rows.values(), strategies)
    spans += list_strategy_spans(strategies, {span.key for span in spans})
    return make_timeline(sorted(spans, key=lambda span: (span.start, span.name)))


def list_programme_spans(rows: Iterable[Programme], strategies: Sequence[Strategy]) -> list[Span]:
    """Return the spans of programmes; a programme that is also a strategy is drawn as strategy."""
    both = {strategy.programme_id for strategy in strategies}
    spans = ((make_span(row), row.pk in both) for row in rows)
    return [replace(span, is_strategy=is_strategy) for span, is_strategy in spans if span]


def list_strategy_spans(strategies: Iterable[Strategy], drawn: set[str]) -> list[Span]:
    """Return the spans of strategies, except those already drawn as programmes.

    `drawn` has the slugs of the drawn programmes.
    """
    return [
        span
        for strategy in strategies
        if (span := span_of_initiative(strategy, strategy.region, is_strategy=True))
        and not (strategy.programme and strategy.programme.slug in drawn)
    ][:MOST_STRATEGIES]


def find_reach(here: ProgrammeFilter) -> dict[str, Any]:
    """Return the newest figure of how many each programme reaches, in the order of names.

    Only figures of one unit and one kind of period stand together, and only those of national
    programmes that run in this country alone. Where there are several units, that with most
    programmes is shown. A country with more than MOST_COMPARABLE programmes has no such list.
    """
    only = find_carried_out_here_only(here)
    if len(only) > MOST_COMPARABLE:
        return {}
    rows = Reach.objects.filter(where_current(), programme__in=only)
    rows = rows.exclude(unit__slug__in=SHARES)
    rows = rows.exclude(period_type="").select_related("programme", "unit")
    newest = Coalesce("year_to", "year_from").desc(nulls_last=True)
    groups: dict[tuple[Unit, str], dict[int, Reach]] = defaultdict(dict)
    for row in rows.order_by("programme__name", newest, "position"):
        groups[row.unit, row.period_type].setdefault(row.programme_id, row)
    key = min(groups, key=lambda key: (-len(groups[key]), key[0].position, key[1]), default=None)
    # A single figure says little about a country.
    if key is None or len(groups[key]) < 2:
        return {}
    shown = list(groups[key].values())[:MOST_REACH]
    return {
        "reach": shown,
        "reach_total": len(groups[key]),
        "reach_unit": key[0],
        "reach_period": shown[0].get_period_type_display,
    }


def find_carried_out_here_only(here: ProgrammeFilter) -> BitMap:
    """Return the ids of national programmes carried out in this country and in no other."""
    own, index = here.values["country"], here.index
    others = index.values["country"].keys() - own if len(index) else ()
    national = index.find_with_value("scope", [Programme.Scope.NATIONAL])
    return (here.matched & national) - index.find_with_value("country", others)


def choose_programmes_to_compare(here: ProgrammeFilter) -> dict[str, Any]:
    """Return slugs for a comparison, best evaluated first, and whether two or more were evaluated.

    They are of own programmes that have not ended.
    """
    index = here.index
    fit = find_programmes(index) - find_shared(index) - find_ended(index)
    chosen = list(islice((pk for pk in here.matches[:] if pk in fit), MOST_COMPARED))
    unevaluated = index.find_with_value("evidence", [EvidenceStep.NONE])
    return {
        "compared": [index.entries[pk].slug for pk in chosen] if len(chosen) > 1 else [],
        "compared_evaluated": sum(pk not in unevaluated for pk in chosen) > 1,
    }


# --- Platforms and contacts ----------------------------------------------------------------------


def find_platforms(country: Country) -> dict[str, Any]:
    """Return the national STEM platforms of a country, a sentence on them, and what is like one."""
    rows = country.platforms.select_related("organisation").prefetch_related("mandated_by")
    of_country = [row for row in rows if row.level == NationalPlatform.Level.NATIONAL]
    national = [row for row in of_country if row.is_acting]
    of_regions = [row for row in rows if row.is_acting and row.region and row not in of_country]
    words = describe_platforms(national) if national else describe_lack(of_country, of_regions)
    return {
        "platform_words": words,
        "platforms": national[:MOST_PLATFORMS],
        "other_platforms": [row for row in rows if row not in national[:MOST_PLATFORMS]],
    }


def describe_platforms(national: Sequence[NationalPlatform]) -> str:
    """Return a sentence about the national platforms; only a mandate allows to say “is its”."""
    key = bool(national[0].mandated_by.all()), national[0].status
    words = SEVERAL if len(national) > 1 else ROLES.get(key, ON_RECORD)
    return words.format(number=len(national), names=join_names(national))


def describe_lack(rows: Sequence[NationalPlatform], of_regions: Sequence[NationalPlatform]) -> str:
    """Return sentences on a country without a platform: an attempt, similar bodies, its regions."""
    attempt = next((row for row in rows if row.standing == Standing.ATTEMPT), None)
    similar = [row for row in rows if row.standing == Standing.SIMILAR]
    words = NO_PLATFORM
    if attempt:
        words = ATTEMPT_OF if attempt.year_start else ATTEMPT
    told = [words.format(year=attempt and attempt.year_start)]
    told += [OF_REGION.format(region=row.region, name=add_state(row)) for row in of_regions]
    return " ".join([*told, *([SIMILAR.format(names=join_names(similar))] if similar else [])])


def join_names(rows: Iterable[NationalPlatform]) -> str:
    names: list[Any] = [add_state(row) for row in rows]
    return str(get_text_list(names, _("and")))


def add_state(row: NationalPlatform) -> str:
    """Return the name of a platform, with its end year or status unless it is active."""
    state = wording.format_years(None, row.year_end) or STATES.get(row.status, "")
    return f"{row.name} ({state})" if state else row.name


class FirstContact(NamedTuple):
    """An organisation to ask about a country, and how many programmes there it coordinates."""

    organisation: Organisation
    leads_platform: bool
    programmes: int


def find_contacts(country: Country, here: ProgrammeFilter) -> list[FirstContact]:
    """Return organisations to contact: leaders of national platforms, then coordinators.

    Coordinators must have their seat in the country; those with most programmes come first.
    """
    role = Partnership.Role.COORDINATOR
    query = QueryDict(f"country={country.code}&role={role}")
    panel = ProgrammeFilter(query, here.catalogue).make_panel(ORGANISATION)
    order = [choice.value for choice in panel.choices]
    leads = Q(
        platforms__countries=country,
        platforms__level=NationalPlatform.Level.NATIONAL,
        platforms__standing=NationalPlatform.Standing.PLATFORM,
    )
    leaders = list(Organisation.objects.filter(leads).distinct().order_by("name"))
    rows = Organisation.objects.filter(slug__in=order, country=country)
    others = sorted(set(rows).difference(leaders), key=lambda row: order.index(row.slug))
    return [
        FirstContact(row, row in leaders, count_led(here, row, role))
        for row in [*leaders, *others][:MOST_CONTACTS]
    ]


def find_offices(country: Country, here: ProgrammeFilter) -> list[Contact]:
    """Return offices to ask about the country's own programmes; none if these are very many."""
    own = here.matched & find_own(here.index, country.code)
    return list_offices(own, MOST_CONTACTS) if len(own) <= MOST_COMPARABLE else []


def count_led(here: ProgrammeFilter, organisation: Organisation, role: str) -> int:
    """Return in how many programmes of a country an organisation has a role."""
    return len(here.find_pairs("partnership", [organisation.slug], [role]) & here.matched)


def find_mentions(country: Country) -> dict[str, Any]:
    """Return the items of guides that name a country."""
    found = list(GuideItem.objects.filter(countries=country).select_related("guide"))
    return {"mentions": found[:MOST_MENTIONS], "more_mentions": found[MOST_MENTIONS:]}

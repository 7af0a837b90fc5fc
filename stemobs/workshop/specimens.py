"""Gallery states of the template components: a name and a template context for each state.

Rows come from the catalogue where possible and are made up else. A state that no row of the
catalogue has is left out.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import QueryDict
from django.templatetags.static import static
from django.utils.translation import gettext as _

from partnerships.models import Criterion
from programmes.models import (
    Country,
    Evaluation,
    EvidenceStep,
    InitiativeKind,
    Programme,
)
from stemobs.addresses import SUGGEST
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.documents import NONE
from stemobs.entries.cards import render_cards
from stemobs.entries.examples import find_examples
from stemobs.entries.lineage import list_journeys
from stemobs.exports.citations import cite_programme, cite_selection
from stemobs.insights import maps
from stemobs.insights.timelines import Span, SpanLink, make_timeline
from stemobs.pages.search import Everything, suggest
from stemobs.selection.closest import find_closest, list_wider
from stemobs.selection.facets import COUNTRY, EVIDENCE, KIND, STATUS
from stemobs.selection.parameters import Problem, list_unknown
from stemobs.selection.programmes import PageFilter
from stemobs.selection.selection import PAGE_SIZE
from stemobs.text import Search, parse_search

Context = Mapping[str, Any]
States = Iterator[tuple[str, Context]]  # name of a state, and the context for the template
Make = Callable[[Catalogue], States]

SPECIMENS: dict[str, Make] = {}


def register_states(component: str) -> Callable[[Make], Make]:
    """Return a decorator that registers a function as the maker of a component's states."""

    def register(make: Make) -> Make:
        SPECIMENS[component] = make
        return make

    return register


def make_selection(catalogue: Catalogue, query: str = "") -> PageFilter:
    return PageFilter(QueryDict(query), catalogue)


def find_first(catalogue: Catalogue, query: str) -> list[Programme]:
    """Return a list with the first programme of a selection, or an empty list."""
    rows = Programme.objects.published().for_cards()
    return [rows.get(pk=pk) for pk in make_selection(catalogue, query).matches[:1]]


def count_by_country(catalogue: Catalogue) -> dict[str, int]:
    """Return how many programmes each country has, by country code."""
    found = make_selection(catalogue).count_values(COUNTRY)
    return {code: number for code, number in found.items() if code != NONE}


# --- Header, footer, navigation ------------------------------------------------------------------


@register_states("basket")
@register_states("site_header")
@register_states("map_note")
def make_unchanging(catalogue: Catalogue) -> States:
    yield "always", {}


@register_states("breadcrumbs")
def make_breadcrumbs(catalogue: Catalogue) -> States:
    context = {"parent": "Programmes", "parent_url": "/programmes/", "here": "Jet-Net"}
    yield "in a list", {**context, "middle_url": ""}
    yield (
        "with a part between",
        {**context, "middle": "Netherlands", "middle_url": "/countries/nl/"},
    )


@register_states("contents")
def make_contents(catalogue: Catalogue) -> States:
    parts = [{"anchor": "state-contents", "name": f"Part {number}"} for number in (1, 2, 3)]
    yield "without parts of parts", {"heading": "In this guide", "contents": parts}
    yield (
        "with parts of parts",
        {"heading": "In this guide", "contents": [{**parts[0], "parts": parts[1:]}, *parts[1:]]},
    )


@register_states("pagination")
def make_pagination(catalogue: Catalogue) -> States:
    pages = Paginator(range(400), 10)
    for number, state in ((1, "first page"), (20, "in the middle"), (40, "last page")):
        yield state, {"page": pages.page(number), "page_query": "country=NL"}
    yield "one page only: nothing", {"page": Paginator(range(3), 10).page(1), "page_query": ""}


@register_states("sharing")
def make_sharing(catalogue: Catalogue) -> States:
    context = {"page_title": "Jet-Net", "page_description": "A Dutch network."}
    yield "of any page", {**context, "canonical_url": f"{settings.SITE_URL}/programmes/jet-net-nl/"}


TELL_US = {"tell_us": f"{SUGGEST}?programme=jet-net-nl"}


@register_states("tell_us")
def make_tell_us(catalogue: Catalogue) -> States:
    yield "about a record", TELL_US
    yield (
        "about a part of it",
        {
            **TELL_US,
            "label": _("Wrong or out of date?"),
            "part": "works",
            "quiet": True,
            "of": _("Does it work?"),
        },
    )


@register_states("site_footer")
def make_footer(catalogue: Catalogue) -> States:
    yield "of a page", TELL_US
    yield "of an error", {"tell_us": ""}


@register_states("feeds")
def make_feeds(catalogue: Catalogue) -> States:
    yield "of everything", {"query": "", "of": ""}
    yield "of a selection", {"query": "country=NL", "of": "Netherlands"}


@register_states("citation_links")
def make_citation_links(catalogue: Catalogue) -> States:
    yield "a selection", {"reference": cite_selection(make_selection(catalogue))}


@register_states("cite")
def make_cite(catalogue: Catalogue) -> States:
    whole = cite_selection(make_selection(catalogue))
    yield "a selection", {"reference": whole, "has_files": True}
    for programme in Programme.objects.published()[:1]:
        entry = cite_programme(programme, catalogue.moment)
        yield "an entry that is not public", {"reference": entry, "has_files": False}


# --- Filters and search --------------------------------------------------------------------------


@register_states("chips")
def make_chips(catalogue: Catalogue) -> States:
    yield "nothing chosen: nothing", {"chips": make_selection(catalogue).chips}
    yield "one", {"chips": make_selection(catalogue, "country=NL").chips}
    yield "several", {"chips": make_selection(catalogue, "country=NL&level=3&q=robots").chips}


@register_states("choices")
def make_choices(catalogue: Catalogue) -> States:
    for state, query in (("none chosen", ""), ("one chosen", "evidence=reported")):
        panel = make_selection(catalogue, query).make_panel(EVIDENCE)
        yield state, {"panel": panel, "choices": panel.shown}


@register_states("facet")
def make_facet(catalogue: Catalogue) -> States:
    everything = make_selection(catalogue)
    whole = make_selection(catalogue, "country=NL&show=country,kind")
    active = make_selection(catalogue, "status=active")
    every = ",".join(COUNTRY.labels(catalogue))
    many = make_selection(catalogue, f"country={every}")
    yield "folded", {"panel": everything.make_page_panel(STATUS, is_open=False)}
    yield "its first choices", {"panel": everything.make_page_panel(KIND, is_open=True)}
    yield "with a choice", {"panel": active.make_page_panel(STATUS, is_open=False)}
    yield "with more choices than are shown", {"panel": many.make_page_panel(COUNTRY, is_open=True)}
    yield "whole, with a field to find one", {"panel": whole.make_page_panel(COUNTRY, is_open=True)}
    yield (
        "whole, with values that nothing has",
        {"panel": whole.make_page_panel(KIND, is_open=True)},
    )


@register_states("finder_select")
def make_finder_select(catalogue: Catalogue) -> States:
    panel = make_selection(catalogue).make_panel(STATUS)
    yield "with counts", {"panel": panel, "any_label": "Any status"}


@register_states("year_field")
def make_year_field(catalogue: Catalogue) -> States:
    yield "empty", {"name": "since", "label": "Started in or after", "value": None}
    yield "filled", {"name": "until", "label": "Started in or before", "value": 2015}


@register_states("year_facet")
def make_year_facet(catalogue: Catalogue) -> States:
    for state, query in (("folded", ""), ("with a year", "running_in=2015")):
        selection = make_selection(catalogue, query)
        yield (
            state,
            {
                "selection": selection,
                "shows_years": bool(query),
                "years_query": selection.build_unfolding_query("years"),
            },
        )


@register_states("did_you_mean")
def make_did_you_mean(catalogue: Catalogue) -> States:
    yield "a word that nothing has", {"selection": make_selection(catalogue, "q=techology")}
    yield "every word is known: nothing", {"selection": make_selection(catalogue, "q=technology")}


@register_states("suggestions")
def make_suggestions(catalogue: Catalogue) -> States:
    for state, words in (("several groups", "Netherlands"), ("one group", "jet-net")):
        search = Everything(QueryDict(f"q={words}"), catalogue)
        yield state, suggest(search)


@register_states("wider")
def make_wider(catalogue: Catalogue) -> States:
    states = (
        ("nothing matches", "country=NL&q=zzzz"),
        ("nothing matches one condition", "q=zzzz"),
        ("nothing matches two conditions", "country=VA&level=3&q=zzzz"),
        ("some match all but one", "country=SK&open_to=companies&evidence=independent"),
        ("many match: nothing", ""),
    )
    for state, query in states:
        selection = make_selection(catalogue, query)
        page = Paginator(selection.matches, PAGE_SIZE).page(1)
        closest = [(one, render_cards(catalogue, one.ids)) for one in find_closest(selection)]
        words = {"wider": list_wider(selection), "page": page, "chips": selection.chips}
        yield state, {**words, "closest": closest}


@register_states("problems")
def make_problems(catalogue: Catalogue) -> States:
    wrong = list_unknown([("contry", "NL")], (), allowed=())
    yield "nothing is wrong: nothing", {"problems": []}
    yield "one", {"problems": wrong}
    yield "several", {"problems": [*wrong, Problem("level", "9", _("is not one of its values"))]}


# --- Programmes ----------------------------------------------------------------------------------


@register_states("pictogram")
def make_pictogram(catalogue: Catalogue) -> States:
    for kind in InitiativeKind.objects.all():
        yield kind.name, {"kind": kind.slug}
    yield "of a programme that ended", {"kind": "research-projects", "is_past": True}
    yield "in a line of text", {"kind": "research-projects", "is_small": True}
    yield "no kind is known", {"kind": None}


@register_states("picture")
def make_picture(catalogue: Catalogue) -> States:
    drawn = {"picture": {"shown_url": static("mark.svg")}, "alt": "A dome below a star"}
    by, under = "STEM Observatory", "EUPL-1.2"
    yield "with credit and licence", {**drawn, "credit": by, "licence": under}
    yield "with licence", {**drawn, "credit": "", "licence": under}
    yield "without either", {**drawn, "credit": "", "licence": ""}


@register_states("thumbnail")
def make_thumbnail(catalogue: Catalogue) -> States:
    yield "on a card", {"picture": {"small_url": static("mark.svg")}, "alt": "A dome below a star"}


@register_states("programme_card")
def make_programme_card(catalogue: Catalogue) -> States:
    nothing = Search()
    states = (
        ("with much", "evidence=independent&level=3", nothing, False),
        ("with little", "evidence=none&level=none&kind=none", nothing, False),
        ("of what ended", "status=completed", nothing, False),
        ("with words that were searched", "q=technology", parse_search("technology"), False),
        ("to be chosen for comparison", "evidence=monitored", nothing, True),
    )
    for state, query, searched, is_comparable in states:
        for programme in find_first(catalogue, query):
            words = {"programme": programme, "searched": searched, "trail_mark": ""}
            yield state, {**words, "is_comparable": is_comparable}


@register_states("compare_box")
def make_compare_box(catalogue: Catalogue) -> States:
    for programme in find_first(catalogue, "evidence=independent"):
        yield "in a list", {"programme": programme}
        yield "on a record", {"programme": programme, "is_record": True}


@register_states("evidence")
def make_evidence(catalogue: Catalogue) -> States:
    for step in EvidenceStep:
        for programme in find_first(catalogue, f"evidence={step}"):
            yield str(step.label), {"programme": programme}


@register_states("found")
def make_found(catalogue: Catalogue) -> States:
    queries = {
        "a result": "finding=negative",
        "result not known": "finding=not-on-record&evidence=reported",
        "no evaluation": "finding=none",
    }
    for state, query in queries.items():
        for programme in find_first(catalogue, query):
            yield state, {"programme": programme}


@register_states("finding")
def make_finding(catalogue: Catalogue) -> States:
    for result in Evaluation.Result:
        yield str(result.label), {"row": Evaluation(result=result)}


@register_states("evidence_icon")
def make_evidence_icon(catalogue: Catalogue) -> States:
    for step in EvidenceStep:
        yield str(step.label), {"step": str(step)}


@register_states("levels")
def make_levels(catalogue: Catalogue) -> States:
    states = {"some": "level=1", "none known": "level=none", "vocational": "level=vocational"}
    for state, query in states.items():
        for programme in find_first(catalogue, query):
            yield state, {"programme": programme}


@register_states("example")
def make_example(catalogue: Catalogue) -> States:
    states = (
        ("in one country", "scope=national&country=NL"),
        ("in several countries", "scope=multi-country"),
        ("without a list of countries", "country=none"),
    )
    for state, query in states:
        for programme in find_first(catalogue, query):
            yield state, {"programme": programme}


@register_states("examples")
def make_examples(catalogue: Catalogue) -> States:
    for one in find_examples(InitiativeKind.objects.all()[:1], catalogue):
        yield "of a kind", {"examples": one}
    criteria = find_examples(Criterion.objects.all(), catalogue)
    for state, is_shown in (("of a criterion", True), ("of one that nothing meets", False)):
        for one in [one for one in criteria if bool(one.shown) == is_shown][:1]:
            yield state, {"examples": one}


@register_states("assessed")
def make_assessed(catalogue: Catalogue) -> States:
    found = find_examples(Criterion.objects.all()[:1], catalogue)
    for state, number in (("many", 8), ("one", 1), ("none", 0)):
        for one in found:
            yield state, {"found": replace(one, assessed=number)}


@register_states("years")
def make_years(catalogue: Catalogue) -> States:
    states = (("both", 2002, 2024), ("start only", 2016, None), ("end only", None, 2019))
    for state, start, end in (*states, ("neither", None, None)):
        yield state, {"row": Programme(year_start=start, year_end=end)}


@register_states("timeline")
def make_timelines(catalogue: Catalogue) -> States:
    place = "Netherlands"
    ended = Span("a", "Ended", place, "/", 2002, 2010, True)
    runs = Span("b", "Known to run until a year", "Denmark", "/", 2012, 2018, False)
    strategy = Span("c", "A strategy", place, "/", 2013, 2020, True, is_strategy=True)
    long = "A very long name of a programme of schools and companies in many regions " * 2
    begins = Span("d", long, "Several countries", "/", 2024, None, False)
    future = Span("e", "With a year set as its end", place, "/", 2020, 2040, True)
    summary = {"summary": "Made-up spans"}
    yield "ended", {"timeline": make_timeline([ended]), **summary}
    yield "end not recorded", {"timeline": make_timeline([ended, runs]), **summary}
    yield "planned, and a long name", {"timeline": make_timeline([begins, future]), **summary}
    yield "with a strategy", {"timeline": make_timeline([ended, strategy]), **summary}
    links = [SpanLink("a", "b", 2012)]
    yield "one made from another", {"timeline": make_timeline([ended, runs], links), **summary}


# --- Maps and charts -----------------------------------------------------------------------------


@register_states("map")
def make_maps(catalogue: Catalogue) -> States:
    names = catalogue.list_terms(Country, "code")
    arcs = maps.draw_arcs(one.countries for one in list_journeys(catalogue))
    yield "empty", {"dots": [], "arcs": [], "label": "Nothing on record"}
    yield (
        "with dots and arcs",
        {
            "dots": maps.make_dots(count_by_country(catalogue), names),
            "arcs": arcs,
            "label": "Programmes",
        },
    )


@register_states("choropleth")
def make_choropleth(catalogue: Catalogue) -> States:
    areas = maps.make_areas(count_by_country(catalogue), catalogue.list_terms(Country, "code"))
    yield "countries by number", {"areas": areas, "label": "Programmes by country"}


@register_states("country_links")
def make_country_links(catalogue: Catalogue) -> States:
    for state, most in (("one", 1), ("several", 3)):
        yield state, {"countries": Country.objects.all()[:most]}


@register_states("bars")
def make_bars(catalogue: Catalogue) -> States:
    panel = make_selection(catalogue).make_panel(EVIDENCE)
    yield "with counts", {"panel": panel, "caption": "Programmes by evidence"}


@register_states("journeys")
def make_journeys(catalogue: Catalogue) -> States:
    found = list_journeys(catalogue)
    for state, is_dated in (("with a year", True), ("year not recorded", False)):
        some = [one for one in found if bool(one.year) == is_dated][:2]
        if some:
            yield state, {"journeys": some}

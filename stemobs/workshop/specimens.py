"""Every component in all its states, from rows on record where it shows such and else built.

A state that no row on record has is left out.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import QueryDict
from django.utils.translation import gettext as _

from partnerships.models import Criterion, GuideItem, Lineage, NationalPlatform, Statement, Strategy
from programmes.models import (
    Citation,
    Country,
    EvidenceStep,
    InitiativeKind,
    Programme,
    Reach,
    Source,
)
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.index import NONE
from stemobs.entries.entry import Entry, NumberedSources, with_facts
from stemobs.entries.examples import examples_of
from stemobs.entries.lineage import journeys
from stemobs.exports.citations import of_programme, of_selection
from stemobs.insights import maps
from stemobs.insights.timelines import Link, Span, timeline
from stemobs.selection.facets import COUNTRY, EVIDENCE, KIND, STATUS
from stemobs.selection.parameters import Problem, list_unknown
from stemobs.selection.programmes import PageFilter
from stemobs.selection.selection import PAGE_SIZE
from stemobs.text import Search, parse

Context = Mapping[str, Any]
States = Iterator[tuple[str, Context]]  # what a state is called, and what the component is given
Make = Callable[[Catalogue], States]

SPECIMENS: dict[str, Make] = {}


def of(component: str) -> Callable[[Make], Make]:
    """Register the states of a component."""

    def register(make: Make) -> Make:
        SPECIMENS[component] = make
        return make

    return register


def select(catalogue: Catalogue, query: str = "") -> PageFilter:
    return PageFilter(QueryDict(query), catalogue)


def first(catalogue: Catalogue, query: str) -> list[Programme]:
    """Return the first programme of a selection, or nothing."""
    rows = Programme.objects.published().for_cards()
    return [rows.get(pk=pk) for pk in select(catalogue, query).matches[:1]]


def numbers(catalogue: Catalogue) -> dict[str, int]:
    """Return how many programmes each country has."""
    found = select(catalogue).counts(COUNTRY)
    return {code: number for code, number in found.items() if code != NONE}


# --- Where one is --------------------------------------------------------------------------------


@of("site_header")
@of("site_footer")
@of("map_note")
def always_the_same(catalogue: Catalogue) -> States:
    yield "always", {}


@of("breadcrumbs")
def breadcrumbs(catalogue: Catalogue) -> States:
    context = {"parent": "Programmes", "parent_url": "/programmes/", "here": "Jet-Net"}
    yield "in a list", {**context, "middle_url": ""}
    yield (
        "with a part between",
        {**context, "middle": "Netherlands", "middle_url": "/countries/nl/"},
    )


@of("contents")
def contents(catalogue: Catalogue) -> States:
    parts = [{"anchor": "state-contents", "name": f"Part {number}"} for number in (1, 2, 3)]
    yield "without parts of parts", {"heading": "In this guide", "contents": parts}
    yield (
        "with parts of parts",
        {"heading": "In this guide", "contents": [{**parts[0], "parts": parts[1:]}, *parts[1:]]},
    )


@of("pagination")
def pagination(catalogue: Catalogue) -> States:
    pages = Paginator(range(400), 10)
    for number, state in ((1, "first page"), (20, "in the middle"), (40, "last page")):
        yield state, {"page": pages.page(number), "page_query": "country=NL"}
    yield "one page only: nothing", {"page": Paginator(range(3), 10).page(1), "page_query": ""}


@of("sharing")
def sharing(catalogue: Catalogue) -> States:
    context = {"page_title": "Jet-Net", "page_description": "A Dutch network."}
    yield "of any page", {**context, "canonical_url": f"{settings.SITE_URL}/programmes/jet-net-nl/"}


@of("feeds")
def feeds(catalogue: Catalogue) -> States:
    yield "of everything", {"query": "", "of": ""}
    yield "of a selection", {"query": "country=NL", "of": "Netherlands"}


@of("cite")
def cite(catalogue: Catalogue) -> States:
    whole = of_selection(select(catalogue))
    yield "a selection", {"reference": whole, "has_files": True}
    for programme in Programme.objects.published()[:1]:
        entry = of_programme(programme, catalogue.moment)
        yield "an entry that is not public", {"reference": entry, "has_files": False}


# --- Narrowing -----------------------------------------------------------------------------------


@of("chips")
def chips(catalogue: Catalogue) -> States:
    yield "nothing chosen: nothing", {"chips": select(catalogue).chips}
    yield "one", {"chips": select(catalogue, "country=NL").chips}
    yield "several", {"chips": select(catalogue, "country=NL&level=3&q=robots").chips}


@of("choices")
def choices(catalogue: Catalogue) -> States:
    for state, query in (("none chosen", ""), ("one chosen", "evidence=reported")):
        panel = select(catalogue, query).panel(EVIDENCE)
        yield state, {"panel": panel, "choices": panel.first, "unit": "programmes"}


@of("facet")
def facet(catalogue: Catalogue) -> States:
    everything = select(catalogue)
    panels = (
        ("closed", everything.panel(KIND), False),
        ("open", everything.panel(STATUS), True),
        ("long, with a field to find one", everything.panel(COUNTRY), True),
        ("with a choice", select(catalogue, "status=active").panel(STATUS), False),
        ("with values that nothing has", select(catalogue, "country=NL").panel(KIND), True),
    )
    for state, panel, is_open in panels:
        yield state, {"panel": panel, "unit": "programmes", "is_open": is_open}


@of("finder_select")
def finder_select(catalogue: Catalogue) -> States:
    panel = select(catalogue).panel(STATUS)
    yield "with counts", {"panel": panel, "any_label": "Any status"}


@of("year_field")
def year_field(catalogue: Catalogue) -> States:
    yield "empty", {"name": "since", "label": "Started in or after", "value": None}
    yield "filled", {"name": "until", "label": "Started in or before", "value": 2015}


@of("year_facet")
def year_facet(catalogue: Catalogue) -> States:
    yield "closed", {"selection": select(catalogue)}
    yield "with a year", {"selection": select(catalogue, "running_in=2015")}


@of("did_you_mean")
def did_you_mean(catalogue: Catalogue) -> States:
    yield "a word that nothing has", {"selection": select(catalogue, "q=techology")}
    yield "every word is known: nothing", {"selection": select(catalogue, "q=technology")}


@of("wider")
def wider(catalogue: Catalogue) -> States:
    states = (
        ("nothing matches", "country=NL&q=zzzz"),
        ("nothing matches one condition", "q=zzzz"),
        ("many match: nothing", ""),
    )
    for state, query in states:
        selection = select(catalogue, query)
        page = Paginator(selection.matches, PAGE_SIZE).page(1)
        yield state, {"selection": selection, "page": page, "chips": selection.chips}


@of("problems")
def problems(catalogue: Catalogue) -> States:
    wrong = list_unknown([("contry", "NL")], (), allowed=())
    yield "nothing is wrong: nothing", {"problems": []}
    yield "one", {"problems": wrong}
    yield "several", {"problems": [*wrong, Problem("level", "9", _("is not one of its values"))]}


# --- Programmes ----------------------------------------------------------------------------------


@of("programme_card")
def programme_card(catalogue: Catalogue) -> States:
    nothing = Search()
    states = (
        ("with much", "evidence=independent&level=3", nothing, False),
        ("with little", "evidence=none&level=none&kind=none", nothing, False),
        ("with words that were searched", "q=technology", parse("technology"), False),
        ("to be chosen for comparison", "evidence=monitored", nothing, True),
    )
    for state, query, searched, is_comparable in states:
        for programme in first(catalogue, query):
            yield (
                state,
                {"programme": programme, "searched": searched, "is_comparable": is_comparable},
            )


@of("evidence")
def evidence(catalogue: Catalogue) -> States:
    for step in EvidenceStep:
        for programme in first(catalogue, f"evidence={step}"):
            yield str(step.label), {"programme": programme}


@of("evidence_icon")
def evidence_icon(catalogue: Catalogue) -> States:
    for step in EvidenceStep:
        yield str(step.label), {"step": str(step)}


@of("level_ruler")
def level_ruler(catalogue: Catalogue) -> States:
    for state, query in (("some", "level=1"), ("none recorded", "level=none")):
        for programme in first(catalogue, query):
            yield state, {"programme": programme}


@of("levels")
def levels(catalogue: Catalogue) -> States:
    yield from level_ruler(catalogue)
    for programme in first(catalogue, "level=vocational"):
        yield "vocational", {"programme": programme}


@of("example")
def example(catalogue: Catalogue) -> States:
    states = (
        ("in one country", "scope=national&country=NL"),
        ("in several countries", "scope=multi-country"),
        ("without a list of countries", "country=none"),
    )
    for state, query in states:
        for programme in first(catalogue, query):
            yield state, {"programme": programme}


@of("examples")
def examples(catalogue: Catalogue) -> States:
    for one in examples_of(InitiativeKind.objects.all()[:1], catalogue):
        yield "of a kind", {"examples": one}
    criteria = examples_of(Criterion.objects.all(), catalogue)
    for state, is_shown in (("of a criterion", True), ("of one that nothing meets", False)):
        for one in [one for one in criteria if bool(one.shown) == is_shown][:1]:
            yield state, {"examples": one}


@of("years")
def years(catalogue: Catalogue) -> States:
    states = (("both", 2002, 2024), ("start only", 2016, None), ("end only", None, 2019))
    for state, start, end in (*states, ("neither", None, None)):
        yield state, {"row": Programme(year_start=start, year_end=end)}


@of("timeline")
def drawn(catalogue: Catalogue) -> States:
    place = "Netherlands"
    ended = Span("a", "Ended", place, "/", 2002, 2010, True)
    runs = Span("b", "Known to run until a year", "Denmark", "/", 2012, 2018, False)
    strategy = Span("c", "A strategy", place, "/", 2013, 2020, True, is_strategy=True)
    summary = {"summary": "Made-up spans"}
    yield "ended", {"timeline": timeline([ended]), **summary}
    yield "end not recorded", {"timeline": timeline([ended, runs]), **summary}
    yield "with a strategy", {"timeline": timeline([ended, strategy]), **summary}
    links = [Link("a", "b", 2012)]
    yield "one made from another", {"timeline": timeline([ended, runs], links), **summary}


# --- Places --------------------------------------------------------------------------------------


@of("map")
def dots(catalogue: Catalogue) -> States:
    names = catalogue.terms(Country, "code")
    arcs = maps.arcs(one.countries for one in journeys(catalogue))
    yield "empty", {"dots": [], "arcs": [], "label": "Nothing on record"}
    yield (
        "with dots and arcs",
        {"dots": maps.dots(numbers(catalogue), names), "arcs": arcs, "label": "Programmes"},
    )


@of("choropleth")
def choropleth(catalogue: Catalogue) -> States:
    areas = maps.areas(numbers(catalogue), catalogue.terms(Country, "code"))
    yield "countries by number", {"areas": areas, "label": "Programmes by country"}


@of("country_links")
def country_links(catalogue: Catalogue) -> States:
    for state, most in (("one", 1), ("several", 3)):
        yield state, {"countries": Country.objects.all()[:most]}


@of("bars")
def bars(catalogue: Catalogue) -> States:
    panel = select(catalogue).panel(EVIDENCE)
    yield "with counts", {"panel": panel, "caption": "Programmes by evidence"}


@of("journeys")
def travelled(catalogue: Catalogue) -> States:
    found = journeys(catalogue)
    for state, is_dated in (("with a year", True), ("year not recorded", False)):
        some = [one for one in found if bool(one.year) == is_dated][:2]
        if some:
            yield state, {"journeys": some}


# --- Platforms and strategies --------------------------------------------------------------------


@of("initiative_facts")
@of("initiative_line")
def initiative(catalogue: Catalogue) -> States:
    platforms = NationalPlatform.objects.all()
    states = (
        ("much is known", platforms.exclude(native_names="").exclude(year_start=None)),
        ("of a region", platforms.exclude(region="")),
        ("little is known", platforms.filter(year_start=None, native_names="")),
    )
    for state, rows in states:
        for row in rows[:1]:
            yield state, {"row": row}


@of("statements")
def statements(catalogue: Catalogue) -> States:
    budgets = Statement.objects.exclude(currency="").exclude(value=None).select_related("source")
    texts = Statement.objects.filter(value=None).exclude(text="").select_related("source")
    for state, rows in (("money", budgets[:2]), ("words", texts[:2])):
        sources = NumberedSources(rows)
        yield state, {"rows": rows, "sources": sources, "id": f"said-{state}", "heading": "Budget"}
    yield "none: nothing", {"rows": [], "sources": NumberedSources([]), "id": "x", "heading": "x"}


@of("said")
def said(catalogue: Catalogue) -> States:
    for row in Strategy.objects.exclude(statements=None).distinct()[:1]:
        by_kind: dict[str, list[Statement]] = {kind: [] for kind in Statement.Kind.values}
        for statement in row.statements.select_related("source"):
            by_kind[statement.kind].append(statement)
        sources = NumberedSources(row.statements.select_related("source"))
        yield "of a strategy", {"statements": by_kind, "sources": sources}


@of("lineage")
def lineage(catalogue: Catalogue) -> States:
    rows = Lineage.objects.public().with_ends()
    for state, some in (
        ("between entries", rows.filter(to_text="")[:2]),
        ("to what has no entry", rows.exclude(to_text="")[:1]),
    ):
        if some:
            yield state, {"rows": some, "sources": NumberedSources(some)}


@of("native_names")
def native_names(catalogue: Catalogue) -> States:
    yield "one", {"text": "nl: Techniekpact"}
    yield "several, one without a language", {"text": "fi: LUMA-keskus Suomi; mt: Xjenza; LUMA"}


# --- Sources -------------------------------------------------------------------------------------


@of("absent")
def absent(catalogue: Catalogue) -> States:
    declared = Citation.Basis.DECLARED_NOT_AVAILABLE
    for programme in with_facts(Programme.objects.published())[:1]:
        yield (
            "nobody states it",
            {"entry": Entry(programme), "part": "impact", "declarations": []},
        )
    for programme in with_facts(Programme.objects.published().filter(citations__basis=declared))[
        :1
    ]:
        rows = [one for one in programme.citations.all() if one.basis == declared]
        yield (
            "declared not available",
            {"entry": Entry(programme), "part": "impact", "declarations": rows},
        )


@of("field_sources")
def field_sources(catalogue: Catalogue) -> States:
    yield "its own", {"citations": [(1, "lines 3–4"), (2, "")], "whole": 0}
    yield "the only one of the entry", {"citations": [], "whole": 1}
    yield "those of the entry", {"citations": [], "whole": 3}
    yield "inferred", {"citations": [(1, "line 7")], "whole": 0, "is_inferred": True}


@of("source_number")
def source_number(catalogue: Catalogue) -> States:
    yield "with its place", {"number": 1, "locator": "lines 3–4"}
    yield "without", {"number": 2, "locator": ""}
    yield "no source: nothing", {"number": None, "locator": ""}


@of("sources")
def sources(catalogue: Catalogue) -> States:
    rows = [Reach(source=one, locator="lines 3–4") for one in Source.objects.exclude(note="")[:2]]
    plain = [Reach(source=one) for one in Source.objects.filter(note="", published="")[:1]]
    yield "with notes and places", {"sources": NumberedSources(rows)}
    yield "undated", {"sources": NumberedSources(plain)}


@of("link_state")
def link_state(catalogue: Catalogue) -> States:
    for state in (*Source.LinkState.values, "missing-in-source"):
        yield state, {"state": state}


@of("place")
def place(catalogue: Catalogue) -> States:
    yield "known", {"locator": "lines 988–1005"}
    yield "not known: nothing", {"locator": ""}


@of("guide_mentions")
def guide_mentions(catalogue: Catalogue) -> States:
    yield "mentioned", {"guide_items": GuideItem.objects.select_related("guide")[:2]}
    yield "not mentioned: nothing", {"guide_items": []}

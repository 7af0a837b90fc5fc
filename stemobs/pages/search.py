"""The search over everything: its page, and the suggestions while somebody types."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import Truncator, capfirst
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from partnerships.models import NationalPlatform, Organisation, Strategy
from programmes.models import Evaluation, Programme, where_published
from stemobs.addresses import drop_empty_parameters
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.documents import SearchDocument
from stemobs.catalogue.index import Index
from stemobs.catalogue.others import (
    GuidePart,
    list_guide_parts,
    make_guide_documents,
    read_countries,
    read_platforms,
    read_strategies,
)
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.entries.cards import describe_place_and_years, name_countries
from stemobs.entries.findings import IN_GENERAL, tell_in_short
from stemobs.entries.ways_in import describe_openings
from stemobs.entries.wording import format_years
from stemobs.insights.insights import get_insights
from stemobs.insights.shapes import Insight
from stemobs.pages.countries import CountryRow, list_country_rows
from stemobs.pages.initiatives import name_place
from stemobs.selection.everything import GROUPS, EverythingFilter
from stemobs.selection.parameters import write_query
from stemobs.selection.selection import PAGE_SIZE
from stemobs.text import Search, find_spans

SHOWN = 4  # results of a group on the page
SUGGESTED = 2  # results of a group in the suggestions
GROUPS_SUGGESTED = 4
LONGEST_TEXT = 180  # characters of a text under a result
LISTS = {"programmes": "programmes", "organisations": "organisations"}  # with a search of their own
# What the page tells of each group before a search, with an icon.
BEGINNINGS = {
    "programmes": (
        "list",
        gettext_lazy("{number} programmes: what happens, and whether it works."),
    ),
    "organisations": ("org", gettext_lazy("{number} companies, schools, ministries and others.")),
    "countries": (
        "pin",
        gettext_lazy("{number} countries: their programmes and platforms."),
    ),
    "platforms": (
        "compare",
        gettext_lazy("{number} bodies that bring schools and industry together."),
    ),
    "strategies": (
        "timeline",
        gettext_lazy("{number} strategies, pacts and action plans."),
    ),
    "guides": (
        "book",
        gettext_lazy("{number} guides: good practice and partnerships."),
    ),
    "findings": ("f-mixed", gettext_lazy("{number} results of evaluations, good news and bad.")),
    "insights": (
        "timeline",
        gettext_lazy("{number} answers from all records, with charts."),
    ),
}


class Everything(EverythingFilter):
    """The search over everything, with the index of each group."""

    @cached_property
    def indexes(self) -> Mapping[str, Index]:
        return {
            "countries": self.catalogue.make_once(
                read_countries, lambda: Index.of(read_countries())
            ),
            "programmes": self.catalogue.programmes,
            "platforms": index_initiatives(self.catalogue, read_platforms),
            "strategies": index_initiatives(self.catalogue, read_strategies),
            "organisations": self.catalogue.organisations,
            "guides": index_guides(self.catalogue)[0],
            "findings": self.catalogue.findings,
            "insights": index_insights(self.catalogue)[0],
        }


def index_initiatives(catalogue: Catalogue, read: Callable[[], Iterable[SearchDocument]]) -> Index:
    """Return the index of platforms or of strategies, whichever `read` yields."""
    index: Index = catalogue.make_once_in_this_state(read, lambda: Index.of(read()))
    return index


def index_guides(catalogue: Catalogue) -> tuple[Index, list[GuidePart]]:
    """Return the index of guides and their parts, and the parts by number."""

    def make() -> tuple[Index, list[GuidePart]]:
        parts = list_guide_parts()
        return Index.of(make_guide_documents(parts)), parts

    return catalogue.make_once_in_this_state(index_guides, make)


def index_insights(catalogue: Catalogue) -> tuple[Index, list[Insight]]:
    """Return the index of insights, and the insights by number, in the reader's language."""

    def make() -> tuple[Index, list[Insight]]:
        insights = get_insights(catalogue)
        return Index.of(map(make_insight_document, enumerate(insights))), insights

    return catalogue.make_once_in_this_state((index_insights, get_language()), make)


def make_insight_document(numbered: tuple[int, Insight]) -> SearchDocument:
    number, insight = numbered
    return SearchDocument(
        number=number,
        name=f"{number:06}",
        slug=insight.slug,
        names=[insight.name, insight.finding],
        texts=[insight.subject, insight.note],
        values={},
    )


# --- Results --------------------------------------------------------------------------------------


class Result(NamedTuple):
    """One result: where it leads, what it is called, what is told of it, and its picture."""

    url: str
    name: str
    text: str
    more: str = ""
    brief: str = ""  # what is told of it while somebody types
    icon: str = ""
    kind: str = ""  # of an initiative, for its pictogram


def list_countries(search: Everything, ids: Iterable[int]) -> list[Result]:
    rows = {row.country.pk: row for row in list_country_rows(search.catalogue)}
    return [make_country_result(rows[pk]) for pk in ids if pk in rows]


def make_country_result(row: CountryRow) -> Result:
    numbers = count_programmes(row.programmes, row.shared)
    url = reverse("country", args=[row.country.code.lower()])
    return Result(url, row.country.name, numbers, brief=numbers, icon="pin")


def count_programmes(own: int, shared: int) -> str:
    if not own + shared:
        return _("No programmes known yet")
    words = ngettext("{number} programme", "{number} programmes", own).format(number=own)
    if not shared:
        return words
    return words + " " + _("and {number} shared with other countries").format(number=shared)


def list_programmes(search: Everything, ids: Iterable[int]) -> list[Result]:
    rows = Programme.objects.published().for_cards().in_bulk(list(ids))
    return [make_programme_result(rows[pk]) for pk in ids if pk in rows]


def make_programme_result(programme: Programme) -> Result:
    kind = next(iter(programme.kinds.all()), None)
    studies = programme.evaluations.all()
    more = " · ".join(filter(None, [describe_openings(programme), tell_in_short(studies)]))
    return Result(
        programme.get_absolute_url(),
        programme.name,
        f"{describe_place_and_years(programme)}. {programme.summary}",
        more,
        " · ".join(filter(None, [name_countries(programme), kind.name if kind else ""])),
        kind=kind.slug if kind else "",
    )


def list_platforms(search: Everything, ids: Iterable[int]) -> list[Result]:
    rows = NationalPlatform.objects.prefetch_related("countries").in_bulk(list(ids))
    return [
        make_initiative_result(rows[pk], rows[pk].mandate, search, "compare")
        for pk in ids
        if pk in rows
    ]


def list_strategies(search: Everything, ids: Iterable[int]) -> list[Result]:
    rows = Strategy.objects.prefetch_related("countries").in_bulk(list(ids))
    return [
        make_initiative_result(rows[pk], rows[pk].summary, search, "timeline")
        for pk in ids
        if pk in rows
    ]


def make_initiative_result(
    row: NationalPlatform | Strategy, told: str, search: Everything, icon: str
) -> Result:
    where = " · ".join(filter(None, [name_place(row), format_years(row.year_start, row.year_end)]))
    text = f"{where}. {cut_text(told, search.searched)}" if told else where
    return Result(row.get_absolute_url(), row.name, text, brief=where, icon=icon)


def list_organisations(search: Everything, ids: Iterable[int]) -> list[Result]:
    rows = Organisation.objects.select_related("country").in_bulk(list(ids))
    return [make_organisation_result(rows[pk], search.catalogue) for pk in ids if pk in rows]


def make_organisation_result(organisation: Organisation, catalogue: Catalogue) -> Result:
    count = catalogue.programme_count("organisation", organisation.slug)
    words = ngettext("{number} programme", "{number} programmes", count).format(number=count)
    country = organisation.country.name if organisation.country else ""
    told = [str(organisation.get_type_display()), country, words if count else ""]
    text = " · ".join(filter(None, told))
    return Result(organisation.get_absolute_url(), organisation.name, text, brief=text, icon="org")


def list_guides(search: Everything, ids: Iterable[int]) -> list[Result]:
    parts = index_guides(search.catalogue)[1]
    return [make_guide_result(parts[pk], search.searched) for pk in ids]


def make_guide_result(part: GuidePart, searched: Search) -> Result:
    url = reverse("guide", args=[part.slug])
    origin = part.guide and _("From the guide “{guide}”").format(guide=part.guide)
    return Result(
        f"{url}#{part.anchor}" if part.anchor else url,
        part.heading,
        cut_text(part.text, searched),
        origin,
        origin,
        icon="book",
    )


def list_findings(search: Everything, ids: Iterable[int]) -> list[Result]:
    rows = Evaluation.objects.select_related("programme").prefetch_related("programme__countries")
    found = rows.filter(where_published("programme__")).in_bulk(list(ids))
    return [make_finding_result(found[pk]) for pk in ids if pk in found]


def make_finding_result(row: Evaluation) -> Result:
    year = f" ({row.year})" if row.year else ""
    # A headline is written to follow “found”: “that girls grew surer of themselves”.
    headline = row.headline.rstrip(".").removeprefix("that ")
    of = f"{row.programme.name}, {name_countries(row.programme)}"
    return Result(
        f"{row.programme.get_absolute_url()}#works",
        capfirst(headline or str(IN_GENERAL[row.result])),
        of,
        f"{row.get_design_display()}{year} · {row.get_result_display()}",
        of,
        icon=f"f-{row.result}",
    )


def list_insights(search: Everything, ids: Iterable[int]) -> list[Result]:
    insights = index_insights(search.catalogue)[1]
    return [
        Result(
            reverse("insight", args=[insights[pk].slug]),
            insights[pk].finding,
            insights[pk].name,
            brief=insights[pk].name,
            icon="timeline",
        )
        for pk in ids
    ]


def cut_text(text: str, searched: Search) -> str:
    """Return the beginning of a text, or the part where it has the first searched word."""
    first = next(iter(find_spans(text, searched)), (0, 0))[0]
    start = text.rfind(". ", 0, first) + 1 if first > LONGEST_TEXT // 2 else 0
    return ("… " if start else "") + Truncator(text[start:].strip()).chars(LONGEST_TEXT)


MAKERS: Mapping[str, Callable[[Everything, Iterable[int]], list[Result]]] = {
    "countries": list_countries,
    "programmes": list_programmes,
    "platforms": list_platforms,
    "strategies": list_strategies,
    "organisations": list_organisations,
    "guides": list_guides,
    "findings": list_findings,
    "insights": list_insights,
}


# --- The page -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Group:
    """A group of results: its first ones, how many there are, and where all of them are."""

    kind: str
    label: Any
    count: int
    results: list[Result]
    url: str

    @property
    def has_more(self) -> bool:
        return self.count > len(self.results)


def make_group(search: Everything, kind: str, most: int) -> Group:
    asked = [("q", search.values["q"])]
    if kind in LISTS:
        url = f"{reverse(LISTS[kind])}?{write_query(asked)}"
    else:
        url = f"{reverse('search')}?{write_query([*asked, ('type', kind)])}"
    results = MAKERS[kind](search, search.list_first(kind, most))
    return Group(kind, GROUPS[kind], len(search.found[kind].matched), results, url)


@require_safe
@drop_empty_parameters
def show_search(request: HttpRequest) -> HttpResponse:
    """Show what a search finds everywhere, in groups; with `type` all results of one group."""
    search, problems = Everything.lenient(request.GET, get_request_catalogue(request))
    context = {
        "selection": search,
        "asked": search.values["q"],
        "searched": search.searched,
        "problems": problems,
        "head_query": search.query("page", "page_size"),
    }
    if search.searched and search.values["type"]:
        context |= show_one_group(search, search.values["type"])
    elif search.searched:
        context["groups"] = [make_group(search, kind, SHOWN) for kind in search.found]
    else:
        context["ways"] = list_ways(search)
    return render(request, "pages/search/search.html", context)


def show_one_group(search: Everything, kind: str) -> dict[str, Any]:
    found = search.search_group(kind, search.values["q"]).matches
    page = search.current_page(PAGE_SIZE, found)
    return {
        "label": GROUPS[kind],
        "page": page,
        "results": MAKERS[kind](search, page.object_list),
        "page_query": search.query("page"),
        "all_query": search.query("page", "page_size", "type"),
    }


def list_ways(search: Everything) -> list[Result]:
    """Return what can be searched as results: how many there are, and the page that lists them."""
    guides = sum(not part.anchor for part in index_guides(search.catalogue)[1])
    counts = {group: len(index) for group, index in search.indexes.items()} | {"guides": guides}
    return [
        Result(
            reverse("evidence" if group == "findings" else group),
            str(GROUPS[group]),
            str(text).format(number=counts[group]),
            icon=icon,
        )
        for group, (icon, text) in BEGINNINGS.items()
    ]


@require_safe
def send_suggestions(request: HttpRequest) -> HttpResponse:
    """Send a list box of the best results, a fragment of HTML for the search box of the header."""
    search = Everything.strict(request.GET, get_request_catalogue(request))
    return render(request, "components/suggestions.html", suggest(search))


def suggest(search: Everything) -> dict[str, Any]:
    """Return what the list box of suggestions shows."""
    best = list(search.found)[:GROUPS_SUGGESTED]
    groups = [make_group(search, kind, SUGGESTED) for kind in best]
    return {
        "asked": search.values["q"],
        "query": search.query(),
        "searched": search.searched,
        "groups": groups,
        "number": sum(len(group.results) for group in groups),
    }

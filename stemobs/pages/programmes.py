"""The page of programmes: a selection with its facets, in one of several views."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from django.http import (
    HttpRequest,
    HttpResponse,
)
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from pyroaring import BitMap

from programmes.models import Programme
from stemobs.addresses import drop_empty_parameters
from stemobs.catalogue.counting import find_ended, tally_records
from stemobs.catalogue.documents import NONE
from stemobs.catalogue.index import Index
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.entries.cards import CHOOSABLE_CARD, CHOOSABLE_LINE, map_cards, render_cards
from stemobs.entries.publication import list_published
from stemobs.exports.citations import cite_selection
from stemobs.insights.maps import find_nearest, make_dots
from stemobs.insights.timelines import make_span, make_timeline
from stemobs.pages.citable import render_citable
from stemobs.selection.closest import find_closest, find_near, list_wider
from stemobs.selection.facets import (
    AUDIENCE,
    COUNTRY,
    DESIGN,
    DURATION,
    EVIDENCE,
    FACTOR,
    FINDING,
    FUNDING,
    KIND,
    LANGUAGE,
    LEVEL,
    OPEN_TO,
    ORGANISATION,
    RECORD,
    ROLE,
    SCOPE,
    STATUS,
)
from stemobs.selection.panels import Chip
from stemobs.selection.programmes import MORE, VIEWS, YEARS_FACET, PageFilter
from stemobs.selection.selection import PAGE_SIZE
from stemobs.selection.trail import LONGEST_TRAIL, write_trail
from stemobs.text import split_words

GIRLS = {"girl", "girls"}  # words of a search for programmes for girls
MOST_NAMED = 5  # how many chosen values the title of the page names
# The columns of the table, each with the sort order that its heading links to.
COLUMNS = (
    (_("Name"), "name"),
    (_("Country"), "country"),
    (_("Years"), "newest"),
    (_("Evidence"), "evidence"),
    (_("School level"), None),
    (_("What they do"), None),
    # Not sorted: figures of people, schools and firms, of a year and in all, are not comparable.
    (_("Reach"), None),
)
# The facets of the filter form in the order of their use: open ones, folded ones, and those that
# stand behind “More filters”.
OPEN = (COUNTRY, OPEN_TO, LEVEL, KIND)
FOLDED = (FINDING, EVIDENCE)
FURTHER = (
    FUNDING, STATUS, DURATION, AUDIENCE, LANGUAGE, FACTOR, DESIGN, RECORD, SCOPE, ORGANISATION,
    ROLE,
)  # fmt: skip
MOST_COUNTRIES = 50  # whose programmes are offered where few match, the nearest first
# How the numbers of a selection by state are told.
STATES = {
    Programme.Status.ACTIVE: _("running when last heard of"),
    Programme.Status.PLANNED: _("planned"),
    Programme.Status.COMPLETED: _("ended"),
    Programme.Status.UNKNOWN: _("not known"),
}
YEARS = ("started_from", "started_to", "running_in")


class SortableColumn(NamedTuple):
    """A column heading: its label, the query that sorts by the column, and the present direction.

    `query` is None for a column that cannot be sorted.
    """

    label: Any
    query: str | None
    direction: str


@require_safe
@drop_empty_parameters
def list_programmes(request: HttpRequest) -> HttpResponse:
    """Show the selection: facets with counts, chips, and one page of programmes in a view."""
    selection, problems = PageFilter.lenient(request.GET, get_request_catalogue(request))
    page = selection.current_page(PAGE_SIZE, selection.matches)
    view = selection.view_in_force
    context: dict[str, Any] = {
        "name": _("Programmes"),
        "search_hint": _("Topic, programme or company"),
        "selection": selection,
        "problems": problems,
        "page": page,
        "total": len(selection.index),
        "chosen": shorten_list([chip.text for chip in selection.chips]),
        "titled": shorten_list(list(map(title_chip, selection.chips))),
        **make_panels(selection),
        "understood": None if selection.matched_as_typed else selection.understood,
        "is_about_girls": is_about_girls(selection),
        "view": view,
        "views": [
            (name, label, selection.query("page", view="" if name == "cards" else name))
            for name, label in VIEWS.items()
        ],
        "reference": cite_selection(selection),
        "told": tell_states(selection),
        **show_closest(selection),
        "canonical_query": selection.query("show"),
        "head_query": selection.head_query,
        "page_query": selection.query("page"),
        **SHOWN[view](selection, list(page)),
    }
    reference = context["reference"]
    return render_citable(request, "pages/programmes/programmes.html", context, reference)


def make_panels(selection: PageFilter) -> dict[str, Any]:
    """Return the facets of the filter form; further ones if asked for or in use."""
    further = [selection.make_page_panel(facet, is_open=False) for facet in FURTHER]
    has_years = any(selection.values[name] for name in YEARS)
    shows_years = has_years or YEARS_FACET in selection.unfolded
    is_used = shows_years or any(panel.is_open for panel in further)
    return {
        "panels": [selection.make_page_panel(facet, is_open=True) for facet in OPEN]
        + [selection.make_page_panel(facet, is_open=False) for facet in FOLDED],
        "further": further if is_used or MORE in selection.unfolded else [],
        "shows_years": shows_years,
        "years_query": selection.build_unfolding_query(YEARS_FACET),
        "more_query": selection.build_unfolding_query(MORE),
    }


def is_about_girls(selection: PageFilter) -> bool:
    """Whether programmes for girls were asked for: the list then links the report's caution."""
    words = split_words(selection.values["q"] or "")
    return "girls" in selection.values["audience"] or not GIRLS.isdisjoint(words)


def title_chip(chip: Chip) -> str:
    """Return a chosen value for the title, which repeats no words that anybody can write."""
    return str(_("words searched for")) if chip.parameter == "q" else chip.text


def shorten_list(texts: Sequence[str]) -> str:
    """Return the first texts as one line that ends with “and N more” if there are more."""
    first = ", ".join(texts[:MOST_NAMED])
    more = len(texts) - MOST_NAMED
    if more <= 0:
        return first
    return ngettext("{first} and {more} more", "{first} and {more} more", more).format(
        first=first, more=more
    )


def tell_states(selection: PageFilter) -> str:
    """Return how many of the matches run, ended and so on; "" where all run, and are programmes."""
    counts = selection.index.count_values("status", selection.matched)
    others = tally_records(selection.index, selection.matched).others
    if not others and not counts.keys() - {Programme.Status.ACTIVE}:
        return ""
    states = [f"{counts[value]} {word}" for value, word in STATES.items() if counts.get(value)]
    told = [", ".join(states) + "."]
    if others:
        told.append(tell_others(others))
    if counts.get(Programme.Status.COMPLETED) and selection.order == "evidence":
        told.append(gettext("Ended ones come last."))
    return " ".join(told)


def tell_others(number: int) -> str:
    return ngettext(
        "{number} is a strategy, an agreement or a project that ended.",
        "{number} are strategies, agreements or projects that ended.",
        number,
    ).format(number=number)


def show_closest(selection: PageFilter) -> dict[str, Any]:
    """Return the closest records where few match, as cards, by the choice that they fail."""
    chosen = selection.values["country"]
    near = find_near(selection, list_nearest(chosen[0], selection.index)) if chosen else None
    return {
        "closest": [
            (group, render_cards(selection.catalogue, group.ids, template=CHOOSABLE_CARD))
            for group in [*find_closest(selection), *([near] if near else [])]
        ],
        "choices": selection.narrowing,
        "wider": list_wider(selection),
    }


def list_nearest(code: str, index: Index) -> list[str]:
    """Return the codes of the nearest countries with programmes, the nearest first."""
    return find_nearest(code, index.count_values("country", index.everything), MOST_COUNTRIES)


# --- Views of the same selection ------------------------------------------------------------------


def find_trail(selection: PageFilter) -> str:
    """Return what links of the list add to an address, so that a record leads back to the list.

    A very long selection is left out: it would stand in the page 25 times.
    """
    trail = write_trail(selection)
    return trail if len(trail) <= LONGEST_TRAIL else ""


def show_as_cards(selection: PageFilter, ids: Sequence[int]) -> dict[str, Any]:
    """Return the cards of a page, those of what ended apart where the order puts them last."""
    ended = find_ended(selection.index) if selection.order == "evidence" else BitMap()
    cards = map_cards(
        selection.catalogue, ids, selection.searched, CHOOSABLE_CARD, find_trail(selection)
    )
    return {
        "cards": [card for pk, card in cards.items() if pk not in ended],
        "past": [card for pk, card in cards.items() if pk in ended],
    }


def show_as_table(selection: PageFilter, ids: Sequence[int]) -> dict[str, Any]:
    columns = [
        SortableColumn(
            label, order and selection.build_sorted_query(order), find_direction(selection, order)
        )
        for label, order in COLUMNS
    ]
    trail = find_trail(selection)
    lines = render_cards(selection.catalogue, ids, selection.searched, CHOOSABLE_LINE, trail)
    return {"lines": lines, "columns": columns}


def find_direction(selection: PageFilter, order: str | None) -> str:
    """Return the aria-sort value of a column; "" if the list is sorted by another column."""
    if order != selection.order:
        return ""
    return "ascending" if order in ("name", "country") else "descending"


def show_as_map(selection: PageFilter, ids: Sequence[int]) -> dict[str, Any]:
    """Return the number of selected programmes in each country, whichever countries were chosen.

    So the number of a country equals the length of the list that its link opens.
    """
    labels, counts = COUNTRY.labels(selection.catalogue), selection.count_values(COUNTRY)
    rows = [
        (label, counts[value], selection.query("page", "view", country=value))
        for value, label in labels.items()
        if counts.get(value)
    ]
    numbers = {value: count for value, count in counts.items() if value != NONE}
    placed = [
        replace(dot, query=selection.query("page", "view", country=dot.code))
        for dot in make_dots(numbers, labels)
    ]
    return {"places": rows, "dots": placed, "arcs": []}


def show_as_timeline(selection: PageFilter, ids: Sequence[int]) -> dict[str, Any]:
    found = list_published(ids, Programme.objects.prefetch_related("countries"))
    spans = [span for span in map(make_span, found) if span]
    undated = [programme for programme in found if programme.year_start is None]
    return {"timeline": make_timeline(spans), "undated": undated}


SHOWN = {
    "cards": show_as_cards,
    "table": show_as_table,
    "map": show_as_map,
    "timeline": show_as_timeline,
}

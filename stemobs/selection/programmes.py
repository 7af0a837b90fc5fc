"""The parameters that select and sort programmes, the same for pages, API, files and feeds."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import product
from typing import Any, NamedTuple

import django_filters
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from pyroaring import BitMap

from programmes.models import EvidenceStep
from stemobs.catalogue.counting import find_ended
from stemobs.catalogue.documents import NONE
from stemobs.catalogue.index import Index, Narrowing
from stemobs.catalogue.programmes import YEARS
from stemobs.selection.facets import (
    AUDIENCE,
    COUNTRY,
    DESIGN,
    EVIDENCE,
    FACETS,
    FINDING,
    KIND,
    LEVEL,
    ORGANISATION,
    ROLE,
    Facet,
    Options,
)
from stemobs.selection.lists import Place
from stemobs.selection.panels import Panel
from stemobs.selection.parameters import (
    FacetFilter,
    MomentFilter,
    OptionFilter,
    OrganisationFacetFilter,
    Problem,
    SearchFilter,
    YearFilter,
    write_query,
)
from stemobs.selection.selection import IndexedFilter, OrderedPart
from stemobs.text import make_sort_key, split_words

SORTS = {
    "relevance": _("Best match"),
    "name": _("Name"),
    "country": _("Country"),
    "newest": _("Newest start"),
    "oldest": _("Oldest start"),
    "evidence": _("Strongest evidence"),
    "updated": _("Last changed"),
}


# The facets whose values `understood` looks for in the words of a search. Labels of other facets
# are too long or too common.
NAMED = (COUNTRY, LEVEL, KIND, AUDIENCE, EVIDENCE)
SAY_LITTLE = {"and", "for", "in", "of", "the", "or", "education", "programmes", "stem", "any", "at"}


AFTER_ALL_YEARS = YEARS[1] + 1

# Facets whose chosen values must meet in one row of a programme, a partnership or an evaluation, by
# the values of the index that hold pairs of both.
PAIRED = {"partnership": (ORGANISATION, ROLE), "study": (DESIGN, FINDING)}


class UnderstoodSearch(NamedTuple):
    """A suggestion to replace words of a search by facet values that have these names.

    Holds the labels of the values, the query string, and how many programmes match it.
    """

    texts: list[str]
    query: str
    found: int


VIEWS = {
    "cards": _("List"),
    "table": _("Table"),
    "map": _("Map"),
    "timeline": _("Timeline"),
}


class ProgrammeFilter(IndexedFilter):
    """Selects programmes, with the parameters of the public API."""

    # Version 1 of the API promises the strongest evidence first, whether it runs or not.
    puts_ended_last = True

    q = SearchFilter(label=_("Search"))
    running_in = YearFilter(label=_("Running in"))
    started_from = YearFilter(label=_("Started in or after"))
    started_to = YearFilter(label=_("Started in or before"))
    updated_since = MomentFilter(label=_("Changed since"))
    sort = OptionFilter(label=_("Sort by"), options=SORTS)

    base_order = (
        "q", *FACETS, "running_in", "started_from", "started_to", "updated_since",
        "sort", "page", "page_size",
    )  # fmt: skip

    @classmethod
    def get_filters(cls) -> OrderedDict[str, django_filters.Filter]:
        filters = {**super().get_filters()}
        for name, facet in FACETS.items():
            filters[name] = (
                OrganisationFacetFilter() if facet is ORGANISATION else FacetFilter(facet)
            )
        return OrderedDict((name, filters[name]) for name in cls.base_order)

    @property
    def index(self) -> Index:
        return self.catalogue.programmes

    def find_contradictions(self, values: Mapping[str, Any]) -> list[Problem]:
        """Return problems if `started_from` is later than `started_to`."""
        first, last = values.get("started_from"), values.get("started_to")
        if first is None or last is None or first <= last:
            return []
        reasons = {
            ("started_from", first): _("is later than {year} in started_to").format(year=last),
            ("started_to", last): _("is earlier than {year} in started_from").format(year=first),
        }
        return [Problem(name, str(year), str(reason)) for (name, year), reason in reasons.items()]

    # --- Matching programmes ----------------------------------------------------------------------

    def find_by_parameter(self, name: str, value: Any) -> BitMap:
        match name:
            case "running_in":
                return self.index.find_with_value(name, [value])
            case "started_from":
                return self.index.find_with_value(
                    "year_start", (y for y in self.years if y >= value)
                )
            case "started_to":
                return self.index.find_with_value(
                    "year_start", (y for y in self.years if y <= value)
                )
        return super().find_by_parameter(name, value)

    def find_matching(self, without: str = "") -> BitMap:
        """Return the matches; chosen values of paired facets must meet in one row."""
        found = super().find_matching(without)
        for pairs, facets in PAIRED.items():
            first, second = (facet.parameter for facet in facets)
            if self.values[first] and self.values[second] and without not in (first, second):
                found = found & self.find_pairs(pairs, self.values[first], self.values[second])
        return found

    @property
    def years(self) -> list[int]:
        """Return the years in which programmes started, the earliest first."""
        return sorted(year for year in self.index.values.get("year_start", {}) if year != NONE)

    def find_pairs(self, pairs: str, first: Iterable[str], second: Iterable[str]) -> BitMap:
        """Return the programmes with a row that has one of the first and one of the second."""
        return self.index.find_with_value(pairs, product(first, second))

    # --- Facet counts -----------------------------------------------------------------------------

    def find_narrowing(self, facet: Facet) -> Narrowing | None:
        """Count a paired facet by the rows that have a chosen value of the other one.

        Organisations are counted in the chosen roles only, and roles of chosen organisations only.
        """
        for pairs, (first, second) in PAIRED.items():
            if facet is first and (chosen := self.values[second.parameter]):
                return lambda value: self.find_pairs(pairs, [value], chosen)
            if facet is second and (chosen := self.values[first.parameter]):
                return lambda value: self.find_pairs(pairs, chosen, [value])
        return None

    # --- Suggestions to replace search words by facet values --------------------------------------

    @cached_property
    def suggestion(self) -> str:
        """Return a similar search; "" if the words are better read as values of facets.

        They are if all are known, or if they name several values.
        """
        if self.found.found or not self.understood:
            return super().suggestion
        is_better = not self.lacking or len(self.understood.texts) > 1
        return "" if is_better else super().suggestion

    @cached_property
    def understood(self) -> UnderstoodSearch | None:
        """Return the search with words that name facet values replaced by choices of these values.

        For example, “independently evaluated teachers Spain” names three values. None if no word
        names a value, or if nothing would match.
        """
        asked = set(split_words(self.values["q"] or ""))
        named = (
            {facet.parameter: self.list_named_values(facet, asked) for facet in NAMED}
            if asked
            else {}
        )
        pairs = [(name, value) for name, values in named.items() for value in values]
        if not pairs:
            return None
        kept = [pair for pair in self.parameters if pair[0] not in {"q", "page", "sort"}]
        query = write_query([*kept, *(pair for pair in pairs if pair not in kept)])
        count = len(type(self)(QueryDict(query), self.catalogue).matched)
        texts = [self.word_value(name, value) for name, value in pairs]
        return UnderstoodSearch(texts, query, count) if count else None

    def list_named_values(self, facet: Facet, asked: set[str]) -> list[str]:
        """Return the values of a facet whose label has all its words in `asked`.

        Common words such as “of” and “programmes” in a label are ignored.
        """
        labels = facet.labels(self.catalogue)
        telling = {value: set(split_words(label)) - SAY_LITTLE for value, label in labels.items()}
        telling.pop(NONE, None)
        return [value for value, name in telling.items() if name and name <= asked]

    # --- Sorting ----------------------------------------------------------------------------------

    @property
    def sorts(self) -> dict[str, Any]:
        """Return the available orders with labels; “best match” only if there is a search."""
        return {
            name: label for name, label in SORTS.items() if self.searched or name != "relevance"
        }

    @property
    def order(self) -> str:
        """Return the order used: the one chosen, else best match with a search, else evidence."""
        chosen = self.values["sort"]
        if chosen == "relevance" and not self.searched:
            chosen = None
        return chosen or self.usual_order

    @property
    def usual_order(self) -> str:
        return "relevance" if self.searched else "evidence"

    def parts(self) -> Iterable[OrderedPart]:
        """Return pairs of a sort key and the ids that have it, in the order that was asked for.

        There is one pair for each start year, step of evidence or tier of a search. Programmes
        without a start year come last.
        """
        match self.order:
            case "relevance":
                return self.order_by_best_and_newest()
            case "country":
                return self.order_by_country()
            case "newest":
                return self.order_by_newest(self.matched)
            case "oldest":
                years = [*self.years, NONE]
                parts = self.index.split_by_value(self.matched, "year_start", years)
                return (((AFTER_ALL_YEARS if year == NONE else year,), ids) for year, ids in parts)
            case "evidence":
                return self.order_by_evidence_and_end(self.matched)
        return [((), self.matched)]

    def order_by_evidence_and_end(self, found: BitMap) -> Iterator[OrderedPart]:
        """Yield the strongest evidence first; on pages, what ended comes after all the rest."""
        if not self.puts_ended_last:
            yield from self.order_by_evidence(found)
            return
        ended = find_ended(self.index)
        for number, some in enumerate((found - ended, found & ended)):
            for key, ids in self.order_by_evidence(some):
                yield (number, *key), ids

    def order_by_evidence(self, found: BitMap) -> Iterator[OrderedPart]:
        steps: list[str] = EvidenceStep.values
        parts = self.index.split_by_value(found, "evidence", steps)
        return (((steps.index(step),), ids) for step, ids in parts)

    def order_by_country(self) -> Iterator[OrderedPart]:
        """Yield the matches by the first of their countries, those without a country last."""
        labels, rest = COUNTRY.labels(self.catalogue), self.matched
        keys = sorted((code == NONE, make_sort_key(name), code) for code, name in labels.items())
        for is_none, name, code in keys:
            ids = rest & self.index.find_with_value("country", [code])
            rest = rest - ids
            yield (int(is_none), name), ids

    def order_by_newest(self, found: BitMap) -> Iterator[OrderedPart]:
        years = [*reversed(self.years), NONE]
        parts = self.index.split_by_value(found, "year_start", years)
        return (((0 if year == NONE else -year,), ids) for year, ids in parts)

    def order_by_best_and_newest(self) -> Iterator[OrderedPart]:
        """Yield the best matches first; equally good ones by start year, the newest first."""
        for number, tier in enumerate(self.found):
            for key, ids in self.order_by_newest(tier & self.matched):
                yield (number, *key), ids

    def cut(self, start: int, stop: int) -> list[int]:
        """Return the ids of the matches in the slice [start:stop], in the order used."""
        if self.order == "updated":
            return self.index.list_by_change(self.matched, start, stop)
        return super().cut(start, stop)

    def place(self, number: int) -> Place:
        if self.order == "updated":
            return self.index.change_key(number)
        return super().place(number)

    def rank(self, place: Place, inclusive: bool) -> int:
        if self.order == "updated":
            changed, name = place
            return len(self.matched & self.index.find_before_change((changed, name), inclusive))
        return super().rank(place, inclusive)

    def texts(self, name: str, value: Any) -> list[str]:
        return (
            [] if name == "sort" and self.order == self.usual_order else super().texts(name, value)
        )


MORE, YEARS_FACET = "more", "years"
# What a filter form unfolds when asked: all choices of a facet, the years, and further facets.
UNFOLDED = Facet(
    "show", _("Shown"), Options(dict.fromkeys((*FACETS, YEARS_FACET, MORE), _("Shown")))
)


class PageFilter(ProgrammeFilter):
    """Selects programmes for the page of programmes, with the parameters `view` and `show`."""

    view = OptionFilter(label=_("View"), options=VIEWS)
    show = FacetFilter(UNFOLDED)

    base_order = (
        *ProgrammeFilter.base_order[:-3], "view", "show", *ProgrammeFilter.base_order[-3:],
    )  # fmt: skip

    @property
    def view_in_force(self) -> str:
        return self.values["view"] or "cards"

    def texts(self, name: str, value: Any) -> list[str]:
        return [] if (name, value) == ("view", "cards") else super().texts(name, value)

    def build_sorted_query(self, order: str) -> str:
        """Return the query string of the same view in another order, on the first page."""
        return self.query("page", sort="" if order == self.usual_order else order)

    @property
    def shared_query(self) -> str:
        """Return the query string for the API, feeds and files: without view and page."""
        return self.query("view", "show", "page", "page_size")

    @property
    def unfolded(self) -> list[str]:
        """Return the names of what the filter form shows whole."""
        shown: list[str] = self.values["show"]
        return shown

    def make_page_panel(self, facet: Facet, is_open: bool) -> Panel:
        """Return the panel of a facet as the page shows it: whole, its first choices, or folded."""
        is_whole = facet.parameter in self.unfolded
        query = self.build_unfolding_query(facet.parameter)
        if not (is_open or is_whole or self.values[facet.parameter]):
            return Panel(facet, [], [], is_open=False, query=query)
        panel = self.make_panel(facet)
        return replace(
            panel, is_open=bool(panel.choices) or is_whole, is_whole=is_whole, query=query
        )

    def build_unfolding_query(self, name: str) -> str:
        """Return the query of the same page with one thing more unfolded, or folded if it is."""
        return self.query(show=",".join(sorted({*self.unfolded} ^ {name})))


class WholeFilter(ProgrammeFilter):
    """Selects programmes without paging, for files, feeds and citations of a whole selection."""

    puts_ended_last = False

    base_order = tuple(
        name for name in ProgrammeFilter.base_order if name not in ("page", "page_size")
    )

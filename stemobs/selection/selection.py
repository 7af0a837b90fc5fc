"""What every selection has in common: parameters checked once, pages, facets, chips."""

import datetime
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from heapq import nsmallest
from itertools import groupby
from typing import Any, Self
from urllib.parse import urlencode

import django_filters
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _
from pyroaring import BitMap

from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.documents import count_microseconds
from stemobs.catalogue.index import Index, Narrowing, Tiers
from stemobs.selection.facets import Facet
from stemobs.selection.lists import Ordered, Place
from stemobs.selection.panels import Chip, Choice, Panel, Wider, join_alternatives
from stemobs.selection.parameters import (
    MAX_QUERY,
    FacetFilter,
    NumberFilter,
    Problem,
    list_unknown,
    make_problem,
    make_refusal,
    shorten,
)
from stemobs.text import Search, parse_search, replace_words

PAGE_SIZE = 25  # rows of a page, where nobody says
MAX_PAGE_SIZE = 100
MAX_PAGE = 1_000_000
# Looking for the nearest word goes through all words there are.
MOST_CORRECTED = 3
NOT_NARROWING = ("view", "sort", "page", "page_size", "bom")
# With so few matches or fewer, wider selections are offered.
FEW = 10


# What sorts a part of the matches among the others, and the ids in it.
OrderedPart = tuple[tuple[int, ...], BitMap]


class SelectionFilter(django_filters.FilterSet):
    """Base of every selection: checks each parameter and refuses unknown ones.

    `also` names parameters that belong to the surface that asks, such as a page's `view`.
    """

    # Parameters that the address takes in other forms of its answer only, and why not here.
    elsewhere: Mapping[str, Any] = {}

    page = NumberFilter(bounds=(1, MAX_PAGE))
    page_size = NumberFilter(bounds=(1, MAX_PAGE_SIZE))

    @classmethod
    def get_filters(cls) -> OrderedDict[str, django_filters.Filter]:
        filters = super().get_filters()
        for name in ("page", "page_size"):
            filters.move_to_end(name)
        return filters

    def __init__(self, data: QueryDict, catalogue: Catalogue, also: Iterable[str] = ()) -> None:
        # Not FilterSet's own: it copies every filter and makes a form class for each request,
        # which takes longer than the answer.
        self.filters: Any = self.base_filters
        self.asked = data
        self.catalogue = catalogue
        self.also = tuple(also)

    @classmethod
    def lenient(
        cls, data: QueryDict, catalogue: Catalogue, also: Iterable[str] = ()
    ) -> tuple[Self, list[Problem]]:
        """Return the selection without its wrong parts, and what was wrong."""
        selection = cls(data, catalogue, also)
        problems = selection.problems
        if not problems:
            return selection, []
        right = data.copy()
        for problem in problems:
            right.setlist(
                problem.parameter, selection.list_right_values(problem.parameter, problems)
            )
        return cls(right, catalogue, also), problems

    @classmethod
    def strict(cls, data: QueryDict, catalogue: Catalogue) -> Self:
        """Return the selection; raise BadRequest with the names of its wrong parameters."""
        selection = cls(data, catalogue)
        if selection.problems:
            raise make_refusal(problem.parameter for problem in selection.problems)
        return selection

    def list_right_values(self, parameter: str, problems: Iterable[Problem]) -> list[str]:
        """Return the values of a parameter that nothing was wrong with."""
        bad = {problem.value for problem in problems if problem.parameter == parameter}
        facet = isinstance(self.filters.get(parameter), FacetFilter)
        given = ",".join(self.asked.getlist(parameter)).split(",") if facet else []
        return [value for value in given if shorten(value.strip()) not in bad]

    @cached_property
    def checked(self) -> tuple[dict[str, Any], list[Problem]]:
        """Return the value of every parameter that is right, and what is wrong with the others."""
        values, problems = {}, []
        for name, parameter in self.filters.items():
            try:
                values[name] = parameter.read(self.asked.getlist(name), self.catalogue)
            except ValidationError as error:
                problems += [make_problem(name, one) for one in error.error_list]
        return values, problems + self.find_contradictions(values)

    def find_contradictions(self, values: Mapping[str, Any]) -> list[Problem]:
        """Return which values, each of them right, nothing could ever fulfil together."""
        return []

    @cached_property
    def problems(self) -> list[Problem]:
        """Return everything that is wrong with the request; empty if all is well."""
        known = [*self.filters, *self.also]
        unknown = [
            self.misplaced(name, value) or list_unknown([(name, value)], known)[0]
            for name in self.asked
            if name not in known
            for value in self.asked.getlist(name)[:1]
        ]
        return unknown + self.checked[1]

    def misplaced(self, name: str, value: str) -> Problem | None:
        """Return what is wrong with a parameter that other forms of the answer take, if it is."""
        reason = self.elsewhere.get(name)
        return Problem(name, value, str(reason)) if reason else None

    @cached_property
    def values(self) -> dict[str, Any]:
        """Return the checked value of every parameter; ask only when there are no problems."""
        values, problems = self.checked
        if problems:
            raise ValueError(problems)
        return values

    @cached_property
    def parameters(self) -> list[tuple[str, str]]:
        """Return the canonical parameters: the contract's order, values sorted, no defaults."""
        return [
            (name, item) for name, value in self.values.items() for item in self.texts(name, value)
        ]

    def texts(self, name: str, value: Any) -> list[str]:
        if value in (None, []) or (name == "page" and value == 1):
            return []
        if isinstance(value, datetime.datetime):
            return [value.isoformat().replace("+00:00", "Z")]
        return value if isinstance(value, list) else [str(value)]

    def query(self, *leave_out: str, **replaced: str) -> str:
        """Return the canonical query, some parameters left out, some replaced ("": left out)."""
        pairs = [pair for pair in self.parameters if pair[0] not in {*leave_out, *replaced}]
        pairs += [(name, value) for name, value in replaced.items() if value]
        order = list(self.filters)
        return urlencode(sorted(pairs, key=lambda pair: order.index(pair[0])))

    def narrow_rows(self, rows: QuerySet) -> QuerySet:
        """Return those of some rows that the selection asks for, where no index knows them."""
        return rows

    def current_page(self, default_size: int, rows: Sequence[Any]) -> Page:
        """Return the page that was asked for; raise NoSuchPage for one past the end."""
        paginator = Paginator(rows, self.values["page_size"] or default_size)
        number = self.values["page"] or 1
        if number > paginator.num_pages:
            raise NoSuchPage(self, paginator.num_pages)
        return paginator.page(number)


class NoSuchPage(Http404):
    """A page past the end of a list; `ends` are the queries of its first and its last page."""

    def __init__(self, selection: SelectionFilter, last: int) -> None:
        super().__init__(_("The list ends with page {last}.").format(last=last))
        self.ends = [selection.query(page=str(number)) for number in sorted({1, last})]


class IndexedFilter(SelectionFilter):
    """Base of the selections that an index answers: search, facets, order."""

    @property
    def index(self) -> Index:
        """Return the index that answers."""
        # Each selection has its own.
        raise NotImplementedError

    # --- What matches -----------------------------------------------------------------------------

    def find_matching(self, without: str = "") -> BitMap:
        """Return what matches every parameter but one."""
        found = self.index.everything
        for name, value in self.values.items():
            if name != without and value not in (None, []) and name not in NOT_NARROWING:
                found = found & self.find_by_parameter(name, value)
        return found

    def find_by_parameter(self, name: str, value: Any) -> BitMap:
        """Return what one parameter leaves."""
        match name:
            case "q":
                return self.found.found
            case "updated_since":
                return self.index.find_changed_since(count_microseconds(value))
        return self.index.find_with_value(name, value)

    @cached_property
    def searched(self) -> Search:
        return parse_search(self.values.get("q") or "")

    @cached_property
    def found(self) -> Tiers:
        """Return what the search finds."""
        return self.index.search(self.searched)

    @cached_property
    def suggestion(self) -> str:
        """Return the search with the words that nothing has corrected; "" where none is near."""
        lacking = [word for word in self.searched.terms if not self.is_known(word)]
        if not lacking or len(lacking) > MOST_CORRECTED:
            return ""
        nearest = {word: self.index.find_nearest(word) for word in lacking}
        text = self.values["q"]
        better = "" if None in nearest.values() else replace_words(text, nearest)
        return better if better != text and len(better) <= MAX_QUERY else ""

    def is_known(self, word: str) -> bool:
        """Whether something has a word of the search; the last may be a beginning."""
        if word == self.searched.beginning:
            return self.index.has_word(word)
        return bool(self.index.find_word(word).anywhere)

    @cached_property
    def matched(self) -> BitMap:
        return self.find_matching()

    @property
    def matches(self) -> "Matches":
        """Return what matches, in the order in force."""
        return Matches(self)

    # --- Order ------------------------------------------------------------------------------------

    def parts(self) -> Iterable[OrderedPart]:
        """Return the parts that follow one another: the best matches first."""
        found = self.matched
        if not self.searched:
            return [((), found)]
        return [((number,), tier & found) for number, tier in enumerate(self.found)]

    def cut(self, start: int, stop: int) -> list[int]:
        """Return the matching ids from start to stop: part after part, each by name."""
        return self.index.list_by_name((ids for _key, ids in self.parts()), start, stop)

    def place(self, number: int) -> Place:
        """Return what sorts one of the matches: the key of its part, and its name."""
        key = next(key for key, ids in self.parts() if number in ids)
        return (*key, self.index.name_key(number))

    def rank(self, place: Place, inclusive: bool) -> int:
        """Return how many of the matches stand before a place; inclusive: before it or there."""
        *key, name = place
        earlier = self.index.find_before_name(name, inclusive)
        rank = 0
        for part_key, ids in self.parts():
            if [*part_key] > key:
                break
            rank += len(ids if [*part_key] < key else ids & earlier)
        return rank

    # --- Facets -----------------------------------------------------------------------------------

    @cached_property
    def facets(self) -> dict[str, Facet]:
        return {n: f.facet for n, f in self.filters.items() if isinstance(f, FacetFilter)}

    def find_others(self, facet: Facet) -> BitMap:
        """Return what matches everything but the facet's own values."""
        if self.values[facet.parameter]:
            return self.find_matching(without=facet.parameter)
        return self.matched

    def find_narrowing(self, facet: Facet) -> Narrowing | None:
        """Return what gives the bitmap of a value where not all that have it count."""
        return None

    def count_values(self, facet: Facet) -> Mapping[str, int]:
        """Return how many rows each value would give with everything else as it is."""
        return self.index.count_values(
            facet.parameter, self.find_others(facet), self.find_narrowing(facet)
        )

    def count_largest(self, facet: Facet, limit: int) -> Mapping[str, int]:
        """Return the counts of the values with the most rows, and of all that were chosen."""
        others, narrow = self.find_others(facet), self.find_narrowing(facet)
        counts = self.index.count_largest(facet.parameter, others, limit, narrow)
        bitmap = narrow or (lambda value: self.index.find_with_value(facet.parameter, [value]))
        for value in self.values[facet.parameter]:
            counts[value] = bitmap(value).intersection_cardinality(others)
        return counts

    def make_panel(self, facet: Facet) -> Panel:
        """Return a facet with the choices that the selection leaves, and their counts."""
        return (
            self.make_long_panel(facet, facet.limit) if facet.limit else self.make_full_panel(facet)
        )

    def make_full_panel(self, facet: Facet) -> Panel:
        """Return a facet with all its choices, in its own order."""
        chosen, counts = self.values[facet.parameter], self.count_values(facet)
        labels = facet.labels(self.catalogue)
        most = max(counts.values(), default=0)
        choices = [
            Choice(value, label, counts.get(value, 0), value in chosen, most)
            for value, label in labels.items()
            if value in counts or value in chosen
        ]
        shown = {*counts, *chosen}
        missing = [label for value, label in labels.items() if value not in shown]
        return Panel(facet, choices, missing)

    def make_long_panel(self, facet: Facet, limit: int) -> Panel:
        """Return a facet with its chosen and its largest choices only."""
        chosen, counts = self.values[facet.parameter], self.count_largest(facet, limit)
        labels = facet.labels(self.catalogue)
        most = max(counts.values(), default=0)
        ranked = nsmallest(
            max(limit, len(chosen)),
            counts,
            key=lambda value: (value not in chosen, -counts[value], labels[value]),
        )
        choices = [
            Choice(value, labels[value], counts[value], value in chosen, most) for value in ranked
        ]
        return Panel(facet, choices, [])

    @property
    def chips(self) -> list[Chip]:
        """Return what was chosen, each with the query that remains without it."""
        chips = []
        for name, value in self.parameters:
            if name in NOT_NARROWING:
                continue
            rest = [p for p in self.parameters if p != (name, value) and p[0] != "page"]
            label = str(self.filters[name].label)
            chips.append(Chip(name, label, self.word_value(name, value), urlencode(rest)))
        return chips

    @property
    def in_words(self) -> str:
        """Return what was chosen as one line: “Country: Finland or Malta; Audience: Teachers”."""
        chosen = groupby(self.chips, key=lambda chip: chip.name)
        return "; ".join(
            f"{name}: {join_alternatives([c.text for c in some])}" for name, some in chosen
        )

    def word_value(self, name: str, value: str) -> str:
        """Return a chosen value in words."""
        facet = self.facets.get(name)
        return facet.labels(self.catalogue).get(value, value) if facet else value

    @property
    def wider(self) -> list[Wider]:
        """Return what leaving out one parameter gives, where that is more; the largest first."""
        if len(self.matched) > FEW:
            return []
        texts: dict[str, list[str]] = {}
        for name, value in self.parameters:
            if name not in NOT_NARROWING:
                texts.setdefault(name, []).append(self.word_value(name, value))
        ways = [
            Wider(str(self.filters[name].label), chosen, self.query("page", name), count)
            for name, chosen in texts.items()
            if (count := len(self.find_matching(without=name))) > len(self.matched)
        ]
        return sorted(ways, key=lambda way: (-way.count, way.name))


class Matches(Ordered[int]):
    """What was found: how many, and the ids from anywhere in the order in force."""

    def __init__(self, selection: IndexedFilter) -> None:
        self.selection = selection

    def __len__(self) -> int:
        return len(self.selection.matched)

    def cut(self, start: int, stop: int) -> list[int]:
        return self.selection.cut(start, stop)

    def place(self, row: int) -> Place:
        return self.selection.place(row)

    def rank(self, place: Place, inclusive: bool) -> int:
        return self.selection.rank(place, inclusive)

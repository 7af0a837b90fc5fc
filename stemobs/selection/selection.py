"""Base classes of selections: checked query parameters, matching rows, facet counts, paging."""

import datetime
from abc import ABCMeta, abstractmethod
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from heapq import nsmallest
from itertools import groupby
from typing import Any, Self

import django_filters
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django_filters.filterset import FilterSetMetaclass
from pyroaring import BitMap

from stemobs.addresses import NothingThere
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.documents import count_microseconds
from stemobs.catalogue.index import Index, Narrowing, Tiers
from stemobs.selection.corrections import list_corrections, list_unknown_words
from stemobs.selection.facets import Facet
from stemobs.selection.lists import Ordered, Place
from stemobs.selection.panels import Chip, Choice, Panel, join_alternatives, join_chips
from stemobs.selection.parameters import (
    MAX_QUERY,
    FacetFilter,
    NumberFilter,
    Problem,
    list_unknown,
    make_problem,
    make_refusal,
    shorten,
    write_query,
)
from stemobs.text import Search, parse_search

PAGE_SIZE = 25  # rows on a page by default
MAX_PAGE_SIZE = 100
MAX_PAGE = 1_000_000
NOT_NARROWING = ("view", "show", "sort", "page", "page_size", "bom")

# Some of the matches, as a bitmap of ids, with the key that sorts this part among the others.
OrderedPart = tuple[tuple[int | str, ...], BitMap]


class SelectionType(FilterSetMetaclass, ABCMeta):
    """The type of selections: it reads their filters, and makes none that lacks a definition."""


class SelectionFilter(django_filters.FilterSet, metaclass=SelectionType):
    """Base of all selections: checks every query parameter and rejects unknown ones.

    `also` names further parameters that the caller handles itself, such as `facets` in the API.
    """

    # Parameters that only other forms of the answer accept, such as files, with the reason to give.
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
        # FilterSet.__init__ is not called: it copies every filter and builds a form class for each
        # request, which takes longer than the answer.
        self.filters: Any = self.base_filters
        self.asked = data
        self.catalogue = catalogue
        self.also = tuple(also)

    @classmethod
    def lenient(
        cls, data: QueryDict, catalogue: Catalogue, also: Iterable[str] = ()
    ) -> tuple[Self, list[Problem]]:
        """Return the selection without its wrong values, and the problems, for use by pages."""
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
        """Return the selection; raise BadRequest naming the parameters if any is wrong."""
        selection = cls(data, catalogue)
        if selection.problems:
            raise make_refusal(problem.parameter for problem in selection.problems)
        return selection

    def list_right_values(self, parameter: str, problems: Iterable[Problem]) -> list[str]:
        """Return the values of a parameter that have no problem."""
        bad = {problem.value for problem in problems if problem.parameter == parameter}
        facet = isinstance(self.filters.get(parameter), FacetFilter)
        given = ",".join(self.asked.getlist(parameter)).split(",") if facet else []
        return [value for value in given if shorten(value.strip()) not in bad]

    @cached_property
    def checked(self) -> tuple[dict[str, Any], list[Problem]]:
        """Return the parsed values of all valid parameters, and the problems of the others."""
        values, problems = {}, []
        for name, parameter in self.filters.items():
            try:
                values[name] = parameter.read(self.asked.getlist(name), self.catalogue)
            except ValidationError as error:
                problems += [make_problem(name, one) for one in error.error_list]
        return values, problems + self.find_contradictions(values)

    def find_contradictions(self, values: Mapping[str, Any]) -> list[Problem]:
        """Return problems of values that are valid one by one but contradict each other."""
        return []

    @cached_property
    def problems(self) -> list[Problem]:
        """Return all problems of the request, those of unknown parameters first."""
        known = [*self.filters, *self.also]
        unknown = [
            self.misplaced(name, value) or list_unknown([(name, value)], known)[0]
            for name in self.asked
            if name not in known
            for value in self.asked.getlist(name)[:1]
        ]
        return unknown + self.checked[1]

    def misplaced(self, name: str, value: str) -> Problem | None:
        """Return the problem of a parameter that only other forms of the answer accept, or None."""
        reason = self.elsewhere.get(name)
        return Problem(name, value, str(reason)) if reason else None

    @cached_property
    def values(self) -> dict[str, Any]:
        """Return the parsed value of every parameter; raise ValueError if there are problems."""
        values, problems = self.checked
        if problems:
            raise ValueError(problems)
        return values

    @cached_property
    def parameters(self) -> list[tuple[str, str]]:
        """Return pairs (name, value) in canonical form: fixed order, sorted values, no defaults."""
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
        """Return the canonical query string, with some parameters left out or replaced.

        A replacement with an empty text leaves the parameter out.
        """
        pairs = [pair for pair in self.parameters if pair[0] not in {*leave_out, *replaced}]
        pairs += [(name, value) for name, value in replaced.items() if value]
        order = list(self.filters)
        return write_query(sorted(pairs, key=lambda pair: order.index(pair[0])))

    @property
    def head_query(self) -> str:
        """Return the query by which search engines know the list, whatever its view and order.

        In another order or size a page has other rows, so its number is left out, too.
        """
        values = self.values
        other = ("page",) if values["page_size"] or values.get("sort") else ()
        return self.query("view", "show", "sort", "page_size", *other)

    def narrow_rows(self, rows: QuerySet) -> QuerySet:
        """Filter a query of rows that are not in an index by the selection's parameters."""
        return rows

    def current_page(self, default_size: int, rows: Sequence[Any]) -> Page:
        """Return the requested page of rows; raise NoSuchPage if it is past the end."""
        paginator = Paginator(rows, self.values["page_size"] or default_size)
        number = self.values["page"] or 1
        if number > paginator.num_pages:
            raise NoSuchPage(self, paginator.num_pages)
        return paginator.page(number)


class NoSuchPage(NothingThere):
    """A 404 for a page past the end of a list.

    `ends` are the query strings of the first and the last page.
    """

    def __init__(self, selection: SelectionFilter, last: int) -> None:
        super().__init__(_("The list ends with page {last}.").format(last=last))
        self.ends = [selection.query(page=str(number)) for number in sorted({1, last})]


class IndexedFilter(SelectionFilter):
    """Base of the selections of rows that are in an index: search, facets, order."""

    @property
    @abstractmethod
    def index(self) -> Index:
        """Return the index of the selected rows."""

    # --- Matching rows ----------------------------------------------------------------------------

    def find_matching(self, without: str = "") -> BitMap:
        """Return the ids that match all parameters, or all but the one named in `without`."""
        found = self.index.everything
        for name, value in self.values.items():
            if name != without and value not in (None, []) and name not in NOT_NARROWING:
                found = found & self.find_by_parameter(name, value)
        return found

    def find_by_parameter(self, name: str, value: Any) -> BitMap:
        """Return the ids that match one parameter."""
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
        """Return the ids that the search finds, in three tiers."""
        return self.index.search(self.searched)

    @cached_property
    def lacking(self) -> list[str]:
        """Return the words of the search that nothing has, in no form, if the search finds none."""
        return [] if self.found.found else list_unknown_words(self.index, self.searched)

    @cached_property
    def suggestion(self) -> str:
        """Return a similar search that finds something here; "" if this one does, or none is."""
        text = self.values["q"]
        if not text or self.found.found:
            return ""
        return next(filter(self.finds, list_corrections(text, self.index, self.lacking)), "")

    def finds(self, text: str) -> bool:
        """Whether another search text finds something together with the other parameters."""
        if text == self.values["q"] or not parse_search(text) or len(text) > MAX_QUERY:
            return False
        return bool(type(self)(QueryDict(self.query("page", q=text)), self.catalogue).matched)

    @cached_property
    def matched(self) -> BitMap:
        return self.find_matching()

    @property
    def matched_as_typed(self) -> BitMap:
        """Return the matches that have the words of the search themselves, not other forms."""
        return self.matched & self.found.as_typed

    @property
    def matches(self) -> "Matches":
        """Return the matching ids as a list in the order used."""
        return Matches(self)

    # --- Sorting ----------------------------------------------------------------------------------

    def parts(self) -> Iterable[OrderedPart]:
        """Return the matches in parts, the best matches first; each part is sorted by name."""
        found = self.matched
        if not self.searched:
            return [((), found)]
        return [((number,), tier & found) for number, tier in enumerate(self.found)]

    def cut(self, start: int, stop: int) -> list[int]:
        """Return the matching ids of the slice [start:stop], part after part, each by name."""
        return self.index.list_by_name((ids for _key, ids in self.parts()), start, stop)

    def place(self, number: int) -> Place:
        """Return the sort key of a match: the key of its part, then its name key."""
        key = next(key for key, ids in self.parts() if number in ids)
        return (*key, self.index.name_key(number))

    def rank(self, place: Place, inclusive: bool) -> int:
        """Return how many matches are sorted before a place; with `inclusive` also one at it."""
        *key, name = place
        earlier = self.index.find_before_name(name, inclusive)
        rank = 0
        for part_key, ids in self.parts():
            if [*part_key] > key:
                break
            rank += len(ids if [*part_key] < key else ids & earlier)
        return rank

    # --- Facet counts, panels and chips -----------------------------------------------------------

    @cached_property
    def facets(self) -> dict[str, Facet]:
        return {n: f.facet for n, f in self.filters.items() if isinstance(f, FacetFilter)}

    def find_others(self, facet: Facet) -> BitMap:
        """Return the ids that match all parameters except that of the facet."""
        if self.values[facet.parameter]:
            return self.find_matching(without=facet.parameter)
        return self.matched

    def find_narrowing(self, facet: Facet) -> Narrowing | None:
        """Return a function from a value to the ids to count for it; None if all with it count."""
        return None

    def count_values(self, facet: Facet) -> Mapping[str, int]:
        """Return for each value of a facet how many rows match it and all other parameters."""
        return self.index.count_values(
            facet.parameter, self.find_others(facet), self.find_narrowing(facet)
        )

    def count_largest(self, facet: Facet, limit: int) -> Mapping[str, int]:
        """Return the counts of the most frequent values of a facet, and of all chosen values."""
        others, narrow = self.find_others(facet), self.find_narrowing(facet)
        counts = self.index.count_largest(facet.parameter, others, limit, narrow)
        bitmap = narrow or (lambda value: self.index.find_with_value(facet.parameter, [value]))
        for value in self.values[facet.parameter]:
            counts[value] = bitmap(value).intersection_cardinality(others)
        return counts

    def make_panel(self, facet: Facet) -> Panel:
        """Return the panel of a facet: its choices with their counts in this selection."""
        return (
            self.make_long_panel(facet, facet.limit) if facet.limit else self.make_full_panel(facet)
        )

    def make_full_panel(self, facet: Facet) -> Panel:
        """Return the panel of a facet with all its choices, in the facet's order."""
        chosen, counts = self.values[facet.parameter], self.count_values(facet)
        labels = facet.labels(self.catalogue)
        most = max(counts.values(), default=0)
        choices = [
            Choice(value, label, counts.get(value, 0), value in chosen, most)
            for value, label in labels.items()
            if value in counts or value in chosen
        ]
        shown = {*counts, *chosen, *facet.list_retired(self.catalogue)}
        missing = [label for value, label in labels.items() if value not in shown]
        return Panel(facet, choices, missing)

    def make_long_panel(self, facet: Facet, limit: int) -> Panel:
        """Return the panel of a facet with only its chosen and most frequent choices."""
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
        """Return a chip for every chosen value, with the query string without that value."""
        chips = []
        for name, value in self.parameters:
            if name in NOT_NARROWING:
                continue
            rest = [p for p in self.parameters if p != (name, value) and p[0] != "page"]
            label = str(self.filters[name].label)
            chips.append(Chip(name, label, self.word_value(name, value), write_query(rest)))
        return chips

    @property
    def shown_chips(self) -> list[Chip]:
        """Return the chips of a page: many values of one parameter share one, which removes all."""
        return join_chips(self.chips, lambda name: self.query("page", name))

    @property
    def chosen_query(self) -> str:
        """Return the query string of the same rows, without order, view and page."""
        return self.query(*NOT_NARROWING)

    @property
    def in_words(self) -> str:
        """Return the choices as one line: “Country: Finland or Malta; Audience: Teachers”."""
        chosen = groupby(self.chips, key=lambda chip: chip.name)
        return "; ".join(
            f"{name}: {join_alternatives([c.text for c in some])}" for name, some in chosen
        )

    def word_value(self, name: str, value: str) -> str:
        """Return the label of a facet's value; values of other parameters as they are."""
        facet = self.facets.get(name)
        return facet.labels(self.catalogue).get(value, value) if facet else value

    def word_values(self, name: str) -> tuple[list[str], list[str]]:
        """Return the chosen values of a parameter, and their labels."""
        values = [value for given, value in self.parameters if given == name]
        return values, [self.word_value(name, value) for value in values]

    @property
    def narrowing(self) -> list[str]:
        """Return the parameters that narrow the selection, in their canonical order."""
        names = dict.fromkeys(name for name, _value in self.parameters)
        return [name for name in names if name not in NOT_NARROWING]


class Matches(Ordered[int]):
    """The matching ids of a selection as a sorted sequence, which is computed slice by slice."""

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

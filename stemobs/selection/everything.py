"""The parameters of the search over everything, and what it finds: groups of results, best first.

A group is found by an index of its own, with the words of the lists: `stemobs/catalogue/index.py`.
"""

from abc import abstractmethod
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice, takewhile

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.index import Index
from stemobs.selection.corrections import list_corrections, list_unknown_words
from stemobs.selection.parameters import MAX_QUERY, OptionFilter, SearchFilter, write_query
from stemobs.selection.programmes import ProgrammeFilter
from stemobs.selection.selection import IndexedFilter, SelectionFilter
from stemobs.text import Search, make_sort_key, parse_search

# The groups of results in their usual order. The one with the best match comes before the others.
GROUPS = {
    "countries": _("Countries"),
    "programmes": _("Programmes"),
    "platforms": _("Platforms"),
    "strategies": _("Strategies"),
    "organisations": _("Organisations"),
    "guides": _("Guides"),
    "findings": _("Findings"),
    "insights": _("Insights"),
}


class WordsFilter(IndexedFilter):
    """Selects the documents of an index by words alone."""

    q = SearchFilter(label=_("Search"))

    def __init__(self, data: QueryDict, catalogue: Catalogue, searched_index: Index) -> None:
        super().__init__(data, catalogue)
        self.searched_index = searched_index

    @property
    def index(self) -> Index:
        return self.searched_index


class EverythingFilter(SelectionFilter):
    """Searches everything by words; `type` asks for all results of one group."""

    q = SearchFilter(label=_("Search"))
    type = OptionFilter(label=_("Type"), options=GROUPS)

    @property
    @abstractmethod
    def indexes(self) -> Mapping[str, Index]:
        """Return the index of every group, which only a door knows."""

    @cached_property
    def searched(self) -> Search:
        return parse_search(self.values["q"] or "")

    @cached_property
    def found(self) -> dict[str, IndexedFilter]:
        """Return the groups in which something is found, the best first."""
        return self.search(self.values["q"]) if self.searched else {}

    def search(self, text: str) -> dict[str, IndexedFilter]:
        groups = {group: self.search_group(group, text) for group in GROUPS}
        found = {group: one for group, one in groups.items() if one.matched}
        # The first of equally good ones is the best; the others keep their usual order.
        best = min(found, key=lambda group: rank_best_match(found[group]), default=None)
        return dict(sorted(found.items(), key=lambda pair: pair[0] != best))

    def search_group(self, group: str, text: str) -> IndexedFilter:
        """Return what is found in a group; programmes come in the order of their own list."""
        asked = QueryDict(write_query([("q", text)]))
        if group == "programmes":
            return ProgrammeFilter(asked, self.catalogue)
        return WordsFilter(asked, self.catalogue, self.indexes[group])

    def list_first(self, group: str, most: int) -> list[int]:
        """Return the first results of a group, at most so many.

        Those whose name begins with the search come before what only has its words.
        """
        found, wanted = self.found[group], make_sort_key(self.values["q"])
        index = found.index
        start = bisect_left(index.by_name, wanted, key=index.name_key)
        names = takewhile(
            lambda number: index.name_key(number).startswith(wanted),
            islice(index.by_name, start, None),
        )
        named = [number for number in islice(names, most) if number in found.matched]
        others = [n for n in found.matches[: most + len(named)] if n not in named]
        return [*named, *others][:most]

    # --- Did you mean -----------------------------------------------------------------------------

    @cached_property
    def lacking(self) -> list[str]:
        """Return the words of the search that nothing at all has, if the search finds nothing."""
        if self.found:
            return []
        first, *others = (
            list_unknown_words(index, self.searched) for index in self.indexes.values()
        )
        return [word for word in first if all(word in other for other in others)]

    @cached_property
    def suggestion(self) -> str:
        """Return a similar search that finds something; "" if this one does, or none is."""
        if self.found or not self.searched:
            return ""
        return next(filter(self.finds, self.list_similar()), "")

    def list_similar(self) -> Iterator[str]:
        """Yield similar searches, those first for which an index knows the most of the words."""
        rich = ["programmes", *(group for group in GROUPS if group != "programmes")]
        indexes = [self.indexes[group] for group in rich]
        for index in sorted(indexes, key=self.count_hopeless):
            yield from list_corrections(self.values["q"], index, self.lacking)

    def count_hopeless(self, index: Index) -> int:
        return sum(not index.find_nearest(word) for word in self.lacking)

    def finds(self, text: str) -> bool:
        """Whether another search text finds something."""
        is_other = text != self.values["q"] and bool(parse_search(text))
        return is_other and len(text) <= MAX_QUERY and bool(self.search(text))


def rank_best_match(found: IndexedFilter) -> int:
    """Return which tier of a search has the best match: 0 if names have all the words."""
    return next(number for number, tier in enumerate(found.found) if tier & found.matched)

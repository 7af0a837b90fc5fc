"""The facts behind a selection of programmes, one a row: figures, and evaluations."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any

from stemobs.api.negotiation import RENDERERS
from stemobs.api.programmes import WholeSelection
from stemobs.catalogue.catalogue import Catalogue
from stemobs.exports.evaluations import EVALUATIONS, count_evaluations, read_evaluations
from stemobs.exports.files import (
    FIGURE_FORMATS,
    ListFilter,
    respond_with_evaluations,
    respond_with_figures,
)
from stemobs.exports.tables import (
    FIGURES,
    StatedFact,
    Table,
    count_statements,
    read_statements,
)
from stemobs.selection.lists import Ordered, Place
from stemobs.selection.programmes import ProgrammeFilter

Count = Callable[[Catalogue], Mapping[int, int]]
Read = Callable[[Sequence[int]], list[StatedFact]]


class FactRows(Ordered[StatedFact]):
    """The facts of the programmes that a selection matches, in the order of its programmes.

    `count` tells how many each programme has, so only the programmes of a page need to be read.
    """

    def __init__(self, selection: ProgrammeFilter, count: Count, read: Read) -> None:
        self.selection = selection
        self.read = read
        self.numbers = count(selection.catalogue)

    @cached_property
    def programmes(self) -> Sequence[int]:
        """Return the ids of the selected programmes that have any such fact."""
        return [pk for pk in self.selection.matches[:] if pk in self.numbers]

    @cached_property
    def ends(self) -> Sequence[int]:
        """Return for each programme how many facts there are up to its last one."""
        return [*accumulate(self.numbers[pk] for pk in self.programmes)]

    def __len__(self) -> int:
        return self.ends[-1] if self.ends else 0

    def count_before(self, number: int) -> int:
        """Return how many facts the first programmes have."""
        return self.ends[number - 1] if number else 0

    def cut(self, start: int, stop: int) -> list[StatedFact]:
        if start >= min(stop, len(self)):
            return []
        first, last = bisect_right(self.ends, start), bisect_right(self.ends, stop - 1)
        found = self.read(self.programmes[first : last + 1])
        skipped = start - self.count_before(first)
        return found[skipped : skipped + stop - start]

    def place(self, row: StatedFact) -> Place:
        return (*self.selection.matches.place(row.programme), *row.place)

    def rank(self, place: Place, inclusive: bool) -> int:
        *of_programme, kind, position = place
        matches = self.selection.matches
        before = matches.rank(tuple(of_programme), False)
        rank = sum(self.numbers.get(pk, 0) for pk in matches[:before])
        if matches.rank(tuple(of_programme), True) > before:
            own, key = self.read(matches[before : before + 1]), (kind, position)
            rank += sum(one.place <= key if inclusive else one.place < key for one in own)
        return rank


class FactList(WholeSelection):
    """Base of the lists of facts of a selection of programmes, one a row."""

    forms = {"list": [RENDERERS[name] for name in ("json", *FIGURE_FORMATS)]}
    filterset_class = ListFilter
    table: Table

    @property
    def known_fields(self) -> tuple[str, ...]:
        return tuple(self.table.header)

    def list_results(self, rows: Sequence[StatedFact]) -> Sequence[Mapping[str, Any]]:
        return [self.keep_asked_fields(fact.row) for fact in rows]


class FigureList(FactList):
    """Every reach and funding statement of a selection of programmes, one a row."""

    write_file = staticmethod(respond_with_figures)
    table = FIGURES

    def find_matches(self, selection: Any) -> Ordered[StatedFact]:
        return FactRows(selection, count_statements, read_statements)


class EvaluationList(FactList):
    """Every evaluation of a selection of programmes, one a row, those of other objects too."""

    write_file = staticmethod(respond_with_evaluations)
    table = EVALUATIONS

    def find_matches(self, selection: Any) -> Ordered[StatedFact]:
        return FactRows(selection, count_evaluations, read_evaluations)

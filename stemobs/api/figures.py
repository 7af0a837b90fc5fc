"""The figures behind a selection of programmes: every statement of reach and funding, one a row."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any

from stemobs.api.negotiation import RENDERERS
from stemobs.api.programmes import WholeSelection
from stemobs.exports.files import FIGURE_FORMATS, ListFilter, respond_with_figures
from stemobs.exports.tables import FIGURES, StatedFigure, count_statements, read_statements
from stemobs.selection.lists import Ordered, Place
from stemobs.selection.programmes import ProgrammeFilter


class Figures(Ordered[StatedFigure]):
    """The statements of the programmes that a selection matches, in the order of its programmes.

    How many each programme has is known for all of them, so only the programmes of a page are read.
    """

    def __init__(self, selection: ProgrammeFilter) -> None:
        self.selection = selection

    @cached_property
    def programmes(self) -> Sequence[int]:
        """Return the ids of the selected programmes that have any statement."""
        numbers = count_statements(self.selection.catalogue)
        return [pk for pk in self.selection.matches[:] if pk in numbers]

    @cached_property
    def ends(self) -> Sequence[int]:
        """Return for each programme how many statements there are up to its last one."""
        numbers = count_statements(self.selection.catalogue)
        return [*accumulate(numbers[pk] for pk in self.programmes)]

    def __len__(self) -> int:
        return self.ends[-1] if self.ends else 0

    def count_before(self, number: int) -> int:
        """Return how many statements the first programmes have."""
        return self.ends[number - 1] if number else 0

    def cut(self, start: int, stop: int) -> list[StatedFigure]:
        if start >= min(stop, len(self)):
            return []
        first, last = bisect_right(self.ends, start), bisect_right(self.ends, stop - 1)
        found = read_statements(self.programmes[first : last + 1])
        skipped = start - self.count_before(first)
        return found[skipped : skipped + stop - start]

    def place(self, row: StatedFigure) -> Place:
        return (*self.selection.matches.place(row.programme), *row.place)

    def rank(self, place: Place, inclusive: bool) -> int:
        *of_programme, kind, position = place
        matches = self.selection.matches
        before = matches.rank(tuple(of_programme), False)
        numbers = count_statements(self.selection.catalogue)
        rank = sum(numbers.get(pk, 0) for pk in matches[:before])
        if matches.rank(tuple(of_programme), True) > before:
            own, key = read_statements(matches[before : before + 1]), (kind, position)
            rank += sum(one.place <= key if inclusive else one.place < key for one in own)
        return rank


class FigureList(WholeSelection):
    """Every reach and funding statement of a selection of programmes, one a row."""

    forms = {"list": [RENDERERS[name] for name in ("json", *FIGURE_FORMATS)]}
    write_file = staticmethod(respond_with_figures)
    filterset_class = ListFilter

    @property
    def known_fields(self) -> tuple[str, ...]:
        return tuple(FIGURES.header)

    def find_matches(self, selection: Any) -> Ordered[StatedFigure]:
        return Figures(selection)

    def list_results(self, rows: Sequence[StatedFigure]) -> Sequence[Mapping[str, Any]]:
        return [self.keep_asked_fields(statement.row) for statement in rows]

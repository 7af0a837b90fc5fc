"""What evaluations of programmes found, by how they were made: the matrix and numbers of one page.

Programmes are counted, not evaluations, so that each number is the length of a list. A programme
with several studies stands in several cells, and a design and a result meet in one evaluation.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.http import QueryDict
from django.utils.translation import gettext_lazy

from programmes.models import Evaluation
from stemobs.catalogue.documents import NONE
from stemobs.insights.counting import Record
from stemobs.insights.shapes import CountRow, MatrixCell
from stemobs.selection.facets import DESIGN, FINDING, KIND, Label
from stemobs.selection.programmes import ProgrammeFilter

Design, Result = Evaluation.Design, Evaluation.Result

STEPS = 5  # shades of the matrix, as in insight.css
# What each design does, for readers who have never met it.
MEANINGS: dict[str, Label] = {
    Design.RANDOMISED_TRIAL: gettext_lazy("chance decided who took part"),
    Design.MATCHED_COMPARISON: gettext_lazy("compared with similar pupils or schools"),
    Design.BEFORE_AFTER: gettext_lazy("the same people measured twice"),
    Design.OUTCOME_SURVEY: gettext_lazy("participants asked what changed"),
    Design.INDICATORS: gettext_lazy("numbers followed, nothing compared"),
    Design.AUDIT: gettext_lazy("auditors looked at how it was run"),
    Design.SATISFACTION: gettext_lazy("asked whether people liked it"),
    Design.QUALITATIVE: gettext_lazy("a few people listened to closely"),
    Design.JURY: gettext_lazy("a jury judged it"),
    Design.PARTICIPATION: gettext_lazy("counted who came"),
    Design.NOT_KNOWN: gettext_lazy("the sources do not say how"),
}
# The designs that can tell whether the programme made the difference.
WITH_GROUPS = (Design.RANDOMISED_TRIAL, Design.MATCHED_COMPARISON)
NO_GAIN = (Result.NO_EFFECT, Result.NEGATIVE)


@dataclass(frozen=True)
class DesignRow:
    """A row of the matrix: a design with its number, what it means, and a cell for each result."""

    design: CountRow
    meaning: Label
    cells: list[MatrixCell]


@dataclass(frozen=True)
class FoundMatrix:
    """The matrix of designs and results; `evaluated` programmes are in it at least once."""

    results: list[CountRow]
    rows: list[DesignRow]
    evaluated: CountRow


@dataclass(frozen=True)
class FoundNumbers:
    """The numbers at the head of the page, each with the query of its programmes."""

    without: CountRow
    compared: CountRow
    gained: CountRow
    no_gain: CountRow
    unknown: CountRow


class AlikeNumbers(NamedTuple):
    """How many programmes of some kinds have a study that compares, and how many show a gain."""

    compared: CountRow
    gained: CountRow


class FindingRecord(Record):
    """The programmes of one state of the catalogue, counted by design and result."""

    def count(self, query: str) -> CountRow:
        """Return how many programmes a query selects, with the query."""
        return CountRow("", len(ProgrammeFilter(QueryDict(query), self.catalogue).matched), query)

    def count_numbers(self) -> FoundNumbers:
        compared = join_query(DESIGN.parameter, WITH_GROUPS)
        return FoundNumbers(
            without=self.count(join_query(FINDING.parameter, [NONE])),
            compared=self.count(compared),
            gained=self.count(f"{join_query(FINDING.parameter, [Result.POSITIVE])}&{compared}"),
            no_gain=self.count(join_query(FINDING.parameter, NO_GAIN)),
            unknown=self.count(join_query(FINDING.parameter, [Result.NOT_ON_RECORD])),
        )

    def count_alike(self, kinds: Iterable[str]) -> AlikeNumbers:
        """Return what is known of programmes of these kinds, wherever they are carried out."""
        designs = join_query(DESIGN.parameter, WITH_GROUPS)
        compared = f"{join_query(KIND.parameter, kinds)}&{designs}"
        gained = f"{compared}&{join_query(FINDING.parameter, [Result.POSITIVE])}"
        return AlikeNumbers(self.count(compared), self.count(gained))

    def draw_matrix(self) -> FoundMatrix:
        """Return the matrix; designs by which no programme was evaluated are left out."""
        results = self.list_rows(FINDING, NONE)
        designs = [row for row in self.list_rows(DESIGN) if row.count]
        counts = {
            (design.key, result.key): len(self.find_with_value("study", (design.key, result.key)))
            for design in designs
            for result in results
        }
        most = max(counts.values(), default=0)
        rows = [
            DesignRow(
                design,
                MEANINGS[design.key],
                [
                    make_cell(design, result, counts[design.key, result.key], most)
                    for result in results
                ],
            )
            for design in designs
        ]
        every = join_query(FINDING.parameter, Result.values)
        return FoundMatrix(results, rows, self.count(every))


def make_cell(design: CountRow, result: CountRow, number: int, most: int) -> MatrixCell:
    query = f"{result.query}&{design.query}" if number else ""
    return MatrixCell(result.label, number, -(-STEPS * number // most) if most else 0, query)


def join_query(parameter: str, values: Iterable[str]) -> str:
    return f"{parameter}={','.join(map(str, values))}"

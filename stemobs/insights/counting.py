"""Helpers of all insights: count programmes by facet, and say which value has most of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from pyroaring import BitMap

from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.counting import tally_records
from stemobs.catalogue.index import Index
from stemobs.insights.shapes import (
    CountRow,
)
from stemobs.selection.facets import Facet
from stemobs.selection.programmes import ProgrammeFilter

NOTHING = gettext_lazy("There are no records yet")


@dataclass(frozen=True)
class Record:
    """The programmes of one state of the catalogue, with the counts that insights need."""

    catalogue: Catalogue

    @property
    def index(self) -> Index:
        return self.catalogue.programmes

    @property
    def total(self) -> int:
        return len(self.index)

    def list_rows(self, facet: Facet, *leave_out: str) -> list[CountRow]:
        """Return a row for each value of a facet, also for values that no programme has.

        The values `leave_out` get no row.
        """
        counts = ProgrammeFilter(QueryDict(), self.catalogue).count_values(facet)
        return [
            CountRow(label, counts.get(value, 0), f"{facet.parameter}={value}", value)
            for value, label in facet.labels(self.catalogue).items()
            if value not in leave_out
        ]

    def find_with_value(self, facet: str, value: Any) -> BitMap:
        return self.index.find_with_value(facet, [value])

    @property
    def size(self) -> str:
        """Return what was counted, in words: “205 records, 191 of them programmes”."""
        words = ngettext(
            "{total} record", "{total} records, {programmes} of them programmes", self.total
        )
        tally = tally_records(self.index, self.index.everything)
        return words.format(total=tally.records, programmes=tally.programmes)


def find_leaders(rows: Sequence[CountRow], *, least: bool = False) -> list[CountRow]:
    """Return all rows that share the largest number, or with `least` the smallest."""
    if not rows:
        return []
    bound = (min if least else max)(row.count for row in rows)
    return [row for row in rows if row.count == bound]


def write_superlative(
    leading: Sequence[CountRow], among: Sequence[CountRow], one: str, several: str, total: int
) -> str:
    """Return a sentence that names the leading rows, with the number that each of them has.

    `one` and `several` are its wording for one leader and for more. Where all rows have the same
    number, or no row has any programme, the sentence says that instead.
    """
    number = leading[0].count if leading else 0
    if not any(row.count for row in among):
        return str(NOTHING)
    if len(among) > 1 and len(leading) == len(among):
        return _("Each of the {values} has the same number of records: {number}").format(
            values=len(among), number=number
        )
    words = one if len(leading) == 1 else several
    return words.format(labels=join_labels(leading), number=number, total=total)


def join_labels(rows: Iterable[CountRow]) -> str:
    return get_text_list([row.label for row in rows], _("and"))


def make_table(rows: Iterable[CountRow]) -> list[tuple[Any, ...]]:
    return [(row.label, row.key, row.count) for row in rows]

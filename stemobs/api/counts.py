"""How many programmes of a selection have each value of a facet, or each pair of two facets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest
from itertools import product
from typing import Any

from pyroaring import BitMap

from stemobs.selection.facets import ORGANISATION, ROLE, Facet
from stemobs.selection.programmes import ProgrammeFilter

Labels = Mapping[str, str]


def count_crosstab(selection: ProgrammeFilter, facets: Sequence[Facet]) -> dict[str, Any]:
    """Return the cells of a table, empty ones included, and what its values are called.

    A cell is what the selection gives with these values added: other than the counts beside a
    facet, it respects what was chosen of the facet itself.
    """
    labels = {facet.parameter: list_values(selection, facet) for facet in facets}
    return {
        "group_by": [*labels],
        "total": len(selection.matched),
        "rows": [
            {**dict(zip(labels, cell, strict=True)), "count": count}
            for cell, count in count_cells(selection, facets, [*labels.values()])
        ],
        "labels": labels,
    }


def list_values(selection: ProgrammeFilter, facet: Facet) -> Labels:
    """Return the values of a facet in its own order; of a long one the largest here, by size."""
    labels = facet.labels(selection.catalogue)
    if not facet.limit:
        return labels
    narrow = selection.find_narrowing(facet)
    counts = selection.index.count_largest(facet.parameter, selection.matched, facet.limit, narrow)
    ranked = nsmallest(facet.limit, counts, key=lambda value: (-counts[value], labels[value]))
    return {value: labels[value] for value in ranked}


def count_cells(
    selection: ProgrammeFilter, facets: Sequence[Facet], labels: Sequence[Iterable[str]]
) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield the values of each cell with how many programmes of the selection have them."""
    if {*facets} == {ORGANISATION, ROLE}:
        yield from count_partnerships(selection, facets, labels)
        return
    bitmaps = [
        {value: find_with_value(selection, facet, value) for value in some}
        for facet, some in zip(facets, labels, strict=True)
    ]
    for pairs in product(*(some.items() for some in bitmaps)):
        found = BitMap.intersection(selection.matched, *(bitmap for _value, bitmap in pairs))
        yield tuple(value for value, _bitmap in pairs), len(found)


def count_partnerships(
    selection: ProgrammeFilter, facets: Sequence[Facet], labels: Sequence[Iterable[str]]
) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield the same of organisations and roles, which must be those of one partnership."""
    for cell in product(*labels):
        chosen = dict(zip(facets, cell, strict=True))
        found = selection.find_partnerships([chosen[ORGANISATION]], [chosen[ROLE]])
        yield cell, found.intersection_cardinality(selection.matched)


def find_with_value(selection: ProgrammeFilter, facet: Facet, value: str) -> BitMap:
    """Return what has a value; an organisation in the chosen roles, and the other way round."""
    narrow = selection.find_narrowing(facet)
    return narrow(value) if narrow else selection.index.find_with_value(facet.parameter, [value])

"""How many programmes of a selection have each value of a facet, or each pair of two facets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest
from itertools import product
from typing import Any

from pyroaring import BitMap

from stemobs.selection.facets import Facet
from stemobs.selection.programmes import PAIRED, ProgrammeFilter

Labels = Mapping[str, str]


def count_crosstab(selection: ProgrammeFilter, facets: Sequence[Facet]) -> dict[str, Any]:
    """Return the counts for every combination of the facets' values, with the values' labels.

    Combinations without a programme are included. Unlike the counts beside a facet on a page,
    these counts also respect the values that the selection chooses of the counted facets.
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
    """Return the labels of a facet's values, in the facet's order.

    A long facet, such as organisations, has only its most frequent values in the selection, the
    most frequent first.
    """
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
    """Yield each combination of values with the number of selected programmes that have it."""
    for pairs, paired in PAIRED.items():
        if {*facets} == {*paired}:
            yield from count_pairs(selection, pairs, facets, labels)
            return
    bitmaps = [
        {value: find_with_value(selection, facet, value) for value in some}
        for facet, some in zip(facets, labels, strict=True)
    ]
    for cell in product(*(some.items() for some in bitmaps)):
        found = BitMap.intersection(selection.matched, *(bitmap for _value, bitmap in cell))
        yield tuple(value for value, _bitmap in cell), len(found)


def count_pairs(
    selection: ProgrammeFilter, pairs: str, facets: Sequence[Facet], labels: Sequence[Iterable[str]]
) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield each combination of paired facets with its number of selected programmes.

    A programme counts only if one and the same row, such as a partnership, has both values.
    """
    for cell in product(*labels):
        chosen = dict(zip(facets, cell, strict=True))
        first, second = PAIRED[pairs]
        found = selection.find_pairs(pairs, [chosen[first]], [chosen[second]])
        yield cell, found.intersection_cardinality(selection.matched)


def find_with_value(selection: ProgrammeFilter, facet: Facet, value: str) -> BitMap:
    """Return the programmes that have a value of a facet.

    A paired facet, such as the organisation, counts only in rows that have a value which the
    selection chooses of the other one, the role.
    """
    narrow = selection.find_narrowing(facet)
    return narrow(value) if narrow else selection.index.find_with_value(facet.parameter, [value])

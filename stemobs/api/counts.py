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
    """Yield each pair of organisation and role with its number of selected programmes.

    A programme counts only if one and the same partnership has both.
    """
    for cell in product(*labels):
        chosen = dict(zip(facets, cell, strict=True))
        found = selection.find_partnerships([chosen[ORGANISATION]], [chosen[ROLE]])
        yield cell, found.intersection_cardinality(selection.matched)


def find_with_value(selection: ProgrammeFilter, facet: Facet, value: str) -> BitMap:
    """Return the programmes that have a value of a facet.

    An organisation counts only in the roles that the selection chooses, and a role only for the
    organisations that it chooses.
    """
    narrow = selection.find_narrowing(facet)
    return narrow(value) if narrow else selection.index.find_with_value(facet.parameter, [value])

"""Similar programmes: those that share most kinds, factors, levels and countries with a programme.

They are found in the index. The likeness only decides the order and is never shown as a number.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap

from programmes.models import CareerFactor, Country, EducationLevel, InitiativeKind, Programme
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.counting import find_ended
from stemobs.catalogue.documents import NONE
from stemobs.catalogue.index import Index
from stemobs.catalogue.programmes import HIGHER
from stemobs.entries.publication import list_published

MOST = 4
# What a programme does weighs most and its country least, because ideas cross borders.
WEIGHTS = {"kind": 3, "factor": 2, "level": 2, "country": 1}
# A similar programme must share a value of the first of these groups of facets in which the
# programme itself has a value.
NEEDED = (("kind", "factor"), ("level",), ("country",))
BROADER = {NONE, HIGHER}  # values that are too general to count as something in common
# The most candidates to compare one by one; of more, those that share the rarest values are taken.
LOOKED_AT = 300
MOST_TERMS = 2  # how many shared terms of a facet are named

Values = Mapping[str, set[Any]]


@dataclass(frozen=True)
class Similar:
    """A similar programme, the names of its countries, and the names of the shared terms."""

    programme: Programme
    places: list[str]
    terms: list[str]


def find_similar(
    catalogue: Catalogue, number: int, without: Iterable[int] = (), most: int = MOST
) -> list[Similar]:
    """Return the published programmes most similar to the one with this number.

    Leaves out that programme and those in `without`. Empty if the programme is not indexed.
    """
    index = catalogue.programmes
    if number not in index.entries:
        return []
    numbers = find_likest(index, number, without, most)
    rows = Programme.objects.only("slug", "name", "short_name", "scope")
    return [describe_similar(catalogue, number, one) for one in list_published(numbers, rows)]


def find_likest(index: Index, number: int, without: Iterable[int], most: int) -> list[int]:
    """Return the numbers of the most similar programmes, what ended last; equal ones by name."""
    own = read_values(index, number)
    found = narrow_candidates(
        index, own, find_candidates(index, own) - BitMap([number, *without]), most
    )
    likeness = {n: measure_likeness(own, read_values(index, n)) for n in found}
    likest = sorted(found, key=lambda n: (-likeness[n], index.name_key(n)))[:most]
    ended = find_ended(index)
    return sorted(likest, key=ended.__contains__)


def read_values(index: Index, number: int) -> Values:
    return {facet: set(index.list_document_values(number, facet)) - BROADER for facet in WEIGHTS}


def find_candidates(index: Index, own: Values) -> BitMap:
    """Return the programmes that share one of the values that NEEDED requires."""
    for facets in NEEDED:
        if any(own[facet] for facet in facets):
            return BitMap.union(
                BitMap(), *(index.find_with_value(facet, own[facet]) for facet in facets)
            )
    return BitMap()


def narrow_candidates(index: Index, own: Values, found: BitMap, most: int) -> Iterable[int]:
    """Reduce the candidates to at most LOOKED_AT, preferring those that share rare values."""
    # Sorted, because the order of a set differs from process to process.
    postings = [
        index.find_with_value(facet, [value]) for facet in WEIGHTS for value in sorted(own[facet])
    ]
    for posting in sorted(postings, key=len):
        if len(found) <= LOOKED_AT:
            return found
        if found.intersection_cardinality(posting) >= most:
            found = found & posting
    return index.list_by_name([found], 0, LOOKED_AT)


def measure_likeness(own: Values, other: Values) -> float:
    """Return a likeness from 0 to the sum of WEIGHTS.

    For each facet the number of shared values is divided by the number of values that either has.
    """
    return sum(
        weight * len(own[facet] & other[facet]) / len(own[facet] | other[facet])
        for facet, weight in WEIGHTS.items()
        if own[facet] & other[facet]
    )


def describe_similar(catalogue: Catalogue, number: int, programme: Programme) -> Similar:
    """Return a similar programme with its countries and shared terms.

    The terms are shared kinds (factors if no kind is shared), then levels. `number` is the
    programme that it is similar to.
    """
    own = read_values(catalogue.programmes, number)
    other = read_values(catalogue.programmes, programme.pk)
    countries = catalogue.list_terms(Country, "code")
    shared = {facet: own[facet] & other[facet] for facet in WEIGHTS}
    return Similar(
        programme=programme,
        places=[name for code, name in countries.items() if code in other["country"]],
        terms=[
            *(
                name_shared_terms(catalogue.list_terms(InitiativeKind), shared["kind"])
                or name_shared_terms(catalogue.list_terms(CareerFactor), shared["factor"])
            ),
            *name_shared_terms(catalogue.list_terms(EducationLevel, "code"), shared["level"]),
        ],
    )


def name_shared_terms(terms: Mapping[str, str], shared: set[Any]) -> list[str]:
    """Return the names of the first shared terms, in the order of the vocabulary."""
    return [name for value, name in terms.items() if value in shared][:MOST_TERMS]

"""Which programmes have most in common with one, and what that is. Only the index is asked.

What comes first is an order to look in, not a rank: it is never shown as a number.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap

from programmes.models import CareerFactor, Country, EducationLevel, InitiativeKind, Programme
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.documents import NONE
from stemobs.catalogue.index import Index
from stemobs.catalogue.programmes import HIGHER
from stemobs.entries.publication import list_published

MOST = 4
# What a programme does matters most and where it runs least: ideas travel.
WEIGHTS = {"kind": 3, "factor": 2, "level": 2, "country": 1}
# Of which one must be shared: the first that the programme has any value of.
NEEDED = (("kind", "factor"), ("level",), ("country",))
BROADER = {NONE, HIGHER}  # these say less than a value
# So many are looked at one by one; of more, those that share the rarest values.
LOOKED_AT = 300
MOST_TERMS = 2  # named of each facet

Values = Mapping[str, set[Any]]


@dataclass(frozen=True)
class Similar:
    """A programme like another one: where it runs, and what they have in common, in words."""

    programme: Programme
    places: list[str]
    terms: list[str]


def find_similar(
    catalogue: Catalogue, number: int, without: Iterable[int] = (), most: int = MOST
) -> list[Similar]:
    """Return the programmes that have most in common with one, which is not among them."""
    index = catalogue.programmes
    if number not in index.entries:
        return []
    numbers = find_likest(index, number, without, most)
    rows = Programme.objects.only("slug", "name", "short_name", "scope")
    return [describe_similar(catalogue, number, one) for one in list_published(numbers, rows)]


def find_likest(index: Index, number: int, without: Iterable[int], most: int) -> list[int]:
    """Return the numbers of what has most in common with one; ties in the order of names."""
    own = read_values(index, number)
    found = narrow_candidates(
        index, own, find_candidates(index, own) - BitMap([number, *without]), most
    )
    likeness = {n: measure_likeness(own, read_values(index, n)) for n in found}
    return sorted(found, key=lambda n: (-likeness[n], index.name_key(n)))[:most]


def read_values(index: Index, number: int) -> Values:
    return {facet: set(index.list_document_values(number, facet)) - BROADER for facet in WEIGHTS}


def find_candidates(index: Index, own: Values) -> BitMap:
    """Return what has one of the values without which nothing is similar."""
    for facets in NEEDED:
        if any(own[facet] for facet in facets):
            return BitMap.union(
                BitMap(), *(index.find_with_value(facet, own[facet]) for facet in facets)
            )
    return BitMap()


def narrow_candidates(index: Index, own: Values, found: BitMap, most: int) -> Iterable[int]:
    """Return as few as can be looked at: from rare to frequent, those that have the value too."""
    # In order, for the order of a set is another one in every process.
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
    """Return how much of what either has both have, from 0 to the sum of the weights."""
    return sum(
        weight * len(own[facet] & other[facet]) / len(own[facet] | other[facet])
        for facet, weight in WEIGHTS.items()
        if own[facet] & other[facet]
    )


def describe_similar(catalogue: Catalogue, number: int, programme: Programme) -> Similar:
    """Say where a programme runs, and what kinds, else factors, and levels it shares with one."""
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
    """Return the names of the first terms that are shared, in the vocabulary's order."""
    return [name for value, name in terms.items() if value in shared][:MOST_TERMS]

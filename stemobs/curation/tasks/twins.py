"""Pairs of records that may be the same: nearly the same name in a country, or the same website.

Comparing all names of a country with each other would take minutes. So a name is compared only
with those that share one of its rarest trigrams, which nearly all names that are so alike do.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import chain, combinations
from typing import NamedTuple

from django.utils.translation import gettext as _
from rapidfuzz import fuzz, process

from partnerships.models import Lineage
from programmes.models import Programme, ProgrammeName, where_published
from stemobs.curation.checks.names import NEARLY
from stemobs.curation.reading.places import reduce_address
from stemobs.curation.tasks.matters import Matter, Sight
from stemobs.text import fold

RAREST = 10  # trigrams of a name by which it is found
SHORTEST = NEARLY / (200 - NEARLY)  # of two names that are so alike, how long the shorter can be
MOST_AT_A_SITE = 4  # records with one website; more of them only share a portal
Pair = tuple[int, int]  # the ids of two records, the lower first


class Alike(NamedTuple):
    """Why two records may be the same: their names, or the address of both."""

    names: tuple[str, ...] = ()
    website: str = ""


def find_duplicates(sight: Sight) -> Iterator[Matter]:
    """Yield the pairs of records that may be the same, unless it is known how they are related."""
    found = {pair: Alike(website=site) for pair, site in find_same_sites(sight)}
    found |= {pair: Alike(names) for pair, names in find_like_names(sight)}
    for low, high in sorted(found.keys() - read_related()):
        alike = found[low, high]
        yield Matter(
            key=f"{low}-{high}",
            told=tell_alike(alike, sight.records[high].name),
            evidence=(*alike.names, alike.website),
            programme=low,
            other=high,
            weight=max(sight.weigh(low), sight.weigh(high)),
        )


def tell_alike(alike: Alike, name: str) -> str:
    if alike.names:
        told = _("“%(name)s” has almost the same name, in the same country. Is it the same?")
    else:
        told = _("“%(name)s” has the same website. Is it the same?")
    return told % {"name": name}


def read_related() -> set[Pair]:
    """Return the pairs of records of which a row says how one came from the other."""
    rows = Lineage.objects.exclude(from_programme=None).exclude(to_programme=None).order_by()
    pairs = rows.values_list("from_programme_id", "to_programme_id")
    return {(min(one, other), max(one, other)) for one, other in pairs}


def find_same_sites(sight: Sight) -> Iterator[tuple[Pair, str]]:
    """Yield the pairs of records with the same website."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for pk, website in sight.select_records().exclude(website="").values_list("pk", "website"):
        places[reduce_address(website)].append(pk)
    for place, pks in places.items():
        if len(pks) <= MOST_AT_A_SITE:
            yield from ((pair, place) for pair in combinations(sorted(pks), 2))


# --- Names ----------------------------------------------------------------------------------------


def find_like_names(sight: Sight) -> Iterator[tuple[Pair, tuple[str, ...]]]:
    """Yield the pairs of records in a country that have a name nearly in common, with both names.

    Those without a country are compared with each other.
    """
    names = read_names(sight)
    for pks in read_places(sight).values():
        named: defaultdict[str, list[int]] = defaultdict(list)
        for pk in pks:
            for name in names.get(pk, ()):
                named[name].append(pk)
        for name, other in find_alike([*named], sight):
            for one, another in pair_all(named[name], named[other]):
                yield (one, another), tuple(sorted((name, other)))


def read_names(sight: Sight) -> dict[int, set[str]]:
    """Return the folded names of each record, the other ones too."""
    names: defaultdict[int, set[str]] = defaultdict(set)
    own = ((record.pk, record.name) for record in sight.records.values())
    others = sight.select_facts(ProgrammeName).values_list("programme_id", "name")
    for pk, name in chain(own, others.iterator()):
        if folded := fold(name):
            names[pk].add(folded)
    return names


def read_places(sight: Sight) -> dict[int, list[int]]:
    """Return the records in each country, and under 0 those without any."""
    places: defaultdict[int, list[int]] = defaultdict(list)
    rows = Programme.countries.through.objects.filter(where_published("programme__")).order_by()
    placed: set[int] = set()
    for country, pk in rows.values_list("country_id", "programme_id").iterator():
        places[country].append(pk)
        placed.add(pk)
    places[0] = [*sight.records.keys() - placed]
    return places


def pair_all(some: list[int], others: list[int]) -> set[Pair]:
    return {(min(one, other), max(one, other)) for one in some for other in others if one != other}


def find_alike(names: list[str], sight: Sight) -> Iterator[tuple[str, str]]:
    """Yield the pairs of names that are nearly equal, and each name with itself."""
    trigrams = {name: list_trigrams(name) for name in names}
    common = Counter(chain.from_iterable(trigrams.values()))
    index: defaultdict[str, list[str]] = defaultdict(list)
    for number, name in enumerate(sorted(names, key=len)):
        if number % 1000 == 0:
            sight.go_on()
        yield name, name
        rarest = sorted(trigrams[name], key=lambda one: (common[one], one))[:RAREST]
        shortest = len(name) * SHORTEST
        near = {one for part in rarest for one in index[part] if len(one) >= shortest}
        alike = process.extract(name, [*near], scorer=fuzz.ratio, score_cutoff=NEARLY, limit=None)
        yield from ((name, other) for other, _score, _place in alike)
        for part in rarest:
            index[part].append(name)


def list_trigrams(name: str) -> set[str]:
    padded = f" {name} "
    return {padded[place : place + 3] for place in range(len(padded) - 2)}

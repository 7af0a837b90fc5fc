"""Pairs of organisations and of sources that may be the same, as for records in `twins.py`.

Sources are the same if their addresses are of the same page. Organisations may be if their names in
a country are nearly equal; of two of one type, “Stichting Jet-Net” and “Jet-Net” are, too.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from itertools import chain, combinations
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from partnerships.models import Organisation, OrganisationName, Partnership
from programmes.models import Citation, Source
from stemobs.curation.importing.organisations import PATTERNS
from stemobs.curation.mergers.rules import name_ids
from stemobs.curation.reading.places import reduce_address
from stemobs.curation.tasks.matters import Matter, Sight
from stemobs.curation.tasks.twins import Pair, find_alike, pair_all
from stemobs.text import fold

MOST_OF_A_PAGE = 4  # sources with one address
MOST_ALIKE = 4  # organisations with one name but for the words of their type


def find_shared_duplicates(sight: Sight) -> Iterator[Matter]:
    """Yield the pairs of organisations and of sources that may be the same."""
    told = _("“%(name)s” has almost the same name, in the same country. Is it the same?")
    yield from describe_pairs(Organisation, dict(find_like_organisations(sight)), told)
    told = _("“%(name)s” has the same address. Is it the same source?")
    yield from describe_pairs(Source, dict(find_same_pages()), told)


def describe_pairs(model: Any, found: dict[Pair, tuple[str, ...]], told: str) -> Iterator[Matter]:
    pks = {*chain.from_iterable(found)}
    names = {pk: str(row) for pk, row in model._base_manager.in_bulk(pks).items()}
    weights = count_uses(model, pks)
    for (low, high), evidence in sorted(found.items()):
        key, about = name_ids(model, low, high)
        yield Matter(
            key=key,
            told=f"“{names[low]}”: {told % {'name': names[high]}}",
            evidence=evidence,
            about=about,
            weight=max(weights.get(low, 0), weights.get(high, 0)),
        )


def count_uses(model: Any, pks: Collection[int]) -> dict[int, int]:
    """Return how often organisations have a role in records, or records name sources."""
    user, column = (Partnership, "organisation") if model is Organisation else (Citation, "source")
    rows: Any = user._base_manager.filter(**{f"{column}__in": pks}).order_by().values_list(column)
    return dict(rows.annotate(number=Count("pk")))


def find_same_pages() -> Iterator[tuple[Pair, tuple[str, ...]]]:
    """Yield the pairs of sources with the same address, be it with another scheme or a slash."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for pk, url in Source.objects.exclude(url="").order_by().values_list("pk", "url").iterator():
        places[reduce_address(url)].append(pk)
    for place, pks in places.items():
        if len(pks) <= MOST_OF_A_PAGE:
            yield from ((pair, (place,)) for pair in combinations(sorted(pks), 2))


# --- Organisations --------------------------------------------------------------------------------


def find_like_organisations(sight: Sight) -> Iterator[tuple[Pair, tuple[str, ...]]]:
    """Yield the pairs of organisations in a country with a name nearly in common, with both names.

    Those that are known to be related are left out. Those without a country are compared with each
    other.
    """
    related = {*read_related()}
    for names in read_countries():
        folded: defaultdict[str, list[int]] = defaultdict(list)
        bare: defaultdict[tuple[str, str], set[int]] = defaultdict(set)  # by their type too
        for pk, kind, name in names:
            folded[fold(name)].append(pk)
            bare[strip_type(fold(name)), kind].add(pk)
        for name, other in find_alike([*filter(None, folded)], sight):
            for pair in pair_all(folded[name], folded[other]) - related:
                yield pair, tuple(sorted((name, other)))
        for (name, _kind), pks in bare.items():
            if name and len(pks) <= MOST_ALIKE:
                yield from ((pair, (name,)) for pair in pair_all([*pks], [*pks]) - related)


def read_countries() -> Iterator[list[tuple[int, str, str]]]:
    """Yield for each country the organisations there, with the type and each name of theirs."""
    found: defaultdict[int, list[tuple[int, str, str]]] = defaultdict(list)
    rows = Organisation.objects.order_by().values_list("pk", "country", "type", "name")
    others = OrganisationName.objects.order_by().values_list(
        "organisation", "organisation__country", "organisation__type", "name"
    )
    for pk, country, kind, name in chain(rows.iterator(), others.iterator()):
        found[country or 0].append((pk, kind, name))
    yield from found.values()


def strip_type(name: str) -> str:
    """Return a name without the words that say what its organisation is, such as “Stichting”."""
    for pattern in PATTERNS.values():
        name = pattern.sub(" ", name)
    return " ".join(name.strip(" .,-&").split())


def read_related() -> Iterator[Pair]:
    """Yield the pairs of organisations of which one is a part of the other, or follows it."""
    for name in ("parent", "successor"):
        rows = Organisation.objects.exclude(**{name: None}).order_by()
        for pk, other in rows.values_list("pk", name):
            yield min(pk, other), max(pk, other)

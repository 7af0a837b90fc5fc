"""Threads that read the catalogue without pause, and check that they never see half a transaction.

They read pairs of programmes. A transaction always changes both of a pair: both get the next
version number as name, as other name and as start year, and they exchange their countries. So both
must always have the same version in all three places, and different countries. The number of
pairs must be odd, so that each pair's versions are odd and even by turns.
"""

import traceback
from collections import Counter
from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

from django.db import connection, transaction
from django.http import QueryDict

from programmes.models import Country, Programme, ProgrammeName
from stemobs.catalogue.catalogue import Catalogue, get_current_catalogue
from stemobs.selection.facets import COUNTRY
from stemobs.selection.programmes import ProgrammeFilter
from stemobs.text import fold

COUNTRIES = ("NL", "BE")


def swap(word: str, number: int, version: int) -> None:
    """Give both programmes of a pair a new version, and exchange their countries."""
    pair = Programme.objects.filter(slug__startswith=f"{word}-{number}-").order_by("slug")
    with transaction.atomic():
        for side, programme in enumerate(pair):
            ProgrammeName.objects.filter(programme=programme).update(name=f"also v{version}")
            programme.countries.set(Country.objects.filter(code=COUNTRIES[(version + side) % 2]))
            programme.name, programme.year_start = f"{word} v{version}", version
            programme.save()


def select(catalogue: Catalogue, query: str) -> ProgrammeFilter:
    return ProgrammeFilter(QueryDict(query), catalogue)


def versions_of(catalogue: Catalogue, word: str) -> dict[str, int]:
    """Return the version (start year) of each programme found by a word, by slug."""
    index = catalogue.programmes
    place = index.facets.index("year_start")
    entries = (index.entries[number] for number in select(catalogue, f"q={word}").matches[:100])
    # These programmes all have a start year, though the index's type allows other values.
    return {entry.slug: entry.values[place][0] for entry in entries}  # type: ignore[misc]


def faults_in(catalogue: Catalogue, word: str, pairs: int) -> Iterator[str]:
    """Yield descriptions of contradictions, which no committed state can have."""
    versions = versions_of(catalogue, word)
    if len(versions) != 2 * pairs:
        yield f"{len(versions)} programmes"
    for slug, version in versions.items():
        if versions.get(f"{slug[:-1]}{1 - int(slug[-1])}") != version:
            yield f"half a pair at version {version}"
        index = catalogue.programmes
        name = index.entries[index.slugs[slug]].name_key.partition("\x00")[0]
        if name != fold(f"{word} v{version}"):
            yield f"version {version} is called {name}"
    for version in set(versions.values()):
        named = select(catalogue, f'q={word} "also v{version}"').matches
        if len(named) != list(versions.values()).count(version):
            yield f"{len(named)} are called by version {version}"
    counted = {
        code: len(select(catalogue, f"q={word}&country={code}").matches) for code in COUNTRIES
    }
    facet = dict(select(catalogue, f"q={word}").count_values(COUNTRY))
    if not counted == facet == dict.fromkeys(COUNTRIES, pairs):
        yield f"counts {counted}, facet {facet}"


class Readers:
    """Threads that read until they are stopped, and once more after that."""

    def __init__(self, word: str, pairs: int, threads: int) -> None:
        self.word, self.pairs = word, pairs
        self.stopping = Event()
        self.faults: Counter[str] = Counter()
        self.revisions: list[int] = []  # the last revision that each thread saw
        self.seen: set[int] = set()  # all revisions that any thread saw
        self.newest: list[int] = []  # the highest version that each thread saw at the end
        self.threads = [Thread(target=self.read, daemon=True) for _number in range(threads)]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def stop(self) -> dict[str, Any]:
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        return {
            "faults": dict(self.faults.most_common(5)),
            "revisions": self.revisions,
            "states": len(self.seen),
            "newest": self.newest,
        }

    def read(self) -> None:
        try:
            self.read_on()
        except Exception:
            self.faults[traceback.format_exc()] += 1
        finally:
            connection.close()

    def read_on(self) -> None:
        before = 0
        is_last = False
        while not is_last:
            is_last = self.stopping.is_set()
            catalogue = get_current_catalogue()
            self.faults.update(faults_in(catalogue, self.word, self.pairs))
            if catalogue.revision < before:
                self.faults[f"revision {catalogue.revision} after {before}"] += 1
            before = catalogue.revision
            self.seen.add(before)
        self.revisions.append(before)
        self.newest.append(max(versions_of(catalogue, self.word).values()))

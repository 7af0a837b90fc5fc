"""Measures within one process: the index alone, the check for changes, taking one in, building."""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import transaction
from django.http import QueryDict

from programmes.models import Programme
from stemobs.catalogue.catalogue import get_current_catalogue, renew_catalogue
from stemobs.catalogue.editing import take_number
from stemobs.selection.facets import FACETS
from stemobs.selection.programmes import ProgrammeFilter

PAGE_SIZE = 25
ROUNDS = 50
CHANGES = 20
SECONDS = 5.0  # of total time for one measurement, after which no further round begins
ASKED = ("country", "level", "kind", "organisation", "status", "funding", "duration")


def memory() -> float:
    """Return the memory that this process uses now, in MB."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return peak_memory()
    return pages * resource.getpagesize() / 1e6


def peak_memory() -> float:
    """Return the most memory that this process has used, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def building() -> dict[str, float]:
    """Build the index and return the time and memory it takes.

    It must be the first measurement of a process, for the index is built only once.
    """
    before, cpu, start = memory(), time.process_time(), time.perf_counter()
    get_current_catalogue()
    return {
        "seconds": time.perf_counter() - start,
        "cpu_seconds": time.process_time() - cpu,
        "memory_mb": memory() - before,
        "peak_mb": peak_memory(),
    }


def times(ask: Callable[[], Any]) -> list[float]:
    """Return how long a function takes, in seconds, for each round after a warm-up."""
    ask()
    found: list[float] = []
    while len(found) < ROUNDS and sum(found) < SECONDS:
        start = time.perf_counter()
        ask()
        found.append(time.perf_counter() - start)
    return found


def freshness() -> list[float]:
    """Return how long the check takes that the catalogue has not changed, for each round."""
    return times(get_current_catalogue)


def change() -> list[float]:
    """Return how much CPU it takes to take in one changed programme, for each round.

    What is written is rolled back, so that others measure the same rows.
    """
    before = get_current_catalogue()
    numbers = list(before.programmes.by_name)
    found: list[float] = []
    for turn, number in enumerate(numbers[:: max(len(numbers) // CHANGES, 1)]):
        with transaction.atomic():
            summary = f"One who was never told of here, {turn}."
            Programme.objects.filter(pk=number).update(summary=summary)
            take_number()
            start = time.process_time()
            renew_catalogue(before)
            found.append(time.process_time() - start)
            transaction.set_rollback(True)
    return found[1:]


def index_alone(query: str) -> list[float]:
    """Return how long the index takes for total, ids of one page and seven facets, by round."""
    catalogue = get_current_catalogue()

    def ask() -> None:
        selection = ProgrammeFilter(QueryDict(query), catalogue)
        len(selection.matches)
        list(selection.matches[:PAGE_SIZE])
        for name in ASKED:
            selection.make_panel(FACETS[name])

    return times(ask)


def main(queries: str) -> None:
    """Write all measurements as JSON; `queries` is a JSON object of query strings by shape."""
    measured = {
        "building": building(),
        "freshness": freshness(),
        "change": change(),
        "index": {name: index_alone(query) for name, query in json.loads(queries).items()},
    }
    sys.stdout.write(json.dumps(measured))

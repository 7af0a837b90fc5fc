"""What no request can measure: the index alone, the check that it is fresh, and its building."""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.http import QueryDict

from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.selection.facets import FACETS
from stemobs.selection.programmes import ProgrammeFilter

PAGE_SIZE = 25
ROUNDS = 50
SECONDS = 5.0  # for one question, after which it is asked no more
ASKED = ("country", "level", "kind", "organisation", "status", "funding", "duration")


def memory() -> float:
    """Return what this process occupies now, in MB."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return peak_memory()
    return pages * resource.getpagesize() / 1e6


def peak_memory() -> float:
    """Return the most that this process has occupied, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def building() -> dict[str, float]:
    """Build the index and return what it takes; the first thing that a process may do."""
    before, cpu, start = memory(), time.process_time(), time.perf_counter()
    get_current_catalogue()
    return {
        "seconds": time.perf_counter() - start,
        "cpu_seconds": time.process_time() - cpu,
        "memory_mb": memory() - before,
        "peak_mb": peak_memory(),
    }


def times(ask: Callable[[], Any]) -> list[float]:
    """Return how long it takes, once for each round."""
    ask()
    found: list[float] = []
    while len(found) < ROUNDS and sum(found) < SECONDS:
        start = time.perf_counter()
        ask()
        found.append(time.perf_counter() - start)
    return found


def freshness() -> list[float]:
    """Return how long it takes to see that nothing has changed."""
    return times(get_current_catalogue)


def index_alone(query: str) -> list[float]:
    """Return how long the index takes: total, the ids of one page, seven facets."""
    catalogue = get_current_catalogue()

    def ask() -> None:
        selection = ProgrammeFilter(QueryDict(query), catalogue)
        len(selection.matches)
        list(selection.matches[:PAGE_SIZE])
        for name in ASKED:
            selection.make_panel(FACETS[name])

    return times(ask)


def main(queries: str) -> None:
    """Write what was measured as JSON; `queries` is a JSON list of queries by shape."""
    measured = {
        "building": building(),
        "freshness": freshness(),
        "index": {name: index_alone(query) for name, query in json.loads(queries).items()},
    }
    sys.stdout.write(json.dumps(measured))

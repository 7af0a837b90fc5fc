"""Tries faults on a site while clients ask it, and tells what the answers show of the promises."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.hosts.client import (
    PROXY,
    Seen,
    asking,
    find_errors,
    find_never_been,
    find_older,
    find_outdated,
)
from tests.hosts.faults import FAULTS, PROMISED, count_kept
from tests.hosts.model import PATHS, Model
from tests.hosts.site import Site

# What the log of a host may never have: a fault of ours, or what a pooler does not let through.
FORBIDDEN = ("Traceback", "prepared statement", "unsupported startup parameter")


@dataclass(frozen=True)
class Tried:
    """A fault that was tried: how long it took, what it measured, and what clients got."""

    fault: str
    seconds: float
    measured: object
    seen: list[Seen]

    @property
    def worst(self) -> float:
        """Return the seconds of the slowest answer of a host or the proxy."""
        return max((one.seconds for one in self.seen if one.status), default=0)

    @property
    def refused(self) -> int:
        """Return how many answers of the proxy were none that a reader came for."""
        return sum(one.giver == PROXY and one.status != 200 for one in self.seen)


def try_faults(site: Site, model: Model, names: Iterable[str]) -> Iterator[Tried]:
    for name in names:
        begun = time.monotonic()
        with asking(site, model) as clients:
            measured = FAULTS[name](site, model)
        yield Tried(name, time.monotonic() - begun, measured, clients.seen)


def find_wrong(site: Site, tried: Iterable[Tried], model: Model) -> list[str]:
    """Return all that no fault excuses."""
    seen = [one for each in tried for one in each.seen]
    return [
        *find_never_been(seen, model),
        *find_older(seen, model),
        *find_outdated(seen, model),
        *find_errors(seen),
        *find_forbidden(site),
    ]


def find_forbidden(site: Site) -> list[str]:
    return [
        f"{host.machine.name}: {line}"
        for host in site.hosts
        for line in host.log.splitlines()
        if any(word in line for word in FORBIDDEN)
    ]


def tell_promises(site: Site, tried: list[Tried], model: Model) -> Iterator[str]:
    """Yield a table of what was promised and what was measured, in Markdown."""
    seen = [one for each in tried for one in each.seen]
    by_fault = {one.fault: one for one in tried}
    pages = count_kept(site, PATHS)
    rows = [
        ("–", "answers of a state that never was", "0", len(find_never_been(seen, model))),
        ("H2", "answers older than one shown before", "0", len(find_older(seen, model))),
        ("H7", "answers 500, 502 and 504", "0", len(find_errors(seen))),
        ("H8", "pages from the cache while all is stopped", "all", f"{pages} of {len(PATHS)}"),
        ("H9", "lines of logs that a pooler or a fault leaves", "0", len(find_forbidden(site))),
    ]
    if promotion := by_fault.get("promote"):
        told = f"{promotion.measured:.1f}"
        rows.append(("H1", "right answers after a promotion, s", f"≤ {PROMISED}", told))
    if importing := by_fault.get("import"):
        told = f"{importing.worst * 1000:,.0f}"
        rows.append(("H3", "worst answer during an import, ms", "≤ 500", told))
    if deploy := by_fault.get("deploy"):
        rows.append(("H10", "answers refused during a deploy", "0", deploy.refused))
    yield "| # | what | promised | measured |"
    yield "| --- | --- | --- | ---: |"
    for row in rows:
        yield f"| {' | '.join(map(str, row))} |"


def tell_faults(tried: Iterable[Tried]) -> Iterator[str]:
    """Yield a table of the faults, and of what clients got meanwhile, in Markdown."""
    yield "| fault | s | answers | from memory | none or 503 | of the proxy | slowest, s |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for one in tried:
        remembered = sum(each.is_from_memory for each in one.seen)
        refused = sum(each.status != 200 for each in one.seen)
        cells = (f"{one.seconds:.0f}", len(one.seen), remembered, refused, one.refused)
        yield f"| {one.fault} | {' | '.join(map(str, cells))} | {one.worst:.1f} |"

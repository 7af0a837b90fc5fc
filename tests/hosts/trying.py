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
from tests.hosts.costs import measure_costs
from tests.hosts.faults import FAULTS, PROMISED, count_kept, wait_until_right
from tests.hosts.model import PATHS, Model
from tests.hosts.site import Site

# What the log of a host may never have: a fault of ours, or what a pooler does not let through.
FORBIDDEN = ("Traceback", "prepared statement", "unsupported startup parameter")

# The number of a promise, what it is about, what was promised, and what was measured.
Row = tuple[str, str, str, object]


@dataclass(frozen=True)
class Tried:
    """A fault that was tried: how long it took, what it measured, and what clients got."""

    fault: str
    begun: float
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
    # A host may still show what was there before the model's first state.
    wait_until_right(site, model)
    for name in names:
        begun = time.monotonic()
        with asking(site, model) as clients:
            measured = FAULTS[name](site, model)
        yield Tried(name, begun, time.monotonic() - begun, measured, clients.seen)


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
    costs = measure_costs(site.hosts[-1], model)
    pages = f"{costs.record:.0f}, {costs.listing:.0f}, {costs.home:.1f}"
    kept = count_kept(site, PATHS)
    rows = [
        ("–", "answers of a state that never was", "0", len(find_never_been(seen, model))),
        ("H2", "answers older than one shown before", "0", len(find_older(seen, model))),
        ("H5", "a change of two names, ms of CPU a process", "≤ 5", f"{costs.change:.1f}"),
        ("H7", "answers 500, 502 and 504", "0", len(find_errors(seen))),
        ("H8", "pages from the cache while all is stopped", "all", f"{kept} of {len(PATHS)}"),
        ("H9", "lines of logs that a pooler or a fault leaves", "0", len(find_forbidden(site))),
        ("H11", "a record, a list, the home page, ms of CPU", "≤ 12, 15, 5", pages),
        *(row for one in tried for row in list_promises(one, model)),
    ]
    yield "| # | what | promised | measured |"
    yield "| --- | --- | --- | ---: |"
    for row in sorted(rows, key=lambda row: int(row[0].strip("–H") or 0)):
        yield f"| {' | '.join(map(str, row))} |"


def list_promises(one: Tried, model: Model) -> list[Row]:
    """Return what a fault measured of the promises that are about it."""
    if one.fault == "promote":
        return [
            ("H1", "right answers after a promotion, s", f"≤ {PROMISED}", f"{one.measured:.1f}")
        ]
    if one.fault == "import":
        written = model.list_begun(one.begun, one.begun + one.seconds)
        slowest = max((state.done - state.begun for state in written if state.done), default=0)
        return [
            ("H3", "worst answer during an import, ms", "≤ 500", f"{one.worst * 1000:,.0f}"),
            ("H6", "slowest save beside an import, ms", "≤ 1,000", f"{slowest * 1000:,.0f}"),
            ("H6", "saves refused meanwhile", "0", sum(not state.done for state in written)),
        ]
    if one.fault == "deploy":
        return [
            ("H4", "until a host is ready after its start, s", "≤ 2", f"{one.measured:.1f}"),
            ("H10", "answers refused during a deploy", "0", one.refused),
        ]
    return []


def tell_faults(tried: Iterable[Tried]) -> Iterator[str]:
    """Yield a table of the faults, and of what clients got meanwhile, in Markdown."""
    yield "| fault | s | answers | from memory | none or 503 | of the proxy | slowest, s |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for one in tried:
        remembered = sum(each.is_from_memory for each in one.seen)
        refused = sum(each.status != 200 for each in one.seen)
        cells = (f"{one.seconds:.0f}", len(one.seen), remembered, refused, one.refused)
        yield f"| {one.fault} | {' | '.join(map(str, cells))} | {one.worst:.1f} |"

"""Clients that ask each host and the proxy again and again; what is wrong with the answers."""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from itertools import cycle
from pathlib import Path
from threading import Event, Thread

from tests.faults.load import LONGEST
from tests.hosts.model import PATHS, Model
from tests.hosts.servers import SocketConnection
from tests.hosts.site import Site

RATE = 4  # requests a second to each host, and to the proxy
OLDEST = 60  # seconds for which the proxy may show what is not current any more
PROXY = "proxy"


@dataclass(frozen=True)
class Seen:
    """An answer: who gave it, when it was asked for and came; status 0 if none came."""

    giver: str
    path: str
    at: float
    ended: float
    status: int
    body: bytes = b""
    is_from_memory: bool = False
    cached: str = ""

    @property
    def seconds(self) -> float:
        return self.ended - self.at


def ask(giver: str, socket: Path, path: str) -> Seen:
    at, asked = time.monotonic(), SocketConnection(socket, LONGEST)
    try:
        asked.request("GET", path, headers={"Connection": "close"})
        answer = asked.getresponse()
        body, told = answer.read(), answer.headers
        cached = told.get("X-Cache", "")
        return Seen(
            giver, path, at, time.monotonic(), answer.status, body, "Warning" in told, cached
        )
    except (OSError, HTTPException):
        return Seen(giver, path, at, time.monotonic(), 0)
    finally:
        asked.close()


@dataclass
class Clients:
    """All answers, in the order in which they came."""

    model: Model
    seen: list[Seen] = field(default_factory=list)

    def within(self, begun: float, ended: float) -> list[Seen]:
        return [one for one in self.seen if one.ended >= begun and one.at <= ended]


@contextmanager
def asking(site: Site, model: Model) -> Iterator[Clients]:
    """Let a client for each host and one for the proxy ask while the block runs."""
    clients, ending = Clients(model), Event()
    givers = {host.machine.name: host.socket for host in site.hosts}

    def work(giver: str, socket: Path) -> None:
        for path in cycle(PATHS):
            if ending.wait(1 / RATE):
                return
            clients.seen.append(ask(giver, socket, path))

    threads = [
        Thread(target=work, args=pair, daemon=True)
        for pair in {**givers, PROXY: site.proxy.socket}.items()
    ]
    for thread in threads:
        thread.start()
    try:
        yield clients
    finally:
        ending.set()
        for thread in threads:
            thread.join()


# --- What is wrong with answers -------------------------------------------------------------------


def find_states(seen: Sequence[Seen], model: Model) -> list[tuple[Seen, int, str]]:
    """Return each answer that shows a state, with its number and what is wrong with it."""
    return [
        (one, *model.find_fault(one.path, one.body, one.ended)) for one in seen if one.status == 200
    ]


def find_never_been(seen: Sequence[Seen], model: Model) -> list[str]:
    """Return the answers of a state that never was."""
    return [f"{describe(one)} {fault}" for one, _n, fault in find_states(seen, model) if fault]


def find_older(seen: Sequence[Seen], model: Model) -> list[str]:
    """Return the answers of a host that are older than one that it had given before.

    An answer from memory says that it may be, and of which state it is.
    """
    by_host: dict[str, list[tuple[Seen, int]]] = defaultdict(list)
    for one, number, fault in find_states(seen, model):
        if one.giver != PROXY and not (fault or one.is_from_memory):
            by_host[one.giver].append((one, model.rank(number)))
    wrong = []
    for answers in by_host.values():
        for one, rank in answers:
            shown = max((other for two, other in answers if two.ended < one.at), default=0)
            if rank < shown:
                wrong.append(f"{describe(one)} shows {rank} after {shown}")
    return wrong


def find_outdated(seen: Sequence[Seen], model: Model) -> list[str]:
    """Return the answers of the proxy that show what had not been current for too long."""
    wrong = []
    for one, number, fault in find_states(seen, model):
        later = [s.done for s in model.states.values() if s.number > number and s.done]
        if one.giver == PROXY and not fault and later and one.at - min(later) > OLDEST:
            wrong.append(f"{describe(one)} shows {number} after {one.at - min(later):.0f} s")
    return wrong


def find_errors(seen: Sequence[Seen]) -> list[str]:
    """Return the answers that say that something is broken."""
    return [describe(one) for one in seen if one.status in (500, 502, 504)]


def describe(one: Seen) -> str:
    kind = f"{one.status} from memory" if one.is_from_memory else one.status
    return f"{one.giver} {one.path} {kind} in {one.seconds:.1f} s"

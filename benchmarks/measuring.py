"""Asks every contender for every shape in turn, again and again, and keeps how long each took."""

import http.client
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import median, quantiles
from urllib.parse import urlencode

from benchmarks import datasette
from benchmarks.servers import Server

Query = dict[str, str]
Pair = tuple[str, str]  # contender and shape

FACETS = "country,level,kind,organisation,status,funding,duration"
# Servers close connections that nobody uses; Datasette's does after five seconds.
IDLE = 2
COMPRESSED = {"Accept-Encoding": "gzip, br"}


class WrongAnswer(Exception):
    """A contender did not answer as it must to be measured."""


@dataclass(frozen=True)
class Answer:
    """One answer: how long it took, from the first byte sent to the last received."""

    seconds: float
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def wire_bytes(self) -> int:
        """Return the size of the answer with its headers."""
        lines = sum(len(name) + len(value) + 4 for name, value in self.headers.items())
        return lines + len("HTTP/1.1 200 OK\r\n\r\n") + len(self.body)


class Contender:
    """Someone who answers: a server, the addresses it is asked at, on one lasting connection."""

    def __init__(
        self,
        name: str,
        server: Server,
        address: Callable[[Query], str],
        total: str = "",
        is_conditional: bool = False,
    ) -> None:
        self.name = name
        self.address = address
        self.total = total  # where its JSON says how many were found
        self.is_conditional = is_conditional
        self.connection = server.connect()
        self.used = 0.0
        self.tags: dict[str, str] = {}

    def ask(self, query: Query, headers: dict[str, str] | None = None) -> Answer:
        """Ask once; raise WrongAnswer for anything but the status that is measured."""
        address = self.address(query)
        tag = self.tags.get(address, "") if self.is_conditional else ""
        sent = {**(headers or {}), **({"If-None-Match": tag} if tag else {})}
        self.keep_connected()
        start = time.perf_counter()
        self.connection.request("GET", address, headers=sent)
        response = self.connection.getresponse()
        body = response.read()
        answer = Answer(time.perf_counter() - start, response.status, response.headers, body)
        self.used = time.monotonic()
        if answer.status != (304 if tag else 200):
            raise WrongAnswer(f"{self.name} answers {answer.status} to {address}")
        if self.is_conditional and not tag:
            self.tags[address] = answer.headers["ETag"]
        return answer

    def keep_connected(self) -> None:
        """Connect anew after a pause, so that no answer has to wait for that."""
        if time.monotonic() - self.used > IDLE:
            self.connection.close()
            self.connection.connect()

    def found(self, answer: Answer) -> int | None:
        """Return how many programmes an answer says it found."""
        return json.loads(answer.body)[self.total] if self.total else None


def at(path: str, **more: str) -> Callable[[Query], str]:
    """Return a function from a query to its address below a path."""
    return lambda query: f"{path}?{urlencode({**query, **more})}"


def contenders(site: Server, uncached: Server, flat: Server | None) -> list[Contender]:
    """Return everyone who is asked; Datasette only where it could be had."""
    rows = at("/api/v1/programmes/", facets=FACETS)
    page = at("/programmes/")
    total = "filtered_table_rows_count"
    others = [Contender("Datasette", flat, datasette.address, total)] if flat else []
    return [
        Contender("empty", site, at("/bench/empty/")),
        Contender("JSON", site, rows, "count"),
        Contender("304", site, rows, is_conditional=True),
        Contender("page", site, page),
        Contender("page without queries", site, at("/bench/page/")),
        Contender("SQL", site, at("/bench/sql/"), "count"),
        Contender("DRF", site, at("/bench/drf/"), "count"),
        Contender("JSON, no cards kept", uncached, rows, "count"),
        Contender("page, no cards kept", uncached, page),
        *others,
    ]


@dataclass(frozen=True)
class Times:
    """How long some answers took, in milliseconds."""

    median: float
    least: float
    p95: float
    number: int

    @classmethod
    def of(cls, seconds: list[float]) -> "Times":
        ms = [1_000 * second for second in seconds]
        p95 = quantiles(ms, n=20, method="inclusive")[-1] if len(ms) > 1 else ms[0]
        return cls(median(ms), min(ms), p95, len(ms))


@dataclass
class Measured:
    """What one loop found: seconds by contender and shape; totals and sizes by shape; warnings."""

    seconds: dict[Pair, list[float]] = field(default_factory=lambda: defaultdict(list))
    totals: dict[str, dict[str, int]] = field(default_factory=dict)
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def times(self, contender: str) -> dict[str, Times]:
        """Return the times of a contender by shape."""
        return {
            shape: Times.of(seconds)
            for (name, shape), seconds in self.seconds.items()
            if name == contender
        }


class Loop:
    """The loop: all contenders, all shapes; nobody has the machine warm for itself."""

    def __init__(self, contenders: Iterable[Contender], shapes: list[dict], budget: float) -> None:
        self.contenders = list(contenders)
        self.shapes = shapes
        self.budget = budget  # seconds for one contender and shape
        self.measured = Measured()
        self.too_slow: set[Pair] = set()

    def warm_up(self) -> None:
        """Ask everything once and compare what was found; the first answer is not measured."""
        for shape in self.shapes:
            found = {one.name: self.first(one, shape) for one in self.contenders}
            self.compare(shape, {name: total for name, total in found.items() if total is not None})
        for contender in self.contenders:
            if contender.name == "page":
                self.weigh(contender)

    def first(self, contender: Contender, shape: dict) -> int | None:
        answer = contender.ask(shape["query"])
        if contender.is_conditional:
            contender.ask(shape["query"])
        pair = (contender.name, shape["name"])
        # Too slow for more than once: then the first answer is what there is.
        if answer.seconds > self.budget:
            self.measured.seconds[pair].append(answer.seconds)
            self.too_slow.add(pair)
        return contender.found(answer)

    def compare(self, shape: dict, found: dict[str, int]) -> None:
        """Warn where totals differ; each has its own idea of a text that matches."""
        self.measured.totals[shape["name"]] = found
        if len(set(found.values())) > 1 and not shape["is_text"]:
            totals = ", ".join(f"{name} {total}" for name, total in found.items())
            self.measured.warnings.append(f"Totals differ for “{shape['name']}”: {totals}.")

    def weigh(self, contender: Contender) -> None:
        for shape in self.shapes:
            plain = contender.ask(shape["query"]).wire_bytes
            compressed = contender.ask(shape["query"], COMPRESSED).wire_bytes
            self.measured.sizes[shape["name"]] = (plain, compressed)

    def run(self, rounds: int) -> Measured:
        """Warm up, then ask in turn; each round begins with another contender."""
        self.warm_up()
        for number in range(rounds):
            turn = number % len(self.contenders)
            for shape in self.shapes:
                for contender in [*self.contenders[turn:], *self.contenders[:turn]]:
                    self.ask(contender, shape)
        return self.measured

    def ask(self, contender: Contender, shape: dict) -> None:
        pair = (contender.name, shape["name"])
        if pair in self.too_slow:
            return
        answer = contender.ask(shape["query"])
        self.measured.seconds[pair].append(answer.seconds)
        if queries := int(answer.headers.get("X-Queries", "0")):
            self.warn(f"The page without queries made {queries} for “{shape['name']}”.")
        if sum(self.measured.seconds[pair]) > self.budget:
            self.too_slow.add(pair)

    def warn(self, text: str) -> None:
        if text not in self.measured.warnings:
            self.measured.warnings.append(text)

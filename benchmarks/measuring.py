"""The measuring loop: asks each contender each question (shape) in turn, and notes the times.

A contender is one way to get an answer, such as the API, a page, plain SQL or another program.
"""

import http.client
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from statistics import median, quantiles
from urllib.parse import urlencode

from benchmarks import datasette
from benchmarks.servers import Server

Query = dict[str, str]
Counts = dict[str, dict[str, int]]  # how many programmes have a value, by facet and value
Pair = tuple[str, str]  # contender and shape

FACETS = "country,level,kind,organisation,status,funding,duration"
# Seconds without use after which a connection is renewed; Datasette closes it after five seconds.
IDLE = 2
# Values of the site's facets that stand for several others, or for none.
SPECIAL = {"none", "higher", "vocational"}
EMPTY = {"", "null"}
COMPRESSED = {"Accept-Encoding": "gzip, br"}


class WrongAnswer(Exception):
    """A contender answered with another status than expected, so its time means nothing."""


@dataclass(frozen=True)
class Answer:
    """One answer, with its time in seconds from the first byte sent to the last byte received."""

    seconds: float
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def wire_bytes(self) -> int:
        """Return the size of the answer in bytes, including its headers."""
        lines = sum(len(name) + len(value) + 4 for name, value in self.headers.items())
        return lines + len("HTTP/1.1 200 OK\r\n\r\n") + len(self.body)


class Contender:
    """One way to get answers: a server, a function from a query to its address, one connection."""

    def __init__(
        self,
        name: str,
        server: Server,
        address: Callable[[Query], str],
        total: str = "",
        is_conditional: bool = False,
        counts: Callable[[dict], Counts] | None = None,
    ) -> None:
        self.name = name
        self.address = address
        self.counts = counts  # reads the counts of facets from its JSON
        self.total = total  # the key of its JSON with the number of programmes found; "" if none
        self.is_conditional = is_conditional
        self.connection = server.connect()
        self.used = 0.0
        self.tags: dict[tuple[str, date], str] = {}

    def ask(self, query: Query, headers: dict[str, str] | None = None) -> Answer:
        """Ask once; raise WrongAnswer for a status other than 200, or 304 if a tag was sent."""
        address = self.address(query)
        key = (address, datetime.now(UTC).date())  # an answer may be another one after midnight
        tag = self.tags.get(key, "") if self.is_conditional else ""
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
            self.tags[key] = answer.headers["ETag"]
        return answer

    def keep_connected(self) -> None:
        """Reconnect after a pause, so that no measured time includes connecting."""
        if time.monotonic() - self.used > IDLE:
            self.connection.close()
            self.connection.connect()

    def found(self, answer: Answer) -> int | None:
        """Return the number of found programmes that an answer states, or None."""
        return json.loads(answer.body)[self.total] if self.total else None

    def counted(self, answer: Answer) -> Counts:
        """Return the counts of all facets but the organisations, of which only some are told."""
        told = self.counts(json.loads(answer.body)) if self.counts else {}
        return {
            name: {value: number for value, number in values.items() if number}
            for name, values in told.items()
            if name != "organisation"
        }


def at(path: str, **more: str) -> Callable[[Query], str]:
    """Return a function from a query to an address: `path` with the query and `more`."""
    return lambda query: f"{path}?{urlencode({**query, **more})}"


def read_ours(answer: dict) -> Counts:
    """Return the counts of the site's own JSON, without the values that no vocabulary has."""
    return {
        name: {one["value"]: one["count"] for one in values if one["value"] not in SPECIAL}
        for name, values in answer["facets"].items()
    }


def read_theirs(answer: dict) -> Counts:
    return {
        name: {value: number for value, number in values.items() if value not in EMPTY}
        for name, values in answer["facets"].items()
    }


def contenders(site: Server, uncached: Server, others: dict[str, Server]) -> list[Contender]:
    """Return all contenders: the site's own and its reference views, and those of `others`."""
    rows = at("/api/v1/programmes/", facets=FACETS)
    page = at("/programmes/")
    return [
        Contender("empty", site, at("/bench/empty/")),
        Contender("JSON", site, rows, "count", counts=read_ours),
        Contender("304", site, rows, is_conditional=True),
        Contender("page", site, page),
        Contender("page without queries", site, at("/bench/page/")),
        Contender("SQL", site, at("/bench/sql/"), "count", counts=read_theirs),
        Contender("DRF", site, at("/bench/drf/"), "count"),
        Contender("JSON, no cards kept", uncached, rows, "count"),
        Contender("page, no cards kept", uncached, page),
        *(contender(name, server) for name, server in others.items()),
    ]


def contender(name: str, server: Server) -> Contender:
    """Return another program as a contender."""
    if name == "Datasette":
        # It counts a facet among what its own values leave, which is another question.
        return Contender(name, server, datasette.address, "filtered_table_rows_count")
    return Contender(name, server, at("/"), "count", counts=read_theirs)


@dataclass(frozen=True)
class Times:
    """Statistics of the times of some answers, in milliseconds."""

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
    """Results of one loop: seconds by contender and shape, what is told by shape, warnings."""

    seconds: dict[Pair, list[float]] = field(default_factory=lambda: defaultdict(list))
    totals: dict[str, dict[str, int]] = field(default_factory=dict)
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    # Whose counts of facets were compared, by shape.
    compared: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def times(self, contender: str) -> dict[str, Times]:
        """Return the statistics of a contender's times, by shape."""
        return {
            shape: Times.of(seconds)
            for (name, shape), seconds in self.seconds.items()
            if name == contender
        }


class Loop:
    """Asks all contenders by turns, so that a slow spell of the machine hits all alike."""

    def __init__(self, contenders: Iterable[Contender], shapes: list[dict], budget: float) -> None:
        self.contenders = list(contenders)
        self.shapes = shapes
        self.budget = budget  # seconds in all for one contender and shape
        self.measured = Measured()
        self.too_slow: set[Pair] = set()

    def warm_up(self) -> None:
        """Ask each contender each shape once, unmeasured, and compare the totals they report."""
        for shape in self.shapes:
            answers = {one.name: self.first(one, shape) for one in self.contenders}
            self.compare(shape, answers)
        for contender in self.contenders:
            if contender.name == "page":
                self.weigh(contender)

    def first(self, contender: Contender, shape: dict) -> Answer:
        answer = contender.ask(shape["query"])
        if contender.is_conditional:
            contender.ask(shape["query"])
        pair = (contender.name, shape["name"])
        # If one answer already takes the whole budget, it is kept as the only measured time.
        if answer.seconds > self.budget:
            self.measured.seconds[pair].append(answer.seconds)
            self.too_slow.add(pair)
        return answer

    def compare(self, shape: dict, answers: dict[str, Answer]) -> None:
        """Note a warning if totals or counts differ, except for text searches, which may differ."""
        pairs = [(one, answers[one.name]) for one in self.contenders]
        told = {one.name: one.found(answer) for one, answer in pairs}
        found = {name: total for name, total in told.items() if total is not None}
        self.measured.totals[shape["name"]] = found
        if shape["is_text"]:
            return
        if len(set(found.values())) > 1:
            totals = ", ".join(f"{name} {total}" for name, total in found.items())
            self.warn(f"Totals differ for “{shape['name']}”: {totals}.")
        counted = {one.name: counts for one, answer in pairs if (counts := one.counted(answer))}
        self.measured.compared[shape["name"]] = list(counted)
        for name, counts in counted.items():
            for facet in counts:
                if counts[facet] != counted["JSON"][facet]:
                    self.warn(f"{name} counts {facet} otherwise for “{shape['name']}”.")

    def weigh(self, contender: Contender) -> None:
        for shape in self.shapes:
            plain = contender.ask(shape["query"]).wire_bytes
            compressed = contender.ask(shape["query"], COMPRESSED).wire_bytes
            self.measured.sizes[shape["name"]] = (plain, compressed)

    def run(self, rounds: int) -> Measured:
        """Warm up, then ask in rounds that each begin with another contender; return results."""
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

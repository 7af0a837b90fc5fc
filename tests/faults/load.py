"""A steady load of requests on a site, and what is right to answer while its database is away."""

import json
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from threading import Event, Lock, Thread

SLUG = "jet-net-nl"
RECORD = f"/api/v1/programmes/{SLUG}/"
MIXED = (
    "/",
    "/programmes/",
    "/programmes/?country=NL",
    f"/programmes/{SLUG}/",
    "/countries/",
    "/programmes.csv",
    "/api/v1/programmes/?facets=all",
    "/api/v1/programmes/?page_size=100&sort=newest",
    RECORD,
    "/api/v1/organisations/",
    "/feeds/programmes.atom",
    "/sitemap.xml",
)
API = tuple(path for path in MIXED if path.startswith("/api/"))
# What memory holds of these once they were asked for: all that a list shows.
IN_MEMORY = frozenset(
    ["/", "/programmes/", "/programmes/?country=NL", "/sitemap.xml"]
    + [path for path in API if "jet-net" not in path]
)
NOTICE = re.compile(
    r'\s*<div class="wrap">\s*<div class="alert" role="status">.*?</div>\s*</div>', re.S
)
PROMISED = 8  # seconds within which every answer comes
LONGEST = 20


@dataclass(frozen=True)
class Seen:
    """An answer, with when it was asked for and how long it took; status 0 if there was none."""

    path: str
    at: float
    seconds: float
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_from_memory(self) -> bool:
        return "Warning" in self.headers

    @property
    def kind(self) -> str:
        return f"{self.status} from memory" if self.is_from_memory else str(self.status)

    @property
    def text(self) -> str:
        """Return the body without the words that it is from memory."""
        return NOTICE.sub("", self.body.decode())


def ask(port: int, path: str, begun: float = 0, tag: str = "") -> Seen:
    """Ask as an independent client does, over a connection of its own.

    With the tag of an earlier answer, ask whether that is still current.
    """
    at = time.monotonic()
    asked = HTTPConnection("127.0.0.1", port, timeout=LONGEST)
    status, headers, body = 0, {}, b""
    try:
        known = {"If-None-Match": tag} if tag else {}
        asked.request("GET", path, headers={"Connection": "close", **known})
        answer = asked.getresponse()
        headers, body = dict(answer.getheaders()), answer.read()
        status = answer.status
    # A file whose sending broke off, or no answer at all.
    except (OSError, HTTPException) as error:
        headers = {"Failed": repr(error)}
    finally:
        asked.close()
    return Seen(path, at - begun, time.monotonic() - at, status, headers, body)


@dataclass
class Load:
    """Requests at a steady rate, whether or not earlier ones are answered, and their answers."""

    port: int
    paths: Sequence[str]
    rate: float
    begun: float = field(default_factory=time.monotonic)
    seen: list[Seen] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    @property
    def now(self) -> float:
        return time.monotonic() - self.begun

    def ask_one(self, path: str) -> None:
        found = ask(self.port, path, self.begun)
        with self.lock:
            self.seen.append(found)

    def run(self, stopping: Event) -> None:
        threads = []
        while not stopping.is_set():
            path = self.paths[len(threads) % len(self.paths)]
            threads.append(Thread(target=self.ask_one, args=(path,), daemon=True))
            threads[-1].start()
            stopping.wait(max(0, len(threads) / self.rate - self.now))
        for thread in threads:
            thread.join()


@contextmanager
def under_load(port: int, paths: Sequence[str], rate: float) -> Iterator[Load]:
    """Ask at a steady rate within the block, and wait for all answers at its end."""
    load, stopping = Load(port, paths, rate), Event()
    asking = Thread(target=load.run, args=(stopping,), daemon=True)
    asking.start()
    try:
        yield load
    finally:
        stopping.set()
        asking.join()


def find_wrong(seen: Sequence[Seen], right: Mapping[str, str]) -> list[str]:
    """Return what is wrong with answers: neither the right text nor a 503 that says when to ask.

    A file that was cut off is right to have no end.
    """
    wrong = []
    for one in seen:
        is_right = one.status == 200 and one.text == right[one.path]
        is_refusal = one.status == 503 and "Retry-After" in one.headers and is_problem(one)
        is_cut = one.status == 0 and one.path.endswith(".csv") and "Incomplete" in str(one.headers)
        if one.seconds > PROMISED or not (is_right or is_refusal or is_cut):
            wrong.append(f"{one.path} {one.kind} in {one.seconds:.1f} s: {one.headers}")
    return wrong


def is_problem(one: Seen) -> bool:
    """Whether a refusal has problem details under /api/, and a page elsewhere."""
    if not one.path.startswith("/api/"):
        return one.headers["Content-Type"].startswith("text/html")
    return bool(json.loads(one.body)["status"] == one.status)


def describe(name: str, load: Load) -> str:
    """Return a line about the answers under a load, for whoever reads the log of a trial."""
    kinds = Counter(one.kind for one in load.seen)
    slowest = max(one.seconds for one in load.seen)
    rate = len(load.seen) / load.now
    return f"{name}: {rate:.0f}/s, {dict(kinds)}, slowest {slowest:.1f} s"

"""`python -m benchmarks.pages`: how fast pages load on a mid-range phone with a slow connection.

Gunicorn serves the real catalogue. Chromium plays a phone whose processor is four times slower, on
a connection of 1.6 Mbit/s with 150 ms latency, with an empty cache for each visit. “Paint” is the
Web Vital Largest Contentful Paint, “shift” is Cumulative Layout Shift.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Collection, Iterator, Mapping
from statistics import median
from typing import Any, NamedTuple

from playwright.sync_api import Browser, CDPSession, sync_playwright

from benchmarks.databases import FOLDER, collect_static, environment, manage
from benchmarks.report import Lines, head, machine, number, row
from benchmarks.servers import HOST, Server, site

PAGES = {
    "home": "/",
    "programmes": "/programmes/",
    "programmes, narrowed": "/programmes/?country=NL&country=FI&level=3&q=school",
    "programmes as a table": "/programmes/?country=NL&view=table",
    "programmes on a map": "/programmes/?level=1&view=map",
    "programmes on a timeline": "/programmes/?country=NL&view=timeline",
    "a programme": "/programmes/jet-net-nl/",
    "comparison": "/programmes/compare/?programme=jet-net-nl&programme=stem-teacher-academy",
    "insights": "/insights/",
    "countries": "/countries/",
    "a country": "/countries/nl/",
    "organisations": "/organisations/",
    "an organisation": "/organisations/shell/",
    "a guide": "/guides/obstacles/",
    "about": "/about/",
    "documentation of the API": "/api/v1/docs/",
}
PHONE = {"width": 390, "height": 844}
LINE = {
    "offline": False,
    "latency": 150,  # ms
    "downloadThroughput": 1_600_000 / 8,  # bytes a second
    "uploadThroughput": 750_000 / 8,
}
SLOWER = 4
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic")

# JavaScript that runs after loading: the largest paint, and which elements moved.
VITALS = """() => new Promise((tell) => {
  const found = { paint: 0, largest: "", shift: 0, moved: [] };
  const named = (one) => one ? `${one.nodeName.toLowerCase()}.${one.className}` : "";
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) {
      found.paint = one.startTime;
      found.largest = named(one.element);
    }
  }).observe({ type: "largest-contentful-paint", buffered: true });
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) {
      found.shift += one.value;
      found.moved.push(...one.sources.map((source) => named(source.node)));
    }
  }).observe({ type: "layout-shift", buffered: true });
  found.first_byte = performance.getEntriesByType("navigation")[0].responseStart;
  setTimeout(() => tell(found), 300);
})"""


class Visit(NamedTuple):
    """Measurements of one visit to a page: times in ms, sizes in bytes."""

    first_byte: float
    paint: float
    shift: float
    size: int
    requests: int
    moved: tuple[str, ...]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks.pages", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each page is visited (5)")
    parser.add_argument("--only", choices=PAGES, action="append", help="a page; more than once")
    return parser.parse_args()


def catalogue() -> str:
    """Return the URL of an SQLite database that is seeded with the real catalogue's fixtures."""
    url = f"sqlite:///{FOLDER / 'catalogue.sqlite3'}"
    manage(url, "migrate", "--verbosity", "0")
    manage(url, "seed", "--verbosity", "0")
    return url


class Transfer:
    """Counts the requests of a page and the bytes that they transfer."""

    def __init__(self, session: CDPSession) -> None:
        self.size = self.requests = 0
        session.on("Network.loadingFinished", self.finished)

    def finished(self, event: Mapping[str, Any]) -> None:
        self.size += int(event["encodedDataLength"])
        self.requests += 1


def visit(browser: Browser, address: str) -> Visit:
    """Open a page in a fresh browser context, without cache or cookies, and measure it."""
    context = browser.new_context(viewport=PHONE, device_scale_factor=2, is_mobile=True)
    try:
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", LINE)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        transfer = Transfer(session)
        page.goto(address)
        page.wait_for_load_state("networkidle")
        found = page.evaluate(VITALS)
    finally:
        context.close()
    return Visit(
        found["first_byte"],
        found["paint"],
        found["shift"],
        transfer.size,
        transfer.requests,
        tuple(found["moved"]),
    )


def visits(server: Server, pages: Collection[str], rounds: int) -> dict[str, list[Visit]]:
    """Visit these pages in rounds, so that a slow spell of the machine hits all alike."""
    found: dict[str, list[Visit]] = {name: [] for name in pages}
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        for number_of_round in range(rounds + 1):
            for name in pages:
                one = visit(browser, f"http://{HOST}:{server.port}{PAGES[name]}")
                if number_of_round:  # the first is a warm-up
                    found[name].append(one)
        browser.close()
    return found


def report(found: Mapping[str, list[Visit]]) -> Lines:
    yield machine()
    yield from head(
        "page", "first byte, ms", "largest paint, ms", "slowest", "most moved", "kB", "requests"
    )
    for name, several in found.items():
        paints = [one.paint for one in several]
        yield row(
            name,
            number(median(one.first_byte for one in several)),
            number(median(paints)),
            number(max(paints)),
            f"{max(one.shift for one in several):.3f}",
            number(median(one.size for one in several) / 1000),
            median(one.requests for one in several),
        )
    yield from moved(found)


def moved(found: Mapping[str, list[Visit]]) -> Iterator[str]:
    for name, several in found.items():
        if elements := sorted({element for one in several for element in one.moved}):
            yield f"\nMoved on “{name}”: {', '.join(elements)}"


def main() -> None:
    options = arguments()
    FOLDER.mkdir(parents=True, exist_ok=True)
    url = catalogue()
    collect_static(url)
    own = {**environment(url), "DJANGO_SETTINGS_MODULE": "stemobs.settings"}
    with site("the site", own, FOLDER / "servers.log") as server:
        for line in report(visits(server, options.only or PAGES, options.rounds)):
            sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()

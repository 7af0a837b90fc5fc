"""The look of every kind of page: accessible, nothing cut off, light to load, fit for printing."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, expect

from tests import chance
from tests.browser.readers import Reader
from tests.browser.visits import CURATOR, Visit
from tests.browser.walking import FIRST_ALIKE, RECORD, WALK

PAGES = {
    "home": "/",
    "programmes": "/programmes/",
    "programmes, narrowed": "/programmes/?country=NL&country=FI&level=3&evidence=none&q=school",
    "programmes, none": "/programmes/?q=zzzz&country=NL",
    "programmes, mistyped": "/programmes/?contry=NL&level=99",
    "programmes, one": "/programmes/?country=EE&evidence=monitored",
    "programmes, none of long names": (
        "/programmes/?organisation=government-of-the-netherlands&kind=stem-support-materials"
    ),
    "programmes, none of a long word": f"/programmes/?q={'x' * 150}&country=NL&view=table",
    "programmes as a table": "/programmes/?country=NL&view=table",
    "programmes on a map": "/programmes/?level=1&view=map",
    "programmes on a timeline": "/programmes/?country=NL&view=timeline",
    "comparison": "/programmes/compare/?programme=jet-net-nl&programme=stem-teacher-academy",
    "comparison of nothing": "/programmes/compare/",
    "search": "/search/?q=school",
    "what was found": "/evidence/",
    "insights": "/insights/",
    "an insight": "/insights/gaps/",
    "an insight with numbers": "/insights/timeline/",
    "a programme with much": "/programmes/jet-net-nl/",
    "a programme with little": "/programmes/stem-at-home/",
    "organisations": "/organisations/?type=company",
    "an organisation": "/organisations/shell/",
    "countries": "/countries/",
    "a country": "/countries/nl/",
    "a country without a programme": "/countries/va/",
    "platforms": "/platforms/",
    "a platform": "/platforms/",
    "strategies": "/strategies/",
    "a strategy": "/strategies/",
    "guides": "/guides/",
    "a guide": "/guides/obstacles/",
    "a guide with programmes": "/guides/initiative-kinds/",
    "a guide in groups": "/guides/glossary/",
    "planner": "/guides/plan/",
    "obstacle finder": "/guides/obstacles/finder/?obstacle=partners,schedules",
    "two countries beside each other": "/guides/task-force-outcomes/countries/",
    "worksheet": "/guides/transfer-conditions/worksheet/?idea=jet-net-nl..tektanken&time=partly",
    "first steps": "/start/",
    "a first step": "/start/company/?country=SK&time=day",
    "a plan": "/guides/plan/?g1-clear-outcomes=not-yet&g2-curriculum=partly&c4-girls=yes",
    "about": "/about/",
    "data": "/about/data/",
    "documentation of the API": "/api/v1/docs/",
    "a suggestion": "/suggest/?programme=jet-net-nl",
}
FIRST_OF = {"a platform", "a strategy"}  # the first entry of the list at that address
# Kinds of pages with a layout of their own; only `./dev trial` examines all kinds.
LAYOUTS = {
    "home", "programmes", "programmes as a table", "programmes on a map", "comparison", "search",
    "what was found", "an insight", "a programme with much", "an organisation", "a country",
    "a guide", "a plan", "data", "documentation of the API", "a suggestion",
}  # fmt: skip


def by_turns(turn: int) -> pytest.MarkDecorator:
    """Give a test every third layout, from the first, second or third on; a trial takes all."""
    layouts = [kind for kind in PAGES if kind in LAYOUTS][turn::3]
    marks = {kind: [] if kind in layouts else pytest.mark.trial for kind in PAGES}
    kinds = [pytest.param(kind, marks=mark) for kind, mark in marks.items()]
    return pytest.mark.parametrize("kind", kinds)


WIDTHS = (1440, 390, 320)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RULES = [*WCAG, "best-practice"]

# JavaScript that lists boxes wider than the window and texts cut off, except where one can scroll.
OVERFLOW = """() => {
  const faults = [];
  const width = document.documentElement.clientWidth;
  const whole = document.documentElement.scrollWidth;
  if (whole > width) faults.push(`the page is ${whole} wide`);
  const scrolls = (element) => {
    for (let e = element; e && e !== document.body; e = e.parentElement) {
      if (["auto", "scroll"].includes(getComputedStyle(e).overflowX)) return true;
    }
    return false;
  };
  for (const element of document.body.querySelectorAll("*")) {
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2 || element.closest("svg, .vh, .skip, input")) continue;
    const words = element.textContent.trim().slice(0, 40);
    const name = `${element.tagName.toLowerCase()}.${element.className}: ${words}`;
    const outside = box.right > width + 1 || box.left < -1;
    if (outside && !scrolls(element)) faults.push(`outside: ${name}`);
    const hides = ["hidden", "clip"].includes(style.overflowX) && !element.querySelector("figure");
    if (hides && element.scrollWidth > element.clientWidth + 1) faults.push(`cut: ${name}`);
  }
  return faults;
}"""


def open_page(page: Page, kind: str) -> None:
    page.goto(PAGES[kind])
    if kind in FIRST_OF:
        path = PAGES[kind]
        first = page.locator(f"main a[href^='{path}']:not([href='{path}'])").first
        page.goto(first.get_attribute("href"))
    expect(page.locator("h1")).to_be_visible()


def widths_to_examine(kind: str) -> tuple[int, ...]:
    """Return the widths at which axe examines a page: both in a trial, else one by turns.

    Only a trial examines pages that share a layout with another.
    """
    if chance.TIMES:
        return WIDTHS[:2]
    turn = [*PAGES].index(kind) % 2
    return WIDTHS[turn : turn + 1] if kind in LAYOUTS else ()


# JavaScript that leaves it to axe to examine the colours of some elements among many alike.
SOME_COLOURS = f"""() => {{
  {FIRST_ALIKE}
  for (const one of firstAlike([...document.body.querySelectorAll("*")], 8)) {{
    one.setAttribute("data-examined", "");
  }}
  axe.configure({{ rules: [{{ id: "color-contrast", selector: "[data-examined]" }}] }});
}}"""


def find_violations(page: Page, rules: list[str] = RULES) -> list[str]:
    """Return violations that axe finds; its script is added to the page at the first call."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(Axe().axe_script)
    if not chance.TIMES:
        page.evaluate(SOME_COLOURS)
    # A label must begin with the words that are seen; axe leaves this rule out if not asked for it.
    named = {"label-content-name-mismatch": {"enabled": True}} if rules == RULES else {}
    options: dict[str, Any] = {"runOnly": rules, "rules": named, "resultTypes": ["violations"]}
    found = page.evaluate("(options) => axe.run(options)", options)["violations"]
    return [
        f"{rule['id']}: {node['target']} {node.get('failureSummary', '')[:300]}"
        for rule in found
        for node in rule["nodes"][:3]
    ]


@pytest.mark.parametrize("kind", chance.thin(PAGES, 4))
def test_a_page_is_accessible_and_not_cut_off_at_any_width(page: Page, kind: str) -> None:
    open_page(page, kind)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(OVERFLOW) == [], width
        if width not in widths_to_examine(kind):
            continue
        page.emulate_media(color_scheme="light")
        assert find_violations(page) == [], width
        # The dark theme differs only in colours.
        page.emulate_media(color_scheme="dark")
        assert find_violations(page, ["color-contrast"]) == [], width


ERRORS = {
    f"/{'x' * 150}/": 404,
    f"/programmes/{'x' * 150}/": 404,
    "/countries/zz/": 404,
    "/programmes/?page=999": 404,
    f"/programmes.csv?{'x' * 150}=1": 400,
    "/%00": 400,
}


def test_pages_about_errors_are_accessible_and_not_cut_off(browser: Browser, site: str) -> None:
    page = browser.new_page(base_url=site)  # not watched: Chromium reports the status as an error
    for address, status in ERRORS.items():
        response = page.goto(address)
        assert response is not None
        assert response.status == status, address
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(OVERFLOW) == [], (address, width)
        assert find_violations(page) == [], address
    page.close()


def test_with_all_filters_open_the_list_is_accessible_and_not_cut_off(page: Page) -> None:
    page.goto("/programmes/")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        assert page.evaluate(OVERFLOW) == [], width
    page.emulate_media(color_scheme="dark")
    assert find_violations(page) == []


# --- The keyboard ---------------------------------------------------------------------------------


@by_turns(0)
def test_the_keyboard_goes_through_a_page_as_the_eye_does(page: Page, kind: str) -> None:
    open_page(page, kind)
    for width in WIDTHS[:2]:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(WALK) == [], width


@pytest.mark.parametrize("kind", ["programmes as a table", "comparison", "what was found"])
def test_each_press_of_tab_reaches_the_next_stop_in_any_browser(reader: Reader, kind: str) -> None:
    reader.resize(390, 844)
    reader.open(PAGES[kind])
    assert reader.evaluate(WALK) == []
    reader.reload()
    number = reader.evaluate(RECORD)
    reader.press(*["Tab"] * (number + 5))
    assert reader.evaluate("walked")[:number] == [*range(number)]


# --- Readers' own settings, and other languages ---------------------------------------------------

READING = ("home", "programmes", "a programme with much", "a country", "organisations", "data")


def find_sideways_scrolling(page: Page) -> list[str]:
    return [fault for fault in page.evaluate(OVERFLOW) if fault.startswith("the page is")]


def test_pages_with_letters_twice_as_large_do_not_scroll_sideways(
    chromium: Callable[..., Browser], site: str
) -> None:
    """WCAG 1.4.4: the font size of the browser is set to 32 pixels instead of 16."""
    browser = chromium("--blink-settings=defaultFontSize=32")
    page = browser.new_page(base_url=site, viewport={"width": 1280, "height": 900})
    for kind in READING:
        open_page(page, kind)
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
        assert find_sideways_scrolling(page) == [], kind
    browser.close()


# JavaScript that makes all texts 40 percent longer and adds accents, as a translation might.
LONGER = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  for (const node of nodes) {
    const text = node.textContent.trim();
    if (!text || node.parentElement.closest("svg, .num, script")) continue;
    const extra = Math.ceil(text.length * 0.4);
    const more = " åïő".repeat(extra).slice(0, extra);
    node.textContent = ` ${text.replace(/[aeiou]/g, "ë")}${more} `;
  }
}"""
# JavaScript that adds a word longer than any screen to each text, as names and searches may have.
# Our own short words that never break stay as they are.
LONG_WORDS = """() => {
  const word = "Donaudampfschifffahrtsgesellschaft".repeat(4);
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  for (const node of nodes) {
    const holder = node.parentElement;
    if (node.textContent.trim().length < 4 || getComputedStyle(holder).whiteSpace !== "normal") {
      continue;
    }
    if (holder.closest("svg, table, .btn, .num, .seg, .k, label, select, summary")) continue;
    node.textContent += word;
  }
}"""
# JavaScript that lists numbers which break over two lines or whose parts change order.
BROKEN = r"""() => [...document.querySelectorAll("main .num")].filter(
  (number) => /^[\d,.\s]+$/.test(number.textContent) && number.getClientRects().length > 1
).map((number) => number.outerHTML)"""


@by_turns(1)
def test_a_page_from_right_to_left_or_with_longer_words_does_not_scroll_sideways(
    page: Page, kind: str
) -> None:
    """As in other languages: the page is set from right to left, then with longer words."""
    open_page(page, kind)
    page.evaluate("document.documentElement.dir = 'rtl'")
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert find_sideways_scrolling(page) == [], width
    assert page.evaluate(BROKEN) == []
    page.evaluate("document.documentElement.dir = 'ltr'")
    for change in (LONGER, LONG_WORDS):
        page.evaluate(change)
        for width in (1440, 390, 320)[: 2 if change == LONGER else 3]:
            page.set_viewport_size({"width": width, "height": 900})
            assert find_sideways_scrolling(page) == [], width


# JavaScript that lists current links which look like other links. Forced colours replace
# backgrounds, so a background must not be their only mark.
UNMARKED = """() => {
  const look = (element) => {
    const style = getComputedStyle(element);
    return [style.borderBlockEndColor, style.backgroundColor, style.color].join();
  };
  return [...document.querySelectorAll("nav a[aria-current]")].filter((one) => {
    const other = one.closest("nav").querySelector("a:not([aria-current])");
    return other && look(one) === look(other);
  }).map((one) => one.outerHTML);
}"""


@pytest.mark.parametrize("kind", ["home", "programmes", "a programme with much", "insights"])
def test_in_forced_colours_current_links_and_focus_can_be_seen(page: Page, kind: str) -> None:
    page.emulate_media(forced_colors="active")
    open_page(page, kind)
    assert page.evaluate(UNMARKED) == []
    assert page.evaluate(OVERFLOW) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"


SPACING = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
    word-spacing: .16em !important } p { margin-bottom: 2em !important }`);
  document.adoptedStyleSheets.push(sheet);
  document.querySelector(".basket").open = true;
}"""

# JavaScript that lists what moves: transitions, animations and smooth scrolling.
MOVING = """() => [...document.querySelectorAll("*")].filter((element) => {
  const style = getComputedStyle(element);
  const lasts = (times) => times.split(",").some((time) => parseFloat(time) > 0);
  return lasts(style.transitionDuration) || lasts(style.animationDuration) ||
    style.scrollBehavior === "smooth";
}).map((element) => element.outerHTML.slice(0, 80))"""


@by_turns(2)
def test_a_page_keeps_to_the_settings_of_its_readers(page: Page, kind: str) -> None:
    """WCAG 1.4.12 and 2.3.3; the fixture `page` asks for reduced motion."""
    open_page(page, kind)
    assert page.evaluate(MOVING) == []
    page.evaluate(SPACING)
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(OVERFLOW) == [], width


# --- Weight of a visit ----------------------------------------------------------------------------

MOST_BYTES = 150_000
MOST_REQUESTS = 13  # ten, two for a map or a timeline, one for the search and the comparison
MOST_SHIFT = 0.1  # “good” by Web Vitals: on a slow machine, fonts may load after the first paint
LIST_BYTES = 18_000  # the HTML of 25 programmes with linked data, without styles and scripts

SHIFT = """() => new Promise((tell) => {
  let moved = 0;
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) moved += one.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => tell(moved), 200);
})"""


def count_bytes(request: Request) -> int:
    sizes = request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]


@by_turns(1)
def test_a_first_visit_loads_few_bytes_with_few_requests_and_shifts(
    visitor: Visit, kind: str
) -> None:
    finder = visitor()
    open_page(finder, kind)
    page = visitor()  # with an empty cache
    loaded: list[Request] = []
    page.on("requestfinished", lambda request: loaded.append(request))
    page.goto(finder.url)
    page.wait_for_load_state("networkidle")
    sizes = {request.url: count_bytes(request) for request in loaded}
    assert sum(sizes.values()) <= MOST_BYTES, sizes
    # Fonts for other alphabets load only for some names, so they do not count.
    first = [url for url in sizes if not re.search("sofia-sans-(latin-ext|greek|cyrillic)", url)]
    assert len(first) <= MOST_REQUESTS, first
    assert page.evaluate(SHIFT) <= MOST_SHIFT


def test_the_html_of_the_list_is_small(page: Page) -> None:
    response = page.goto("/programmes/")
    assert response is not None
    assert response.request.sizes()["responseBodySize"] <= LIST_BYTES


@pytest.mark.trial
def test_the_benchmark_of_pages_prints_plausible_measurements(tmp_path: Path) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks.pages", "--rounds", "1", "--only", "about"],
        env={**os.environ, "BENCH_FOLDER": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    cells = re.search(r"\| about \| (.+) \|", finished.stdout)
    assert cells, finished.stdout
    first_byte, paint, slowest, _moved, kilobytes, requests = map(
        float, cells[1].replace(",", "").split(" | ")
    )
    assert 0 < first_byte < paint <= slowest
    assert kilobytes * 1000 <= MOST_BYTES
    assert requests <= MOST_REQUESTS


# --- Printing -------------------------------------------------------------------------------------


SHEETS = {
    "programmes": 12,
    "a programme with much": 4,
    "a programme with little": 3,
    "a country": 3,
    "a guide": 8,
}
SHEET = re.compile(rb"/Type /Page\b")


@pytest.mark.parametrize(("kind", "most"), SHEETS.items())
def test_a_printed_page_fits_the_paper_and_has_few_sheets(page: Page, kind: str, most: int) -> None:
    open_page(page, kind)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 700, "height": 1000})  # A4 without margins
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("nav.nav")).to_be_hidden()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 700
    assert len(SHEET.findall(page.pdf(format="A4"))) in range(1, most + 1)
    if kind.startswith("a programme"):
        expect(page.locator("#sources li").first).to_be_visible()


@pytest.mark.parametrize("address", ["/admin/login/", "/admin/", "/admin/programmes/programme/"])
def test_the_admin_is_accessible(page: Page, address: str) -> None:
    if address != "/admin/login/":
        page.goto("/admin/login/")
        page.get_by_label("Username").fill(CURATOR[0])
        page.get_by_label("Password").fill(CURATOR[1])
        page.get_by_role("button", name="Log in").click()
    page.goto(address)
    rules = RULES if address == "/admin/login/" else WCAG  # headings and labels are Django's
    assert find_violations(page, rules) == []

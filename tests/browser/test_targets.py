"""Links on maps and timelines are large enough to be pressed, and the focus is always seen."""

import pytest
from playwright.sync_api import Browser, Page

PAGES = {
    "programmes on a map": "/programmes/?level=1&view=map",
    "all programmes on a map": "/programmes/?view=map",
    "programmes on a timeline": "/programmes/?country=NL&view=timeline",
    "home": "/",
    "countries": "/countries/",
    "a country": "/countries/nl/",
}
LEAST = 24  # CSS pixels, WCAG 2.5.8

# JavaScript that lists links of maps, of their lists and of timelines which are too small. The area
# of a dot is the circle around it. Links that take no clicks are decoration.
SMALL = """(least) => {
  const links = [...document.querySelectorAll(".map a, .list-map a, .tl a")].filter(
    (link) => getComputedStyle(link).pointerEvents !== "none"
  );
  return links.map((link) => [link, link.querySelector(".m-hit") ?? link]).filter(
    ([, area]) => {
      const box = area.getBoundingClientRect();
      return Math.min(box.width, box.height) < least;
    }
  ).map(([link, area]) => `${link.getAttribute("href")} ${area.getBoundingClientRect().height}`);
}"""
# JavaScript that counts links which take clicks, but are hidden from the keyboard, or the reverse.
UNEQUAL = """() => [...document.querySelectorAll(".map a")].filter((link) => {
  const style = getComputedStyle(link);
  return (style.visibility === "hidden") !== (style.pointerEvents === "none");
}).length"""


@pytest.mark.parametrize("kind", PAGES)
def test_links_on_maps_and_timelines_are_large_enough_to_press(page: Page, kind: str) -> None:
    page.goto(PAGES[kind])
    for width in (320, 390, 800, 1000, 1280, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(SMALL, LEAST) == [], width
        assert page.evaluate(UNEQUAL) == 0, width


def test_on_wide_screens_the_dots_of_the_map_of_a_list_are_links(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(PAGES["all programmes on a map"])
    assert page.evaluate("getComputedStyle(document.querySelector('.map a')).visibility") == (
        "visible"
    )


# JavaScript that lists labels of timelines which do not stand above their bar, labels of the axis
# that are cut off or overlap, and labels and bars that go on after today.
AWAY = """() => {
  const faults = [];
  const box = (element) => element.getBoundingClientRect();
  const texts = [...document.querySelectorAll(".tl-years text")].filter((t) => t.checkVisibility());
  for (const text of texts) {
    const place = box(text);
    const drawing = box(text.closest("svg"));
    if (place.left < drawing.left - 1 || place.right > drawing.right + 1) {
      faults.push(`cut: ${text.textContent}`);
    }
    for (const other of texts) {
      const next = box(other);
      const meets = next.left < place.right + 2 && next.right > place.left && other !== text;
      if (meets && next.top < place.bottom && next.bottom > place.top) {
        faults.push(`overlap: ${text.textContent}`);
      }
    }
  }
  for (const row of document.querySelectorAll(".tl-rows > li")) {
    const label = box(row.querySelector("p"));
    const bar = box(row.querySelector("rect, .tl-on"));
    const today = box(row.querySelector(".tl-strip .tl-now")).left;
    if (label.left > bar.left + 1 || label.right < bar.left - 12) faults.push(row.innerText);
    if (label.right > today) faults.push(`across today: ${row.innerText}`);
    for (const part of row.querySelectorAll("rect, .tl-open")) {
      if (box(part).right > today + 1.5) faults.push(`after today: ${row.innerText}`);
    }
  }
  return faults;
}"""


@pytest.mark.parametrize(
    "address",
    ["/programmes/?country=NL&view=timeline", "/countries/be/", "/insights/timeline/",
     "/strategies/", "/platforms/", "/programmes/jet-net-nl/"],
)  # fmt: skip
def test_labels_of_timelines_stand_at_their_bars_and_years_are_whole(
    page: Page, address: str
) -> None:
    page.goto(address)
    for width in (320, 390, 800, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.locator(".tl-rows > li").count()
        assert page.evaluate(AWAY) == [], width


# JavaScript that gives everything the focus in turn and lists elements on which it is not seen: no
# outline on them or around them, and no other paint of a dot.
UNSEEN = """() => {
  const outlined = (element) => {
    for (let one = element, i = 0; one && i < 3; i += 1, one = one.parentElement) {
      const style = getComputedStyle(one);
      if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) return true;
    }
    return false;
  };
  const paint = (element) => [...element.querySelectorAll(".m-dot, .m-hit")].map((dot) => {
    const { fill, stroke, strokeWidth } = getComputedStyle(dot);
    return `${fill} ${stroke} ${strokeWidth}`;
  }).join();
  const unseen = new Set();
  const all = "a[href], button, input, select, summary, textarea, [tabindex='0']";
  for (const element of document.querySelectorAll(all)) {
    document.activeElement.blur();
    const before = paint(element);
    element.focus({ focusVisible: true, preventScroll: true });
    if (document.activeElement !== element || outlined(element)) continue;
    if (paint(element) === before) unseen.add(element.outerHTML.slice(0, 200));
  }
  return [...unseen];
}"""


@pytest.mark.parametrize(
    "address",
    ["/", "/programmes/?country=NL", "/programmes/?country=NL&view=table", "/programmes/?view=map",
     "/programmes/jet-net-nl/", "/countries/nl/", "/guides/plan/", "/insights/gaps/", "/nowhere/"],
)  # fmt: skip
def test_the_focus_is_seen_on_everything_that_can_have_it(
    browser: Browser, site: str, address: str
) -> None:
    page = browser.new_page(base_url=site, viewport={"width": 1280, "height": 900})
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    assert page.evaluate(UNSEEN) == []
    page.emulate_media(forced_colors="active")
    assert page.evaluate(UNSEEN) == []
    page.close()

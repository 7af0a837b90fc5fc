"""Marks without words, such as boxes, dots and hatches: they survive forced colours."""

from typing import Literal

import pytest
from playwright.sync_api import Page

PAGES = {
    "a country": "/countries/nl/",
    "countries": "/countries/",
    "comparison": "/programmes/compare/?programme=jet-net-nl&programme=stem-at-home",
    "a programme with much": "/programmes/jet-net-nl/",
    "a programme with little": "/programmes/stem-at-home/",
    "insights": "/insights/",
    "home": "/",
    "a guide": "/guides/obstacles/",
    "programmes": "/programmes/",
    "programmes as a table": "/programmes/?view=table",
}

# JavaScript that lists all marks: what they are, and how they are painted. A mark is an element or
# ::before without words that has a background, a border or a shadow.
MARKS = r"""() => {
  const clear = "rgba(0, 0, 0, 0)";
  const grounds = [clear, getComputedStyle(document.body).backgroundColor];
  const paint = (style) => [
    grounds.includes(style.backgroundColor) ? "" : style.backgroundColor,
    style.backgroundImage === "none" ? "" : style.backgroundImage,
    style.boxShadow === "none" ? "" : style.boxShadow,
    parseFloat(style.borderTopWidth) && style.borderTopColor !== clear ? style.borderTopColor : "",
  ].join("|");
  const found = [];
  for (const element of document.querySelectorAll("main *")) {
    if (element.closest("svg, input, select, .opt, .hero") || !element.checkVisibility()) continue;
    const before = getComputedStyle(element, "::before");
    const isBox = before.content === '""' && before.display !== "none";
    if (isBox) found.push([element, before]);
    const isEmpty = !element.textContent.trim() && !element.children.length;
    if (isEmpty) found.push([element, getComputedStyle(element)]);
  }
  return found.map(([element, style]) => ({
    name: `${element.tagName}.${element.className} in .${element.parentElement.className}`,
    family: `${element.tagName} ${element.closest("[class]:not(i, li, td, tr)")?.className}`,
    paint: paint(style),
  }));
}"""


def is_painted(mark: dict[str, str]) -> bool:
    return bool(mark["paint"].strip("|"))


@pytest.mark.parametrize("kind", PAGES)
def test_in_forced_colours_every_mark_is_seen_and_different_marks_stay_different(
    page: Page, kind: str
) -> None:
    # Dark and light by turns, as both take long and differ in colours only.
    scheme: Literal["dark", "light"] = "dark" if [*PAGES].index(kind) % 2 else "light"
    page.emulate_media(color_scheme=scheme)
    page.goto(PAGES[kind])
    usual = page.evaluate(MARKS)
    page.emulate_media(color_scheme=scheme, forced_colors="active")
    forced = page.evaluate(MARKS)
    assert [mark["name"] for mark in usual] == [mark["name"] for mark in forced]
    pairs = [pair for pair in zip(usual, forced, strict=True) if is_painted(pair[0])]
    gone = {old["name"] for old, new in pairs if not is_painted(new)}
    assert gone == set()
    looks: dict[tuple[str, str], set[str]] = {}
    for old, new in pairs:
        looks.setdefault((new["family"], new["paint"]), set()).add(old["paint"])
    assert {look: before for look, before in looks.items() if len(before) > 1} == {}

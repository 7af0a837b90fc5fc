"""Charts on the screen: what a map names is whole at every width; marks survive forced colours."""

import pytest
from playwright.sync_api import Page

# JavaScript that lists the marks and names of the map that leave its band or the page. A country
# and its partners stay in the band, dots on a map of Europe may touch its edge.
CUT = """() => {
  const map = document.querySelector(".map");
  const frame = map.parentElement.getBoundingClientRect();
  const marks = [...map.querySelectorAll(".m-own, .m-name, .m-end, .m-dot, .m-small")];
  if (!marks.length) return ["nothing is drawn"];
  return marks.filter((mark) => {
    const box = mark.getBoundingClientRect();
    return box.left < Math.max(0, frame.left - 1)
      || box.right > Math.min(document.documentElement.clientWidth, frame.right + 1)
      || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
  }).map((mark) => mark.textContent || mark.getAttribute("class"));
}"""


# Countries: partners far away, a dot, a large outline.
@pytest.mark.parametrize(
    "address",
    ["/countries/nl/", "/countries/mt/", "/countries/tr/", "/", "/countries/",
     "/programmes/?view=map"],
)  # fmt: skip
def test_a_map_fits_its_band_at_every_width(page: Page, address: str) -> None:
    page.goto(address)
    for width in (320, 390, 768, 900, 1440, 1600):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(CUT) == [], width


# JavaScript that returns the paint of every mark of the drawings in the page, and what the system
# paints the page with.
PAINT = """() => [
  getComputedStyle(document.body).backgroundColor,
  [...document.querySelectorAll("main svg :is(rect, circle, path, line, .map use)")]
    .filter((mark) => mark.checkVisibility() && !mark.closest("defs, .m-grat, .m-ctx"))
    .map((mark) => {
      const { fill, stroke } = getComputedStyle(mark);
      const lines = mark.tagName === "line" ? [stroke] : [fill, stroke];
      return lines.filter((paint) => !["none", "rgba(0, 0, 0, 0)"].includes(paint));
    }),
]"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["/insights/", "/countries/nl/", "/countries/"])
def test_in_forced_colours_every_drawn_mark_is_seen(page: Page, address: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(address)
    ground, usual = page.evaluate(PAINT)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", forced_colors="active")
    canvas, forced = page.evaluate(PAINT)
    assert len(usual) == len(forced) > 50
    seen = [bool({*paints} - {ground}) for paints in usual]
    still = [bool({*paints} - {canvas}) for paints in forced]
    assert [n for n, was in enumerate(seen) if was and not still[n]] == []


def test_in_forced_colours_the_numbers_on_filled_countries_keep_their_contrast(page: Page) -> None:
    fills = """() => [...document.querySelectorAll(".choropleth .m-number")]
      .map((text) => getComputedStyle(text).fill)"""
    page.goto("/countries/")
    usual = page.evaluate(fills)
    page.emulate_media(forced_colors="active")
    assert page.evaluate(fills) == usual
    assert len({*usual}) > 1

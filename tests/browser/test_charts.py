"""Charts on the screen: nothing that a map names is cut, whatever the width of the page."""

import pytest
from playwright.sync_api import Page

# JavaScript that lists the countries, points and names that leave the map at the head of a country.
CUT = """() => {
  const frame = document.querySelector(".cy-map").getBoundingClientRect();
  const marks = [...document.querySelectorAll(".locator :is(.m-own, .m-name, .m-end)")];
  if (!marks.length) return ["nothing is drawn"];
  return marks.filter((mark) => {
    const box = mark.getBoundingClientRect();
    return box.left < frame.left || box.right > frame.right + 1
      || box.top < frame.top || box.bottom > frame.bottom + 1;
  }).map((mark) => mark.textContent || mark.getAttribute("class"));
}"""


# Partners far away, a dot, and a large outline.
@pytest.mark.parametrize("code", ["nl", "mt", "tr"])
def test_the_map_of_a_country_fits_its_band_at_every_width(page: Page, code: str) -> None:
    page.goto(f"/countries/{code}/")
    for width in (320, 390, 768, 900, 1440, 1600):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(CUT) == [], width

"""A record is short, answers without scrolling, and leads to its sources and back."""

import pytest
from playwright.sync_api import Page, expect

# The address of a record, and its greatest height at 1440 and at 390 pixels of width.
HEIGHTS = {
    "with much": ("/programmes/jet-net-nl/", 4_500, 6_800),
    "with three studies": ("/programmes/crest-awards/", 4_500, 7_300),
    "of one source": ("/programmes/ee-teachers-inspiration-tour/", 3_000, 4_800),
}


@pytest.mark.parametrize("kind", HEIGHTS)
def test_a_record_is_not_long_and_answers_without_scrolling(page: Page, kind: str) -> None:
    address, *most = HEIGHTS[kind]
    for (width, height), highest in zip(((1440, 900), (390, 844)), most, strict=True):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollHeight") <= highest
        if width == 1440:
            for part in (*page.locator(".say").all(), page.locator(".go .btn")):
                expect(part).to_be_in_viewport(ratio=1)


def test_a_number_opens_the_fold_of_its_source_which_leads_back(page: Page) -> None:
    page.goto("/programmes/jet-net-nl/")
    number = page.locator("#works sup.ref a").first
    number.click()
    source = page.locator(str(number.get_attribute("href")))
    expect(source).to_be_in_viewport()
    back = source.locator(f"a[href='#{number.get_attribute('id')}']")
    back.click()
    expect(number).to_be_focused()


def test_the_part_that_is_read_is_marked_in_the_contents(page: Page) -> None:
    page.goto("/programmes/jet-net-nl/#takes")
    expect(page.locator(".contents [aria-current]")).to_have_text("What it takes")

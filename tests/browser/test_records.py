"""A record is short, answers without scrolling, and leads to its sources and back."""

import pytest
from playwright.sync_api import Page, Route, expect

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


IS_LAID_OUT = "element => element.checkVisibility({ contentVisibilityAuto: true })"


def test_what_lies_below_the_first_screen_is_laid_out_once_a_page_has_loaded(page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/pictograms.*.svg", hold)
    page.goto("/programmes/jet-net-nl/", wait_until="domcontentloaded")
    foot = page.locator(".site-foot")
    assert not foot.locator("a").first.evaluate(IS_LAID_OUT)
    for route in held:
        route.continue_()
    page.wait_for_load_state()
    assert foot.locator("a").first.evaluate(IS_LAID_OUT)


def test_a_reader_who_goes_to_a_part_gets_the_whole_page_at_once(page: Page) -> None:
    # Never answered, so that the page goes on loading.
    page.route("**/pictograms.*.svg", lambda route: None)
    page.goto("/programmes/jet-net-nl/#from", wait_until="domcontentloaded")
    assert page.locator(".site-foot a").first.evaluate(IS_LAID_OUT)
    expect(page.locator("#from")).to_be_in_viewport()


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

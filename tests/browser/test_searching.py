"""The search box of the header in the browser: suggestions by keyboard and pointer, and without."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.visits import Visit


def type_words(page: Page, words: str, address: str = "/about/") -> Locator:
    """Type words into the search box of the header; return the box once suggestions are there."""
    page.goto(address)
    box = page.get_by_role("combobox", name="Search everything")
    box.press_sequentially(words)
    expect(page.get_by_role("listbox", name="Suggestions")).to_be_visible()
    return box


def test_arrow_keys_choose_a_suggestion_and_enter_follows_it(page: Page) -> None:
    box = type_words(page, "esto")
    options = page.get_by_role("option")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".head-find [role=status]")).to_contain_text("suggestions")
    box.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    box.press("ArrowDown")
    expect(page.locator("[aria-selected=true]")).to_have_count(0)
    box.press("ArrowDown")
    chosen = options.first
    expect(chosen).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", chosen.get_attribute("id") or "?")
    expect(box).to_be_focused()
    box.press("Enter")
    page.wait_for_url("**/countries/ee/")


def test_home_and_end_move_the_caret_and_escape_closes(page: Page) -> None:
    box = type_words(page, "esto")
    box.press("ArrowDown")
    box.press("Home")
    assert box.evaluate("box => box.selectionStart") == 0
    expect(page.locator("[aria-selected=true]")).to_have_count(0)
    box.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).to_have_value("esto")
    box.press("Enter")
    page.wait_for_url("**/search/?q=esto")
    expect(page.get_by_role("heading", level=1)).to_have_text("Results for “esto”")


def test_a_suggestion_can_be_clicked_and_another_place_closes_the_list(page: Page) -> None:
    type_words(page, "esto")
    page.locator("main").click(position={"x": 5, "y": 60})
    expect(page.get_by_role("listbox")).to_have_count(0)
    type_words(page, "jet-net")
    page.get_by_role("option").first.click()
    page.wait_for_url("**/programmes/jet-net-nl/")


def test_an_answer_that_never_comes_holds_up_nothing(page: Page) -> None:
    page.route("**/search/suggestions/?q=es", lambda route: None)
    page.goto("/about/")
    box = page.get_by_role("combobox", name="Search everything")
    with page.expect_request("**/search/suggestions/?q=es"):
        box.press_sequentially("es")
    expect(page.get_by_role("listbox")).to_have_count(0)
    box.press_sequentially("to")
    expect(page.get_by_role("option").first).to_contain_text("Estonia")


@pytest.mark.parametrize("width", [390, 1440])
def test_without_scripts_the_form_finds_the_same(visitor: Visit, width: int) -> None:
    page = visitor(java_script_enabled=False, viewport={"width": width, "height": 900})
    page.goto("/about/")
    if width < 1000:
        page.locator("header").get_by_role("link", name="Search everything").click()
    box = page.get_by_role("searchbox", name="Search everything")
    box.fill("esto")
    box.press("Enter")
    expect(page.get_by_role("heading", name="Countries")).to_be_visible()
    expect(page.locator("main").get_by_role("link", name="Estonia", exact=True)).to_be_visible()

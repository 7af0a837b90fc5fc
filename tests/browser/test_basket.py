"""Programmes chosen for comparison: ticked in lists and records, kept, told, shared by tabs."""

import json
import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from tests.browser.visits import Visit, press_until

HEARD = """() => {
  window.heard = [];
  new MutationObserver(() => heard.push(said.textContent))
    .observe(said, { childList: true, subtree: true });
}"""


def tick(page: Page, *numbers: int) -> list[str]:
    """Tick boxes of the list with the keyboard; return the names of their programmes."""
    boxes = page.locator(".pick input")
    for number in numbers:
        boxes.nth(number).press("Space")
    return [boxes.nth(number).get_attribute("data-name") for number in numbers]


def read_choice(page: Page) -> list[str]:
    return list(json.loads(page.evaluate("localStorage.compare ?? '{}'")))


def open_basket(page: Page) -> None:
    page.locator(".basket summary").press("Enter")


def test_programmes_are_chosen_on_several_pages_and_compared(page: Page) -> None:
    page.goto("/")
    open_basket(page)
    expect(page.locator(".basket .pop")).to_contain_text("Nothing is chosen yet")
    page.goto("/programmes/?country=NL")
    (first,) = tick(page, 0)
    page.goto("/programmes/?country=FI&view=table")
    (second,) = tick(page, 0)
    page.goto("/programmes/crest-awards/")
    page.get_by_label("Add to comparison").press("Space")
    expect(page.get_by_label("In comparison")).to_be_checked()
    page.goto("/about/")
    expect(page.locator(".basket summary")).to_have_text(re.compile(r"Compare \(3\)"))
    open_basket(page)
    names = page.locator("#basket a").all_inner_texts()
    assert names == [first, second, "CREST Awards"]
    expect(page.locator("#basket small").last).to_have_text("United Kingdom · since 1986")
    slugs = read_choice(page)
    page.get_by_role("link", name="Compare these three").click()
    assert parse_qs(urlsplit(page.url).query)["programme"] == slugs
    expect(page.locator("main thead")).to_contain_text("CREST Awards")


def test_each_change_is_told_once_and_the_focus_stays_on_the_tick(page: Page) -> None:
    page.goto("/programmes/?country=SK")
    page.evaluate(HEARD)
    names = tick(page, 1, 2)
    expect(page.locator(".pick input").nth(2)).to_be_focused()
    tick(page, 1)
    expect(page.locator(".pick input").nth(1)).to_be_focused()
    assert page.evaluate("heard") == [
        f"{names[0]} added. 1 of 4 chosen.",
        f"{names[1]} added. 2 of 4 chosen.",
        f"{names[0]} removed. 1 of 4 chosen.",
    ]
    assert urlsplit(page.url).query == "country=SK"


def test_a_fifth_stays_off_and_the_reason_is_told(page: Page) -> None:
    page.goto("/programmes/")
    tick(page, 0, 1, 2, 3, 4)
    box = page.locator(".pick input").nth(4)
    expect(box).not_to_be_checked()
    expect(box).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="Four")).to_have_text(
        "Four is the most. Remove one first."
    )
    assert len(read_choice(page)) == 4
    open_basket(page)
    expect(page.locator(".basket .pop")).to_contain_text("Four is the most.")
    page.locator("#basket button").first.press("Enter")
    expect(page.locator(".basket summary")).to_be_focused()
    expect(page.locator(".pick input:checked")).to_have_count(3)
    box.press("Space")
    expect(box).to_be_checked()


def test_ticks_hold_when_the_list_is_narrowed_down(page: Page) -> None:
    page.goto("/programmes/?sort=name")
    (name,) = tick(page, 0)
    country = page.locator("#f-country-NL")
    country.check()
    expect(page).to_have_url(re.compile("country=NL"))
    country.uncheck()
    expect(page.locator(".pick :checked")).to_have_attribute("data-name", name)


def test_two_tabs_have_the_same_choice(page: Page) -> None:
    page.goto("/programmes/?country=SK")
    other = page.context.new_page()
    other.goto("/programmes/?country=SK")
    tick(page, 0)
    expect(other.locator(".pick input").first).to_be_checked()
    expect(other.locator("#chosen")).to_have_text("1")
    tick(other, 0)
    expect(page.locator(".pick input").first).not_to_be_checked()


def test_where_storage_is_blocked_the_choice_lasts_for_the_page(visitor: Visit) -> None:
    page = visitor()
    page.add_init_script("""Object.defineProperty(window, "localStorage", {
      get() { throw new DOMException("blocked", "SecurityError"); } });""")
    page.goto("/programmes/?country=SK")
    tick(page, 0, 1)
    expect(page.locator("#chosen")).to_have_text("2")
    open_basket(page)
    page.get_by_role("link", name="Compare these two").click()
    expect(page.locator("main thead a")).not_to_have_count(0)


def test_a_choice_that_no_longer_exists_does_no_harm(page: Page) -> None:
    page.goto("/about/")
    page.evaluate("""() => { localStorage.compare = JSON.stringify({
      "gone-since": { name: "Gone", note: "" },
      "crest-awards": { name: "CREST", note: "" },
    }); }""")
    page.reload()
    open_basket(page)
    page.get_by_role("link", name="Compare these two").click()
    expect(page.locator("main")).to_contain_text("gone-since")
    expect(page.locator("main")).to_contain_text("CREST Awards")


def test_stored_things_of_another_shape_are_left_out(page: Page) -> None:
    page.goto("/about/")
    for stored, count in (('{"x": null, "y": 1, "crest-awards": {"name": "CREST"}}', "1"),
                          ("no JSON", "0"), ("[null]", "0"), ("7", "0")):  # fmt: skip
        page.evaluate("text => { localStorage.compare = text; }", stored)
        page.reload()
        expect(page.locator("#chosen")).to_have_text(count)
    page.goto("/programmes/?country=SK")
    tick(page, 0)
    expect(page.locator("#chosen")).to_have_text("1")


def test_where_storage_is_full_the_choice_lasts_for_the_page(page: Page) -> None:
    page.goto("/programmes/?country=SK")
    page.evaluate("""() => { remembered = new Proxy(localStorage, {
      set() { throw new DOMException("full", "QuotaExceededError"); } }); }""")
    tick(page, 0)
    expect(page.locator("#chosen")).to_have_text("1")
    expect(page.locator(".pick input").first).to_be_checked()


def test_what_is_compared_counts_unless_something_else_was_chosen(page: Page) -> None:
    page.goto("/programmes/compare/?programme=crest-awards")
    expect(page.locator("#chosen")).to_have_text("1")
    page.locator(".c-near a").first.press("Enter")
    expect(page.locator("main thead [data-drops]")).to_have_count(2)
    expect(page.locator("#chosen")).to_have_text("2")
    page.goto("/programmes/compare/?programme=roberta&programme=armath")
    expect(page.locator("#chosen")).to_have_text("2")
    assert "crest-awards" in read_choice(page)


def test_a_programme_removed_from_the_comparison_leaves_the_basket(page: Page) -> None:
    page.goto("/programmes/?country=SK")
    tick(page, 0, 1, 2)
    open_basket(page)
    page.get_by_role("link", name="Compare these three").click()
    press_until(page, "Tab", page.locator("main thead [data-drops]").first)
    page.keyboard.press("Enter")
    expect(page.locator("main thead [data-drops]")).to_have_count(2)
    expect(page.locator("#chosen")).to_have_text("2")


def test_a_shared_comparison_can_be_added_to(page: Page) -> None:
    page.goto("/programmes/compare/?programme=crest-awards&programme=roberta")
    page.get_by_role("link", name="Add a third").press("Enter")
    expect(page.locator("#chosen")).to_have_text("2")
    assert read_choice(page) == ["crest-awards", "roberta"]


def test_names_stay_in_view_while_the_comparison_is_scrolled(visitor: Visit) -> None:
    four = "crest-awards&programme=roberta&programme=armath&programme=jet-net-nl"
    for width in (1440, 390, 320):
        page = visitor(viewport={"width": width, "height": 800})
        page.goto(f"/programmes/compare/?programme={four}")
        page.locator(".grp").last.scroll_into_view_if_needed()
        for name in page.locator("main thead .plain-link").all():
            expect(name).to_be_in_viewport()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_choice_is_no_cookie(page: Page) -> None:
    page.goto("/programmes/?country=SK")
    tick(page, 0)
    assert page.context.cookies() == []

"""Curators in the browser: signing in, editing an entry, and errors beside fields."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visits import CURATOR, Visit, sign_in

SLUG = "technopolis-on-tour"


@pytest.fixture
def curator(visitor: Visit) -> Page:
    """The page of a curator who has signed in."""
    return sign_in(visitor())


def open_entry(page: Page, slug: str) -> None:
    page.goto(f"/admin/programmes/programme/?q={slug}")
    page.locator("#result_list th.field-name a").first.click()
    expect(page.locator("#id_slug")).to_have_value(slug)


def test_a_saved_summary_is_on_the_public_page_at_once(curator: Page, visitor: Visit) -> None:
    reader = visitor()
    for words in ("A bus full of experiments, mended by a curator.", "A second <b>thought</b>."):
        open_entry(curator, SLUG)
        curator.locator("#id_summary").fill(words)
        curator.get_by_role("button", name="Save", exact=True).last.click()
        expect(curator.locator(".messagelist .success")).to_be_visible()
        curator.goto(f"/programmes/{SLUG}/")
        expect(curator.locator("p.lede")).to_contain_text(words)
        reader.goto(f"/programmes/{SLUG}/")
        reader.reload()  # a browser may show a cached page for a minute
        expect(reader.locator("p.lede")).to_contain_text(words)
    assert reader.request.get(f"/api/v1/programmes/{SLUG}/").json()["summary"] == words


def test_one_bar_of_buttons_is_in_sight_and_enter_in_a_field_saves(curator: Page) -> None:
    open_entry(curator, SLUG)
    expect(curator.get_by_role("button", name="Save", exact=True)).to_have_count(1)
    curator.locator("#id_website").press("Enter")
    expect(curator.locator(".messagelist")).to_contain_text("Nothing was changed")


def test_a_range_whose_end_is_below_its_start_is_refused_beside_its_row(curator: Page) -> None:
    open_entry(curator, "jet-net-nl")
    row = curator.locator("#reach-0")
    row.locator("summary").first.click()
    row.locator("summary", has_text="More").click()
    row.locator("select[name$=qualifier]").select_option("range")
    row.locator("input[name$=value]").fill("30")
    row.locator("input[name$=value_max]").fill("20")
    curator.get_by_role("button", name="Save", exact=True).last.click()
    expect(curator.locator("#reach-group")).to_contain_text(
        "A range needs an upper end above its lower end; other figures have none."
    )
    expect(curator.locator("#reach-0 input[name$=value_max]")).to_have_value(re.compile("^20"))


def test_two_with_one_form_open_choose_by_keyboard_and_without_scripts(
    browser: Browser, site: str, curator: Page
) -> None:
    # No page of `visitor`: a browser notes every answer 409 as an error in its console.
    context = browser.new_context(base_url=site, java_script_enabled=False)
    second = sign_in(context.new_page())
    for page in (curator, second):
        open_entry(page, SLUG)
    curator.locator("#where summary", has_text="region").click()
    curator.locator("#id_region").fill("Flanders and Brussels")
    curator.locator("#id_summary").fill("By the first.")
    curator.get_by_role("button", name="Save", exact=True).last.click()
    expect(curator.locator(".messagelist .success")).to_be_visible()

    second.locator("#id_summary").fill("By the second.")
    second.locator("#id_summary").press("Tab")
    second.get_by_role("button", name="Save", exact=True).last.press("Enter")
    expect(second.locator(".refusal")).to_be_focused()
    expect(second.locator(".kept")).to_contain_text("Region")
    expect(second.locator("#id_summary")).to_have_value("By the second.")
    expect(second.locator("#id_summary")).to_have_attribute(
        "aria-describedby", re.compile("id_summary_error")
    )
    second.locator(".refusal a").press("Enter")
    question = second.get_by_role("group", name=re.compile("Summary:.* changed this too"))
    expect(question).to_be_focused()
    second.keyboard.press("Tab")
    second.keyboard.press("Space")
    expect(question.get_by_role("radio", name=re.compile("By the first."))).to_be_checked()
    second.keyboard.press("ArrowDown")
    expect(question.get_by_role("radio", name=re.compile("By the second."))).to_be_checked()
    second.get_by_role("button", name="Save", exact=True).last.press("Enter")
    expect(second.locator(".messagelist .success")).to_be_visible()
    context.close()
    curator.goto(f"/programmes/{SLUG}/")
    expect(curator.locator("p.lede")).to_contain_text("By the second.")


def test_a_failed_login_gives_the_same_message_for_known_and_unknown_names(visitor: Visit) -> None:
    told = []
    for name in (CURATOR[0], "nobody"):
        page = visitor()
        page.goto("/admin/login/")
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Log in").click()
        told.append(page.locator(".errornote").inner_text())
    assert told[0] == told[1]


def test_signing_out_ends_the_session(curator: Page) -> None:
    curator.get_by_role("button", name=re.compile("log out", re.IGNORECASE)).click()
    curator.goto("/admin/programmes/programme/")
    expect(curator.get_by_label("Password")).to_be_visible()

"""Typical visits in the browser: narrowing the list, reading an entry, following a source."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visits import Visit, answer, list_names, names, press_until


def narrow(page: Page) -> None:
    """Choose the Netherlands and upper secondary education on the list of programmes."""
    page.goto("/programmes/")
    page.locator("#f-country-NL").check()
    page.locator("#f-level-3").check()
    page.locator("main").get_by_role("button", name="Search", exact=True).click()
    expect(page).to_have_url(re.compile(r"country=NL.*level=3"))


def follow_a_source(page: Page) -> None:
    """Click the number beside a fact, which must lead to its source further down the page."""
    number = page.locator("sup.ref a").first
    target = number.get_attribute("href")
    number.click()
    expect(page).to_have_url(re.compile(re.escape(target) + "$"))
    expect(page.locator(target)).to_be_in_viewport()
    expect(page.locator(target)).to_have_text(re.compile(r"\w"))


@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without scripts"])
def test_a_teacher_narrows_the_list_opens_an_entry_and_follows_a_source(
    visitor: Visit, script: bool
) -> None:
    page = visitor(java_script_enabled=script)
    narrow(page)
    expected = answer(page, "/api/v1/programmes/?country=NL&level=3")
    assert names(page) == list_names(page, "country=NL&level=3")
    expect(page.locator(".res-count")).to_contain_text(str(expected["count"]))
    expect(page.locator("#f-country-NL")).to_be_checked()
    expect(page.locator("#f-level-3")).to_be_checked()
    page.get_by_role("link", name="Jet-Net", exact=False).first.click()
    expect(page).to_have_url(re.compile(r"/programmes/jet-net-nl/(\?list=[^&]*)?$"))
    expect(page.locator("h1")).to_be_visible()
    follow_a_source(page)


def test_narrowing_opening_an_entry_and_following_a_source_works_by_keyboard(page: Page) -> None:
    page.goto("/programmes/")
    press_until(page, "Tab", page.locator("#f-country-NL"))
    page.keyboard.press("Space")
    expect(page.locator("#f-country-NL")).to_be_checked()
    press_until(page, "Tab", page.locator("#f-level-3"))
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"country=NL.*level=3"))
    entry = page.locator("ol.rows h3 a", has_text="Jet-Net").first
    press_until(page, "Tab", entry)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/programmes/jet-net-nl/(\?list=[^&]*)?$"))
    number = page.locator("sup.ref a").first
    press_until(page, "Tab", number)
    page.keyboard.press("Enter")
    expect(page.locator(page.evaluate("location.hash"))).to_be_in_viewport()


def test_the_first_tab_focuses_the_link_that_skips_the_navigation(page: Page) -> None:
    page.goto("/programmes/")
    page.keyboard.press("Tab")
    expect(page.locator("a.skip").first).to_be_focused()
    expect(page.locator("a.skip").first).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


@pytest.mark.parametrize(
    ("address", "first"),
    [
        ("/programmes/", "ol.rows h3 a"),
        ("/programmes/?country=NL&view=table", "#results tbody a"),
        ("/organisations/", "#results tbody a"),
    ],
)
def test_few_tabs_lead_to_the_first_result_of_a_list(page: Page, address: str, first: str) -> None:
    page.goto(address)
    press_until(page, "Tab", page.get_by_text("Skip to results"), most=2)
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_be_focused()
    press_until(page, "Tab", page.locator(first).first, most=14)
    results = page.get_by_role("region", name=page.locator("#count").inner_text())
    expect(results).to_have_id("results")
    expect(page.get_by_role("search").locator(first)).to_have_count(0)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "q=robots",
        "country=FI",
        "country=BE&country=NL&sort=name",
        "kind=company-visits&sort=oldest",
        "evidence=independent",
        "level=1&page_size=100",
        "page=3",
        "q=nothing+has+these+words",
    ],
)
def test_the_page_lists_the_same_programmes_as_the_api(page: Page, query: str) -> None:
    page.goto(f"/programmes/?{query}")
    expected = answer(page, f"/api/v1/programmes/?{query}")
    assert names(page) == list_names(page, query)
    assert page.locator(".res-count").inner_text().split()[0] == str(expected["count"] or "No")


def test_the_page_links_to_the_same_list_as_json(page: Page) -> None:
    page.goto("/programmes/?level=3&country=NL")
    page.locator("#keep summary").click()
    link = page.get_by_role("link", name="This list as JSON")
    rows = answer(page, link.get_attribute("href"))["results"]
    assert sorted(row["name"] for row in rows) == sorted(names(page))


def test_the_count_beside_a_choice_equals_the_result_of_choosing_it(page: Page) -> None:
    page.goto("/programmes/?country=NL")
    choice = page.locator("label.opt", has=page.locator("#f-level-3"))
    count = re.search(r"\d+", choice.locator(".cnt").inner_text())[0]
    page.locator("#f-level-3").check()
    page.locator("main").get_by_role("button", name="Search", exact=True).click()
    expect(page.locator(".res-count b")).to_have_text(count)


def test_a_chip_removes_its_filter_and_back_restores_it(page: Page) -> None:
    narrow(page)
    both = names(page)
    address = page.url
    page.locator("a.chip", has_text="Netherlands").click()
    expect(page.locator("a.chip")).to_have_count(1)
    assert "country" not in urlsplit(page.url).query
    expect(page.locator("#f-country-NL")).not_to_be_checked()
    assert len(names(page)) >= len(both)
    page.go_back()
    expect(page).to_have_url(address)
    expect(page.locator("a.chip")).to_have_count(2)
    expect(page.locator("#f-country-NL")).to_be_checked()
    assert names(page) == both
    page.get_by_role("link", name="Clear all filters").click()
    expect(page.locator("a.chip")).to_have_count(0)
    assert urlsplit(page.url).query == ""


def test_an_address_shows_the_same_list_in_another_browser(visitor: Visit) -> None:
    first, second = visitor(), visitor()
    narrow(first)
    second.goto(first.url)
    assert names(second) == names(first)
    expect(second.locator("#f-level-3")).to_be_checked()


@pytest.mark.parametrize(
    "words", ["ptvt", "PBT", "Platform Bèta Techniek", "platform beta techniek"]
)
def test_an_organisation_is_found_by_any_of_its_names(page: Page, words: str) -> None:
    page.goto("/organisations/")
    search = page.locator("#q")
    search.fill(words)
    search.press("Enter")
    expect(page).to_have_url(re.compile("q="))
    page.locator("main th a").first.click()
    expect(page.locator("h1")).to_contain_text("Platform Talent")


def test_the_home_page_leads_to_a_list_in_two_choices_and_one_button(page: Page) -> None:
    page.goto("/")
    page.locator("form.finder select").nth(0).select_option("FI")
    page.locator("form.finder select").nth(1).select_option("1")
    page.locator("form.finder button").click()
    expect(page.locator("a.chip")).to_have_count(2)
    assert names(page) == list_names(page, "country=FI&level=1")


def test_a_mistyped_parameter_is_named_on_the_page(page: Page) -> None:
    page.goto("/programmes/?contry=NL")
    expect(page.locator("main")).to_contain_text("contry")


def test_a_search_without_results_offers_wider_searches(page: Page) -> None:
    page.goto("/programmes/?q=zzzz&country=NL")
    expect(page.locator(".res-count")).to_have_text(re.compile("No programme matches all 2"))
    page.locator(".wider a").first.click()
    expect(page.locator("h1")).to_be_visible()


def test_the_theme_button_changes_the_theme_on_all_later_pages(page: Page) -> None:
    page.goto("/")

    def paper() -> str:
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    light = paper()
    page.locator("#theme").click()
    dark = paper()
    assert dark != light
    page.goto("/about/")
    assert paper() == dark
    page.locator("#theme").click()
    assert paper() == light


def test_without_scripts_the_theme_is_that_of_the_system_and_there_is_no_button(
    visitor: Visit,
) -> None:
    page = visitor(java_script_enabled=False, color_scheme="dark")
    page.goto("/")
    expect(page.locator("#theme")).to_be_hidden()


def test_visitors_get_no_cookies(page: Page) -> None:
    for address in ("/", "/programmes/?country=NL", "/programmes/jet-net-nl/", "/about/"):
        page.goto(address)
    assert page.context.cookies() == []


def test_style_and_scripts_come_compressed_and_may_be_kept_for_ever(page: Page) -> None:
    page.goto("/")
    style = page.locator("link[rel=stylesheet]").first.get_attribute("href")
    response = page.request.get(style, headers={"Accept-Encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    assert "immutable" in response.headers["cache-control"]
    assert response.headers["x-content-type-options"] == "nosniff"

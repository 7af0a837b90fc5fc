"""The list of programmes with scripts: filters without page loads, focus, history, comparison."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visits import Visit, answer, count, list_names, names, press_until

UPDATED = "() => !document.querySelector('[aria-busy]')"


def tick_box(page: Page, box: str) -> None:
    """Tick a box and wait until the list has followed."""
    before = page.url
    page.locator(f"#{box}").check()
    expect(page).not_to_have_url(before)
    page.wait_for_function(UPDATED)


def list_ticked(page: Page) -> list[str]:
    script = "boxes => boxes.map(box => box.id)"
    return page.locator("#facets input[type=checkbox]:checked").evaluate_all(script)


def read_state(page: Page) -> dict[str, object]:
    return {
        "address": urlsplit(page.url).query,
        "title": page.title(),
        "count": page.locator("#count").inner_text(),
        "search": page.locator("#q").input_value(),
        "ticked": list_ticked(page),
        "chips": page.locator("a.chip").all_inner_texts(),
        "names": names(page),
    }


def test_a_tick_updates_list_address_title_and_words_and_keeps_the_focus(page: Page) -> None:
    page.goto("/programmes/")
    tick_box(page, "f-country-NL")
    tick_box(page, "f-level-3")
    assert parse_qs(urlsplit(page.url).query) == {"country": ["NL"], "level": ["3"]}
    expected = answer(page, "/api/v1/programmes/?country=NL&level=3")
    assert names(page) == list_names(page, "country=NL&level=3")
    expect(page.locator("#f-level-3")).to_be_focused()
    expect(page).to_have_title(re.compile("^Programmes: Netherlands, Upper"))
    total = answer(page, "/api/v1/programmes/")["count"]
    words = f"{expected['count']} of {total} records: Netherlands, Upper secondary education"
    expect(page.locator("#live")).to_have_text(words)


def test_screen_readers_are_told_the_new_count_once_for_each_tick(page: Page) -> None:
    page.goto("/programmes/")
    page.evaluate("""() => {
      window.said = [];
      const live = document.getElementById("live");
      new MutationObserver(() => said.push(live.textContent.trim()))
        .observe(live, { childList: true, characterData: true, subtree: true });
    }""")
    tick_box(page, "f-country-NL")
    tick_box(page, "f-level-1")
    said = page.evaluate("said")
    expected = [count(page, "country=NL"), count(page, "country=NL&level=1")]
    assert [words.split(" of ")[0] for words in said] == expected


def test_filters_do_not_move_while_the_list_is_updated(page: Page) -> None:
    page.goto("/programmes/")
    page.evaluate("""() => {
      window.moved = 0;
      new PerformanceObserver(list => {
        for (const shift of list.getEntries()) {
          // Shifts right after user input count, too.
          for (const one of shift.sources) {
            if (one.node && !one.node.isConnected) continue;
            window.moved = Math.max(window.moved, shift.value);
          }
        }
      }).observe({ type: "layout-shift", buffered: true });
    }""")
    box = page.locator("#f-country-NL").bounding_box()
    tick_box(page, "f-country-NL")
    assert page.locator("#f-country-NL").bounding_box() == box
    assert page.evaluate("moved") <= 0.02


def test_back_forward_and_reload_restore_the_list_of_that_address(page: Page) -> None:
    page.goto("/programmes/")
    states = [read_state(page)]
    for box in ("f-country-NL", "f-level-3", "f-open_to-companies"):
        tick_box(page, box)
        states.append(read_state(page))
    for place in (2, 1):
        page.go_back()
        expect(page.locator("#count")).to_have_text(str(states[place]["count"]))
        assert read_state(page) == states[place]
    page.go_forward()
    expect(page.locator("#count")).to_have_text(str(states[2]["count"]))
    assert read_state(page) == states[2]
    page.reload()
    assert read_state(page) == states[2]


def test_going_back_from_an_entry_restores_the_scroll_position_of_the_list(page: Page) -> None:
    page.goto("/programmes/")
    tick_box(page, "f-country-NL")
    link = page.locator("ol.rows h3 a").nth(8)
    link.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    assert before > 500
    link.click()
    expect(page.locator("article h1")).to_be_visible()
    page.go_back()
    expect(page.locator("#f-country-NL")).to_be_checked()
    page.wait_for_function(f"() => Math.abs(scrollY - {before}) < 60")


def test_a_search_updates_while_typing_and_adds_one_step_to_the_history(page: Page) -> None:
    page.goto("/programmes/?country=NL")
    steps = page.evaluate("history.length")
    search = page.locator("#q")
    for part in ("te", "ach", "er"):
        search.press_sequentially(part)
        expect(page).to_have_url(re.compile(f"q={search.input_value()}&country=NL$"))
    expect(search).to_be_focused()
    expect(search).to_have_value("teacher")
    page.wait_for_function(UPDATED)
    expected = answer(page, "/api/v1/programmes/?country=NL&q=teacher")
    assert names(page) == [row["name"] for row in expected["results"]]
    # Enter loads the page anew at the same address; only then can one go back from it.
    with page.expect_navigation():
        search.press("Enter")
    assert page.evaluate("history.length") == steps + 1
    page.go_back()
    expect(page.locator("#count b")).to_have_text(count(page, "country=NL"))
    expect(page.locator("#q")).to_have_value("")


def test_removing_a_chip_focuses_the_next_chip_or_the_count(page: Page) -> None:
    page.goto("/programmes/?q=school&country=NL&level=3")
    page.locator("a.chip").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("a.chip")).to_have_count(2)
    expect(page.locator("a.chip").first).to_be_focused()
    expect(page.locator("#q")).to_have_value("")
    page.keyboard.press("Enter")
    expect(page.locator("a.chip")).to_have_count(1)
    expect(page.locator("#f-country-NL")).not_to_be_checked()
    page.keyboard.press("Enter")
    expect(page.locator("a.chip")).to_have_count(0)
    expect(page.locator("#count")).to_be_focused()


def test_the_order_applies_at_once_and_keeps_the_focus(page: Page) -> None:
    page.goto("/programmes/?country=NL")
    page.locator("#sort").focus()
    page.locator("#sort").select_option("name")
    expect(page).to_have_url(re.compile("country=NL&sort=name$"))
    page.wait_for_function(UPDATED)
    assert names(page) == sorted(names(page), key=str.casefold)
    expect(page.locator("#sort")).to_be_focused()
    expect(page.locator("#sort")).to_have_value("name")


def test_the_sort_order_stays_chosen_when_a_box_is_ticked(page: Page) -> None:
    page.goto("/programmes/?sort=name")
    tick_box(page, "f-country-NL")
    expect(page.locator("#sort")).to_have_value("name")
    page.goto("/programmes/")
    tick_box(page, "f-country-NL")
    expect(page.locator("#sort option:checked")).to_have_text("Strongest evidence")


def test_open_facets_stay_open(page: Page) -> None:
    page.goto("/programmes/?show=more")
    page.locator("#s-funding").click()
    expect(page.locator("#f-funding-public")).to_be_visible()
    expect(page.locator("#s-funding")).to_be_focused()
    page.locator("#s-level").click()
    tick_box(page, "f-country-NL")
    expect(page.locator("#facet-funding")).to_have_attribute("open", "")
    expect(page.locator("#facet-level")).not_to_have_attribute("open", "")


def test_a_choice_among_the_further_countries_stays_ticked_and_focused(page: Page) -> None:
    page.goto("/programmes/")
    page.locator("#find-country").click()
    expect(page.locator("input#find-country")).to_be_focused()
    tick_box(page, "f-country-TR")
    expect(page.locator("#f-country-TR")).to_be_focused()
    expect(page.locator("#f-country-TR")).to_be_visible()
    page.reload()
    expect(page.locator("#f-country-TR")).to_be_visible()
    expect(page.locator("#f-country-TR")).to_be_checked()


@pytest.mark.parametrize(
    ("typed", "found"),
    [("turk", ["Türkiye"]), ("CZE", ["Czechia"]), ("  nether ", ["Netherlands"]), ("zzz", [])],
)
def test_typing_in_the_country_field_filters_the_choices(
    page: Page, typed: str, found: list[str]
) -> None:
    page.goto("/programmes/?show=country")
    page.locator("#find-country").press_sequentially(typed)
    shown = page.locator("#facet-country .opt:visible")
    expect(shown).to_have_text([re.compile(rf"^{name} \d+$") for name in found])
    page.keyboard.press("Enter")  # Enter must not submit the form
    assert urlsplit(page.url).query == "show=country"


def test_a_failed_update_shows_a_message_and_can_be_tried_again(visitor: Visit) -> None:
    page = visitor()
    page.goto("/programmes/")
    page.evaluate("""() => {
      window.whole = window.fetch;
      window.fetch = async () => new Response("", { status: 503 });
    }""")
    page.locator("#f-country-DE").check()
    expect(page.locator("#update-failed")).to_be_visible()
    expect(page.locator("#f-country-DE")).to_be_checked()
    assert len(names(page)) == 25
    page.evaluate("() => { window.fetch = window.whole }")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#count b")).to_have_text(count(page, "country=DE"))
    expect(page.locator("#update-failed")).to_be_hidden()


def test_a_download_that_stops_an_update_gives_no_false_alarm_after_the_next_one(
    visitor: Visit,
) -> None:
    page = visitor()
    page.goto("/programmes/")
    page.clock.install()
    page.evaluate("""() => {
      console.error = () => {};  // htmx tells of the stopped request
      const whole = window.fetch;
      window.fetch = async () => {
        window.fetch = whole;
        dispatchEvent(new Event("beforeunload"));
        throw new TypeError("stopped");
      };
    }""")
    page.locator("#f-country-DE").check()
    page.wait_for_function("() => !String(window.fetch).includes('beforeunload')")
    tick_box(page, "f-level-3")
    page.clock.run_for(6000)
    expect(page.locator("#update-failed")).to_be_hidden()


@pytest.mark.parametrize("view", ["table", "map", "timeline"])
def test_a_view_is_chosen_with_the_keyboard_and_keeps_the_selection(page: Page, view: str) -> None:
    page.goto("/programmes/?country=NL")
    press_until(page, "Tab", page.locator(f".seg a[href*='view={view}']"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"country=NL&view={view}$"))
    expect(page.locator(".seg [aria-current]")).to_have_text(re.compile(view, re.IGNORECASE))
    expect(page.locator("#count b")).to_have_text(count(page, "country=NL"))
    tick_box(page, "f-level-3")
    assert f"view={view}" in page.url


def test_the_menu_keep_offers_address_files_feed_and_citation(page: Page) -> None:
    page.goto("/programmes/?country=NL&level=3")
    page.locator("#keep summary").click()
    expect(page.locator("#keep-address")).to_have_value(re.compile(r"\?country=NL&level=3$"))
    for name in (
        "Excel file of the programmes",
        "CSV file of the figures",
        "This list as JSON",
        "Feed of new and changed programmes",
    ):
        link = page.get_by_role("link", name=name)
        assert page.request.get(link.get_attribute("href")).ok
    expect(page.locator("#keep .citebox")).to_contain_text(
        f"{count(page, 'country=NL&level=3')} STEM programmes"
    )
    page.keyboard.press("Escape")
    expect(page.locator("#keep .pop")).to_be_hidden()
    expect(page.locator("#keep summary")).to_be_focused()


def test_without_scripts_two_programmes_are_compared_and_a_list_is_sorted(visitor: Visit) -> None:
    page = visitor(java_script_enabled=False)
    page.goto("/programmes/?country=NL")
    page.locator("#find-country").click()
    expect(page.locator("#f-country-TR")).to_be_visible()
    expect(page.locator("#find-country")).to_be_hidden()
    page.go_back()
    page.locator("#sort").select_option("name")
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile(r"\?country=NL&sort=name$"))
    for number in (0, 1):
        page.locator(".pick input").nth(number).check()
    page.locator("#compare").get_by_role("button", name="Compare").click()
    assert len(parse_qs(urlsplit(page.url).query)["programme"]) == 2
    expect(page.locator("h1")).to_be_visible()


def test_on_a_phone_the_apply_button_closes_the_filters_and_focuses_the_list(
    visitor: Visit,
) -> None:
    page = visitor(viewport={"width": 390, "height": 844}, has_touch=True)
    page.goto("/programmes/")
    page.locator(".filter-sum").click()
    tick_box(page, "f-country-NL")
    tick_box(page, "f-level-2")
    button = page.locator(".apply button")
    number = count(page, "country=NL&level=2")
    expect(button).to_have_text(re.compile(f"^\\s*Show {number} records"))
    button.click()
    expect(page.locator("#facet-country")).to_be_hidden()
    expect(page.locator("#count")).to_be_in_viewport()
    expect(page.locator("#count")).to_be_focused()


def test_a_search_in_plain_words_without_results_suggests_filters(page: Page) -> None:
    page.goto("/")
    page.locator("#q").fill("independently evaluated students United Kingdom")
    page.locator("#q").press("Enter")
    meant = page.locator(".did-you-mean a")
    expect(meant).to_have_text("United Kingdom, Students, Independently evaluated")
    number = re.search(r"\d+", page.locator(".did-you-mean .muted").inner_text())
    meant.click()
    expect(page.locator("#count b")).to_have_text(number[0])


def test_a_new_visitor_finds_compares_and_downloads_programmes_and_opens_a_source(
    page: Page,
) -> None:
    page.goto("/")
    page.locator("form.finder select").nth(0).select_option("ES")
    page.locator("form.finder select").nth(1).select_option("2")
    page.locator("form.finder button").click()
    page.locator("#more-filters").click()
    page.locator("a#s-audience").click()
    tick_box(page, "f-audience-teachers")
    wider = page.locator(".wider li").first
    expect(wider).to_be_visible()
    for number in (0, 1):
        page.locator(".pick input").nth(number).check()
    page.locator("#keep summary").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV file of the programmes").click()
    assert re.fullmatch(r"stem-programmes-[\d-]+\.csv", download.value.suggested_filename)
    page.keyboard.press("Escape")
    page.locator(".basket summary").click()
    page.get_by_role("link", name="Compare these two").click()
    page.locator("main thead a").first.click()
    number = page.locator("sup.ref a").first
    target = number.get_attribute("href")
    number.click()
    expect(page.locator(target)).to_be_in_viewport()

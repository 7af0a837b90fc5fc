"""The four first-step guides in the browser: from the start to an end in at most four pages."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visits import Visit

# The guide, the words of its link, the country that is chosen, and further choices by label.
GUIDES = {
    "teacher": ("A teacher", "Spain", {"Which level do you teach?": "Lower secondary"}),
    "school-head": ("A school head", "Estonia", {"Which level is your school?": "Primary"}),
    "company": ("A company", "Slovakia", {}),
    "policy-maker": ("A policy maker", "Estonia", {}),
}


def take_first_step(page: Page, slug: str) -> int:
    """Walk from the start to the answer; return how many pages were opened."""
    words, country, choices = GUIDES[slug]
    opened: list[str] = []
    page.on("framenavigated", lambda frame: opened.append(frame.url))
    page.goto("/start/")
    page.locator("main").get_by_role("link", name=words, exact=True).click()
    page.get_by_label("Where are you?").select_option(label=country)
    for label, value in choices.items():
        page.get_by_label(label).select_option(label=value)
    if slug == "company":
        page.get_by_label("A day", exact=False).check()
    page.get_by_role("button", name="Show what fits").click()
    expect(page.locator("#answer")).to_be_visible()
    return len({url.partition("#")[0] for url in opened})


@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("slug", GUIDES)
def test_a_guide_ends_with_page_office_checklist_and_programmes(
    visitor: Visit, slug: str, script: bool
) -> None:
    page = visitor(java_script_enabled=script)
    assert take_first_step(page, slug) <= 4
    answer = page.locator("#answer")
    first = answer.locator("dl.pairs").first
    expect(first.locator("dd a").first).to_be_visible()
    expect(first.locator("dd").nth(1)).not_to_contain_text("know of no office")
    assert answer.locator("#checklist input[type=checkbox]").count() >= 7
    assert 1 <= answer.locator(".facts h3 a").count() <= 3
    answer.locator("#checklist input[type=checkbox]").first.check()
    # The address alone leads to the same answer.
    programmes = answer.locator(".facts h3").all_text_contents()
    page.goto(page.url)
    assert page.locator("#answer .facts h3").all_text_contents() == programmes


def test_the_answer_fits_on_three_sheets_of_paper(page: Page) -> None:
    take_first_step(page, "company")
    sheets = page.pdf(format="A4").count(b"/Type /Page\n")
    assert 1 <= sheets <= 3

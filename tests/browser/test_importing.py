"""A partner's file in the browser, from the upload to the drafts, with scripts and without."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visits import Watch, sign_in

HEADER = "Name;Country;Coordinator;Students"
ROWS = ("{};Poland;Robot Foundation;1200", "Far {};Slovania;;5")


@pytest.mark.parametrize(
    ("has_scripts", "name"), [(True, "Robot Days"), (False, "Laboratory on Wheels")]
)
def test_a_file_is_taken_from_the_upload_to_its_drafts(
    browser: Browser, site: str, tmp_path: Path, has_scripts: bool, name: str
) -> None:
    file = tmp_path / "partner.csv"
    file.write_text("\n".join([HEADER, *(row.format(name) for row in ROWS), ""]))
    context = browser.new_context(
        base_url=site, java_script_enabled=has_scripts, viewport={"width": 390, "height": 844}
    )
    watch = Watch(site, [])
    page = sign_in(context.new_page())
    watch.follow(page)

    page.goto("/admin/programmes/import/add/")
    page.locator("#id_file").set_input_files(file)
    page.locator("#id_sender").fill("STEM Hub")
    page.get_by_role("button", name="Upload").click()
    for step in ("reading", "columns"):
        expect_step(page, step)
        page.locator("input[name=_next]").click()

    expect_step(page, "rows")
    expect(page.get_by_role("group", name="Slovania")).to_be_visible()
    page.locator("input[name=_next]").click()
    expect_step(page, "confirm")
    expect(page.locator("main")).to_contain_text("1 row with a question stays here")
    page.locator("input[name=_make]").click()

    expect_step(page, "batch")
    expect(page.locator(".messagelist .success")).to_contain_text("1 draft was made")
    expect(page.get_by_role("link", name=name)).to_be_visible()
    context.clear_cookies()  # curators see drafts at their address, readers do not
    assert page.request.get(f"/programmes/{name.lower().replace(' ', '-')}/").status == 404
    context.close()
    assert watch.faults == []


def expect_step(page: Page, step: str) -> None:
    """Expect the page of a step, no wider than the phone that shows it."""
    expect(page).to_have_url(re.compile(f"/{step}/$"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

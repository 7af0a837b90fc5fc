"""Takes the pictures of the documents from a site that runs, such as that of ./dev run:

.venv/bin/python docs/screenshots/take.py http://127.0.0.1:8000

For those of the admin too, add the name and the password of an administrator. A suggestion is sent
for them, and nothing else is saved, so let it be a site of your own.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parent
SIZE = {"width": 1280, "height": 800}
PICTURES = (
    ("home", "/", "light"),
    ("programmes", "/programmes/?country=NL&level=3", "light"),
    ("insights", "/insights/gaps/", "dark"),
)
# The record whose form is shown, and lines that were typed for another.
RECORD = "girls-day-slovakia"
SOURCE = "https://example.org/report Annual report"
FIGURES = "about 1.200 students, 2023\nnearly 500 girls from 60 schools, 2024 [1]"


def take(site: str, *curator: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for name, path, scheme in PICTURES:
            page = browser.new_page(viewport=SIZE, color_scheme=scheme, reduced_motion="reduce")
            page.goto(site.rstrip("/") + path, wait_until="networkidle")
            page.screenshot(path=FOLDER / f"{name}.png")
        if curator:
            page = browser.new_page(viewport=SIZE, base_url=site, reduced_motion="reduce")
            take_suggestion(page, *curator)
            for take_one in (take_form, take_lines, take_question, take_faults):
                take_one(page)
        browser.close()


def take_suggestion(page: Page, name: str, password: str) -> None:
    """Suggest something as a reader does, sign in, and show how it reaches a curator."""
    page.goto(f"/suggest/?programme={RECORD}&fact=reach-1")
    page.get_by_label("It was never right").check()
    page.get_by_label("What is the right figure?").fill("1,240")
    page.get_by_label("What do you know?").fill("The report for 2017 counts 1,240 students.")
    page.get_by_label("Where can we look it up?").fill("https://example.org/report, page 4")
    # Who answers at once is taken for a program.
    page.wait_for_timeout(4000)
    page.get_by_role("button", name="Send the suggestion").click()
    page.goto("/admin/login/?next=/admin/programmes/suggestion/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.locator("#result_list tbody th a").first.click()
    save(page, "suggestion")


def open_form(page: Page) -> None:
    page.goto(f"/admin/programmes/programme/?q={RECORD}")
    page.locator("#result_list tbody th a").first.click()


def take_form(page: Page) -> None:
    """Show a record's form, as a curator sees it."""
    open_form(page)
    save(page, "form")


def take_lines(page: Page) -> None:
    """Show what was read of lines in the form of a new record, and what is asked."""
    page.goto("/admin/programmes/programme/add/")
    page.get_by_label("Add sources, one address a line").fill(SOURCE)
    page.get_by_label("Add figures, one a line").fill(FIGURES)
    page.get_by_role("button", name="Read these figures").click()
    save(page, "lines")


def take_question(page: Page) -> None:
    """Show what is asked when a figure that readers have seen gets another number."""
    open_form(page)
    page.locator("#reach-0 summary").first.click()
    page.locator("#reach-0 input[name$=value]").fill("1240")
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.locator(".refusal a").first.press("Enter")
    save(page, "question")


def take_faults(page: Page) -> None:
    """Show how a form says what keeps it from being saved."""
    open_form(page)
    page.locator("#id_website").fill("http://localhost/")
    page.locator("#reach-0 summary").first.click()
    page.locator("#reach-0 input[name$=value]").fill("")
    page.get_by_role("button", name="Save", exact=True).last.click()
    save(page, "faults")


def save(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"curating-{name}.png")


if __name__ == "__main__":
    take(*sys.argv[1:])

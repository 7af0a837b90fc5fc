"""Takes the pictures of the documents from a site that runs, such as that of ./dev run:

.venv/bin/python docs/screenshots/take.py http://127.0.0.1:8000

For those of the admin too, add the name and the password of an administrator.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).parent
SIZE = {"width": 1280, "height": 800}
PICTURES = (
    ("home", "/", "light"),
    ("programmes", "/programmes/?country=NL&level=3", "light"),
    ("insights", "/insights/gaps/", "dark"),
)
# The record whose form is shown.
RECORD = "girls-day-slovakia"


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
            take_form(browser, site.rstrip("/"), *curator)
        browser.close()


def take_form(browser: Browser, site: str, name: str, password: str) -> None:
    """Take the picture of a record's form, as a curator sees it."""
    page = browser.new_page(viewport=SIZE)
    page.goto(f"{site}/admin/login/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.goto(f"{site}/admin/programmes/programme/?q={RECORD}")
    page.locator("#result_list tbody th a").first.click()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / "curating-form.png")


if __name__ == "__main__":
    take(*sys.argv[1:])

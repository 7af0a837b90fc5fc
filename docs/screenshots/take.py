"""Takes the pictures of the README from a site that runs, such as that of ./dev run:

.venv/bin/python docs/screenshots/take.py http://127.0.0.1:8000
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).parent
SIZE = {"width": 1280, "height": 800}
PICTURES = (
    ("home", "/", "light"),
    ("programmes", "/programmes/?country=NL&level=3", "light"),
    ("insights", "/insights/gaps/", "dark"),
)


def take(site: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for name, path, scheme in PICTURES:
            page = browser.new_page(viewport=SIZE, color_scheme=scheme, reduced_motion="reduce")
            page.goto(site.rstrip("/") + path, wait_until="networkidle")
            page.screenshot(path=FOLDER / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    take(sys.argv[1])

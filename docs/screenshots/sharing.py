"""Draws the picture that others show beside a link to the site, with the fonts and the map of one
that runs, such as that of ./dev run:

.venv/bin/python docs/screenshots/sharing.py http://127.0.0.1:8000
"""

import io
import re
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

STATIC = Path(__file__).parent.parent.parent / "static"
SIZE = {"width": 1200, "height": 630}
COLOURS = 64
PAGE = """<!doctype html>
<link rel="stylesheet" href="/static/styles/site.css">
<style>
  body { margin: 0; background: var(--night); color: var(--on-night); overflow: hidden; }
  svg.map { position: absolute; left: 480px; top: -36px; width: 780px; height: 780px; }
  .map use { fill: #1f6373; stroke: var(--night); stroke-width: 1.5; }
  .text { position: absolute; left: 72px; top: 132px; width: 640px; }
  .mark { width: 104px; margin-bottom: 28px; }
  .mark path { fill: var(--on-night); }
  h1 { font-size: 84px; line-height: 1; margin: 0 0 28px; color: var(--on-night); }
  p { font-size: 34px; line-height: 1.3; margin: 0; color: var(--on-night-2); max-width: 500px; }
</style>
<svg class="map" viewBox="0 0 1000 1000">COUNTRIES</svg>
<div class="text">MARK
  <h1>STEM Observatory</h1>
  <p>An open catalogue of partnerships between schools and industry</p>
</div>"""


def html() -> str:
    codes = re.findall(r'id="([A-Z]{2})"', (STATIC / "europe.svg").read_text())
    countries = "".join(f'<use href="/static/europe.svg#{code}"/>' for code in codes)
    mark = (STATIC / "mark.svg").read_text().replace("<svg", '<svg class="mark"', 1)
    return PAGE.replace("COUNTRIES", countries).replace("MARK", mark)


def draw(site: str) -> None:
    address = f"{site.rstrip('/')}/sharing"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport=SIZE)
        page.route(address, lambda route: route.fulfill(body=html(), content_type="text/html"))
        page.goto(address, wait_until="networkidle")
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        browser.close()
    picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=2).save(
        STATIC / "sharing.png", optimize=True
    )


if __name__ == "__main__":
    draw(sys.argv[1])

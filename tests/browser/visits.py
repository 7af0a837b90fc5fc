"""Helpers of browser tests: read lists and answers, press keys, and note errors of pages."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

import pytest
from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

CURATOR = ("curator", "correct horse battery staple")


@dataclass
class Watch:
    """Notes console errors, script errors, failed requests, and requests to other sites."""

    site: str
    faults: list[str]

    def console(self, message: ConsoleMessage) -> None:
        if message.type in (
            "error",
            "warning",
        ):  # violations of the Content-Security-Policy are errors
            self.faults.append(f"console: {message.text} {message.location['url']}")

    def request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.site}/", "data:", "about:")):
            self.faults.append(f"a request to another site: {request.url}")

    def failed(self, request: Request) -> None:
        # Leaving a page aborts its unfinished requests, which is no fault.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"failed: {request.url} {request.failure}")

    def follow(self, page: Page) -> None:
        page.on("console", self.console)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("request", self.request)
        page.on("requestfailed", self.failed)


Visit = Callable[..., Page]


def sign_in(page: Page) -> Page:
    """Sign in as the curator of the site; return the page."""
    page.goto("/admin/")
    page.get_by_label("Username").fill(CURATOR[0])
    page.get_by_label("Password").fill(CURATOR[1])
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#user-tools")).to_be_visible()
    return page


def names(page: Page) -> list[str]:
    return [text.strip() for text in page.locator("ol.rows h3").all_inner_texts()]


def answer(page: Page, address: str) -> dict:
    response = page.request.get(address)
    assert response.ok, response.text()
    return json.loads(response.text())


def count(page: Page, query: str) -> str:
    """Return how many programmes a selection has, by the API."""
    return str(answer(page, f"/api/v1/programmes/?{query}")["count"])


def list_names(page: Page, query: str) -> list[str]:
    """Return the names that a page of the list must show, made from the rows of the API.

    The API keeps its order. A page puts what ended last, unless an order or words are asked for.
    """
    given = dict(parse_qsl(query))
    number, size = int(given.get("page", 1)), int(given.get("page_size", 25))
    asked = [pair for pair in parse_qsl(query) if pair[0] not in ("page", "page_size")]
    rows: list[dict] = []
    address = f"/api/v1/programmes/?{urlencode([*asked, ('page_size', '100')])}"
    while address:
        found = answer(page, address)
        rows += found["results"]
        address = found["next"]
    if not {"sort", "q"} & given.keys():
        rows.sort(key=lambda row: row["status"] == "completed")
    return [row["name"] for row in rows][(number - 1) * size : number * size]


def press_until(page: Page, key: str, wanted: Locator, most: int = 250) -> None:
    """Press a key until `wanted` has the focus; fail if the focus is not visible at any step."""
    for _step in range(most):
        page.keyboard.press(key)
        outline = page.evaluate(FOCUS)
        assert outline != "unseen", page.evaluate("document.activeElement.outerHTML")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"{most} times {key} did not reach {wanted}")


# JavaScript: whether the focused element, or one of its two ancestors, has a visible outline.
FOCUS = """() => {
  let element = document.activeElement;
  if (element === document.body) return "body";
  for (let i = 0; element && i < 3; i += 1, element = element.parentElement) {
    const style = getComputedStyle(element);
    if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) return "seen";
  }
  return "unseen";
}"""

"""What a reader does in a tab of a browser, the same in Chromium and in Firefox."""

import json
from abc import ABC, abstractmethod
from typing import Any

from playwright.sync_api import Page

from tests.servers import wait_until


class NotNow(Exception):
    """The tab cannot answer because it is just leaving its document; it may be asked again."""


class Reader(ABC):
    """A tab with a history and storage of its own. Waiting is left to `wait_for`."""

    name: str

    @abstractmethod
    def open(self, path: str) -> None:
        """Open an address of the site and wait until it is loaded."""

    @abstractmethod
    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression; of a promise what it brings."""

    @abstractmethod
    def click(self, selector: str) -> None:
        """Click the first element that the CSS selector finds, where it can be seen."""

    @abstractmethod
    def press(self, *keys: str) -> None:
        """Press keys one after another: letters, or names such as `Tab`."""

    @abstractmethod
    def reload(self) -> None:
        """Reload as the button of the browser does, and wait until the page is loaded."""

    @abstractmethod
    def go(self, steps: int) -> None:
        """Go back (-1) or forward (1) as the buttons of the browser do."""

    @abstractmethod
    def resize(self, width: int, height: int) -> None:
        """Set the size of the window's inside in CSS pixels."""

    @abstractmethod
    def print_page(self) -> bytes:
        """Return the page as PDF on A4."""

    def wait_for(self, condition: str) -> None:
        """Wait until a JavaScript expression is true, also across loads of pages."""

        def ask() -> bool:
            try:
                return self.evaluate(f"(async () => Boolean(await ({condition})))()")
            except NotNow:
                return False

        wait_until(ask, f"{condition} in {self.name}")

    def type(self, selector: str, text: str) -> None:
        self.click(selector)
        self.press(*text)


class ChromiumReader(Reader):
    """A tab of Chromium, driven by Playwright."""

    name = "Chromium"

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, path: str) -> None:
        self.page.goto(path)

    def evaluate(self, expression: str) -> Any:
        try:
            # In one text, because Playwright would call what looks like a function.
            return json.loads(self.page.evaluate(as_json(expression)))
        except Exception as error:
            if "context was destroyed" in str(error) or "navigat" in str(error):
                raise NotNow from error
            raise

    def click(self, selector: str) -> None:
        self.page.locator(selector).first.click(no_wait_after=True)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def reload(self) -> None:
        self.page.reload()

    def go(self, steps: int) -> None:
        # Playwright misses the end of a navigation to a page that the browser kept.
        travel = self.page.go_back if steps < 0 else self.page.go_forward
        travel(wait_until="commit")

    def resize(self, width: int, height: int) -> None:
        self.page.set_viewport_size({"width": width, "height": height})

    def print_page(self) -> bytes:
        return self.page.pdf(format="A4")


def as_json(expression: str) -> str:
    return f"(async () => JSON.stringify((await ({expression})) ?? null))()"

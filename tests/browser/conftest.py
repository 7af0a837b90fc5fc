"""Fixtures: the site served by gunicorn, and Chromium pages that fail a test on any error."""

import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    sync_playwright,
)
from pytest_django import DjangoDbBlocker

from tests import chance
from tests.browser.firefox import Firefox, started_firefox
from tests.browser.readers import ChromiumReader, Reader
from tests.browser.visits import CURATOR, Visit, Watch
from tests.servers import address_of, free_port, manage, seeded_site, served

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    own = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in own:
        item.add_marker(pytest.mark.browser)
    in_firefox = [item for item in own if find_reader(item) == "firefox"]
    for item in {*in_firefox} - {*chance.thin(in_firefox, 4)}:
        item.add_marker(pytest.mark.trial)


def find_reader(item: Any) -> str:
    """Return the browser that a test is asked in twice, in two of them; "" for other tests."""
    return str(item.callspec.params.get("reader", "")) if hasattr(item, "callspec") else ""


# --- The site ------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def site(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Iterator[str]:
    """The address of a site served by gunicorn, with a seeded database and one curator."""
    folder = tmp_path_factory.mktemp("site")
    with (
        free_port() as listener,
        seeded_site(folder, django_db_blocker, address := address_of(listener)) as environment,
    ):
        environment["DJANGO_SUPERUSER_PASSWORD"] = CURATOR[1]
        name, mail = CURATOR[0], "c@example.org"
        manage(environment, "createsuperuser", "--no-input", "--username", name, "--email", mail)
        options = ("--threads", "4", "--workers", "1")
        with served(environment, listener, folder / "gunicorn.log", *options):
            yield address


# --- The browser ---------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium() -> Iterator[Callable[..., Browser]]:
    """Give a function that starts the system's Chromium, with further flags."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert program, "Chromium is missing: apt-get install chromium, or name it in CHROMIUM."
    # Playwright keeps an event loop in this thread, which Django takes for asynchronous code.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        start = partial(playwright.chromium.launch, executable_path=program)
        yield lambda *flags, **options: start(args=[*FLAGS, *flags], **options)
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser(chromium: Callable[..., Browser]) -> Iterator[Browser]:
    started = chromium()
    yield started
    started.close()


@pytest.fixture
def visitor(browser: Browser, site: str) -> Iterator[Visit]:
    """Give a function that opens a page in a new browser context with options of Playwright.

    After the test, console errors, failed requests and requests to other sites are failures.
    """
    contexts: list[BrowserContext] = []
    watch = Watch(site, [])

    def visit(**options: Any) -> Page:
        # Reduced motion, so that colours are not examined in the middle of a transition.
        still = {"base_url": site, "reduced_motion": "reduce"}
        given = {**still, "viewport": {"width": 1440, "height": 900}, **options}
        contexts.append(browser.new_context(**given))
        page = contexts[-1].new_page()
        watch.follow(page)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert watch.faults == []


@pytest.fixture
def page(visitor: Visit) -> Page:
    """A page in a new browser context with a screen 1440 pixels wide."""
    return visitor()


# --- Chromium and Firefox -------------------------------------------------------------------------


@pytest.fixture(scope="session")
def firefox(tmp_path_factory: pytest.TempPathFactory, site: str) -> Iterator[Firefox]:
    with started_firefox(tmp_path_factory.mktemp("firefox"), site) as started:
        yield started


@pytest.fixture(scope="session")
def keeping(chromium: Callable[..., Browser]) -> Iterator[Browser]:
    """Chromium that keeps pages for Back, as readers have it; Playwright starts it without."""
    started = chromium(ignore_default_args=["--disable-back-forward-cache"])
    yield started
    started.close()


@pytest.fixture(params=["chromium", "firefox"])
def reader(request: pytest.FixtureRequest, site: str) -> Iterator[Reader]:
    """A new tab, of Chromium and of Firefox in turn; any fault of its pages fails the test."""
    if request.param == "firefox":
        tab = request.getfixturevalue("firefox").open_tab()
        yield tab
        tab.close()
        assert tab.firefox.forget_faults() == []
        return
    watch = Watch(site, [])
    context = request.getfixturevalue("keeping").new_context(base_url=site)
    page = context.new_page()
    watch.follow(page)
    yield ChromiumReader(page)
    context.close()
    assert watch.faults == []

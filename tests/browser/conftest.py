"""The real site in a process of its own, and a real browser that forgives nothing."""

import ctypes
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    sync_playwright,
)
from pytest_django import DjangoDbBlocker

ROOT = Path(__file__).parent.parent.parent
CURATOR = ("curator", "correct horse battery staple")
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
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


# --- The site ------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def database_url(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Iterator[str]:
    """A database for the site alone, of the kind that the tests run on; dropped in the end."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('database') / 'site.sqlite3'}"
        return
    name = f"stemobs_browser_{secrets.token_hex(4)}"
    given = urlsplit(os.environ["DATABASE_URL"])
    with django_db_blocker.unblock():
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}"')
        yield given._replace(path=f"/{name}").geturl()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def listening() -> Iterator[socket.socket]:
    """A free port, taken at once, so that nothing else can take it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.set_inheritable(True)
        yield listener


@pytest.fixture(scope="session")
def environment(
    tmp_path_factory: pytest.TempPathFactory, database_url: str, listening: socket.socket
) -> dict[str, str]:
    """The settings of a site for others, as docs/operations.md has them."""
    files = tmp_path_factory.mktemp("files")
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "stemobs.settings",
        "DATABASE_URL": database_url,
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": f"http://127.0.0.1:{listening.getsockname()[1]}",
        "STATIC_ROOT": str(files / "static"),
        "MEDIA_ROOT": str(files / "media"),
        "DJANGO_SUPERUSER_PASSWORD": CURATOR[1],
    }


@pytest.fixture(scope="session")
def site(
    environment: dict[str, str], listening: socket.socket, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the site: migrated, seeded, with a curator, served by gunicorn."""
    for command in (
        ["migrate", "--verbosity", "0"],
        ["seed"],
        ["collectstatic", "--no-input", "--verbosity", "0"],
        ["createsuperuser", "--no-input", "--username", CURATOR[0], "--email", "c@example.org"],
    ):
        manage(environment, *command)
    log = tmp_path_factory.mktemp("log") / "gunicorn.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "stemobs.wsgi"),
                *("--bind", f"fd://{listening.fileno()}", "--worker-class", "gthread"),
                *("--threads", "4", "--workers", "1", "--timeout", "120", "--no-control-socket"),
            ],
            cwd=ROOT,
            env=environment,
            pass_fds=[listening.fileno()],
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that the worker ends with the server
            preexec_fn=end_with_parent,
        )
    try:
        wait_until_ready(environment["SITE_URL"], server, log)
        yield environment["SITE_URL"]
    finally:
        end(server)


def manage(environment: dict[str, str], *command: str) -> None:
    finished = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr


def wait_until_ready(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health/ready", timeout=5):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"The site did not start:\n{log.read_text()}")


def end_with_parent() -> None:
    """Ask Linux to end this process when the tests are killed, where no fixture can do it."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def end(server: subprocess.Popen[bytes]) -> None:
    """End the server and its workers, and nothing else."""
    server.terminate()
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


# --- The browser ---------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium() -> Iterator[Callable[..., Browser]]:
    """Start Chromium, as the system has it, with further flags if need be."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert program, "Chromium is missing: apt-get install chromium, or name it in CHROMIUM."
    # Playwright keeps an event loop in this thread, which Django takes for asynchronous code.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        start = playwright.chromium.launch
        yield lambda *flags: start(executable_path=program, args=[*FLAGS, *flags])
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser(chromium: Callable[..., Browser]) -> Iterator[Browser]:
    started = chromium()
    yield started
    started.close()


@dataclass
class Watch:
    """Everything that went wrong while a page was open."""

    site: str
    faults: list[str]

    def console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):  # violations of the CSP are errors
            self.faults.append(f"console: {message.text} {message.location['url']}")

    def request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.site}/", "data:", "about:")):
            self.faults.append(f"a request to another site: {request.url}")

    def failed(self, request: Request) -> None:
        # Leaving a page ends what it was still loading.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"failed: {request.url} {request.failure}")

    def follow(self, page: Page) -> None:
        page.on("console", self.console)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("request", self.request)
        page.on("requestfailed", self.failed)


Visit = Callable[..., Page]


@pytest.fixture
def visitor(browser: Browser, site: str) -> Iterator[Visit]:
    """Open pages of visitors that differ in what they are given, such as java_script_enabled."""
    contexts: list[BrowserContext] = []
    watch = Watch(site, [])

    def visit(**options: Any) -> Page:
        # Without motion, so that colours are not looked at while they change.
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
    """A page of a visitor with a wide screen."""
    return visitor()

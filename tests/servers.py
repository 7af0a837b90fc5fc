"""Helpers that serve the site with gunicorn in separate processes, on a database of their own."""

import atexit
import ctypes
import json
import os
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"
MIGRATIONS = sorted(path.stem for path in (ROOT / "programmes" / "migrations").glob("0*.py"))
# A migrated and seeded database that `./dev` prepared for copying: an SQLite file, or the name of
# a PostgreSQL database on the same server. If empty, databases are migrated and seeded as needed.
SEEDED = os.environ.get("TESTS_SEEDED", "")
PATIENCE = 60  # seconds to wait for something before the test fails
CLERK = (
    "import django; django.setup(); from tests.processes import clerk, hands; "
    f"clerk.serve({PATIENCE})"
)


def wait_until(is_so: Callable[[], Any], what: str) -> Any:
    """Call `is_so` until its result is true, and return the result; fail after PATIENCE seconds."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := is_so():
            return found
        time.sleep(0.01)
    pytest.fail(f"It never happened: {what}")


# --- Databases, ports and settings of a site ------------------------------------------------------


@contextmanager
def own_database(folder: Path, blocker: DjangoDbBlocker, copied_from: str = "") -> Iterator[str]:
    """Yield the URL of a new database, of the kind that the tests run on; drop it at the end."""
    if connection.vendor == "sqlite":
        if copied_from:
            shutil.copy(copied_from, folder / "site.sqlite3")
        yield f"sqlite:///{folder / 'site.sqlite3'}"
        return
    name = f"stemobs_site_{secrets.token_hex(4)}"
    given = urlsplit(os.environ["DATABASE_URL"])
    with blocker.unblock():
        with connection._nodb_cursor() as cursor:
            template = f' TEMPLATE "{copied_from}"' if copied_from else ""
            cursor.execute(f'CREATE DATABASE "{name}"{template}')
        try:
            # Built by hand, because `geturl` leaves out the slashes of a URL without a host.
            yield f"{given.scheme}://{given.netloc}/{name}?{given.query}"
        finally:
            with connection._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def free_port() -> Iterator[socket.socket]:
    """Yield a socket that is bound to a free port, so that no other process can take the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.set_inheritable(True)
        yield listener


def address_of(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@cache
def collect_static_files() -> str:
    """Return a folder with the collected static files, without which no site gets ready.

    TESTS_STATIC names one that all parts of the tests share.
    """
    if shared := os.environ.get("TESTS_STATIC"):
        return shared
    folder = tempfile.mkdtemp(prefix="stemobs-static-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": "http://127.0.0.1",
        "STATIC_ROOT": folder,
    }
    manage(environment, "collectstatic", "--no-input", "--verbosity", "0")
    return folder


def settings_of_a_site(database_url: str, address: str, folder: Path) -> dict[str, str]:
    """Return the environment of a public site, with the settings that docs/operations.md names."""
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "stemobs.settings",
        "DATABASE_URL": database_url,
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": address,
        "STATIC_ROOT": collect_static_files(),
        "MEDIA_ROOT": str(folder / "media"),
        "DRAFTS_ROOT": str(folder / "drafts"),
        "API_RATE": "",
    }


@contextmanager
def seeded_site(folder: Path, blocker: DjangoDbBlocker, address: str) -> Iterator[dict[str, str]]:
    """Yield the environment of a site whose database is migrated and seeded."""
    with own_database(folder, blocker, SEEDED) as database_url:
        environment = settings_of_a_site(database_url, address, folder)
        if not SEEDED:
            manage(environment, "migrate", "--verbosity", "0")
            manage(environment, "seed")
        yield environment


def manage(environment: dict[str, str], *command: str) -> None:
    finished = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr


# --- Servers --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """The response of a gunicorn worker, with the id of its process if the application sends it."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def worker(self) -> int:
        return int(self.headers["X-Worker"])

    def json(self) -> Any:
        assert self.status == 200, self.body
        return json.loads(self.body)


@dataclass(frozen=True)
class Server:
    """A running gunicorn server with its worker processes."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def workers(self) -> set[int]:
        """Return the process ids of the workers, as Linux lists them."""
        pid = self.process.pid
        return {int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}

    def ask(self, path: str, **headers: str) -> Answer:
        """Send a GET request over a new connection; any worker may answer."""
        asked = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            asked.request("GET", path, headers={"Connection": "close", **headers})
            answer = asked.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            asked.close()

    def ask_worker(self, worker: int, path: str, **headers: str) -> Answer:
        """Send a GET request to one worker, by stopping the other workers meanwhile."""
        others = self.workers - {worker}
        try:
            for other in others:
                os.kill(other, signal.SIGSTOP)
            wait_until(lambda: all(map(is_stopped, others)), "the other workers stop")
            answer = self.ask(path, **headers)
        finally:
            for other in others:
                os.kill(other, signal.SIGCONT)
        assert answer.worker == worker
        return answer


def is_stopped(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return state == "T"


@contextmanager
def served(*given: Any, **options: Any) -> Iterator[Server]:
    """Start gunicorn as `started` does, and yield the server once the site is ready."""
    with started(*given, **options) as server:
        wait_until_ready(server)
        yield server


@contextmanager
def started(
    environment: dict[str, str],
    listener: socket.socket,
    log: Path,
    *options: str,
    application: str = "stemobs.wsgi",
    is_inherited: bool = True,
) -> Iterator[Server]:
    """Start gunicorn and yield the server; a given `listener` reserves the port beforehand.

    A server that shall be able to start another in its place must open the port itself.
    """
    port = listener.getsockname()[1]
    if not is_inherited:
        listener.close()
    bind = f"fd://{listener.fileno()}" if is_inherited else f"127.0.0.1:{port}"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [
                *(sys.executable, str(Path(sys.executable).with_name("gunicorn")), application),
                *("--bind", bind, "--worker-class", "gthread"),
                *("--timeout", "120", "--no-control-socket", *options),
            ],
            cwd=ROOT,
            env=environment,
            pass_fds=[listener.fileno()] if is_inherited else [],
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that the server and its workers can be ended as a group
            preexec_fn=end_with_parent,
        )
    try:
        yield Server(process, port, log)
    finally:
        end(process)


def wait_until_ready(server: Server) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.process.poll() is None:
        with suppress(OSError):
            if server.ask("/health/ready").status == 200:
                return
        time.sleep(0.1)
    pytest.fail(f"The site did not start:\n{server.log.read_text()}")


def end_with_parent() -> None:
    """Ask Linux to end this process when its parent dies, also if the tests are killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # 1 is PR_SET_PDEATHSIG


def end(process: subprocess.Popen[bytes]) -> None:
    """End a server together with its workers, and with what has taken its place."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    # Its workers, or another server that has taken its place.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


# --- Writing to the database from another process -------------------------------------------------


class Clerk:
    """A process that runs the commands of tests/processes/clerk.py on the site's database."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", CLERK],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def do(self, command: str, **given: Any) -> Any:
        """Send a command, wait until it is done, and return its result."""
        self.tell(command, **given)
        return self.answer()

    def tell(self, command: str, **given: Any) -> None:
        """Send a command without waiting for its result."""
        self.pipe(self.process.stdin).write(json.dumps([command, given]).encode() + b"\n")
        self.pipe(self.process.stdin).flush()

    def answer(self) -> Any:
        """Wait for the result of the last command and return it; fail if the command failed."""
        assert self.has_answered(PATIENCE), "The clerk never answered."
        answer = json.loads(self.pipe(self.process.stdout).readline())
        assert "failed" not in answer, answer["failed"]
        return answer["done"]

    def has_answered(self, seconds: float = 0) -> bool:
        """Whether a result can be read, waiting at most `seconds`; send one command at a time."""
        return bool(select.select([self.process.stdout], [], [], seconds)[0])

    def kill(self) -> None:
        """Kill the process as `kill -9` does."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        self.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(BrokenPipeError):  # the process was killed before it read everything
                self.pipe(pipe).close()

    @staticmethod
    def pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe
        return pipe

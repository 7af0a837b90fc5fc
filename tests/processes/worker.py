"""The site's WSGI application for gunicorn's workers in tests.

The header X-Worker of each answer has the worker's process id, and X-Held the revision of the state
that the worker then holds open. If the file that the environment variable DEATH_WARRANT names
exists, the first worker that renews its catalogue deletes the file and kills itself. A worker whose
process id stands in the file `paused` beside it waits in the middle of renewing, until it no longer
stands there. While there is a file `away`, the database fails; while there is a file `failing`, it
fails in the middle of renewing. With a file `broken` the site cannot be imported. The log names
each thread that reads a change, and its process.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import current_thread
from time import sleep
from typing import Any

from django.db import OperationalError
from django.db.backends.signals import connection_created

WARRANT = Path(os.environ["DEATH_WARRANT"])
PAUSED = WARRANT.parent / "paused"
AWAY = WARRANT.parent / "away"
FAILING = WARRANT.parent / "failing"
if (WARRANT.parent / "broken").exists():
    raise ImportError("This is a broken release.")
READ_WHEN_RENEWING = "partnerships_funding"  # a table that is read only in the middle of renewing


def die_when_renewing(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
    if READ_WHEN_RENEWING in sql and WARRANT.exists():
        WARRANT.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    return execute(sql, *rest)


def wait_when_renewing(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
    thread = current_thread().name
    if READ_WHEN_RENEWING in sql:
        sys.stderr.write(f"{os.getpid()} reads in {thread}\n")
        if thread.startswith("catalogue-"):
            while is_paused():
                sleep(0.01)
            if FAILING.exists():
                raise OperationalError("Renewing fails in this test.")
    return execute(sql, *rest)


def fail_while_away(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
    if AWAY.exists():
        raise OperationalError("The database is away in this test.")
    return execute(sql, *rest)


def is_paused() -> bool:
    return PAUSED.exists() and str(os.getpid()) in PAUSED.read_text().split()


def watch(connection: Any, **kwargs: Any) -> None:
    connection.execute_wrappers += [die_when_renewing, wait_when_renewing, fail_while_away]


connection_created.connect(watch)

# Imported only now, because the import begins to build the catalogue.
from stemobs.wsgi import application as site  # noqa: E402  # isort: skip

# Imported after the site, whose import sets up Django.
from stemobs.catalogue.states.renewer import renewer  # noqa: E402


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer as the site does, with two headers about the worker."""

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        held = renewer.held.moment.number if renewer.held else ""
        own = [("X-Worker", str(os.getpid())), ("X-Held", str(held))]
        return start_response(status, [*headers, *own], *rest)

    return site(environ, start)

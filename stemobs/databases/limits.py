"""How long a thread waits for a database that does not answer, and whether it may ask it at all."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError

# How long a connection may take to be made or to prove alive, and the first query of a request.
SECONDS_TO_BEGIN = 2.0
# The same of a replica, in whose place another one or the primary can be asked.
SECONDS_TO_BEGIN_ON_REPLICA = 0.5
# How long a server may be silent: longer than any statement may take by its timeout.
SECONDS_OF_SILENCE = 5.5


class DatabaseRefused(OperationalError):
    """The database was not asked: it is away, and this request is answered from memory alone."""


class Limits(threading.local):
    """The limits of the present thread; a class attribute is the limit of all other threads."""

    # None: wait for ever, as commands do that run for minutes.
    seconds: float | None = None
    is_refused: bool = False

    @classmethod
    def limit_every_thread(cls) -> None:
        """Let no thread wait for a silent database for ever; for processes that answer requests."""
        cls.seconds = SECONDS_OF_SILENCE


limits = Limits()


@contextmanager
def wait_at_most(seconds: float | None) -> Iterator[None]:
    """Wait at most so long for each sign of life of the database within the block.

    None means to wait for ever.
    """
    before = limits.seconds
    limits.seconds = seconds
    try:
        yield
    finally:
        limits.seconds = before


@contextmanager
def end_refusal() -> Iterator[None]:
    """Allow the database at first, and again after the block whatever was refused within it."""
    limits.is_refused = False
    try:
        yield
    finally:
        limits.is_refused = False


def refuse_database() -> None:
    """Let every query of this thread fail at once until the end of the block of `end_refusal`."""
    limits.is_refused = True


class LimitedDatabase:
    """A mixin for Django's database wrappers: asks the database only if the thread may ask it."""

    def ensure_connection(self) -> None:
        self.check_permission()
        super().ensure_connection()  # type: ignore[misc]  # of the wrapper mixed in

    def _cursor(self, name: Any = None) -> Any:
        self.check_permission()
        return super()._cursor(name)  # type: ignore[misc]  # of the wrapper mixed in

    def is_usable(self) -> bool:
        with wait_at_most(SECONDS_TO_BEGIN):
            return super().is_usable()  # type: ignore[misc]  # of the wrapper mixed in

    def check_permission(self) -> None:
        if limits.is_refused:
            raise DatabaseRefused("The database is away and was not asked.")

"""The catalogue of a request: every filter, view and template tag of a request uses the same one.

Guarantees:

* A request without a signed-in user is answered from one snapshot of the database.
  `read_one_state` begins a read-only transaction that sees no later commits. The catalogue, all
  rows and the revision in the ETag belong to that snapshot.
* A request of a signed-in user has one catalogue too, but rows may be newer than the catalogue:
  the request may write a session, which a read-only transaction does not allow. Results made for
  such a request are not cached for others, and its ETag is made of the content of the answer.
* A file that is streamed starts in one snapshot, which decides the rows and their order. Each row
  is then read when its turn comes (`read_latest`), and may be newer. The ETag is that of the first
  snapshot, so it is never newer than the file. A workbook comes from one snapshot.
* Inside a transaction that the caller opened, as in most tests, that transaction decides.
* While the database is away, a reader's request is answered from the catalogue that the process has
  in memory, and asks the database for nothing: what else it needs is an error. `as_of` of its
  reading then says which state that is.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from time import monotonic
from typing import Any

from django.db import Error, connection
from django.http import HttpRequest

from stemobs.catalogue.catalogue import Catalogue, keeper
from stemobs.catalogue.moments import Moment, hold_one_state, read_latest_moment
from stemobs.databases.faults import SLOW, availability, is_fault
from stemobs.databases.limits import (
    SECONDS_TO_BEGIN,
    DatabaseRefused,
    end_refusal,
    refuse_database,
    wait_at_most,
)


class Remembered:
    """The catalogue in memory, for a request that cannot read the database.

    From then on the request is not let near the database, so that no row is newer than the rest.
    """

    # The state that the answer shows although a later one may be in the database; None: the latest.
    as_of: Moment | None = None

    def remember(self, held: Catalogue | None) -> Catalogue:
        """Return the catalogue in memory for the rest of the request, if there is one."""
        refuse_database()
        if held is None:
            raise DatabaseRefused("The database is away, and no catalogue is in memory.")
        self.as_of = held.moment
        return held

    def remember_after(self, error: Error, held: Catalogue | None) -> Catalogue:
        """Return the catalogue in memory after an error, if that is a fault of the database."""
        if held is None or not is_fault(error):
            raise error
        availability.note_fault(error)
        return self.remember(held)


@dataclass
class Reading(Remembered):
    """The snapshot that a request reads, and its catalogue, which is fetched on first use."""

    moment: Moment
    held: Catalogue | None  # the catalogue that the process had when the request began

    @cached_property
    def catalogue(self) -> Catalogue:
        try:
            return keeper.catalogue_at(self.moment, self.held)
        except Error as error:
            return self.remember_after(error, self.held)


class MemoryReading(Remembered):
    """The reading of a request that began while the database was away."""

    def __init__(self) -> None:
        self.held = keeper.kept
        self.as_of = self.held.moment if self.held else None
        refuse_database()

    @property
    def catalogue(self) -> Catalogue:
        return self.remember(self.held)


class UnboundReading(Remembered):
    """The reading of a request without a snapshot: the latest catalogue at its first use."""

    @cached_property
    def catalogue(self) -> Catalogue:
        try:
            return keeper.current().set_apart()
        except Error as error:
            return self.remember_after(error, keeper.kept)


AnyReading = Reading | MemoryReading | UnboundReading


@contextmanager
def read_one_state(request: HttpRequest) -> Iterator[Moment | None]:
    """Answer a request from one snapshot of the database; nothing can be written in the block.

    While the database is away, answer it from memory and yield None.
    """
    with end_refusal(), availability.take_turn() as may_ask, ExitStack() as state:
        reading = begin_reading(state) if may_ask else None
        keep_reading(request, reading or MemoryReading())
        yield reading.moment if reading else None


@contextmanager
def read_many_states() -> Iterator[None]:
    """Answer a request that may also write; at once with an error if that would be in vain."""
    with end_refusal():
        if availability.is_hopeless:
            refuse_database()
        yield


def begin_reading(state: ExitStack) -> Reading | None:
    """Begin to read a snapshot, until `state` is closed; return None if the database is away.

    The connection may be one to a server that was restarted meanwhile. So it is tried once more
    with a new one, unless the first attempt took long.
    """
    for is_first in (True, False):
        begun = monotonic()
        try:
            reading = read_beginning(state)
        except Error as error:
            seconds = monotonic() - begun
            if not connection.in_atomic_block:
                connection.close()
            if is_first and seconds < SLOW:
                continue
            availability.note_fault(error, seconds)
        else:
            availability.note_success()
            return reading
        return None
    return None


def read_beginning(state: ExitStack) -> Reading:
    # Taken before the snapshot begins, so that it cannot be newer than the snapshot.
    held = keeper.kept
    # A lost connection is noticed by the first query, and made anew: no query need try it before.
    connection.health_check_done = True  # type: ignore[attr-defined]  # the stubs lack it
    with ExitStack() as attempt, wait_at_most(SECONDS_TO_BEGIN):
        attempt.enter_context(hold_one_state(connection))
        moment = read_latest_moment(connection)
        state.push(attempt.pop_all())
    return Reading(moment, held)


@contextmanager
def read_latest() -> Iterator[Catalogue]:
    """Yield the catalogue of the latest state, for a streamed file whose request has ended."""
    held = keeper.kept
    with hold_one_state(connection):
        yield Reading(read_latest_moment(connection), held).catalogue


def get_request_catalogue(request: HttpRequest) -> Catalogue:
    """Return the catalogue of a request: the same one however often it is called."""
    # Django REST framework wraps Django's request in one of its own.
    plain = getattr(request, "_request", request)
    reading = getattr(plain, "reading", None)
    if reading is None:
        reading = UnboundReading()
        keep_reading(plain, reading)
    return reading.catalogue


def find_remembered_moment(request: HttpRequest) -> Moment | None:
    """Return the state that a request is answered with from memory; None if it is the latest."""
    return getattr(getattr(request, "reading", None), "as_of", None)


def keep_reading(request: Any, reading: AnyReading) -> None:
    """Store a reading on a request as an attribute that Django's own class does not declare."""
    request.reading = reading

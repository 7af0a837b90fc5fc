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
* If there are replicas, the snapshot is one of a replica that is at least as new as what this host
  has shown to anybody, else one of the primary. Whoever writes, or looks at what was written, reads
  the primary.
* Inside a transaction that the caller opened, as in most tests, that transaction decides.
* While the database is away, a reader's request is answered from the catalogue that the process has
  in memory, and asks the database for nothing: what else it needs is an error. `as_of` of its
  reading then says which state that is.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from time import monotonic
from typing import Any

from django.db import DEFAULT_DB_ALIAS, Error, connection, connections
from django.http import HttpRequest

from stemobs.catalogue.catalogue import Catalogue, keeper, wait_for_primary
from stemobs.catalogue.moments import READING, Moment, hold_one_state, read_latest_moment
from stemobs.databases.faults import (
    AVAILABILITIES,
    SLOW,
    availability,
    find_availability,
    is_fault,
)
from stemobs.databases.limits import (
    SECONDS_TO_BEGIN,
    SECONDS_TO_BEGIN_ON_REPLICA,
    DatabaseRefused,
    end_refusal,
    refuse_database,
    wait_at_most,
)
from stemobs.databases.replicas import (
    ask_database,
    is_following,
    is_replica,
    list_replicas,
    read_system,
    uses_replicas,
)
from stemobs.databases.shown import NotedState, shown_state


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
        find_availability().note_fault(error)
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
        outset = Outset.now()
        try:
            found = keeper.current()
            if uses_replicas():
                shown_state.advance(outset.noted, find_state(found.moment))
            return found.set_apart()
        except Error as error:
            return self.remember_after(error, keeper.kept)


AnyReading = Reading | MemoryReading | UnboundReading


@contextmanager
def read_one_state(request: HttpRequest, *, is_of_primary: bool = False) -> Iterator[Moment | None]:
    """Answer a request from one snapshot of the database; nothing can be written in the block.

    While the database is away, answer it from memory and yield None.
    """
    with end_refusal(), ExitStack() as state:
        reading = begin_reading(state, is_of_primary=is_of_primary)
        keep_reading(request, reading or MemoryReading())
        yield reading.moment if reading else None


@contextmanager
def read_many_states() -> Iterator[None]:
    """Answer a request that may also write; at once with an error if that would be in vain."""
    with end_refusal():
        if availability.is_hopeless:
            refuse_database()
        yield


def read_any_state(request: HttpRequest) -> AbstractContextManager[object]:
    """Answer a request that asks whether readers can be answered, from a replica or otherwise."""
    return read_one_state(request) if uses_replicas() else read_many_states()


# --- Which database answers -----------------------------------------------------------------------


@dataclass(frozen=True)
class Outset:
    """What is known before a request reads: the catalogue in memory, and what the host has shown.

    Taken before any snapshot begins, so that neither can be newer than a snapshot that is used.
    """

    held: Catalogue | None
    noted: NotedState | None = None

    @classmethod
    def now(cls) -> "Outset":
        return cls(keeper.kept, shown_state.find() if uses_replicas() else None)

    @property
    def newest(self) -> NotedState | None:
        """The state that the answer must not fall behind; None if it may be any."""
        if self.held is None:
            return self.noted
        held = NotedState("", self.held.moment.history, self.held.revision)
        if self.noted is None:
            return held
        is_later = held.continues(self.noted) and held.number > self.noted.number
        return self.noted._replace(number=held.number) if is_later else self.noted


def begin_reading(state: ExitStack, *, is_of_primary: bool = False) -> Reading | None:
    """Begin to read a snapshot, until `state` is closed; return None if no database can be read.

    All that is asked meanwhile goes to the database of the snapshot.
    """
    outset = Outset.now()
    for alias in list_databases(outset, is_of_primary):
        with ExitStack() as attempt:
            attempt.enter_context(ask_database(alias))
            may_ask = attempt.enter_context(find_availability().take_turn())
            if may_ask and (reading := begin_snapshot(attempt, outset)):
                state.push(attempt.pop_all())
                return reading
    return None


def list_databases(outset: Outset, is_of_primary: bool) -> Sequence[str]:
    """Return the databases to try, the best first.

    Without knowing what was shown, only the primary is sure not to fall behind. Replicas that could
    not be used just now are the last: they may have caught up, and nobody else may be there.
    """
    if is_of_primary or not uses_replicas():
        return (DEFAULT_DB_ALIAS,)
    now = monotonic()
    unfit = [one for one in list_replicas() if now < AVAILABILITIES[one].unfit_until]
    fit = [one for one in list_replicas() if one not in unfit]
    usual = (*fit, DEFAULT_DB_ALIAS) if outset.noted else (DEFAULT_DB_ALIAS, *fit)
    return (*usual, *unfit)


def begin_snapshot(state: ExitStack, outset: Outset) -> Reading | None:
    """Begin to read a snapshot, until `state` is closed; return None if that cannot be.

    The connection may be one to a server that was restarted meanwhile. So it is tried once more
    with a new one, unless the first attempt took long.
    """
    for is_first in (True, False):
        begun = monotonic()
        try:
            reading = read_beginning(state, outset)
        except Error as error:
            seconds = monotonic() - begun
            if not connection.in_atomic_block:
                connection.close()
            if is_first and seconds < SLOW:
                continue
            find_availability().note_fault(error, seconds)
        else:
            return reading
        return None
    return None


def read_beginning(state: ExitStack, outset: Outset) -> Reading | None:
    """Begin to read a snapshot; return None if it is of a replica, and may not be shown."""
    # A lost connection is noticed by the first query, and made anew: no query need try it before.
    connection.health_check_done = True  # type: ignore[attr-defined]  # the stubs lack it
    seconds = SECONDS_TO_BEGIN_ON_REPLICA if is_replica() else SECONDS_TO_BEGIN
    with ExitStack() as attempt, wait_at_most(seconds):
        if uses_replicas() and not is_replica():
            wait_for_primary(outset.newest)
        attempt.enter_context(hold_one_state(connection))
        moment = read_latest_moment(connection)
        if uses_replicas() and not admit(moment, outset):
            return None
        find_availability().note_success()
        state.push(attempt.pop_all())
    return Reading(moment, outset.held)


def admit(moment: Moment, outset: Outset) -> bool:
    """Whether a state may be shown, which is then noted; an unfit replica is left alone a while.

    The primary is right whatever it says: a backup may have been restored.
    """
    found = find_state(moment)
    if is_replica() and not is_fit(found, outset.newest):
        return False
    shown_state.advance(outset.noted, found)
    return True


def is_fit(found: NotedState, newest: NotedState | None) -> bool:
    """Whether a replica has a state that does not fall behind; if not, leave it alone a while."""
    if not is_following():
        find_availability().note_unfit("it follows no other server, so it is not a replica.")
    elif newest and not found.continues(newest):
        find_availability().note_unfit("it is of another server, or of another history.")
    elif newest and found.number < newest.number:
        find_availability().note_unfit()
    else:
        return True
    return False


def find_state(moment: Moment) -> NotedState:
    """Return what a moment of the database that this thread asks is noted as."""
    return NotedState(read_system(), moment.history, moment.number)


@contextmanager
def read_latest() -> Iterator[Catalogue]:
    """Yield the catalogue of the latest state, for a streamed file whose request has ended."""
    with ExitStack() as state:
        is_chosen = not uses_replicas() or connections[connection.alias] in READING
        reading = begin_on_connection(state) if is_chosen else begin_reading(state)
        if reading is None:
            raise DatabaseRefused("The database is away.")
        try:
            yield reading.catalogue
        except Error as error:
            find_availability().note_fault(error)
            raise


def begin_on_connection(state: ExitStack) -> Reading:
    """Begin to read a snapshot of the database that this thread asks, or go on in one."""
    held = keeper.kept
    state.enter_context(hold_one_state(connection))
    return Reading(read_latest_moment(connection), held)


def build_in_background() -> None:
    """Start to build the first catalogue of this process, unless it is built or being built."""
    keeper.build_in_background(read_first if uses_replicas() else keeper.current)


def read_first() -> None:
    """Build the first catalogue from whichever database answers."""
    with read_latest():
        pass


# --- The catalogue of a request -------------------------------------------------------------------


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

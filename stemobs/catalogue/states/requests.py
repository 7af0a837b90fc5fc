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
* While a process reads a large change, readers are answered from the state before it, which the
  process holds open: index and rows. `former` of their reading then says which state that is. A
  signed-in user, and who looks at their own suggestion, get its index with the latest rows.
* While the database is away, a reader's request is answered from the catalogue that the process has
  in memory, and asks the database for nothing: what else it needs is an error. `as_of` of its
  reading then says which state that is.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from threading import Thread
from typing import Any

from django.db import Error, connection, connections
from django.http import HttpRequest

from stemobs.catalogue.catalogue import Catalogue, is_far_behind, keeper
from stemobs.catalogue.states.moments import (
    READING,
    Moment,
    hold_one_state,
    read_latest_moment,
)
from stemobs.catalogue.states.renewer import LONGEST_WAIT_OF_WRITERS, Held, renewer
from stemobs.catalogue.states.snapshots import (
    Outset,
    Snapshot,
    begin_snapshot,
    describe_state,
    note_shown,
)
from stemobs.catalogue.states.stored import load_catalogue
from stemobs.databases.faults import availability, find_availability, is_fault
from stemobs.databases.limits import (
    SECONDS_TO_BEGIN,
    DatabaseRefused,
    end_refusal,
    refuse_database,
    wait_at_most,
)
from stemobs.databases.replicas import uses_replicas

# For how many seconds a process of the server catches up at most before it answers readers.
LONGEST_START = 20
# How often the state that this process holds is tried, if it is let go for a later one meanwhile.
ATTEMPTS = 3


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
    # The same moment, if a later one is being read; None: it is the latest.
    former: Moment | None = None
    # Notes for the other processes of the host that a later state is shown, once it was read.
    note: Callable[[], None] | None = None

    @cached_property
    def catalogue(self) -> Catalogue:
        try:
            found = keeper.catalogue_at(self.moment, self.held)
            if self.note:
                self.note()
            return found
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
            held = find_held()
            found = held.catalogue if held else keeper.current()
            if uses_replicas():
                note_shown(describe_state(found.moment), outset)
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


def begin_reading(state: ExitStack, *, is_of_primary: bool = False) -> Reading | None:
    """Begin to read one state, until `state` is closed; return None if no database can be read.

    If the database has a later state than the catalogue in memory, that is the one which this
    process holds by then: the later one, or the former one if reading the later one takes long.
    """
    outset = Outset.now()
    with ExitStack() as attempt:
        snapshot = begin_snapshot(attempt, outset, is_of_primary=is_of_primary)
        if snapshot is None:
            return None
        is_held = renewer.is_holding and outset.held and outset.held.moment != snapshot.moment
        if not is_held:
            return go_on_reading(state, attempt, snapshot, outset)
        if is_of_primary and (held := renewer.find_state(snapshot.moment)):
            state.push(attempt.pop_all())
            return Reading(held.moment, held.catalogue.set_apart())
    if reading := begin_held(state, snapshot.moment):
        return reading
    with ExitStack() as attempt:
        snapshot = begin_snapshot(attempt, outset, is_of_primary=is_of_primary)
        return go_on_reading(state, attempt, snapshot, outset) if snapshot else None


def go_on_reading(
    state: ExitStack, attempt: ExitStack, snapshot: Snapshot, outset: Outset
) -> Reading:
    """Keep reading a snapshot until `state` is closed, and note that it is shown."""
    reading = Reading(snapshot.moment, outset.held)
    is_new = outset.held is None or outset.held.moment != snapshot.moment
    if is_new and renewer.is_running:
        reading.note = partial(note_shown, snapshot, outset)
    elif uses_replicas():
        note_shown(snapshot, outset)
    state.push(attempt.pop_all())
    return reading


def begin_held(state: ExitStack, wanted: Moment) -> Reading | None:
    """Begin to read the state that this process holds; return None if it holds none to show."""
    tried: Held | None = None
    for _attempt in range(ATTEMPTS):
        held = renewer.find_state(wanted)
        if held is None or held is tried:
            return None
        tried = held
        try:
            with wait_at_most(SECONDS_TO_BEGIN):
                state.enter_context(held.state.entered())
        # It was let go in between, for a later one.
        except Error:
            continue
        former = None if held.is_as_new_as(wanted) else held.moment
        return Reading(held.moment, held.catalogue, former)
    return None


def find_held() -> Held | None:
    """Return what this process holds for a request whose rows may be newer than its catalogue."""
    if connection.in_atomic_block or not renewer.is_holding:
        return None
    held = renewer.find_state(read_latest_moment(connection), LONGEST_WAIT_OF_WRITERS)
    find_availability().note_success()
    return held


@contextmanager
def read_latest() -> Iterator[Catalogue]:
    """Yield the catalogue of the latest state, for a streamed file whose request has ended."""
    with ExitStack() as state:
        is_plain = not (uses_replicas() or renewer.is_holding) or connection.in_atomic_block
        is_chosen = is_plain or connections[connection.alias] in READING
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
    keeper.build_in_background(read_first)


def wait_until_built() -> bool:
    """Wait until the first catalogue is in memory; False if the database turns out to be away."""
    build_in_background()
    if keeper.builder:
        keeper.builder.join()
    return keeper.is_ready


def begin_serving() -> None:
    """Bring what this process was forked with up to date; from then on its own threads renew it.

    Whoever calls this answers nobody yet. So a process that takes the place of another, days after
    the server was started, does not make readers wait.
    """
    renewer.is_serving = True
    reading = Thread(
        target=keeper.try_to_build, args=(read_first,), name="catching up", daemon=True
    )
    reading.start()
    reading.join(LONGEST_START)


def read_first() -> None:
    """Build the first catalogue, from the stored one and from whichever database answers."""
    with ExitStack() as state:
        outset = Outset.now()
        snapshot = begin_snapshot(state, outset)
        if snapshot is None:
            raise DatabaseRefused("The database is away.")
        stored = None
        if outset.held is None or is_far_behind(outset.held, snapshot.moment):
            stored = load_catalogue(snapshot.moment)
        if stored:
            keeper.begin_with(stored)
        found = keeper.catalogue_at(snapshot.moment, outset.held)
    if found is stored:
        renewer.note_stored(found.moment)
    else:
        renewer.store(found)


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


def find_former_moment(request: HttpRequest) -> Moment | None:
    """Return the state that a request is answered with while a later one is read; None: no such."""
    return getattr(getattr(request, "reading", None), "former", None)


def find_remembered_moment(request: HttpRequest) -> Moment | None:
    """Return the state that a request is answered with from memory; None if it is the latest."""
    return getattr(getattr(request, "reading", None), "as_of", None)


def keep_reading(request: Any, reading: AnyReading) -> None:
    """Store a reading on a request as an attribute that Django's own class does not declare."""
    request.reading = reading

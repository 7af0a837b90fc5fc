"""States of the database that are held open, so that readers can still be answered from them.

On PostgreSQL a transaction exports its snapshot, and readers take it over by its name. SQLite has
no such names. There a few connections have begun to read the same state, and are lent to readers.
"""

import os
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from stemobs.catalogue.states.moments import (
    READING,
    Moment,
    begin_reading,
    end_reading,
    hold_one_state,
    read_latest_moment,
)
from stemobs.databases.limits import SECONDS_TO_BEGIN, wait_at_most
from stemobs.databases.replicas import ask_database, ask_through

# How many readers can be answered at a time from a state of SQLite; the next one waits its turn.
READERS = 4
# For how many seconds it waits.
LONGEST_TURN = 2.0
# The transaction that exports a snapshot asks for nothing until the next one is there. The limit is
# for a process that is frozen, so that it does not keep the server from tidying up for ever.
EXPORT = "SET LOCAL idle_in_transaction_session_timeout = '10min'; SELECT pg_export_snapshot()"


# Connections that no state needs now, so that not each change has to make new ones.
idle: deque[BaseDatabaseWrapper] = deque()
# A forked process must not use those of the first one.
os.register_at_fork(after_in_child=idle.clear)


class NotHeld(DatabaseError):
    """A state is no longer held, or all connections to it are lent to others."""


@dataclass
class ExportedState:
    """A state of PostgreSQL that one connection holds open and has given a name."""

    alias: str
    name: str

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Let all that this thread asks in the block be answered from this state."""
        with ask_database(self.alias), hold_one_state(connection, self.name):
            yield

    def let_go(self) -> None:
        """Do nothing: the state ends with the transaction that exported it."""


@dataclass
class LentState:
    """A state of SQLite that several connections hold open, each for one reader at a time."""

    # None wakes those who wait for a connection after the state has ended.
    free: SimpleQueue[BaseDatabaseWrapper | None] = field(default_factory=SimpleQueue)
    is_over: Event = field(default_factory=Event)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Let all that this thread asks in the block be answered from this state."""
        if self.is_over.is_set():
            raise NotHeld
        try:
            own = self.free.get(timeout=LONGEST_TURN)
        except Empty:
            raise NotHeld from None
        if own is None:
            self.free.put(None)
            raise NotHeld
        try:
            with ask_through(own):
                yield
        finally:
            self.free.put(own)
            if self.is_over.is_set():
                self.let_go()

    def let_go(self) -> None:
        """End the state; a connection that is lent ends it when it comes back."""
        self.is_over.set()
        with suppress(Empty):
            while True:
                if own := self.free.get_nowait():
                    READING.discard(own)
                    end_reading(own)
                    idle.append(own)
        self.free.put(None)


HeldState = ExportedState | LentState


def hold_present_state(moment: Moment) -> HeldState | None:
    """Return the state that this thread reads, for others to read it too until it is let go.

    On PostgreSQL this thread must go on reading it until then. On SQLite the result is None if
    somebody has written meanwhile, because no connection can begin to read what was before.
    """
    return export_state() if connection.vendor == "postgresql" else lend_state(moment)


def export_state() -> ExportedState:
    with connection.cursor() as cursor:
        cursor.execute(EXPORT)
        return ExportedState(connection.alias, cursor.fetchone()[0])


def lend_state(moment: Moment) -> LentState | None:
    state = LentState()
    with ExitStack() as attempt:
        attempt.callback(state.let_go)
        if any(lend_connection(state) != moment for _reader in range(READERS)):
            return None
        attempt.pop_all()
    return state


def lend_connection(state: LentState) -> Moment:
    """Add a connection to a state, and return the moment that it reads."""
    try:
        own = idle.pop()
    except IndexError:
        own = connections.create_connection(DEFAULT_DB_ALIAS)
        own.inc_thread_sharing()
    with ask_through(own), wait_at_most(SECONDS_TO_BEGIN):
        begin_reading(own)
        READING.add(own)
        state.free.put(own)
        return read_latest_moment(own)


def close_idle() -> None:
    """Close the connections that no state needs."""
    with suppress(IndexError):
        while True:
            idle.pop().close()

"""Which database a request reads, from which moment on, and whether that may be shown.

A snapshot is one state of the database: all that is asked while it is held belongs to one revision.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, Error, connection

from stemobs.catalogue.catalogue import Catalogue, keeper, wait_for_primary
from stemobs.catalogue.states.moments import Moment, hold_one_state, read_latest_moment
from stemobs.databases.faults import AVAILABILITIES, SLOW, find_availability
from stemobs.databases.limits import (
    SECONDS_TO_BEGIN,
    SECONDS_TO_BEGIN_ON_REPLICA,
    wait_at_most,
)
from stemobs.databases.replicas import (
    ask_database,
    is_replica,
    list_replicas,
    read_following,
    read_system,
    uses_replicas,
)
from stemobs.databases.shown import NotedState, shown_state


class Snapshot(NamedTuple):
    """One state of the database: its moment, and as what it is noted once it was shown."""

    moment: Moment
    state: NotedState


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


def begin_snapshot(
    state: ExitStack, outset: Outset, *, is_of_primary: bool = False
) -> Snapshot | None:
    """Begin to read a snapshot, until `state` is closed; return None if no database can be read.

    All that is asked meanwhile goes to the database of the snapshot.
    """
    for alias in list_databases(outset, is_of_primary):
        if snapshot := try_database(state, alias, outset):
            return snapshot
    if is_of_primary or not uses_replicas():
        return None
    for alias in list_replicas():
        if AVAILABILITIES[alias].is_alone and (
            snapshot := try_database(state, alias, outset, may_be_alone=True)
        ):
            return snapshot
    return None


def try_database(
    state: ExitStack, alias: str, outset: Outset, *, may_be_alone: bool = False
) -> Snapshot | None:
    """Begin to read a snapshot of one database; return None if that cannot be, or may not."""
    with ExitStack() as attempt:
        attempt.enter_context(ask_database(alias))
        with find_availability().take_turn() as may_ask:
            snapshot = try_twice(attempt, outset, may_be_alone) if may_ask else None
        if snapshot:
            state.push(attempt.pop_all())
        return snapshot


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


def try_twice(state: ExitStack, outset: Outset, may_be_alone: bool) -> Snapshot | None:
    """Begin to read a snapshot of the database that is asked; return None if that cannot be.

    The connection may be one to a server that was restarted meanwhile. So it is tried once more
    with a new one, unless the first attempt took long.
    """
    for is_first in (True, False):
        begun = monotonic()
        try:
            snapshot = read_beginning(state, outset, may_be_alone)
        except Error as error:
            seconds = monotonic() - begun
            if not connection.in_atomic_block:
                connection.close()
            if is_first and seconds < SLOW:
                continue
            find_availability().note_fault(error, seconds)
        else:
            return snapshot
        return None
    return None


def read_beginning(state: ExitStack, outset: Outset, may_be_alone: bool) -> Snapshot | None:
    """Begin to read a snapshot; return None if it is of a replica, and may not be shown."""
    # A lost connection is noticed by the first query, and made anew: no query need try it before.
    connection.health_check_done = True  # type: ignore[attr-defined]  # the stubs lack it
    seconds = SECONDS_TO_BEGIN_ON_REPLICA if is_replica() else SECONDS_TO_BEGIN
    with ExitStack() as attempt, wait_at_most(seconds):
        if uses_replicas() and not is_replica():
            wait_for_primary(outset.newest)
        attempt.enter_context(hold_one_state(connection))
        snapshot = describe_state(read_latest_moment(connection))
        # The primary is right whatever it says: a backup may have been restored.
        if is_replica() and not is_fit(snapshot.state, outset.newest, may_be_alone):
            return None
        find_availability().note_success(is_whole=not may_be_alone)
        state.push(attempt.pop_all())
    return snapshot


def describe_state(moment: Moment) -> Snapshot:
    """Return a moment of the database that this thread asks, with what it is noted as."""
    system = read_system() if uses_replicas() else ""
    return Snapshot(moment, NotedState(system, moment.history, moment.number))


def is_fit(found: NotedState, newest: NotedState | None, may_be_alone: bool) -> bool:
    """Whether a replica has a state that does not fall behind; if not, leave it alone a while.

    One that hears of no primary is left alone too, unless nobody else answers: the primary may have
    gone on without it.
    """
    following, availability = read_following(), find_availability()
    availability.note_receiving(following.is_receiving)
    if not following.is_replica:
        availability.note_unfit("it follows no other server, so it is not a replica.")
    elif newest and not found.continues(newest):
        availability.note_unfit("it is of another server, or of another history.")
    elif newest and found.number < newest.number:
        availability.note_unfit()
    elif availability.is_alone and not may_be_alone:
        availability.note_unfit("it hears of no primary, so the primary is asked.")
    else:
        return True
    return False


def note_shown(snapshot: Snapshot, outset: Outset) -> None:
    """Note for all processes of this host that a state is shown now."""
    shown_state.advance(outset.noted, snapshot.state)

"""Threads of a process that renew its catalogue, so that no reader waits long for it.

Two threads take turns. One holds a state open: the catalogue in memory, and the database as it was
then. The other looks for a later one. When it has found and read that, it holds it in its turn, and
the first one lets go of the former. Readers who come meanwhile wait a moment for the new state. If
reading it takes longer, they are answered from the former one, which is whole: index and rows.

A process that answers no requests has no such threads, nor one whose catalogue is read so quickly
that nobody would notice.
"""

import fcntl
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Event, Lock, Thread, current_thread
from time import monotonic

from django.conf import settings
from django.db import Error, connection, connections

from stemobs.catalogue.catalogue import Catalogue, keeper
from stemobs.catalogue.states.holding import HeldState, close_idle, hold_present_state
from stemobs.catalogue.states.moments import Moment, read_changes_since
from stemobs.catalogue.states.snapshots import Outset, begin_snapshot
from stemobs.catalogue.states.stored import is_just_stored, store_catalogue
from stemobs.catalogue.triggers.tables import EVERYTHING
from stemobs.databases.faults import describe_fault
from stemobs.databases.limits import wait_at_most
from stemobs.databases.shown import NotedState, shown_state

log = logging.getLogger(__name__)

# A catalogue of fewer programmes is read in less time than a reader waits for the next page.
WORTH_HOLDING = 1_000
# More changed rows than this take longer to be read than a reader should wait.
FEW = 200
# For how many seconds a reader waits for the new state before the former one must do.
LONGEST_WAIT = 0.2
# The same for people who are signed in: they may have made the change themselves.
LONGEST_WAIT_OF_WRITERS = 2.0
# The same where another process of this host has shown a later state than the former one. Then a
# reader who gave up waiting would only do the same work once more.
LONGEST_WAIT_FOR_SHOWN = 10.0
# Every how many seconds somebody looks for a later state, even if no reader asks.
LOOKING = 1.0
# After how many seconds a state is held anew although nothing changed: neither database can tidy up
# what was deleted since, and the log of SQLite grows meanwhile.
OLDEST = 10.0
# For how many seconds more than its own reading took a process waits for the others of its host.
PATIENCE = 2.0
# Every how many seconds the catalogue is stored anew, unless a large change was read.
STORING = 3_600
# Lets SQLite write its log back into the file as far as nobody reads from it.
TIDY = "PRAGMA wal_checkpoint(PASSIVE)"
# Does the same, and empties the log if nobody reads from it.
SHORTEN = "PRAGMA wal_checkpoint(TRUNCATE)"
LONGEST_LOG = 16_000_000  # bytes


@dataclass(eq=False)
class Held:
    """A catalogue, and the state of the database that belongs to it."""

    catalogue: Catalogue
    state: HeldState
    since: float = field(default_factory=monotonic)
    is_replaced: Event = field(default_factory=Event)

    @property
    def moment(self) -> Moment:
        return self.catalogue.moment

    @property
    def is_old(self) -> bool:
        return monotonic() > self.since + OLDEST

    def is_as_new_as(self, moment: Moment) -> bool:
        return self.moment.history == moment.history and self.moment.number >= moment.number


class Renewer:
    """Renews the catalogue of this process, and holds the state that readers can be shown."""

    def __init__(self) -> None:
        self.is_serving = False  # whether this process answers requests
        # What was stored last, by this process or by the one that it was forked from.
        self.stored: Moment | None = None
        self.store_at: float | None = None  # when a later one is stored; None: at once
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget threads and states, as in a forked process, which has none of them."""
        self.held: Held | None = None
        self.news = Condition()
        self.is_asked = False
        self.begun: float | None = None  # when the reading began that goes on now
        self.turn = Lock()
        self.threads: list[Thread] = []

    @property
    def is_running(self) -> bool:
        return bool(self.threads)

    @property
    def is_holding(self) -> bool:
        """Whether readers can be shown a state that is held; begins to hold one where it pays."""
        if self.is_serving and not self.threads and is_worth_holding():
            self.start()
        return self.held is not None

    def start(self) -> None:
        with self.news:
            if not self.threads:
                self.threads = [
                    Thread(target=self.take_turns, name=f"catalogue-{number}", daemon=True)
                    for number in range(2)
                ]
                for thread in self.threads:
                    thread.start()

    # --- What readers ask -------------------------------------------------------------------------

    def find_state(self, wanted: Moment, seconds: float = LONGEST_WAIT) -> Held | None:
        """Return a state that is as new as a moment, or the former one if reading takes longer.

        Return None if none is held, or none that may be shown: of another history, or older than
        what this host has shown.
        """
        held = self.held
        if held and held.is_as_new_as(wanted):
            return held
        with self.news:
            self.is_asked = True
            self.news.notify_all()
            begun = self.begun or monotonic()
            while self.held and not self.held.is_as_new_as(wanted):
                is_behind = has_shown_later(self.held.moment)
                deadline = begun + (LONGEST_WAIT_FOR_SHOWN if is_behind else seconds)
                left = deadline - monotonic()
                if left <= 0 or not self.news.wait(left):
                    break
            held = self.held
        if held is None or held.moment.history != wanted.history:
            return None
        is_backwards = not held.is_as_new_as(wanted) and has_shown_later(held.moment)
        return None if is_backwards else held

    # --- What the threads do ----------------------------------------------------------------------

    def take_turns(self) -> None:
        try:
            while self.take_turn():
                pass
        # Without these threads readers read for themselves, and the next one starts them again.
        except Exception:
            log.exception("The catalogue is no longer renewed beside readers.")
        finally:
            self.stop()

    def take_turn(self) -> bool:
        """Show a later state, and hold it until the next one is shown; return whether to go on."""
        with self.turn:
            found = self.look_for_news()
        if found is None:
            return False
        held, state = found
        Thread(target=self.store, args=(held.catalogue,), name="storing", daemon=True).start()
        held.is_replaced.wait()
        state.close()
        with suppress(Error):
            tidy_up()
        return True

    def look_for_news(self) -> tuple[Held, ExitStack] | None:
        """Wait until there is a later state, read and show it; None: nothing is held any more."""
        while is_worth_holding() and current_thread() in self.threads:
            state = ExitStack()
            try:
                if held := self.renew(state):
                    return held, state
            # A fault of the database, or of ours: then nothing is held, and readers read for
            # themselves, until it is over.
            except Exception as error:
                log.warning("The catalogue cannot be renewed yet: %s", describe_fault(error))
                self.let_go()
            state.close()
            self.wait()
        return None

    def renew(self, state: ExitStack) -> Held | None:
        """Hold a later state of the database, if there is one, until `state` is closed."""
        is_long = is_log_long()  # asked before a state is read, because it cannot be asked then
        noted, outset = shown_state.find(), Outset.now()
        former, start = self.held, outset.held
        snapshot = begin_snapshot(state, outset)
        if snapshot is None or start is None:
            self.let_go()
            return None
        if is_long and not has_changed_much(start, snapshot.moment):
            state.close()
            self.shorten_log()
            return None
        is_new = former is None or former.moment != snapshot.moment
        if not (is_new or (former and former.is_old)):
            return None
        held_state = hold_present_state(snapshot.moment)
        if held_state is None:
            self.is_asked = True
            return None
        state.callback(held_state.let_go)
        found = self.read(start) if start.moment != snapshot.moment else start
        if start.moment != snapshot.moment:
            shown_state.advance(noted, snapshot.state)
        held = Held(found, held_state)
        self.show(held, start)
        return held

    def read(self, start: Catalogue) -> Catalogue:
        """Return the catalogue of the present state, once all of this host have read it."""
        self.begun = monotonic()
        with read_beside_others() as others:
            found = keeper.read_ahead(start)
            took = monotonic() - self.begun
            if took > LONGEST_WAIT:
                self.store_at = None
                others.wait(took + PATIENCE, lambda: self.is_behind)
        return found

    @property
    def is_behind(self) -> bool:
        """Whether this process can show its readers nothing before it shows what it has read."""
        held = self.held
        return held is None or has_shown_later(held.moment)

    def show(self, held: Held, start: Catalogue) -> None:
        """Let readers see a state in place of the former one."""
        keeper.replace(start, held.catalogue)
        with self.news:
            former, self.held, self.begun = self.held, held, None
            self.news.notify_all()
        if former:
            former.is_replaced.set()

    def wait(self) -> None:
        """Wait until a reader asks for a later state, or until it is time to look for one."""
        with self.news:
            if not self.is_asked:
                self.news.wait(LOOKING)
            self.is_asked = False

    def store(self, catalogue: Catalogue | None) -> None:
        """Store a catalogue for the next start, if it was read long, or not stored for long."""
        is_due = self.store_at is None or monotonic() > self.store_at
        if catalogue and is_due and is_worth_holding() and catalogue.moment != self.stored:
            self.note_stored(catalogue.moment)
            if not is_just_stored():
                store_catalogue(catalogue)

    def note_stored(self, moment: Moment) -> None:
        self.stored, self.store_at = moment, monotonic() + STORING

    def shorten_log(self) -> None:
        """Let go of what is held, and let SQLite begin its log anew if all processes have done so.

        As long as anybody reads a state out of the log, it only grows. A large change is read
        first: it makes the log long by itself, and its readers need the former state.
        """
        self.let_go()
        with wait_at_most(0.05), connection.cursor() as cursor:
            cursor.execute(SHORTEN)

    def let_go(self) -> None:
        """Hold nothing any more."""
        with self.news:
            former, self.held, self.begun = self.held, None, None
            self.news.notify_all()
        if former:
            former.is_replaced.set()

    def stop(self) -> None:
        """Let both threads end: the catalogue has become small, or one of them has failed."""
        self.let_go()
        with self.news:
            self.threads = []
        close_idle()
        connections.close_all()


def is_worth_holding() -> bool:
    kept = keeper.kept
    return kept is not None and len(kept.programmes) >= WORTH_HOLDING


def has_shown_later(moment: Moment) -> bool:
    """Whether a process of this host has shown a later state, which nobody may fall behind."""
    noted = shown_state.find()
    state = NotedState("", moment.history, moment.number)
    return noted is not None and noted.continues(state) and noted.number > state.number


def has_changed_much(start: Catalogue, moment: Moment) -> bool:
    """Whether so many rows changed since a catalogue that readers would notice the reading."""
    if start.moment == moment:
        return False
    changed = read_changes_since(start.revision)
    return bool(changed[EVERYTHING]) or sum(map(len, changed.values())) > FEW


def is_log_long() -> bool:
    """Whether the log of SQLite has come to be longer than it should.

    Only what was committed counts. A transaction that is not yet ended may have written much.
    """
    if connection.vendor != "sqlite":
        return False
    log = Path(f"{connection.settings_dict['NAME']}-wal")
    if not log.exists() or log.stat().st_size < LONGEST_LOG:
        return False
    return tidy_up() > LONGEST_LOG


def tidy_up() -> int:
    """Let SQLite write back its log, and return the length of the log in bytes."""
    if connection.vendor != "sqlite":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(TIDY)
        _busy, frames, _moved = cursor.fetchone()
        cursor.execute("PRAGMA page_size")
        return int(frames * cursor.fetchone()[0])


# --- The processes of a host ----------------------------------------------------------------------


@dataclass
class Others:
    """The processes of this host that are reading a state; a lock on a file says so of each."""

    file: int | None

    def wait(self, seconds: float, is_in_vain: Callable[[], bool]) -> None:
        """Wait until all others have read it too, so that all show it from the same moment on.

        Otherwise the readers of the last one would have to wait: what was shown once on this host,
        no later answer may fall behind. One that died holds no lock.
        """
        if self.file is None:
            return
        fcntl.flock(self.file, fcntl.LOCK_UN)
        deadline = monotonic() + seconds
        pause = Event()
        while not (self.are_done(self.file) or is_in_vain()) and monotonic() < deadline:
            pause.wait(0.02)

    @staticmethod
    def are_done(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        fcntl.flock(file, fcntl.LOCK_UN)
        return True


@contextmanager
def read_beside_others() -> Iterator[Others]:
    """Tell the other processes of this host that this one reads a state, until all have read it."""
    folder = Path(str(settings.HOST_ROOT))
    opened = None
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        opened = os.open(folder / "renewing", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(opened, fcntl.LOCK_SH)
    try:
        yield Others(opened)
    finally:
        if opened is not None:
            os.close(opened)


renewer = Renewer()
os.register_at_fork(after_in_child=renewer.begin_anew)

"""Which errors are faults of the database rather than of the code, and whether it is away.

A fault passes: the server is restarted, a lock is released, the disk gets room, the migrations are
run. Errors in SQL or in the rows are no faults.
"""

import errno
import logging
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    InterfaceError,
    OperationalError,
    connection,
)

from stemobs.databases.limits import DatabaseRefused

log = logging.getLogger(__name__)

# For how long a slow fault keeps requests from asking the database again.
PAUSE = 0.5
# A fault that took longer than this is slow: all threads of a process would wait for it.
SLOW = 0.25
# A replica is left alone for longer, and after any fault: others can be asked meanwhile.
PAUSE_OF_REPLICA = 5.0
# A replica that is behind is left alone for so long.
CATCHING_UP = 0.5
# A replica that hears of no primary for longer than so many seconds may have lost it for good. It
# is asked only if the primary is away. The time is enough for a server that is started again.
LONGEST_ALONE = 5.0
# The log is told at most this often, in seconds, that the database is away or back.
TELL_AFTER = 5

# PostgreSQL's codes: a read-only server (a standby), an idle transaction that was ended, and a
# table or a column that is not there (yet), because the migrations were not run.
FAULTS_BY_CODE = ("25006", "25P03", "42P01", "42703")
EMPTY_BY_CODE = "23502"
LOCKED_BY_CODE = "55P03"
DEADLOCK_BY_CODE = "40P01"
FULL_BY_CODE = "53100"
# SQLite's codes: an error in SQL, which Python calls operational; locks; a broken or foreign file.
LOCKED_IN_SQLITE = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
BROKEN_IN_SQLITE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
# How SQLite, which has no codes for them, tells of a table or a column that is not there (yet).
MISSING_IN_SQLITE = re.compile("no such (table|column)|has no column named")
# Errors of files, for instance of an uploaded picture: no room, over quota, read-only.
FULL_FILES = (errno.ENOSPC, errno.EDQUOT)
FAULTS_OF_FILES = (*FULL_FILES, errno.EROFS)


def read_postgresql_code(error: BaseException) -> str:
    """Return the code that PostgreSQL gave an error; "" if there is none."""
    return getattr(error.__cause__, "pgcode", None) or ""


def read_sqlite_code(error: BaseException) -> int:
    """Return the primary code that SQLite gave an error; 0 if there is none."""
    return getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF


def is_fault(error: BaseException) -> bool:
    """Whether the database, or a disk, is to blame for an error."""
    if isinstance(error, OSError):
        return error.errno in FAULTS_OF_FILES
    if isinstance(error, (InterfaceError, OperationalError)):
        is_in_sql = read_sqlite_code(error) == sqlite3.SQLITE_ERROR
        return not is_in_sql or bool(MISSING_IN_SQLITE.search(str(error)))
    if not isinstance(error, DatabaseError):
        return False
    code = read_sqlite_code(error)
    is_known = code in BROKEN_IN_SQLITE or read_postgresql_code(error) in FAULTS_BY_CODE
    return is_known or lacks_later_column(error)


def lacks_later_column(error: BaseException) -> bool:
    """Whether a row was refused on PostgreSQL for want of a column that only a later release has.

    While hosts are upgraded one after the other, the former release does not know it.
    """
    if read_postgresql_code(error) != EMPTY_BY_CODE:
        return False
    told: Any = getattr(error.__cause__, "diag", None)
    models = [one for one in apps.get_models() if one._meta.db_table == told.table_name]
    columns = {field.column for one in models for field in one._meta.concrete_fields}
    return bool(columns) and told.column_name not in columns


def is_disk_full(error: BaseException) -> bool:
    """Whether a fault is a disk without room."""
    if isinstance(error, OSError):
        return error.errno in FULL_FILES
    is_full = read_sqlite_code(error) == sqlite3.SQLITE_FULL
    return is_full or read_postgresql_code(error) == FULL_BY_CODE


def is_lock(error: BaseException) -> bool:
    """Whether a fault is a lock that was not released in time."""
    code = read_postgresql_code(error)
    return code == LOCKED_BY_CODE or read_sqlite_code(error) in LOCKED_IN_SQLITE


def is_deadlock(error: BaseException) -> bool:
    """Whether PostgreSQL ended a transaction because two waited for each other."""
    return read_postgresql_code(error) == DEADLOCK_BY_CODE


def is_silence(error: BaseException) -> bool:
    """Whether a fault is a server that does not answer. Only PostgreSQL's backend knows it."""
    return type(error.__cause__).__name__ == "SilentServer"


class Availability:
    """What a process knows of a database: whether it is away, and when to try it again.

    While it is away, one request at a time tries it and the others go on from memory, so that the
    threads do not pile up behind a server that does not answer.
    """

    def __init__(self, alias: str = DEFAULT_DB_ALIAS) -> None:
        is_replica = alias != DEFAULT_DB_ALIAS
        self.name = f"The database {alias}" if is_replica else "The database"
        self.pause, self.slow = (PAUSE_OF_REPLICA, -1) if is_replica else (PAUSE, SLOW)
        # Until when a replica is not asked that answers but cannot be used; what waits for an
        # earlier answer of it goes on.
        self.unfit_until = 0.0
        self.alone_since: float | None = None  # when a replica was first found to hear nothing
        self.lock = threading.Lock()
        self.retry_at: float | None = None  # None: it is not away
        self.is_silent = False  # whether even new connections get no answer
        self.is_tried = False
        self.has_failed = False
        self.told_at = -float(TELL_AFTER)

    @property
    def is_away(self) -> bool:
        return self.retry_at is not None

    @property
    def is_hopeless(self) -> bool:
        """Whether asking now would only mean to wait for a server that is known to be silent."""
        return self.is_silent and self.retry_at is not None and monotonic() < self.retry_at

    @contextmanager
    def take_turn(self) -> Iterator[bool]:
        """Yield whether a request may ask the database; while it is away, one after the other."""
        if not self.is_away:
            yield True
            return
        with self.lock:
            is_turn = not self.is_tried and monotonic() >= (self.retry_at or 0)
            self.is_tried = self.is_tried or is_turn
        try:
            yield is_turn
        finally:
            if is_turn:
                self.is_tried = False

    def note_fault(self, error: BaseException, seconds: float = 0) -> None:
        """Remember a fault that a request met after so many seconds; a slow one means: away."""
        if isinstance(error, (DatabaseRefused, OSError)):
            return
        if seconds > self.slow or is_lock(error) or is_silence(error):
            self.is_silent = not is_lock(error)
            self.retry_at = monotonic() + self.pause
        if not self.has_failed:
            self.has_failed = self.tell("is away: %s", describe_fault(error))

    def note_success(self, *, is_whole: bool = True) -> None:
        """Remember that the database has answered a request; `is_whole`: nothing else is wrong."""
        self.retry_at = None
        if self.has_failed and is_whole:
            self.has_failed = not self.tell("is back%s", ".")

    def note_unfit(self, reason: str = "") -> None:
        """Leave a replica alone for a moment; the reason is told if more is wrong than a lag."""
        self.unfit_until = monotonic() + CATCHING_UP
        if reason and not self.has_failed:
            self.has_failed = self.tell("is not used: %s", reason)

    def note_receiving(self, is_receiving: bool) -> None:
        """Remember whether a replica hears of its primary."""
        if is_receiving:
            self.alone_since = None
        elif self.alone_since is None:
            self.alone_since = monotonic()

    @property
    def is_alone(self) -> bool:
        """Whether a replica has heard nothing for so long that it may be far behind."""
        return self.alone_since is not None and monotonic() > self.alone_since + LONGEST_ALONE

    def tell(self, words: str, more: str) -> bool:
        """Write a line into the log, unless one was written just now; return whether it was."""
        if monotonic() < self.told_at + TELL_AFTER:
            return False
        self.told_at = monotonic()
        log.warning(f"{self.name} {words}", more)
        return True


def describe_fault(error: BaseException) -> str:
    """Return the words of a fault on one line."""
    return " ".join(str(error).split()) or type(error).__name__


availability = Availability()  # of the primary
AVAILABILITIES = {
    DEFAULT_DB_ALIAS: availability,
    **{alias: Availability(alias) for alias in settings.DATABASE_REPLICAS},
}


def find_availability() -> Availability:
    """Return what is known of the database that this thread asks."""
    return AVAILABILITIES[connection.alias]

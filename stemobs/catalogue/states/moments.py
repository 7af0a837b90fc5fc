"""The revision of the database, the changes since a revision, and reads from one snapshot."""

import datetime
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from weakref import WeakSet

from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Min, QuerySet

from programmes.models import Change, Edit
from stemobs.databases.limits import SECONDS_TO_BEGIN, wait_at_most
from stemobs.databases.written import ask_about

# On SQLite a deferred BEGIN takes no write lock, unlike BEGIN IMMEDIATE, which the settings use.
# On PostgreSQL a reader waits for a lock only while a table is altered; not for long, so that not
# all threads wait for it.
READ_ONE_STATE = {
    "sqlite": "BEGIN DEFERRED",
    "postgresql": (
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {local}SET LOCAL lock_timeout = 1000"
    ),
}
# The connections that are inside `hold_one_state`. Django does not track this transaction, because
# it is begun by plain SQL.
READING: WeakSet[BaseDatabaseWrapper] = WeakSet()
LONG_AGO = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


# A history begins with a multiple of this, far above any number of the one before.
NUMBERS_OF_A_HISTORY = 1_000_000
LATEST = "SELECT number, changed_at, history FROM programmes_revision"


class Moment(NamedTuple):
    """A state of the catalogue: the number of its revision, and when that revision was made.

    The number means something in its own history only; "" for that of another database.
    """

    number: int
    changed_at: datetime.datetime
    history: str = ""


@contextmanager
def hold_one_state(connection: BaseDatabaseWrapper, exported: str = "") -> Iterator[None]:
    """Let all queries in the block read one snapshot of the database, whatever others commit.

    Nothing can be written in the block. Inside a transaction or an outer block, the snapshot of
    that one is used. On PostgreSQL it can be one that another connection has exported.
    """
    # The connection object of this thread; `django.db.connection` is only a proxy for it.
    own = connections[connection.alias]
    if connection.in_atomic_block or own in READING:
        yield  # the transaction that the caller opened decides what is read
        return
    begin_reading(connection, exported)
    READING.add(own)
    try:
        yield
    finally:
        READING.discard(own)
        end_reading(connection)


def begin_reading(connection: BaseDatabaseWrapper, exported: str = "") -> None:
    """Begin a transaction that reads one state, until `end_reading`."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(write_beginning(connections[connection.alias], exported))
        except Error:
            # The transaction has begun, but what was exported is not there any more.
            if exported:
                end_reading(connection)
            raise


def end_reading(connection: BaseDatabaseWrapper) -> None:
    try:
        with wait_at_most(SECONDS_TO_BEGIN), connection.cursor() as cursor:
            cursor.execute("ROLLBACK")
    # The connection was lost. The error that caused this is more useful than this one.
    except Error:
        connection.close()


def write_beginning(connection: Any, exported: str = "") -> str:
    """Return the SQL that begins to read one state, with the settings of each transaction."""
    local = getattr(connection, "local_settings", "")
    beginning = READ_ONE_STATE[connection.vendor].format(local=f"{local}; " if local else "")
    # The name is PostgreSQL's own, as it gave it when the snapshot was exported.
    return f"{beginning}; SET TRANSACTION SNAPSHOT '{exported}'" if exported else beginning


def read_latest_moment(connection: BaseDatabaseWrapper) -> Moment:
    """Return the latest revision; in plain SQL for speed, because every request calls this."""
    with connection.cursor() as cursor:
        cursor.execute(LATEST)
        # There is no row between the creation of the table and that of its only row.
        number, changed_at, history = cursor.fetchone() or (0, LONG_AGO, "")
    # SQLite stores times without a time zone, and identities without hyphens.
    return Moment(number, changed_at.replace(tzinfo=datetime.UTC), str(history).replace("-", ""))


def find_next_beginning(ended: int) -> int:
    """Return the first number of the history that follows one which ended with a number."""
    return (ended // NUMBERS_OF_A_HISTORY + 1) * NUMBERS_OF_A_HISTORY


def is_lost(number: int) -> bool:
    """Whether a revision belonged to a history that was lost, or to none."""
    revisions = Edit.objects.order_by("revision").values_list("revision", flat=True)
    ended = revisions.filter(kind=Edit.Kind.ENDED, revision__lt=number).last()
    return ended is not None and number < find_beginning_after(ended)


def find_beginning_after(ended: int) -> int:
    """Return the first number of the history that followed one which ended with a number.

    A catalogue that was replaced may have come to several millions itself. So a history begins
    there with the edit that replaced it.
    """
    later = Edit.objects.filter(revision__gt=ended).exclude(kind=Edit.Kind.ENDED)
    first = later.aggregate(first=Min("revision"))["first"] or 0
    return first if first % NUMBERS_OF_A_HISTORY == 0 < first else find_next_beginning(ended)


def read_changes_since(number: int) -> dict[str, set[int]]:
    """Return the ids of rows that changed after a revision, grouped by `Change.Subject`."""
    changed: dict[str, set[int]] = {subject: set() for subject in Change.Subject.values}
    for subject, row in ask_about("changes", list_changes_since, [number]):
        changed[subject].add(row)
    return changed


def list_changes_since(numbers: Collection[int]) -> QuerySet[Any, Any]:
    [number] = numbers
    return Change.objects.filter(revision__gt=number).values_list("subject", "object_id")

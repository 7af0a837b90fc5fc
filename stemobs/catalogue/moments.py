"""Revisions: which one the database has, what changed since another, reading in one state."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from weakref import WeakSet

from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from programmes.models import (
    Change,
)

# SQLite's plain BEGIN takes no lock, unlike the one for writers in the settings.
READ_ONE_STATE = {
    "sqlite": "BEGIN DEFERRED",
    "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
}
# Connections within `hold_one_state` now: Django does not know of a transaction begun by SQL.
READING: WeakSet[BaseDatabaseWrapper] = WeakSet()
LONG_AGO = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


class Moment(NamedTuple):
    """A state of the catalogue: the number of its revision, and when it came to be."""

    number: int
    changed_at: datetime.datetime


@contextmanager
def hold_one_state(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Show every query within the same state, whatever others commit meanwhile.

    Nothing can be written within. Where a state is being read already, it stays that one.
    """
    # This thread's own, where `django.db.connection` stands for that of whatever thread asks.
    own = connections[connection.alias]
    if connection.in_atomic_block or own in READING:
        yield  # the caller's transaction decides
        return
    with connection.cursor() as cursor:
        cursor.execute(READ_ONE_STATE[connection.vendor])
        READING.add(own)
        try:
            yield
        finally:
            READING.discard(own)
            try:
                cursor.execute("ROLLBACK")
            # The connection was lost; what happened before tells more than this.
            except Error:
                connection.close()


def read_latest_moment(connection: BaseDatabaseWrapper) -> Moment:
    """Return the latest revision. Plain SQL: every request asks this."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT number, changed_at FROM programmes_revision")
        # None between the making of the tables and that of the row.
        number, changed_at = cursor.fetchone() or (0, LONG_AGO)
    # SQLite keeps no zone.
    return Moment(number, changed_at.replace(tzinfo=datetime.UTC))


def read_changes_since(number: int) -> dict[str, set[int]]:
    """Return the ids of the rows that changed after a revision, by subject."""
    changed: dict[str, set[int]] = {subject: set() for subject in Change.Subject.values}
    rows = Change.objects.filter(revision__gt=number)
    for subject, row in rows.values_list("subject", "object_id"):
        changed[subject].add(row)
    return changed

"""Replicas of the database: how all queries of a thread go to one, and whether it is one."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

# Through a replica's own connection: whether it still follows a primary and hears of it, and of
# which server all its bytes are. A copy that was loaded from a dump is of another. Some services do
# not tell that.
FOLLOWING = "SELECT pg_is_in_recovery(), EXISTS (SELECT FROM pg_stat_wal_receiver)"
TELLS = "SELECT has_function_privilege(to_regprocedure('pg_control_system()'), 'EXECUTE')"
SYSTEM = "SELECT system_identifier FROM pg_control_system()"


def uses_replicas() -> bool:
    """Whether replicas may be asked: inside a transaction of the caller that one decides."""
    return bool(settings.DATABASE_REPLICAS) and not connection.in_atomic_block


def list_replicas() -> Sequence[str]:
    """Return the names of the replicas; each process begins with another, and keeps to it."""
    names: Sequence[str] = settings.DATABASE_REPLICAS
    first = os.getpid() % len(names) if names else 0
    return [*names[first:], *names[:first]]


@contextmanager
def ask_database(alias: str) -> Iterator[None]:
    """Let all that this thread asks in the block, by Django or in SQL, go to one database.

    Its connection stands in for that of the primary, whose name everybody uses. So nobody has to
    know of replicas, no query goes past them, and rows remember no other database.
    """
    with ask_through(connections[alias]):
        yield


@contextmanager
def ask_through(own: BaseDatabaseWrapper) -> Iterator[None]:
    """Let all that this thread asks in the block go through one connection."""
    usual = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = own
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = usual


def is_replica() -> bool:
    """Whether this thread asks a replica."""
    return connection.alias != DEFAULT_DB_ALIAS


class Following(NamedTuple):
    """Whether a server follows another, which alone is written to, and whether it hears of it."""

    is_replica: bool
    is_receiving: bool


def read_following() -> Following:
    """Return what the server that this thread asks says of the one that it follows."""
    with connection.cursor() as cursor:
        cursor.execute(FOLLOWING)
        return Following(*cursor.fetchone())


def read_system() -> str:
    """Return the identity of the server that this thread asks; "" if it does not tell.

    It is read once for each connection, but each time where a pooler may lead to another server.
    """
    own: Any = connections[DEFAULT_DB_ALIAS]
    if own.system is None or own.local_settings:
        with own.cursor() as cursor:
            cursor.execute(TELLS)
            (tells,) = cursor.fetchone()
            if tells:
                cursor.execute(SYSTEM)
            own.system = str(cursor.fetchone()[0]) if tells else ""
    return str(own.system)

"""The settings of the databases: what Django is told of the primary and of its replicas.

Read by stemobs/settings.py, so nothing here may need the settings.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from stemobs.databases.postgresql.timeouts import DIRECT

# SQLite by default. IMMEDIATE takes the write lock at once, so that two writers wait for each
# other instead of failing half-way; FULL survives a power cut.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 5,
    "init_command": (
        "PRAGMA journal_mode=WAL;"
        "PRAGMA synchronous=FULL;"
        "PRAGMA foreign_keys=ON;"
        "PRAGMA busy_timeout=5000;"
        # A public organisation makes public what it is a part of, and that in turn its own whole.
        "PRAGMA recursive_triggers=ON;"
    ),
}
# No JIT: PostgreSQL overestimates the cost of the evidence query and spends seconds on compiling.
# Timeouts in milliseconds, so that a stuck statement or a forgotten transaction blocks no others.
POSTGRESQL_LIMITS = {
    "jit": "off",
    "statement_timeout": "5000",
    "lock_timeout": "3000",
    "idle_in_transaction_session_timeout": "10000",
}
# Connections to a server that the network has cut off end after so many milliseconds or seconds.
POSTGRESQL_OPTIONS = {
    "connect_timeout": 2,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
}
# Of a replica, so that nothing is written to a server that was put there by mistake.
READ_ONLY = {"default_transaction_read_only": "on"}
POSTGRESQL = re.compile("(postgres|postgresql|psql|pgsql)://")

Settings = dict[str, Any]


def read_databases(env: environ.Env, default: str) -> dict[str, Settings]:
    """Return the primary, as `default`, and its replicas, which are only read."""
    pooler = env.str("DATABASE_POOLER", default="")
    if pooler not in ("", "transaction"):
        raise ImproperlyConfigured("Set DATABASE_POOLER to transaction, or to nothing.")
    address = env.str("DATABASE_URL", default="") or default
    primary = complete_database(env.db_url_config(address), pooler)
    databases = {"default": primary}
    for number, other in enumerate(read_addresses(env, primary)):
        replica = complete_database(env.db_url_config(other), pooler, READ_ONLY)
        # Tests that run with replicas read their own database by way of these names.
        databases[f"replica{number}"] = {**replica, "TEST": {"MIRROR": "default"}}
    return databases


def read_addresses(env: environ.Env, primary: Settings) -> Sequence[str]:
    """Return the addresses of the replicas; refuse others than PostgreSQL's without telling them.

    They have passwords in them.
    """
    given = env.list("DATABASE_REPLICA_URLS", default=[])
    addresses = [address.strip() for address in given if address.strip()]
    is_postgresql = primary["ENGINE"].endswith("postgresql")
    if addresses and not (is_postgresql and all(map(POSTGRESQL.match, addresses))):
        raise ImproperlyConfigured(
            "Set DATABASE_REPLICA_URLS to nothing, or it and DATABASE_URL to addresses such as "
            "postgres://user:password@host/name."
        )
    return addresses


def complete_database(
    given: Settings, pooler: str, more: Mapping[str, str] | None = None
) -> Settings:
    """Return the settings of a database with our backend, its options and its timeouts."""
    kept = {**given, "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
    own = given.get("OPTIONS", {})
    if given["ENGINE"].endswith("sqlite3"):
        kept["ENGINE"] = "stemobs.databases.sqlite3"
        return {**kept, "OPTIONS": {**SQLITE_OPTIONS, **own}}
    kept["ENGINE"] = "stemobs.databases.postgresql"
    limits = {**POSTGRESQL_LIMITS, **(more or {})}
    if pooler:
        kept["DISABLE_SERVER_SIDE_CURSORS"] = True
        return {**kept, "OPTIONS": {**POSTGRESQL_OPTIONS, "local": limits, **own}}
    at_start = " ".join(f"-c {name}={value}" for name, value in {**limits, DIRECT: "on"}.items())
    return {**kept, "OPTIONS": {**POSTGRESQL_OPTIONS, "options": at_start, **own}}

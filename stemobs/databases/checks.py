"""The system check of PostgreSQL's timeouts, which a pooler may keep from being in force."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.db import connections

from stemobs.databases.postgresql.timeouts import WITHOUT_TIMEOUT, read_statement_timeout


@register(Tags.database)
def check_timeouts(
    app_configs: Any = None, databases: Sequence[str] | None = None, **_given: Any
) -> list[CheckMessage]:
    """Warn of statements without a timeout; for `manage.py check --database default`."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor == "postgresql":
            connection.ensure_connection()
            if read_statement_timeout(connection.connection) == "0":
                hint = "See docs/operations.md, PgBouncer."
                found.append(checks.Warning(WITHOUT_TIMEOUT, hint=hint, id="stemobs.W001"))
    return found

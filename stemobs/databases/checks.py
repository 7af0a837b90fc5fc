"""The system check of PostgreSQL's timeouts, which a pooler may keep from being in force."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.db import connections

from stemobs.databases.postgresql.timeouts import (
    WITHOUT_SETTINGS,
    WITHOUT_TIMEOUT,
    find_missing_settings,
)

HINT = "See docs/operations.md, PgBouncer."
MESSAGES: dict[str, CheckMessage] = {
    WITHOUT_TIMEOUT: checks.Warning(WITHOUT_TIMEOUT, hint=HINT, id="stemobs.W001"),
    WITHOUT_SETTINGS: checks.Error(WITHOUT_SETTINGS, hint=HINT, id="stemobs.E008"),
}


@register(Tags.database)
def check_timeouts(
    app_configs: Any = None, databases: Sequence[str] | None = None, **_given: Any
) -> list[CheckMessage]:
    """Tell of statements without a timeout; for `manage.py check --database default`."""
    found = []
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor == "postgresql":
            connection.ensure_connection()
            if missing := find_missing_settings(connection):
                found.append(MESSAGES[missing])
    return found

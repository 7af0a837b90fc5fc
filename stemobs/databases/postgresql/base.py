"""Django's backend for PostgreSQL, with deadlines of its own and timeouts behind a pooler.

A server that is frozen or cut off from the network sends nothing, so that its own timeouts do not
help. libpq would wait for ever. Here every wait for the server ends after `limits.seconds`.
"""

import logging
import select
from collections.abc import Mapping
from time import monotonic
from typing import Any

import psycopg2
from django.db.backends.postgresql import base
from psycopg2.extensions import (
    POLL_OK,
    POLL_READ,
    STATUS_SETUP,
    set_wait_callback,
)

from stemobs.databases.limits import SECONDS_TO_BEGIN, LimitedDatabase, limits
from stemobs.databases.postgresql.timeouts import WITHOUT_TIMEOUT, read_statement_timeout

log = logging.getLogger(__name__)


class SilentServer(psycopg2.OperationalError):
    """The server sent nothing for as long as the present thread may wait."""


def wait_for_server(connection: Any) -> None:
    """Wait until a step of psycopg2 is done; raise SilentServer if nothing comes in time.

    psycopg2 calls this for everything that it waits for, and closes the connection after an error.
    """
    deadline = None
    if limits.seconds is not None and connection.status == STATUS_SETUP:
        # Being connected takes several steps, which have one deadline together.
        deadline = monotonic() + min(SECONDS_TO_BEGIN, limits.seconds)
    while (state := connection.poll()) != POLL_OK:
        event = select.POLLIN if state == POLL_READ else select.POLLOUT
        if not wait_for_event(connection.fileno(), event, deadline):
            raise SilentServer("The database server does not answer.")


def wait_for_event(socket: int, event: int, deadline: float | None) -> bool:
    """Wait until a socket is ready; return False if it was not within the limit."""
    seconds = limits.seconds if deadline is None else max(0, deadline - monotonic())
    waiting = select.poll()
    waiting.register(socket, event)
    return bool(waiting.poll(None if seconds is None else seconds * 1000))


set_wait_callback(wait_for_server)


class PostgreSQLDatabase(LimitedDatabase, base.DatabaseWrapper):
    """A connection to PostgreSQL.

    `OPTIONS["local"]` are settings that are made anew in each transaction. They are for a pooler,
    which gives every transaction another connection and refuses settings made at the start.
    """

    is_checked = False
    # The identity of the server that the open connection leads to; None: nobody has asked yet.
    system: int | None = None

    @property
    def local_settings(self) -> str:
        """Return the SQL that makes the settings of a transaction; "" if there are none."""
        local: Mapping[str, str] = self.settings_dict["OPTIONS"].get("local", {})
        return "; ".join(f"SET LOCAL {name} = {value}" for name, value in local.items())

    def get_connection_params(self) -> dict[str, Any]:
        parameters = super().get_connection_params()
        parameters.pop("local", None)
        return parameters

    def init_connection_state(self) -> None:
        super().init_connection_state()
        self.system = None
        # Once in a process: the first connection tells it of all.
        if self.local_settings and not PostgreSQLDatabase.is_checked:
            PostgreSQLDatabase.is_checked = True
            if read_statement_timeout(self.connection) == "0":
                log.warning(WITHOUT_TIMEOUT)

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)  # type: ignore[misc]  # the stubs do not know it
        if not autocommit and self.local_settings:
            with self.wrap_database_errors, self.connection.cursor() as cursor:
                cursor.execute(self.local_settings)


# The name by which Django looks for it.
DatabaseWrapper = PostgreSQLDatabase

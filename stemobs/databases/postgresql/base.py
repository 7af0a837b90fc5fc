"""Django's backend for PostgreSQL, with deadlines of its own and timeouts behind a pooler.

A server that is frozen or cut off from the network sends nothing, so that its own timeouts do not
help. libpq would wait for ever. Here every wait for the server ends after `limits.seconds`.
"""

import logging
import select
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
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

from stemobs.databases.limits import SECONDS_TO_BEGIN, LimitedDatabase, limits, wait_at_most
from stemobs.databases.postgresql.timeouts import WITHOUT_SETTINGS, find_missing_settings

log = logging.getLogger(__name__)

# How PgBouncer words that it lets no settings through.
REFUSAL = "unsupported startup parameter"


class SilentServer(psycopg2.OperationalError):
    """The server sent nothing for as long as the present thread may wait."""


class RefusedSettings(psycopg2.OperationalError):
    """A pooler refused the settings with which a connection was to be made."""


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
    # The identity of the server that the open connection leads to, "" if it does not tell; None:
    # nobody has asked yet.
    system: str | None = None

    @property
    def local_settings(self) -> str:
        """Return the SQL that makes the settings of a transaction; "" if there are none."""
        local: Mapping[str, str] = self.settings_dict["OPTIONS"].get("local", {})
        return "; ".join(f"SET LOCAL {name} = {value}" for name, value in local.items())

    def get_connection_params(self) -> dict[str, Any]:
        parameters = super().get_connection_params()
        parameters.pop("local", None)
        return parameters

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        *others, last = ways = list_hosts(conn_params)
        for way in others:
            with suppress(psycopg2.OperationalError):
                return self.connect_to(way, len(ways))
        return self.connect_to(last, len(ways))

    def connect_to(self, way: dict[str, Any], ways: int) -> Any:
        """Connect to one of several hosts; of the time to begin each has an equal share."""
        seconds = limits.seconds
        if ways > 1:
            seconds = min(SECONDS_TO_BEGIN, seconds or SECONDS_TO_BEGIN) / ways
        try:
            with wait_at_most(seconds):
                return super().get_new_connection(way)
        except psycopg2.OperationalError as error:
            if REFUSAL in str(error):
                raise RefusedSettings(WITHOUT_SETTINGS) from error
            raise

    @contextmanager
    def limited_by(self, limits: Mapping[str, str]) -> Iterator[None]:
        """Connect anew for the block, with other settings beside or in place of the usual ones."""
        usual = self.settings_dict
        options = usual["OPTIONS"]
        self.close()
        self.settings_dict = {**usual, "OPTIONS": {**options, **add_settings(options, limits)}}
        try:
            yield
        finally:
            self.close()
            self.settings_dict = usual

    def init_connection_state(self) -> None:
        super().init_connection_state()
        self.system = None
        # Once in a process: the first connection tells it of all.
        if not PostgreSQLDatabase.is_checked:
            PostgreSQLDatabase.is_checked = True
            if missing := find_missing_settings(self):
                log.warning(missing)

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)  # type: ignore[misc]  # the stubs do not know it
        if not autocommit and self.local_settings:
            with self.wrap_database_errors, self.connection.cursor() as cursor:
                cursor.execute(self.local_settings)


def list_hosts(parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parameters of a connection for each of its hosts alone.

    libpq goes on to the next host by itself, but not where one is silent and we wait for it.
    """
    hosts = str(parameters.get("host", "")).split(",")
    ports = str(parameters.get("port", "")).split(",")
    if len(hosts) == 1:
        return [parameters]
    if len(ports) == 1:
        ports *= len(hosts)
    return [
        {**parameters, "host": host, **({"port": port} if port else {})}
        for host, port in zip(hosts, ports, strict=True)
    ]


def add_settings(options: Mapping[str, Any], more: Mapping[str, str]) -> dict[str, Any]:
    """Return the option that makes settings, with more of them; of two the last one counts."""
    if "local" in options:
        return {"local": {**options["local"], **more}}
    added = "".join(f" -c {name}={value}" for name, value in more.items())
    return {"options": options.get("options", "") + added}


# The name by which Django looks for it.
DatabaseWrapper = PostgreSQLDatabase

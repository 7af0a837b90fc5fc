"""Django's backend for SQLite; how long it waits for a lock depends on the present thread."""

from typing import Any

from django.db.backends.sqlite3 import base

from stemobs.databases.limits import LimitedDatabase, limits


class SQLiteDatabase(LimitedDatabase, base.DatabaseWrapper):
    """A connection to SQLite."""

    # For how long the open connection waits for a lock; None if it was never limited.
    lock_seconds: float | None = None

    @property
    def longest_wait(self) -> float:
        """Return for how many seconds the present thread may wait for a lock."""
        usual: float = self.settings_dict["OPTIONS"].get("timeout", 5)
        return usual if limits.seconds is None else min(usual, limits.seconds)

    def get_connection_params(self) -> dict[str, Any]:
        return {**super().get_connection_params(), "timeout": self.longest_wait}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self.lock_seconds = None
        return super().get_new_connection(conn_params)

    def _cursor(self, name: Any = None) -> Any:
        cursor = super()._cursor(name)
        if limits.seconds is not None and self.longest_wait != self.lock_seconds:
            self.lock_seconds = self.longest_wait
            self.connection.execute(f"PRAGMA busy_timeout = {int(self.lock_seconds * 1000)}")
        return cursor


# The name by which Django looks for it.
DatabaseWrapper = SQLiteDatabase

"""`manage.py migrate`: Django's own, beside a site that others use meanwhile."""

from contextlib import ExitStack
from time import sleep
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections

from stemobs.databases.faults import is_deadlock, is_lock

# Of PostgreSQL, in milliseconds. Changing a table waits for whoever reads it, and all others wait
# behind. So it waits briefly, and lets them go on before it tries again. What it does once it has
# the lock may take as long as it takes.
LIMITS = {
    "lock_timeout": "400",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "600000",
}
ATTEMPTS = 40
PAUSE = 1.5  # seconds


class Command(migrate.Command):
    """Tries again while a table is in use.

    Each migration is a transaction, so the next attempt goes on where the last one ended.
    """

    def handle(self, *arguments: Any, **options: Any) -> None:
        connection: Any = connections[options["database"]]
        if connection.in_atomic_block:
            super().handle(*arguments, **options)
            return
        with ExitStack() as stack:
            if connection.vendor == "postgresql":
                stack.enter_context(connection.limited_by(LIMITS))
            self.try_often(*arguments, **options)

    def try_often(self, *arguments: Any, **options: Any) -> None:
        for _attempt in range(ATTEMPTS):
            try:
                super().handle(*arguments, **options)
            except OperationalError as error:
                if not (is_lock(error) or is_deadlock(error)):
                    raise
            else:
                return
            self.stderr.write("A table is in use. Trying again …")
            sleep(PAUSE)
        raise CommandError(
            "A table was in use all the time. No migration is half done: run migrate again."
        )

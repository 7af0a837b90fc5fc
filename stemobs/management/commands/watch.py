"""`manage.py watch`: look at the whole catalogue for what waits for a person."""

import logging
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from programmes.models import Task
from stemobs.curation.leases import HeldElsewhere, HeldLease, Lost, hold_lease
from stemobs.curation.tasks.queues import count_open
from stemobs.curation.tasks.watching import CHECKS, LEASE, LookResult, look
from stemobs.management.jobs import HELD, read_budget, word_held

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Look at all published records for what waits for a person. Open a task for what was "
        "found, and close those whose cause has gone."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--budget",
            type=read_budget,
            default="30m",
            metavar="TIME",
            help="after how long to begin no further kind of task, such as 90s or 30m, the default",
        )

    def handle(self, *args: Any, budget: int, **options: Any) -> None:
        self.ends = time.monotonic() + budget
        try:
            with hold_lease(LEASE) as lease:
                self.look_at_all(lease)
        except HeldElsewhere as error:
            raise CommandError(word_held(error, "the catalogue"), returncode=HELD) from error
        except Lost as error:
            raise CommandError(
                "This run stood still for so long that another may have begun. What it found is "
                "kept."
            ) from error

    def look_at_all(self, lease: HeldLease) -> None:
        """Look for every kind of task; one that fails keeps no other from being looked for."""
        failed = [kind for kind in CHECKS if not self.look_for(kind, lease)]
        self.stdout.write(f"Open are now {sum(count_open().values())}.")
        if failed:
            names = ", ".join(str(kind.label) for kind in failed)
            raise CommandError(f"The look for these failed: {names}. All else is kept.")

    def look_for(self, kind: Task.Kind, lease: HeldLease) -> bool:
        """Look for a kind of task, if there is time; return False if that failed."""
        if time.monotonic() >= self.ends:
            self.stdout.write(f"{kind.label}: no time left.")
            return True
        try:
            (result,) = look([kind], go_on=lease.renew).values()
        except Lost:
            raise
        except Exception:
            log.exception("The look for %s failed.", kind.value)
            return False
        self.stdout.write(word_result(kind, result))
        return True


def word_result(kind: Task.Kind, result: LookResult) -> str:
    return f"{kind.label}: {result.opened} opened, {result.closed} closed."

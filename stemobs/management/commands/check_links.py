"""`manage.py check_links`: look whether the addresses that the catalogue names still work."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from programmes.models import WebLink
from stemobs.curation.leases import HeldElsewhere, Lost, hold_lease
from stemobs.curation.links.checking import Check
from stemobs.curation.links.records import LEASE
from stemobs.management.jobs import HELD, read_budget, word_held


class Command(BaseCommand):
    help = (
        "Look whether the addresses that the catalogue names still work, and keep what was found "
        "for curators. A run ends when its time is over, and the next one goes on from there."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--budget",
            type=read_budget,
            default="20m",
            metavar="TIME",
            help="how long to go on, such as 90s, 20m (which it is by default) or 1h",
        )

    def handle(self, *args: Any, budget: int, **options: Any) -> None:
        try:
            with hold_lease(LEASE) as lease:
                found = Check(budget, go_on=lease.renew).run()
        except HeldElsewhere as error:
            raise CommandError(word_held(error, "links"), returncode=HELD) from error
        except Lost as error:
            raise CommandError(
                "This run stood still for so long that another may have begun. What it found is "
                "kept."
            ) from error
        self.stdout.write(word_found(found))


def word_found(found: Counter[WebLink.Outcome]) -> str:
    each = "".join(f" {outcome.label}: {number}." for outcome, number in found.most_common())
    broken = WebLink.objects.filter(is_broken=True).count()
    return f"{found.total()} addresses looked at.{each} Broken are now {broken}."

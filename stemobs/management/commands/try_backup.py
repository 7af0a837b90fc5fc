"""`manage.py try_backup`: a drill that shows whether the newest backup can be restored."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from stemobs.dumps.drill import DrillError, try_backup


class Command(BaseCommand):
    help = (
        "Restore a backup, or the newest one in a folder, into a database that is thrown away, and "
        "look whether it is whole. Nothing of the site is touched."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("place", type=Path, help="a dump, a file of SQLite, or their folder")
        parser.add_argument(
            "--into",
            default="",
            metavar="URL",
            help="a PostgreSQL database whose name ends in “drill”, to be overwritten",
        )

    def handle(self, *args: Any, place: Path, into: str, **options: Any) -> None:
        try:
            restored = try_backup(place, into)
        except (DrillError, OSError) as error:
            raise CommandError(f"The backup cannot be restored. {error}") from error
        self.stdout.write(f"{restored.backup} can be restored. {restored.told}")
        self.stdout.write(
            f"{restored.programmes} programmes are published in it, and all checks passed."
        )

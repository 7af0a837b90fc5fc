"""`manage.py seed`: load the catalogue's YAML fixtures into the database."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from stemobs.dumps.fixtures.rows import SeedError
from stemobs.dumps.seed import seed_catalogue


class Command(BaseCommand):
    help = "Load the catalogue from fixtures/. Never overwrites what a curator has changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder",
            nargs="?",
            type=Path,
            default=settings.BASE_DIR / "fixtures",
            help="folder with YAML fixtures (default: fixtures/)",
        )

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            outcome = seed_catalogue(folder)
        except SeedError as error:
            raise CommandError(f"Nothing was loaded. {error}") from error
        for row in outcome.kept:
            self.stdout.write(f"Kept as it is: {row}")
        for row in outcome.followed:
            self.stdout.write(f"Read as naming what it was merged into: {row}")
        self.stdout.write(
            f"{outcome.created} rows created, {outcome.updated} updated, "
            f"{outcome.unchanged} unchanged, {outcome.retired} removed, "
            f"{len(outcome.kept)} kept for their curators."
        )

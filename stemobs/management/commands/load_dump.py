"""`manage.py load_dump`: fill the catalogue from a dump that `manage.py dump` wrote."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error, connection

from stemobs.catalogue.states.moments import read_latest_moment
from stemobs.dumps.restore import PicturesError, load_dump
from stemobs.dumps.verify import LoadError


class Command(BaseCommand):
    help = "Load a dump into an empty catalogue: exactly as it was, or not at all."
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder with manifest.json")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="first delete everything that the catalogue holds, drafts included",
        )

    def handle(self, *args: Any, folder: Path, replace: bool, **options: Any) -> None:
        fixtures = settings.BASE_DIR / "fixtures"
        try:
            manifest = load_dump(folder, fixtures, replace=replace, tell=self.tell)
        except (LoadError, Error, OSError) as error:
            raise CommandError(f"Nothing was loaded. {error}") from error
        except PicturesError as error:
            raise CommandError(f"{error} Load the dump again with --replace.") from error
        rows = sum(file.rows or 0 for file in manifest.files)
        dumped, here = manifest.moment.number, read_latest_moment(connection).number
        self.stdout.write(
            f"{rows} rows loaded, from revision {dumped}. The catalogue is at revision {here}."
        )

    def tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

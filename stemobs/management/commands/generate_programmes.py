"""`manage.py generate_programmes`: fill an empty database with made-up rows for benchmarks."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from stemobs.dumps.fixtures.rows import SeedError
from stemobs.workshop.generate import NotEmpty, generate_catalogue


class Command(BaseCommand):
    help = "Fill a database that has no programmes with made-up ones, for measurements."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--count", type=int, required=True, help="how many programmes")
        parser.add_argument("--seed", type=int, default=1, help="seed of the random numbers")

    def handle(self, *args: Any, count: int, seed: int, **options: Any) -> None:
        if count < 1:
            raise CommandError("--count is 1 or more.")
        try:
            generate_catalogue(count, seed, settings.BASE_DIR / "fixtures", self.tell)
        except NotEmpty as error:
            reason = "The database holds programmes, which must not be mixed with made-up ones."
            raise CommandError(f"Nothing was made. {reason}") from error
        except SeedError as error:
            raise CommandError(f"Nothing was made. {error}") from error
        self.stdout.write(f"{count} made-up programmes, seed {seed}.")

    def tell(self, number: int) -> None:
        self.stdout.write(f"{number} written …")

"""`manage.py dump`: write the whole catalogue as plain files, to publish or as a backup."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from stemobs.dumps.archive import pack_dump
from stemobs.dumps.dump import DumpError, write_dump


class Command(BaseCommand):
    help = (
        "Write the whole catalogue into FOLDER/stem-observatory-REVISION, for anybody to use and "
        "for load_dump, and beside it as one file. Curators can go on writing meanwhile."
    )
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="where dumps are kept; made if need be")
        parser.add_argument(
            "--private",
            action="store_true",
            help="also drafts, notes and what seed remembers: a backup, never to be published",
        )

    def handle(self, *args: Any, folder: Path, private: bool, **options: Any) -> None:
        tell = self.tell if options["verbosity"] > 1 else id
        try:
            written = write_dump(folder, is_private=private, tell=tell, warn=self.stderr.write)
        except (DumpError, OSError) as error:
            raise CommandError(f"No dump was written. {error}") from error
        if private:
            self.stdout.write(f"The dump is in {written}. Do not publish it.")
        else:
            self.stdout.write(f"The dump is in {written} and {self.packed(written)}.")

    def packed(self, written: Path) -> Path:
        try:
            return pack_dump(written)
        except (DumpError, OSError) as error:
            raise CommandError(f"The dump is in {written}, but not as one file. {error}") from error

    def tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

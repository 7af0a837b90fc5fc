"""`manage.py answers`: save the site's answer at every address, or compare with saved answers."""

from argparse import ArgumentParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from stemobs.workshop.answers import Errand, list_differences, read_answers, save_answers


class Command(BaseCommand):
    help = "Save what every address answers, or compare it with what was saved before a change."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["save", "compare"])
        parser.add_argument("file", type=Path, help="the file with a line for each address")
        parser.add_argument("--bodies", type=Path, help="a folder that keeps every body as well")
        parser.add_argument("--only", nargs="+", default=[], help="ask only these addresses")
        parser.add_argument("--curator", help="ask the admin's pages too, as this user")

    def handle(self, *args: Any, **options: Any) -> None:
        errand = Errand(find_curator(options["curator"]), options["only"])
        bodies = options["bodies"]
        if bodies:
            bodies.mkdir(parents=True, exist_ok=True)
        if options["action"] == "save":
            self.stdout.write(f"{save_answers(options['file'], bodies, errand)} answers saved.")
        else:
            self.compare(options["file"], bodies, errand)

    def compare(self, file: Path, bodies: Path | None, errand: Errand) -> None:
        before = read_answers(file)
        with TemporaryDirectory() as folder:
            now = Path(folder) / "answers"
            count = save_answers(now, bodies, errand)
            differences = list(list_differences(before, read_answers(now)))
        if differences:
            raise CommandError("Not every answer is the same.\n" + "\n".join(differences))
        self.stdout.write(f"{count} answers are the same as before.")


def find_curator(username: str | None) -> Any:
    """Return the staff user of that name, or None without a name; raise CommandError if unknown."""
    if not username:
        return None
    user = get_user_model()._default_manager.filter(username=username, is_staff=True).first()
    if user is None:
        raise CommandError(f"There is no curator called {username}.")
    return user

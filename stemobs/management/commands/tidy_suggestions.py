"""The command `tidy_suggestions`: no suggestion is kept longer than readers were told."""

from typing import Any

from django.core.management.base import BaseCommand

from stemobs.curation.suggestions import list_outdated


class Command(BaseCommand):
    """Deletes suggestions a year after they were answered."""

    help = "Delete the suggestions that were answered more than a year ago. Run it every night."

    def handle(self, *args: Any, **options: Any) -> None:
        number, _by_model = list_outdated().delete()
        self.stdout.write(f"{number} deleted.")

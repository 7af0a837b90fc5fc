"""`manage.py new_history`: begin a history of its own after a backup was restored."""

from typing import Any

from django.core.management.base import BaseCommand

from stemobs.catalogue.triggers.installing import begin_new_history


class Command(BaseCommand):
    help = (
        "Tell the revisions of this database from those that were lost. Run it as the last step "
        "after a backup was restored, before readers and curators come back."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        ended, begun = begin_new_history()
        self.stdout.write(
            f"The history until revision {ended} is kept. The new one begins with {begun}."
        )

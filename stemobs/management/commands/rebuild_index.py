"""`manage.py rebuild_index`: make every process rebuild its index of the catalogue."""

from typing import Any

from django.core.management.base import BaseCommand

from stemobs.catalogue.triggers.installing import record_unseen_writes


class Command(BaseCommand):
    help = (
        "Have every process read the whole catalogue again at its next request. Needed only after "
        "something that no trigger sees, such as TRUNCATE; migrate makes the triggers anew."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        record_unseen_writes()
        self.stdout.write("Every process reads the catalogue again at its next request.")

"""The command `tidy_pictures`: every uploaded picture in its place, and none that nobody needs."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand

from programmes.models import PRIVATE, PUBLIC, ChangeDraft, Edit, Programme
from stemobs.catalogue.editing import edit

AN_HOUR = 3600  # younger files may belong to a form that is just being saved


class Command(BaseCommand):
    """Moves the pictures of drafts out of the public folder, and deletes unused ones."""

    help = (
        "Move every uploaded picture to where it belongs, in public or not, and delete those that "
        "no programme has. Run it after an upgrade and every night."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        moved = sum(map(settle, Programme.objects.exclude(logo="").values_list("pk", flat=True)))
        unused = list(find_unused_pictures())
        for name in unused:
            default_storage.delete(name)
        self.stdout.write(f"{moved} moved, {len(unused)} deleted.")


def settle(pk: int) -> bool:
    """Save a programme if its picture has to move; its time of change stays as it is."""
    with edit(Edit.Kind.TASK):
        programme = Programme.objects.select_for_update().get(pk=pk)
        before = programme.logo.name
        programme.save(update_fields=[])
        return programme.logo.name != before


def find_unused_pictures() -> Iterator[str]:
    """Yield the names of files older than an hour that neither a programme nor a draft has."""
    used = set(Programme.objects.exclude(logo="").values_list("logo", flat=True))
    used |= set(
        ChangeDraft.objects.filter(state__in=ChangeDraft.OPEN).values_list("picture", flat=True)
    )
    for folder in (PUBLIC, PRIVATE):
        if not default_storage.exists(folder):
            continue
        for file in default_storage.listdir(folder)[1]:
            name = f"{folder}{file}"
            age = time.time() - Path(default_storage.path(name)).stat().st_mtime
            if name not in used and age > AN_HOUR:
                yield name

"""The command `tidy_pictures`: every uploaded picture in its place, and none that nobody needs."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand

from programmes.models import PRIVATE, PUBLIC, ChangeDraft, Edit, Programme
from programmes.models.pictures import clean_picture
from programmes.pictures.names import list_renditions
from programmes.pictures.storing import draw_missing
from stemobs.catalogue.editing import edit

AN_HOUR = 3600  # younger files may belong to a form that is just being saved


class Command(BaseCommand):
    """Moves the pictures of drafts out of the public folder, and deletes unused ones."""

    help = (
        "Move every uploaded picture to where it belongs, in public or not, make the smaller forms "
        "that are missing, and delete the files that no programme has. Run it after an upgrade and "
        "every night."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        moved = sum(map(settle, Programme.objects.exclude(logo="").values_list("pk", flat=True)))
        used = list_used_pictures()
        drawn = sum(map(draw_missing, used))
        unused = list(find_unused_files(used))
        for name in unused:
            default_storage.delete(name)
        self.stdout.write(f"{moved} moved, {drawn} drawn, {len(unused)} deleted.")


def settle(pk: int) -> bool:
    """Save a programme if its picture has to move or to be cleaned; its time of change stays."""
    with edit(Edit.Kind.TASK):
        programme = Programme.objects.select_for_update().get(pk=pk)
        before = programme.logo.name
        clean_picture(programme)
        programme.save(update_fields=["logo"] if programme.logo.name != before else [])
        return programme.logo.name != before


def list_used_pictures() -> set[str]:
    """Return the names of the pictures that a programme or an open draft has."""
    drafts = ChangeDraft.objects.filter(state__in=ChangeDraft.OPEN).exclude(picture="")
    named = Programme.objects.exclude(logo="").values_list("logo", flat=True)
    return {*named, *drafts.values_list("picture", flat=True)}


def find_unused_files(used: set[str]) -> Iterator[str]:
    """Yield the names of files older than an hour that are no picture in use and none of its."""
    kept = used | {rendition.name for name in used for rendition in list_renditions(name)}
    for folder in (PUBLIC, PRIVATE):
        if not default_storage.exists(folder):
            continue
        for file in default_storage.listdir(folder)[1]:
            name = f"{folder}{file}"
            age = time.time() - Path(default_storage.path(name)).stat().st_mtime
            if name not in kept and age > AN_HOUR:
                yield name

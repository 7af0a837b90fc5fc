"""Where uploaded pictures lie: in public only those of published programmes, each renamed there.

The name of a picture says where it is: `logos/…` below MEDIA_ROOT, which the proxy serves to
everybody; `drafts/…` below DRAFTS_ROOT, which only curators see, by way of the admin.
"""

import secrets
from functools import partial
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import transaction
from django.urls import reverse

PUBLIC, PRIVATE = "logos/", "drafts/"


class PictureStorage(FileSystemStorage):
    """The storage of all uploaded files, in two folders."""

    @property
    def private(self) -> FileSystemStorage:
        return FileSystemStorage(
            location=settings.DRAFTS_ROOT,
            file_permissions_mode=0o600,
            directory_permissions_mode=0o700,
        )

    def path(self, name: str) -> str:
        return self.private.path(name) if is_private(name) else super().path(name)

    def url(self, name: str | None) -> str:
        if name and is_private(name):
            picture = name.removeprefix(PRIVATE)
            return reverse("admin:programmes_programme_picture", args=[picture])
        return super().url(name)

    def _save(self, name: str, content: Any) -> str:
        # Django names this method as the one to override, and its type stubs leave it out.
        storage: Any = self.private if is_private(name) else super()
        return storage._save(name, content)


def is_private(name: str | None) -> bool:
    return (name or "").startswith(PRIVATE)


def choose_picture_name(programme: Any, filename: str) -> str:
    """Return a name for a picture that nobody can guess, in public if its programme is published.

    Every publication gives another name, so that an address that was public once stays dead.
    """
    return name_picture(PUBLIC if programme.is_public else PRIVATE, filename)


def name_picture(folder: str, filename: str) -> str:
    return f"{folder}{secrets.token_hex(12)}{PurePath(filename).suffix.lower()}"


def settle_picture(programme: Any) -> bool:
    """Move the picture of a programme to where it belongs; return whether it got another name.

    It is copied now and deleted from its old place only after the commit, so that no picture is
    lost if the transaction fails. `manage.py tidy_pictures` deletes the copy that is then left.
    """
    picture = programme.logo
    # A picture that was just uploaded is put into the right place when it is saved.
    if not picture or not picture._committed:
        return False
    before, wanted = picture.name, choose_picture_name(programme, picture.name)
    if is_private(before) == is_private(wanted) or not default_storage.exists(before):
        return False
    with default_storage.open(before) as file:
        picture.name = default_storage.save(wanted, file)
    discard_picture(type(programme), before)
    return True


def discard_picture(model: Any, name: str) -> None:
    """Delete a picture after the commit, unless a programme still has it then."""
    transaction.on_commit(partial(delete_unused, model, name))


def delete_unused(model: Any, name: str) -> None:
    if not model._base_manager.filter(logo=name).exists():
        default_storage.delete(name)

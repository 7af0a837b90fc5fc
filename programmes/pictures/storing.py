"""Where uploaded pictures lie, each with its renditions beside it."""

import mimetypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import DatabaseError
from django.urls import reverse

from programmes.pictures.accepting import CleanPicture
from programmes.pictures.names import (
    PRIVATE,
    Size,
    find_size,
    find_small_size,
    is_private,
    list_renditions,
)

# The names of the pictures that were stored since the outermost `watch_stored` began.
_stored: ContextVar[list[str] | None] = ContextVar("stored", default=None)


# Python 3.11 knows this only where the machine does.
mimetypes.add_type("image/webp", ".webp")


class StoredPicture(CleanPicture):
    """A picture that the site has already, as it is sent again."""

    @property
    def url(self) -> str:
        return default_storage.url(str(self.name))

    @property
    def small_url(self) -> str:
        return default_storage.url(list_renditions(str(self.name))[0].name)

    @property
    def small_pixels(self) -> Size | None:
        return find_small_size(str(self.name))


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

    def delete(self, name: str) -> None:
        """Delete a picture with its renditions."""
        for one in (name, *(rendition.name for rendition in list_renditions(name))):
            super().delete(one)

    def _save(self, name: str, content: Any) -> str:
        # Django names this method as the one to override, and its type stubs leave it out.
        storage: Any = self.private if is_private(name) else super()
        saved: str = storage._save(name, content)
        return saved


def store_picture(name: str, picture: CleanPicture) -> str:
    """Store a picture with its renditions; return the name of its file."""
    stored = note_stored(default_storage.save(name, picture))
    for rendition in list_renditions(stored):
        content = ContentFile(picture.renditions[rendition.width])
        default_storage.save(rendition.name, content)
    return stored


def read_stored(name: str) -> StoredPicture | None:
    """Return a picture that the site has; None if it is gone, or its name has no size."""
    size = find_size(name)
    if size is None or not default_storage.exists(name):
        return None
    with default_storage.open(name) as file:
        return StoredPicture(file.read(), name, size)


def copy_picture(before: str, after: str) -> str:
    """Store a picture under another name too, with its renditions; return the name of its file."""
    with default_storage.open(before) as file:
        stored = note_stored(default_storage.save(after, file))
    pairs = zip(list_renditions(before), list_renditions(stored), strict=False)
    for old, new in pairs:
        if default_storage.exists(old.name):  # `tidy_pictures` makes what is missing
            with default_storage.open(old.name) as file:
                default_storage.save(new.name, file)
    return stored


def draw_missing(name: str) -> bool:
    """Make the renditions of a picture that are not there; return whether any was made."""
    missing = [one for one in list_renditions(name) if not default_storage.exists(one.name)]
    picture = read_stored(name) if missing else None
    if picture is None:
        return False
    with suppress(ValidationError):
        for one in missing:
            default_storage.save(one.name, ContentFile(picture.renditions[one.width]))
        return True
    return False


def note_stored(name: str) -> str:
    names = _stored.get()
    if names is not None:
        names.append(name)
    return name


@contextmanager
def watch_stored(delete_unused: Callable[[str], None]) -> Iterator[None]:
    """Call a function after the block with the name of each picture that was stored in it.

    Within another such block that one does it, because it may still take all back. If the database
    is away by then, the files stay until `tidy_pictures` comes.
    """
    if _stored.get() is not None:
        yield
        return
    names: list[str] = []
    token = _stored.set(names)
    try:
        yield
    finally:
        _stored.reset(token)
        with suppress(DatabaseError):
            for name in names:
                delete_unused(name)

"""Uploaded pictures in a dump: which names and files are allowed, and how loading copies them."""

import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django import forms
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from programmes.models import PRIVATE, PUBLIC, Programme
from programmes.pictures.names import list_renditions
from programmes.pictures.storing import draw_missing
from stemobs.dumps.manifest import MEDIA, WrittenFile

# The names that Django gives uploaded files: letters, digits, “_”, “.” and “-”, but not “..”.
NAME = re.compile(rf"(?:{PUBLIC}|{PRIVATE})(?!\.{{1,2}}\Z)[\w.-]+")
LARGEST = 20 << 20


def is_picture(file: str) -> bool:
    """Whether a file's path in a dump is that of a picture."""
    return file.startswith(f"{MEDIA}/") and bool(NAME.fullmatch(find_picture_name(file)))


def find_picture_name(file: str) -> str:
    """Return the name that rows have for a picture, from its path in a dump."""
    return file.removeprefix(f"{MEDIA}/")


def check_name(name: str) -> None:
    """Raise ValidationError for a name that no uploaded picture has."""
    if not NAME.fullmatch(name):
        raise ValidationError(_("This is not the name of an uploaded picture."))
    field = Programme._meta.get_field("logo")
    # The field file needs no row, because its validators look only at the name.
    field.run_validators(field.attr_class(None, field, name))  # type: ignore[arg-type]


def check_picture(picture: File) -> None:
    """Raise ValidationError unless a file is an image of a size that can be loaded."""
    if picture.size > LARGEST:
        limit = LARGEST >> 20
        raise ValidationError(_("This picture is larger than %d MiB.") % limit)
    forms.ImageField().to_python(picture)


@contextmanager
def prepare_pictures(folder: Path, files: Iterable[WrittenFile]) -> Iterator[Callable[[], None]]:
    """Copy a dump's pictures to temporary names; give a function that moves them to their names.

    Everything that is likely to fail is done before the function is given. Copies that were not
    moved are deleted at the end.
    """
    copies: dict[str, str] = {}
    try:
        for file in files:
            name = find_picture_name(file.name)
            folder_of_name = PRIVATE if name.startswith(PRIVATE) else PUBLIC
            copy = copies[name] = f"{folder_of_name}.waiting-{secrets.token_hex(8)}"
            with (folder / file.name).open("rb") as opened:
                default_storage.save(copy, File(opened))
        yield lambda: put_in_place(copies)
    finally:
        for copy in copies.values():
            default_storage.delete(copy)


def put_in_place(copies: dict[str, str]) -> None:
    """Give pictures their names, and make their renditions, which no dump has."""
    for name, copy in copies.items():
        os.replace(default_storage.path(copy), default_storage.path(name))
        for rendition in list_renditions(name):  # of a picture that stood here before
            default_storage.delete(rendition.name)
        draw_missing(name)

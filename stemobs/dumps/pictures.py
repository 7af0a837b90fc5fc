"""The uploaded pictures of a dump: which may come along, and how they get to their places."""

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

from programmes.models import Programme
from stemobs.dumps.manifest import MEDIA, WrittenFile

FOLDER = "logos/"
# As Django names what is uploaded.
NAME = re.compile(rf"{FOLDER}(?!\.{{1,2}}\Z)[\w.-]+")
LARGEST = 20 << 20


def is_picture(file: str) -> bool:
    """Whether a file of a dump has the place of a picture."""
    return file.startswith(f"{MEDIA}/") and bool(NAME.fullmatch(find_picture_name(file)))


def find_picture_name(file: str) -> str:
    """Return the name by which rows know the picture in a file of a dump."""
    return file.removeprefix(f"{MEDIA}/")


def check_name(name: str) -> None:
    """Raise ValidationError for a name that no uploaded picture has."""
    if not NAME.fullmatch(name):
        raise ValidationError(_("This is not the name of an uploaded picture."))
    field = Programme._meta.get_field("logo")
    # Without a row: the validators ask for the name alone.
    field.run_validators(field.attr_class(None, field, name))  # type: ignore[arg-type]


def check_picture(picture: File) -> None:
    """Raise ValidationError unless a file is an image of a size that can be loaded."""
    if picture.size > LARGEST:
        limit = LARGEST >> 20
        raise ValidationError(_("This picture is larger than %d MiB.") % limit)
    forms.ImageField().to_python(picture)


@contextmanager
def prepare_pictures(folder: Path, files: Iterable[WrittenFile]) -> Iterator[Callable[[], None]]:
    """Copy pictures of a dump next to their places; give what puts them there.

    Whatever can fail has been done then. Those that are not put in place go again.
    """
    copies: dict[str, str] = {}
    try:
        for file in files:
            copy = f"{FOLDER}.waiting-{secrets.token_hex(8)}"
            copies[find_picture_name(file.name)] = copy
            with (folder / file.name).open("rb") as opened:
                default_storage.save(copy, File(opened))
        yield lambda: put_in_place(copies)
    finally:
        for copy in copies.values():
            default_storage.delete(copy)


def put_in_place(copies: dict[str, str]) -> None:
    for name, copy in copies.items():
        os.replace(default_storage.path(copy), default_storage.path(name))

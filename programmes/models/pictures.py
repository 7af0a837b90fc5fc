"""Where the picture of a programme belongs: in public only if it is published.

Every publication gives it another name, so that an address that was public once stays dead. A
picture that no programme and no open draft has any more is deleted at the commit.
"""

from contextlib import AbstractContextManager, suppress
from functools import partial
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.validators import FileExtensionValidator
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from programmes.columns.texts import CleanLine
from programmes.pictures.accepting import WHAT_IS_TAKEN
from programmes.pictures.fields import PictureField
from programmes.pictures.names import PRIVATE, PUBLIC, find_size, is_private, name_picture
from programmes.pictures.storing import copy_picture, watch_stored

# --- Columns --------------------------------------------------------------------------------------


def make_picture() -> PictureField:
    # A stored name may have an ending that is not taken any more.
    endings = ["png", "jpg", "jpeg", "webp", "avif"]
    return PictureField(
        _("logo or photo"),
        upload_to=choose_picture_name,
        blank=True,
        validators=[FileExtensionValidator(endings)],
        help_text=WHAT_IS_TAKEN,
    )


def make_text_alternative() -> CleanLine:
    return CleanLine(
        _("text alternative"),
        max_length=200,
        blank=True,
        help_text=_("What the picture shows, for people who cannot see it."),
    )


def make_credit() -> CleanLine:
    return CleanLine(
        _("credit of the picture"),
        max_length=200,
        blank=True,
        help_text=_("Who made it or owns it, in the words that the licence asks for."),
    )


def make_licence() -> CleanLine:
    return CleanLine(
        _("licence of the picture"),
        max_length=200,
        blank=True,
        help_text=_("Its name or address. Without one, the record cannot be published."),
    )


# --- Files ----------------------------------------------------------------------------------------


def choose_picture_name(programme: Any, filename: str) -> str:
    """Return a name that nobody can guess, in public if the programme is published."""
    return name_picture(PUBLIC if programme.is_public else PRIVATE, filename)


def settle_picture(programme: Any) -> bool:
    """Move the picture of a programme to where it belongs; return whether it got another name.

    It is copied now and deleted from its old place only after the commit, so that no picture is
    lost if the transaction fails.
    """
    picture = programme.logo
    # A picture that was just uploaded is put into the right place when it is saved.
    if not picture or not picture._committed:
        return False
    before, wanted = picture.name, choose_picture_name(programme, picture.name)
    if is_private(before) == is_private(wanted) or not default_storage.exists(before):
        return False
    picture.name = copy_picture(before, wanted)
    discard_picture(before)
    return True


def clean_picture(programme: Any) -> None:
    """Take in anew a picture that was stored before there were rules for it.

    One that is gone or cannot be taken stays as it is.
    """
    before = programme.logo.name
    if find_size(before) or not default_storage.exists(before):
        return
    with suppress(ValidationError), default_storage.open(before) as file:
        programme.logo.save(before, file, save=False)
        discard_picture(before)


def discard_picture(name: str) -> None:
    """Delete a picture after the commit, unless something still has it then."""
    transaction.on_commit(partial(delete_unused, name))


def delete_unused(name: str) -> None:
    if not is_used(name):
        default_storage.delete(name)


def is_used(name: str) -> bool:
    """Whether a programme or an open draft has a picture. The history keeps none from going."""
    programme = apps.get_model("programmes", "Programme")  # it stands above
    draft: Any = apps.get_model("programmes", "ChangeDraft")
    rows = programme._base_manager.filter(logo=name)
    return rows.exists() or draft.objects.filter(picture=name, state__in=draft.OPEN).exists()


def keep_only_used() -> AbstractContextManager[None]:
    """Delete after a block what was stored in it and is not used, for instance if it failed."""
    return watch_stored(delete_unused)

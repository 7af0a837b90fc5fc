"""The picture that a draft of a change brings in, as whoever reads the draft sees it.

What the draft would become is tried and taken back, and so is the picture that was stored for
readers meanwhile. That of the draft stays, where only curators see it.
"""

from pathlib import PurePath

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from programmes.models import ChangeDraft, Programme
from stemobs.admin.record.pictures import PICTURE_COLUMNS, ShownPicture, show_picture_of
from stemobs.catalogue.history import Row
from stemobs.entries.history.undoing import RowChange


def list_pictures(change: RowChange, draft: ChangeDraft) -> list[ShownPicture]:
    """Return the picture that readers see now, and that of a draft; either may be none."""
    before, after = (build_pictured(row or {}) for row in (change.before, change.after))
    if after.logo:
        after.logo = draft.picture
    return [show_picture_of(before, _("Before")), show_picture_of(after, _("After"))]


def build_pictured(row: Row) -> Programme:
    """Return a programme that says of its picture what a row does, and nothing else."""
    return Programme(**{name: row.get(name, "") for name in PICTURE_COLUMNS})


def show_kept_picture(page: bytes, record: Programme, draft: ChangeDraft) -> bytes:
    """Return a page that was drawn of a tried draft, with the picture that the draft keeps."""
    tried = Programme.objects.get(pk=record.pk).logo.name
    if not draft.picture or not tried or tried == record.logo.name:
        return page
    addresses = (default_storage.url(name) for name in (tried, draft.picture))
    # Renditions have the name of the picture up to its ending.
    stored, kept = (address.removesuffix(PurePath(address).suffix) for address in addresses)
    return page.replace(stored.encode(), kept.encode())

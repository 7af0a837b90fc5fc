"""The columns of a record that tell of its last check. Finished checks alone write them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from programmes.columns.texts import CleanText


def make_day_of_check() -> models.DateField:
    return models.DateField(
        _("checked on"),
        null=True,
        blank=True,
        help_text=_("The day when a curator last checked the record against its sources."),
    )


def make_checked_facts() -> CleanText:
    """Return the column of digests by which it is known whether a fact is as it was checked.

    It is not editable, so neither forms nor `seed` look at it.
    """
    return CleanText(
        _("facts that were checked"),
        blank=True,
        default="",
        editable=False,
        help_text=_("A digest of each fact as it was, with the source that it was held against."),
    )

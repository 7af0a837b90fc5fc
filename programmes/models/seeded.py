"""The model in which `manage.py seed` remembers loaded rows, to keep the edits of curators."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SeededRow(models.Model):
    """One fixture row as it was last loaded.

    `fixture_digest` tells whether the fixture has changed since, `row_digest` whether somebody has
    changed the row in the database. Both are SHA-256 in hexadecimal.
    """

    model = models.CharField(_("model"), max_length=80)
    key = models.TextField(_("natural key"))
    object_id = models.PositiveBigIntegerField(_("row"))
    fixture_digest = models.CharField(_("digest of the fixture"), max_length=64)
    row_digest = models.CharField(_("digest of the row"), max_length=64)

    class Meta:
        verbose_name = _("seeded row")
        verbose_name_plural = _("seeded rows")
        constraints = [
            models.UniqueConstraint(fields=["model", "key"], name="seeded_row_once"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.key}"

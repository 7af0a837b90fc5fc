"""Finding rows by natural key, by which fixtures name them, and by addresses that they once had."""

from typing import Any, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from programmes.columns.texts import CleanSlug

Row = TypeVar("Row", bound=models.Model)


class NaturalKeyQuerySet(models.QuerySet[Row]):
    """Finds a row by the fields that its model lists in `natural_key_fields`."""

    def get_by_natural_key(self, *key: Any) -> Row:
        """Return the row with this natural key; raise the model's DoesNotExist if there is none."""
        model: Any = (
            self.model
        )  # every model of the catalogue has the attribute, but no stub says so
        fields: tuple[str, ...] = model.natural_key_fields
        return self.get(**dict(zip(fields, key, strict=True)))


class MergedAwayQuerySet(NaturalKeyQuerySet[Row]):
    """Finds rows also by the slugs of those that were merged into them, so fixtures do, too."""

    def led_to_from(self, slug: str) -> "MergedAwayQuerySet[Row]":
        """Return the row into which the one that had this slug was merged."""
        return self.filter(former_slugs__slug=slug)

    def get_by_natural_key(self, *key: Any) -> Row:
        own = self.filter(slug=key[0])
        return own.get() if own.exists() else self.led_to_from(key[0]).get()


class FormerAddress(models.Model):
    """Base of the names in addresses that rows once had, each of which leads to one row."""

    slug = CleanSlug(_("name in addresses"), max_length=80, unique=True)

    objects = NaturalKeyQuerySet.as_manager()
    natural_key_fields = ("slug",)

    class Meta:
        abstract = True
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

"""Natural keys: how fixtures name a row in the standard's words instead of by number."""

from typing import Any

from django.db import models


class NaturalKeyQuerySet(models.QuerySet):
    """Finds a row by the fields its model lists in `natural_key_fields`."""

    def get_by_natural_key(self, *key: Any) -> models.Model:
        """Return the row with this key; raise the model's DoesNotExist if there is none."""
        return self.get(**dict(zip(self.model.natural_key_fields, key, strict=True)))


class NaturalKeyManager(models.Manager.from_queryset(NaturalKeyQuerySet)):
    """The default manager of every model in this catalogue."""

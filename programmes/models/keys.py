"""Natural keys: how fixtures name a row in the standard's words instead of by number."""

from typing import Any, TypeVar

from django.db import models

Row = TypeVar("Row", bound=models.Model)


class NaturalKeyQuerySet(models.QuerySet[Row]):
    """Finds a row by the fields its model lists in `natural_key_fields`."""

    def get_by_natural_key(self, *key: Any) -> Row:
        """Return the row with this key; raise the model's DoesNotExist if there is none."""
        # Every model of the catalogue has them, beside what Django knows of one.
        fields: tuple[str, ...] = self.model.natural_key_fields  # type: ignore[attr-defined]
        return self.get(**dict(zip(fields, key, strict=True)))

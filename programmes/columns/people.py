"""The column that says who did something."""

from typing import Any

from django.conf import settings
from django.db import models


def make_user_field(name: Any) -> models.ForeignKey:
    """Return the column of a user, which is empty once their account is gone."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=name,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

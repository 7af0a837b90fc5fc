"""What a reviewer may return, so that whoever sent it mends it and sends it again, once."""

from collections.abc import Collection
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ReturnableQuerySet(models.QuerySet):
    """Selects what was returned."""

    def returned_to(self, user: Any) -> Self:
        """Return what a user got back, and nobody has sent again since."""
        model: Any = self.model
        is_left = Q(again=None) | Q(again__state__in=model.UNSENT)
        return self.filter(is_left, user=user, state=Returnable.RETURNED)


class Returnable(models.Model):
    """What waits for a second person, who may return it.

    What is sent again is another row, so what was said of the first stays there. It follows the
    first, and nothing else does: a constraint keeps two clicks from sending it twice.
    """

    RETURNED = "returned"
    UNSENT: ClassVar[Collection[str]] = ()  # the states of one that is being mended

    follows = models.OneToOneField(
        "self",
        verbose_name=_("mends"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="again",
        help_text=_("What was returned, where this was sent in its place."),
    )

    objects = ReturnableQuerySet.as_manager()

    class Meta:
        abstract = True

    def find_again(self) -> Any:
        """Return what follows this; None if nothing does."""
        model: Any = type(self)
        return model.objects.filter(follows=self.pk).select_related("user").first()

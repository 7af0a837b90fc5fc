"""The model of leases: which job runs now, so that nobody begins it a second time."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from programmes.columns.texts import CleanLine


class Lease(models.Model):
    """A job that is run by a timer: who runs it now, until when that holds, when it last ended.

    Whoever runs it renews the lease. That of a killed run is over by itself.
    """

    name = CleanLine(_("name"), max_length=40, unique=True)
    holder = CleanLine(
        _("holder"), max_length=100, blank=True, help_text=_("The host and the process.")
    )
    until = models.DateTimeField(_("held until"), null=True, blank=True)
    ended_at = models.DateTimeField(
        _("last ended"), null=True, blank=True, help_text=_("When a run last came to its end.")
    )

    class Meta:
        verbose_name = _("lease")
        verbose_name_plural = _("leases")
        ordering = ["name"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.name

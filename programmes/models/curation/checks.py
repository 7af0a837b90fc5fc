"""The model of checks: what somebody found when they held a record against its sources."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from programmes.columns.people import make_user_field
from programmes.models.programme import Programme


class RecordCheck(models.Model):
    """A check of a record, fact by fact, that somebody has begun or finished.

    It is kept for one person until they finish it. What readers are told of it stands in the
    record, and nothing there says who it was. Only curators see the rest.
    """

    class Answer(models.TextChoices):
        SO = "so", _("Still so")
        CHANGED = "changed", _("Changed")
        GONE = "gone", _("Source gone")
        NOT_LOOKED = "no", _("Not looked")

    programme = models.ForeignKey(
        Programme, verbose_name=_("programme"), on_delete=models.CASCADE, related_name="checks"
    )
    user = make_user_field(_("user"))
    answers = models.JSONField(
        _("answers"), default=dict, blank=True, help_text=_("By fact and source.")
    )
    leaves_work = models.BooleanField(
        _("leaves work"),
        default=False,
        help_text=_("It found something that somebody still has to look at."),
    )
    begun_at = models.DateTimeField(_("begun"), auto_now_add=True)
    changed_at = models.DateTimeField(_("last step"), auto_now=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("check against sources")
        verbose_name_plural = _("checks against sources")
        ordering = ["pk"]
        # It is written on the page of its record.
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "user"],
                condition=Q(finished_at=None),
                name="check_begun_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme}, {self.begun_at:%Y-%m-%d}"

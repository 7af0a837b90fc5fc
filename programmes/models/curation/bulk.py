"""Models of bulk changes: one field of many records, changed in one go, and what came of each."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from programmes.columns.people import make_user_field
from programmes.columns.texts import CleanLine, CleanText
from programmes.models.changes import Edit
from programmes.models.curation.drafts import LONGEST_COMMENT
from programmes.models.curation.returned import Returnable
from programmes.models.programme import Programme


class BulkChange(Returnable):
    """A change of one field of many records at once. Only curators see it.

    What was chosen is kept, and what would become of each record is worked out from it again on
    every page. So nothing is half chosen, and nothing is written before it is confirmed.
    """

    class State(models.TextChoices):
        CHOOSING = "choosing", _("Being prepared")
        WAITING = "waiting", _("Waits for review")
        RETURNED = "returned", _("Returned")
        DONE = "done", _("Done")
        UNDONE = "undone", _("Undone")

    UNSENT = (State.CHOOSING,)

    user = make_user_field(_("made by"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.CHOOSING)
    ticked = models.JSONField(
        _("ticked"), default=list, help_text=_("The ids of the records that were ticked.")
    )
    matching = models.JSONField(
        _("matching"), default=list, blank=True, help_text=_("The ids of all that the list found.")
    )
    choice = models.JSONField(
        _("choice"), default=dict, blank=True, help_text=_("What is changed, and to what.")
    )
    told = CleanLine(_("what it does"), max_length=600, blank=True, help_text=_("In words."))
    reason = CleanLine(
        _("reason"), max_length=200, blank=True, help_text=_("Shown to everybody in the history.")
    )
    comment = CleanText(_("comment"), max_length=LONGEST_COMMENT, blank=True)
    decided_by = make_user_field(_("decided by"))
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)
    changed_at = models.DateTimeField(_("last step"), auto_now=True, db_index=True)

    class Meta:
        verbose_name = _("bulk change")
        verbose_name_plural = _("bulk changes")
        ordering = ["-changed_at", "-pk"]

    def __str__(self) -> str:
        return self.told or self.get_state_display()

    @property
    def is_unsent(self) -> bool:
        """Whether this is still being prepared, so that nobody else has it."""
        return self.state in self.UNSENT


class BulkChangeRow(models.Model):
    """A record that a bulk change has changed, or will change once somebody approves it."""

    batch = models.ForeignKey(
        BulkChange, verbose_name=_("bulk change"), on_delete=models.CASCADE, related_name="rows"
    )
    programme = models.ForeignKey(
        Programme, verbose_name=_("programme"), on_delete=models.CASCADE, related_name="+"
    )
    edit = models.ForeignKey(
        Edit,
        verbose_name=_("edit"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Empty while it waits, and if it was left as it was."),
    )
    told = CleanText(
        _("what changes"), max_length=LONGEST_COMMENT, blank=True, help_text=_("In words.")
    )

    class Meta:
        verbose_name = _("row of a bulk change")
        verbose_name_plural = _("rows of bulk changes")
        ordering = ["programme__name", "pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["batch", "programme"], name="bulk_row_once"),
        ]

    def __str__(self) -> str:
        return f"{self.programme}: {self.told}"

"""The model of mergers that wait for a second person."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from programmes.columns.people import make_user_field
from programmes.columns.texts import CleanLine, CleanText
from programmes.models.curation.drafts import LONGEST_COMMENT
from programmes.models.curation.returned import Returnable


class ProposedMerger(Returnable):
    """Two rows that somebody wants to merge, with what they chose. Only curators see it.

    It is the page of the merger as somebody filled it in. What would come of it is worked out anew
    from both rows whenever it is shown. So what was changed since is asked again.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for review")
        RETURNED = "returned", _("Returned")
        DONE = "done", _("Merged")
        DROPPED = "dropped", _("Dropped")

    model = CleanLine(_("kind"), max_length=80, help_text=_("Such as programmes.source."))
    goes = models.PositiveBigIntegerField(_("goes"), help_text=_("The id of the one that goes."))
    stays = models.PositiveBigIntegerField(_("stays"), help_text=_("The id of the one that stays."))
    choices = models.JSONField(
        _("choices"), default=dict, help_text=_("What was answered, by question.")
    )
    seen = models.JSONField(
        _("seen"),
        default=dict,
        help_text=_("How often both had been changed by then, by id."),
    )
    told = CleanLine(_("what it does"), max_length=600, help_text=_("In words."))
    reason = CleanLine(
        _("reason"), max_length=200, help_text=_("Shown to everybody in the history.")
    )
    user = make_user_field(_("sent by"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    comment = CleanText(_("comment"), max_length=LONGEST_COMMENT, blank=True)
    decided_by = make_user_field(_("decided by"))
    created_at = models.DateTimeField(_("sent"), auto_now_add=True)
    changed_at = models.DateTimeField(_("last step"), auto_now=True, db_index=True)

    class Meta:
        verbose_name = _("proposed merger")
        verbose_name_plural = _("proposed mergers")
        ordering = ["-changed_at", "-pk"]
        # It is sent and decided on the page of the two.
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["model", "goes"],
                condition=models.Q(state="waiting"),
                name="proposed_merger_once",
                violation_error_message=_("A merger of this waits for review already."),
            ),
        ]

    def __str__(self) -> str:
        return self.told

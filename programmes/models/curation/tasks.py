"""The model of tasks: what waits for a person, because a look at the catalogue has found it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from programmes.columns.people import make_user_field
from programmes.columns.texts import CleanLine
from programmes.models.programme import Programme

LONGEST_ABOUT = 600  # letters, as many as the longest column of addresses has
LONGEST_TOLD = 600
LONGEST_REASON_TO_CLOSE = 300


class Task(models.Model):
    """Something in the catalogue that a person has to look at, with what shows it.

    A look opens it, and closes it when its cause has gone. A person closes it with a reason. Then
    it stays closed until a look finds something else there. It is the curators' alone: no page of
    readers, no change and no public dump has anything of it.
    """

    class Kind(models.TextChoices):
        # In the order in which they matter to readers.
        CONFLICT = "conflict", _("Figures that differ")
        SUM = "sum", _("Sums that do not add up")
        LINK = "link", _("Broken link")
        FOUND = "found", _("Found in a check")
        OUTSIDE = "outside", _("Changed outside the admin")
        OUTDATED = "outdated", _("Old figure")
        STALE = "stale", _("Due for a check")
        GAP = "gap", _("Missing facts")
        DUPLICATE = "duplicate", _("Perhaps entered twice")
        ORPHAN = "orphan", _("Used nowhere")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        GONE = "gone", _("Closed by itself")
        CLOSED = "closed", _("Closed by somebody")

    kind = models.CharField(_("kind"), max_length=9, choices=Kind)
    key = CleanLine(
        _("key"), max_length=80, help_text=_("What it is about, once among those of its kind.")
    )
    programme = models.ForeignKey(
        Programme,
        verbose_name=_("programme"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="tasks",
    )
    other = models.ForeignKey(
        Programme,
        verbose_name=_("other programme"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The one that may be the same."),
    )
    about = CleanLine(
        _("about"),
        max_length=LONGEST_ABOUT,
        blank=True,
        help_text=_("An address, or the model of a row and its id."),
    )
    told = CleanLine(_("what was found"), max_length=LONGEST_TOLD, help_text=_("In words."))
    fingerprint = CleanLine(
        _("fingerprint"), max_length=32, help_text=_("A digest of what shows it.")
    )
    weight = models.PositiveIntegerField(
        _("weight"), default=0, help_text=_("How much its record tells readers.")
    )
    opened_at = models.DateTimeField(_("opened"))
    seen_at = models.DateTimeField(_("last found"))
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.OPEN)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = make_user_field(_("closed by"))
    reason = CleanLine(_("reason"), max_length=LONGEST_REASON_TO_CLOSE, blank=True)
    taken_by = make_user_field(_("taken by"))
    taken_until = models.DateTimeField(
        _("taken until"), null=True, blank=True, help_text=_("After that it is free again.")
    )

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["-weight", "pk"]
        # Looks open them, and whatever is deleted takes its own along.
        default_permissions = ("view", "change")
        indexes = [
            models.Index(fields=["state", "kind", "-weight", "id"], name="task_queue"),
            models.Index(fields=["state", "-weight", "id"], name="task_queue_of_all"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                name="task_once",
                violation_error_message=_("There is a task about this already."),
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | ~Q(reason=""),
                name="task_closed_with_reason",
                violation_error_message=_("Say why it can be closed."),
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | (~Q(state="open") & ~Q(closed_at=None)),
                name="task_closed_at_a_time",
                violation_error_message=_("Only what is closed has a time when it was."),
            ),
        ]

    def __str__(self) -> str:
        return self.told

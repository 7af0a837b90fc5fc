"""Models of drafts: changes of published records that wait for a second person."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from programmes.columns.people import make_user_field
from programmes.columns.texts import CleanLine, CleanText
from programmes.models.changes import Edit
from programmes.models.programme import Programme

LONGEST_COMMENT = 2000  # characters
LONGEST_PLACE = 80


class ChangeDraft(models.Model):
    """A change of a published record that readers do not see until a second person approves it.

    It is the form of the record as somebody filled it in, with what the form was opened with. So it
    is merged, checked and saved as any form is. A record has one draft, which its authors share.
    """

    class State(models.TextChoices):
        WRITING = "writing", _("Being written")
        REVIEW = "review", _("Sent to review")
        RETURNED = "returned", _("Returned")
        PUBLISHED = "published", _("Published")
        DROPPED = "dropped", _("Dropped")

    OPEN = (State.WRITING, State.REVIEW, State.RETURNED)

    programme = models.ForeignKey(
        Programme, verbose_name=_("programme"), on_delete=models.CASCADE, related_name="drafts"
    )
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WRITING)
    form = models.JSONField(
        _("form"), help_text=_("What the fields hold: a list of texts for each name.")
    )
    opened = models.JSONField(
        _("opened with"), help_text=_("The published record that the form was merged with last.")
    )
    picture = CleanLine(
        _("picture"), max_length=100, blank=True, help_text=_("The file of a new picture.")
    )
    reason = CleanLine(
        _("reason"),
        max_length=600,
        blank=True,
        help_text=_("Shown to everybody in the history, once it is published."),
    )
    turn = models.PositiveIntegerField(
        _("turn"), default=0, help_text=_("How often it has been written.")
    )
    edit = models.OneToOneField(
        Edit,
        verbose_name=_("edit"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="draft",
        help_text=_("What it became when it was published."),
    )
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)
    changed_at = models.DateTimeField(_("last step"), auto_now=True, db_index=True)

    class Meta:
        verbose_name = _("draft of a change")
        verbose_name_plural = _("drafts of changes")
        ordering = ["-changed_at", "-pk"]
        # It is written, approved and dropped in the form of its record.
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["programme"],
                condition=Q(state__in=["writing", "review", "returned"]),
                name="draft_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme}, {self.get_state_display()}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class DraftStep(models.Model):
    """What somebody did with a draft, or said about it. Only curators see it."""

    class Kind(models.TextChoices):
        WROTE = "wrote", _("Written")
        SENT = "sent", _("Sent to review")
        COMMENTED = "commented", _("Comment")
        RETURNED = "returned", _("Returned")
        PUBLISHED = "published", _("Published")
        DROPPED = "dropped", _("Dropped")

    draft = models.ForeignKey(
        ChangeDraft, verbose_name=_("draft"), on_delete=models.CASCADE, related_name="steps"
    )
    kind = models.CharField(_("step"), max_length=9, choices=Kind)
    user = make_user_field(_("user"))
    made_at = models.DateTimeField(_("made"), auto_now_add=True)
    turn = models.PositiveIntegerField(_("turn"), help_text=_("Of the draft, by then."))
    form = models.JSONField(
        _("form"), null=True, blank=True, help_text=_("What was written, where something was.")
    )
    about = CleanLine(
        _("about"), max_length=300, blank=True, help_text=_("Which of the changes it is about.")
    )
    place = CleanLine(
        _("place"),
        max_length=LONGEST_PLACE,
        blank=True,
        editable=False,
        help_text=_("Of what it is about in the form: a field, or a row by its kind and its key."),
    )
    text = CleanText(_("comment"), max_length=LONGEST_COMMENT, blank=True)

    class Meta:
        verbose_name = _("step of a draft")
        verbose_name_plural = _("steps of drafts")
        ordering = ["pk"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.made_at:%Y-%m-%d}"

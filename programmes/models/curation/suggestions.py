"""The model of suggestions: what readers say is wrong or missing, and what curators answered."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from programmes.columns.texts import CleanLine, CleanText
from programmes.models.programme import Programme

LONGEST_TEXT = 2000  # characters, of what readers say and of an answer


class Suggestion(models.Model):
    """What a reader says is wrong, out of date or missing, and what a curator answered.

    Nothing in it tells who the reader is. The address of its page ends in a token, of which only
    the digest is kept: whoever has the address reads the answer, and nobody can find it again.
    """

    class Kind(models.TextChoices):
        NEWER = "newer", _("There is something newer")
        WRONG = "wrong", _("It was never right")
        CHANGED = "changed", _("The programme has changed or ended")
        MISSING = "missing", _("Something is missing")
        OTHER = "other", _("Something else")

    class Role(models.TextChoices):
        WORKS_THERE = "works-there", _("I work for the programme or a partner")
        TOOK_PART = "took-part", _("I took part, as a school or a company")
        STUDIES = "studies", _("I study such programmes")
        CAME_ACROSS = "came-across", _("I came across it")

    class State(models.TextChoices):
        RECEIVED = "received", _("Received")
        SEEN = "seen", _("Looked at")
        ACCEPTED = "accepted", _("Accepted")
        PARTLY = "partly", _("Accepted in part")
        DECLINED = "declined", _("Declined")

    digest = CleanLine(
        _("digest"), max_length=64, unique=True, help_text=_("SHA-256 of the token of its page.")
    )
    programme = models.ForeignKey(
        Programme,
        verbose_name=_("programme"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="suggestions",
    )
    fact = CleanLine(
        _("fact"),
        max_length=40,
        blank=True,
        help_text=_("The part of the record, such as “works”, or a row of it, such as “reach-3”."),
    )
    fact_told = CleanLine(
        _("fact as it was shown"),
        max_length=300,
        blank=True,
        help_text=_("What stood there when the reader wrote."),
    )
    about = CleanLine(
        _("about"), max_length=300, blank=True, help_text=_("In the reader's words, or a page.")
    )
    kind = models.CharField(_("what is the matter"), max_length=8, choices=Kind)
    value = CleanLine(_("right value"), max_length=200, blank=True)
    said = CleanText(_("in their words"), max_length=LONGEST_TEXT)
    source = CleanLine(_("where to look it up"), max_length=500)
    role = models.CharField(_("how they know"), max_length=12, choices=Role, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.RECEIVED)
    answer = CleanText(
        _("answer"),
        max_length=LONGEST_TEXT,
        blank=True,
        help_text=_("The sender reads exactly this. One or two sentences, no names."),
    )
    created_at = models.DateTimeField(_("received"), auto_now_add=True, db_index=True)
    seen_at = models.DateTimeField(_("looked at"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    DECIDED = (State.ACCEPTED, State.PARTLY, State.DECLINED)
    WITH_REASON = (State.PARTLY, State.DECLINED)

    class Meta:
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        ordering = ["-created_at", "-pk"]
        # Only readers make one, on the page for it.
        default_permissions = ("view", "change", "delete")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["partly", "declined"]) | ~Q(answer=""),
                name="suggestion_answer_says_why",
                violation_error_message=_("Say why it is not taken over."),
            ),
        ]

    def __str__(self) -> str:
        return f"S-{self.pk}"

    @property
    def is_decided(self) -> bool:
        return self.state in self.DECIDED

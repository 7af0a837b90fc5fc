"""The model of evaluations: what was looked at, how, by whom, and what was found – good or bad."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from programmes.columns.texts import CleanLine, CleanText
from programmes.columns.validators import YEAR_VALIDATORS
from programmes.models.facts import Fact
from programmes.models.sources import Source

# A sentence about an evaluation has at most 25 words; up to 13 of them stand before its headline.
LONGEST_HEADLINE = 12


def refuse_long_headline(text: str) -> None:
    """Raise ValidationError if a headline has too many words for the sentence that it ends."""
    if len(text.split()) > LONGEST_HEADLINE:
        raise ValidationError(
            _("Say it in at most %(most)d words."), params={"most": LONGEST_HEADLINE}
        )


class Study(models.Model):
    """Base of what was looked at and found: how, by whom, when, and with which result."""

    class Design(models.TextChoices):
        """How it was looked at, the designs that compare first."""

        RANDOMISED_TRIAL = "randomised-trial", _("Randomised trial")
        MATCHED_COMPARISON = "matched-comparison", _("Matched comparison")
        BEFORE_AFTER = "before-after", _("Before and after")
        OUTCOME_SURVEY = "outcome-survey", _("Survey of outcomes")
        INDICATORS = "indicators", _("Indicators tracked")
        AUDIT = "audit", _("Audit")
        SATISFACTION = "satisfaction", _("Satisfaction survey")
        QUALITATIVE = "qualitative", _("Interviews and case studies")
        JURY = "jury", _("Jury or certification")
        PARTICIPATION = "participation", _("Participation counted")
        NOT_KNOWN = "not-known", _("Design not known")

    class Result(models.TextChoices):
        """What was found on the whole, before any subgroup."""

        POSITIVE = "positive", _("Positive")
        MIXED = "mixed", _("Mixed")
        NO_EFFECT = "no-effect", _("No effect found")
        NEGATIVE = "negative", _("Negative")
        NOT_ON_RECORD = "not-on-record", _("Result not known")

    design = models.CharField(_("design"), max_length=20, choices=Design, default=Design.NOT_KNOWN)
    evaluator = CleanLine(
        _("evaluator"), max_length=200, blank=True, help_text=_("An institution, never a person.")
    )
    commissioner = CleanLine(
        _("ordered by"), max_length=200, blank=True, help_text=_("An institution, never a person.")
    )
    year = models.PositiveSmallIntegerField(
        _("year"), null=True, blank=True, validators=YEAR_VALIDATORS
    )
    sample = CleanLine(
        _("sample"),
        max_length=300,
        blank=True,
        help_text=_("Who and how many, as the source says."),
    )
    result = models.CharField(
        _("result"), max_length=14, choices=Result, default=Result.NOT_ON_RECORD
    )
    finding = CleanText(
        _("finding"),
        blank=True,
        help_text=_("In our own words: the main result first, then results for single groups."),
    )
    note = CleanText(_("note"), blank=True)
    further_sources = models.ManyToManyField(
        Source, verbose_name=_("further sources"), blank=True, related_name="+"
    )

    class Meta:
        abstract = True


class Evaluation(Study, Fact):
    """One evaluation: the trial of the CREST Silver Award in 180 schools, 2019, without effect."""

    class Object(models.TextChoices):
        """What was looked at; only a study of the programme itself counts for the programme."""

        PROGRAMME = "programme", _("The programme itself")
        PLATFORM = "platform", _("A platform")
        GRANT_SCHEME = "grant-scheme", _("A grant scheme")
        PREDECESSOR = "predecessor", _("A predecessor")
        EVENT = "event", _("One event")
        FIELD = "field", _("Many schemes together")

    class Independence(models.TextChoices):
        """Who stood behind it.

        Independent: done by others than the programme, its operator, partners or funders, and not
        ordered by the programme or its operator; a funder may order it. Commissioned: ordered by
        the programme or its operator, done by others.
        """

        INDEPENDENT = "independent", _("Independent")
        COMMISSIONED = "commissioned", _("Paid for by the programme, done by others")
        OWN = "own", _("The programme’s own")
        NOT_KNOWN = "not-known", _("Not known by whom")

    object = models.CharField(
        _("what was evaluated"),
        max_length=12,
        choices=Object,
        default=Object.PROGRAMME,
        help_text=_("Only a study of the programme itself counts as evidence for it."),
    )
    independence = models.CharField(
        _("independence"),
        max_length=12,
        choices=Independence,
        default=Independence.NOT_KNOWN,
        help_text=_(
            "Choose “Independent” only if somebody other than the programme, its operator, "
            "partners or funders did it, and the programme did not order it."
        ),
    )
    method = CleanLine(_("method"), max_length=300, blank=True)
    headline = CleanLine(
        _("headline"),
        max_length=120,
        blank=True,
        validators=[refuse_long_headline],
        help_text=_(
            "In our own words, at most 12, as they follow “It found”: “no effect on progress in "
            "science”, “that teachers grew surer of themselves”."
        ),
    )

    class Meta(Fact.Meta):
        verbose_name = _("evaluation")
        verbose_name_plural = _("evaluations")
        constraints = [
            *Fact.Meta.constraints,
            models.CheckConstraint(
                condition=Q(headline="") | ~Q(result="not-on-record"),
                name="headline_needs_result",
                violation_error_message=_("Choose a result first, or leave the headline empty."),
            ),
        ]

    def __str__(self) -> str:
        return self.method or str(self.get_design_display())

    @property
    def counts(self) -> bool:
        """Whether it is a study of the programme itself."""
        return self.object == self.Object.PROGRAMME

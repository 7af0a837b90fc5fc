"""Models of research on partnerships: obstacles, good-practice criteria, assessments, guides."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from partnerships.models.organisations import Organisation
from partnerships.models.strategies import NationalPlatform, Strategy
from programmes.models import (
    CleanLine,
    CleanSlug,
    CleanText,
    Country,
    Fact,
    NaturalKeyQuerySet,
    Programme,
    Sourced,
    Study,
    Term,
)

# Slugs that guides cannot have, because /guides/<slug>/ is another page.
RESERVED_SLUGS = ("plan",)


class Obstacle(Term):
    """One of the eleven obstacles of the report's Table 6, such as lack of resources, 23 %."""

    class Family(models.TextChoices):
        STRUCTURAL = "structural", _("Structural")
        MOTIVATIONAL = "motivational", _("Motivational")
        PROCEDURAL = "procedural", _("Procedural")
        CULTURAL = "cultural", _("Cultural")

    family = models.CharField(_("family"), max_length=12, choices=Family)
    share = models.PositiveSmallIntegerField(
        _("share"), help_text=_("Per cent of all obstacles that 15 national reports name.")
    )
    response = CleanText(
        _("documented responses"),
        blank=True,
        help_text=_("What the report suggests. It names no remedy for a single obstacle."),
    )

    class Meta(Term.Meta):
        verbose_name = _("obstacle")
        verbose_name_plural = _("obstacles")
        constraints = [
            models.CheckConstraint(
                condition=Q(share__lte=100),
                name="obstacle_share_is_percentage",
                violation_error_message=_("Give a share of 100 per cent or less."),
            ),
        ]


class Criterion(Term):
    """One of the report's twelve criteria of good practice, such as “encourages girls”."""

    class Group(models.TextChoices):
        GENERAL = "general", _("Good educational practice")
        STEM_EDUCATION = "stem-education", _("STEM education")
        STEM_CAREERS = "stem-careers", _("STEM careers education")

    group = models.CharField(_("group"), max_length=16, choices=Group)

    class Meta(Term.Meta):
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")


class CriterionAssessment(Fact):
    """A verdict on one criterion, with its evidence; there is no total and no ranking."""

    class Verdict(models.TextChoices):
        MET = "met", _("Met")
        PARTLY = "partly", _("Partly met")
        NOT_MET = "not-met", _("Not met")
        NOT_ENOUGH_INFORMATION = "not-enough-information", _("Not enough information")

    programme = models.ForeignKey(
        Programme,
        verbose_name=_("programme"),
        on_delete=models.CASCADE,
        related_name="assessments",
    )
    criterion = models.ForeignKey(
        Criterion,
        verbose_name=_("criterion"),
        on_delete=models.PROTECT,
        related_name="assessments",
    )
    verdict = models.CharField(_("verdict"), max_length=24, choices=Verdict)
    evidence = CleanLine(_("evidence"), max_length=400, blank=True)

    class Meta(Fact.Meta):
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        constraints = [
            *Fact.Meta.constraints,
            models.UniqueConstraint(
                fields=["programme", "criterion"],
                name="assessment_once",
                violation_error_message=_(
                    "This criterion is already assessed. Change that row instead."
                ),
            ),
            models.CheckConstraint(
                condition=Q(verdict="not-enough-information") | ~Q(evidence=""),
                name="assessment_has_evidence",
                violation_error_message=_(
                    "Say what supports this verdict, or choose “Not enough information”."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.get_verdict_display()}"


class FieldStudy(Study, Sourced):
    """A study of many schemes together, or of one that is not in the catalogue: context only.

    It counts for no programme and stands in no number.
    """

    slug = CleanSlug(_("name in addresses"), max_length=80, unique=True)
    title = CleanLine(_("title"), max_length=160)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = NaturalKeyQuerySet.as_manager()
    natural_key_fields = ("slug",)

    class Meta:
        verbose_name = _("study of the field")
        verbose_name_plural = _("studies of the field")
        ordering = ["position", "title"]

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str]:
        return (self.slug,)


class Guide(Sourced):
    """A list of the report, such as the ten do's and don'ts of a stakeholder meeting."""

    class Group(models.TextChoices):
        PRACTICE = "practice", _("Good practice")
        EVIDENCE = "evidence", _("What research shows")
        PARTNERSHIP = "partnership", _("Setting up partnerships")
        TRANSFER = "transfer", _("Bringing an idea to another country")
        TASK_FORCE = "task-force", _("Archive 2013–14")
        STUDY = "study", _("How the studies were made")
        REFERENCE = "reference", _("Terms and references")

    class Vocabulary(models.TextChoices):
        KINDS = "initiative-kinds", _("Initiative kinds")
        FACTORS = "career-factors", _("Career factors")
        OBSTACLES = "obstacles", _("Obstacles")
        CRITERIA = "criteria", _("Criteria")

    slug = CleanSlug(_("name in addresses"), max_length=80, unique=True)
    title = CleanLine(_("title"), max_length=160)
    group = models.CharField(_("group"), max_length=12, choices=Group)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    summary = CleanText(_("summary"))
    vocabulary = models.CharField(
        _("vocabulary"),
        max_length=20,
        choices=Vocabulary,
        blank=True,
        help_text=_("The list of terms that the guide explains first."),
    )
    caution = CleanText(
        _("caution"), blank=True, help_text=_("What readers should not conclude from it.")
    )
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = NaturalKeyQuerySet.as_manager()
    natural_key_fields = ("slug",)

    class Meta:
        verbose_name = _("guide")
        verbose_name_plural = _("guides")
        ordering = ["position", "title"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(slug__in=RESERVED_SLUGS),
                name="guide_slug_is_free",
                violation_error_message=_("Another page has this address. Choose another."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_archived(self) -> bool:
        """Whether it tells what a task force did in 2013–14, and not what helps today."""
        return self.group == self.Group.TASK_FORCE

    def get_absolute_url(self) -> str:
        return reverse("guide", args=[self.slug])

    def natural_key(self) -> tuple[str]:
        return (self.slug,)


class GuideItem(models.Model):
    """One item of a guide, with the lines of the source and what it names in the catalogue."""

    guide = models.ForeignKey(
        Guide, verbose_name=_("guide"), on_delete=models.CASCADE, related_name="items"
    )
    slug = CleanSlug(_("name in addresses"), max_length=80)
    position = models.PositiveSmallIntegerField(_("position"))
    group = CleanLine(_("group"), max_length=160, blank=True)
    heading = CleanLine(_("heading"), max_length=200)
    text = CleanText(_("text"))
    value = CleanLine(
        _("figure"), max_length=120, blank=True, help_text=_("With its unit and date.")
    )
    locator = CleanLine(
        _("place in the source"),
        max_length=160,
        blank=True,
        help_text=_("Where in the guide’s source it says so."),
    )
    programmes = models.ManyToManyField(
        Programme, verbose_name=_("programmes"), blank=True, related_name="guide_items"
    )
    organisations = models.ManyToManyField(
        Organisation, verbose_name=_("organisations"), blank=True, related_name="guide_items"
    )
    platforms = models.ManyToManyField(
        NationalPlatform, verbose_name=_("platforms"), blank=True, related_name="guide_items"
    )
    strategies = models.ManyToManyField(
        Strategy, verbose_name=_("strategies"), blank=True, related_name="guide_items"
    )
    countries = models.ManyToManyField(
        Country, verbose_name=_("countries"), blank=True, related_name="guide_items"
    )

    objects = NaturalKeyQuerySet.as_manager()
    natural_key_fields = ("guide__slug", "slug")

    class Meta:
        verbose_name = _("guide item")
        verbose_name_plural = _("guide items")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["guide", "slug"],
                name="guide_item_once",
                violation_error_message=_(
                    "Another item of this guide has this address. Choose another."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.heading

    def get_absolute_url(self) -> str:
        return f"{self.guide.get_absolute_url()}#{self.slug}"

    def natural_key(self) -> tuple[str, str]:
        return (self.guide.slug, self.slug)

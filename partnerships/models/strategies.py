"""Models of national platforms, strategies and statements about them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from partnerships.models.organisations import CURRENCY_CODE, Organisation
from programmes.models import (
    OTHER_UNIT,
    YEAR_VALIDATORS,
    CleanLine,
    CleanSlug,
    CleanText,
    Country,
    Figure,
    NaturalKeyQuerySet,
    Programme,
    Sourced,
    find_last_year,
)

OTHER_SUBJECT = _("A figure cannot be replaced by one of another strategy or platform.")


class Initiative(models.Model):
    """Base of platforms and strategies: both have a place, a time and a status."""

    class Level(models.TextChoices):
        EU = "eu", _("European")
        NATIONAL = "national", _("National")
        REGIONAL = "regional", _("Regional")
        LOCAL = "local", _("Local")

    slug = CleanSlug(_("name in addresses"), max_length=80, unique=True)
    name = CleanLine(_("name"), max_length=200)
    native_names = CleanLine(
        _("names in other languages"),
        max_length=300,
        blank=True,
        help_text=_(
            "Each after the code of its language, with semicolons between them: nl: Techniekpact."
        ),
    )
    level = models.CharField(_("level"), max_length=10, choices=Level)
    region = CleanLine(_("region"), max_length=120, blank=True)
    year_start = models.PositiveSmallIntegerField(
        _("start year"), null=True, blank=True, validators=YEAR_VALIDATORS
    )
    year_start_detail = CleanLine(_("start in detail"), max_length=200, blank=True)
    year_end = models.PositiveSmallIntegerField(
        _("end year"), null=True, blank=True, validators=YEAR_VALIDATORS
    )
    year_end_detail = CleanLine(_("end in detail"), max_length=200, blank=True)
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=Programme.Status,
        default=Programme.Status.UNKNOWN,
    )
    status_as_of = models.PositiveSmallIntegerField(
        _("status as of"), null=True, blank=True, validators=YEAR_VALIDATORS
    )
    confidence = models.CharField(
        _("confidence"),
        max_length=6,
        choices=Programme.Confidence,
        default=Programme.Confidence.MEDIUM,
    )
    note = CleanText(_("note"), blank=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = NaturalKeyQuerySet.as_manager()
    natural_key_fields = ("slug",)

    class Meta:
        abstract = True
        ordering = ["name", "slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(year_end__gte=F("year_start")) | Q(year_end=None) | Q(year_start=None),
                name="%(class)s_ends_after_start",
                violation_error_message=_("The end year is before the start year. Check both."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    @property
    def known_until(self) -> int | None:
        """The last year in which the strategy or platform is known to have run."""
        return find_last_year(self.year_end, self.status, self.status_as_of)


class Strategy(Initiative):
    """A strategy, pact or action plan, such as the Danish Technology Pact."""

    class Type(models.TextChoices):
        PRIVATE = "private", _("Private strategy")
        PUBLIC_PRIVATE = "public-private", _("Public-private strategy")
        PUBLIC_EDUCATION = "national-public-education", _("Public strategy of education ministries")
        PUBLIC_INTEGRAL = "national-public-integral", _("Public strategy of several ministries")

    countries = models.ManyToManyField(
        Country, verbose_name=_("countries"), blank=True, related_name="strategies"
    )
    type = models.CharField(
        _("type"),
        max_length=26,
        choices=Type,
        blank=True,
        help_text=_("Our reading of Table 5 in the inGenious report. Leave empty if none fits."),
    )
    summary = CleanText(_("summary"), blank=True)
    owners = models.ManyToManyField(
        Organisation, verbose_name=_("owners"), blank=True, related_name="strategies_owned"
    )
    implementing_body = models.ForeignKey(
        Organisation,
        verbose_name=_("implementing body"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="strategies_implemented",
    )
    programme = models.OneToOneField(
        Programme,
        verbose_name=_("same as programme"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="strategy",
        help_text=_("The programme that is the same thing."),
    )

    class Meta(Initiative.Meta):
        verbose_name = _("strategy")
        verbose_name_plural = _("strategies")

    def get_absolute_url(self) -> str:
        return reverse("strategy", args=[self.slug])


class NationalPlatformQuerySet(NaturalKeyQuerySet["NationalPlatform"]):
    """Queries of platforms: those that act or acted as one, apart from what only resembles one."""

    def acting(self) -> "NationalPlatformQuerySet":
        return self.filter(standing=NationalPlatform.Standing.PLATFORM)


class NationalPlatform(Initiative):
    """A STEM platform such as LUMA Centre Finland, or what a source names beside platforms."""

    class Standing(models.TextChoices):
        PLATFORM = "platform", _("STEM platform")
        SIMILAR = "similar", _("Body in a similar role")
        TASK_FORCE = "task-force", _("Temporary task force or commission")
        ATTEMPT = "attempt", _("Attempt that came to nothing")

    standing = models.CharField(
        _("what it is"),
        max_length=10,
        choices=Standing,
        help_text=_("Only what acts or acted as a STEM platform counts as one."),
    )
    countries = models.ManyToManyField(
        Country, verbose_name=_("countries"), blank=True, related_name="platforms"
    )
    organisation = models.ForeignKey(
        Organisation,
        verbose_name=_("organisation"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="platforms",
    )
    mandate = CleanText(_("mandate"), blank=True)
    mandated_by = models.ManyToManyField(
        Organisation, verbose_name=_("mandated by"), blank=True, related_name="platforms_mandated"
    )
    coalition_role = CleanLine(_("role in the EU STEM Coalition"), max_length=200, blank=True)
    programmes = models.ManyToManyField(
        Programme, verbose_name=_("programmes"), blank=True, related_name="platforms"
    )
    strategies = models.ManyToManyField(
        Strategy, verbose_name=_("strategies"), blank=True, related_name="platforms"
    )

    objects: ClassVar[Any] = NationalPlatformQuerySet.as_manager()  # the base has another

    class Meta(Initiative.Meta):
        verbose_name = _("national platform")
        verbose_name_plural = _("national platforms")

    def get_absolute_url(self) -> str:
        return reverse("platform", args=[self.slug])

    @property
    def is_acting(self) -> bool:
        """Whether it acts or acted as a STEM platform."""
        return self.standing == self.Standing.PLATFORM


class Statement(Sourced, Figure):
    """What a source says of a strategy or platform: a target, a budget, a fact, a contradiction."""

    class Kind(models.TextChoices):
        SOURCE = "source", _("Source of the record")
        TARGET = "target", _("Target")
        BUDGET = "budget", _("Budget")
        REACH = "reach", _("Reach")
        EVALUATION = "evaluation", _("Evaluation")
        FACT = "fact", _("Fact")
        DISCREPANCY = "discrepancy", _("Sources differ")

    strategy = models.ForeignKey(
        Strategy,
        verbose_name=_("strategy"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="statements",
    )
    platform = models.ForeignKey(
        NationalPlatform,
        verbose_name=_("platform"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="statements",
    )
    position = models.PositiveSmallIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    text = CleanText(_("text"), blank=True)
    value = models.DecimalField(
        _("value"),
        max_digits=16,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    unit = CleanLine(
        _("unit"), max_length=80, blank=True, help_text=_("What is counted. Leave empty for money.")
    )
    currency = CleanLine(_("currency"), max_length=3, blank=True, validators=[CURRENCY_CODE])

    alike: ClassVar[Mapping[str, Any]] = {
        "strategy_id": OTHER_SUBJECT,
        "platform_id": OTHER_SUBJECT,
        "unit": OTHER_UNIT,
        "currency": OTHER_UNIT,
    }

    objects = NaturalKeyQuerySet.as_manager()
    natural_key_fields = ("strategy__slug", "platform__slug", "position")

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ["position"]
        constraints = [
            *Figure.Meta.constraints,
            models.CheckConstraint(
                condition=(Q(strategy=None) & ~Q(platform=None))
                | (~Q(strategy=None) & Q(platform=None)),
                name="statement_about_one_thing",
                violation_error_message=_("Choose either a strategy or a platform, not both."),
            ),
            models.UniqueConstraint(
                fields=["strategy", "position"],
                condition=~Q(strategy=None),
                name="statement_strategy_position_once",
                violation_error_message=_(
                    "Another row has this position. Use the next free number."
                ),
            ),
            models.UniqueConstraint(
                fields=["platform", "position"],
                condition=~Q(platform=None),
                name="statement_platform_position_once",
                violation_error_message=_(
                    "Another row has this position. Use the next free number."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(text="") | ~Q(value=None) | ~Q(source=None),
                name="statement_says_something",
                violation_error_message=_("Give a text, a value or a source."),
            ),
        ]

    def __str__(self) -> str:
        return self.text or f"{self.get_kind_display()}: {self.value or self.source}"

    def natural_key(self) -> tuple[str | None, str | None, int]:
        return (
            self.strategy.slug if self.strategy else None,
            self.platform.slug if self.platform else None,
            self.position,
        )

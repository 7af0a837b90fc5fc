"""Models of the facts about a programme: citations, figures, discrepancies, documents.

Each row is one statement of a source, with the place in that source.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from programmes.columns.texts import CleanLine, CleanText, CleanURL, make_web_constraint
from programmes.columns.validators import YEAR_VALIDATORS
from programmes.models.figures.figure import OTHER_PROGRAMME, OTHER_UNIT, Figure
from programmes.models.keys import NaturalKeyQuerySet
from programmes.models.programme import Programme
from programmes.models.sources import Sourced
from programmes.models.terms import Unit

TWO_FIGURES = _("Choose a reach figure or a sum of money, not both.")


class Fact(Sourced):
    """Base of a programme's facts; a row keeps its `position` for ever, new rows take the next."""

    programme = models.ForeignKey(
        Programme, verbose_name=_("programme"), on_delete=models.CASCADE, related_name="%(class)ss"
    )
    position = models.PositiveSmallIntegerField(_("position"))

    objects = NaturalKeyQuerySet.as_manager()
    natural_key_fields = ("programme__slug", "position")

    class Meta:
        abstract = True
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "position"],
                name="%(class)s_position_once",
                violation_error_message=_(
                    "Another row has this position. Use the next free number."
                ),
            ),
        ]

    def natural_key(self) -> tuple[str, int]:
        return (self.programme.slug, self.position)


class Field(models.TextChoices):
    """The parts of an entry that a citation or a discrepancy can be about."""

    ENTRY = "entry", _("The record as a whole")
    NAME = "name", _("Name")
    SUMMARY = "summary", _("Summary")
    DESCRIPTION = "description", _("Description")
    OBJECTIVES = "objectives", _("Objectives")
    ACTIVITIES = "activities", _("Activities")
    COUNTRIES = "countries", _("Country")
    LEVELS = "levels", _("Education level")
    KINDS = "kinds", _("Initiative kind")
    FACTORS = "factors", _("Career factor")
    AUDIENCES = "audiences", _("Audience")
    AGES = "ages", _("Ages")
    LANGUAGES = "languages", _("Languages")
    DURATION = "duration", _("Duration")
    YEAR_START = "year_start", _("Start year")
    YEAR_END = "year_end", _("End year")
    STATUS = "status", _("Status")
    IMPACT = "impact", _("Impact")
    REACH = "reach", _("Reach")
    FUNDING = "funding", _("Funding")
    EVALUATION = "evaluation", _("Evaluation")
    LINEAGE = "lineage", _("Lineage")
    KEY_STATEMENT = "key_statement", _("Key statement")
    HIGHLIGHT = "highlight", _("Highlighted texts")
    ORGANISATIONS = "organisations", _("Organisations")


class Citation(Fact):
    """What a part of an entry rests on: Jet-Net's description, on a page of the Coalition.

    A value without a citation of its field is our reading of the sources listed for the entry as a
    whole; it is never taken for stated.
    """

    class Basis(models.TextChoices):
        STATED = "stated", _("Stated")
        INFERRED = "inferred", _("Inferred")
        DECLARED_NOT_AVAILABLE = "declared-not-available", _("Not published")

    field = models.CharField(_("about"), max_length=16, choices=Field, default=Field.ENTRY)
    basis = models.CharField(_("basis"), max_length=24, choices=Basis)
    evidence = CleanLine(
        _("evidence"),
        max_length=400,
        blank=True,
        help_text=_("What the value is inferred from, or what the source says instead."),
    )
    confidence = models.CharField(
        _("confidence"), max_length=6, choices=Programme.Confidence, blank=True
    )

    class Meta(Fact.Meta):
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        constraints = [
            *Fact.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(field="entry") | ~Q(source=None),
                name="citation_of_entry_names_source",
                violation_error_message=_("Choose the source that supports the record as a whole."),
            ),
            models.CheckConstraint(
                condition=Q(basis__in=["stated", "inferred", "declared-not-available"]),
                name="citation_has_basis",
                violation_error_message=_(
                    "Choose what it rests on: stated, inferred or not published."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_field_display()}: {self.source or self.evidence}"


class Reach(Fact, Figure):
    """A counted figure, such as “about 60,000 students a year” in Jet-Net."""

    class PeriodType(models.TextChoices):
        ANNUAL = "annual", _("a year")
        SCHOOL_YEAR = "school-year", _("in the school year")
        SNAPSHOT = "snapshot", _("at that time")
        CUMULATIVE = "cumulative", _("in the period together")
        SINCE_START = "since-start", _("since the start")

    programme = models.ForeignKey(
        Programme, verbose_name=_("programme"), on_delete=models.CASCADE, related_name="reach"
    )
    value = models.DecimalField(
        _("value"),
        max_digits=16,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("The number as the source says, or the lower end of a range."),
    )
    value_max = models.DecimalField(
        _("upper end"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    unit = models.ForeignKey(
        Unit, verbose_name=_("unit"), on_delete=models.PROTECT, related_name="reach"
    )
    unit_detail = CleanLine(
        _("unit in detail"),
        max_length=120,
        blank=True,
        help_text=_("What is counted, such as “research universities”."),
    )
    period_type = models.CharField(
        _("kind of period"),
        max_length=12,
        choices=PeriodType,
        blank=True,
        help_text=_("Leave empty if the source does not say."),
    )

    alike: ClassVar[Mapping[str, Any]] = {
        "programme_id": OTHER_PROGRAMME,
        "unit_id": OTHER_UNIT,
    }

    class Meta(Fact.Meta):
        verbose_name = _("reach figure")
        verbose_name_plural = _("reach figures")
        constraints = [
            *Fact.Meta.constraints,
            *Figure.Meta.constraints,
            models.CheckConstraint(
                condition=Q(qualifier="range", value_max__isnull=False, value_max__gt=F("value"))
                | (~Q(qualifier="range") & Q(value_max=None)),
                name="reach_range_has_two_ends",
                violation_error_message=_(
                    "A range needs an upper end above its lower end; other figures have none."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_qualifier_display()} {self.value.normalize():f} {self.unit}"


class Discrepancy(Fact):
    """A point on which sources differ, such as the number of companies in Jet-Net."""

    programme = models.ForeignKey(
        Programme,
        verbose_name=_("programme"),
        on_delete=models.CASCADE,
        related_name="discrepancies",
    )
    field = models.CharField(_("field"), max_length=16, choices=Field)
    about = CleanLine(_("about"), max_length=120, help_text=_("Such as “number of companies”."))
    note = CleanText(
        _("note"), blank=True, help_text=_("Why they may differ, and which value is used.")
    )

    class Meta(Fact.Meta):
        verbose_name = _("difference between sources")
        verbose_name_plural = _("differences between sources")

    def __str__(self) -> str:
        return self.about


class Claim(Sourced):
    """What one source says where sources differ: “over 100 companies”."""

    discrepancy = models.ForeignKey(
        Discrepancy,
        verbose_name=_("difference between sources"),
        on_delete=models.CASCADE,
        related_name="claims",
    )
    position = models.PositiveSmallIntegerField(_("position"))
    statement = CleanLine(_("statement"), max_length=300)
    is_shown = models.BooleanField(
        _("shown in the record"),
        default=False,
        help_text=_("Tick the value that the record shows."),
    )
    reach = models.ForeignKey(
        Reach,
        verbose_name=_("reach figure"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The figure of the record that it speaks of, if there is one."),
    )
    # By its name, because the apps that know money stand above this one.
    funding = models.ForeignKey(
        "partnerships.Funding",
        verbose_name=_("sum of money"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The sum of the record that it speaks of, if there is one."),
    )

    checked_links = ("reach", "funding")
    objects = NaturalKeyQuerySet.as_manager()
    natural_key_fields = (
        "discrepancy__programme__slug",
        "discrepancy__position",
        "position",
    )

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["discrepancy", "position"],
                name="claim_position_once",
                violation_error_message=_(
                    "Another row has this position. Use the next free number."
                ),
            ),
            models.CheckConstraint(
                condition=Q(reach=None) | Q(funding=None),
                name="claim_speaks_of_one_figure",
                violation_error_message=TWO_FIGURES,
            ),
        ]

    def __str__(self) -> str:
        return self.statement

    def natural_key(self) -> tuple[str, int, int]:
        return (*self.discrepancy.natural_key(), self.position)

    def clean(self) -> None:
        super().clean()
        if self.reach_id and self.funding_id:
            raise ValidationError({"funding": TWO_FIGURES})
        for name in self.checked_links:
            self.refuse_foreign_figure(name)

    def refuse_foreign_figure(self, name: str) -> None:
        """Raise ValidationError if the figure that a field names is of another programme."""
        model: Any = self._meta.get_field(name).related_model
        pk = getattr(self, f"{name}_id")
        figure = pk and model._base_manager.filter(pk=pk).first()
        if not figure or self.discrepancy_id is None:
            return
        if figure.programme_id != self.discrepancy.programme_id:
            told = _("This figure is of another programme. Choose one of the same.")
            raise ValidationError({name: told})


class Document(Fact):
    """A publication, course, instrument or model that belongs to a programme."""

    class Type(models.TextChoices):
        PUBLICATION = "publication", _("Publication")
        BROCHURE = "brochure", _("Brochure")
        EVALUATION_REPORT = "evaluation-report", _("Evaluation report")
        MONITOR = "monitor", _("Monitoring instrument")
        POLICY_DOCUMENT = "policy-document", _("Policy document")
        FUNDING_INSTRUMENT = "funding-instrument", _("Funding instrument")
        BACKGROUND = "background", _("Background document")
        DOSSIER = "dossier", _("Taskforce dossier")
        COURSE = "course", _("Course")
        FRAMEWORK = "framework", _("Framework")

    class LinkState(models.TextChoices):
        UNCHECKED = "unchecked", _("Not checked")
        WORKS = "works", _("Works")
        BROKEN = "broken", _("Broken")
        MISSING = "missing-in-source", _("Link not available")

    title = CleanLine(_("title"), max_length=250)
    type = models.CharField(_("type"), max_length=20, choices=Type, default=Type.PUBLICATION)
    language = CleanLine(_("language"), max_length=3, blank=True)
    year = models.PositiveSmallIntegerField(
        _("year"), null=True, blank=True, validators=YEAR_VALIDATORS
    )
    url = CleanURL(_("address"), max_length=600, blank=True)
    link_state = models.CharField(
        _("link"), max_length=20, choices=LinkState, default=LinkState.UNCHECKED
    )
    note = CleanLine(_("note"), max_length=400, blank=True)

    class Meta(Fact.Meta):
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [
            *Fact.Meta.constraints,
            make_web_constraint("url", "document_url_is_of_web"),
        ]

    def __str__(self) -> str:
        return self.title

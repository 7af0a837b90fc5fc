"""Models of organisations, their other names and sources, their roles in programmes, funding."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from programmes.models import (
    LANGUAGE_CODE,
    OTHER_PROGRAMME,
    OTHER_UNIT,
    YEAR_VALIDATORS,
    CleanLine,
    CleanSlug,
    CleanURL,
    Country,
    Fact,
    Figure,
    FormerAddress,
    MergedAwayQuerySet,
    NaturalKeyQuerySet,
    Programme,
    Source,
    make_public_field,
    make_web_constraint,
    refuse_circle,
    where_published,
)

CURRENCY_CODE = RegexValidator(
    r"^[A-Z]{3}\Z", _("Use three capital letters, such as EUR (ISO 4217).")
)


class OrganisationQuerySet(MergedAwayQuerySet["Organisation"]):
    """Queries of organisations: public ones, by any slug, with the number of programmes."""

    def public(self) -> "OrganisationQuerySet":
        """Return the organisations that readers may see."""
        return self.filter(is_public=True)

    def with_programme_count(self) -> "OrganisationQuerySet":
        """Annotate organisations with `programme_count`, their published programmes in any role."""
        published = where_published("partnerships__programme__")
        return self.annotate(
            programme_count=Count("partnerships__programme", filter=published, distinct=True)
        )

    def known_as(self, slug: str) -> "OrganisationQuerySet":
        """Return the organisation with this slug, else the one to which it leads.

        That has another name of this slug, or one that had it was merged into it.
        """
        own = self.filter(slug=slug)
        leads = Q(names__slug=slug) | Q(former_slugs__slug=slug)
        return own if own.exists() else self.filter(leads).distinct()


class Organisation(models.Model):
    """A body that takes part in a programme, such as Platform Talent for Technology."""

    class Type(models.TextChoices):
        COMPANY = "company", _("Company")
        EMPLOYERS_ASSOCIATION = "employers-association", _("Employers' association")
        CHAMBER = "chamber", _("Chamber")
        TRADE_UNION = "trade-union", _("Trade union")
        GOVERNMENT = "government", _("Government")
        PUBLIC_AGENCY = "public-agency", _("Public agency")
        EU_BODY = "eu-body", _("EU body")
        INTERGOVERNMENTAL = "intergovernmental", _("Intergovernmental organisation")
        FOUNDATION = "foundation", _("Foundation")
        ASSOCIATION = "association", _("Association")
        NGO = "ngo", _("Non-governmental organisation")
        NETWORK = "network", _("Network")
        STEM_PLATFORM = "stem-platform", _("STEM platform")
        SCIENCE_CENTRE = "science-centre", _("Science centre")
        UNIVERSITY = "university", _("University")
        RESEARCH_INSTITUTE = "research-institute", _("Research institute")
        SCHOOL = "school", _("School")
        VET_PROVIDER = "vet-provider", _("Vocational school or college")
        RESOURCE = "resource", _("Resource")

    slug = CleanSlug(_("name in addresses"), max_length=80, unique=True)
    name = CleanLine(_("name"), max_length=200, help_text=_("The English name, if there is one."))
    type = models.CharField(_("type"), max_length=24, choices=Type)
    is_type_inferred = models.BooleanField(
        _("type is inferred"), default=False, help_text=_("Tick when no source states it.")
    )
    country = models.ForeignKey(
        Country,
        verbose_name=_("country"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="organisations",
        help_text=_("Where it is based. Leave empty if multinational or not known."),
    )
    is_country_inferred = models.BooleanField(
        _("country is inferred"), default=False, help_text=_("Tick when no source says where.")
    )
    website = CleanURL(_("website"), max_length=400, blank=True)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("part of"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
    )
    successor = models.ForeignKey(
        "self",
        verbose_name=_("succeeded by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
    )
    note = CleanLine(_("note"), max_length=300, blank=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)
    is_public = make_public_field()

    objects = OrganisationQuerySet.as_manager()
    natural_key_fields = ("slug",)
    never_in_circles = ("parent", "successor")

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name", "slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("pk")),
                name="organisation_not_its_own_parent",
                violation_error_message=_(
                    "An organisation cannot be part of itself. Choose another, or none."
                ),
            ),
            models.CheckConstraint(
                condition=Q(successor=None) | ~Q(successor=F("pk")),
                name="organisation_not_its_own_successor",
                violation_error_message=_(
                    "An organisation cannot follow itself. Choose another, or none."
                ),
            ),
            make_web_constraint("website", "organisation_website_is_of_web"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("organisation", args=[self.slug])

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    def clean(self) -> None:
        super().clean()
        refuse_circle(self, self.never_in_circles)


class OrganisationName(models.Model):
    """Another name of an organisation, such as “PBT”; its slug redirects to the organisation."""

    class Kind(models.TextChoices):
        NATIVE = "native", _("In its own language")
        ABBREVIATION = "abbreviation", _("Abbreviation")
        ALIAS = "alias", _("Also called")
        FORMER = "former", _("Formerly")

    organisation = models.ForeignKey(
        Organisation,
        verbose_name=_("organisation"),
        on_delete=models.CASCADE,
        related_name="names",
    )
    name = CleanLine(_("name"), max_length=200)
    slug = CleanSlug(
        _("name in addresses"),
        max_length=80,
        help_text=_("Its address on this site leads to the organisation’s page."),
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.ALIAS)
    language = CleanLine(_("language"), max_length=3, blank=True, validators=[LANGUAGE_CODE])
    since = models.PositiveSmallIntegerField(
        _("since"), null=True, blank=True, validators=YEAR_VALIDATORS
    )
    until = models.PositiveSmallIntegerField(
        _("until"), null=True, blank=True, validators=YEAR_VALIDATORS
    )

    objects = NaturalKeyQuerySet.as_manager()
    natural_key_fields = ("organisation__slug", "name")

    class Meta:
        verbose_name = _("name")
        verbose_name_plural = _("names")
        ordering = ["kind", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name"],
                name="organisation_name_once",
                violation_error_message=_(
                    "The organisation already has this name. Remove it here."
                ),
            ),
            models.CheckConstraint(
                condition=Q(until__gte=F("since")) | Q(until=None) | Q(since=None),
                name="organisation_name_years_in_order",
                violation_error_message=_("The last year is before the first. Check both."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str, str]:
        return (self.organisation.slug, self.name)


class FormerOrganisationSlug(FormerAddress):
    """The name in addresses of an organisation that was merged into another; it leads there."""

    organisation = models.ForeignKey(
        Organisation,
        verbose_name=_("organisation"),
        on_delete=models.CASCADE,
        related_name="former_slugs",
    )

    class Meta(FormerAddress.Meta):
        verbose_name = _("former address of an organisation")
        verbose_name_plural = _("former addresses of organisations")


class OrganisationSource(models.Model):
    """A source that names an organisation, and the place in it, such as a page of the report."""

    organisation = models.ForeignKey(
        Organisation,
        verbose_name=_("organisation"),
        on_delete=models.CASCADE,
        related_name="citations",
    )
    position = models.PositiveSmallIntegerField(_("position"))
    source = models.ForeignKey(
        Source, verbose_name=_("source"), on_delete=models.PROTECT, related_name="+"
    )
    locator = CleanLine(_("place in the source"), max_length=120, blank=True)

    objects = NaturalKeyQuerySet.as_manager()
    natural_key_fields = ("organisation__slug", "position")

    class Meta:
        verbose_name = _("source of an organisation")
        verbose_name_plural = _("sources of organisations")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "position"],
                name="organisation_source_position_once",
                violation_error_message=_(
                    "Another row has this position. Use the next free number."
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.source)

    def natural_key(self) -> tuple[str, int]:
        return (self.organisation.slug, self.position)


class Partnership(Fact):
    """An organisation in a role in a programme: Shell, founder of Jet-Net."""

    class Role(models.TextChoices):
        COORDINATOR = "coordinator", _("Coordinator")
        CO_ORGANISER = "co-organiser", _("Co-organiser")
        OWNER = "owner", _("Owner")
        FOUNDER = "founder", _("Founder")
        IMPLEMENTING_BODY = "implementing-body", _("Implementing body")
        FUNDER = "funder", _("Funder")
        SPONSOR = "sponsor", _("Sponsor")
        PARTNER = "partner", _("Partner")
        ACADEMIC_PARTNER = "academic-partner", _("Academic partner")
        CONTENT_PROVIDER = "content-provider", _("Content provider")
        DATA_PROVIDER = "data-provider", _("Data provider")
        EVALUATOR = "evaluator", _("Evaluator")
        PATRON = "patron", _("Patron")
        FORMER_COORDINATOR = "former-coordinator", _("Former coordinator")
        FORMER_PARTNER = "former-partner", _("Former partner")

    organisation = models.ForeignKey(
        Organisation,
        verbose_name=_("organisation"),
        on_delete=models.PROTECT,
        related_name="partnerships",
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    since = models.PositiveSmallIntegerField(
        _("since"), null=True, blank=True, validators=YEAR_VALIDATORS
    )
    until = models.PositiveSmallIntegerField(
        _("until"), null=True, blank=True, validators=YEAR_VALIDATORS
    )
    note = CleanLine(_("note"), max_length=300, blank=True)

    class Meta(Fact.Meta):
        verbose_name = _("partnership")
        verbose_name_plural = _("partnerships")
        constraints = [
            *Fact.Meta.constraints,
            models.UniqueConstraint(
                fields=["programme", "organisation", "role"],
                name="partnership_role_once",
                violation_error_message=_(
                    "The organisation already has this role here. Remove one of the two."
                ),
            ),
            models.CheckConstraint(
                condition=Q(until__gte=F("since")) | Q(until=None) | Q(since=None),
                name="partnership_years_in_order",
                violation_error_message=_("The last year is before the first. Check both."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}, {self.get_role_display()}"


class Funding(Fact, Figure):
    """A stated contribution: companies, over EUR 6 million a year for Jet-Net; or in kind."""

    class SourceType(models.TextChoices):
        PUBLIC = "public", _("Public")
        PRIVATE = "private", _("Private")
        MIXED = "mixed", _("Public and private")
        EU = "eu", _("European Union")
        FOUNDATION = "foundation", _("Foundation")
        IN_KIND = "in-kind", _("In kind")
        OWN_RESOURCES = "own-resources", _("Own resources")
        CROWDFUNDING = "crowdfunding", _("Crowdfunding")

    class Basis(models.TextChoices):
        TOTAL = "total", _("in total")
        ANNUAL = "annual", _("a year")
        GRANT = "grant", _("grant")
        PER_UNIT = "per-unit", _("for each unit")
        CALL_BUDGET = "call-budget", _("budget of a call")
        PRIZE_MONEY = "prize-money", _("prize money")
        PARTICIPATION_FEE = "participation-fee", _("fee to take part")
        PAY = "pay", _("pay")

    programme = models.ForeignKey(
        Programme, verbose_name=_("programme"), on_delete=models.CASCADE, related_name="funding"
    )
    source_type = models.CharField(_("kind of source"), max_length=16, choices=SourceType)
    organisation = models.ForeignKey(
        Organisation,
        verbose_name=_("organisation"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="funding",
    )
    amount = models.DecimalField(
        _("amount"),
        max_digits=16,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("As the source says, never converted. For a range, the lower end."),
    )
    amount_max = models.DecimalField(
        _("upper end"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    currency = CleanLine(
        _("currency"),
        max_length=3,
        blank=True,
        validators=[CURRENCY_CODE],
        help_text=_("Three capital letters (ISO 4217), such as EUR."),
    )
    basis = models.CharField(_("basis"), max_length=20, choices=Basis, blank=True)
    basis_detail = CleanLine(_("basis in detail"), max_length=120, blank=True)

    alike: ClassVar[Mapping[str, Any]] = {
        "programme_id": OTHER_PROGRAMME,
        "currency": OTHER_UNIT,
    }

    class Meta(Fact.Meta):
        verbose_name = _("funding statement")
        verbose_name_plural = _("funding statements")
        constraints = [
            *Fact.Meta.constraints,
            *Figure.Meta.constraints,
            models.CheckConstraint(
                condition=Q(amount=None, currency="") | (~Q(amount=None) & ~Q(currency="")),
                name="funding_amount_has_currency",
                violation_error_message=_("Give both an amount and its currency, or neither."),
            ),
            models.CheckConstraint(
                condition=Q(qualifier="range", amount_max__isnull=False, amount_max__gt=F("amount"))
                | (~Q(qualifier="range") & Q(amount_max=None)),
                name="funding_range_has_two_ends",
                violation_error_message=_(
                    "A range needs an upper end above its lower end; other figures have none."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_type_display()} {self.currency} {self.amount or ''}".strip()

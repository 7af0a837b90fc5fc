"""Models of the vocabularies: countries, levels, kinds, factors, audiences and other terms."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from programmes.columns.texts import CleanLine, CleanSlug, CleanText
from programmes.models.keys import NaturalKeyQuerySet, Row
from programmes.models.sources import Sourced


class RetiredTerm(models.Model):
    """A term that forms offer no more, or that was merged into another of its vocabulary.

    The row of a merged one is gone, and its name in addresses leads to the other. Both are told
    here and not in the terms, so that `seed` still knows a term that nobody has changed.
    """

    vocabulary = CleanLine(_("vocabulary"), max_length=40, help_text=_("Such as audience."))
    slug = CleanSlug(_("name in addresses"), max_length=60)
    into = CleanSlug(
        _("merged into"),
        max_length=60,
        blank=True,
        help_text=_("The name in addresses of the other; empty if the term is still there."),
    )

    objects = NaturalKeyQuerySet.as_manager()
    natural_key_fields = ("vocabulary", "slug")

    class Meta:
        verbose_name = _("retired term")
        verbose_name_plural = _("retired terms")
        ordering = ["vocabulary", "slug"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["vocabulary", "slug"], name="retired_term_once"),
        ]

    def __str__(self) -> str:
        return f"{self.vocabulary}: {self.slug}"

    def natural_key(self) -> tuple[str, str]:
        return (self.vocabulary, self.slug)


class TermQuerySet(NaturalKeyQuerySet[Row]):
    """Finds terms by their names in addresses, also those that were merged into others."""

    @property
    def retired(self) -> models.QuerySet[RetiredTerm]:
        return RetiredTerm.objects.filter(vocabulary=self.model._meta.model_name)

    def offered(self) -> "TermQuerySet[Row]":
        """Return the terms that a form may offer."""
        return self.exclude(slug__in=self.retired.filter(into="").values("slug"))

    def get_by_natural_key(self, *key: Any) -> Row:
        """Return the term of this name, or the one that it was merged into."""
        try:
            return super().get_by_natural_key(*key)
        except ObjectDoesNotExist:
            merged = self.retired.exclude(into="").filter(slug=key[0]).first()
            if merged is None:
                raise
        return super().get_by_natural_key(merged.into)


class Term(Sourced):
    """Base of a vocabulary's terms; `position` is the order of the list itself."""

    slug = CleanSlug(_("name in addresses"), max_length=60, unique=True)
    name = CleanLine(_("name"), max_length=120)
    description = CleanText(_("description"), blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = TermQuerySet.as_manager()
    natural_key_fields = ("slug",)

    class Meta:
        abstract = True
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    def clean(self) -> None:
        super().clean()
        terms: Any = type(self)._default_manager
        if merged := terms.get_queryset().retired.exclude(into="").filter(slug=self.slug).first():
            told = _("Addresses with this name lead to “%(into)s”. Choose another.")
            raise ValidationError({"slug": told % {"into": merged.into}})


# The countries that the catalogue counts as European: the 46 members of the Council of Europe in
# November 2026, and Belarus, Kosovo, Russia and Vatican City.
EUROPE = frozenset({
    "AD", "AL", "AM", "AT", "AZ", "BA", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI",
    "FR", "GB", "GE", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD", "ME",
    "MK", "MT", "NL", "NO", "PL", "PT", "RO", "RS", "SE", "SI", "SK", "SM", "TR", "UA",
    "BY", "RU", "VA", "XK",
})  # fmt: skip


# The codes of ISO 3166-1 in November 2026, and XK, which many use for Kosovo.
COUNTRY_CODES = frozenset({
    "AD", "AE", "AF", "AG", "AI", "AL", "AM", "AO", "AQ", "AR", "AS", "AT", "AU", "AW", "AX", "AZ",
    "BA", "BB", "BD", "BE", "BF", "BG", "BH", "BI", "BJ", "BL", "BM", "BN", "BO", "BQ", "BR", "BS",
    "BT", "BV", "BW", "BY", "BZ", "CA", "CC", "CD", "CF", "CG", "CH", "CI", "CK", "CL", "CM", "CN",
    "CO", "CR", "CU", "CV", "CW", "CX", "CY", "CZ", "DE", "DJ", "DK", "DM", "DO", "DZ", "EC", "EE",
    "EG", "EH", "ER", "ES", "ET", "FI", "FJ", "FK", "FM", "FO", "FR", "GA", "GB", "GD", "GE", "GF",
    "GG", "GH", "GI", "GL", "GM", "GN", "GP", "GQ", "GR", "GS", "GT", "GU", "GW", "GY", "HK", "HM",
    "HN", "HR", "HT", "HU", "ID", "IE", "IL", "IM", "IN", "IO", "IQ", "IR", "IS", "IT", "JE", "JM",
    "JO", "JP", "KE", "KG", "KH", "KI", "KM", "KN", "KP", "KR", "KW", "KY", "KZ", "LA", "LB", "LC",
    "LI", "LK", "LR", "LS", "LT", "LU", "LV", "LY", "MA", "MC", "MD", "ME", "MF", "MG", "MH", "MK",
    "ML", "MM", "MN", "MO", "MP", "MQ", "MR", "MS", "MT", "MU", "MV", "MW", "MX", "MY", "MZ", "NA",
    "NC", "NE", "NF", "NG", "NI", "NL", "NO", "NP", "NR", "NU", "NZ", "OM", "PA", "PE", "PF", "PG",
    "PH", "PK", "PL", "PM", "PN", "PR", "PS", "PT", "PW", "PY", "QA", "RE", "RO", "RS", "RU", "RW",
    "SA", "SB", "SC", "SD", "SE", "SG", "SH", "SI", "SJ", "SK", "SL", "SM", "SN", "SO", "SR", "SS",
    "ST", "SV", "SX", "SY", "SZ", "TC", "TD", "TF", "TG", "TH", "TJ", "TK", "TL", "TM", "TN", "TO",
    "TR", "TT", "TV", "TW", "TZ", "UA", "UG", "UM", "US", "UY", "UZ", "VA", "VC", "VE", "VG", "VI",
    "VN", "VU", "WF", "WS", "XK", "YE", "YT", "ZA", "ZM", "ZW",
})  # fmt: skip


class Country(models.Model):
    """A country, such as NL, Netherlands."""

    code = CleanLine(
        _("code"),
        max_length=2,
        unique=True,
        validators=[RegexValidator(r"^[A-Z]{2}\Z", _("Use two capital letters, such as NL."))],
        help_text=_(
            "Two letters (ISO 3166-1): GR for Greece, GB for the United Kingdom, XK for Kosovo."
        ),
    )
    name = CleanLine(
        _("name"), max_length=80, help_text=_("The usual English name, from Unicode’s list (CLDR).")
    )
    in_eu = models.BooleanField(_("in the EU"), default=False)
    in_eea = models.BooleanField(_("in the EEA"), default=False)
    is_candidate = models.BooleanField(_("candidate for the EU"), default=False)
    note = CleanText(
        _("note"), blank=True, help_text=_("Shown on the country's page, such as a naming rule.")
    )

    objects = NaturalKeyQuerySet.as_manager()
    natural_key_fields = ("code",)

    class Meta:
        verbose_name = _("country")
        verbose_name_plural = _("countries")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.code,)

    def clean(self) -> None:
        super().clean()
        if self.code not in COUNTRY_CODES:
            told = _("There is no country with the code “%(code)s”. Look it up in ISO 3166-1.")
            raise ValidationError({"code": told % {"code": self.code}})

    @property
    def is_european(self) -> bool:
        """Whether the country is in Europe, so that having no record of it counts as a gap."""
        return self.code in EUROPE


# The levels of tertiary education in ISCED 2011. Most sources only say “higher education”.
HIGHER_LEVELS = (5, 6, 7, 8)


class EducationLevel(models.Model):
    """A level of ISCED 2011, such as 3, upper secondary education."""

    code = models.PositiveSmallIntegerField(
        _("code"), unique=True, help_text=_("The level in ISCED 2011, from 0 to 8.")
    )
    name = CleanLine(_("name"), max_length=80)
    short_name = CleanLine(_("short name"), max_length=40)
    description = CleanText(_("description"), blank=True)

    objects = NaturalKeyQuerySet.as_manager()
    natural_key_fields = ("code",)

    class Meta:
        verbose_name = _("education level")
        verbose_name_plural = _("education levels")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(code__lte=8),
                name="education_level_is_isced",
                violation_error_message=_("Give a level from 0 to 8, as in ISCED 2011."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[int]:
        return (self.code,)


class CareerFactor(Term):
    """One of the report's four factors of career choice, such as the psychological factor."""

    question = CleanLine(
        _("question"),
        max_length=160,
        blank=True,
        help_text=_("The factor as a pupil would put it: “Is it for someone like me?”"),
    )

    class Meta(Term.Meta):
        verbose_name = _("career factor")
        verbose_name_plural = _("career factors")


class InitiativeKind(Term):
    """One of the report's eleven kinds of initiative, such as company visits."""

    class Mechanism(models.TextChoices):
        CONTEXTUALISE = "contextualise", _("Shows STEM lessons in a real-life context")
        ROLE_MODELS = "role-models", _("Shows role models and how industry works")
        OWN_CAPABILITIES = "own-capabilities", _("Lets pupils find out what they can do")

    mechanism = models.CharField(
        _("mechanism"),
        max_length=20,
        choices=Mechanism,
        blank=True,
        help_text=_("Our reading of the report's three ways in which a partnership contributes."),
    )
    factors = models.ManyToManyField(
        CareerFactor,
        verbose_name=_("career factors"),
        blank=True,
        related_name="kinds",
        help_text=_("The factors that this kind can work on: our reading of the report."),
    )

    class Meta(Term.Meta):
        verbose_name = _("initiative kind")
        verbose_name_plural = _("initiative kinds")


class Audience(Term):
    """A target group, such as girls or career counsellors."""

    class Meta(Term.Meta):
        verbose_name = _("audience")
        verbose_name_plural = _("audiences")


class Focus(Term):
    """A focus term of the EU STEM Coalition's site, such as school-company collaboration."""

    class Meta(Term.Meta):
        verbose_name = _("focus")
        verbose_name_plural = _("focuses")


class Sector(Term):
    """One of the twelve sectors of the Dutch Centres of Expertise, such as Horticulture."""

    class Meta(Term.Meta):
        verbose_name = _("sector")
        verbose_name_plural = _("sectors")


class Unit(Term):
    """What a reach figure counts, such as learning communities."""

    class Meta(Term.Meta):
        verbose_name = _("unit")
        verbose_name_plural = _("units")

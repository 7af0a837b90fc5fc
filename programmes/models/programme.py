"""The model of programmes, the entries of the catalogue, and its queries."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from programmes.columns.checks import make_checked_facts, make_day_of_check
from programmes.columns.rows import CheckedRow
from programmes.columns.texts import (
    CleanLine,
    CleanSlug,
    CleanText,
    CleanURL,
    make_web_constraint,
)
from programmes.columns.validators import LANGUAGE_CODES, YEAR_VALIDATORS, refuse_future_check
from programmes.models.circles import follow_links, read_links, refuse_circle
from programmes.models.evidence import EVIDENCE, EvidenceStep
from programmes.models.keys import NaturalKeyQuerySet
from programmes.models.pictures import (
    make_credit,
    make_licence,
    make_picture,
    make_text_alternative,
    settle_picture,
)
from programmes.models.terms import (
    Audience,
    CareerFactor,
    Country,
    EducationLevel,
    Focus,
    InitiativeKind,
    Sector,
)
from programmes.pictures.names import is_private

# Slugs that programmes cannot have, because /programmes/<slug>/ is another page or API resource.
RESERVED_SLUGS = ("compare", "counts", "figures")
NO_REASON = _("This programme was withdrawn.")  # shown if the curator gave no reason


def where_published(path: str = "") -> Q:
    """Return the condition for programmes that readers may see; `path` leads to the programme."""
    return Q(**{f"{path}state": Programme.State.PUBLISHED})


class ProgrammeQuerySet(NaturalKeyQuerySet["Programme"]):
    """Queries of programmes: published ones, with evidence, with the facts that cards show."""

    def published(self) -> "ProgrammeQuerySet":
        """Return the programmes that the public may see: no drafts, no withdrawn ones."""
        return self.filter(where_published())

    def with_evidence(self) -> "ProgrammeQuerySet":
        """Annotate programmes with `evidence`: the strongest step that evaluations support."""
        this = Programme.objects.filter(pk=OuterRef("pk")).order_by()
        steps = [When(Exists(this.filter(rule)), then=Value(step)) for step, rule in EVIDENCE]
        return self.annotate(
            evidence=Case(*steps, default=Value(EvidenceStep.NONE), output_field=models.CharField())
        )

    def ended_last(self) -> "ProgrammeQuerySet":
        """Sort programmes by name, those that ended after all others."""
        has_ended = When(status="completed", then=Value(1))
        return self.order_by(Case(has_ended, default=Value(0)), "name", "slug")

    def find_successors(self, programmes: Iterable["Programme"]) -> dict[int, "Programme"]:
        """Return by id the published programmes that merged ones lead to, however often merged.

        What leads to none is left out, and a circle leads to none.
        """
        starts = {one.pk: one.merged_into_id for one in programmes if one.merged_into_id}
        links = dict(read_links(Programme, ("merged_into",), starts.values()))
        ends = {pk: follow_links(links, start) for pk, start in starts.items()}
        found = Programme.objects.published().in_bulk(set(ends.values())) if ends else {}
        return {pk: found[end] for pk, end in ends.items() if end in found}

    def for_cards(self) -> "ProgrammeQuerySet":
        """Load programmes with everything that a card shows."""
        return self.with_evidence().prefetch_related(
            "countries", "levels", "kinds", "reach__unit", "partnerships__organisation",
            "taking_part", "evaluations", "discrepancies__claims",
        )  # fmt: skip


class Programme(CheckedRow):
    """One catalogue entry: a programme, project, network, competition … such as Jet-Net."""

    class RecordType(models.TextChoices):
        PROGRAMME = "programme", _("Programme")
        PROJECT = "project", _("Project")
        NETWORK = "network", _("Network")
        COMPETITION = "competition", _("Competition")
        EVENT = "event", _("Event")
        AWARD = "award", _("Award")
        GRANT_SCHEME = "grant-scheme", _("Grant scheme")
        STEM_CENTRE_NETWORK = "stem-centre-network", _("Network of STEM centres")
        RESOURCE_PORTAL = "resource-portal", _("Resource portal")
        AGREEMENT = "agreement", _("Agreement")
        STRATEGY = "strategy", _("Strategy")

    class Scope(models.TextChoices):
        LOCAL = "local", _("Local")
        REGIONAL = "regional", _("Regional")
        NATIONAL = "national", _("National")
        MULTI_COUNTRY = "multi-country", _("Several countries")
        EU_WIDE = "eu-wide", _("Europe-wide")

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        ACTIVE = "active", _("Running")
        COMPLETED = "completed", _("Ended")
        UNKNOWN = "unknown", _("Not known")

    class Duration(models.TextChoices):
        ONE_OFF = "one-off", _("One-off")
        HOURS_DAYS = "hours-days", _("Hours or days")
        WEEKS = "weeks", _("Weeks")
        LONG_TERM = "long-term", _("Long-term")

    class Confidence(models.TextChoices):
        HIGH = "high", _("High")
        MEDIUM = "medium", _("Medium")
        LOW = "low", _("Low")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        REVIEW = "review", _("In review")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    # Fields of identity: names, slug, type, texts
    slug = CleanSlug(_("name in addresses"), max_length=80, unique=True)
    name = CleanLine(
        _("name"), max_length=200, help_text=_("The programme's own name, in English.")
    )
    short_name = CleanLine(
        _("short name"),
        max_length=60,
        blank=True,
        help_text=_("For menus and breadcrumbs. Not needed when the name is short."),
    )
    record_type = models.CharField(
        _("record type"), max_length=20, choices=RecordType, default=RecordType.PROGRAMME
    )
    summary = CleanText(
        _("summary"), help_text=_("At most 25 words of our own, first what it does: Sends, Lets.")
    )
    description = CleanText(
        _("description"),
        blank=True,
        help_text=_("In our own words. An empty line begins a new paragraph."),
    )
    objectives = CleanText(
        _("objectives"), blank=True, help_text=_("One objective per line, in our own words.")
    )
    activities = CleanText(
        _("activities"),
        blank=True,
        help_text=_("One activity per line, as the programme names it."),
    )
    website = CleanURL(_("website"), max_length=400, blank=True)
    icon = CleanSlug(
        _("icon"),
        max_length=40,
        blank=True,
        help_text=_("Name of one of the site’s icons. Leave empty if none fits."),
    )
    logo = make_picture()
    logo_alt = make_text_alternative()
    logo_credit = make_credit()
    logo_licence = make_licence()

    # Fields of place, education level and audience
    scope = models.CharField(_("scope"), max_length=20, choices=Scope)
    countries = models.ManyToManyField(
        Country,
        verbose_name=_("countries"),
        blank=True,
        related_name="programmes",
        help_text=_("Where it takes place. Leave empty if Europe-wide without a list."),
    )
    also_reaches = models.ManyToManyField(
        Country,
        verbose_name=_("also reaches"),
        blank=True,
        related_name="programmes_reaching",
        help_text=_("Other countries with participants, where it does not take place."),
    )
    countries_note = CleanLine(_("note on countries"), max_length=300, blank=True)
    region = CleanLine(_("region"), max_length=120, blank=True)
    levels = models.ManyToManyField(
        EducationLevel, verbose_name=_("education levels"), blank=True, related_name="programmes"
    )
    site_levels = CleanLine(
        _("levels in the Coalition’s words"),
        max_length=200,
        blank=True,
        help_text=_("The labels of the EU STEM Coalition's site, separated by semicolons."),
    )
    is_vocational = models.BooleanField(
        _("vocational"),
        default=False,
        help_text=_("Tick when it reaches vocational education, at any level."),
    )
    audiences = models.ManyToManyField(
        Audience, verbose_name=_("audiences"), blank=True, related_name="programmes"
    )
    age_min = models.PositiveSmallIntegerField(_("youngest age"), null=True, blank=True)
    age_max = models.PositiveSmallIntegerField(_("oldest age"), null=True, blank=True)
    languages = CleanLine(
        _("languages"),
        max_length=120,
        blank=True,
        validators=[LANGUAGE_CODES],
        help_text=_("Codes of the languages it works in (ISO 639): en, fr, it."),
    )

    # Fields of kinds, factors and duration
    kinds = models.ManyToManyField(
        InitiativeKind, verbose_name=_("initiative kinds"), blank=True, related_name="programmes"
    )
    factors = models.ManyToManyField(
        CareerFactor, verbose_name=_("career factors"), blank=True, related_name="programmes"
    )
    focuses = models.ManyToManyField(
        Focus, verbose_name=_("focuses"), blank=True, related_name="programmes"
    )
    sectors = models.ManyToManyField(
        Sector, verbose_name=_("sectors"), blank=True, related_name="programmes"
    )
    duration = models.CharField(
        _("duration"),
        max_length=12,
        choices=Duration,
        blank=True,
        help_text=_("How long a participant is involved. Shown only with a citation of it."),
    )

    # Fields of time and status
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.UNKNOWN)
    status_as_of = models.PositiveSmallIntegerField(
        _("status as of"),
        null=True,
        blank=True,
        validators=YEAR_VALIDATORS,
        help_text=_("The last year for which the sources show this status."),
    )
    year_start = models.PositiveSmallIntegerField(
        _("start year"), null=True, blank=True, validators=YEAR_VALIDATORS
    )
    year_start_detail = CleanLine(
        _("start in detail"),
        max_length=160,
        blank=True,
        help_text=_("The date or the source's words."),
    )
    year_end = models.PositiveSmallIntegerField(
        _("end year"), null=True, blank=True, validators=YEAR_VALIDATORS
    )
    year_end_detail = CleanLine(
        _("end in detail"),
        max_length=160,
        blank=True,
        help_text=_("The date or the source's words."),
    )

    # Fields of impact, reach and funding in words
    impact = CleanText(
        _("impact"), blank=True, help_text=_("What changed, in our own words; figures go below.")
    )
    reach_text = CleanText(_("reach in words"), blank=True)
    funding_text = CleanText(_("budget and funding model"), blank=True)
    key_statement = CleanText(
        _("key statement"),
        blank=True,
        help_text=_("The one sentence to show on country and theme pages, in our own words."),
    )
    is_highlighted = models.BooleanField(
        _("highlighted"), default=False, help_text=_("Shown on the home page.")
    )
    highlighted_summary = CleanText(_("highlighted summary"), blank=True)
    highlighted_impact = CleanText(_("highlighted impact"), blank=True)
    evaluation_note = CleanLine(
        _("note on evaluation"),
        max_length=300,
        blank=True,
        help_text=_("What the sources say about evaluation when there is none to record."),
    )
    note = CleanText(_("note"), blank=True, help_text=_("Shown on the page."))

    # Fields of curation
    confidence = models.CharField(
        _("confidence"),
        max_length=6,
        choices=Confidence,
        default=Confidence.MEDIUM,
        help_text=_("How well the sources support the whole record. Not a score."),
    )
    verified_on = make_day_of_check()
    checked_facts = make_checked_facts()
    curators_note = CleanText(
        _("curators' note"), blank=True, help_text=_("Never shown to the public.")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    withdrawn_reason = CleanLine(
        _("reason for withdrawing"),
        max_length=300,
        blank=True,
        help_text=_("Shown to anyone who opens the old link."),
    )
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("merged into"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged_from",
        help_text=_("The record that replaced it; its page is shown instead."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = ProgrammeQuerySet.as_manager()
    natural_key_fields = ("slug",)
    never_in_circles = ("merged_into",)

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ["name", "slug"]
        permissions = [("publish_programme", "Can publish, withdraw and restore programme")]
        indexes = [
            models.Index(fields=["state", "name"], name="programme_state_name"),
            models.Index(fields=["changed_at"], name="programme_changed"),
            # Nearly all were merged into none, so SQLite takes the key's own index for useless.
            models.Index(
                fields=["merged_into"],
                condition=Q(merged_into__isnull=False),
                name="programme_merged",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(year_end__gte=F("year_start")) | Q(year_end=None) | Q(year_start=None),
                name="programme_ends_after_start",
                violation_error_message=_("The end year is before the start year. Check both."),
            ),
            models.CheckConstraint(
                condition=Q(age_max__gte=F("age_min")) | Q(age_max=None) | Q(age_min=None),
                name="programme_ages_in_order",
                violation_error_message=_("The oldest age is below the youngest. Check both."),
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | ~Q(withdrawn_reason="") | ~Q(merged_into=None),
                name="programme_withdrawn_with_reason",
                violation_error_message=_(
                    "Give a reason for withdrawing it, or the record that replaced it."
                ),
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(state="withdrawn"),
                name="programme_merged_is_withdrawn",
                violation_error_message=_(
                    "To merge this record into another, choose the state “Withdrawn”."
                ),
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("pk")),
                name="programme_not_merged_into_itself",
                violation_error_message=_(
                    "A record cannot be merged into itself. Choose another, or none."
                ),
            ),
            models.CheckConstraint(
                condition=Q(logo="") | ~Q(logo_alt=""),
                name="programme_logo_has_text",
                violation_error_message=_("Describe the picture for people who cannot see it."),
            ),
            models.CheckConstraint(
                condition=~Q(slug__in=RESERVED_SLUGS),
                name="programme_slug_is_free",
                violation_error_message=_("Another page has this address. Choose another."),
            ),
            make_web_constraint("website", "programme_website_is_of_web"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if settle_picture(self) and kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "logo"}
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("programme", args=[self.slug])

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    def clean(self) -> None:
        refuse_circle(self, self.never_in_circles)
        refuse_future_check(self.verified_on)

    @property
    def public_logo(self) -> Any:
        """The picture if readers may see it, else None."""
        return self.logo if self.logo and not is_private(self.logo.name) else None

    @property
    def is_public(self) -> bool:
        """Whether the programme is published, so that readers may see it."""
        return self.state == self.State.PUBLISHED

    @property
    def known_until(self) -> int | None:
        """The last year in which the programme is known to have run."""
        return find_last_year(self.year_end, self.status, self.status_as_of)

    @property
    def was_changed(self) -> bool:
        """Whether the programme was changed on a later day than it was entered."""
        return timezone.localdate(self.changed_at) > timezone.localdate(self.created_at)

    @property
    def title(self) -> str:
        """The short name if there is one, else the full name."""
        return self.short_name or self.name


def find_last_year(end: int | None, status: str, as_of: int | None) -> int | None:
    """Return the last year in which something is known to have run, None if no year is known.

    `as_of` is the last year for which a source shows its status. An unknown end is not “today”.
    """
    return as_of if end is None and status == Programme.Status.ACTIVE else end

"""Inlines for the facts on a programme's page, and the page of discrepancies between sources."""

from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import (
    QuerySet,
)
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partnerships.models import CriterionAssessment, Funding, Lineage, Partnership
from programmes.models import (
    MEASURING,
    Citation,
    Claim,
    Contact,
    Discrepancy,
    Document,
    Evaluation,
    FormerSlug,
    Programme,
    ProgrammeName,
    Reach,
    TakingPart,
)
from stemobs.admin.base import (
    CatalogueAdmin,
    LineageForm,
    PositionedFormSet,
    RowForm,
    StackedFacts,
    StackedFigures,
    StackedRows,
    TabularFacts,
    TabularRows,
    offer_rows,
    take_next_position,
)
from stemobs.admin.finding.pages import count_rows
from stemobs.admin.rights.publishing import OwnRecords
from stemobs.curation.checks.rules import FEW_CLAIMS, LEAST_CLAIMS


class FormerSlugForm(RowForm):
    """The form of a former slug; it refuses a slug that a programme has now."""

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if used_by := Programme.objects.filter(slug=slug).first():
            raise forms.ValidationError(
                _("%(programme)s has this address now. Remove it here.") % {"programme": used_by}
            )
        return slug


class EvaluationForm(RowForm):
    """The form of an evaluation; one that counts as evidence must have a source."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        independent = cleaned.get("independence") == Evaluation.Independence.INDEPENDENT
        measured = cleaned.get("design") in MEASURING
        if self.has_changed() and (independent or measured) and not cleaned.get("source"):
            self.add_error("source", _("Name the source: this evaluation is shown as evidence."))
        return cleaned


class NameInline(TabularRows):
    """Other names of a programme."""

    model = ProgrammeName
    fields = ("name", "kind", "language")


class FormerSlugInline(TabularRows):
    """Former slugs of a programme, whose addresses redirect to it."""

    model = FormerSlug
    form = FormerSlugForm

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: a former slug is corrected by deleting it and adding another."""
        return False


class CitationInline(TabularFacts):
    """Citations: the source of a field, the place in the source, and the basis."""

    model = Citation
    fields = ("field", "basis", "confidence", "source", "locator", "evidence")
    autocomplete_fields = ("source",)
    joined = ("source",)


class ReachInline(StackedFigures):
    """Reach figures: how many people or schools take part."""

    model = Reach
    fields = (
        ("qualifier", "value", "value_max", "unit", "unit_detail"),
        ("period", "period_type", "year_from", "year_to"),
        ("source", "locator", "note"),
        ("superseded_by", "retracted_because"),
    )
    autocomplete_fields = ("unit", "source")
    joined = ("unit", "source")


class FundingInline(StackedFigures):
    """Funding in money or goods, with payer, amount and period."""

    model = Funding
    fields = (
        ("source_type", "organisation", "qualifier", "amount", "amount_max", "currency"),
        ("basis", "basis_detail", "period", "year_from", "year_to"),
        ("source", "locator", "note"),
        ("superseded_by", "retracted_because"),
    )
    autocomplete_fields = ("organisation", "source")
    joined = ("organisation", "source")


class PartnershipInline(TabularFacts):
    """Partnerships: the organisations that take part, and their roles."""

    model = Partnership
    fields = ("organisation", "role", "since", "until", "source", "locator", "note")
    autocomplete_fields = ("organisation", "source")
    joined = ("organisation", "source")


class EvaluationInline(StackedFacts):
    """Evaluations: of what, by whom and for whom, by which design, with which result."""

    model = Evaluation
    form = EvaluationForm
    fields = (
        ("object", "design", "result", "year"),
        ("independence", "evaluator", "commissioner"),
        ("sample", "method"),
        "headline",
        "finding",
        "note",
        ("source", "locator"),
        "further_sources",
    )
    autocomplete_fields = ("source", "further_sources")
    joined = ("source",)
    read_ahead = ("further_sources",)


class TakingPartInline(StackedFacts):
    """Ways in: how schools, companies and others join, what it costs and how long it takes."""

    model = TakingPart
    fields = (
        ("audience", "is_open", "when"),
        "how",
        ("who_may_join", "cost", "time"),
        ("source", "locator"),
        "further_sources",
    )
    autocomplete_fields = ("source", "further_sources")
    joined = ("source",)
    read_ahead = ("further_sources",)


class ContactInline(TabularFacts):
    """Contacts: the office to ask, and its page."""

    model = Contact
    fields = ("office", "url", "email", "source", "locator")
    autocomplete_fields = ("source",)
    joined = ("source",)


class AssessmentInline(TabularFacts):
    """Assessments: whether the programme meets each criterion of good practice, and why."""

    model = CriterionAssessment
    fields = ("criterion", "verdict", "evidence", "source", "locator")
    autocomplete_fields = ("criterion", "source")
    joined = ("criterion", "source")


class DiscrepancyInline(TabularFacts):
    """Contradictions between sources; each is added with its claims on a page of its own."""

    model = Discrepancy
    fields = ("field", "about", "claims_told", "note")
    readonly_fields = ("claims_told",)
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("claims")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: without what two sources say there is no contradiction."""
        return False

    @admin.display(description=gettext_lazy("what the sources say"))
    def claims_told(self, discrepancy: Any) -> SafeString:
        return format_html_join(
            "",
            '<span class="claim{}">{}</span>',
            ((" is-shown" if c.is_shown else "", c) for c in discrepancy.claims.all()),
        )


class DocumentInline(StackedFacts):
    """Documents about a programme."""

    model = Document
    fields = (
        ("title", "type", "language", "year"),
        ("url", "link_state"),
        ("source", "locator", "note"),
    )
    autocomplete_fields = ("source",)
    joined = ("source",)


class LineageInline(StackedRows):
    """Lineage: the programmes, strategies or platforms that this programme is related to."""

    model = Lineage
    form = LineageForm
    fk_name = "from_programme"
    fields = (
        ("relation", "to_programme", "to_strategy", "to_platform", "to_text"),
        ("year", "source", "locator", "note"),
    )
    autocomplete_fields = ("to_programme", "to_strategy", "to_platform", "source")
    joined = ("from_programme", "to_programme", "to_strategy", "to_platform", "source")


class ClaimFormSet(PositionedFormSet):
    """The claims of a point on which sources differ; with fewer than two it is not saved.

    Each claim may speak of a figure of the same programme.
    """

    default_error_messages = {"too_few_forms": FEW_CLAIMS}

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if field := form.fields.get("reach"):
            offer_rows(field, self.figures, self.figures)

    @cached_property
    def figures(self) -> QuerySet[Reach]:
        figures = Reach.objects.filter(programme=self.instance.programme_id)
        return figures.select_related("unit")


class ClaimInline(TabularFacts):
    """Claims: what each source says on a point on which sources differ; at least two."""

    model = Claim
    formset = ClaimFormSet
    fields = ("statement", "is_shown", "reach", "source", "locator")
    autocomplete_fields = ("source",)
    min_num = LEAST_CLAIMS

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return super().get_formset(request, obj, **{**kwargs, "validate_min": True})


@admin.register(Discrepancy)
class DiscrepancyAdmin(OwnRecords, CatalogueAdmin):
    """The page of a discrepancy: a point on which sources differ, with their claims."""

    is_public_at_once = False
    kept = ("programme",)
    list_display = ("about", "programme", "field", "claim_count")
    list_filter = ("field",)
    list_select_related = ("programme",)
    search_fields = ("about", "note", "programme__name", "claims__statement")
    fields = ("programme", "field", "about", "note", ("source", "locator"))
    autocomplete_fields = ("programme", "source")
    ordering = ("programme__name", "position")
    inlines = (ClaimInline,)

    def list_derived(self) -> dict[str, Any]:
        return {"claim_count": count_rows(Claim, "discrepancy")}

    @admin.display(description=gettext_lazy("claims"), ordering="claim_count")
    def claim_count(self, discrepancy: Any) -> int:
        return discrepancy.claim_count

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.position = take_next_position(obj.programme, obj.programme.discrepancies.all())
        super().save_model(request, obj, form, change)

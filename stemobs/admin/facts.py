"""Inlines for the facts on a programme's page, and the page of discrepancies between sources."""

from collections.abc import Iterator, Sequence
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
    PositionedFormSet,
    RowForm,
    StackedFacts,
    StackedRows,
    TabularFacts,
    offer_rows,
    take_next_position,
)
from stemobs.admin.checking.records import ChecksForms
from stemobs.admin.figures.saving import StackedFigures
from stemobs.admin.finding.pages import count_rows
from stemobs.admin.record.rows import (
    CitationRow,
    EvaluationRow,
    FundingRow,
    LineageRow,
    PartnershipRow,
    PartnershipRows,
    ReachRow,
    TypedRow,
)
from stemobs.admin.rights.publishing import OwnRecords
from stemobs.curation.checks.faults import Fault
from stemobs.curation.checks.rules import FEW_CLAIMS, LEAST_CLAIMS
from stemobs.curation.states import explain_refusal_at_once


class FormerSlugForm(RowForm):
    """The form of a former slug; it refuses a slug that a programme has now."""

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if used_by := Programme.objects.filter(slug=slug).first():
            raise forms.ValidationError(
                _("%(programme)s has this address now. Remove it here.") % {"programme": used_by}
            )
        return slug


NAMED = ("source", "address", "locator")  # where a row says which source it is from


def fold_away(title: Any, *fields: Any) -> tuple[Any, Any]:
    """Return a fieldset that stays closed until it is asked for."""
    return (title, {"classes": ["collapse"], "fields": fields})


class NameInline(StackedRows):
    """Other names of a programme."""

    model = ProgrammeName
    fields = (("name", "kind", "language"),)


class FormerSlugInline(StackedRows):
    """Former slugs of a programme, whose addresses redirect to it."""

    model = FormerSlug
    form = FormerSlugForm

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: a former slug is corrected by deleting it and adding another."""
        return False


class CitationInline(StackedFacts):
    """Citations: the source of a field, the place in the source, and the basis."""

    model = Citation
    verbose_name = gettext_lazy("source")
    verbose_name_plural = gettext_lazy("sources")
    form = CitationRow
    fieldsets = (
        (None, {"fields": (("source", "locator"),)}),
        fold_away(
            gettext_lazy("More: what it is a source of, and how sure"),
            ("field", "basis", "confidence"),
            "evidence",
        ),
    )
    autocomplete_fields = ("source",)
    joined = ("source",)


class ReachInline(StackedFigures):
    """Reach figures: how many people or schools take part."""

    model = Reach
    form = ReachRow
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("qualifier", "value", "unit", "period"),
                    NAMED,
                )
            },
        ),
        fold_away(
            gettext_lazy("More: range, detail, years, note, replaced or retracted"),
            ("value_max", "unit_detail"),
            ("period_type", "year_from", "year_to"),
            "note",
            ("superseded_by", "retracted_because"),
        ),
    )
    autocomplete_fields = ("unit", "source")
    joined = ("unit", "source")


class FundingInline(StackedFigures):
    """Funding in money or goods, with payer, amount and period."""

    model = Funding
    verbose_name = gettext_lazy("sum of money")
    verbose_name_plural = gettext_lazy("sums of money")
    form = FundingRow
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("qualifier", "amount", "currency", "period"),
                    ("source_type", "organisation"),
                    NAMED,
                )
            },
        ),
        fold_away(
            gettext_lazy("More: range, basis, years, note, replaced or retracted"),
            ("amount_max", "basis", "basis_detail"),
            ("year_from", "year_to"),
            "note",
            ("superseded_by", "retracted_because"),
        ),
    )
    autocomplete_fields = ("organisation", "source")
    joined = ("organisation", "source")


class PartnershipInline(StackedFacts):
    """Partnerships: the organisations that take part, and their roles."""

    model = Partnership
    verbose_name = gettext_lazy("organisation")
    verbose_name_plural = gettext_lazy("organisations")
    form = PartnershipRow
    formset = PartnershipRows
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("organisation", "role", "since", "until"),
                    NAMED,
                )
            },
        ),
        fold_away(gettext_lazy("More: note"), "note"),
    )
    autocomplete_fields = ("organisation", "source")
    joined = ("organisation", "source")


class EvaluationInline(StackedFacts):
    """Evaluations: of what, by whom and for whom, by which design, with which result."""

    model = Evaluation
    form = EvaluationRow
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("design", "result", "year"),
                    ("independence", "evaluator", "commissioner"),
                    "headline",
                    NAMED,
                )
            },
        ),
        fold_away(
            gettext_lazy("More: of what, sample, method, finding, further sources, note"),
            "object",
            ("sample", "method"),
            "finding",
            "note",
            "further_sources",
        ),
    )
    autocomplete_fields = ("source", "further_sources")
    joined = ("source",)
    read_ahead = ("further_sources",)


class TakingPartInline(StackedFacts):
    """Ways in: how schools, companies and others join, what it costs and how long it takes."""

    model = TakingPart
    form = TypedRow
    fieldsets = (
        (None, {"fields": (("audience", "is_open"), "how", NAMED)}),
        fold_away(
            gettext_lazy("More: who may join, cost, time, when, further sources"),
            ("who_may_join", "cost"),
            ("time", "when"),
            "further_sources",
        ),
    )
    autocomplete_fields = ("source", "further_sources")
    joined = ("source",)
    read_ahead = ("further_sources",)


class ContactInline(StackedFacts):
    """Contacts: the office to ask, and its page."""

    model = Contact
    form = TypedRow
    fields = (("office", "url", "email"), NAMED)
    autocomplete_fields = ("source",)
    joined = ("source",)


class AssessmentInline(StackedFacts):
    """Assessments: whether the programme meets each criterion of good practice, and why."""

    model = CriterionAssessment
    form = TypedRow
    fields = (("criterion", "verdict"), "evidence", NAMED)
    autocomplete_fields = ("criterion", "source")
    joined = ("criterion", "source")


class DiscrepancyInline(StackedFacts):
    """Contradictions between sources; each is added with its claims on a page of its own."""

    model = Discrepancy
    fields = (("field", "about"), "claims_told", "note")
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
    form = TypedRow
    fields = (
        ("title", "type", "language", "year"),
        ("url", "link_state"),
        (*NAMED, "note"),
    )
    autocomplete_fields = ("source",)
    joined = ("source",)


class LineageInline(StackedRows):
    """Lineage: the programmes, strategies or platforms that this programme is related to."""

    model = Lineage
    form = LineageRow
    fk_name = "from_programme"
    fields = (
        ("relation", "to_programme", "to_strategy", "to_platform", "to_text"),
        ("year", "source", "address", "locator"),
        "note",
    )
    autocomplete_fields = ("to_programme", "to_strategy", "to_platform", "source")
    joined = ("from_programme", "to_programme", "to_strategy", "to_platform", "source")


class ClaimFormSet(PositionedFormSet):
    """The claims of a point on which sources differ; with fewer than two it is not saved.

    Each claim may speak of a figure or a sum of the same programme.
    """

    default_error_messages = {"too_few_forms": FEW_CLAIMS}

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        for name, rows in self.figures.items():
            if field := form.fields.get(name):
                offer_rows(field, rows, rows)

    @cached_property
    def figures(self) -> dict[str, QuerySet]:
        """What claims may speak of, by the field that names it."""
        programme = self.instance.programme_id
        return {
            "reach": Reach.objects.filter(programme=programme).select_related("unit"),
            "funding": Funding.objects.filter(programme=programme).select_related("organisation"),
        }


class ClaimInline(TabularFacts):
    """Claims: what each source says on a point on which sources differ; at least two."""

    model = Claim
    formset = ClaimFormSet
    fields = ("statement", "is_shown", "reach", "funding", "source", "locator")
    autocomplete_fields = ("source",)
    min_num = LEAST_CLAIMS

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return super().get_formset(request, obj, **{**kwargs, "validate_min": True})


@admin.register(Discrepancy)
class DiscrepancyAdmin(ChecksForms, OwnRecords, CatalogueAdmin):
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

    def list_checked(self, row: Discrepancy) -> list[Programme]:
        return [row.programme]

    @admin.display(description=gettext_lazy("claims"), ordering="claim_count")
    def claim_count(self, discrepancy: Any) -> int:
        return discrepancy.claim_count

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_delete_permission(request, obj)
        return may and not (obj and explain_refusal_at_once(request.user, obj.programme))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        # Before it is saved: afterwards, whoever saves it is who changed the record last.
        request.__dict__["refusal"] = explain_refusal_at_once(request.user, obj.programme)
        if not change:
            obj.position = take_next_position(obj.programme, obj.programme.discrepancies.all())
        super().save_model(request, obj, form, change)

    def list_refusing(
        self, request: HttpRequest, row: Any, faults: Sequence[Fault]
    ) -> Iterator[Fault]:
        yield from super().list_refusing(request, row, faults)
        if refusal := request.__dict__["refusal"]:
            yield Fault(refusal, row)

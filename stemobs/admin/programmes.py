"""The admin's page of a programme, and the list of programmes with the facts that each lacks."""

from functools import reduce
from operator import add
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import (
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    QuerySet,
    When,
)
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programmes.models import Citation, EvidenceStep, Field, FormerSlug, Programme
from programmes.models.programme import RESERVED_SLUGS
from stemobs.admin.base import NOTHING, CatalogueAdmin, format_gap
from stemobs.admin.bulk.starting import BeginsBulkChanges
from stemobs.admin.checking.records import ChecksRecords
from stemobs.admin.drafts.reviewing import ReviewsDrafts
from stemobs.admin.facts import (
    AssessmentInline,
    CitationInline,
    ContactInline,
    DiscrepancyInline,
    DocumentInline,
    EvaluationInline,
    FormerSlugInline,
    FundingInline,
    LineageInline,
    NameInline,
    PartnershipInline,
    ReachInline,
    TakingPartInline,
)
from stemobs.admin.figures.saving import AsksAboutFigures
from stemobs.admin.filters import EvidenceFilter, MissingFilter, VerifiedFilter, list_steps
from stemobs.admin.finding.choices import FormChoices, OfferedChoices, refuse_retired
from stemobs.admin.finding.pages import UsedOnly, count_rows
from stemobs.admin.history import WithHistory
from stemobs.admin.merging.repeated import list_added
from stemobs.admin.moves.merging import MergesRecords
from stemobs.admin.moves.renaming import RenamesRecords
from stemobs.admin.moves.withdrawing import WithdrawsRecords
from stemobs.admin.record.layout import LINES, SECTIONS
from stemobs.admin.record.pages import ReadsLines
from stemobs.admin.record.pictures import ShowsPicture
from stemobs.admin.rights.publishing import PublishedRecords, StateForm
from stemobs.admin.suggestions.filling import WithSuggestion
from stemobs.admin.verifying.pages import ChecksAgainstSources, find_check_address
from stemobs.curation.expected import EXPECTED
from stemobs.curation.slugs import find_free_slug
from stemobs.curation.states import PUBLIC_ONCE, State

MISSING_COUNT = reduce(
    add, (Case(When(condition, then=1), default=0) for _label, condition in EXPECTED.values())
)
FORM = "programmes_programme_change"  # the address of a record's form
LACKS, DECLARES = "lacks_{}", "declares_{}"  # what rows are annotated with
EVIDENCE_RANK = Case(*(When(rule, then=n) for n, rule in enumerate(list_steps().values())))


class ProgrammeForm(StateForm):
    """The form of a programme; it refuses former slugs of others and forbidden changes of state."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields and not self.instance.pk:
            self.fields["slug"].required = False  # made from the name, as the script does
        if "scope" in self.fields and not self.instance.pk:
            self.initial.setdefault("scope", Programme.Scope.NATIONAL)  # as most records are

    def clean(self) -> dict[str, Any] | None:
        """Clear what goes with a withdrawal if the record is restored; the history keeps it."""
        cleaned = super().clean() or self.cleaned_data
        refuse_retired([self])
        withdrawn = State.WITHDRAWN
        if self.state_before == withdrawn != cleaned.get("state", withdrawn):
            cleaned |= {"withdrawn_reason": "", "merged_into": None}
        return cleaned

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"] or self.make_slug()
        former = FormerSlug.objects.filter(slug=slug).exclude(programme=self.instance.pk).first()
        if former:
            raise forms.ValidationError(
                _("%(programme)s had this address, and old links still lead there. Choose another.")
                % {"programme": former.programme}
            )
        return slug

    def make_slug(self) -> str:
        """Return a slug of the name that leads nowhere: to no page, or programme past or present.

        Whoever goes back and changes a form that has added a record would make a second one.
        """
        name = self.cleaned_data.get("name", "")
        if list_added(self.user, Programme).filter(name=name).exists():
            raise forms.ValidationError(
                _(
                    "You have added a record of this name already, so change that one. If this is "
                    "another programme, type an address for it here."
                )
            )
        return find_free_slug(name, Programme, FormerSlug, reserved=RESERVED_SLUGS)


@admin.register(Programme)
class ProgrammeAdmin(
    ChecksAgainstSources,
    MergesRecords,
    RenamesRecords,
    WithdrawsRecords,
    ReviewsDrafts,
    ReadsLines,
    ChecksRecords,
    WithSuggestion,
    AsksAboutFigures,
    PublishedRecords,
    BeginsBulkChanges,
    WithHistory,
    ShowsPicture,
    CatalogueAdmin,
):
    """The page and the list of programmes.

    The list shows the missing facts; the form has the order of the public page.
    """

    is_public_at_once = False
    form = ProgrammeForm
    kept = ()
    list_display = ("name", "state", "where", "missing", "verified", "evidence_step", "sources")
    list_filter = (
        "state",
        MissingFilter,
        VerifiedFilter,
        EvidenceFilter,
        "status",
        "record_type",
        "levels",
        "confidence",
        ("countries", UsedOnly),
    )
    actions = (*PublishedRecords.actions, "merge_these", "change_many")
    kept_number = MISSING_COUNT
    linked_filters = ("also_reaches", "kinds", "factors", "audiences", "focuses", "sectors")
    search_fields = ("name", "short_name", "slug", "summary", "names__name")
    search_help_text = gettext_lazy(
        "Searches names, address and summary. Capitals and accents make no difference."
    )
    prepopulated_fields = {"slug": ("name",)}
    readonly_fields = ("missing", "checked", "created_at", "changed_at")
    autocomplete_fields = ("countries", "also_reaches", "merged_into")
    chosen_by_name = ("countries", "also_reaches")  # of the pickers, those of several rows
    checkboxes = ("levels", "audiences", "kinds", "factors", "focuses", "sectors")
    fieldsets = (
        (
            gettext_lazy("What it is"),
            {
                "fields": (
                    ("name", "website"),
                    "summary",
                    ("record_type", "slug"),
                    "kinds",
                )
            },
        ),
        (
            gettext_lazy("More: description, aims, activities, short name, theme"),
            {
                "classes": ["collapse"],
                "fields": (
                    "description",
                    "objectives",
                    "activities",
                    ("short_name", "icon"),
                    "focuses",
                    "sectors",
                ),
            },
        ),
        (
            gettext_lazy("Where and for whom"),
            {"fields": (("scope", "countries"), "levels", "audiences")},
        ),
        (
            gettext_lazy("More: region, ages, languages, vocational, career factors"),
            {
                "classes": ["collapse"],
                "fields": (
                    ("region", "countries_note"),
                    "also_reaches",
                    ("age_min", "age_max", "languages"),
                    "is_vocational",
                    "site_levels",
                    "factors",
                ),
            },
        ),
        (
            gettext_lazy("When"),
            {"fields": (("year_start", "year_end", "status"), "duration")},
        ),
        (
            gettext_lazy("More: dates in detail"),
            {
                "classes": ["collapse"],
                "fields": (("year_start_detail", "year_end_detail"), "status_as_of"),
            },
        ),
        (
            gettext_lazy("More: reach and impact in words"),
            {"classes": ["collapse"], "fields": ("reach_text", "impact")},
        ),
        (
            gettext_lazy("More: funding in words"),
            {"classes": ["collapse"], "fields": ("funding_text",)},
        ),
        (
            gettext_lazy("More: note on evaluation"),
            {"classes": ["collapse"], "fields": ("evaluation_note",)},
        ),
        (
            gettext_lazy("Key statement, highlight, note"),
            {
                "classes": ["collapse"],
                "fields": (
                    "key_statement",
                    "is_highlighted",
                    "highlighted_summary",
                    "highlighted_impact",
                    "note",
                ),
            },
        ),
        (
            gettext_lazy("Picture"),
            {
                "classes": ["collapse"],
                "fields": ("logo", "logo_alt", ("logo_credit", "logo_licence")),
            },
        ),
        (
            gettext_lazy("For curators"),
            {
                "fields": (
                    "missing",
                    ("state", "withdrawn_reason", "merged_into"),
                    ("confidence", "checked"),
                    "curators_note",
                    ("created_at", "changed_at"),
                )
            },
        ),
    )
    sections = SECTIONS
    lines = LINES
    inlines = (
        CitationInline,
        TakingPartInline,
        ContactInline,
        ReachInline,
        PartnershipInline,
        FundingInline,
        EvaluationInline,
        AssessmentInline,
        NameInline,
        FormerSlugInline,
        DiscrepancyInline,
        DocumentInline,
        LineageInline,
    )

    def list_derived(self) -> dict[str, Any]:
        return {"source_count": count_rows(Citation, "programme", "source")}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        return with_lacks(rows) if shows_form(request) else rows

    def derive(self, queryset: Any) -> QuerySet:
        return super().derive(with_lacks(queryset).with_evidence()).prefetch_related("countries")

    # The form

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in self.checkboxes:
            field.iterator = OfferedChoices
        return field

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Return the record of a form with all that it has chosen, and what it offers if shown."""
        found = super().get_object(request, object_id, from_field)
        if found and is_form(request) and "_prefetched_objects_cache" not in found.__dict__:
            names = [*self.checkboxes, *self.chosen_by_name]
            offering = self.checkboxes if shows_form(request) else ()
            request.__dict__["choices"] = FormChoices(found, names, offering)
        return found

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        choices = request.__dict__.get("choices")
        if choices and request.method == "POST":  # what is shown again offers as much
            choices = FormChoices(context["original"], self.checkboxes, self.checkboxes)
        if choices:
            choices.offer(context["adminform"].form)
        return super().render_change_form(request, context, *args, **kwargs)

    # The list

    @admin.display(description=gettext_lazy("where"))
    def where(self, programme: Programme) -> str:
        countries = ", ".join(country.code for country in programme.countries.all())
        return countries or (programme.get_scope_display() if programme.scope else NOTHING)

    @admin.display(description=gettext_lazy("missing"), ordering=MISSING_COUNT)
    def missing(self, programme: Any) -> SafeString | str:
        """Return the missing facts, after a drawn row with one cell per expected fact."""
        if programme.pk is None:
            return _("Shown once the record is saved.")
        if not hasattr(programme, LACKS.format(Field.REACH)):  # a form that was sent
            programme = with_lacks(Programme.objects.filter(pk=programme.pk)).get()
        lacking = [field for field in EXPECTED if getattr(programme, LACKS.format(field))]
        declared = [field for field in lacking if getattr(programme, DECLARES.format(field))]
        cells = format_html_join(
            "", '<i class="{}"></i>', (("lacking" if f in lacking else "",) for f in EXPECTED)
        )
        told = ", ".join(
            _("%(fact)s (not published)") % {"fact": EXPECTED[field][0]}
            if field in declared
            else str(EXPECTED[field][0])
            for field in lacking
        )
        return format_html(
            '<span class="ruler" aria-hidden="true">{}</span> {}', cells, told or _("nothing")
        )

    @admin.display(
        description=gettext_lazy("checked"), ordering=F("verified_on").asc(nulls_first=True)
    )
    def verified(self, programme: Programme) -> SafeString | str:
        """Return when the record was checked, as a link to where it can be."""
        day = programme.verified_on
        told = date_format(day, "j M Y") if day else format_gap(_("never"))
        if programme.state == State.WITHDRAWN:
            return told
        return format_html('<a href="{}">{}</a>', find_check_address(programme), told)

    @admin.display(description=gettext_lazy("checked on"))
    def checked(self, programme: Programme) -> SafeString | str:
        """Return when the record was checked, which nobody types."""
        if programme.verified_on is None:
            return format_gap(_("never"))
        return date_format(programme.verified_on)

    @admin.display(description=gettext_lazy("evidence"), ordering=EVIDENCE_RANK)
    def evidence_step(self, programme: Any) -> str:
        return str(EvidenceStep(programme.evidence).label)

    @admin.display(description=gettext_lazy("sources"), ordering="source_count")
    def sources(self, programme: Any) -> int:
        return programme.source_count

    # Saving

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "slug" in form.changed_data:
            FormerSlug.objects.filter(slug=obj.slug).delete()
            if form.initial["state"] in PUBLIC_ONCE:
                FormerSlug.objects.update_or_create(
                    slug=form.initial["slug"], defaults={"programme": obj}
                )

    # Deleting

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether a programme may be deleted: never once it was public."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or obj.state not in PUBLIC_ONCE)


def is_form(request: HttpRequest) -> bool:
    match = request.resolver_match
    return bool(match and match.url_name == FORM)


def shows_form(request: HttpRequest) -> bool:
    """Whether a request only shows the form of a record."""
    return request.method == "GET" and is_form(request)


def with_lacks(queryset: Any) -> Any:
    """Annotate programmes with the expected facts that they lack, and that no source publishes."""
    declared = Citation.objects.filter(
        programme=OuterRef("pk"), basis=Citation.Basis.DECLARED_NOT_AVAILABLE
    ).order_by()
    lacks = {
        LACKS.format(field): ExpressionWrapper(condition, BooleanField())
        for field, (_label, condition) in EXPECTED.items()
    }
    declares = {DECLARES.format(field): Exists(declared.filter(field=field)) for field in EXPECTED}
    return queryset.annotate(**lacks, **declares)

"""The admin's page of a programme, and the list of programmes with the facts that each lacks."""

from functools import reduce
from operator import add
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import (
    BooleanField,
    Case,
    Count,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce
from django.http import FileResponse, Http404, HttpRequest
from django.urls import path
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from programmes.models import (
    PRIVATE,
    Citation,
    EvidenceStep,
    FormerSlug,
    Programme,
    discard_picture,
)
from stemobs.admin.base import NOTHING, CatalogueAdmin, format_gap
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
from stemobs.admin.filters import EXPECTED, EvidenceFilter, MissingFilter, VerifiedFilter
from stemobs.admin.history import WithHistory
from stemobs.admin.record.layout import LINES, SECTIONS
from stemobs.admin.record.pages import ReadsLines
from stemobs.admin.record.sources import find_free_slug
from stemobs.admin.suggestions.filling import WithSuggestion

State = Programme.State
# The states to which a programme can change from each state. What was published cannot become a
# draft again: it stays public or is withdrawn with a reason.
NEXT_STATES = {
    State.DRAFT: (State.REVIEW, State.PUBLISHED),
    State.REVIEW: (State.DRAFT, State.PUBLISHED),
    State.PUBLISHED: (State.WITHDRAWN,),
    State.WITHDRAWN: (State.PUBLISHED,),
}
PUBLIC_ONCE = (State.PUBLISHED, State.WITHDRAWN)
MISSING_COUNT = reduce(
    add, (Case(When(**{f"lacks_{field}": True}, then=1), default=0) for field in EXPECTED)
)
EVIDENCE_RANK = Case(*(When(evidence=s, then=n) for n, s in enumerate(EvidenceStep)))


class ProgrammeForm(forms.ModelForm):
    """The form of a programme; it refuses former slugs of others and forbidden changes of state."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if state := self.fields.get("state"):
            now = State(self.instance.state)
            allowed = (now, *NEXT_STATES[now])
            field: Any = state  # the type stubs do not know that it has choices
            field.choices = [(s.value, s.label) for s in State if s in allowed]
        if "slug" in self.fields and not self.instance.pk:
            self.fields["slug"].required = False  # made from the name, as the script does

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if not slug:
            return find_free_slug(self.cleaned_data.get("name", ""), Programme.objects.all())
        former = FormerSlug.objects.filter(slug=slug).exclude(programme=self.instance.pk).first()
        if former:
            raise forms.ValidationError(
                _("%(programme)s had this address, and old links still lead there. Choose another.")
                % {"programme": former.programme}
            )
        return slug


@admin.register(Programme)
class ProgrammeAdmin(ReadsLines, WithSuggestion, WithHistory, CatalogueAdmin):
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
        ("countries", admin.RelatedOnlyFieldListFilter),
    )
    linked_filters = ("also_reaches", "kinds", "factors", "audiences", "focuses", "sectors")
    search_fields = ("name", "short_name", "slug", "summary", "names__name")
    search_help_text = gettext_lazy(
        "Searches names, address and summary. Capitals and accents make no difference."
    )
    actions = ("send_to_review", "publish")
    prepopulated_fields = {"slug": ("name",)}
    readonly_fields = ("missing", "created_at", "changed_at")
    autocomplete_fields = ("countries", "also_reaches", "merged_into")
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
            {"classes": ["collapse"], "fields": ("logo", "logo_alt", "logo_licence")},
        ),
        (
            gettext_lazy("For curators"),
            {
                "fields": (
                    "missing",
                    ("state", "withdrawn_reason", "merged_into"),
                    ("confidence", "verified_on"),
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

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        sources = (
            Citation.objects.filter(programme=OuterRef("pk"))
            .order_by()
            .values("programme")
            .annotate(number=Count("source", distinct=True))
            .values("number")
        )
        declared = Citation.objects.filter(basis=Citation.Basis.DECLARED_NOT_AVAILABLE)
        lacks = {
            f"lacks_{field}": ExpressionWrapper(condition, BooleanField())
            for field, (_label, condition) in EXPECTED.items()
        }
        queryset: Any = super().get_queryset(request)
        return (
            queryset.with_evidence()
            .annotate(source_count=Coalesce(Subquery(sources), 0), **lacks)
            .prefetch_related("countries", Prefetch("citations", declared, to_attr="declared"))
        )

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
        lacking = [field for field in EXPECTED if getattr(programme, f"lacks_{field}")]
        declared = {citation.field for citation in programme.declared}
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
        if programme.verified_on is None:
            return format_gap(_("never"))
        return date_format(programme.verified_on, "j M Y")

    @admin.display(description=gettext_lazy("evidence"), ordering=EVIDENCE_RANK)
    def evidence_step(self, programme: Any) -> str:
        return str(EvidenceStep(programme.evidence).label)

    @admin.display(description=gettext_lazy("sources"), ordering="source_count")
    def sources(self, programme: Any) -> int:
        return programme.source_count

    # Saving

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "logo" in form.changed_data and form.initial["logo"]:
            discard_picture(Programme, form.initial["logo"].name)
        if change and "slug" in form.changed_data:
            FormerSlug.objects.filter(slug=obj.slug).delete()
            if form.initial["state"] in PUBLIC_ONCE:
                FormerSlug.objects.update_or_create(
                    slug=form.initial["slug"], defaults={"programme": obj}
                )

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        if obj.logo:
            discard_picture(Programme, obj.logo.name)

    # Pictures of what is not published

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.show_picture)
        picture = path("picture/<str:name>", view, name="programmes_programme_picture")
        return [picture, *super().get_urls()]

    def show_picture(self, request: HttpRequest, name: str) -> FileResponse:
        """Show curators a picture that a programme has and that readers do not see yet."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        stored = f"{PRIVATE}{name}"
        if not Programme.objects.filter(logo=stored).exists() or not default_storage.exists(stored):
            raise Http404
        return FileResponse(default_storage.open(stored), filename=name)

    # Deleting, and actions on many

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether a programme may be deleted: never once it was public."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or obj.state not in PUBLIC_ONCE)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return the actions without bulk deletion: drafts are deleted one by one in the form."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    # Actions

    @admin.action(description=gettext_lazy("Send to review"), permissions=["change"])
    def send_to_review(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.advance(request, queryset, State.REVIEW, from_states=[State.DRAFT])

    @admin.action(description=gettext_lazy("Publish"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.advance(request, queryset, State.PUBLISHED, from_states=[State.DRAFT, State.REVIEW])

    def advance(
        self, request: HttpRequest, queryset: QuerySet, state: State, from_states: list[State]
    ) -> None:
        """Give programmes a new state; show a warning with those that are not in `from_states`."""
        with transaction.atomic():
            programmes = lock_programmes(queryset)
            ready = [programme for programme in programmes if programme.state in from_states]
            for programme in ready:
                programme.state = state
                programme.save(update_fields=["state", "changed_at"])
            self.log_field(request, ready, "state")
        if ready:
            told = ngettext(
                "%(number)d programme now has the state “%(state)s”.",
                "%(number)d programmes now have the state “%(state)s”.",
                len(ready),
            ) % {"number": len(ready), "state": state.label}
            self.message_user(request, told, messages.SUCCESS)
        if left := [programme for programme in programmes if programme not in ready]:
            told = _("Not changed, because of their state: %(programmes)s.") % {
                "programmes": ", ".join(f"{p} ({p.get_state_display()})" for p in left)
            }
            self.message_user(request, told, messages.WARNING)

    def log_field(self, request: HttpRequest, programmes: list[Programme], name: str) -> None:
        field: Any = Programme._meta.get_field(name)  # no reverse relation: it has a name
        label = str(field.verbose_name)
        LogEntry.objects.log_actions(
            cast(int, request.user.pk),  # the admin requires a signed-in user
            programmes,
            CHANGE,
            [{"changed": {"fields": [label]}}],
        )


def lock_programmes(queryset: QuerySet) -> list[Programme]:
    """Return the programmes, locked against other writers until the transaction ends."""
    return list(Programme.objects.select_for_update().filter(pk__in=queryset.values("pk")))

"""The admin's pages of organisations."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partnerships.models import (
    Organisation,
    OrganisationName,
    OrganisationSource,
    Partnership,
)
from programmes.models import where_published
from stemobs.admin.base import (
    CatalogueAdmin,
    ReadOnlyRows,
    RowForm,
    TabularFacts,
    TabularRows,
    format_gap,
    link_to,
)
from stemobs.admin.checking.records import ChecksForms
from stemobs.admin.finding.pages import UsedOnly, count_rows
from stemobs.admin.history import WithEdits
from stemobs.admin.moves.merging import MergesRecords
from stemobs.admin.sources import ShownOnceUsed


def refuse_taken_slug(slug: str, organisation_id: int | None) -> str:
    """Return the slug; raise ValidationError if another organisation has or had it."""
    others = Organisation.objects.known_as(slug).exclude(pk=organisation_id)
    if other := others.first():
        raise forms.ValidationError(
            _("This address already leads to %(organisation)s. Choose another.")
            % {"organisation": other}
        )
    return slug


class OrganisationForm(forms.ModelForm):
    """The form of an organisation; it refuses a slug that another organisation has or had."""

    def clean_slug(self) -> str:
        return refuse_taken_slug(self.cleaned_data["slug"], self.instance.pk)


class OrganisationNameForm(RowForm):
    """The form of another name of an organisation, with the slug that redirects to it."""

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if "slug" not in self.changed_data:
            return slug
        return refuse_taken_slug(slug, self.instance.organisation_id)


class OrganisationNameInline(TabularRows):
    """Other names of an organisation."""

    model = OrganisationName
    form = OrganisationNameForm
    fields = ("name", "slug", "kind", "language", "since", "until")
    prepopulated_fields = {"slug": ("name",)}


class OrganisationSourceInline(TabularFacts):
    """The sources of the facts about an organisation."""

    model = OrganisationSource
    fields = ("source", "locator")
    autocomplete_fields = ("source",)
    joined = ("source",)


class ProgrammesOfOrganisation(ReadOnlyRows):
    """The programmes in which an organisation takes part; roles are edited on their pages."""

    model = Partnership
    verbose_name_plural = gettext_lazy("programmes it takes part in")
    fields = ("programme_link", "state", "role", "since", "until", "source")
    readonly_fields = ("programme_link", "state")
    ordering = ("programme__name", "role")
    joined = ("programme", "organisation", "source")

    @admin.display(description=gettext_lazy("programme"))
    def programme_link(self, partnership: Partnership) -> SafeString:
        return link_to(partnership.programme)

    @admin.display(description=gettext_lazy("state"))
    def state(self, partnership: Partnership) -> str:
        return partnership.programme.get_state_display()


class MissingCountryFilter(admin.SimpleListFilter):
    """Filters organisations without a country: multinational ones, and unknown seats."""

    title = gettext_lazy("where it is based")
    parameter_name = "missing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("country", _("Not known")), ("stated", _("Known"))]

    def queryset(self, request: Any, queryset: QuerySet) -> QuerySet:
        match self.value():
            case "country":
                return queryset.filter(country=None)
            case "stated":
                return queryset.exclude(country=None)
        return queryset


@admin.register(Organisation)
class OrganisationAdmin(MergesRecords, ChecksForms, ShownOnceUsed, WithEdits, CatalogueAdmin):
    """The page and the list of organisations; the search covers all their names."""

    form = OrganisationForm
    change_form_template = "admin/merger/change_form.html"
    actions = (*ShownOnceUsed.actions, "merge_these")
    list_display = ("name", "type", "country_or_gap", "programme_count")
    list_filter = (
        "is_public",
        MissingCountryFilter,
        "type",
        "is_type_inferred",
        ("country", UsedOnly),
    )
    list_select_related = ("country",)
    search_fields = ("name", "slug", "names__name")
    search_help_text = gettext_lazy("Searches all names. Capitals and accents make no difference.")
    prepopulated_fields = {"slug": ("name",)}
    readonly_fields = ("is_public", "changed_at")
    autocomplete_fields = ("country", "parent", "successor")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name", "slug"),
                    ("type", "is_type_inferred"),
                    ("country", "is_country_inferred"),
                    "website",
                    ("parent", "successor"),
                    "note",
                    ("is_public", "changed_at"),
                )
            },
        ),
    )
    inlines = (OrganisationNameInline, OrganisationSourceInline, ProgrammesOfOrganisation)

    def list_derived(self) -> dict[str, Any]:
        published = where_published("programme__")
        return {"programme_count": count_rows(Partnership, "organisation", "programme", published)}

    @admin.display(description=gettext_lazy("country"), ordering="country__name")
    def country_or_gap(self, organisation: Organisation) -> SafeString | str:
        return (
            format_gap(_("missing")) if organisation.country is None else organisation.country.name
        )

    @admin.display(description=gettext_lazy("published programmes"), ordering="programme_count")
    def programme_count(self, organisation: Any) -> int:
        return organisation.programme_count

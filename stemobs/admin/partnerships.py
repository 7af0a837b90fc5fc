"""Where curators edit who takes part and what research says: organisations, platforms, guides."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partnerships.models import (
    Criterion,
    Guide,
    GuideItem,
    Lineage,
    NationalPlatform,
    Obstacle,
    Organisation,
    OrganisationName,
    OrganisationSource,
    Partnership,
    Statement,
    Strategy,
)
from stemobs.admin.base import (
    CatalogueAdmin,
    LineageForm,
    ReadOnlyRows,
    RowForm,
    StackedFacts,
    StackedRows,
    TabularFacts,
    TabularRows,
    TermAdmin,
    gap,
    link_to,
    next_position,
)


def refuse_taken(slug: str, organisation_id: int | None) -> str:
    """Return the slug unless it already leads to another organisation."""
    others = Organisation.objects.known_as(slug).exclude(pk=organisation_id)
    if other := others.first():
        raise forms.ValidationError(
            _("This address already leads to %(organisation)s.") % {"organisation": other}
        )
    return slug


# --- Organisations -------------------------------------------------------------------------------


class OrganisationForm(forms.ModelForm):
    """An organisation; its address must not be an old one of another."""

    def clean_slug(self) -> str:
        return refuse_taken(self.cleaned_data["slug"], self.instance.pk)


class OrganisationNameForm(RowForm):
    """Another name of an organisation, and the address that leads from it."""

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if "slug" not in self.changed_data:
            return slug
        return refuse_taken(slug, self.instance.organisation_id)


class OrganisationNameInline(TabularRows):
    """Other names of an organisation."""

    model = OrganisationName
    form = OrganisationNameForm
    fields = ("name", "slug", "kind", "language", "since", "until")
    prepopulated_fields = {"slug": ("name",)}


class OrganisationSourceInline(TabularFacts):
    """Where facts about an organisation stand."""

    model = OrganisationSource
    fields = ("source", "locator")
    autocomplete_fields = ("source",)
    joined = ("source",)


class ProgrammesOfOrganisation(ReadOnlyRows):
    """The programmes it takes part in; its roles are edited there."""

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
    """Organisations without a seat: multinational, or still to be found."""

    title = gettext_lazy("seat")
    parameter_name = "missing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("country", _("Country missing")), ("stated", _("Country known"))]

    def queryset(self, request: Any, queryset: QuerySet) -> QuerySet:
        match self.value():
            case "country":
                return queryset.filter(country=None)
            case "stated":
                return queryset.exclude(country=None)
        return queryset


@admin.register(Organisation)
class OrganisationAdmin(CatalogueAdmin):
    """Organisations: found by any of their names."""

    form = OrganisationForm
    list_display = ("name", "type", "country_or_gap", "programme_count")
    list_filter = (
        MissingCountryFilter,
        "type",
        "is_type_inferred",
        ("country", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("country",)
    search_fields = ("name", "slug", "names__name")
    search_help_text = gettext_lazy("In all names. Capitals and accents make no difference.")
    prepopulated_fields = {"slug": ("name",)}
    readonly_fields = ("changed_at",)
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
                    "changed_at",
                )
            },
        ),
    )
    inlines = (OrganisationNameInline, OrganisationSourceInline, ProgrammesOfOrganisation)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        queryset: Any = super().get_queryset(request)
        return queryset.with_programme_count()

    @admin.display(description=gettext_lazy("country"), ordering="country__name")
    def country_or_gap(self, organisation: Organisation) -> SafeString | str:
        return gap(_("missing")) if organisation.country is None else organisation.country.name

    @admin.display(description=gettext_lazy("published programmes"), ordering="programme_count")
    def programme_count(self, organisation: Any) -> int:
        return organisation.programme_count


# --- Strategies and platforms --------------------------------------------------------------------


class StatementInline(StackedFacts):
    """What a platform or strategy says of itself: aims, measures, figures."""

    model = Statement
    fields = (
        ("kind", "qualifier", "value", "unit", "currency"),
        "text",
        ("period", "year_from", "year_to"),
        ("source", "locator", "note"),
    )
    autocomplete_fields = ("source",)
    joined = ("source",)


class StrategyLineageInline(StackedRows):
    """Which programmes or strategies this strategy was made from."""

    model = Lineage
    form = LineageForm
    fk_name = "from_strategy"
    fields = (
        ("relation", "to_programme", "to_strategy", "to_platform", "to_text"),
        ("year", "source", "locator", "note"),
    )
    autocomplete_fields = ("to_programme", "to_strategy", "to_platform", "source")
    joined = ("from_strategy", "to_programme", "to_strategy", "to_platform")


class InitiativeAdmin(CatalogueAdmin):
    """What strategies and platforms have in common."""

    list_filter: Any = (
        "status",
        "level",
        "confidence",
        ("countries", admin.RelatedOnlyFieldListFilter),
    )
    search_fields = ("name", "native_names", "slug", "region")
    prepopulated_fields = {"slug": ("name",)}
    readonly_fields = ("changed_at",)
    when = (
        gettext_lazy("When"),
        {
            "fields": (
                ("status", "status_as_of"),
                ("year_start", "year_start_detail"),
                ("year_end", "year_end_detail"),
            )
        },
    )
    curating = (gettext_lazy("Curating"), {"fields": ("note", ("confidence", "changed_at"))})

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        statements = Count("statements", distinct=True)
        queryset = super().get_queryset(request).prefetch_related("countries")
        return queryset.annotate(statement_count=statements)

    @admin.display(description=gettext_lazy("where"))
    def where(self, initiative: Any) -> str:
        codes = ", ".join(country.code for country in initiative.countries.all())
        return codes or initiative.get_level_display()

    @admin.display(description=gettext_lazy("statements"), ordering="statement_count")
    def statement_count(self, initiative: Any) -> int:
        return initiative.statement_count


@admin.register(Strategy)
class StrategyAdmin(InitiativeAdmin):
    """Strategies of countries, and what they state."""

    list_display = ("name", "where", "type", "year_start", "status", "statement_count")
    list_filter = ("type", *InitiativeAdmin.list_filter)
    autocomplete_fields = ("countries", "owners", "implementing_body", "programme")
    fieldsets = (
        (
            gettext_lazy("What it is"),
            {
                "fields": (
                    ("name", "slug"),
                    "native_names",
                    "type",
                    "summary",
                    ("level", "region"),
                    "countries",
                    "owners",
                    ("implementing_body", "programme"),
                )
            },
        ),
        InitiativeAdmin.when,
        InitiativeAdmin.curating,
    )
    inlines = (StatementInline, StrategyLineageInline)


@admin.register(NationalPlatform)
class NationalPlatformAdmin(InitiativeAdmin):
    """National platforms, their mandate and what they state."""

    list_display = ("name", "where", "year_start", "status", "statement_count")
    autocomplete_fields = ("countries", "organisation", "mandated_by", "programmes", "strategies")
    fieldsets = (
        (
            gettext_lazy("What it is"),
            {
                "fields": (
                    ("name", "slug"),
                    "native_names",
                    "organisation",
                    ("level", "region"),
                    "countries",
                    "mandate",
                    "mandated_by",
                    "coalition_role",
                    "programmes",
                    "strategies",
                )
            },
        ),
        InitiativeAdmin.when,
        InitiativeAdmin.curating,
    )
    inlines = (StatementInline,)


@admin.register(Lineage)
class LineageAdmin(CatalogueAdmin):
    """How ideas travelled, as one list; programmes and strategies show their own part."""

    is_public_at_once = False
    form = LineageForm
    list_display = ("subject", "relation", "target", "year", "source")
    list_filter = ("relation",)
    list_select_related = (
        "from_programme",
        "from_strategy",
        "to_programme",
        "to_strategy",
        "to_platform",
        "source",
    )
    search_fields = (
        "slug",
        "from_programme__name",
        "from_strategy__name",
        "to_programme__name",
        "to_strategy__name",
        "to_platform__name",
        "to_text",
    )
    fields = (
        ("from_programme", "from_strategy"),
        "relation",
        ("to_programme", "to_strategy", "to_platform"),
        "to_text",
        "year",
        ("source", "locator"),
        "note",
    )
    autocomplete_fields = (
        "from_programme",
        "from_strategy",
        "to_programme",
        "to_strategy",
        "to_platform",
        "source",
    )


# --- Research ------------------------------------------------------------------------------------


@admin.register(Obstacle)
class ObstacleAdmin(TermAdmin):
    """Obstacles by family, with their share."""

    list_display = ("name", "family", "share", "slug", "position")
    list_filter = ("family",)
    used_by = ""


@admin.register(Criterion)
class CriterionAdmin(TermAdmin):
    """Criteria by group."""

    list_display = ("name", "group", "slug", "position", "uses")
    list_filter = ("group",)
    used_by = "assessments"


class GuideItemInline(StackedFacts):
    """The items' words; what they name in the catalogue is on each item's own page."""

    model = GuideItem
    fields = (("heading", "slug"), "text", ("group", "value", "locator"))
    prepopulated_fields = {"slug": ("heading",)}
    show_change_link = True


@admin.register(Guide)
class GuideAdmin(CatalogueAdmin):
    """Guides and their items."""

    list_display = ("title", "group", "vocabulary", "position", "item_count")
    list_filter = ("group", "vocabulary")
    search_fields = ("title", "slug", "summary", "items__heading")
    prepopulated_fields = {"slug": ("title",)}
    readonly_fields = ("changed_at",)
    autocomplete_fields = ("source",)
    fields = (
        ("title", "slug"),
        ("group", "vocabulary", "position"),
        "summary",
        "caution",
        ("source", "locator"),
        "changed_at",
    )
    inlines = (GuideItemInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(item_count=Count("items"))

    @admin.display(description=gettext_lazy("items"), ordering="item_count")
    def item_count(self, guide: Any) -> int:
        return guide.item_count


@admin.register(GuideItem)
class GuideItemAdmin(CatalogueAdmin):
    """One item of a guide, and what it names in the catalogue."""

    kept = ("guide", "slug")
    list_display = ("heading", "guide", "group")
    list_filter = ("guide",)
    list_select_related = ("guide",)
    search_fields = ("heading", "text", "group", "guide__title")
    prepopulated_fields = {"slug": ("heading",)}
    autocomplete_fields = (
        "guide",
        "programmes",
        "organisations",
        "platforms",
        "strategies",
        "countries",
    )
    fields = (
        ("guide", "group"),
        ("heading", "slug"),
        "text",
        ("value", "locator"),
        "programmes",
        "organisations",
        "platforms",
        "strategies",
        "countries",
    )
    ordering = ("guide__position", "guide__title", "position")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new item comes last; afterwards it can be moved."""
        return super().get_fields(request, obj) if obj is None else (*self.fields, "position")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.position = next_position(obj.guide, obj.guide.items.all())
        super().save_model(request, obj, form, change)

"""The admin's pages of strategies, of national platforms and of lineage between entries."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from partnerships.models import (
    Lineage,
    NationalPlatform,
    Statement,
    Strategy,
)
from programmes.models import Programme
from stemobs.admin.base import (
    CatalogueAdmin,
    LineageForm,
    StackedRows,
)
from stemobs.admin.checking.records import ChecksForms
from stemobs.admin.figures.saving import AsksAboutFigures, StackedFigures
from stemobs.admin.finding.pages import count_rows
from stemobs.admin.history import WithEdits
from stemobs.admin.rights.publishing import OwnRecords


class StatementInline(StackedFigures):
    """Statements of a platform or strategy: aims, measures, figures."""

    model = Statement
    fields = (
        ("kind", "qualifier", "value", "unit", "currency"),
        "text",
        ("period", "year_from", "year_to"),
        ("source", "locator", "note"),
        ("superseded_by", "retracted_because"),
    )
    autocomplete_fields = ("source",)
    joined = ("source",)


class StrategyLineageInline(StackedRows):
    """Lineage: the programmes, strategies or platforms that this strategy is related to."""

    model = Lineage
    form = LineageForm
    fk_name = "from_strategy"
    fields = (
        ("relation", "to_programme", "to_strategy", "to_platform", "to_text"),
        ("year", "source", "locator", "note"),
    )
    autocomplete_fields = ("to_programme", "to_strategy", "to_platform", "source")
    joined = ("from_strategy", "to_programme", "to_strategy", "to_platform")


class InitiativeAdmin(ChecksForms, AsksAboutFigures, WithEdits, CatalogueAdmin):
    """Base of the pages of strategies and of platforms."""

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
    curating = (gettext_lazy("For curators"), {"fields": ("note", ("confidence", "changed_at"))})

    def list_derived(self) -> dict[str, Any]:
        relation: Any = self.model._meta.get_field("statements")
        return {"statement_count": count_rows(relation.related_model, relation.field.name)}

    def derive(self, queryset: QuerySet) -> QuerySet:
        return super().derive(queryset).prefetch_related("countries")

    @admin.display(description=gettext_lazy("where"))
    def where(self, initiative: Any) -> str:
        codes = ", ".join(country.code for country in initiative.countries.all())
        return codes or initiative.get_level_display()

    @admin.display(description=gettext_lazy("statements"), ordering="statement_count")
    def statement_count(self, initiative: Any) -> int:
        return initiative.statement_count


@admin.register(Strategy)
class StrategyAdmin(InitiativeAdmin):
    """The page of a strategy with its statements."""

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
    """The page of a national platform with its mandate and its statements."""

    list_display = ("name", "standing", "where", "year_start", "status", "statement_count")
    list_filter = ("standing", *InitiativeAdmin.list_filter)
    autocomplete_fields = ("countries", "organisation", "mandated_by", "programmes", "strategies")
    fieldsets = (
        (
            gettext_lazy("What it is"),
            {
                "fields": (
                    ("name", "slug"),
                    "native_names",
                    ("standing", "organisation"),
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
class LineageAdmin(ChecksForms, OwnRecords, CatalogueAdmin):
    """The list of all lineage rows; programmes and strategies show their own rows as well."""

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

    def find_record(self, row: Lineage) -> Programme | None:
        return row.from_programme

    def list_checked(self, row: Lineage) -> list[Programme | Strategy]:
        return [row.subject] if row.subject else []

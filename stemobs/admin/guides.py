"""The admin's pages of guides, and of the obstacles and criteria that they explain."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from partnerships.models import (
    Criterion,
    FieldStudy,
    Guide,
    GuideItem,
    Obstacle,
)
from stemobs.admin.base import (
    CatalogueAdmin,
    StackedFacts,
    TermAdmin,
    take_next_position,
)
from stemobs.admin.finding.pages import count_rows


@admin.register(Obstacle)
class ObstacleAdmin(TermAdmin):
    """The page of obstacles, with their family and share."""

    list_display = ("name", "family", "share", "slug", "position")
    list_filter = ("family",)
    used_by = ""


@admin.register(Criterion)
class CriterionAdmin(TermAdmin):
    """The page of criteria of good practice, with their group."""

    list_display = ("name", "group", "slug", "position", "uses")
    list_filter = ("group",)
    used_by = "assessments"


class GuideItemInline(StackedFacts):
    """The texts of a guide's items; links to records are edited on each item's own page."""

    model = GuideItem
    fields = (("heading", "slug"), "text", ("group", "value", "locator"))
    prepopulated_fields = {"slug": ("heading",)}
    show_change_link = True


@admin.register(Guide)
class GuideAdmin(CatalogueAdmin):
    """The page of a guide with the texts of its items."""

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

    def list_derived(self) -> dict[str, Any]:
        return {"item_count": count_rows(GuideItem, "guide")}

    @admin.display(description=gettext_lazy("items"), ordering="item_count")
    def item_count(self, guide: Any) -> int:
        return guide.item_count


@admin.register(FieldStudy)
class FieldStudyAdmin(CatalogueAdmin):
    """Studies of many schemes together, which the page “What was found” shows as context."""

    kept = ("slug",)
    prepopulated_fields = {"slug": ("title",)}
    list_display = ("title", "design", "result", "year")
    list_filter = ("design", "result")
    search_fields = ("title", "finding", "evaluator")
    fields = (
        "title",
        "slug",
        ("design", "result", "year"),
        ("evaluator", "commissioner"),
        "sample",
        "finding",
        "note",
        ("source", "locator"),
        "further_sources",
        "position",
    )
    autocomplete_fields = ("source", "further_sources")
    ordering = ("position", "title")


@admin.register(GuideItem)
class GuideItemAdmin(CatalogueAdmin):
    """The page of one item of a guide, with the records of the catalogue that it names."""

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
        """Return the fields of the form; `position` only for a saved item, as a new one is last."""
        return super().get_fields(request, obj) if obj is None else (*self.fields, "position")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.position = take_next_position(obj.guide, obj.guide.items.all())
        super().save_model(request, obj, form, change)

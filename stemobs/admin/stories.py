"""The admin's page of the stories that curators choose for the home page."""

from django.contrib import admin

from programmes.models import Story
from stemobs.admin.base import CatalogueAdmin


@admin.register(Story)
class StoryAdmin(CatalogueAdmin):
    """The page of a story; it begins as a draft."""

    is_public_at_once = False
    prepopulated_fields = {"slug": ("title",)}
    list_display = ("title", "programme", "chosen_on", "is_published")
    list_filter = ("is_published",)
    list_select_related = ("programme",)
    search_fields = ("title", "text", "programme__name")
    autocomplete_fields = ("programme",)
    fields = (
        "title",
        "slug",
        "programme",
        "text",
        "drawing",
        "steps",
        ("chosen_on", "is_published"),
    )

"""The vocabularies, and how much each term is used."""

from typing import Any

from django.contrib import admin

from programmes.models import (
    Audience,
    CareerFactor,
    Country,
    EducationLevel,
    Focus,
    InitiativeKind,
    Sector,
    Unit,
)
from stemobs.admin.base import TermAdmin


@admin.register(Audience, Focus, Sector)
class SimpleTermAdmin(TermAdmin):
    """Vocabularies that are no more than names with a description."""


@admin.register(CareerFactor)
class CareerFactorAdmin(TermAdmin):
    """What career choices depend on."""

    list_display = ("name", "question", "slug", "position", "uses")


@admin.register(InitiativeKind)
class InitiativeKindAdmin(TermAdmin):
    """The kinds of initiative."""

    list_display = ("name", "mechanism", "slug", "position", "uses")
    list_filter = ("mechanism", "factors")
    checkboxes = ("factors",)


@admin.register(Unit)
class UnitAdmin(TermAdmin):
    """What reach figures count."""

    used_by = "reach"


@admin.register(Country)
class CountryAdmin(TermAdmin):
    """Countries by their ISO 3166-1 code."""

    kept = ("code",)
    list_display = ("name", "code", "in_eu", "in_eea", "is_candidate", "uses")
    list_filter = ("in_eu", "in_eea", "is_candidate")
    search_fields = ("name", "code")
    prepopulated_fields: dict[str, Any] = {}
    autocomplete_fields = ()
    ordering = ("name",)


@admin.register(EducationLevel)
class EducationLevelAdmin(TermAdmin):
    """Levels of ISCED 2011."""

    kept = ("code",)
    list_display = ("code", "name", "short_name", "uses")
    list_display_links = ("code", "name")
    search_fields = ("name", "short_name", "description")
    prepopulated_fields: dict[str, Any] = {}
    autocomplete_fields = ()
    ordering = ("code",)

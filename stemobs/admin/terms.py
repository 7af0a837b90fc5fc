"""The admin's pages of vocabularies: kinds, factors, audiences, units, countries, levels."""

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
from stemobs.admin.vocabularies.pages import TermPages


@admin.register(Audience, Focus, Sector)
class SimpleTermAdmin(TermPages):
    """The page of vocabularies whose terms have only a name and a description."""


@admin.register(CareerFactor)
class CareerFactorAdmin(TermPages):
    """The page of factors of career choice."""

    list_display = ("name", "question", "slug", "position", "uses")


@admin.register(InitiativeKind)
class InitiativeKindAdmin(TermPages):
    """The page of kinds of initiative."""

    list_display = ("name", "mechanism", "slug", "position", "uses")
    list_filter = ("mechanism", "factors")
    checkboxes = ("factors",)


@admin.register(Unit)
class UnitAdmin(TermPages):
    """The page of units in which reach is counted, such as pupils."""

    used_by = "reach"


@admin.register(Country)
class CountryAdmin(TermPages):
    """The page of countries; their ISO 3166-1 codes cannot change."""

    kept = ("code",)
    list_display = ("name", "code", "in_eu", "in_eea", "is_candidate", "uses")
    list_filter = ("in_eu", "in_eea", "is_candidate")
    search_fields = ("name", "code")
    prepopulated_fields: dict[str, Any] = {}
    autocomplete_fields = ()
    ordering = ("name",)


@admin.register(EducationLevel)
class EducationLevelAdmin(TermPages):
    """The page of education levels (ISCED 2011); their codes cannot change."""

    kept = ("code",)
    list_display = ("code", "name", "short_name", "uses")
    list_display_links = ("code", "name")
    search_fields = ("name", "short_name", "description")
    prepopulated_fields: dict[str, Any] = {}
    autocomplete_fields = ()
    ordering = ("code",)

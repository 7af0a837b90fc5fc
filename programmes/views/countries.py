"""All countries, and one."""

import datetime

from django.db.models import Count
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from partnerships.models import GuideItem
from programmes.cards import cards
from programmes.catalogue import catalogue_of
from programmes.documents import moment
from programmes.facets import KIND, LEVEL
from programmes.filters import ProgrammeFilter
from programmes.index import NONE, Index
from programmes.models import Country, EducationLevel, InitiativeKind, Programme

# On a page that lists things beside others; the whole list is one link away.
MOST_SHOWN = 100


@require_safe
def country_list(request: HttpRequest) -> HttpResponse:
    """Every country with its programmes, platform and strategies; none is left out."""
    catalogue = catalogue_of(request)
    index = catalogue.programmes
    countries = Country.objects.annotate(
        platform_count=Count("platforms", distinct=True),
        strategy_count=Count("strategies", distinct=True),
        organisation_count=Count("organisations", distinct=True),
    )
    nowhere = index.in_order_of_names([index.having("country", [NONE])], 0, MOST_SHOWN)
    context = {
        "rows": [(country, *programmes_of(index, country)) for country in countries],
        "everywhere": cards(catalogue, nowhere),
    }
    return render(request, "programmes/country_list.html", context)


def programmes_of(index: Index, country: Country) -> tuple[int, datetime.datetime | None]:
    """Return how many programmes a country has, and when one of them changed last."""
    found = index.having("country", [country.code])
    latest = index.in_order_of_changes(found, 0, 1)
    return len(found), moment(index.entries[latest[0]].changed) if latest else None


@require_safe
def country_detail(request: HttpRequest, code: str) -> HttpResponse:
    """A country's profile: programmes, platforms, strategies, organisations, gaps."""
    country = get_object_or_404(Country, code=code.upper())
    if code != code.lower():
        return redirect("country", code.lower(), permanent=True)
    selection = ProgrammeFilter(
        QueryDict(f"country={country.code}&sort=name"), catalogue_of(request)
    )
    catalogue, index = selection.catalogue, selection.index
    by_level, by_kind = selection.counts(LEVEL), selection.counts(KIND)
    reaching = index.in_order_of_names(
        [index.having("also_reaches", [country.code])], 0, MOST_SHOWN
    )
    context = {
        "country": country,
        "total": len(selection.matches),
        "cards": cards(catalogue, selection.matches[:MOST_SHOWN]),
        "reaching": Programme.objects.published().filter(pk__in=reaching),
        "levels": [
            (level, by_level.get(str(level.code), 0)) for level in EducationLevel.objects.all()
        ],
        "missing_kinds": [k for k in InitiativeKind.objects.all() if k.slug not in by_kind],
        "platforms": country.platforms.select_related("organisation"),
        "strategies": country.strategies.all(),
        "organisations": [
            (organisation, catalogue.programme_count("organisation", organisation.slug))
            for organisation in country.organisations.all()[:MOST_SHOWN]
        ],
        "guide_items": GuideItem.objects.filter(countries=country).select_related("guide"),
    }
    return render(request, "programmes/country_detail.html", context)

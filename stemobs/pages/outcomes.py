"""Estonia and Portugal beside each other: two visits by one task force, and what came of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from partnerships.models import Guide, GuideItem, NationalPlatform
from programmes.models import Country
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.exports.citations import cite_fixed_page
from stemobs.pages.citable import render_citable
from stemobs.selection.parameters import list_unknown

WHOLE = "task-force-outcomes"  # the guide that judges both
# The guides to the two countries, by the country's code.
GUIDES = {"EE": "country-estonia", "PT": "country-portugal"}
# The topics in the order of events, with the items of each guide that belong to them.
TOPICS: tuple[tuple[Any, Mapping[str, tuple[str, ...]]], ...] = (
    (_("The situation in 2013"), {"EE": ("starting-point",), "PT": ("starting-point",)}),
    (_("The meeting"), {"EE": ("meeting",), "PT": ("meeting",)}),
    (_("Who was at the table"), {"EE": ("organisations",), "PT": ("organisations",)}),
    (_("What the country had to show"), {"EE": ("home-case",), "PT": ("other-steps",)}),
    (_("Who was to lead"), {"EE": ("who-leads",), "PT": ("weak-start", "commitment")}),
    (_("The months afterwards"), {"EE": ("agreed-steps",), "PT": ("after",)}),
    (_("The visit to the Netherlands"), {"EE": ("dutch-visit",), "PT": ("dutch-visit",)}),
    (_("The official letter"), {"EE": ("letter",), "PT": ("letter",)}),
    (_("What came of it"), {"EE": ("result",), "PT": ("result",)}),
)
# What the task force learned from both, from the guide to the outcomes.
LESSONS = ("people-first", "learn-each-country", "cheap-but-skilled")


@dataclass(frozen=True)
class TopicRow:
    """A topic, and for each country the items of its guide, in the order of the columns."""

    name: Any
    columns: list[tuple[Country, list[GuideItem]]]


@require_safe
def show_outcomes(request: HttpRequest) -> HttpResponse:
    """Show what the report tells of Estonia and Portugal, topic by topic beside each other."""
    guide = get_object_or_404(Guide.objects.select_related("source"), slug=WHOLE)
    countries = list(Country.objects.filter(code__in=GUIDES).order_by("name"))
    items = list(
        GuideItem.objects.filter(guide__slug__in=[WHOLE, *GUIDES.values()]).select_related("guide")
    )
    context = {
        "guide": guide,
        "countries": countries,
        "rows": make_rows(countries, items),
        "lessons": [one for one in items if one.guide.slug == WHOLE and one.slug in LESSONS],
        "guides": list(Guide.objects.filter(slug__in=GUIDES.values())),
        "platforms": list_platforms(countries),
        "problems": list_unknown(request.GET.items(), ()),
    }
    reference = cite_fixed_page("outcomes", get_request_catalogue(request).moment)
    return render_citable(request, "pages/outcomes/outcomes.html", context, reference)


def make_rows(countries: Sequence[Country], items: Iterable[GuideItem]) -> list[TopicRow]:
    """Return a row for each topic of which at least one guide tells something."""
    told = {(item.guide.slug, item.slug): item for item in items}
    rows = []
    for name, slugs in TOPICS:
        keys = {one: [(GUIDES[one.code], slug) for slug in slugs[one.code]] for one in countries}
        columns = [
            (country, [told[key] for key in some if key in told]) for country, some in keys.items()
        ]
        rows.append(TopicRow(name, columns))
    return [row for row in rows if any(found for _country, found in row.columns)]


def list_platforms(countries: Iterable[Country]) -> list[tuple[Country, list[NationalPlatform]]]:
    """Return the active national platforms of each country: what there is now."""
    active = (
        NationalPlatform.objects.acting()
        .filter(level=NationalPlatform.Level.NATIONAL, status="active", countries__in=countries)
        .prefetch_related("countries")
    )
    rows = list(active.distinct())
    return [(one, [row for row in rows if one in row.countries.all()]) for one in countries]

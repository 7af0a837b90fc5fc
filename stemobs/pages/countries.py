"""The list of countries with their numbers of programmes, platforms and strategies."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from partnerships.models import NationalPlatform
from programmes.models import Country, EvidenceStep
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.counting import find_programmes, find_shared
from stemobs.catalogue.documents import NONE, make_moment
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.entries.publication import list_published
from stemobs.exports.citations import cite_fixed_page
from stemobs.insights import maps
from stemobs.pages.citable import render_citable
from stemobs.selection.parameters import Problem, list_unknown

# The page shows this many programmes without a country, and links to the list of all of them.
MOST_SHOWN = 25
Standing = NationalPlatform.Standing
LONG_AGO = datetime.datetime.min.replace(tzinfo=datetime.UTC)


# --- The table ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CountryRow:
    """A row of the table of countries: the country and its numbers."""

    country: Country
    programmes: int  # of its own
    shared: int  # carried out in many countries, this one among them
    evaluated: int
    platforms: int
    strategies: int
    changed: datetime.datetime | None

    @property
    def belongs(self) -> bool:
        """Whether the table shows this country: European, or with something on record."""
        return self.country.is_european or bool(
            self.programmes or self.shared or self.platforms or self.strategies
        )


# The values of `sort`: the heading of the column, and the key by which rows are sorted.
Key = Callable[[CountryRow], Any]
SORTS: Mapping[str, tuple[Any, Key]] = {
    "name": (gettext_lazy("Country"), lambda row: ()),
    "programmes": (gettext_lazy("Programmes"), lambda row: -row.programmes),
    "shared": (gettext_lazy("Shared"), lambda row: -row.shared),
    "evaluated": (gettext_lazy("Independently evaluated"), lambda row: -row.evaluated),
    "platforms": (gettext_lazy("STEM platforms"), lambda row: -row.platforms),
    "strategies": (gettext_lazy("Strategies"), lambda row: -row.strategies),
    "changed": (gettext_lazy("Last change"), lambda row: LONG_AGO - (row.changed or LONG_AGO)),
}


@require_safe
def list_countries(request: HttpRequest) -> HttpResponse:
    """Show every European country, and other countries with something on record."""
    catalogue = get_request_catalogue(request)
    asked = request.GET.get("sort", "name")
    sort = asked if asked in SORTS else "name"
    every = list_country_rows(catalogue)
    rows = sorted((row for row in every if row.belongs), key=SORTS[sort][1])
    numbers = {row.country.code: row.programmes for row in rows}
    context = {
        "rows": rows,
        "countries": [row.country for row in every],
        "sort": sort,
        "heads": [(name, words) for name, (words, _key) in SORTS.items()],
        "problems": [
            *list_unknown(request.GET.items(), ("sort",)),
            *([] if asked == sort else [describe_wrong_sort(asked)]),
        ],
        "without": [r.country for r in rows if r.country.is_european and not r.programmes],
        "beyond": [row.country for row in every if not row.belongs],
        "areas": maps.make_areas(numbers, {row.country.code: row.country.name for row in rows}),
        "steps": maps.make_steps(numbers.values()),
        **find_programmes_everywhere(catalogue),
    }
    reference = cite_fixed_page("countries", get_request_catalogue(request).moment)
    return render_citable(request, "pages/countries/countries.html", context, reference)


def describe_wrong_sort(asked: str) -> Problem:
    reason = _("is not one of {values}").format(values=", ".join(SORTS))
    return Problem("sort", asked, reason, tuple(SORTS))


def list_country_rows(catalogue: Catalogue) -> list[CountryRow]:
    """Return a row for every country, in the order of names."""
    return catalogue.make_once_in_this_state(
        list_country_rows, lambda: read_country_rows(catalogue)
    )


def read_country_rows(catalogue: Catalogue) -> list[CountryRow]:
    countries = Country.objects.annotate(
        platform_count=Count(
            "platforms", filter=Q(platforms__standing=Standing.PLATFORM), distinct=True
        ),
        strategy_count=Count("strategies", distinct=True),
    ).order_by("name")
    return [make_country_row(country, catalogue) for country in countries]


def make_country_row(country: Any, catalogue: Catalogue) -> CountryRow:
    """Return the row of a country; numbers of programmes come from the index, not from SQL."""
    index = catalogue.programmes
    found = index.find_with_value("country", [country.code])
    own = found & find_programmes(index) - find_shared(index)
    evaluated = index.find_with_value("evidence", [EvidenceStep.INDEPENDENT])
    latest = index.list_by_change(found, 0, 1)
    return CountryRow(
        country,
        programmes=len(own),
        shared=len(found & find_shared(index)),
        evaluated=len(own & evaluated),
        platforms=country.platform_count,
        strategies=country.strategy_count,
        changed=make_moment(index.entries[latest[0]].changed) if latest else None,
    )


def find_programmes_everywhere(catalogue: Catalogue) -> dict[str, Any]:
    """Return the first programmes whose sources name no country, and the number of all of them."""
    index = catalogue.programmes
    found = index.find_with_value("country", [NONE])
    ids = index.list_by_name([found], 0, MOST_SHOWN)
    return {"everywhere": list_published(ids), "everywhere_total": len(found)}

"""Reference views that the site is compared with, in the same process and middleware.

- `empty`: an answer without content, the least time that any page can take;
- `page`: the template of the programme list, with its context prepared, without SQL queries;
- `sql`: rows, total and seven facets as a good Django developer writes them without an index;
- `PlainList`: a plain list of the REST framework and django-filter, with total, without facets.
"""

from functools import lru_cache
from typing import Any
from unittest.mock import patch

import django_filters
from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.test import RequestFactory
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.generics import ListAPIView
from rest_framework.pagination import PageNumberPagination

from programmes.models import Programme
from stemobs.api.serializers import ProgrammeRowSerializer
from stemobs.pages import citable, programmes

PAGE_SIZE = 25
MOST_ORGANISATIONS = 10

# The lookup path of each of the seven facets. The site's API does not count start years, so all
# contenders count durations instead.
PATHS = {
    "country": "countries__code",
    "level": "levels__code",
    "kind": "kinds__slug",
    "organisation": "partnerships__organisation__slug",
    "status": "status",
    "funding": "funding__source_type",
    "duration": "duration",
}
# Facets whose value a programme can have twice, such as one organisation in two roles.
REPEATED = {"organisation", "funding"}


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


# --- The list's page without a query --------------------------------------------------------------


class Remembered:
    """A proxy of an object that reads each attribute once and then keeps its value."""

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.thing, name)
        setattr(self, name, value)
        return value


@lru_cache(maxsize=100)
def prepared(query: str) -> tuple[str, dict[str, Any]]:
    """Return template and context that the list's view would render, captured by calling it."""
    captured = []

    def capture(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        captured.append((template, {**context, "selection": Remembered(context["selection"])}))
        return HttpResponse()

    with patch.object(citable, "render", capture):
        programmes.list_programmes(RequestFactory().get(f"/programmes/?{query}"))
    return captured[0]


class QueryCount:
    """Counts SQL queries, as a wrapper for a connection's `execute_wrapper`."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self, execute: Any, *args: Any) -> Any:
        self.number += 1
        return execute(*args)


def page(request: HttpRequest) -> HttpResponse:
    """Render the list's page from its prepared context; X-Queries has the number of SQL queries."""
    template, context = prepared(request.META["QUERY_STRING"])
    count = QueryCount()
    with connection.execute_wrapper(count):
        response = render(request, template, context)
    response.headers["X-Queries"] = str(count.number)
    return response


# --- Rows and facets by SQL -----------------------------------------------------------------------


def values_of(data: QueryDict, name: str) -> list[str]:
    return [value for value in data.get(name, "").split(",") if value]


def conditions(data: QueryDict) -> dict[str, Q]:
    """Return the condition of each parameter that was given, by the parameter's name."""
    found = {name: having(name, values) for name in PATHS if (values := values_of(data, name))}
    if text := data.get("q"):
        found["q"] = containing(text)
    if year := data.get("running_in"):
        found["running_in"] = running_in(int(year))
    return found


def having(name: str, values: list[str]) -> Q:
    path = PATHS[name]
    condition = Q(**{f"{path}__in": values})
    if "__" not in path:
        return condition
    # A subquery, because a join would count a programme once for each value that it has.
    return Q(pk__in=Programme.objects.filter(condition).order_by().values("pk"))


def containing(text: str) -> Q:
    """Return the condition that name or summary has every word, or the phrase in quotes."""
    parts = [text.strip('"')] if text.startswith('"') else text.split()
    condition = Q()
    for part in parts:
        condition &= Q(name__icontains=part) | Q(summary__icontains=part)
    return condition


def running_in(year: int) -> Q:
    """Return the condition that a programme is known to have run in a year, as on the site."""
    started = Q(year_start__lte=year) | Q(year_start=None)
    goes_on = Q(year_end=None, status="active", status_as_of__gte=year)
    is_known = Q(year_start__isnull=False) | Q(year_end=year) | Q(status_as_of=year)
    return started & (Q(year_end__gte=year) | goes_on) & is_known


def narrowed(found: dict[str, Q], without: str = "") -> QuerySet[Programme]:
    rows = Programme.objects.published()
    for name, condition in found.items():
        if name != without:
            rows = rows.filter(condition)
    return rows


def counts(found: dict[str, Q], name: str) -> dict[str, int]:
    """Count a facet's values among the programmes that match all other parameters."""
    rows = narrowed(found, without=name).order_by().values_list(PATHS[name])
    counted = rows.annotate(number=Count("pk", distinct=name in REPEATED)).order_by("-number")
    return dict(counted[:MOST_ORGANISATIONS] if name == "organisation" else counted)


def with_rows_parts(rows: QuerySet[Programme]) -> QuerySet[Programme]:
    """Load everything that the serializer of rows shows, in a fixed number of queries."""
    return rows.for_cards().prefetch_related("reach__source", "factors", "audiences")


def sql(request: HttpRequest) -> HttpResponse:
    """Answer with total, 25 rows and seven facets, all by Django querysets."""
    found = conditions(request.GET)
    rows = narrowed(found)
    some = with_rows_parts(rows)[:PAGE_SIZE]
    return JsonResponse(
        {
            "count": rows.count(),
            "results": ProgrammeRowSerializer(some, many=True).data,
            "facets": {name: counts(found, name) for name in PATHS},
        }
    )


# --- A plain list of the REST framework -----------------------------------------------------------


class Values(django_filters.BaseInFilter, django_filters.CharFilter):
    """A filter for values that are separated by commas."""


class PlainFilter(django_filters.FilterSet):
    """The site's parameters, written in django-filter's ordinary way."""

    country = Values(field_name=PATHS["country"], lookup_expr="in", distinct=True)
    level = Values(field_name=PATHS["level"], lookup_expr="in", distinct=True)
    kind = Values(field_name=PATHS["kind"], lookup_expr="in", distinct=True)
    organisation = Values(field_name=PATHS["organisation"], lookup_expr="in", distinct=True)
    funding = Values(field_name=PATHS["funding"], lookup_expr="in", distinct=True)
    status = Values(field_name="status", lookup_expr="in")
    duration = Values(field_name="duration", lookup_expr="in")
    q = django_filters.CharFilter(method="filter_text")
    running_in = django_filters.NumberFilter(method="filter_running")

    def filter_text(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        return rows.filter(containing(text))

    def filter_running(self, rows: QuerySet, name: str, year: Any) -> QuerySet:
        return rows.filter(running_in(int(year)))


class Pages(PageNumberPagination):
    """The REST framework's own pagination, with 25 rows a page."""

    page_size = PAGE_SIZE


class PlainList(ListAPIView):
    """A list view as in the REST framework's tutorial: without index and facets."""

    queryset = with_rows_parts(Programme.objects.published())
    serializer_class = ProgrammeRowSerializer
    filter_backends = (DjangoFilterBackend,)
    filterset_class = PlainFilter
    pagination_class = Pages

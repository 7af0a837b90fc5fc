"""How the public asks for programmes: the selection, the same for pages, API and all the rest."""

from collections import OrderedDict
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from programmes.facets import FACETS, ORGANISATION, ROLE, Facet
from programmes.index import search
from programmes.models import EvidenceStep, Programme, ProgrammeQuerySet
from programmes.selection import (
    FacetFilter,
    MomentFilter,
    OptionFilter,
    OrganisationFilter,
    SearchFilter,
    SelectionFilter,
    YearFilter,
)
from programmes.text import fold

SORTS = {
    "relevance": _("Best match"),
    "name": _("Name"),
    "newest": _("Newest start"),
    "oldest": _("Oldest start"),
    "evidence": _("Strongest evidence"),
    "updated": _("Last changed"),
}
EVIDENCE_RANK = {step: rank for rank, step in enumerate(EvidenceStep.values)}
NAME_PATHS = ("name", "short_name", "names__name")
TEXT_PATHS = (
    "summary",
    "description",
    "objectives",
    "activities",
    "impact",
    "reach_text",
    "funding_text",
    "key_statement",
    "region",
    "countries__name",
    "kinds__name",
    "audiences__name",
    "partnerships__organisation__name",
    "partnerships__organisation__names__name",
)


class ProgrammeFilter(SelectionFilter):
    """The selection of programmes, with the parameters of the public contract, in its order."""

    q = SearchFilter(label=_("Search"), method="filter_search")
    running_in = YearFilter(label=_("Running in"), method="filter_running")
    started_from = YearFilter("year_start", "gte", label=_("Started in or after"))
    started_to = YearFilter("year_start", "lte", label=_("Started in or before"))
    updated_since = MomentFilter("changed_at", "gte", label=_("Changed since"))
    sort = OptionFilter(label=_("Sort by"), options=SORTS, method="leave")

    sort_columns = ("name", "slug", "year_start", "changed_at", "evidence")
    base_order = (
        "q", *FACETS, "running_in", "started_from", "started_to", "updated_since",
        "sort", "page", "page_size",
    )  # fmt: skip

    @classmethod
    def get_filters(cls) -> OrderedDict[str, django_filters.Filter]:
        filters = {**super().get_filters()}
        for name, facet in FACETS.items():
            kind = OrganisationFilter if facet is ORGANISATION else FacetFilter
            filters[name] = kind(facet)
        return OrderedDict((name, filters[name]) for name in cls.base_order)

    @cached_property
    def found(self) -> dict[int, int]:
        """Return the ids that the search finds, each with its tier."""
        return search(self.searched, self.rows, NAME_PATHS, TEXT_PATHS)

    @property
    def sorts(self) -> dict[str, Any]:
        """Return the orders to choose from: best match only where something was searched."""
        return {
            name: label for name, label in SORTS.items() if self.searched or name != "relevance"
        }

    @property
    def order(self) -> str:
        """Return the order in force: best match with a search, else strongest evidence."""
        chosen = self.values["sort"]
        if chosen == "relevance" and not self.searched:
            chosen = None
        return chosen or ("relevance" if self.searched else "evidence")

    def narrowed(self, without: str = "") -> QuerySet:
        """Narrow; an organisation and a role must be those of one and the same partnership."""
        roles = self.values["role"]
        organisations = self.values["organisation"] if without != "organisation" else []
        if not (roles and organisations) or without == "role":
            return super().narrowed(without)
        both = Programme.objects.filter(
            ORGANISATION.condition(organisations), ROLE.condition(roles)
        ).order_by()
        return super().narrowed(without).filter(pk__in=both.values("pk"))

    def with_sort_columns(self, rows: QuerySet) -> QuerySet:
        programmes: ProgrammeQuerySet = super().with_sort_columns(rows)  # type: ignore[assignment]
        return programmes.with_evidence()

    def sort_key(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return what a programme is sorted by: unknown years last, ties by name."""
        by_name = (fold(row["name"]), row["slug"])
        year = row["year_start"]
        newest_first = (year is None, -(year or 0), *by_name)
        match self.order:
            case "relevance":
                return (self.found[row["pk"]], *newest_first)
            case "newest":
                return newest_first
            case "oldest":
                return (year is None, year or 0, *by_name)
            case "updated":
                return (-row["changed_at"].timestamp(), *by_name)
            case "evidence":
                return (EVIDENCE_RANK[row["evidence"]], *by_name)
        return by_name

    def counts(self, facet: Facet) -> dict[str, int]:
        """Return how many programmes each value would give with everything else as it is."""
        among = self.narrowed(without=facet.parameter)
        # An organisation and its role belong to one partnership, so each is counted in the other's.
        other = {ROLE: ORGANISATION, ORGANISATION: ROLE}.get(facet)
        chosen = self.values[other.parameter] if other else []
        return facet.counts(among, other.condition(chosen) if other and chosen else None)

    def filter_running(self, queryset: QuerySet, name: str, value: int) -> QuerySet:
        """Keep what is known to have run that year: an unknown end is not “until today”."""
        started = Q(year_start__lte=value) | Q(year_start=None)
        still_running = Q(year_end__gte=value) | Q(
            year_end=None, status=Programme.Status.ACTIVE, status_as_of__gte=value
        )
        only_year_known = Q(year_start=None) & ~Q(year_end=value) & ~Q(status_as_of=value)
        return queryset.filter(started & still_running).exclude(only_year_known)

    def texts(self, name: str, value: Any) -> list[str]:
        default = "relevance" if self.searched else "evidence"
        return [] if name == "sort" and self.order == default else super().texts(name, value)

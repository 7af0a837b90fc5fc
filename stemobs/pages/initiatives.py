"""Shared by the pages of platforms and of strategies: their timeline and their statements."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Manager

from partnerships.models import NationalPlatform, Statement, Strategy
from programmes.models import list_figures
from stemobs.insights.timelines import Span, Timeline, make_timeline, span_of_initiative

Initiative = NationalPlatform | Strategy


def draw_initiatives(rows: Iterable[Initiative]) -> dict[str, Any]:
    """Return the timeline of platforms or strategies, and how many have no recorded start."""
    spans = [make_initiative_span(row) for row in rows]
    return {"timeline": draw_spans(spans), "undated": spans.count(None)}


def make_initiative_span(row: Initiative, *, is_strategy: bool = False) -> Span | None:
    """Return the span of a platform or strategy; None without a start year.

    Its countries must be prefetched.
    """
    return span_of_initiative(row, name_place(row), is_strategy=is_strategy)


def name_place(row: Initiative) -> str:
    """Return the region of a platform or strategy, else its countries, else its level."""
    countries = [country.name for country in row.countries.all()]
    return row.region or ", ".join(countries) or str(row.get_level_display())


def draw_spans(spans: Iterable[Span | None]) -> Timeline:
    """Return a timeline of the spans that are not None, the earliest first."""
    return make_timeline(sorted(filter(None, spans), key=lambda span: (span.start, span.name)))


def group_statements(rows: Manager[Statement]) -> dict[str, list[Statement]]:
    """Return the statements of sources that stand by kind, in the order of the list of kinds."""
    by_kind: dict[str, list[Statement]] = {kind: [] for kind in Statement.Kind.values}
    for statement in list_figures(rows.select_related("source")):
        by_kind[statement.kind].append(statement)
    return by_kind

"""What the pages of platforms and of strategies share: when they ran, and what is said of them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Manager

from partnerships.models import NationalPlatform, Statement, Strategy
from stemobs.insights.timelines import Span, Timeline, make_timeline, span_of_initiative

Initiative = NationalPlatform | Strategy


def draw_initiatives(rows: Iterable[Initiative]) -> dict[str, Any]:
    """Return when they ran, and of how many no start is recorded."""
    spans = [make_initiative_span(row) for row in rows]
    return {"timeline": draw_spans(spans), "undated": spans.count(None)}


def make_initiative_span(row: Initiative, *, is_strategy: bool = False) -> Span | None:
    """Return when a platform or strategy ran, with its countries loaded; None without a start."""
    countries = [country.name for country in row.countries.all()]
    place = row.region or ", ".join(countries) or str(row.get_level_display())
    return span_of_initiative(row, place, is_strategy=is_strategy)


def draw_spans(spans: Iterable[Span | None]) -> Timeline:
    """Return the spans that there are on one axis, the earliest first."""
    return make_timeline(sorted(filter(None, spans), key=lambda span: (span.start, span.name)))


def group_statements(rows: Manager[Statement]) -> dict[str, list[Statement]]:
    """Return what sources say, by kind, in the order of the list of kinds."""
    by_kind: dict[str, list[Statement]] = {kind: [] for kind in Statement.Kind.values}
    for statement in rows.select_related("source"):
        by_kind[statement.kind].append(statement)
    return by_kind

"""The pages about STEM platforms and strategies."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from django.db.models import Manager, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from partnerships.models import Lineage, NationalPlatform, Statement, Strategy
from programmes.models import Programme
from stemobs.entries.entry import NumberedSources
from stemobs.insights.timelines import Span, Timeline, span_of, span_of_initiative, timeline

Initiative = NationalPlatform | Strategy
# What may stand at an end of lineage and has years to be drawn.
ENDS = ("from_programme", "from_strategy", "to_programme", "to_strategy")


@require_safe
def platform_list(request: HttpRequest) -> HttpResponse:
    """The national, regional and European STEM platforms."""
    platforms = NationalPlatform.objects.select_related("organisation")
    platforms = platforms.prefetch_related("countries")
    context = {"platforms": platforms, **in_time(platforms)}
    return render(request, "pages/platforms/platforms.html", context)


@require_safe
def platform_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A platform: mandate, programmes, strategies, and what sources say."""
    countries = Strategy.objects.prefetch_related("countries")
    platforms = NationalPlatform.objects.select_related("organisation")
    platform = get_object_or_404(
        platforms.prefetch_related("countries", Prefetch("strategies", countries)), slug=slug
    )
    programmes = platform.programmes.published().with_evidence().prefetch_related("countries")
    said = statements(platform.statements)
    lineage = platform.lineage_in.public().with_ends()
    strategies = [ran(strategy, is_strategy=True) for strategy in platform.strategies.all()]
    context = {
        "platform": platform,
        "programmes": programmes,
        "timeline": drawn([*map(span_of, programmes), *strategies]),
        "statements": said,
        "lineage": lineage,
        "sources": NumberedSources([*chain.from_iterable(said.values()), *lineage]),
        "guide_items": platform.guide_items.select_related("guide"),
    }
    return render(request, "pages/platform/platform.html", context)


@require_safe
def strategy_list(request: HttpRequest) -> HttpResponse:
    """The strategies, pacts and action plans."""
    strategies = Strategy.objects.prefetch_related("countries")
    context = {"strategies": strategies, **in_time(strategies)}
    return render(request, "pages/strategies/strategies.html", context)


@require_safe
def strategy_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A strategy: targets, budgets, evaluation, who owns it, and what came of it."""
    strategy = get_object_or_404(
        Strategy.objects.select_related("implementing_body", "programme"), slug=slug
    )
    ends = Q(from_strategy=strategy) | Q(to_strategy=strategy)
    said = statements(strategy.statements)
    related = (f"{end}__countries" for end in ENDS)
    lineage = Lineage.objects.filter(ends).public().with_ends().prefetch_related(*related)
    context = {
        "strategy": strategy,
        "timeline": around(strategy, lineage),
        "statements": said,
        "lineage": lineage,
        "sources": NumberedSources([*chain.from_iterable(said.values()), *lineage]),
        "platforms": strategy.platforms.all(),
        "guide_items": strategy.guide_items.select_related("guide"),
    }
    return render(request, "pages/strategy/strategy.html", context)


def around(strategy: Strategy, lineage: Iterable[Lineage]) -> Timeline:
    """Return when a strategy and what it is related to ran; nothing where that is only itself."""
    things = {strategy, *(getattr(row, end) for row in lineage for end in ENDS)} - {None}
    # Only beside programmes have strategies to be told apart.
    is_mixed = any(isinstance(thing, Programme) for thing in things)
    spans = [
        span_of(thing) if isinstance(thing, Programme) else ran(thing, is_strategy=is_mixed)
        for thing in things
    ]
    return drawn(spans if sum(span is not None for span in spans) > 1 else [])


def in_time(rows: Iterable[Initiative]) -> dict[str, Any]:
    """Return when they ran, and of how many no start is recorded."""
    spans = [ran(row) for row in rows]
    return {"timeline": drawn(spans), "undated": spans.count(None)}


def ran(row: Initiative, *, is_strategy: bool = False) -> Span | None:
    """Return when a platform or strategy ran, with its countries loaded; None without a start."""
    countries = [country.name for country in row.countries.all()]
    place = row.region or ", ".join(countries) or str(row.get_level_display())
    return span_of_initiative(row, place, is_strategy=is_strategy)


def drawn(spans: Iterable[Span | None]) -> Timeline:
    """Return the spans that there are on one axis, the earliest first."""
    return timeline(sorted(filter(None, spans), key=lambda span: (span.start, span.name)))


def statements(rows: Manager[Statement]) -> dict[str, list[Statement]]:
    """Return what sources say, by kind, in the order of the list of kinds."""
    by_kind: dict[str, list[Statement]] = {kind: [] for kind in Statement.Kind.values}
    for statement in rows.select_related("source"):
        by_kind[statement.kind].append(statement)
    return by_kind

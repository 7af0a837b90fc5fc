"""The page of one national strategy."""

from collections.abc import Iterable
from itertools import chain

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from partnerships.models import Lineage, Strategy
from programmes.models import Programme
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.entries.entry import NumberedSources, list_with_earlier
from stemobs.exports.citations import cite_thing
from stemobs.insights.timelines import Timeline, make_span
from stemobs.pages.citable import render_citable
from stemobs.pages.initiatives import draw_spans, group_statements, make_initiative_span

# The fields of a lineage row that can lead to something with years to draw on a timeline.
ENDS = ("from_programme", "from_strategy", "to_programme", "to_strategy")


@require_safe
def show_strategy(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a strategy: targets, budgets, evaluation, owners, lineage and a timeline."""
    strategy = get_object_or_404(
        Strategy.objects.select_related("implementing_body", "programme"), slug=slug
    )
    ends = Q(from_strategy=strategy) | Q(to_strategy=strategy)
    said = group_statements(strategy.statements)
    related = (f"{end}__countries" for end in ENDS)
    lineage = Lineage.objects.filter(ends).public().with_ends().prefetch_related(*related)
    context = {
        "strategy": strategy,
        "timeline": draw_surroundings(strategy, lineage),
        "statements": said,
        "lineage": lineage,
        "sources": NumberedSources([*list_with_earlier(chain(*said.values())), *lineage]),
        "platforms": strategy.platforms.all(),
        "guide_items": strategy.guide_items.select_related("guide"),
    }
    reference = cite_thing("strategy", strategy, get_request_catalogue(request).moment)
    return render_citable(request, "pages/strategy/strategy.html", context, reference)


def draw_surroundings(strategy: Strategy, lineage: Iterable[Lineage]) -> Timeline:
    """Return a timeline of a strategy with the programmes and strategies of its lineage.

    The timeline is empty unless at least two of them have a start year.
    """
    things = {strategy, *(getattr(row, end) for row in lineage for end in ENDS)} - {None}
    # Strategies are marked on the timeline only if it shows programmes as well.
    is_mixed = any(isinstance(thing, Programme) for thing in things)
    spans = [
        make_span(thing)
        if isinstance(thing, Programme)
        else make_initiative_span(thing, is_strategy=is_mixed)
        for thing in things
    ]
    return draw_spans(spans if sum(span is not None for span in spans) > 1 else [])

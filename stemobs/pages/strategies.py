"""The list of national strategies."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from partnerships.models import Strategy
from stemobs.pages.initiatives import draw_initiatives


@require_safe
def list_strategies(request: HttpRequest) -> HttpResponse:
    """Show all strategies, pacts and action plans, with a timeline."""
    strategies = Strategy.objects.prefetch_related("countries")
    context = {"strategies": strategies, **draw_initiatives(strategies)}
    return render(request, "pages/strategies/strategies.html", context)

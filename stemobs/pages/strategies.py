"""The list of national strategies."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from partnerships.models import Strategy
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.exports.citations import cite_fixed_page
from stemobs.pages.citable import render_citable
from stemobs.pages.initiatives import draw_initiatives


@require_safe
def list_strategies(request: HttpRequest) -> HttpResponse:
    """Show all strategies, pacts and action plans, with a timeline."""
    strategies = Strategy.objects.prefetch_related("countries")
    context = {"strategies": strategies, **draw_initiatives(strategies)}
    reference = cite_fixed_page("strategies", get_request_catalogue(request).moment)
    return render_citable(request, "pages/strategies/strategies.html", context, reference)

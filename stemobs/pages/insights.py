"""The page with all insights about the catalogue as a whole."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from stemobs.catalogue.counting import tally_records
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.exports.citations import cite_fixed_page
from stemobs.insights.insights import get_insights
from stemobs.pages.citable import render_citable
from stemobs.pages.insight import read_facet


@require_safe
def list_insights(request: HttpRequest) -> HttpResponse:
    """Show all insights on one page."""
    by, problems = read_facet(request)
    catalogue = get_request_catalogue(request)
    context = {
        "insights": get_insights(catalogue, by),
        "problems": problems,
        "total": len(catalogue.programmes),
        "tally": tally_records(catalogue.programmes, catalogue.programmes.everything),
        "moment": catalogue.moment.changed_at,
    }
    reference = cite_fixed_page("insights", get_request_catalogue(request).moment)
    return render_citable(request, "pages/insights/insights.html", context, reference)

"""The list of guides."""

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from partnerships.models import Guide
from stemobs.catalogue.requests import get_request_catalogue
from stemobs.exports.citations import cite_fixed_page
from stemobs.pages.citable import render_citable


@require_safe
def list_guides(request: HttpRequest) -> HttpResponse:
    """Show all guides, grouped by the task they help with."""
    guides = sorted(Guide.objects.all(), key=lambda guide: Guide.Group.values.index(guide.group))
    groups = [
        (Guide.Group(group), list(rows)) for group, rows in groupby(guides, lambda row: row.group)
    ]
    reference = cite_fixed_page("guides", get_request_catalogue(request).moment)
    return render_citable(
        request, "pages/guides/guides.html", {"groups": groups, "guides": guides}, reference
    )

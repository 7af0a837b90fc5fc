"""The list of guides."""

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from partnerships.models import Guide
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.exports.citations import cite_fixed_page
from stemobs.pages.citable import render_citable
from stemobs.pages.start import STARTERS


@require_safe
def list_guides(request: HttpRequest) -> HttpResponse:
    """Show the first steps, then all guides by the task they help with; the archive comes last."""
    guides = sorted(Guide.objects.all(), key=place_guide)
    groups = [
        (Guide.Group(group), list(rows)) for group, rows in groupby(guides, lambda row: row.group)
    ]
    context = {"groups": groups, "guides": guides, "starters": STARTERS.values()}
    reference = cite_fixed_page("guides", get_request_catalogue(request).moment)
    return render_citable(request, "pages/guides/guides.html", context, reference)


def place_guide(guide: Guide) -> tuple[bool, int]:
    return guide.is_archived, Guide.Group.values.index(guide.group)

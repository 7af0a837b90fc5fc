"""The list of national platforms."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from partnerships.models import NationalPlatform
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.exports.citations import cite_fixed_page
from stemobs.pages.citable import render_citable
from stemobs.pages.initiatives import draw_initiatives


@require_safe
def list_platforms(request: HttpRequest) -> HttpResponse:
    """Show STEM platforms with a timeline, and apart from them what only resembles one."""
    rows = NationalPlatform.objects.prefetch_related("countries")
    acting = [row for row in rows if row.is_acting]
    context = {
        "platforms": list(rows),
        "acting": acting,
        "others": [row for row in rows if not row.is_acting],
        **draw_initiatives(acting),
    }
    reference = cite_fixed_page("platforms", get_request_catalogue(request).moment)
    return render_citable(request, "pages/platforms/platforms.html", context, reference)

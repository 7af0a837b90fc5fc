"""The list of national platforms."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from partnerships.models import NationalPlatform
from stemobs.catalogue.requests import get_request_catalogue
from stemobs.exports.citations import cite_fixed_page
from stemobs.pages.citable import render_citable
from stemobs.pages.initiatives import draw_initiatives


@require_safe
def list_platforms(request: HttpRequest) -> HttpResponse:
    """Show all national, regional and European STEM platforms, with a timeline."""
    platforms = NationalPlatform.objects.select_related("organisation")
    platforms = platforms.prefetch_related("countries")
    context = {"platforms": platforms, **draw_initiatives(platforms)}
    reference = cite_fixed_page("platforms", get_request_catalogue(request).moment)
    return render_citable(request, "pages/platforms/platforms.html", context, reference)

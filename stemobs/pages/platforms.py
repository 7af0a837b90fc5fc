"""The list of national platforms."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from partnerships.models import NationalPlatform
from stemobs.pages.initiatives import draw_initiatives


@require_safe
def list_platforms(request: HttpRequest) -> HttpResponse:
    """Show all national, regional and European STEM platforms, with a timeline."""
    platforms = NationalPlatform.objects.select_related("organisation")
    platforms = platforms.prefetch_related("countries")
    context = {"platforms": platforms, **draw_initiatives(platforms)}
    return render(request, "pages/platforms/platforms.html", context)

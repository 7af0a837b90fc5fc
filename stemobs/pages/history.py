"""The page that tells what changed in the record of a programme, and when."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from programmes.models import Programme
from stemobs.entries.history.steps import tell_past
from stemobs.pages.redirects import find_programme

TEMPLATE = "pages/history/history.html"


@require_safe
def show_history(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the steps of a record since readers could first see it; drafts have none."""
    programme = find_programme(request, slug, Programme.objects.all(), build_history_address)
    if isinstance(programme, HttpResponse):
        return programme
    return render(request, TEMPLATE, {"programme": programme, "past": tell_past(programme)})


def build_history_address(programme: Programme) -> str:
    return reverse("programme-history", args=[programme.slug])

"""Citations as files for reference managers: of programmes, selections, comparisons, figures."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from programmes.models import Programme
from stemobs.catalogue.requests import get_request_catalogue
from stemobs.entries.comparison import PARAMETER
from stemobs.exports.citations import (
    FORMATS,
    Reference,
    cite_insight,
    cite_programme,
    cite_selection,
)
from stemobs.pages.compare import AskedComparison
from stemobs.pages.insight import find_insight
from stemobs.pages.places import find_programme
from stemobs.selection.parameters import make_refusal, refuse_parameters
from stemobs.selection.programmes import WholeFilter


@require_safe
def send_selection_citation(request: HttpRequest, ending: str) -> HttpResponse:
    """The selection as one reference."""
    selection = WholeFilter.strict(request.GET, get_request_catalogue(request))
    return send_citation(cite_selection(selection), "programmes", ending)


@require_safe
def send_programme_citation(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """One programme as a reference; old addresses redirect, drafts hide, what is gone says so."""
    refuse_parameters(request.GET)
    programme = find_programme(
        request, slug, Programme.objects.all(), partial(build_citation_url, ending=ending)
    )
    if isinstance(programme, HttpResponse):
        return programme
    reference = cite_programme(programme, get_request_catalogue(request).moment)
    return send_citation(reference, programme.slug, ending)


@require_safe
def send_comparison_citation(request: HttpRequest, ending: str) -> HttpResponse:
    """A comparison as one reference."""
    asked = AskedComparison(request.GET)
    if asked.problems or not asked.is_comparison:
        raise make_refusal([problem.parameter for problem in asked.problems] or [PARAMETER])
    return send_citation(
        asked.reference(get_request_catalogue(request).moment), "comparison", ending
    )


@require_safe
def send_insight_citation(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """A figure as a reference, by its finding."""
    moment = get_request_catalogue(request).moment
    return send_citation(cite_insight(find_insight(request, slug), moment), slug, ending)


def build_citation_url(programme: Programme, ending: str) -> str:
    return reverse("programme-citation", args=[programme.slug, ending])


def send_citation(reference: Reference, name: str, ending: str) -> HttpResponse:
    """Answer with a reference as a file to save."""
    form = FORMATS[ending]
    response = HttpResponse(form.write(reference), content_type=form.content_type)
    file_name = f"stem-observatory-{name}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response

"""Citations as files for reference managers: of programmes, selections, comparisons, figures."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from programmes.models import Programme
from stemobs.catalogue.requests import catalogue_of
from stemobs.entries.comparison import PARAMETER
from stemobs.exports.citations import FORMATS, Reference, of_figure, of_programme, of_selection
from stemobs.pages.compare import Asked
from stemobs.pages.insights import one
from stemobs.pages.places import programme_at
from stemobs.selection.parameters import refusal, refuse_parameters
from stemobs.selection.programmes import WholeFilter


@require_safe
def selection_citation(request: HttpRequest, ending: str) -> HttpResponse:
    """The selection as one reference."""
    selection = WholeFilter.strict(request.GET, catalogue_of(request))
    return file_of(of_selection(selection), "programmes", ending)


@require_safe
def programme_citation(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """One programme as a reference; old addresses redirect, drafts hide, what is gone says so."""
    refuse_parameters(request.GET)
    programme = programme_at(
        request, slug, Programme.objects.all(), partial(citation_address, ending=ending)
    )
    if isinstance(programme, HttpResponse):
        return programme
    reference = of_programme(programme, catalogue_of(request).moment)
    return file_of(reference, programme.slug, ending)


@require_safe
def comparison_citation(request: HttpRequest, ending: str) -> HttpResponse:
    """A comparison as one reference."""
    asked = Asked(request.GET)
    if asked.problems or not asked.is_comparison:
        raise refusal([problem.parameter for problem in asked.problems] or [PARAMETER])
    return file_of(asked.reference(catalogue_of(request).moment), "comparison", ending)


@require_safe
def figure_citation(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """A figure as a reference, by its finding."""
    moment = catalogue_of(request).moment
    return file_of(of_figure(one(request, slug), moment), slug, ending)


def citation_address(programme: Programme, ending: str) -> str:
    return reverse("programme-citation", args=[programme.slug, ending])


def file_of(reference: Reference, name: str, ending: str) -> HttpResponse:
    """Answer with a reference as a file to save."""
    form = FORMATS[ending]
    response = HttpResponse(form.write(reference), content_type=form.content_type)
    file_name = f"stem-observatory-{name}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response

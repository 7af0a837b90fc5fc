"""Citations as files for reference managers: of programmes, selections, comparisons, figures."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from programmes.catalogue import catalogue_of
from programmes.citing import FORMATS, Reference, of_figure, of_programme, of_selection
from programmes.comparison import PARAMETER
from programmes.filters import WholeFilter
from programmes.models import FormerSlug, Programme
from programmes.parameters import refusal
from programmes.views.comparisons import Asked
from programmes.views.insights import one
from programmes.views.programmes import withdrawn


@require_safe
def selection_citation(request: HttpRequest, ending: str) -> HttpResponse:
    """The selection as one reference."""
    selection = WholeFilter.strict(request.GET, catalogue_of(request))
    return file_of(of_selection(selection), "programmes", ending)


@require_safe
def programme_citation(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """One programme as a reference; old addresses redirect, drafts hide, what is gone says so."""
    if request.GET:
        raise refusal(request.GET)
    programme = Programme.objects.select_related("merged_into").filter(slug=slug).first()
    if programme is None:
        return moved(get_object_or_404(FormerSlug, slug=slug).programme, ending)
    if programme.state == Programme.State.WITHDRAWN:
        successor = programme.successor
        return moved(successor, ending) if successor else withdrawn(request, programme)
    if not programme.is_public:
        raise Http404
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


def moved(programme: Programme, ending: str) -> HttpResponse:
    """Lead to the same file of another slug; a draft has none."""
    if programme.state in (Programme.State.DRAFT, Programme.State.REVIEW):
        raise Http404
    return redirect("programme-citation", programme.slug, ending, permanent=True)


def file_of(reference: Reference, name: str, ending: str) -> HttpResponse:
    """Answer with a reference as a file to save."""
    form = FORMATS[ending]
    response = HttpResponse(form.write(reference), content_type=form.content_type)
    file_name = f"stem-observatory-{name}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response

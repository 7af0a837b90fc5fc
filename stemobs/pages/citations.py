"""Views that send a citation as a file (BibTeX, RIS …) for reference managers.

They cite a programme, a selection of programmes, a comparison or a figure of the insights.
"""

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
from stemobs.pages.redirects import find_programme
from stemobs.selection.parameters import make_refusal, refuse_parameters
from stemobs.selection.programmes import WholeFilter


@require_safe
def send_selection_citation(request: HttpRequest, ending: str) -> HttpResponse:
    """Send a citation of the list of programmes that the query selects."""
    selection = WholeFilter.strict(request.GET, get_request_catalogue(request))
    return send_citation(cite_selection(selection), "programmes", ending)


@require_safe
def send_programme_citation(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """Send a citation of one programme.

    Former slugs redirect, drafts answer 404 and withdrawn programmes answer 410.
    """
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
    """Send a citation of a comparison; raise BadRequest if the query does not make one."""
    asked = AskedComparison.strict(request.GET)
    if not asked.is_comparison:
        raise make_refusal([PARAMETER])
    return send_citation(
        asked.reference(get_request_catalogue(request).moment), "comparison", ending
    )


@require_safe
def send_insight_citation(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """Send a citation of one figure of the insights; its title is the finding of the figure."""
    moment = get_request_catalogue(request).moment
    return send_citation(cite_insight(find_insight(request, slug), moment), slug, ending)


def build_citation_url(programme: Programme, ending: str) -> str:
    return reverse("programme-citation", args=[programme.slug, ending])


def send_citation(reference: Reference, name: str, ending: str) -> HttpResponse:
    """Return a response that browsers save as a file, in the format that `ending` names."""
    form = FORMATS[ending]
    response = HttpResponse(form.write(reference), content_type=form.content_type)
    file_name = f"stem-observatory-{name}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response

"""Views that send a citation of a page as a file (BibTeX, RIS …) for reference managers.

The link set of a page, which names these files and its data, is sent in the same way.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from partnerships.models import Guide, NationalPlatform, Strategy
from programmes.models import Country, Programme
from stemobs.addresses import build_location, redirect_for_good
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.entries.comparison import PARAMETER
from stemobs.exports.citations import (
    FORMATS,
    LINKSET,
    CitationFormat,
    Reference,
    cite_fixed_page,
    cite_insight,
    cite_organisations,
    cite_programme,
    cite_selection,
    cite_thing,
)
from stemobs.exports.signposts import LINKSET_TYPE, write_linkset
from stemobs.pages.compare import AskedComparison
from stemobs.pages.insight import find_insight
from stemobs.pages.organisation import find_organisation
from stemobs.pages.redirects import find_programme
from stemobs.selection.facets import normalise_country_code
from stemobs.selection.organisations import OrganisationFilter
from stemobs.selection.parameters import make_refusal, refuse_parameters
from stemobs.selection.programmes import WholeFilter

ENDINGS: Mapping[str, CitationFormat] = {
    **FORMATS,
    LINKSET: CitationFormat("Linkset", LINKSET_TYPE, write_linkset),
}


def find_country(code: str) -> Country:
    return get_object_or_404(Country, code=normalise_country_code(code))


# How the thing is found that a page is about, by the name of the page's URL pattern.
FINDERS: Mapping[str, Callable[[str], Any]] = {
    "organisation": find_organisation,
    "platform": lambda slug: get_object_or_404(NationalPlatform, slug=slug),
    "strategy": lambda slug: get_object_or_404(Strategy, slug=slug),
    "guide": lambda slug: get_object_or_404(Guide, slug=slug),
    "country": find_country,
}


@require_safe
def send_page_citation(request: HttpRequest, name: str, ending: str) -> HttpResponse:
    """Send a citation of a page that is about no single thing; `name` is its URL pattern's."""
    refuse_parameters(request.GET)
    moment = get_request_catalogue(request).moment
    return send_citation(cite_fixed_page(name, moment), name, ending)


@require_safe
def send_thing_citation(request: HttpRequest, name: str, slug: str, ending: str) -> HttpResponse:
    """Send a citation of the page of one organisation, platform, strategy, guide or country.

    Another name of an organisation, or another code of a country, redirects.
    """
    refuse_parameters(request.GET)
    thing = FINDERS[name](slug)
    own = thing.code.lower() if isinstance(thing, Country) else thing.slug
    if own != slug:
        return redirect_for_good(
            build_location(request, reverse(f"{name}-citation", args=[own, ending]))
        )
    moment = get_request_catalogue(request).moment
    return send_citation(cite_thing(name, thing, moment), slug, ending)


@require_safe
def send_organisations_citation(request: HttpRequest, ending: str) -> HttpResponse:
    """Send a citation of the list of organisations that the query selects."""
    selection = OrganisationFilter.strict(request.GET, get_request_catalogue(request))
    return send_citation(cite_organisations(selection), "organisations", ending)


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
    form = ENDINGS[ending]
    response = HttpResponse(form.write(reference), content_type=form.content_type)
    file_name = f"stem-observatory-{name}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response

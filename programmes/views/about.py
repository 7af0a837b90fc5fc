"""The pages about the catalogue itself."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from programmes.catalogue import catalogue_of
from programmes.facets import COUNTRY, EVIDENCE, FACETS
from programmes.filters import ProgrammeFilter
from programmes.index import NONE
from programmes.models import EvidenceStep, Source

# What the catalogue does not know, in words, and where the index has it.
GAPS = (
    (_("no start year"), "year_start", NONE),
    (_("no education level"), "level", NONE),
    (_("no reach figure"), "gap", "reach"),
    (_("no word on funding"), "funding", NONE),
    (_("no evaluation"), "evidence", EvidenceStep.NONE),
    (_("never verified by a curator"), "gap", "verified_on"),
)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Method, sources, coverage and bias in numbers, licence."""
    everything = ProgrammeFilter(QueryDict(), catalogue_of(request))
    context = {
        "total": len(everything.index),
        "sources": Source.objects.count(),
        "evidence": everything.panel(EVIDENCE),
        "countries": everything.panel(COUNTRY),
        "gaps": [
            (words, len(everything.index.having(facet, [value]))) for words, facet, value in GAPS
        ],
    }
    return render(request, "programmes/about.html", context)


@require_safe
def about_data(request: HttpRequest) -> HttpResponse:
    """How to use the data: licence, API, parameters."""
    catalogue = catalogue_of(request)
    values = [(facet, {} if facet.limit else facet.labels(catalogue)) for facet in FACETS.values()]
    return render(request, "programmes/about_data.html", {"facets": values})

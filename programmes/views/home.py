"""The home page."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from partnerships.models import Guide
from programmes.cards import cards
from programmes.catalogue import catalogue_of
from programmes.facets import COUNTRY, EVIDENCE, FACTOR, KIND, LEVEL
from programmes.filters import ProgrammeFilter
from programmes.index import NONE
from programmes.models import CareerFactor, EvidenceStep, Source

MOST_HIGHLIGHTED = 100


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the catalogue is, ways in, and what it holds and lacks today."""
    everything = ProgrammeFilter(QueryDict(), catalogue_of(request))
    catalogue, index = everything.catalogue, everything.index
    evidence = everything.counts(EVIDENCE)
    by_factor = everything.counts(FACTOR)
    highlighted = index.in_order_of_names(
        [index.having("highlighted", ["yes"])], 0, MOST_HIGHLIGHTED
    )
    context = {
        "total": len(index),
        "country_total": len(everything.counts(COUNTRY).keys() - {NONE}),
        "organisation_total": len(catalogue.organisations),
        "source_total": Source.objects.count(),
        "without_evaluation": evidence.get(EvidenceStep.NONE, 0),
        "independent": evidence.get(EvidenceStep.INDEPENDENT, 0),
        "countries": everything.panel(COUNTRY),
        "levels": everything.panel(LEVEL),
        "kinds": everything.panel(KIND),
        "factors": [
            (factor, by_factor.get(factor.slug, 0)) for factor in CareerFactor.objects.all()
        ],
        "highlighted": cards(catalogue, highlighted),
        "guides": Guide.objects.filter(group=Guide.Group.PRACTICE),
    }
    return render(request, "programmes/home.html", context)

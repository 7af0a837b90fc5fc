"""The pages of the catalogue: home, programmes, one programme, countries, about."""

import datetime

from django.db.models import Count
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    QueryDict,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from partnerships.models import Guide, GuideItem
from programmes.cards import cards
from programmes.catalogue import catalogue_of
from programmes.documents import moment
from programmes.entry import Entry, with_facts
from programmes.facets import (
    AUDIENCE,
    COUNTRY,
    DURATION,
    EVIDENCE,
    FACETS,
    FACTOR,
    FUNDING,
    KIND,
    LEVEL,
    ORGANISATION,
    RECORD,
    ROLE,
    SCOPE,
    STATUS,
)
from programmes.filters import ProgrammeFilter
from programmes.index import NONE, Index
from programmes.models import (
    CareerFactor,
    Country,
    EducationLevel,
    EvidenceStep,
    FormerSlug,
    InitiativeKind,
    Programme,
    Source,
)

PAGE_SIZE = 25
# On a page that lists things beside others; the whole list is one link away.
MOST_SHOWN = 100
# What the catalogue does not know, in words, and where the index has it.
GAPS = (
    (_("no start year"), "year_start", NONE),
    (_("no education level"), "level", NONE),
    (_("no reach figure"), "gap", "reach"),
    (_("no word on funding"), "funding", NONE),
    (_("no evaluation"), "evidence", EvidenceStep.NONE),
    (_("never verified by a curator"), "gap", "verified_on"),
)
# The order in which a reader narrows down, most used first.
PANELS = (
    COUNTRY, LEVEL, EVIDENCE, KIND, FACTOR, AUDIENCE, FUNDING, DURATION, STATUS,
    RECORD, SCOPE, ORGANISATION, ROLE,
)  # fmt: skip


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the catalogue is, ways in, and what it holds and lacks today."""
    everything = ProgrammeFilter(QueryDict(), catalogue_of(request))
    catalogue, index = everything.catalogue, everything.index
    evidence = everything.counts(EVIDENCE)
    by_factor = everything.counts(FACTOR)
    highlighted = index.in_order_of_names([index.having("highlighted", ["yes"])], 0, MOST_SHOWN)
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


@require_safe
def programme_list(request: HttpRequest) -> HttpResponse:
    """The selection: facets with counts, chips, order, one page of programmes."""
    selection, problems = ProgrammeFilter.lenient(request.GET, catalogue_of(request))
    page = selection.current_page(PAGE_SIZE, selection.matches)
    context = {
        "selection": selection,
        "problems": problems,
        "page": page,
        "cards": cards(selection.catalogue, page.object_list, selection.searched),
        "total": len(selection.index),
        "panels": [selection.panel(facet) for facet in PANELS],
        "facets": FACETS,
        "sorts": selection.sorts,
        "canonical_query": selection.query(),
        "page_query": selection.query("page"),
    }
    return render(request, "programmes/programme_list.html", context)


@require_safe
def programme_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One programme with every fact and its source; old addresses redirect, drafts hide."""
    programme = with_facts(Programme.objects.all()).filter(slug=slug).first()
    if programme is None:
        return redirect_former(slug)
    if programme.state == Programme.State.WITHDRAWN:
        return withdrawn(request, programme)
    is_public = programme.is_public
    if not is_public and not request.user.has_perm("programmes.view_programme"):
        raise Http404
    context = {"programme": programme, "entry": Entry(programme), "is_public": is_public}
    response = render(request, "programmes/programme_detail.html", context)
    if not is_public:
        response.headers["Cache-Control"] = "no-store"
    return response


def redirect_former(slug: str) -> HttpResponsePermanentRedirect:
    former = get_object_or_404(FormerSlug.objects.select_related("programme"), slug=slug)
    if former.programme.state in (Programme.State.DRAFT, Programme.State.REVIEW):
        raise Http404
    return HttpResponsePermanentRedirect(former.programme.get_absolute_url())


def withdrawn(request: HttpRequest, programme: Programme) -> HttpResponse:
    """Lead to the entry that took over, or say with 410 why this one is gone."""
    successor = programme.merged_into
    if successor and successor.is_public:
        return redirect(successor, permanent=True)
    context = {"programme": programme}
    return render(request, "programmes/programme_withdrawn.html", context, status=410)


@require_safe
def country_list(request: HttpRequest) -> HttpResponse:
    """Every country with its programmes, platform and strategies; none is left out."""
    catalogue = catalogue_of(request)
    index = catalogue.programmes
    countries = Country.objects.annotate(
        platform_count=Count("platforms", distinct=True),
        strategy_count=Count("strategies", distinct=True),
        organisation_count=Count("organisations", distinct=True),
    )
    nowhere = index.in_order_of_names([index.having("country", [NONE])], 0, MOST_SHOWN)
    context = {
        "rows": [(country, *programmes_of(index, country)) for country in countries],
        "everywhere": cards(catalogue, nowhere),
    }
    return render(request, "programmes/country_list.html", context)


def programmes_of(index: Index, country: Country) -> tuple[int, datetime.datetime | None]:
    """Return how many programmes a country has, and when one of them changed last."""
    found = index.having("country", [country.code])
    latest = index.in_order_of_changes(found, 0, 1)
    return len(found), moment(index.entries[latest[0]].changed) if latest else None


@require_safe
def country_detail(request: HttpRequest, code: str) -> HttpResponse:
    """A country's profile: programmes, platforms, strategies, organisations, gaps."""
    country = get_object_or_404(Country, code=code.upper())
    if code != code.lower():
        return redirect("country", code.lower(), permanent=True)
    selection = ProgrammeFilter(
        QueryDict(f"country={country.code}&sort=name"), catalogue_of(request)
    )
    catalogue, index = selection.catalogue, selection.index
    by_level, by_kind = selection.counts(LEVEL), selection.counts(KIND)
    reaching = index.in_order_of_names(
        [index.having("also_reaches", [country.code])], 0, MOST_SHOWN
    )
    context = {
        "country": country,
        "total": len(selection.matches),
        "cards": cards(catalogue, selection.matches[:MOST_SHOWN]),
        "reaching": Programme.objects.published().filter(pk__in=reaching),
        "levels": [
            (level, by_level.get(str(level.code), 0)) for level in EducationLevel.objects.all()
        ],
        "missing_kinds": [k for k in InitiativeKind.objects.all() if k.slug not in by_kind],
        "platforms": country.platforms.select_related("organisation"),
        "strategies": country.strategies.all(),
        "organisations": [
            (organisation, catalogue.programme_count("organisation", organisation.slug))
            for organisation in country.organisations.all()[:MOST_SHOWN]
        ],
        "guide_items": GuideItem.objects.filter(countries=country).select_related("guide"),
    }
    return render(request, "programmes/country_detail.html", context)


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

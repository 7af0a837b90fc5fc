"""The pages of the catalogue: home, programmes, one programme, countries, about."""

from django.db.models import Count, Max, Q, QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    QueryDict,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from partnerships.models import Guide, GuideItem, Organisation
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
# The order in which a reader narrows down, most used first.
PANELS = (
    COUNTRY, LEVEL, EVIDENCE, KIND, FACTOR, AUDIENCE, FUNDING, DURATION, STATUS,
    RECORD, SCOPE, ORGANISATION, ROLE,
)  # fmt: skip


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the catalogue is, ways in, and what it holds and lacks today."""
    published = Programme.objects.published()
    everything = ProgrammeFilter(QueryDict(), published)
    evidence = everything.counts(EVIDENCE)
    by_factor = everything.counts(FACTOR)
    context = {
        "total": published.count(),
        "country_total": Country.objects.filter(programmes__in=published).distinct().count(),
        "organisation_total": Organisation.objects.count(),
        "source_total": Source.objects.count(),
        "without_evaluation": evidence.get(EvidenceStep.NONE, 0),
        "independent": evidence.get(EvidenceStep.INDEPENDENT, 0),
        "countries": everything.panel(COUNTRY),
        "levels": everything.panel(LEVEL),
        "kinds": everything.panel(KIND),
        "factors": [
            (factor, by_factor.get(factor.slug, 0)) for factor in CareerFactor.objects.all()
        ],
        "highlighted": published.filter(is_highlighted=True).for_cards(),
        "guides": Guide.objects.filter(group=Guide.Group.PRACTICE),
    }
    return render(request, "programmes/home.html", context)


@require_safe
def programme_list(request: HttpRequest) -> HttpResponse:
    """The selection: facets with counts, chips, order, one page of programmes."""
    selection, problems = ProgrammeFilter.lenient(request.GET, Programme.objects.published())
    page = selection.current_page(PAGE_SIZE, Programme.objects.for_cards())
    context = {
        "selection": selection,
        "problems": problems,
        "page": page,
        "programmes": page.object_list,
        "total": Programme.objects.published().count(),
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
    published = Q(programmes__state=Programme.State.PUBLISHED)
    countries = Country.objects.annotate(
        programme_count=Count("programmes", filter=published, distinct=True),
        platform_count=Count("platforms", distinct=True),
        strategy_count=Count("strategies", distinct=True),
        organisation_count=Count("organisations", distinct=True),
        last_change=Max("programmes__changed_at", filter=published),
    )
    everywhere = Programme.objects.published().filter(countries=None).for_cards()
    context = {"countries": countries, "everywhere": everywhere}
    return render(request, "programmes/country_list.html", context)


@require_safe
def country_detail(request: HttpRequest, code: str) -> HttpResponse:
    """A country's profile: programmes, platforms, strategies, organisations, gaps."""
    country = get_object_or_404(Country, code=code.upper())
    if code != code.lower():
        return redirect("country", code.lower(), permanent=True)
    programmes = Programme.objects.published().filter(countries=country)
    context = {
        "country": country,
        "programmes": programmes.for_cards(),
        "reaching": Programme.objects.published().filter(also_reaches=country),
        "levels": levels_of(programmes),
        "missing_kinds": InitiativeKind.objects.exclude(programmes__in=programmes),
        "platforms": country.platforms.select_related("organisation"),
        "strategies": country.strategies.all(),
        "organisations": country.organisations.with_programme_count(),
        "guide_items": GuideItem.objects.filter(countries=country).select_related("guide"),
    }
    return render(request, "programmes/country_detail.html", context)


def levels_of(programmes: QuerySet[Programme]) -> list[tuple[EducationLevel, int]]:
    """Return every education level with the number of these programmes that have it."""
    levels = EducationLevel.objects.annotate(
        number=Count("programmes", filter=Q(programmes__in=programmes), distinct=True)
    )
    return [(level, level.number) for level in levels]


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Method, sources, coverage and bias in numbers, licence."""
    published = Programme.objects.published()
    everything = ProgrammeFilter(QueryDict(), published)
    context = {
        "total": published.count(),
        "sources": Source.objects.count(),
        "evidence": everything.panel(EVIDENCE),
        "countries": everything.panel(COUNTRY),
        "gaps": [
            (_("no start year"), published.filter(year_start=None).count()),
            (_("no education level"), published.filter(levels=None).count()),
            (_("no reach figure"), published.filter(reach=None).count()),
            (_("no word on funding"), published.filter(funding=None).count()),
            (_("no evaluation"), published.filter(evaluations=None).count()),
            (_("never verified by a curator"), published.filter(verified_on=None).count()),
        ],
    }
    return render(request, "programmes/about.html", context)


@require_safe
def about_data(request: HttpRequest) -> HttpResponse:
    """How to use the data: licence, API, parameters."""
    return render(request, "programmes/about_data.html", {"facets": FACETS})

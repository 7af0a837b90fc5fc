"""The pages about organisations, platforms, strategies and what research says."""

from itertools import chain, groupby

from django.db.models import Manager, Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from partnerships.filters import SEAT, TYPE, OrganisationFilter
from partnerships.models import (
    Criterion,
    Guide,
    GuideItem,
    Lineage,
    NationalPlatform,
    Obstacle,
    Organisation,
    Partnership,
    Statement,
    Strategy,
)
from programmes.addresses import short_addresses
from programmes.catalogue import catalogue_of
from programmes.entry import NumberedSources
from programmes.index import Index
from programmes.models import CareerFactor, InitiativeKind, Programme

PAGE_SIZE = 50
MOST_PARTNERS = 20
PUBLISHED = Q(programme__state=Programme.State.PUBLISHED)
VOCABULARIES: dict[str, QuerySet] = {
    Guide.Vocabulary.KINDS: InitiativeKind.objects.prefetch_related("factors"),
    Guide.Vocabulary.FACTORS: CareerFactor.objects.prefetch_related("kinds"),
    Guide.Vocabulary.OBSTACLES: Obstacle.objects.all(),
    Guide.Vocabulary.CRITERIA: Criterion.objects.all(),
}


@require_safe
@short_addresses
def organisation_list(request: HttpRequest) -> HttpResponse:
    """Who takes part: found by any name, narrowed by type and country."""
    selection, problems = OrganisationFilter.lenient(request.GET, catalogue_of(request))
    page = selection.current_page(PAGE_SIZE, selection.matches)
    rows = Organisation.objects.select_related("country").in_bulk(page.object_list)
    count = selection.catalogue.programme_count
    context = {
        "selection": selection,
        "problems": problems,
        "page": page,
        "rows": [
            (rows[pk], count("organisation", rows[pk].slug))
            for pk in page.object_list
            if pk in rows
        ],
        "total": len(selection.index),
        "panels": [selection.panel(TYPE), selection.panel(SEAT)],
        "canonical_query": selection.query(),
        "page_query": selection.query("page"),
    }
    return render(request, "partnerships/organisation_list.html", context)


@require_safe
def organisation_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """An organisation: its names, its programmes by role, what it pays, who works with it."""
    organisation = Organisation.objects.known_as(slug).first()
    if organisation is None:
        raise Http404
    if organisation.slug != slug:
        return redirect(organisation, permanent=True)
    partnerships = organisation.partnerships.filter(PUBLISHED).select_related("programme", "source")
    order = Partnership.Role.values
    rows = sorted(partnerships, key=lambda row: (order.index(row.role), row.programme.name))
    citations = organisation.citations.select_related("source")
    funding = organisation.funding.filter(PUBLISHED).select_related("programme", "source")
    context = {
        "organisation": organisation,
        "names": organisation.names.all(),
        "roles": [(role, list(g)) for role, g in groupby(rows, Partnership.get_role_display)],
        "funding": funding,
        "partners": partners_of(organisation, catalogue_of(request).programmes),
        "platforms": organisation.platforms.all(),
        "strategies": Strategy.objects.filter(owners=organisation),
        "sources": NumberedSources([*citations, *rows, *funding]),
        "guide_items": GuideItem.objects.filter(organisations=organisation).select_related("guide"),
        "parts": organisation.parts.all(),
        "predecessors": organisation.predecessors.all(),
    }
    return render(request, "partnerships/organisation_detail.html", context)


def partners_of(organisation: Organisation, index: Index) -> list[Organisation]:
    """Return the organisations in the same published programmes, most shared ones first."""
    shared = index.counts("organisation", index.having("organisation", [organisation.slug]))
    shared.pop(organisation.slug, None)
    slugs = sorted(shared, key=lambda slug: (-shared[slug], slug))[:MOST_PARTNERS]
    rows = {row.slug: row for row in Organisation.objects.filter(slug__in=slugs)}
    return [rows[slug] for slug in slugs if slug in rows]


@require_safe
def platform_list(request: HttpRequest) -> HttpResponse:
    """The national, regional and European STEM platforms."""
    platforms = NationalPlatform.objects.select_related("organisation")
    context = {"platforms": platforms.prefetch_related("countries")}
    return render(request, "partnerships/platform_list.html", context)


@require_safe
def platform_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A platform: mandate, programmes, strategies, and what sources say."""
    platform = get_object_or_404(NationalPlatform.objects.select_related("organisation"), slug=slug)
    said = statements(platform.statements)
    lineage = platform.lineage_in.public().with_ends()
    context = {
        "platform": platform,
        "programmes": platform.programmes.filter(state=Programme.State.PUBLISHED),
        "statements": said,
        "lineage": lineage,
        "sources": NumberedSources([*chain.from_iterable(said.values()), *lineage]),
        "guide_items": platform.guide_items.select_related("guide"),
    }
    return render(request, "partnerships/platform_detail.html", context)


@require_safe
def strategy_list(request: HttpRequest) -> HttpResponse:
    """The strategies, pacts and action plans."""
    strategies = Strategy.objects.prefetch_related("countries")
    return render(request, "partnerships/strategy_list.html", {"strategies": strategies})


@require_safe
def strategy_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A strategy: targets, budgets, evaluation, who owns it, and what came of it."""
    strategy = get_object_or_404(
        Strategy.objects.select_related("implementing_body", "programme"), slug=slug
    )
    ends = Q(from_strategy=strategy) | Q(to_strategy=strategy)
    said = statements(strategy.statements)
    lineage = Lineage.objects.filter(ends).public().with_ends()
    context = {
        "strategy": strategy,
        "statements": said,
        "lineage": lineage,
        "sources": NumberedSources([*chain.from_iterable(said.values()), *lineage]),
        "platforms": strategy.platforms.all(),
        "guide_items": strategy.guide_items.select_related("guide"),
    }
    return render(request, "partnerships/strategy_detail.html", context)


def statements(rows: Manager[Statement]) -> dict[str, list[Statement]]:
    """Return what sources say, by kind, in the order of the list of kinds."""
    by_kind: dict[str, list[Statement]] = {kind: [] for kind in Statement.Kind.values}
    for statement in rows.select_related("source"):
        by_kind[statement.kind].append(statement)
    return by_kind


@require_safe
def guide_list(request: HttpRequest) -> HttpResponse:
    """The guides, by what they help with."""
    guides = sorted(Guide.objects.all(), key=lambda guide: Guide.Group.values.index(guide.group))
    groups = [(label, list(rows)) for label, rows in groupby(guides, Guide.get_group_display)]
    return render(request, "partnerships/guide_list.html", {"groups": groups})


@require_safe
def guide_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A guide: the terms it explains, its items, and what each names in the catalogue."""
    guide = get_object_or_404(Guide.objects.select_related("source"), slug=slug)
    published = Programme.objects.published()
    items = GuideItem.objects.filter(guide=guide).prefetch_related(
        Prefetch("programmes", published), "organisations", "platforms", "strategies", "countries"
    )
    context = {
        "guide": guide,
        "terms": VOCABULARIES[guide.vocabulary].all() if guide.vocabulary else [],
        "items": items,
    }
    return render(request, "partnerships/guide_detail.html", context)

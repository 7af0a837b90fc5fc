"""The page of one national platform."""

from itertools import chain
from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from partnerships.models import NationalPlatform, Strategy
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.entries.entry import NumberedSources, list_with_earlier
from stemobs.entries.ways_in import find_platform_page
from stemobs.exports.citations import cite_thing
from stemobs.insights.timelines import make_span
from stemobs.pages.citable import render_citable
from stemobs.pages.initiatives import draw_spans, group_statements, make_initiative_span


@require_safe
def show_platform(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a platform: mandate, programmes, strategies, and the statements of sources."""
    countries = Strategy.objects.prefetch_related("countries")
    platforms = NationalPlatform.objects.select_related("organisation")
    platform: Any = get_object_or_404(
        platforms.prefetch_related("countries", "mandated_by", Prefetch("strategies", countries)),
        slug=slug,
    )
    programmes = platform.programmes.published().ended_last().with_evidence()
    programmes = programmes.prefetch_related("countries")
    said = group_statements(platform.statements)
    lineage = platform.lineage_in.public().with_ends()
    strategies = [
        make_initiative_span(strategy, is_strategy=True) for strategy in platform.strategies.all()
    ]
    pages = [statement.source for statement in said["source"] if statement.source]
    context = {
        "page_to_open": find_platform_page(platform, pages),
        "gaps": list_gaps(platform),
        "platform": platform,
        "programmes": programmes,
        "timeline": draw_spans([*map(make_span, programmes), *strategies]),
        "statements": said,
        "lineage": lineage,
        "sources": NumberedSources([*list_with_earlier(chain(*said.values())), *lineage]),
        "guide_items": platform.guide_items.select_related("guide"),
    }
    reference = cite_thing("platform", platform, get_request_catalogue(request).moment)
    return render_citable(request, "pages/platform/platform.html", context, reference)


def list_gaps(platform: NationalPlatform) -> list[str]:
    """Return what readers ask about a platform and nobody says yet, in words."""
    known = {
        _("whom to ask"): platform.organisation,
        _("who mandated it"): platform.mandated_by.all(),
        _("its role in the EU STEM Coalition"): platform.coalition_role,
    }
    return [words for words, value in known.items() if not value]

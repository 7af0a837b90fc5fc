"""The programmes: all that were asked for, and one."""

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from programmes.cards import cards
from programmes.catalogue import catalogue_of
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
    FormerSlug,
    Programme,
)

PAGE_SIZE = 25
# The order in which a reader narrows down, most used first.
PANELS = (
    COUNTRY, LEVEL, EVIDENCE, KIND, FACTOR, AUDIENCE, FUNDING, DURATION, STATUS,
    RECORD, SCOPE, ORGANISATION, ROLE,
)  # fmt: skip


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

"""Data beside the pages: a programme under an ending, and what data there are."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from programmes.alternates import JSON, linked_response
from programmes.catalogue import catalogue_of
from programmes.dcat import as_dcat
from programmes.entry import Entry, with_facts
from programmes.linked import CONTENT_TYPE, names_of, of_entry
from programmes.models import FormerSlug, Programme
from programmes.parameters import refusal
from programmes.rendering import to_json
from programmes.views.programmes import withdrawn

HIDDEN = (Programme.State.DRAFT, Programme.State.REVIEW)


@require_safe
def programme_data(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """One programme; old addresses redirect, drafts hide, what is gone says so."""
    if request.GET:
        raise refusal(request.GET)
    programme = (
        with_facts(Programme.objects.select_related("merged_into")).filter(slug=slug).first()
    )
    if programme is None:
        return moved(get_object_or_404(FormerSlug, slug=slug).programme, ending)
    if programme.state == Programme.State.WITHDRAWN:
        successor = programme.successor
        return moved(successor, ending) if successor else withdrawn(request, programme)
    if not programme.is_public:
        raise Http404
    if ending == JSON:
        # One body under one address, which the API's documentation describes.
        return redirect("api-programmes-detail", programme.slug)
    return linked_response(of_entry(Entry(programme), names_of(catalogue_of(request))))


def moved(programme: Programme, ending: str) -> HttpResponse:
    """Lead to the same form of another slug; a draft has none."""
    if programme.state in HIDDEN:
        raise Http404
    return redirect(f"programme-{ending}", programme.slug, permanent=True)


@require_safe
def catalogue_data(request: HttpRequest) -> HttpResponse:
    """What data there are, in which forms (DCAT 3)."""
    if request.GET:
        raise refusal(request.GET)
    return HttpResponse(to_json(as_dcat(catalogue_of(request))), content_type=CONTENT_TYPE)

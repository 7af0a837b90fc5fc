"""Data beside the pages: a programme under an ending, and what data there are."""

from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from programmes.alternates import JSON, linked_response
from programmes.catalogue import catalogue_of
from programmes.dcat import as_dcat
from programmes.entry import Entry, with_facts
from programmes.linked import CONTENT_TYPE, names_of, of_entry
from programmes.models import Programme
from programmes.parameters import refusal
from programmes.rendering import to_json
from programmes.views.places import programme_at


@require_safe
def programme_data(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """One programme; old addresses redirect, drafts hide, what is gone says so."""
    if request.GET:
        raise refusal(request.GET)
    programme = programme_at(
        request, slug, with_facts(Programme.objects.all()), partial(data_address, ending=ending)
    )
    if isinstance(programme, HttpResponse):
        return programme
    if not programme.is_public:
        raise Http404
    if ending == JSON:
        # One body under one address, which the API's documentation describes.
        return redirect("api-programmes-detail", programme.slug)
    return linked_response(of_entry(Entry(programme), names_of(catalogue_of(request))))


def data_address(programme: Programme, ending: str) -> str:
    return reverse(f"programme-{ending}", args=[programme.slug])


@require_safe
def catalogue_data(request: HttpRequest) -> HttpResponse:
    """What data there are, in which forms (DCAT 3)."""
    if request.GET:
        raise refusal(request.GET)
    return HttpResponse(to_json(as_dcat(catalogue_of(request))), content_type=CONTENT_TYPE)

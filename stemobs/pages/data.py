"""Data beside the pages: a programme under an ending, and what data there are."""

from functools import partial

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from programmes.models import Programme
from stemobs.catalogue.requests import catalogue_of
from stemobs.dumps.archive import Archive, offered
from stemobs.encoding import to_json
from stemobs.entries.entry import Entry, with_facts
from stemobs.exports.dcat import ZIP, as_dcat
from stemobs.exports.linked.nodes import CONTENT_TYPE
from stemobs.exports.linked.programmes import of_entry
from stemobs.exports.linked.terms import names_of
from stemobs.pages.decorators import JSON, linked_response
from stemobs.pages.places import programme_at
from stemobs.selection.parameters import refuse_parameters


@require_safe
def programme_data(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """One programme; old addresses redirect, drafts hide, what is gone says so."""
    refuse_parameters(request.GET)
    programme = programme_at(
        request, slug, with_facts(Programme.objects.all()), partial(data_address, ending=ending)
    )
    if isinstance(programme, HttpResponse):
        return programme
    if ending == JSON:
        # One body under one address, which the API's documentation describes.
        return redirect("api-programmes-detail", programme.slug)
    return linked_response(of_entry(Entry(programme), names_of(catalogue_of(request))))


def data_address(programme: Programme, ending: str) -> str:
    return reverse(f"programme-{ending}", args=[programme.slug])


@require_safe
def catalogue_data(request: HttpRequest) -> HttpResponse:
    """What data there are, in which forms (DCAT 3)."""
    refuse_parameters(request.GET)
    catalogue = catalogue_of(request)
    described = as_dcat(catalogue, offered(catalogue.revision))
    return HttpResponse(to_json(described), content_type=CONTENT_TYPE)


# --- The dump ------------------------------------------------------------------------------------


def dump_tag(request: HttpRequest, name: str) -> str:
    return f'"{dump_named(request, name).sha256}"'


def dump_named(request: HttpRequest, name: str) -> Archive:
    """Return the archive that is offered if this is a name of it; no name is ever looked up."""
    refuse_parameters(request.GET)
    archive = offered(catalogue_of(request).revision)
    if archive is None or name not in (archive.name, archive.digest_name):
        raise Http404(_("There is no such dump, or there is a newer one: see “Data and API”."))
    return archive


# Not by the revision: it may rise while the dump stays. Nor kept for long, for what was withdrawn
# goes with the next one.
@require_safe
@condition(etag_func=dump_tag)
@cache_control(public=True, max_age=60)
def dump_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """The newest dump as an archive, or the digest of it."""
    archive = dump_named(request, name)
    if name == archive.digest_name:
        return HttpResponse(archive.digest_line, content_type="text/plain; charset=utf-8")
    try:
        file = archive.path.open("rb")
    except OSError as error:
        raise Http404 from error
    return FileResponse(file, content_type=ZIP, as_attachment=True, filename=archive.name)

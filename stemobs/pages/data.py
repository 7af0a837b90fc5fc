"""Views of data: a programme as JSON or JSON-LD, the DCAT catalogue, dumps, and /about/data/."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from programmes.models import Programme
from stemobs.addresses import NothingThere
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.dumps.archive import Archive, find_offered_archive
from stemobs.encoding import to_json
from stemobs.entries.entry import Entry
from stemobs.entries.loading import load_facts
from stemobs.exports.citations import cite_fixed_page
from stemobs.exports.dcat import ZIP, describe_as_dcat
from stemobs.exports.evaluations import EVALUATIONS, FIELD_STUDIES
from stemobs.exports.files import FIGURE_FORMATS, FORMATS
from stemobs.exports.linked.nodes import CONTENT_TYPE
from stemobs.exports.linked.programmes import describe_entry
from stemobs.exports.linked.terms import list_term_names
from stemobs.exports.tables import FIGURES, PROGRAMMES
from stemobs.pages.citable import render_citable
from stemobs.pages.decorators import JSON, make_linked_response
from stemobs.pages.redirects import find_programme
from stemobs.selection.facets import FACETS
from stemobs.selection.parameters import refuse_parameters


@require_safe
def send_programme_data(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """Send one programme as JSON-LD, or redirect to its JSON in the API.

    Former slugs redirect, drafts answer 404 and withdrawn programmes answer 410.
    """
    refuse_parameters(request.GET)
    programme = find_programme(
        request,
        slug,
        Programme.objects.all(),
        partial(build_data_url, ending=ending),
    )
    if isinstance(programme, HttpResponse):
        return programme
    if ending == JSON:
        # The API's answer is the only JSON of a programme: its documentation describes the fields.
        return redirect("api-programmes-detail", programme.slug)
    return make_linked_response(
        describe_entry(
            Entry(load_facts(programme)), list_term_names(get_request_catalogue(request))
        )
    )


def build_data_url(programme: Programme, ending: str) -> str:
    return reverse(f"programme-{ending}", args=[programme.slug])


@require_safe
def send_catalogue_data(request: HttpRequest) -> HttpResponse:
    """Send the description of all data sets and their formats in DCAT 3, as JSON-LD."""
    refuse_parameters(request.GET)
    catalogue = get_request_catalogue(request)
    described = describe_as_dcat(catalogue, find_offered_archive(catalogue.revision))
    return HttpResponse(to_json(described), content_type=CONTENT_TYPE)


# --- The dump ------------------------------------------------------------------------------------


def make_dump_tag(request: HttpRequest, name: str) -> str:
    return f'"{find_dump(request, name).sha256}"'


def find_dump(request: HttpRequest, name: str) -> Archive:
    """Return the dump on offer if `name` is its file or its digest; raise NothingThere otherwise.

    The name is only compared and never used as a path, so no other file can be reached.
    """
    refuse_parameters(request.GET)
    archive = find_offered_archive(get_request_catalogue(request).revision)
    if archive is None or name not in (archive.name, archive.digest_name):
        raise NothingThere(_("There is no such dump, or there is a newer one: see “Data and API”."))
    return archive


# The ETag is the digest of the dump and not the revision, which can rise while the dump stays the
# same. Caches keep a dump for a minute only, because the next dump drops withdrawn programmes.
@require_safe
@condition(etag_func=make_dump_tag)
@cache_control(public=True, max_age=60)
def send_dump(request: HttpRequest, name: str) -> HttpResponseBase:
    """Send the newest dump as a zip archive, or the text file with its digest."""
    archive = find_dump(request, name)
    if name == archive.digest_name:
        return HttpResponse(archive.digest_line, content_type="text/plain; charset=utf-8")
    try:
        file = archive.path.open("rb")
    except OSError as error:
        raise Http404 from error
    return FileResponse(file, content_type=ZIP, as_attachment=True, filename=archive.name)


TABLES = (PROGRAMMES, FIGURES, EVALUATIONS, FIELD_STUDIES)


def list_files() -> Iterator[dict[str, Any]]:
    """Yield every file format with the addresses of its files."""
    for name, one in FORMATS.items():
        yield {
            "name": one.name,
            "purpose": one.purpose,
            "extension": one.ending,
            "programmes": reverse(f"programmes-{name}"),
            "figures": reverse(f"figures-{name}") if name in FIGURE_FORMATS else "",
            "evaluations": reverse(f"evaluations-{name}") if name in FIGURE_FORMATS else "",
        }


@require_safe
def show_about_data(request: HttpRequest) -> HttpResponse:
    """Show the page on how to use the data: files, licence, API, parameters, codebook."""
    catalogue = get_request_catalogue(request)
    values = [(facet, {} if facet.limit else facet.labels(catalogue)) for facet in FACETS.values()]
    tables = [(table, table.describe_columns(catalogue)) for table in TABLES]
    total = len(catalogue.programmes)
    context = {
        "facets": values,
        "total": total,
        "files": list_files(),
        "dump": find_offered_archive(catalogue.revision),
        "tables": tables,
    }
    reference = cite_fixed_page("about-data", get_request_catalogue(request).moment)
    return render_citable(request, "pages/data/data.html", context, reference)

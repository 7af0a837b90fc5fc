"""Views that send programmes, figures or evaluations of a selection as a file (CSV, Excel …)."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from stemobs.addresses import build_absolute_url, build_location
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.exports.csvw import METADATA_ENDING, link_to_metadata
from stemobs.exports.files import (
    CsvFilter,
    FileFilter,
    respond_with_evaluations,
    respond_with_figures,
    respond_with_metadata,
    respond_with_programmes,
)
from stemobs.exports.tables import Table


@require_safe
def send_programmes_file(request: HttpRequest, ending: str) -> HttpResponseBase:
    """Send all programmes of the selection in its order, one row per programme."""
    selection = read_selection(request, ending)
    response = respond_with_programmes(
        selection, ending, bom=selection.has_bom, head=request.method == "HEAD"
    )
    return link_to_description(request, ending, response)


@require_safe
def send_figures_file(request: HttpRequest, ending: str) -> HttpResponseBase:
    """Send every reach and funding statement of the selection's programmes, one per row."""
    selection = read_selection(request, ending)
    response = respond_with_figures(
        selection, ending, bom=selection.has_bom, head=request.method == "HEAD"
    )
    return link_to_description(request, ending, response)


@require_safe
def send_evaluations_file(request: HttpRequest, ending: str) -> HttpResponseBase:
    """Send every evaluation of the selection's programmes, one per row."""
    selection = read_selection(request, ending)
    response = respond_with_evaluations(
        selection, ending, bom=selection.has_bom, head=request.method == "HEAD"
    )
    return link_to_description(request, ending, response)


def link_to_description(
    request: HttpRequest, ending: str, response: HttpResponseBase
) -> HttpResponseBase:
    """Link a CSV file to its description, with the query as it came.

    A program heeds a description only if that names the very address that it asked for.
    """
    if ending == "csv":
        asked = build_location(request, request.path).partition("?")[2]
        response.headers["Link"] = link_to_metadata(request.path, asked)
    return response


@require_safe
def send_metadata(request: HttpRequest, table: Table) -> HttpResponse:
    """Send the description of a CSV file's columns, for programs that read the file."""
    read_selection(request, "csv")
    path = request.path.removesuffix(METADATA_ENDING)
    return respond_with_metadata(build_absolute_url(build_location(request, path)), table)


def read_selection(request: HttpRequest, ending: str) -> FileFilter:
    """Return the selection that the query asks for; raise BadRequest for a wrong parameter."""
    of_format = CsvFilter if ending == "csv" else FileFilter
    return of_format.strict(request.GET, get_request_catalogue(request))

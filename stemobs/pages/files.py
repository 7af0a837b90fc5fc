"""The addresses of files: a selection as the page of programmes asks for it."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from stemobs.catalogue.requests import get_request_catalogue
from stemobs.exports.files import (
    CsvFilter,
    FileFilter,
    respond_with_figures,
    respond_with_programmes,
)


@require_safe
def send_programmes_file(request: HttpRequest, ending: str) -> HttpResponseBase:
    """The whole selection, in its order; one row is one programme."""
    selection = read_selection(request, ending)
    return respond_with_programmes(
        selection, ending, bom=selection.has_bom, head=request.method == "HEAD"
    )


@require_safe
def send_figures_file(request: HttpRequest, ending: str) -> HttpResponseBase:
    """Every reach and funding statement of the selection's programmes."""
    selection = read_selection(request, ending)
    return respond_with_figures(
        selection, ending, bom=selection.has_bom, head=request.method == "HEAD"
    )


def read_selection(request: HttpRequest, ending: str) -> FileFilter:
    """Return the selection that was asked for; raise BadRequest if anything is wrong."""
    of_format = CsvFilter if ending == "csv" else FileFilter
    return of_format.strict(request.GET, get_request_catalogue(request))

"""The addresses of files: a selection as the page of programmes asks for it."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from stemobs.catalogue.requests import catalogue_of
from stemobs.exports.files import CsvFilter, FileFilter, figures_file, file_of


@require_safe
def programmes_file(request: HttpRequest, ending: str) -> HttpResponseBase:
    """The whole selection, in its order; one row is one programme."""
    selection = asked(request, ending)
    return file_of(selection, ending, bom=selection.has_bom, head=request.method == "HEAD")


@require_safe
def figures(request: HttpRequest, ending: str) -> HttpResponseBase:
    """Every reach and funding statement of the selection's programmes."""
    selection = asked(request, ending)
    return figures_file(selection, ending, bom=selection.has_bom, head=request.method == "HEAD")


def asked(request: HttpRequest, ending: str) -> FileFilter:
    """Return the selection that was asked for; raise BadRequest if anything is wrong."""
    of_format = CsvFilter if ending == "csv" else FileFilter
    return of_format.strict(request.GET, catalogue_of(request))

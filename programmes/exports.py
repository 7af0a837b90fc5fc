"""The addresses of files: a selection as the page of programmes asks for it."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from programmes.catalogue import catalogue_of
from programmes.files import CsvFilter, FileFilter, figures_file, file_of


@require_safe
def programmes_file(request: HttpRequest, format: str) -> HttpResponseBase:
    """The whole selection, in its order; one row is one programme."""
    selection = asked(request, format)
    return file_of(selection, format, bom=selection.has_bom, head=request.method == "HEAD")


@require_safe
def figures(request: HttpRequest, format: str) -> HttpResponseBase:
    """Every reach and funding statement of the selection's programmes."""
    selection = asked(request, format)
    return figures_file(selection, format, bom=selection.has_bom, head=request.method == "HEAD")


def asked(request: HttpRequest, format: str) -> FileFilter:
    """Return the selection that was asked for; raise BadRequest if anything is wrong."""
    of_format = CsvFilter if format == "csv" else FileFilter
    selection = of_format(request.GET, catalogue_of(request))
    if selection.problems:
        names = dict.fromkeys(problem.parameter for problem in selection.problems)
        reason = _("These parameters are wrong: {names}.").format(names=", ".join(names))
        raise BadRequest(reason)
    return selection

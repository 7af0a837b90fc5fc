"""Content negotiation of the API: the parameter `format` decides, else the Accept header."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import APIException, NotAcceptable
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from stemobs.accepting import find_preferred_type
from stemobs.encoding import FastJSONRenderer
from stemobs.exports.files import FORMATS
from stemobs.selection.parameters import OptionField, Problem, make_problem, name_wrong

FORMAT = "format"


class WrongSelection(APIException):
    """A request with wrong or unknown parameters; `errors` says which, and why."""

    status_code = status.HTTP_400_BAD_REQUEST

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.errors = [problem.as_dict() for problem in problems]
        super().__init__(name_wrong(error["parameter"] for error in self.errors))


class FileRenderer(FastJSONRenderer):
    """Base of formats that views write themselves, as files; it renders only errors, as JSON."""


class CSVRenderer(FileRenderer):
    """`format=csv`."""

    media_type = FORMATS["csv"].media_type
    format = "csv"


class XLSXRenderer(FileRenderer):
    """`format=xlsx`."""

    media_type = FORMATS["xlsx"].media_type
    format = "xlsx"


class NDJSONRenderer(FileRenderer):
    """`format=ndjson`: a JSON object a line."""

    media_type = FORMATS["ndjson"].media_type
    format = "ndjson"


class JSONLDRenderer(FileRenderer):
    """`format=jsonld`: linked data."""

    media_type = FORMATS["jsonld"].media_type
    format = "jsonld"


# The renderers by the values that the parameter `format` accepts.
RENDERERS: dict[str, type[FastJSONRenderer]] = {
    renderer.format: renderer
    for renderer in (
        FastJSONRenderer, CSVRenderer, XLSXRenderer, NDJSONRenderer, JSONLDRenderer,
    )
}  # fmt: skip


class Negotiation(BaseContentNegotiation):
    """Chooses one of a view's renderers; the first one if the client has no preference."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        return next(iter(parsers))  # any will do: the API reads no request bodies

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        by_format = {str(renderer.format): renderer for renderer in renderers}
        if request.method not in ("GET", "HEAD"):  # the 405 must not become a 406
            renderer = next(iter(by_format.values()))
            return renderer, str(renderer.media_type)
        wanted = (
            format_suffix  # an address with an ending has one format only
            or read_asked_format(request, by_format)
            or choose_accepted_format(request, by_format)
        )
        renderer = by_format[wanted]
        return renderer, str(renderer.media_type)


def read_asked_format(request: Request, by_format: dict[str, Any]) -> str | None:
    """Return the value of the parameter `format`, or None; raise WrongSelection if it is wrong."""
    try:
        return OptionField(options=by_format).clean(request.query_params.getlist(FORMAT))
    except ValidationError as error:
        raise WrongSelection([make_problem(FORMAT, error)]) from error


def choose_accepted_format(request: Request, by_format: dict[str, BaseRenderer]) -> str:
    """Return the format that the Accept header prefers; raise NotAcceptable if it accepts none."""
    formats = {str(renderer.media_type): name for name, renderer in by_format.items()}
    preferred = find_preferred_type(request, formats)
    if preferred is None:
        reason = _("This address can answer in these forms: {types}.")
        raise NotAcceptable(reason.format(types=", ".join(formats)))
    return formats[preferred]

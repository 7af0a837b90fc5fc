"""Errors of the API: RFC 9457 problem details."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from stemobs.addresses import word_missing

CONTENT_TYPE = "application/problem+json"


def make_problem_details(
    status: int, detail: str, errors: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Return problem details: the HTTP error, what happened, and which parameters are wrong."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = list(errors)
    return body


def exception_handler(exception: Exception, context: Mapping[str, Any]) -> Response | None:
    """Turn an Http404, PermissionDenied or APIException of a view into problem details.

    Return None for any other exception, so that Django answers 500.
    """
    if isinstance(exception, Http404):
        body = make_problem_details(404, word_missing(exception))
        headers = {}
    elif isinstance(exception, PermissionDenied):
        body, headers = make_problem_details(403, _("You may not do this.")), {}
    elif isinstance(exception, APIException):
        errors = getattr(exception, "errors", ())
        body = make_problem_details(exception.status_code, str(exception.detail), errors)
        headers = list_allowed_methods(exception, context)
    else:
        return None
    return Response(body, body["status"], headers=headers, content_type=CONTENT_TYPE)


def list_allowed_methods(exception: APIException, context: Mapping[str, Any]) -> dict[str, str]:
    """Return the Allow header that a 405 must have."""
    if exception.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
        return {}
    return {"Allow": ", ".join(context["view"].allowed_methods)}

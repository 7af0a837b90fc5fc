"""Views of the API's description: OpenAPI for programs, a page for people."""

from collections.abc import Iterable
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from rest_framework.request import Request
from rest_framework.response import Response

from stemobs.api.negotiation import FORMAT, WrongSelection
from stemobs.api.openapi import whole
from stemobs.api.openapi.fields import ADDRESS, Schema
from stemobs.api.openapi.page import get_guide
from stemobs.api.resources import ReadOnlyView
from stemobs.selection.parameters import list_unknown, refuse_parameters


def describe_addresses(names: Iterable[str]) -> Schema:
    """Return the schema of the API's root, which has the address of each resource's list."""
    return {
        "type": "object",
        "description": str(_("Every resource with the address of its list.")),
        "properties": {name: {**ADDRESS, "description": name} for name in names},
        "required": list(names),
    }


class DescribedView(ReadOnlyView):
    """Base of views that are no resource; they describe their own answer.

    Their only parameter is `format`.
    """

    summary: Any = ""
    answer_schema: Schema = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if unknown := list_unknown(request.query_params.items(), (FORMAT,)):
            raise WrongSelection(unknown)


class Description(DescribedView):
    """The description of this API in OpenAPI 3.1, for programs."""

    summary = _("Get this description")
    answer_schema: Schema = {
        "type": "object",
        "description": "OpenAPI 3.1.",
        "additionalProperties": True,
    }

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(orjson.Fragment(whole.get_description_json()))


# The sections of the page before the resources: anchor and heading.
SECTIONS = (
    ("begin", _("First steps")),
    ("lists", _("Lists and pages")),
    ("selection", _("Selecting")),
    ("forms", _("Forms of answers")),
    ("unchanged", _("Not modified")),
    ("redirects", _("Redirects")),
    ("limits", _("Limits")),
    ("errors", _("Errors")),
)


@require_safe
def show_docs(request: HttpRequest) -> HttpResponse:
    """Show the page that documents the API; unlike other pages it refuses parameters."""
    refuse_parameters(request.GET)
    told = get_guide()
    groups = [{"anchor": one.anchor, "name": one.name} for one in told.groups]
    contents = [
        *({"anchor": anchor, "name": name} for anchor, name in SECTIONS),
        {"anchor": "resources", "name": _("Resources"), "parts": groups},
        {"anchor": "parts", "name": _("Parts of answers")},
    ]
    return render(request, "api/docs.html", {"guide": told, "contents": contents})

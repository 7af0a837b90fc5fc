"""How pages that can be cited say so: in their head, and in the Link header."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from stemobs.exports.citations import Reference
from stemobs.exports.signposts import write_link_header


def render_citable(
    request: HttpRequest, template: str, context: Mapping[str, Any], reference: Reference
) -> HttpResponse:
    """Render a page with what reference managers read; the template gets it as `cited`."""
    response = render(request, template, {**context, "cited": reference})
    response.headers["Link"] = write_link_header(reference)
    return response

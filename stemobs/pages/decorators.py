"""What views of pages share: the way to data, and answers that are for one reader alone.

A request that prefers JSON or JSON-LD is redirected to the data. HTML and each form of data have
addresses of their own, and the redirect is a 303. So a cache keeps only one form under one address.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from stemobs.accepting import depending_on_accept, find_preferred_type
from stemobs.encoding import to_json
from stemobs.exports.linked.nodes import CONTENT_TYPE, Node, make_jsonld_document

JSON_LD, JSON = "jsonld", "json"
# HTML comes first, so that a client that accepts anything gets the page.
ENDINGS = {"text/html": "", CONTENT_TYPE: JSON_LD, "application/json": JSON}
DATA = (JSON_LD, JSON)


def choose_ending(request: HttpRequest) -> str:
    """Return the ending of the data format that the client prefers to HTML; "" for HTML."""
    preferred = find_preferred_type(request, ENDINGS)
    return ENDINGS[preferred] if preferred else ""


def redirect_to_data(
    name: str,
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Make a page redirect clients that prefer data; `name` is the URL name without the ending."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def negotiated(request: HttpRequest, slug: str) -> HttpResponse:
            ending = choose_ending(request)
            return redirect_to_other(f"{name}-{ending}", slug) if ending else view(request, slug)

        return depending_on_accept(negotiated)

    return decorate


def redirect_to_other(name: str, slug: str) -> HttpResponse:
    response = HttpResponseRedirect(reverse(name, args=[slug]))
    response.status_code = 303
    return response


# --- Answering one reader ------------------------------------------------------------------------


def for_one_reader(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep the answers of a page out of every cache and search engine."""

    @wraps(view)
    def discreet(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return discreet


# --- Answering with data -------------------------------------------------------------------------


def make_linked_response(*nodes: Node) -> HttpResponse:
    return HttpResponse(to_json(make_jsonld_document(*nodes)), content_type=CONTENT_TYPE)

"""Which form of a thing somebody asks its page for: that for people, or data.

Each form has an address of its own: where data are wanted, a page leads to theirs (303), so that a
cache keeps one form under one address.
"""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from stemobs.addresses import find_preferred_type
from stemobs.encoding import to_json
from stemobs.exports.linked.nodes import CONTENT_TYPE, Node, make_jsonld_document

JSON_LD, JSON = "jsonld", "json"
# The page comes first: whoever takes anything gets it.
ENDINGS = {"text/html": "", CONTENT_TYPE: JSON_LD, "application/json": JSON}
DATA = (JSON_LD, JSON)


def choose_ending(request: HttpRequest) -> str:
    """Return the ending of the form of data that is preferred to the page; "" for the page."""
    preferred = find_preferred_type(request, ENDINGS)
    return ENDINGS[preferred] if preferred else ""


def redirect_to_data(
    name: str,
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Lead from the page of a thing to its data; `name` is that of its addresses."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def negotiated(request: HttpRequest, slug: str) -> HttpResponse:
            ending = choose_ending(request)
            response = (
                redirect_to_other(f"{name}-{ending}", slug) if ending else view(request, slug)
            )
            patch_vary_headers(response, ["Accept"])
            return response

        return negotiated

    return decorate


def redirect_to_other(name: str, slug: str) -> HttpResponse:
    response = HttpResponseRedirect(reverse(name, args=[slug]))
    response.status_code = 303
    return response


# --- Answering with data -------------------------------------------------------------------------


def make_linked_response(*nodes: Node) -> HttpResponse:
    return HttpResponse(to_json(make_jsonld_document(*nodes)), content_type=CONTENT_TYPE)

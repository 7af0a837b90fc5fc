"""Middleware that leads at once to where several redirects, one after another, would lead.

`//countries/UK?utm_source=x` has a tracking parameter, a slash too many and one too few, and a code
of another list. Each is mended by its own redirect; a reader gets only one.
"""

from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from stemobs.addresses import MAX_LOCATION, NOT_FOR_READERS

FOREVER, FOR_NOW = 301, 302
MOST = 5  # redirects that are followed


class OneRedirect:
    """Replaces a redirect to an address that redirects as well by one to the last address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_read = request.method in ("GET", "HEAD") and not request.path.startswith(NOT_FOR_READERS)
        for _time in range(MOST if is_read and leads_on(response) else 0):
            further = self.ask(request, response.headers["Location"])
            further.close()
            if not (leads_on(further) and can_be_joined(response, further)):
                break
            response = join_redirects(response, further)
        return response

    def ask(self, request: HttpRequest, location: str) -> HttpResponse:
        """Return what this reader would get at a location of this site."""
        path, _, query = location.partition("?")
        named = {"PATH_INFO": unquote_to_bytes(path).decode("latin-1"), "QUERY_STRING": query}
        return self.get_response(WSGIRequest({**request.META, "REQUEST_METHOD": "HEAD", **named}))


def leads_on(response: HttpResponse) -> bool:
    """Whether a response redirects to another address of this site for the same thing."""
    is_redirect = response.status_code in (FOREVER, FOR_NOW)
    return is_redirect and response.headers["Location"].startswith("/")


def can_be_joined(first: HttpResponse, second: HttpResponse) -> bool:
    """Whether one redirect can stand for two: a move for good is not hidden by one for now."""
    moved, last = (response.headers["Location"] for response in (first, second))
    is_kept = second.status_code <= first.status_code or find_path(moved) == find_path(last)
    return is_kept and len(last) <= MAX_LOCATION


def find_path(location: str) -> str:
    return location.partition("?")[0]


def join_redirects(first: HttpResponse, second: HttpResponse) -> HttpResponse:
    """Return a redirect to where the second leads, for good only if both are for good."""
    joined: HttpResponse = HttpResponseRedirect("/")
    joined.status_code = max(first.status_code, second.status_code)
    joined.headers["Location"] = second.headers["Location"]  # Django would encode it anew
    return joined

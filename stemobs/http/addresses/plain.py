"""Middleware that leads from a mistyped address to the plain one, where its meaning is clear.

`/Programmes/Jet-Net-NL`, `//programmes/` and `/feeds/programmes.rss/` mean the address in small
letters, with single slashes, and with or without one at the end.
"""

import re
from collections.abc import Callable, Iterator

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware
from django.urls import is_valid_path

from stemobs.addresses import (
    MAX_LOCATION,
    NOT_FOR_READERS,
    build_location,
    redirect_for_good,
)


class PlainAddresses:
    """Redirects from an address that leads nowhere to its plain form, if that leads anywhere.

    The plain form of a plain form is itself, so no redirect leads back. An address that is too long
    to redirect to is answered as its plain form.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 404 or request.method not in ("GET", "HEAD"):
            return response
        prefix = request.path.removesuffix(request.path_info)
        for path in list_plain_paths(request.path_info):
            location = build_location(request, f"{prefix}{path}")
            is_short = len(location) <= MAX_LOCATION
            found = self.ask(request, path, "HEAD" if is_short else str(request.method))
            if found.status_code != 404:
                response.close()
                return redirect_for_good(location) if is_short else found
            found.close()
        return response

    def ask(self, request: HttpRequest, path: str, method: str) -> HttpResponse:
        """Return what this reader would get under another path."""
        named = {"REQUEST_METHOD": method, "PATH_INFO": path.encode().decode("latin-1")}
        return self.get_response(WSGIRequest({**request.META, **named}))


def list_plain_paths(path: str) -> Iterator[str]:
    """Yield the plain forms of a path that stand for some view of this site, the nearest first."""
    single = re.sub("/{2,}", "/", path)
    for form in dict.fromkeys((single, single.lower())):
        for plain in dict.fromkeys((form, form.rstrip("/"), f"{form.rstrip('/')}/")):
            if plain != path and is_valid_path(plain) and not plain.startswith(NOT_FOR_READERS):
                yield plain


class MissingSlashes(CommonMiddleware):
    """Adds a missing slash at the end of a path as Django does, but keeps the query as it came.

    An address that is too long to redirect to is answered as if it had the slash.
    """

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        path = f"{request.path}/"
        is_long = len(build_location(request, path)) > MAX_LOCATION
        if is_long and self.should_redirect_with_slash(request):
            request.path, request.path_info = path, f"{request.path_info}/"
        return super().process_request(request)

    def get_full_path_with_slash(self, request: HttpRequest) -> str:
        super().get_full_path_with_slash(request)  # refuses a POST while debugging
        return build_location(request, f"{request.path}/")

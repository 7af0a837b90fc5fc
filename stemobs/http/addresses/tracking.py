"""Middleware that drops what advertising and mailing services append to addresses.

Such a parameter says where a reader came from and nothing about what to answer. Every other unknown
parameter stays wrong input, because it may be a mistyped one.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from stemobs.addresses import (
    MAX_LOCATION,
    NOT_FOR_READERS,
    build_location,
    is_tracking,
    keep_parameters,
    redirect_for_good,
)


class TrackingParameters:
    """Redirects readers to the same address without tracking parameters, all else as it was.

    An address that is too long to redirect to is answered as if it had none.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_read = request.method in ("GET", "HEAD") and not request.path.startswith(NOT_FOR_READERS)
        given = request.META.get("QUERY_STRING", "")
        if not (is_read and given):
            return self.get_response(request)
        kept = keep_parameters(given, lambda name, _value: not is_tracking(name))
        if kept == given:
            return self.get_response(request)
        kept = kept if kept.strip("&") else ""
        location = build_location(request, request.path, kept)
        if len(location) <= MAX_LOCATION:
            return redirect_for_good(location)
        request.META["QUERY_STRING"] = kept
        return self.get_response(request)

"""Middleware that chooses the coding of answers: gzip where a client accepts it, also for files.

The header Accept-Encoding is read in `stemobs.accepting`, because both Django and WhiteNoise take
the refusal `gzip;q=0` for a request.

What is small, a zip archive or stored in no other coding is sent as it is, also to a client that
refuses that (`identity;q=0`). RFC 9110 would allow a 406 instead, but its text would be sent as it
is too, and say less.
"""

from copy import copy
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import get_conditional_response
from django.utils.http import parse_http_date_safe
from whitenoise.middleware import WhiteNoiseMiddleware

from stemobs.accepting import choose_coding

ACCEPTED = "HTTP_ACCEPT_ENCODING"
# Fewer bytes than this fit into one packet anyway. Django adds random bytes against guessing, so
# whether a small answer gets shorter by compression would be a matter of chance.
SMALL = 1_000
# Content types that are zip archives. Compressing them again gains nothing, and the answer would
# lose its Content-Length.
COMPRESSED = ("application/vnd.openxmlformats-officedocument.", "application/zip")


class Compression(GZipMiddleware):
    """Compresses answers for clients that accept gzip, except small ones and zip archives."""

    def process_request(self, request: HttpRequest) -> None:
        """Leave only the coding that was chosen in the header that Django's own code reads."""
        request.META[ACCEPTED] = choose_coding(request.META.get(ACCEPTED, ""), ["gzip"])

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if is_small(response) or response.headers.get("Content-Type", "").startswith(COMPRESSED):
            return response
        return super().process_response(request, response)


def is_small(response: Any) -> bool:
    return not response.streaming and len(response.content) < SMALL


class StaticFiles(WhiteNoiseMiddleware):
    """Sends static files, each in the coding that the client prefers, with a tag of its own.

    Files are always sent whole, so that no client joins parts of two codings or of two releases.
    """

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return WhiteNoiseMiddleware.serve(static_file, request)
        head: Any = send_whole(static_file, request, "HEAD")
        changed = parse_http_date_safe(head.headers.get("Last-Modified", ""))
        answer: Any = get_conditional_response(request, head.headers["ETag"], changed, head)
        if answer is not head or request.method == "HEAD":
            return answer
        return send_whole(static_file, request, "GET")


def send_whole(static_file: Any, request: HttpRequest, method: str) -> HttpResponseBase:
    """Return the response with a file in the coding that the client prefers."""
    found = (dict(headers).get("Content-Encoding") for _, _, headers in static_file.alternatives)
    wanted = choose_coding(request.META.get(ACCEPTED, ""), [coding for coding in found if coding])
    # WhiteNoise sees no other header, so it answers neither 304 nor a part of the file.
    seen = copy(request)
    seen.method, seen.META = method, {ACCEPTED: wanted}
    response = WhiteNoiseMiddleware.serve(static_file, seen)
    if coding := response.headers.get("Content-Encoding"):
        response.headers["ETag"] = f'{response.headers["ETag"][:-1]}-{coding}"'
    return response

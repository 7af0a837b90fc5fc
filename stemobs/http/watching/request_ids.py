"""Middleware that gives each request an id, which the log, the answer and the proxy share."""

import re
from collections.abc import Callable
from secrets import token_hex

from django.http import HttpRequest, HttpResponse

from stemobs.logs import request_id

HEADER = "X-Request-ID"
# What a proxy may have made. Anything else could be made up to deceive who reads the log.
SANE = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestIds:
    """Takes the id of a proxy, or makes one, and sends it back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        own = given if SANE.fullmatch(given) else token_hex(16)
        # Kept until the next request of this thread: a streamed file is made after this returns.
        request_id.set(own)
        response = self.get_response(request)
        response.headers[HEADER] = own
        return response

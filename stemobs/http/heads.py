"""Middleware that keeps the head of every answer short enough for the buffers of proxies.

Where it is longer, the usual proxy answers 502: nginx reads a head into 4,096 bytes, and a cache
keeps the address there as well. The security headers, those for other origins and the server's own
take about a thousand of them.
"""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from stemobs.http.errors import make_error_response

LONGEST = 2_400  # bytes of all other headers
BETWEEN_LINKS = re.compile(r",\s*(?=<)")


class ShortHeads:
    """Leaves out links that make a head too long, and answers 414 in place of a long redirect.

    Links are left out from the last one on, so views name the most important one first. What they
    lead to stands in the body as well.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        room = LONGEST - len(request.get_full_path())
        if "Link" in response.headers:
            shorten_links(response, room)
        if "Location" in response.headers and measure_head(response) > room:
            return make_error_response(
                request, 414, _("The address is too long. Use fewer filters or parameters.")
            )
        return response


def shorten_links(response: HttpResponse, room: int) -> None:
    """Drop the last links of a response until its headers take no more bytes than `room`."""
    links = BETWEEN_LINKS.split(response.headers["Link"])
    del response.headers["Link"]
    room -= measure_head(response) + len("Link: \r\n")
    while links and len(", ".join(links)) > room:
        links.pop()
    if links:
        response.headers["Link"] = ", ".join(links)


def measure_head(response: HttpResponse) -> int:
    """Return how many bytes the headers of a response take."""
    return sum(len(f"{name}: {value}\r\n") for name, value in response.headers.items())

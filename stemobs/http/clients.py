"""Middleware for client programs: cross-origin requests (CORS) and the rate limit."""

import logging
import re
from collections.abc import Callable
from functools import cache
from pathlib import PurePosixPath

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from stemobs.addresses import NOT_FOR_READERS, SUGGEST, is_of_api
from stemobs.clients import ClientThrottle
from stemobs.http.errors import make_error_response

log = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]

READING = "GET, HEAD, OPTIONS"
EXPOSED = (
    "Content-Disposition, ETag, Last-Modified, Link, RateLimit, RateLimit-Policy, Retry-After, "
    "Warning"
)
ONE_DAY = 86_400  # seconds
# What crawlers, browsers and balancers ask for by themselves. A refusal would harm all readers.
NEVER_LIMITED = re.compile(r"/robots\.txt|/sitemap.*\.xml|/favicon\.ico|/\.well-known/.*")
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


class CrossOrigin:
    """Lets scripts of any web page read public answers (CORS).

    This is safe: browsers send no cookies to a site that allows every origin.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith((*NOT_FOR_READERS, SUGGEST)):
            return self.get_response(request)
        is_preflight = (
            request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        )
        response = answer_preflight(request) if is_preflight else self.get_response(request)
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
        return response


def answer_preflight(request: HttpRequest) -> HttpResponse:
    """Return the answer to a CORS preflight: the methods and headers that a script may use."""
    response = HttpResponse(status=204)
    response.headers["Access-Control-Allow-Methods"] = READING
    response.headers["Access-Control-Allow-Headers"] = "*"
    response.headers["Access-Control-Max-Age"] = str(ONE_DAY)
    patch_vary_headers(response, ["Access-Control-Request-Method"])
    return response


class RateLimit:
    """Answers 429 to a client that sends more requests for the API or for files than allowed."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_limited(request.path):
            return self.get_response(request)
        warn_of_untrusted_proxy(request)
        throttle = ClientThrottle()
        allowed = throttle.allows(request)
        response = self.get_response(request) if allowed else refuse_client(request, throttle)
        for name, value in throttle.headers.items():
            response.headers[name] = value
        return response


def is_limited(path: str) -> bool:
    """Whether the rate limit applies to a path: the API, and files with an ending."""
    if NEVER_LIMITED.fullmatch(path):
        return False
    return is_of_api(path) or bool(PurePosixPath(path).suffix)


def warn_of_untrusted_proxy(request: HttpRequest) -> None:
    """Log once a process if a proxy forwards addresses and the settings trust none."""
    trusted = settings.REST_FRAMEWORK["NUM_PROXIES"]
    if not trusted and any(name in request.META for name in FORWARDED):
        log_untrusted_proxy()


@cache
def log_untrusted_proxy() -> None:
    log.warning(
        "Requests come with a forwarded address, but TRUSTED_PROXIES is not set: "
        "behind a proxy, all readers count as one client."
    )


def refuse_client(request: HttpRequest, throttle: ClientThrottle) -> HttpResponse:
    seconds = throttle.seconds_to_wait
    detail = _("Too many requests. Ask again in {seconds} seconds.").format(seconds=seconds)
    response = make_error_response(request, 429, detail)
    response.headers["Retry-After"] = str(seconds)
    return response

"""Middleware for client programs: cross-origin requests (CORS) and the rate limit."""

import logging
import re
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from rest_framework.throttling import SimpleRateThrottle

from stemobs.addresses import NOT_FOR_READERS, is_of_api
from stemobs.http.errors import make_error_response

log = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]

READING = "GET, HEAD, OPTIONS"
EXPOSED = (
    "Content-Disposition, ETag, Last-Modified, Link, RateLimit, RateLimit-Policy, Retry-After, "
    "Warning"
)
ONE_DAY = 86_400  # seconds
POLICY = "client"
# The prefix length of the IPv6 network that one household or school gets, counted as one client.
ONE_CLIENT = 64
# What crawlers, browsers and balancers ask for by themselves. A refusal would harm all readers.
NEVER_LIMITED = re.compile(r"/robots\.txt|/sitemap.*\.xml|/favicon\.ico|/\.well-known/.*")
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")
# An address with a port, which some proxies put into X-Forwarded-For.
WITH_PORT = re.compile(r"\[(?P<v6>[^]]+)\](:\d+)?|(?P<v4>[\d.]+):\d+")


class CrossOrigin:
    """Lets scripts of any web page read public answers (CORS).

    This is safe: browsers send no cookies to a site that allows every origin.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(NOT_FOR_READERS):
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


class ClientThrottle(SimpleRateThrottle):
    """Counts the requests of a client in a cache that all processes share."""

    scope = POLICY
    num_requests: int | None
    duration: int | None

    def get_rate(self) -> str | None:
        return settings.API_RATE or None

    def get_cache_key(self, request: HttpRequest, view: Any) -> str | None:
        """Return the cache key for a client's requests; None if the client has no address.

        The key holds a keyed digest of the client's network, so that no IP address is stored.
        """
        network = find_network(find_client(request))
        if not network:
            return None
        digest = salted_hmac("stemobs.clients", network, algorithm="sha256")
        return self.cache_format % {"scope": self.scope, "ident": digest.hexdigest()}

    def allows(self, request: HttpRequest) -> bool:
        """Whether this request is within the limit; also true if requests cannot be counted."""
        self.history: list[float] = []
        self.now = self.timer()
        try:
            return self.allow_request(request, None)  # type: ignore[arg-type]  # as above
        # A broken cache must not stop readers: its disk may be full, one of its files damaged, or
        # its server down.
        except Exception as error:
            log.warning("Requests cannot be counted: %s", error)
            with suppress(Exception):
                self.cache.delete(self.key)
            return True

    @property
    def headers(self) -> dict[str, str]:
        """Return the RateLimit headers: the limit, requests left, seconds to wait (IETF draft 10).

        They are empty if there is no limit.
        """
        if self.num_requests is None:
            return {}
        left = self.num_requests - len(self.history)
        return {
            "RateLimit-Policy": f'"{POLICY}";q={self.num_requests};w={self.duration}',
            "RateLimit": f'"{POLICY}";r={max(left, 0)};t={self.seconds_to_wait}',
        }

    @property
    def seconds_to_wait(self) -> int:
        """Return the seconds until the oldest counted request no longer counts; at least 1."""
        oldest = self.history[-1] if self.history else self.now
        return max(1, ceil((self.duration or 0) - (self.now - oldest)))


def find_client(request: HttpRequest) -> str:
    """Return the address of the client as far as the settings trust proxies; "" if unknown."""
    # The framework reads X-Forwarded-For only as far as NUM_PROXIES says to trust it.
    return ClientThrottle().get_ident(request) or ""  # type: ignore[arg-type]  # only META is read


def find_network(address: str) -> str:
    """Return the text that identifies a client: its IPv4 address, or its IPv6 network."""
    with_port = WITH_PORT.fullmatch(address)
    try:
        parsed = ip_address(with_port["v6"] or with_port["v4"] if with_port else address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and not parsed.ipv4_mapped:
        return str(ip_network((parsed.packed[:8] + bytes(8), ONE_CLIENT)))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


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

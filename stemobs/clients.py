"""Who a client is, and how often it may ask, without storing the address of anybody."""

import logging
import re
from contextlib import suppress
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from rest_framework.throttling import SimpleRateThrottle

log = logging.getLogger(__name__)

POLICY = "client"
# The prefix length of the IPv6 network that one household or school gets, counted as one client.
ONE_CLIENT = 64
# An address with a port, which some proxies put into X-Forwarded-For.
WITH_PORT = re.compile(r"\[(?P<v6>[^]]+)\](:\d+)?|(?P<v4>[\d.]+):\d+")


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
            return self.allow_request(request, None)  # type: ignore[arg-type]  # only META is read
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

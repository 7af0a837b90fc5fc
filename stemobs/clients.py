"""Who a client is, and how often it may ask, without storing the address of anybody."""

import logging
import re
from contextlib import suppress
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import Any

from django.conf import settings
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.filebased import FileBasedCache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from rest_framework.throttling import SimpleRateThrottle

log = logging.getLogger(__name__)

POLICY = "client"
# How many numbers of requests are kept of the time that a limit is for.
PARTS = 60
# The prefix length of the IPv6 network that one household or school gets, counted as one client.
ONE_CLIENT = 64
# An address with a port, which some proxies put into X-Forwarded-For.
WITH_PORT = re.compile(r"\[(?P<v6>[^]]+)\](:\d+)?|(?P<v4>[\d.]+):\d+")


class CountFiles(FileBasedCache):
    """The cache for the limit: a file for each client, which is written over from then on.

    Django makes a new file for each count, and lists the folder to see whether there is room. What
    has a file needs no room. Who reads half of a count begins to count anew.
    """

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        try:
            # The type stubs lack what Django's own methods are made of.
            with open(self._key_to_file(key, version), "r+b") as file:  # type: ignore[attr-defined]  # see above
                self._write_content(file, timeout, value)  # type: ignore[attr-defined]  # see above
                file.truncate()
        except FileNotFoundError:
            super().set(key, value, timeout, version)


class ClientThrottle(SimpleRateThrottle):
    """Counts the requests of a client in a cache that all processes share.

    What is kept is small, because every request reads and writes it: requests that come within the
    same sixtieth of the time are one number. They count from the first of them.
    """

    scope = POLICY
    cache_format = "counts_%(scope)s_%(ident)s"
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
        self.counts: list[tuple[float, int]] = []
        self.now = self.timer()
        try:
            return self.allow_request(request, None)
        # A broken cache must not stop readers: its disk may be full, one of its files damaged, or
        # its server down.
        except Exception as error:
            log.warning("Requests cannot be counted: %s", error)
            with suppress(Exception):
                self.cache.delete(self.key)
            return True

    def allow_request(self, request: Any, view: Any) -> bool:
        """Count this request, unless the client has reached the limit."""
        self.key = self.get_cache_key(request, view) if self.num_requests else None
        if self.key is None or self.num_requests is None or self.duration is None:
            return True
        begin = self.now - self.duration
        kept = [(first, count) for first, count in self.cache.get(self.key, ()) if first > begin]
        if sum(count for _first, count in kept) >= self.num_requests:
            self.counts = kept
            return False
        self.counts = add_request(kept, self.now, self.duration / PARTS)
        self.cache.set(self.key, self.counts, self.duration)
        return True

    @property
    def headers(self) -> dict[str, str]:
        """Return the RateLimit headers: the limit, requests left, seconds to wait (IETF draft 10).

        They are empty if there is no limit.
        """
        if self.num_requests is None:
            return {}
        left = self.num_requests - sum(count for _first, count in self.counts)
        return {
            "RateLimit-Policy": f'"{POLICY}";q={self.num_requests};w={self.duration}',
            "RateLimit": f'"{POLICY}";r={max(left, 0)};t={self.seconds_to_wait}',
        }

    @property
    def seconds_to_wait(self) -> int:
        """Return the seconds until the oldest counted request no longer counts; at least 1."""
        oldest = self.counts[0][0] if self.counts else self.now
        return max(1, ceil((self.duration or 0) - (self.now - oldest)))


def add_request(
    counts: list[tuple[float, int]], now: float, width: float
) -> list[tuple[float, int]]:
    """Return counts with one more request, beside those before it if these began lately."""
    if counts and 0 <= now - counts[-1][0] < width:
        first, count = counts[-1]
        return [*counts[:-1], (first, count + 1)]
    return [*counts, (now, 1)]


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

"""What Prometheus is told at /metrics: of requests, of the index of each process, of databases.

No label holds a path, a word of a reader or of a draft, or anything of a client. The processes of a
server add up what they count in the folder that gunicorn.conf.py makes for them.
"""

import os
from collections.abc import Callable
from ipaddress import ip_address
from threading import Lock
from time import perf_counter
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

from stemobs.addresses import word_missing
from stemobs.catalogue.catalogue import Catalogue, keeper
from stemobs.http.errors import make_error_response
from stemobs.http.watching.databases import Databases, Jobs

PATH = "/metrics"
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
# What proxies add. A request with one of these came from further away than it seems.
FORWARDED = ("HTTP_X_FORWARDED", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")
METHODS = ("GET", "HEAD", "POST", "OPTIONS")
BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

# What the page of an address that leads nowhere suggests.
NOTHING_LIKE_IT: dict[str, Any] = {"words": "", "likely": (), "ends": ()}

own = CollectorRegistry()
REQUESTS = Counter(
    "stem_requests", "Requests that were answered.", ["route", "method", "status"], registry=own
)
SECONDS = Histogram(
    "stem_request_seconds", "How long an answer took.", ["route"], buckets=BUCKETS, registry=own
)
RENEWALS = Counter("stem_index_renewals", "How often an index was made anew.", registry=own)
RENEWING = Counter(
    "stem_index_renewing_cpu_seconds", "How much of a processor that took.", registry=own
)
REVISION = Gauge(
    "stem_index_revision", "The revision of the catalogue in the index of a process.",
    multiprocess_mode="liveall", registry=own,
)  # fmt: skip
RENEWED = Gauge(
    "stem_index_renewed_timestamp_seconds", "When the index of a process was made anew.",
    multiprocess_mode="liveall", registry=own,
)  # fmt: skip


class Metrics:
    """Counts requests if METRICS is set, and tells the figures to those whom it names."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == PATH:
            return answer_prometheus(request)
        if not settings.METRICS:
            return self.get_response(request)
        begun = perf_counter()
        response = self.get_response(request)
        note_request(request, response.status_code, perf_counter() - begun)
        index_watch.look()
        return response


# --- Counting -------------------------------------------------------------------------------------


def note_request(request: HttpRequest, status: int, seconds: float) -> None:
    route = name_route(request)
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(route, method, f"{status // 100}xx").inc()
    SECONDS.labels(route).observe(seconds)


def name_route(request: HttpRequest) -> str:
    """Return the name of the kind of address, such as programme; "none" if it is of no kind."""
    if request.path_info.startswith(f"/{settings.STATIC_URL.strip('/')}/"):
        return "static"
    try:
        # What is answered before a view is chosen, such as “not modified”, is of a kind too.
        match = request.resolver_match or resolve(request.path_info)
    except Resolver404:
        return "none"
    return match.view_name if match.url_name else "none"


class IndexWatch:
    """Notes when the index of this process was made anew."""

    def __init__(self) -> None:
        self.noted, self.noted_seconds = 0, 0.0
        self.seen: Catalogue | None = None
        self.lock = Lock()

    def look(self) -> None:
        with self.lock:
            kept, made, spent = keeper.kept, keeper.renewals, keeper.spent
            if kept and kept is not self.seen:
                RENEWALS.inc(made - self.noted)
                RENEWING.inc(spent - self.noted_seconds)
                self.seen = kept
                REVISION.set(kept.revision)
                RENEWED.set_to_current_time()
                self.noted, self.noted_seconds = made, spent


index_watch = IndexWatch()


# --- Telling --------------------------------------------------------------------------------------


def answer_prometheus(request: HttpRequest) -> HttpResponse:
    """Answer with the figures; anybody else learns no more than that nothing is here."""
    if not may_read(request):
        return make_error_response(request, 404, word_missing(Http404()), **NOTHING_LIKE_IT)
    index_watch.look()
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(write_figures(), content_type=CONTENT_TYPE_PLAIN_0_0_4, headers=headers)


def may_read(request: HttpRequest) -> bool:
    """Whether a request came straight from an address that METRICS names."""
    if any(name.startswith(FORWARDED) for name in request.META):
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in network for network in settings.METRICS)


def write_figures() -> bytes:
    whole = CollectorRegistry()
    if FOLDER in os.environ:
        MultiProcessCollector(whole)
    else:
        whole.register(own)
    whole.register(Databases())
    whole.register(Jobs())
    return generate_latest(whole)

"""The health checks: whether the process runs (live) and can serve the catalogue (ready)."""

import socket
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from stemobs.catalogue.catalogue import keeper
from stemobs.catalogue.states.requests import (
    build_in_background,
    find_remembered_moment,
    get_request_catalogue,
    read_any_state,
)
from stemobs.http.checks import find_stale_static_files

AWAY = "The database does not answer."
LIVE = "/health/live"
ASKS_FOR_LIFE = (f"GET {LIVE} ".encode(), f"HEAD {LIVE} ".encode())
# The longest head of a request that is looked at beforehand.
LONGEST_HEAD = 4_096
# By name: gunicorn's workers cannot be imported on every system, and the site runs there too.
THREADS = "gunicorn.workers.gthread"


@require_safe
@never_cache
def report_liveness(request: HttpRequest) -> JsonResponse:
    """Answer 200 as long as the process runs."""
    return JsonResponse({"live": True})


@require_safe
@never_cache
def report_readiness(request: HttpRequest) -> JsonResponse:
    """Answer 200 if the catalogue was read and the database answers, else 503 with Retry-After.

    Without the collected static files, every page would fail, so the process is not ready then.
    """
    if find_stale_static_files():
        return make_not_ready_response("The static files are not those of this release.")
    if not keeper.is_ready:
        build_in_background()
        return make_not_ready_response("The catalogue is being read.")
    try:
        with read_any_state(request):
            revision = get_request_catalogue(request).revision
    except Error:
        return make_not_ready_response(AWAY)
    if find_remembered_moment(request):
        return make_not_ready_response(AWAY)
    return JsonResponse({"ready": True, "revision": revision})


def make_not_ready_response(reason: str) -> JsonResponse:
    return JsonResponse(
        {"ready": False, "reason": reason}, status=503, headers={"Retry-After": "5"}
    )


HEALTH_CHECKS: dict[str, Callable[..., HttpResponse]] = {
    LIVE: report_liveness,
    "/health/ready": report_readiness,
}


class HealthChecks:
    """Answers the health checks before host and scheme are looked at.

    A balancer asks by plain HTTP and by the address of a machine, or without a Host header. A
    redirect to https would look healthy to it, and a refusal of the host would look broken.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        check = HEALTH_CHECKS.get(request.path_info)
        if check is None or request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        return check(request)


# --- While all threads are busy -------------------------------------------------------------------


def answer_while_busy(worker: Any) -> None:
    """Let a worker of gunicorn say that it is alive while all its threads answer others.

    A thread of its own does so. It takes only requests that have come whole, so that none holds it.
    """
    if not isinstance(worker, import_string(f"{THREADS}.ThreadWorker")):
        return
    usual, spare = worker.enqueue_req, ThreadPoolExecutor(max_workers=1)

    def enqueue_req(conn: Any) -> None:
        head = peek(conn.sock) if is_busy(worker) else b"-"
        if head.startswith(ASKS_FOR_LIFE) and head.endswith(b"\r\n\r\n"):
            answered = spare.submit(worker.handle, conn)
            answered.add_done_callback(
                lambda done: worker.method_queue.defer(worker.finish_request, conn, done)
            )
        elif head or conn.data_ready:
            usual(conn)
        else:
            set_aside(worker, conn)

    worker.enqueue_req = enqueue_req


def is_busy(worker: Any) -> bool:
    """Whether a connection that has just come finds no thread for it."""
    waiting = len(worker.keepalived_conns) + len(worker.pending_conns)
    return bool(worker.nr_conns - waiting > worker.cfg.threads)


def peek(client: socket.socket) -> bytes:
    """Return what has come from a client so far, and leave it there to be read."""
    try:
        return client.recv(LONGEST_HEAD, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except OSError:
        return b""


def set_aside(worker: Any, conn: Any) -> None:
    """Let a worker come back to a connection when something comes from it."""
    nothing_yet: Future[object] = Future()
    nothing_yet.set_result(import_string(f"{THREADS}._DEFER"))
    worker.finish_request(conn, nothing_yet)

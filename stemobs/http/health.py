"""The health checks: whether the process runs (live) and can serve the catalogue (ready)."""

from collections.abc import Callable

from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from stemobs.catalogue.catalogue import keeper
from stemobs.catalogue.requests import (
    build_in_background,
    find_remembered_moment,
    get_request_catalogue,
    read_any_state,
)
from stemobs.http.checks import find_stale_static_files

AWAY = "The database does not answer."


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
    "/health/live": report_liveness,
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

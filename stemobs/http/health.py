"""The health checks: whether the process runs (live) and can serve the catalogue (ready)."""

from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from stemobs.catalogue.catalogue import keeper
from stemobs.catalogue.requests import find_remembered_moment, get_request_catalogue


@require_safe
@never_cache
def report_liveness(request: HttpRequest) -> JsonResponse:
    """Answer 200 as long as the process runs."""
    return JsonResponse({"live": True})


@require_safe
@never_cache
def report_readiness(request: HttpRequest) -> JsonResponse:
    """Answer 200 if the catalogue was read and the database answers, else 503 with Retry-After."""
    if not keeper.is_ready:
        keeper.build_in_background()
        return make_not_ready_response()
    try:
        revision = get_request_catalogue(request).revision
    except Error:
        return make_not_ready_response()
    if find_remembered_moment(request):
        return make_not_ready_response()
    return JsonResponse({"ready": True, "revision": revision})


def make_not_ready_response() -> JsonResponse:
    return JsonResponse({"ready": False}, status=503, headers={"Retry-After": "5"})

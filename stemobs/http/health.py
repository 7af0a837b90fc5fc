"""Whether the process lives, and whether it can answer."""

from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from stemobs.catalogue.catalogue import keeper
from stemobs.catalogue.requests import catalogue_of


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """Answer 200 as long as the process runs."""
    return JsonResponse({"live": True})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 if the catalogue was read and the database answers, else 503 with Retry-After."""
    if not keeper.is_ready:
        keeper.build_in_background()
        return not_ready()
    try:
        return JsonResponse({"ready": True, "revision": catalogue_of(request).revision})
    except Error:
        return not_ready()


def not_ready() -> JsonResponse:
    return JsonResponse({"ready": False}, status=503, headers={"Retry-After": "5"})

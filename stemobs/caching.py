"""How long answers may be kept: a minute for everyone's, never for a curator's."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

PUBLIC = "public, max-age=60"
PRIVATE = "private, no-cache"
NEVER = "no-store"


class CachePolicy:
    """Sets Cache-Control where no view has: a curator must see at once what was saved."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES
        if request.method not in ("GET", "HEAD") or response.status_code not in (200, 301, 304):
            policy = NEVER
        else:
            policy = PRIVATE if is_signed_in else PUBLIC
        response.headers.setdefault("Cache-Control", policy)
        patch_vary_headers(response, ["Cookie"])
        return response

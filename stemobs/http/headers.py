"""Middleware that adds headers: for security to every response, for robots to searches."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from stemobs.addresses import SUGGEST

PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def list_security_headers() -> dict[str, str]:
    """Return the security headers by name.

    Django's own middleware would leave them out of responses in which it refuses a request.
    """
    directives = (f"{name} {' '.join(sources)}" for name, sources in settings.SECURE_CSP.items())
    return {
        "Content-Security-Policy": "; ".join(directives),
        "Permissions-Policy": PERMISSIONS_POLICY,
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
    }


class SecurityHeaders:
    """Adds each security header to every response that does not have it yet.

    Browsers tell nobody the address of a suggestion, not even if it leads to an error.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.headers = list_security_headers()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(SUGGEST) and request.path != SUGGEST:
            response.headers["Referrer-Policy"] = "no-referrer"
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)
        return response


class UnindexedSearches:
    """Asks search engines not to index feeds, files and data that were searched for words.

    Whoever links to them can make up the words. Pages say the same in their head.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "q" in request.GET:
            response.headers["X-Robots-Tag"] = "noindex"
        return response

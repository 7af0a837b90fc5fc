"""Middleware that adds the security headers to every response, including error pages."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

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
    """Adds each security header to every response that does not have it yet."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.headers = list_security_headers()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)
        return response

"""The response headers in the OpenAPI description."""

from typing import Any

from django.utils.translation import gettext_lazy as _

TEXT = {"type": "string"}

HEADERS: dict[str, dict[str, Any]] = {
    "ETag": {
        "description": _(
            "Identifies this state of the catalogue. Send it back in `If-None-Match`."
        ),
        "schema": TEXT,
        "example": 'W/"5f2b9c1e"',
    },
    "LastModified": {
        "description": _(
            "When the answer last changed. It is left out soon after a change or a new release."
        ),
        "schema": TEXT,
        "example": "Sat, 21 Nov 2026 10:00:00 GMT",
    },
    "CacheControl": {
        "description": _("How long anybody may keep the answer."),
        "schema": TEXT,
        "example": "public, max-age=30, s-maxage=10, stale-while-revalidate=10",
    },
    "Location": {
        "description": _("The address to ask instead; it may begin with the path on this site."),
        "required": True,
        "schema": TEXT,
        "example": "/api/v1/programmes/?country=NL",
    },
    "Link": {
        "description": _(
            "Addresses of the next, previous, first and last page, as in RFC 8288. Those that do "
            "not fit into a header are left out."
        ),
        "schema": TEXT,
        "example": '</api/v1/programmes/?page=2>; rel="next"',
    },
    "ContentDisposition": {
        "description": _("The name to save a file under; not with JSON."),
        "schema": TEXT,
        "example": 'attachment; filename="stem-programmes-2026-11-21.csv"',
    },
    "RateLimitPolicy": {
        "description": _("How many requests one client may send in how many seconds."),
        "schema": TEXT,
        "example": '"client";q=600;w=60',
    },
    "RateLimit": {
        "description": _("How many requests are left, and after how many seconds there are more."),
        "schema": TEXT,
        "example": '"client";r=599;t=60',
    },
    "RetryAfter": {
        "description": _("After how many seconds to ask again."),
        "schema": {"type": "integer", "minimum": 1},
        "example": 12,
    },
}
LIMITS = {"RateLimit-Policy": "RateLimitPolicy", "RateLimit": "RateLimit"}
OF_ANSWERS = {
    "ETag": "ETag",
    "Last-Modified": "LastModified",
    "Cache-Control": "CacheControl",
    **LIMITS,
}


def refer_to_headers(names: dict[str, str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{part}"} for name, part in names.items()}


def list_answer_headers(is_list: bool, has_files: bool) -> dict[str, Any]:
    """Return references to the headers of a successful answer."""
    link = {"Link": "Link"} if is_list else {}
    file = {"Content-Disposition": "ContentDisposition"} if has_files else {}
    return refer_to_headers({**OF_ANSWERS, **link, **file})


def list_redirect_headers() -> dict[str, Any]:
    return refer_to_headers({"Location": "Location", "Cache-Control": "CacheControl", **LIMITS})


def list_error_headers(status: int) -> dict[str, Any]:
    return refer_to_headers({**LIMITS, "Retry-After": "RetryAfter"} if status == 429 else LIMITS)

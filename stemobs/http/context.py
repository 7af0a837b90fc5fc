"""The context processor that gives every template the addresses of the site and of the page."""

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest

from stemobs.addresses import build_absolute_url
from stemobs.catalogue.requests import find_remembered_moment


def add_site_context(request: HttpRequest) -> dict[str, Any]:
    """Template context: the addresses of site and page, and as of when a page from memory is."""
    return {
        "site_url": settings.SITE_URL,
        "page_url": build_absolute_url(request.path),
        "tell_us": write_mailto(build_absolute_url(request.path)),
        "remembered": find_remembered_moment(request),
    }


def write_mailto(subject: str) -> str:
    """Return the address of an email to the catalogue; "" if it has no CONTACT_EMAIL."""
    email = settings.CONTACT_EMAIL
    return f"mailto:{email}?subject={quote(subject)}" if email else ""

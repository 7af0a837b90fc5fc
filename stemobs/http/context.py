"""The context processor that gives every template the addresses of the site and of the page."""

from django.conf import settings
from django.http import HttpRequest

from stemobs.addresses import build_absolute_url


def add_site_context(request: HttpRequest) -> dict[str, str]:
    """Template context: the site's public address and this page's own, for canonical links."""
    return {"site_url": settings.SITE_URL, "page_url": build_absolute_url(request.path)}

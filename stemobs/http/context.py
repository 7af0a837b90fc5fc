"""The context processor that gives every template the addresses of the site and of the page."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest

from stemobs.addresses import SUGGEST, build_absolute_url
from stemobs.catalogue.states.requests import find_remembered_moment


def add_site_context(request: HttpRequest) -> dict[str, Any]:
    """Template context: addresses of site, page and form, and as of when a page from memory is."""
    return {
        "site_url": settings.SITE_URL,
        "page_url": build_absolute_url(request.path),
        "tell_us": link_to_form(request),
        "remembered": find_remembered_moment(request),
    }


def link_to_form(request: HttpRequest) -> str:
    """Return the address of the form for suggestions, about the record or the page that is shown.

    Templates may append the part of a record to it, as `&fact=…`.
    """
    if request.path.startswith(SUGGEST):
        return SUGGEST
    match = request.resolver_match
    if match and match.url_name == "programme":
        return f"{SUGGEST}?{urlencode({'programme': match.kwargs['slug']})}"
    return f"{SUGGEST}?{urlencode({'about': build_absolute_url(request.path)})}"

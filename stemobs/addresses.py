"""Helpers for URLs: absolute and missing addresses, and addresses without empty parameters."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

View = Callable[..., HttpResponse]

# The most characters of an address in a redirect: proxies refuse answers with long headers.
LONGEST_REDIRECT = 2_000

ADMIN = "/admin/"
# Paths that are not for readers: what they answer depends on more than the catalogue.
NOT_FOR_READERS = (ADMIN, "/health/")


def is_of_api(path: str) -> bool:
    """Whether a path belongs to the API, in any of its versions."""
    return path.startswith("/api/")


def build_absolute_url(path: str) -> str:
    """Return the absolute public address of a path on this site."""
    return f"{settings.SITE_URL}{path}"


class NothingThere(Http404):
    """A 404 with a reason that is worded for people."""


def word_missing(exception: Exception) -> str:
    """Return the reason of a 404. That of Django's own 404s names classes, so it is left out."""
    reason = str(exception) if isinstance(exception, NothingThere) else ""
    return reason or _("There is nothing at this address.")


def drop_empty_parameters(view: View) -> View:
    """Redirect to the same address without the empty parameters that an HTML form sends along.

    An address that is too long for a redirect is answered at once, as if they were not there.
    """

    @wraps(view)
    def shortened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        given = [(name, value) for name, values in request.GET.lists() for value in values]
        filled = [(name, value) for name, value in given if value]
        if len(filled) == len(given):
            return view(request, *args, **kwargs)
        query = urlencode(filled)
        if len(request.path) + len(query) > LONGEST_REDIRECT:
            request.GET = QueryDict(query)
            return view(request, *args, **kwargs)
        return redirect(f"{request.path}{'?' if filled else ''}{query}")

    return shortened

"""Addresses as others get them: whole, and short, so that people can keep and share them.

And which form of what stands there somebody would rather have.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from rest_framework.request import Request

View = Callable[..., HttpResponse]

ADMIN = "/admin/"
# Not for readers: nothing there depends on the catalogue alone.
NOT_FOR_READERS = (ADMIN, "/health/")


def is_of_api(path: str) -> bool:
    """Whether a path is one of the API, of whatever version, and so for programs."""
    return path.startswith("/api/")


def build_absolute_url(path: str) -> str:
    """Return the public address of a path on this site."""
    return f"{settings.SITE_URL}{path}"


def drop_empty_parameters(view: View) -> View:
    """Lead to the same address without the empty fields that a form sends along."""

    @wraps(view)
    def shortened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        given = [(name, value) for name, values in request.GET.lists() for value in values]
        filled = [(name, value) for name, value in given if value]
        if len(filled) == len(given):
            return view(request, *args, **kwargs)
        return redirect(f"{request.path}{'?' if filled else ''}{urlencode(filled)}")

    return shortened


def find_preferred_type(request: HttpRequest | Request, types: Iterable[str]) -> str | None:
    """Return the media type that the reader prefers, None where no header says so."""
    try:
        return request.get_preferred_type([*types])
    # Parameters of a type may claim to be in an encoding that does not exist.
    except (LookupError, ValueError):
        return None

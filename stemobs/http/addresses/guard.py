"""Middleware that refuses malformed requests (NUL, broken UTF-8, long queries) before any view."""

from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from stemobs.addresses import MAX_QUERY_BYTES
from stemobs.http.errors import make_error_response


def find_fault(raw: bytes) -> str:
    """Return what is wrong with the bytes of a query, as a sentence; "" if nothing is."""
    if b"\x00" in raw:
        return _("The address contains a NUL character.")
    try:
        raw.decode()
    except UnicodeDecodeError:
        return _("The address is not valid UTF-8.")
    return ""


class InputGuard:
    """Answers 400 to NUL characters and broken UTF-8, and 414 to queries that are too long."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        if len(query) > MAX_QUERY_BYTES:
            return make_error_response(request, 414, _("The query is longer than 8 kB."))
        # Broken UTF-8 in a path needs no check: Django quotes it again (%FF), which ends in a 404.
        if "\x00" in request.path:
            return make_error_response(request, 400, _("The address contains a NUL character."))
        # A quoted cookie can hold \000, and PostgreSQL refuses a NUL in any text, for example when
        # the session's key is looked up.
        if any("\x00" in value for value in request.COOKIES.values()):
            return make_error_response(request, 400, _("A cookie contains a NUL character."))
        # WSGI decodes the bytes of a query as Latin-1; encoding as Latin-1 restores them.
        if fault := find_fault(unquote_to_bytes(query.encode("latin-1", "replace"))):
            return make_error_response(request, 400, fault)
        return self.get_response(request)

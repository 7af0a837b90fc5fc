"""Middleware that refuses malformed requests (NUL, broken UTF-8, long queries) before any view."""

from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemobs.addresses import MAX_QUERY_BYTES, TOO_LONG
from stemobs.http.errors import make_error_response
from stemobs.selection.parameters import Problem, name_wrong

UNREADABLE = "\N{REPLACEMENT CHARACTER}"
WITH_NUL = gettext_lazy(
    "The address contains a character that is not allowed (NUL). Remove it and try again."
)
COOKIE_WITH_NUL = gettext_lazy(
    "A cookie contains a character that is not allowed (NUL). Delete it and try again."
)


def find_fault(raw: bytes) -> str:
    """Return what is wrong with the bytes of a query, as a sentence; "" if nothing is."""
    if b"\x00" in raw:
        return str(WITH_NUL)
    try:
        raw.decode()
    except UnicodeDecodeError:
        return _("The address contains characters that we cannot read: it is not valid UTF-8.")
    return ""


def find_wrong_parameters(query: bytes) -> list[Problem]:
    """Return a problem for each parameter whose name or value has a fault."""
    problems = []
    for part in query.split(b"&"):
        if fault := find_fault(unquote_to_bytes(part)):
            name, _equals, value = part.partition(b"=")
            problems.append(Problem(make_readable(name), make_readable(value), fault))
    return problems


def make_readable(raw: bytes) -> str:
    """Return a faulty name or value as a text that any reader takes."""
    text = unquote_to_bytes(raw.replace(b"+", b" ")).decode(errors="replace")
    return text.replace("\0", UNREADABLE)


def word_problems(problems: list[Problem]) -> str:
    """Return what is wrong with a query as sentences: the faults, and the parameters."""
    faults = dict.fromkeys(problem.reason for problem in problems)
    return " ".join([*faults, name_wrong(problem.parameter for problem in problems)])


class InputGuard:
    """Answers 400 to NUL characters and broken UTF-8, and 414 to queries that are too long."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        if len(query) > MAX_QUERY_BYTES:
            return make_error_response(request, 414, str(TOO_LONG))
        # Broken UTF-8 in a path needs no check: Django quotes it again (%FF), which ends in a 404.
        if "\x00" in request.path:
            return make_error_response(request, 400, str(WITH_NUL))
        # A quoted cookie can hold \000, and PostgreSQL refuses a NUL in any text, for example when
        # the session's key is looked up.
        if any("\x00" in value for value in request.COOKIES.values()):
            return make_error_response(request, 400, str(COOKIE_WITH_NUL))
        # WSGI decodes the bytes of a query as Latin-1; encoding as Latin-1 restores them.
        if problems := find_wrong_parameters(query.encode("latin-1", "replace")):
            return make_error_response(request, 400, word_problems(problems), problems=problems)
        return self.get_response(request)

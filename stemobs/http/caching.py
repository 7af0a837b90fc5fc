"""How long answers may be kept, and how to tell cheaply whether they still hold.

What readers see depends on the catalogue, the code, the address and the form they accept alone. So
the revision tells whether an answer still holds before anything is rendered.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date, parse_etags
from django.utils.translation import get_language

from stemobs.addresses import NOT_FOR_READERS
from stemobs.catalogue.moments import Moment
from stemobs.catalogue.requests import read_one_state
from stemobs.dumps.archive import find_offered_archive

PUBLIC = "public, max-age=60"
PRIVATE = "private, no-cache"
NEVER = "no-store"

GetResponse = Callable[[HttpRequest], HttpResponse]
# Where it is told which dump is offered; a new one comes without a change of the catalogue.
TELL_OF_DUMPS = ("home", "about-data", "catalogue-data")
# What answers are made with: of a new release nobody has anything yet.
CODE = ("programmes", "partnerships", "stemobs", "templates", "static", "locale")


def is_signed_in(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def is_for_everybody(request: HttpRequest) -> bool:
    """Whether it asks for something that all readers see alike."""
    is_read = request.method in ("GET", "HEAD") and not request.path.startswith(NOT_FOR_READERS)
    return is_read and not is_signed_in(request)


class CachePolicy:
    """Sets Cache-Control where no view has: a curator must see at once what was saved."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method not in ("GET", "HEAD") or response.status_code not in (200, 301, 304):
            policy = NEVER
        else:
            policy = PRIVATE if is_signed_in(request) else PUBLIC
        response.headers.setdefault("Cache-Control", policy)
        patch_vary_headers(response, ["Cookie"])
        return response


class RevisionTags:
    """Answers from one state what everybody may see, marks it with the revision of that state, and
    answers 304 while that is the latest.

    Curators' answers are left to be compared by their content. So are pages while developing, when
    templates change without a new process.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_for_everybody(request):
            return self.get_response(request)
        with ExitStack() as state:
            try:
                moment = state.enter_context(read_one_state(request))
            # The database cannot be asked: not every page needs it.
            except Error:
                return self.get_response(request)
            return self.mark_by_revision(request, moment)

    def mark_by_revision(self, request: HttpRequest, moment: Moment) -> HttpResponse:
        """Answer from the state of the catalogue that is being read, and mark it as that state."""
        tag = make_revision_tag(request, moment)
        # A time is too coarse: what commits later may have been written in the same second.
        request.META.pop("HTTP_IF_MODIFIED_SINCE", None)
        # Nobody has this tag of an address that never answered 200.
        if not settings.DEBUG and tag in parse_etags(request.headers.get("If-None-Match", "")):
            return HttpResponseNotModified(headers={"ETag": tag, "Vary": "Accept"})
        response = self.get_response(request)
        # What is sent while it is made has no content to compare, nor any template.
        is_by_revision = response.streaming or not settings.DEBUG
        is_marked = response.status_code == 200 and "Cache-Control" not in response.headers
        if is_by_revision and is_marked:
            response.headers["ETag"] = tag
            response.headers["Last-Modified"] = http_date(moment.changed_at.timestamp())
        return response


def make_revision_tag(request: HttpRequest, moment: Moment) -> str:
    """Return the tag of an address at a revision, in the language and the form in force."""
    accepted = request.headers.get("Accept", "")
    dump = (
        find_offered_archive(moment.number)
        if request.path in list_paths_telling_of_dumps()
        else None
    )
    parts = (*moment, digest_release(), get_language(), request.get_full_path(), accepted, dump)
    return f'W/"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


@cache
def list_paths_telling_of_dumps() -> frozenset[str]:
    return frozenset(map(reverse, TELL_OF_DUMPS))


@cache
def digest_release() -> str:
    """Return a digest of the code and of the settings that show."""
    digest = hashlib.sha256(settings.SITE_URL.encode())
    for file in list_code_files():
        digest.update(file.read_bytes())
    return digest.hexdigest()


def list_code_files() -> Iterator[Path]:
    yield settings.BASE_DIR / "requirements.lock"
    for folder in CODE:
        for file in sorted((settings.BASE_DIR / folder).rglob("*")):
            if file.is_file() and file.suffix != ".pyc":
                yield file

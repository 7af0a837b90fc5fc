"""HTTP caching: middleware that sets Cache-Control and ETag, and answers 304 Not Modified.

A public answer depends only on the catalogue, the code, the address and the Accept header. So the
revision of the catalogue decides, before anything is rendered, whether a cached answer is current.
"""

import hashlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date, parse_etags
from django.utils.translation import get_language

from stemobs.addresses import NOT_FOR_READERS
from stemobs.catalogue.moments import Moment
from stemobs.catalogue.requests import (
    find_remembered_moment,
    read_many_states,
    read_one_state,
)
from stemobs.dumps.archive import find_offered_archive

PUBLIC = "public, max-age=60"
PRIVATE = "private, no-cache"
NEVER = "no-store"
# The warning of RFC 7234, which has the code 110 for an answer that may no longer be the latest.
STALE = '110 - "The database cannot be reached; as of revision {number}, {made}"'

GetResponse = Callable[[HttpRequest], HttpResponse]
# Pages that link to the newest dump. A new dump changes them although the revision stays the same.
TELL_OF_DUMPS = ("home", "about-data", "catalogue-data")
# Folders whose files shape the answers. Their digest is part of every ETag, so that a new release
# makes all cached answers stale.
CODE = ("programmes", "partnerships", "stemobs", "templates", "static", "locale")


def is_signed_in(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def is_for_everybody(request: HttpRequest) -> bool:
    """Whether the answer to this request is the same for all readers."""
    is_read = request.method in ("GET", "HEAD") and not request.path.startswith(NOT_FOR_READERS)
    return is_read and not is_signed_in(request)


class CachePolicy:
    """Sets Cache-Control unless a view did.

    Readers' caches keep pages for a minute. Browsers of signed-in curators ask again each time, so
    that curators see at once what they saved.
    """

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
    """Sets ETag and Last-Modified by the catalogue's revision, and answers 304 while it is current.

    All of a public answer is read from one state of the catalogue. Answers to signed-in curators
    get no such tag: Django's own middleware compares their content. The same holds for pages with
    DEBUG on, because templates then change without a restart.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_for_everybody(request):
            with read_many_states():
                return mark_as_remembered(request, self.get_response(request))
        with read_one_state(request) as moment:
            # While the database is away the view still runs, for memory answers much.
            if moment is None:
                return mark_as_remembered(request, self.get_response(request))
            return mark_as_remembered(request, self.mark_by_revision(request, moment))

    def mark_by_revision(self, request: HttpRequest, moment: Moment) -> HttpResponse:
        """Return 304 if the client has the answer at this moment, else the view's tagged answer."""
        tag = make_revision_tag(request, moment)
        # If-Modified-Since is ignored: two revisions can fall into the same second.
        request.META.pop("HTTP_IF_MODIFIED_SINCE", None)
        # The view need not run to learn whether it would answer 200: only such answers get a tag.
        if not settings.DEBUG and tag in parse_etags(request.headers.get("If-None-Match", "")):
            return HttpResponseNotModified(headers={"ETag": tag, "Vary": "Accept"})
        response = self.get_response(request)
        # With DEBUG on, only streamed answers get the tag: they are made without templates, and
        # Django cannot compare their content.
        is_by_revision = response.streaming or not settings.DEBUG
        is_marked = response.status_code == 200 and "Cache-Control" not in response.headers
        if is_by_revision and is_marked and not find_remembered_moment(request):
            response.headers["ETag"] = tag
            response.headers["Last-Modified"] = http_date(moment.changed_at.timestamp())
        return response


def mark_as_remembered(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Say in an answer that was made from memory which state it shows; no cache may keep it."""
    moment = find_remembered_moment(request)
    if moment and response.status_code < 400 and response.headers.get("Cache-Control") != NEVER:
        made = moment.changed_at.isoformat(timespec="seconds")
        response.headers["Warning"] = STALE.format(number=moment.number, made=made)
        response.headers["Cache-Control"] = NEVER
    return response


def make_revision_tag(request: HttpRequest, moment: Moment) -> str:
    """Return the ETag of a request's address at a revision, for its language and Accept header."""
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
    """Return a digest of the code, the locked requirements and the public address of the site."""
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

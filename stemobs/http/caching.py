"""HTTP caching: middleware that sets Cache-Control and ETag, and answers 304 Not Modified.

A public answer depends only on the catalogue, the code, the address and, where there are several
forms, the Accept header. While the revision of the catalogue is the same, so is the answer, and
nothing is rendered to know that. After a change the answer is made anew once. If it turns out the
same, its tag stays, and whoever has it gets 304 as before.
"""

import datetime
import hashlib
from collections.abc import Callable
from copy import copy
from functools import cache
from math import ceil
from pathlib import PurePosixPath

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.middleware.http import ConditionalGetMiddleware
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date, parse_etags, parse_http_date_safe
from django.utils.translation import get_language

from stemobs.accepting import DEPENDS
from stemobs.addresses import NOT_FOR_READERS, SUGGEST, is_of_api
from stemobs.catalogue.states.moments import Moment
from stemobs.catalogue.states.requests import (
    find_former_moment,
    find_remembered_moment,
    read_many_states,
    read_one_state,
)
from stemobs.dumps.archive import find_offered_archive
from stemobs.http.kept import find_kept_answer, find_kept_tag, keep_answer, keep_tag
from stemobs.release import digest_release

# Nobody sees what was current more than a minute ago: a proxy may hand out for ten seconds what it
# keeps, and for ten more while it asks anew, and so may a browser that keeps what it got for thirty
# seconds. Only while the site does not answer a proxy shows what it has, for a day.
PUBLIC = "public, max-age=30, s-maxage=10, stale-while-revalidate=10, stale-if-error=86400"
PRIVATE = "private, no-cache"
NEVER = "no-store"
# While a large change is being read, readers get what was before it. A cache gives it away for a
# moment only, so that it adds nothing to that time.
FORMER = "public, max-age=1, s-maxage=1, stale-while-revalidate=1, stale-if-error=86400"
# The warnings of RFC 7234, which has the code 110 for an answer that may no longer be the latest.
STALE = '110 - "The database cannot be reached; as of revision {number}, {made}"'
BEHIND = '110 - "A large change is being read; as of revision {number}, {made}"'

GetResponse = Callable[[HttpRequest], HttpResponse]
# Pages that link to the newest dump. A new dump changes them although the revision stays the same.
TELL_OF_DUMPS = ("home", "about-data", "catalogue-data")
# How long ago a change must be for its second to tell states apart: longer than any transaction
# that writes, and than an old and a new release run side by side.
SETTLED = datetime.timedelta(minutes=10)
HOUR = 3_600  # seconds


def is_signed_in(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def is_for_everybody(request: HttpRequest) -> bool:
    """Whether the answer to this request is the same for all readers."""
    is_read = request.method in ("GET", "HEAD") and not request.path.startswith(NOT_FOR_READERS)
    return is_read and not is_signed_in(request)


def is_of_writer(request: HttpRequest) -> bool:
    """Whether the answer shows its reader what they have just sent, so that no replica may lag."""
    return request.path.startswith(SUGGEST) and request.path != SUGGEST


class CachePolicy:
    """Sets Cache-Control unless a view did.

    Readers' caches keep pages for less than a minute. Browsers of signed-in curators ask again each
    time, so that curators see at once what they saved.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if is_never_kept(request) or response.status_code not in (200, 301, 304):
            policy = NEVER
        else:
            policy = PRIVATE if is_signed_in(request) else PUBLIC
        response.headers.setdefault("Cache-Control", policy)
        tell_dependencies(request, response)
        return response


def is_never_kept(request: HttpRequest) -> bool:
    return request.method not in ("GET", "HEAD") or request.path.startswith(SUGGEST)


def tell_dependencies(request: HttpRequest, response: HttpResponse) -> None:
    """Set Vary to the headers that the answer depends on, alike for 200 and 304.

    The view does not run for a 304, so this is not left to views. A cache compares the value as it
    stands, so the names are sorted.
    """
    names = ["Accept-Encoding", "Cookie", *(["Accept"] if depends_on_accept(request) else [])]
    patch_vary_headers(response, names)
    response.headers["Vary"] = ", ".join(sorted(response.headers["Vary"].split(", ")))


class ContentTags(ConditionalGetMiddleware):
    """Tags answers by their content where nothing else did; HEAD gets the tag of GET.

    Django leaves HEAD out. Here its answer still has the body, which the server does not send.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        as_get = copy(request)
        as_get.method = "GET" if request.method == "HEAD" else request.method
        return super().process_response(as_get, response)


class RevisionTags:
    """Sets ETag and Last-Modified, and answers 304 while the catalogue's revision is the same.

    Only the very time that was sent is taken as current: clocks and backups may go back.

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
        with read_one_state(request, is_of_primary=is_of_writer(request)) as moment:
            # While the database is away the view still runs, for memory answers much.
            if moment is None:
                return mark_as_remembered(request, self.get_response(request))
            response = mark_as_former(request, self.mark_by_revision(request, moment))
            return mark_as_remembered(request, response)

    def mark_by_revision(self, request: HttpRequest, moment: Moment) -> HttpResponse:
        """Return 304 if the client has the answer at this moment, else the view's tagged answer."""
        state, changed = digest_state(request, moment), find_last_change(request, moment)
        # Taken away, because Django would answer 304 to any later time as well.
        asked = parse_http_date_safe(request.META.pop("HTTP_IF_MODIFIED_SINCE", ""))
        known = parse_etags(request.headers.get("If-None-Match", ""))
        # The view need not run to learn whether it would answer 200: only such answers get a tag.
        # What is streamed has the tag of its state, which no content has.
        tag = None if settings.DEBUG else find_kept_tag(state)
        for current in () if settings.DEBUG else (tag, write_tag(state)):
            if current in known:
                return HttpResponseNotModified(headers={"ETag": current})
        kept = None if settings.DEBUG else find_kept_answer(request, state)
        response = kept or self.get_response(request)
        # With DEBUG on, only streamed answers get the tag: they are made without templates, and
        # Django cannot compare their content.
        is_by_revision = response.streaming or not settings.DEBUG
        is_marked = response.status_code == 200 and "Cache-Control" not in response.headers
        is_latest = not (find_remembered_moment(request) or find_former_moment(request))
        if not (is_by_revision and is_marked and is_latest):
            return response
        tag = tag or make_tag(request, state, response)
        if not settings.DEBUG:
            keep_tag(state, tag)
        if not (kept or settings.DEBUG):
            keep_answer(request, state, response)
        marks = {"ETag": tag, **({"Last-Modified": http_date(changed)} if changed else {})}
        # A time is not of one address, as a tag is: the view had to say that it answers 200.
        if changed and asked == changed and not known:
            return HttpResponseNotModified(headers=marks)
        for name, value in marks.items():
            response.headers[name] = value
        return response


def depends_on_accept(request: HttpRequest) -> bool:
    """Whether the answer depends on the Accept header: all of the API, and views that say so."""
    if is_of_api(request.path):
        return True
    try:
        return hasattr(resolve(request.path_info).func, DEPENDS)
    except Resolver404:
        return False


def find_last_change(request: HttpRequest, moment: Moment) -> int | None:
    """Return the second in which the answer changed last; None if no second tells it for sure.

    Two changes may fall into one second, and one of them may be seen minutes later, when its
    transaction ends. So a second counts only when it is long past. A new release changes answers
    too: then the hour after the start of the process counts, in which all its workers agree. For
    pages, so does midnight, because their timelines mark today.
    """
    if request.path in list_paths_telling_of_dumps():
        return None
    release = ceil((settings.STARTED + SETTLED).timestamp() / HOUR) * HOUR
    changed = max(int(moment.changed_at.timestamp()), release)
    if not is_of_api(request.path) and not PurePosixPath(request.path).suffix:
        today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        changed = max(changed, int(today.timestamp()))
    return changed if changed <= (timezone.now() - SETTLED).timestamp() else None


def mark_as_remembered(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Say in an answer that was made from memory which state it shows; no cache may keep it."""
    moment = find_remembered_moment(request)
    if moment and response.status_code < 400 and response.headers.get("Cache-Control") != NEVER:
        response.headers["Warning"] = word_warning(STALE, moment)
        response.headers["Cache-Control"] = NEVER
    return response


def mark_as_former(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Say in an answer that a later state is being read; caches keep it for a moment only.

    It has not the tag of its revision: a cache that asked by that later would keep the warning.
    """
    moment = find_former_moment(request)
    if moment and response.status_code in (200, 304) and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = FORMER
        if response.status_code == 200:
            response.headers["Warning"] = word_warning(BEHIND, moment)
    return response


def word_warning(words: str, moment: Moment) -> str:
    made = moment.changed_at.isoformat(timespec="seconds")
    return words.format(number=moment.number, made=made)


def digest_state(request: HttpRequest, moment: Moment) -> str:
    """Return a digest of all that the answer to a request depends on, at a revision.

    It changes from day to day as well, because timelines mark today.
    """
    dump = (
        find_offered_archive(moment.number)
        if request.path in list_paths_telling_of_dumps()
        else None
    )
    state = (*moment, timezone.localdate(), digest_release())
    return digest((*state, *list_form(request), dump))


def make_tag(request: HttpRequest, state: str, response: HttpResponse) -> str:
    """Return the ETag of an answer: of its content, or of its state if it is streamed.

    What is streamed is never whole in memory, so its tag is another one after every change.
    """
    if response.streaming:
        return write_tag(state)
    return write_tag(digest(list_form(request), response.content))


def write_tag(of: str) -> str:
    return f'W/"{of}"'


def list_form(request: HttpRequest) -> tuple[str | None, ...]:
    """Return what tells answers of one state apart: language, address and Accept header."""
    accepted = request.headers.get("Accept", "") if depends_on_accept(request) else ""
    return get_language(), request.get_full_path(), accepted


def digest(parts: tuple[object, ...], content: bytes = b"") -> str:
    made = hashlib.sha256(repr(parts).encode())
    made.update(content)
    return made.hexdigest()[:32]


@cache
def list_paths_telling_of_dumps() -> frozenset[str]:
    return frozenset(map(reverse, TELL_OF_DUMPS))

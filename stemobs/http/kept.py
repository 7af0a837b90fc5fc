"""Answers and tags that each process keeps in memory until what they depend on changes.

Most readers ask for the same few pages, and an answer in the same state is the same: what tells a
browser that its copy is current tells so of this one. Django's cache in memory drops those that
were not asked for longest. A state is a digest of all that an answer depends on.
"""

from django.core.cache import caches
from django.http import HttpRequest, HttpResponse

LARGEST = 250_000  # bytes


def find_kept_answer(request: HttpRequest, state: str) -> HttpResponse | None:
    kept = caches["answers"].get(state) if request.method == "GET" else None
    if kept is None:
        return None
    content, headers = kept
    return HttpResponse(content, headers=headers)


def keep_answer(request: HttpRequest, state: str, response: HttpResponse) -> None:
    """Keep a whole answer of moderate size; cookies are for one reader alone."""
    if request.method != "GET" or response.streaming or response.cookies:
        return
    if len(response.content) <= LARGEST:
        caches["answers"].set(state, (response.content, dict(response.headers)), timeout=None)


def find_kept_tag(state: str) -> str | None:
    """Return the ETag that the answer in a state has, if this process has made it."""
    return caches["tags"].get(state)


def keep_tag(state: str, tag: str) -> None:
    caches["tags"].set(state, tag, timeout=None)

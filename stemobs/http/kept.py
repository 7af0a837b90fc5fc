"""Answers that each process keeps in memory until their tag changes.

Most readers ask for the same few pages, and an answer with the same tag is the same: what tells a
browser that its copy is current tells so of this one. Django's cache in memory drops those that
were not asked for longest.
"""

from django.core.cache import caches
from django.http import HttpRequest, HttpResponse

LARGEST = 250_000  # bytes


def find_kept_answer(request: HttpRequest, tag: str) -> HttpResponse | None:
    kept = caches["answers"].get(tag) if request.method == "GET" else None
    if kept is None:
        return None
    content, headers = kept
    return HttpResponse(content, headers=headers)


def keep_answer(request: HttpRequest, tag: str, response: HttpResponse) -> None:
    """Keep a whole answer of moderate size; cookies are for one reader alone."""
    if request.method != "GET" or response.streaming or response.cookies:
        return
    if len(response.content) <= LARGEST:
        caches["answers"].set(tag, (response.content, dict(response.headers)), timeout=None)

"""Saves the site's answers at every address to a file, and compares two such files.

This shows that a change of the code changes nothing for readers: save the answers, change the code,
and compare, with the same database and on the same day.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urldefrag, urljoin, urlsplit

from django.conf import settings
from django.contrib.admin import site as admin_site
from django.test import Client
from django.urls import reverse

# The first addresses to ask. Links on their pages are followed; a page whose address has a query is
# asked, but its links with queries are not followed.
STARTS = (
    "/", "/sitemap.xml", "/robots.txt", "/api", "/api/v1/", "/api/v1/schema/", "/api/v1/docs/",
    "/catalogue.jsonld", "/about/components/", "/health/live", "/health/ready", "/favicon.ico",
    "/.well-known/security.txt", "/programmes.csv", "/programmes.xlsx", "/programmes.ndjson",
    "/programmes.jsonld", "/api/v1/programmes/?facets=all&page_size=100",
    "/api/v1/programmes/counts/?group_by=kind,level", "/api/v1/changes/?page_size=5",
)  # fmt: skip
# Addresses that are wrong, moved or refused, to compare redirects and error pages too.
ODD = (
    "/nowhere/", "/programmes/nowhere/", "/programmes/?country=XX", "/programmes?country=NL",
    "/programmes/?contry=NL", "/programmes/?page=0", "/programmes/?page=9999",
    "/programmes/?q=%00", "/programmes.csv?contry=NL", "/feeds/programmes.rss?contry=NL",
    "/jet-net/", "/countries/zz/", "/api/v1/nowhere/", "/api/v1/programmes/?contry=NL",
    "/api/v1/programmes/?page_size=5000", "/api/v1/programmes/?cursor=x",
    "/api/v1/programmes/?fields=nothing", "/api/v1/organisations/?x=1",
    "/programmes/compare/?programme=a&programme=b&programme=c&programme=d&programme=e",
)  # fmt: skip
LINK = re.compile(r"""(?:href|src)="([^"]+)"|<loc>([^<]+)|"(https?://[^"\s]+)\"""")
# Parts of a body that differ at each request, and headers that depend on these or on the time.
NEW_EACH_TIME = re.compile(
    rb'name="csrfmiddlewaretoken" value="[^"]+"|<dcterms:created[^<]+<|<lastBuildDate>[^<]+<'
)
NOT_COMPARED = {"ETag", "Content-Length", "Expires", "Set-Cookie", "X-Request-ID"}
NOT_FOLLOWED = ("/static/", "/admin/logout/", "/media/")


class Answer(NamedTuple):
    """The answer of one address: status, headers in alphabetical order, SHA-256 of the body."""

    address: str
    status: int
    headers: list[list[str]]
    digest: str


class Errand(NamedTuple):
    """Which addresses to ask: the whole site or `only` some; as a `curator` or anonymously."""

    curator: Any = None
    only: Sequence[str] = ()


def save_answers(file: Path, bodies: Path | None, errand: Errand) -> int:
    """Write a line of JSON for each address, and return how many there are.

    If the folder `bodies` is given, each body is written to a file in it.
    """
    count = 0
    with file.open("w", encoding="utf-8") as lines:
        for answer, body in ask_all(errand):
            lines.write(json.dumps(answer) + "\n")
            count += 1
            if bodies:
                (bodies / name_body(answer.address)).write_bytes(body)
    return count


def read_answers(file: Path) -> dict[str, Answer]:
    """Return the answers that save_answers wrote to a file, by address."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return {answer.address: answer for answer in (Answer(*json.loads(line)) for line in lines)}


def list_differences(before: dict[str, Answer], after: dict[str, Answer]) -> Iterator[str]:
    """Yield a line for every address whose answers differ, or that is only in one of the files."""
    for address in sorted(before.keys() | after.keys()):
        old, new = before.get(address), after.get(address)
        if old is None or new is None:
            yield f"{address}: asked only {'before' if old else 'after'}"
        elif old != new:
            names = [name for name in Answer._fields if getattr(old, name) != getattr(new, name)]
            yield f"{address}: {', '.join(names)} ({name_body(address)})"


def name_body(address: str) -> str:
    """Return the name of the file that holds the body of an address."""
    readable = re.sub(r"\W+", "-", address).strip("-")[:80]
    return f"{readable}-{hashlib.sha256(address.encode()).hexdigest()[:8]}"


def ask_all(errand: Errand) -> Iterator[tuple[Answer, bytes]]:
    """Yield answer and body of each address that links lead to, each once, in a fixed order."""
    host = settings.ALLOWED_HOSTS[0].lstrip(".").replace("*", "localhost")
    client = Client(SERVER_NAME=host)
    if errand.curator:
        client.force_login(errand.curator)
    waiting = list(errand.only) or list_starts(errand)
    seen = set(waiting)
    while waiting:
        address = waiting.pop(0)
        answer, body = ask_address(client, address)
        yield answer, body
        if not errand.only:
            new = sorted(set(find_links(address, host, body)) - seen)
            seen.update(new)
            waiting += new


def list_starts(errand: Errand) -> list[str]:
    return [*STARTS, *ODD, *(list_admin_pages() if errand.curator else ())]


def list_admin_pages() -> list[str]:
    """Return admin pages: the start, and for each model the list, the empty form, the first row."""
    pages = [reverse("admin:index")]
    ours = [m for m in admin_site._registry if m.__module__.startswith(("programmes", "partner"))]
    for model in ours:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        pages += [reverse(f"{name}_changelist"), reverse(f"{name}_add")]
        if row := model._default_manager.order_by("pk").first():
            pages.append(reverse(f"{name}_change", args=[row.pk]))
    return pages


def ask_address(client: Client, address: str) -> tuple[Answer, bytes]:
    """Return answer and body of an address, without the parts that differ at each request."""
    response = client.get(address, secure=settings.HTTPS)
    body = NEW_EACH_TIME.sub(b"", response.getvalue())
    headers = sorted([name, value] for name, value in response.items() if name not in NOT_COMPARED)
    return Answer(address, response.status_code, headers, hashlib.sha256(body).hexdigest()), body


def find_links(address: str, host: str, body: bytes) -> Iterable[str]:
    """Yield the addresses of this site that a body links to."""
    if address.startswith("/admin/"):
        return
    ours = {urlsplit(settings.SITE_URL).netloc, host, f"{host}:80"}
    for match in LINK.finditer(body.decode(errors="replace")):
        link = urldefrag(unescape(next(filter(None, match.groups())))).url
        parts = urlsplit(urljoin(f"http://{host}{address}", link))
        if parts.netloc not in ours or parts.path.startswith(("/admin/", *NOT_FOLLOWED)):
            continue
        if not parts.query:
            yield parts.path or "/"
        elif "?" not in address:
            yield f"{parts.path}?{parts.query}"

"""`manage.py coverage`: check docs/coverage.md, which says where the site has each source fact.

The table lists all that the two source documents name, with the address of the page that shows it.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urldefrag

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.test import Client

TABLE = Path("docs") / "coverage.md"
ROW = re.compile(r"^\| *(\d+) *\| *(.+?) *\| *(.+?) *\| *(.*?) *\|$")
NOT_REPRESENTED = "–"


class CoverageRow(NamedTuple):
    """One row of docs/coverage.md: number, subject, lines in the source documents, address."""

    number: int
    subject: str
    lines: str
    address: str


class Ids(HTMLParser):
    """Collects the ids of all elements of an HTML page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.update(value for name, value in attrs if name == "id" and value)


class Command(BaseCommand):
    help = "Print where each of the 112 things of the source documents is found; fail on a gap."

    def handle(self, *args: Any, **options: Any) -> None:
        faults = []
        read = cache(read_page)
        for row in read_table(settings.BASE_DIR / TABLE):
            self.stdout.write(f"{row.number:>3}  {row.address or 'nowhere'}  {row.subject}")
            if fault := find_fault(row, read):
                faults.append(f"{row.number}: {fault}")
        if faults:
            raise CommandError("Not everything is found.\n" + "\n".join(faults))


def read_table(path: Path) -> Iterator[CoverageRow]:
    """Yield the rows of the table in docs/coverage.md."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if match := ROW.match(line):
            number, subject, lines, address = match.groups()
            yield CoverageRow(int(number), subject, lines, address.strip("`"))


class PageRead(NamedTuple):
    """The status of a page, and the ids of its elements."""

    status: int
    ids: set[str]


def read_page(address: str) -> PageRead:
    host = settings.ALLOWED_HOSTS[0].lstrip(".").replace("*", "localhost")
    response = Client(SERVER_NAME=host).get(address, secure=settings.HTTPS)
    ids = Ids()
    ids.feed(response.content.decode())
    return PageRead(response.status_code, ids.found)


def find_fault(row: CoverageRow, read: Callable[[str], PageRead] = read_page) -> str:
    """Return what is wrong with a row's address; "" if the page exists and has the #fragment."""
    if row.address == NOT_REPRESENTED:
        return ""
    if not row.address.startswith("/"):
        return "it has no address"
    address, fragment = urldefrag(row.address)
    page = read(address)
    if page.status != 200:
        return f"{row.address} answers {page.status}"
    if fragment and fragment not in page.ids:
        return f"{row.address} has no #{fragment}"
    return ""

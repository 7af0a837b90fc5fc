"""The sources of a record in its form: numbered as they are named, and found by their addresses."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from programmes.models import FormerSourceSlug, Source
from stemobs.curation.reading.places import find_host, guess_title, is_address, reduce_address
from stemobs.curation.slugs import find_free_slug

PREFIX = "citations"  # of the rows that name a record's sources
MOST_ROWS = 1000  # of one kind, as many as Django takes
DOCUMENT = (".pdf", ".doc", ".docx", ".odt")


@dataclass
class KnownSources:
    """Stored sources by what their addresses have in common, and who publishes what on a host."""

    by_address: dict[str, Source] = field(default_factory=dict)
    publishers: dict[str, Counter[str]] = field(default_factory=dict)

    def read(self, addresses: Iterable[str]) -> None:
        """Read the sources on the hosts of some addresses, in one query."""
        where = Q()
        for host in {find_host(address) for address in addresses} - {""}:
            where |= Q(url__icontains=f"/{host}") | Q(url__icontains=f".{host}")
        if not where:
            return
        for source in Source.objects.filter(where).order_by("pk"):
            self.by_address.setdefault(reduce_address(source.url), source)
            told = self.publishers.setdefault(find_host(source.url), Counter())
            told[source.publisher] += 1

    def find(self, address: str) -> Source | None:
        return self.by_address.get(reduce_address(address))

    def guess_publisher(self, address: str) -> str:
        """Return who publishes most of what is known of a host, else the host itself."""
        host = find_host(address)
        known = self.publishers.get(host)
        return (known.most_common(1)[0][0] if known else "") or host


def count_rows(data: QueryDict, prefix: str) -> int | None:
    """Return how many rows a form says that it has; None if it does not say so, or too many."""
    total = data.get(f"{prefix}-TOTAL_FORMS", "")
    number = int(total) if re.fullmatch("[0-9]{1,6}", total) else MOST_ROWS + 1
    return number if number <= MOST_ROWS else None


def list_named(data: QueryDict) -> list[str]:
    """Return the sources of a record in the order in which its form names them.

    Each is the id of a source, or the address of one that is new.
    """
    rows = range(count_rows(data, PREFIX) or 0)
    named = (
        data.get(f"{PREFIX}-{row}-source") or data.get(f"{PREFIX}-{row}-address") for row in rows
    )
    return list(dict.fromkeys(one for one in named if one))


def list_named_on(formset: Any) -> list[str]:
    """Return the sources of a record in the order in which a formset shows them."""
    named: Iterator[Any] = (
        form["source"].value() or form["address"].value() for form in formset.forms
    )
    return list(dict.fromkeys(str(one) for one in named if one))


def build_source(address: str, title: str, publisher: str) -> Source:
    """Return a new source, not saved yet; what is not told is guessed from the address."""
    title = title or guess_title(address) or find_host(address)
    is_document = reduce_address(address).lower().endswith(DOCUMENT)
    kind = Source.Kind.DOCUMENT if is_document else Source.Kind.PAGE
    return Source(
        title=title,
        publisher=publisher,
        url=address,
        kind=kind,
        slug=find_free_slug(f"{publisher} {title}", Source, FormerSourceSlug),
        recorded_on=timezone.localdate(),
    )


def is_new(named: str) -> bool:
    return is_address(named)

"""What a picker of sources offers: those of its record first, with their numbers, then all others.

Behind each title stands who publishes it, because many are called “About us”.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

from programmes.models import Citation, Programme, Source
from stemobs.admin.finding.choices import ChooseOne
from stemobs.admin.finding.pages import PickedRows
from stemobs.admin.lists import ID
from stemobs.curation.reading.places import find_host

RECORD = "record"  # the parameter that tells in which record a picker stands
NUMBER = re.compile(r"[Ss]?(\d{1,3})")


class ChooseSource(ChooseOne):
    """Chooses a source by its title, or by its number in the record."""

    record: Any = None  # the id of the record

    def get_url(self) -> str:
        address: str = super().get_url()
        return f"{address}?{RECORD}={self.record}" if self.record else address


def tell_record(form: Any, record: Any) -> None:
    """Tell the picker of sources in the form of a row of which record that is."""
    source = form.fields.get("source")
    picker = getattr(source.widget, "widget", source.widget) if source else None
    if isinstance(picker, ChooseSource) and isinstance(record, Programme):
        picker.record = record.pk


@dataclass(frozen=True)
class OfferedSource:
    """A source as a picker offers it."""

    source: Source
    number: int = 0  # in the record

    @property
    def id(self) -> int:
        return self.source.pk

    def __str__(self) -> str:
        number = f"S{self.number} " if self.number else ""
        publisher = self.source.publisher or find_host(self.source.url)
        return f"{number}{self.source} ({publisher})" if publisher else f"{number}{self.source}"


@dataclass
class OfferedSources(Sequence[Any]):
    """The sources that a picker offers, in their order."""

    rows: PickedRows
    numbers: Mapping[int, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, part: Any) -> Any:
        rows = self.rows[part]
        return [OfferedSource(one, self.numbers.get(one.pk, 0)) for one in rows]


def offer_sources(request: HttpRequest, found: PickedRows, typed: str) -> OfferedSources:
    """Put the sources of the record before the others that were found; “S5” finds the fifth."""
    own, matching = list_own(request.GET.get(RECORD, "")), set(found.ids)
    number = NUMBER.fullmatch(typed.strip())
    first = own[int(number[1]) - 1 : int(number[1])] if number and int(number[1]) else []
    first += [pk for pk in own if not typed.strip() or pk in matching]
    ids = list(dict.fromkeys([*first, *found.ids]))
    numbers = {pk: place for place, pk in enumerate(own, 1)}
    return OfferedSources(PickedRows(Source, ids), numbers)


def list_own(record: str) -> list[int]:
    """Return the sources of a record in the order in which its form numbers them."""
    if not ID.fullmatch(record):
        return []
    named = Citation.objects.filter(programme=record, source__isnull=False).order_by("position")
    return list(dict.fromkeys(named.values_list("source", flat=True)))

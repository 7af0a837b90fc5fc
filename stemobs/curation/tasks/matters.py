"""What a look looks at, and what it finds there: something that waits for a person."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from hashlib import blake2b
from typing import Any, NamedTuple

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from programmes.models import Citation, Programme, where_published

DIGEST = 16  # bytes of a fingerprint


@dataclass(frozen=True)
class Matter:
    """Something that waits for a person: what it is about, what shows it, and a sentence of that.

    `key` says what it is about, and `evidence` what was found there. Only its digest is kept.
    """

    key: str
    told: str
    evidence: tuple[Any, ...]
    programme: int | None = None
    other: int | None = None
    about: str = ""
    weight: int = 0

    @property
    def fingerprint(self) -> str:
        return make_digest(*self.evidence)


def make_digest(*parts: Any) -> str:
    """Return a digest of numbers, texts and days, the same on every machine."""
    text = "\x1f".join(map(str, parts))
    return blake2b(text.encode(), digest_size=DIGEST).hexdigest()


class SeenRecord(NamedTuple):
    """What is read of each record for several kinds of matters."""

    pk: int
    name: str
    status: str
    verified_on: date | None
    created_at: datetime
    weight: int  # how many citations it has


@dataclass
class Sight:
    """What a look looks at: all published records, or one of them, at a time.

    What several kinds of matters need is read once.
    """

    now: datetime
    programme: int | None = None
    go_on: Callable[[], None] = field(default=lambda: None)  # called now and then; may raise

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

    def select_records(self) -> QuerySet[Programme]:
        """Return the published records that are looked at."""
        rows = Programme.objects.published().order_by()
        return rows if self.programme is None else rows.filter(pk=self.programme)

    def select_facts(self, model: Any) -> QuerySet:
        """Return the rows of a model that belong to them."""
        rows = model.objects.filter(where_published("programme__")).order_by()
        return rows if self.programme is None else rows.filter(programme=self.programme)

    @cached_property
    def records(self) -> dict[int, SeenRecord]:
        """The records that are looked at, by id."""
        cited = Citation.objects.filter(programme=OuterRef("pk")).order_by().values("programme")
        weight = Coalesce(Subquery(cited.annotate(number=Count("pk")).values("number")), 0)
        names = [name for name in SeenRecord._fields if name != "weight"]
        rows = self.select_records().annotate(cited=weight).values_list(*names, "cited")
        return {row[0]: SeenRecord(*row) for row in rows.iterator()}

    def weigh(self, pk: int) -> int:
        """Return how much a record tells readers."""
        return self.records[pk].weight if pk in self.records else 0

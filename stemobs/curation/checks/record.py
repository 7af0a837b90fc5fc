"""What the checks read: a record, or another row that readers see, as it is stored.

All that belongs to it is read in a few queries.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Prefetch, prefetch_related_objects

from partnerships.models import NationalPlatform, Organisation, Strategy
from programmes.columns.rows import keep_replaced
from programmes.models import Programme, Reach, Source
from stemobs.entries.history.differences import FACTS

FIGURES = ("reach", "funding")
READ: tuple[str | Prefetch, ...] = (
    Prefetch("reach", Reach.objects.select_related("unit")),
    "countries", "kinds", *FACTS, "discrepancies__claims",
)  # fmt: skip
# The rows below what is no record, by the names of their relations.
BELOW: Mapping[type[models.Model], Sequence[str]] = {
    Strategy: ("statements", "lineage"),
    NationalPlatform: ("statements",),
    Organisation: ("names", "citations"),
}


class Checked:
    """A row as stored and the rows below it, with the state in which readers see it or not."""

    def __init__(self, row: Any) -> None:
        self.row = row

    @property
    def state(self) -> str:
        """The state of a record; what is no record is published, unless nothing public names it."""
        is_public = getattr(self.row, "is_public", True)
        return Programme.State.PUBLISHED if is_public else Programme.State.DRAFT

    @property
    def kinds(self) -> Sequence[str]:
        return BELOW.get(type(self.row), ())

    def read_facts(self) -> None:
        """Read all that belongs to the row."""
        prefetch_related_objects([self.row], *self.kinds)

    def list_facts(self, kind: str) -> list[Any]:
        return list(getattr(self.row, kind).all()) if kind in self.kinds else []

    def list_figures(self, kind: str) -> list[Any]:
        """Return the figures that stand."""
        return [row for row in self.list_facts(kind) if row.is_current]

    @property
    def facts(self) -> Iterator[models.Model]:
        """All rows below the row."""
        for kind in self.kinds:
            yield from self.list_facts(kind)

    @property
    def rows(self) -> Iterator[models.Model]:
        yield self.row
        yield from self.facts

    @property
    def sourced(self) -> Iterator[models.Model]:
        """All rows below the row that may name a source."""
        yield from self.facts

    @cached_property
    def sources(self) -> dict[int, Source]:
        """The sources that the facts name, by id."""
        return Source.objects.in_bulk(
            {getattr(row, "source_id", None) for row in self.sourced} - {None}
        )


class CheckedRecord(Checked):
    """A programme and its facts, as stored."""

    kinds = FACTS

    @property
    def programme(self) -> Programme:
        programme: Programme = self.row
        return programme

    @property
    def state(self) -> str:
        return self.programme.state

    def read_facts(self) -> None:
        prefetch_related_objects([self.row], *READ)
        for kind in FIGURES:
            keep_replaced(self.list_facts(kind))

    @property
    def sourced(self) -> Iterator[models.Model]:
        yield from self.facts
        for point in self.list_facts("discrepancies"):
            yield from point.claims.all()

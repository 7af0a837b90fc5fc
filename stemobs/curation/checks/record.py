"""A record as the checks read it: as it is stored, with all its facts, in a few queries."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Prefetch, prefetch_related_objects

from programmes.columns.rows import keep_replaced
from programmes.models import Programme, Reach, Source

# The kinds of facts below a programme, by the names of their relations.
FACTS = (
    "names", "citations", "taking_part", "contacts", "reach", "funding", "partnerships",
    "evaluations", "documents", "discrepancies", "lineage",
)  # fmt: skip
FIGURES = ("reach", "funding")
READ: tuple[str | Prefetch, ...] = (
    Prefetch("reach", Reach.objects.select_related("unit")),
    "countries", "kinds", *FACTS, "discrepancies__claims",
)  # fmt: skip


class CheckedRecord:
    """A programme and its facts, as stored."""

    def __init__(self, programme: Programme) -> None:
        self.programme = Programme.objects.get(pk=programme.pk)

    def read_facts(self) -> None:
        """Read all that belongs to the record."""
        prefetch_related_objects([self.programme], *READ)
        for kind in FIGURES:
            keep_replaced(self.list_facts(kind))

    def list_facts(self, kind: str) -> list[Any]:
        return list(getattr(self.programme, kind).all())

    def list_figures(self, kind: str) -> list[Any]:
        """Return the figures that stand."""
        return [row for row in self.list_facts(kind) if row.is_current]

    @property
    def facts(self) -> Iterator[models.Model]:
        """All rows below the programme."""
        for kind in FACTS:
            yield from self.list_facts(kind)

    @property
    def rows(self) -> Iterator[models.Model]:
        yield self.programme
        yield from self.facts

    @cached_property
    def sources(self) -> dict[int, Source]:
        """The sources that the facts name, by id."""
        return Source.objects.in_bulk(
            {getattr(row, "source_id", None) for row in self.facts} - {None}
        )

"""Finds the rows that say the same once two organisations, or two sources, are one.

Nothing is changed here. So the page of a merger tells of it before, and the merger does just that.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Q

from partnerships.models import Funding, Lineage, OrganisationSource, Statement
from programmes.models import (
    Citation,
    Claim,
    Contact,
    Discrepancy,
    Document,
    Evaluation,
    Reach,
    Source,
    TakingPart,
)
from stemobs.curation.mergers.relations import FATES, FateOfRows

Model = Any  # type[models.Model], of which Django's stubs know no managers
# Rows that are nothing but what they say, figures first: others speak of them. What has an address
# of its own, such as a strategy, stays another one, whatever it says.
SAID_ONCE: Sequence[Model] = (
    *(Reach, Funding, Statement),
    *(Citation, Document, Evaluation, TakingPart, Contact, OrganisationSource, Lineage),
)
# Where a row stands, what it is called and whether a record shows it are not what it says.
NOT_SAID = {"id", "position", "slug", "is_shown"}
# Two organisations are one payer by whatever sources, which are both kept.
NOT_SAID_OF_PAYERS = {"source_id", "locator"}
TWO = 2


class SaidRow(NamedTuple):
    """A row, with what it says before and after both are one."""

    pk: int
    before: Any
    after: Any


@dataclass
class TouchedDifference:
    """A difference between sources that is another one once both are one."""

    point: Discrepancy
    left: Sequence[Claim]
    united: Sequence[Claim]  # claims that say the same as one that is left
    cites_one_twice: bool  # whether claims of both are left, which cite one source then
    is_doubled: bool = False  # whether its record has the very same difference once more

    @property
    def is_over(self) -> bool:
        """Whether nothing differs any more."""
        return bool(self.united) and len(self.left) < TWO


class DoubledRows:
    """Which rows say the same once one row that records share is merged into another.

    `became` has, by its model and id, each row that is not needed then, with the id of the row that
    is kept. Only what differed before is united: what stood there twice stays there twice.
    """

    def __init__(self, goes: Any, stays: Any) -> None:
        self.model, self.goes, self.stays = type(goes), goes.pk, stays.pk
        self.became: dict[tuple[Model, int], int] = {}
        self.columns = {
            namer: f"{name}_id"
            for (namer, name), fate in FATES[self.model].items()
            if fate is FateOfRows.MOVES
        }
        links = [namer for namer in self.columns if namer._meta.auto_created]
        for namer in (*SAID_ONCE, *links, Claim):
            while found := dict(find_doubled(self.read(namer))):
                self.note(namer, found)
        self.differences = [*self.find_differences()]

    def note(self, model: Model, found: Mapping[int, int]) -> None:
        for key, kept in self.became.items():
            if key[0] is model:
                self.became[key] = found.get(kept, kept)
        self.became |= {(model, pk): kept for pk, kept in found.items()}

    def list_pairs(self) -> dict[Model, dict[int, int]]:
        """Return the rows that are not needed, each with the one that is kept, by their models."""
        pairs: defaultdict[Model, dict[int, int]] = defaultdict(dict)
        for (model, pk), kept in self.became.items():
            pairs[model][pk] = kept
        return pairs

    # What rows say

    def read(self, model: Model) -> Iterator[SaidRow]:
        """Yield the rows of a model that say something else once both are one, or the same."""
        names = [one.attname for one in self.list_said(model)]
        rows = model._base_manager.filter(self.where_touched(model)).order_by("pk")
        for pk, *values in rows.values_list("pk", *names):
            if (model, pk) not in self.became:
                yield SaidRow(pk, (*values,), self.translate(model, values))

    def list_said(self, model: Model) -> list[Any]:
        """Return the columns of a model that say something."""
        aside = {*NOT_SAID}
        if self.model is not Source and model in self.columns:
            aside |= NOT_SAID_OF_PAYERS
        return [one for one in model._meta.concrete_fields if one.attname not in aside]

    def where_touched(self, model: Model) -> Q:
        """Return the condition for rows that name one of the two, or a figure that is united."""
        touched = Q(pk__in=())
        if column := self.columns.get(model):
            touched |= Q(**{f"{column}__in": (self.goes, self.stays)})
        for one in model._meta.concrete_fields:
            pks = {pk for key, kept in self.became.items() if key[0] is one.related_model
                   for pk in (key[1], kept)}  # fmt: skip
            if pks:
                touched |= Q(**{f"{one.attname}__in": pks})
        return touched

    def translate(self, model: Model, values: Iterable[Any]) -> tuple[Any, ...]:
        """Return what a row says once both are one."""
        column = self.columns.get(model)
        return tuple(
            self.stays
            if one.attname == column and value == self.goes
            else self.became.get((one.related_model, value), value)
            for one, value in zip(self.list_said(model), values, strict=True)
        )

    # Differences between sources

    def find_differences(self) -> Iterator[TouchedDifference]:
        """Yield what becomes of differences between sources; note those that are the same then."""
        claims = Claim.objects.filter(self.where_touched(Claim)).order_by()
        points = Discrepancy.objects.filter(
            self.where_touched(Discrepancy) | Q(pk__in=claims.values("discrepancy"))
        )
        of_records = Discrepancy.objects.filter(programme__in=points.order_by().values("programme"))
        rows = of_records.select_related("programme").prefetch_related("claims").order_by("pk")
        said = [self.say_difference(one) for one in rows]
        self.note(Discrepancy, dict(find_doubled(said)))
        for point in rows:
            touched = self.describe(point)
            if touched.united or touched.cites_one_twice or touched.is_doubled:
                yield touched

    def say_difference(self, point: Discrepancy) -> SaidRow:
        return SaidRow(
            point.pk,
            self.say(point, lambda _model, values: (*values,)),
            self.say(point, self.translate),
        )

    def say(self, point: Discrepancy, word: Callable[[Model, Sequence[Any]], Any]) -> Any:
        """Return what a difference says, with its claims and which of them its record shows."""
        shown: dict[Any, bool] = {}
        for row in point.claims.all():
            said = word(Claim, self.read_values(row))
            shown[said] = shown.get(said, False) or row.is_shown
        return word(Discrepancy, self.read_values(point)), frozenset(shown.items())

    def read_values(self, row: Any) -> list[Any]:
        return [getattr(row, one.attname) for one in self.list_said(type(row))]

    def describe(self, point: Discrepancy) -> TouchedDifference:
        claims = [*point.claims.all()]
        left = [one for one in claims if (Claim, one.pk) not in self.became]
        sources = {one.source_id for one in left}
        return TouchedDifference(
            point,
            left,
            [one for one in claims if one not in left],
            self.model is Source and {self.goes, self.stays} <= sources,
            (Discrepancy, point.pk) in self.became,
        )


def find_doubled(rows: Iterable[SaidRow]) -> Iterator[tuple[int, int]]:
    """Yield the id of each row that is not needed, and of the one that says the same then."""
    alike: defaultdict[Any, list[SaidRow]] = defaultdict(list)
    for one in rows:
        alike[one.after].append(one)
    for some in alike.values():
        kept = min(some, key=lambda one: (one.before != one.after, one.pk))
        yield from ((one.pk, kept.pk) for one in some if one.before != kept.before)

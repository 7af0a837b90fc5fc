"""When two facts of two records are about the same, and when they say the same."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from programmes.models import Programme
from stemobs.curation.reading.places import reduce_address
from stemobs.entries.history.differences import MORE, OF_ROWS
from stemobs.text import fold

FIGURES = ("reach", "funding")
# What a fact says besides what it is about: not its place, its source or its organisation, by which
# it is matched. The words of a period are not compared, because its years are.
NOT_SAID = OF_ROWS | {
    "source_id", "locator", "superseded_by_id", "retracted_on", "from_programme_id", "period",
    "organisation_id",
}  # fmt: skip


class FactPair(NamedTuple):
    """A fact of each of two records that is about the same; None if one has no such fact."""

    left: Any
    right: Any


class FactRule(NamedTuple):
    """When two facts of a kind are about the same, and whether both can stand if they differ."""

    about: Callable[[Any], Any]
    can_both_stand: bool = True


def tell_time(row: Any) -> tuple[Any, ...]:
    """Return when a figure was counted: its years, or the words of its period without any."""
    years = (row.year_from, row.year_to)
    return (*years, "" if any(years) else fold(row.period), row.is_current)


def say_all(row: Any) -> Any:
    """Return all that a row says, and from which place in which source."""
    place = (getattr(row, name, None) for name in ("source_id", "locator"))
    return (*read_row(row).values(), *place)


RULES: Mapping[str, FactRule] = {
    "names": FactRule(lambda row: fold(row.name), can_both_stand=False),
    "reach": FactRule(
        lambda row: (row.unit_id, fold(row.unit_detail), *tell_time(row))
    ),
    "evaluations": FactRule(
        lambda row: (row.object, row.design, row.year, fold(row.evaluator))
    ),
    "funding": FactRule(
        lambda row: (
            row.source_type, row.organisation_id, row.currency, row.basis, *tell_time(row)
        )
    ),
    "partnerships": FactRule(lambda row: (row.organisation_id, row.role), can_both_stand=False),
    "taking_part": FactRule(lambda row: row.audience),
    "contacts": FactRule(lambda row: fold(row.office)),
    "assessments": FactRule(lambda row: row.criterion_id, can_both_stand=False),
    "citations": FactRule(say_all),
    "discrepancies": FactRule(
        lambda row: (
            say_all(row), frozenset((one.statement, one.source_id) for one in row.claims.all())
        )
    ),
    "documents": FactRule(lambda row: reduce_address(row.url) if row.url else fold(row.title)),
    "lineage": FactRule(
        lambda row: (
            row.relation, row.to_programme_id, row.to_strategy_id, row.to_platform_id,
            fold(row.to_text),
        ),
        can_both_stand=False,
    ),
}  # fmt: skip


def list_rows(programme: Programme, kind: str, but: Programme) -> list[Any]:
    """Return the facts of a kind that are compared.

    A figure that was retracted was never right. How one of the two came from the other says nothing
    once they are one.
    """
    if kind == "lineage":
        own = vars(programme)["lineage_from"]
        return [one for one in own if one.to_programme_id not in (programme.pk, but.pk)]
    rows = getattr(programme, kind).all()
    return [one for one in rows if getattr(one, "retracted_on", None) is None]


def match_rows(
    left: Iterable[Any], right: Iterable[Any], about: Callable[[Any], Any]
) -> Iterator[FactPair]:
    """Yield the facts of two records in pairs that are about the same, those that agree first."""
    waiting: defaultdict[Any, list[Any]] = defaultdict(list)
    for row in right:
        waiting[about(row)].append(row)
    alone = [*left]
    agreeing: dict[int, FactPair] = {}  # by the place of the left one
    for says in (say_all, read_row):  # those from the same place in a source first
        for place, row in enumerate(alone):
            others = () if place in agreeing else waiting[about(row)]
            same = next((one for one in others if says(one) == says(row)), None)
            if same is not None:
                waiting[about(row)].remove(same)
                agreeing[place] = FactPair(row, same)
    yield from (agreeing[place] for place in sorted(agreeing))
    alone = [row for place, row in enumerate(alone) if place not in agreeing]
    for row in alone:
        others = waiting[about(row)]
        yield FactPair(row, others.pop(0) if others else None)
    yield from (FactPair(None, row) for rows in waiting.values() for row in rows)


def read_row(row: Any) -> dict[str, Any]:
    """Return what a fact says, without its number, its place and its source."""
    columns = type(row)._meta.concrete_fields
    said = {
        one.attname: getattr(row, one.attname) for one in columns if one.attname not in NOT_SAID
    }
    for name in MORE.get(type(row), ()):
        if name != "further_sources":
            said[name] = tuple(sorted(str(one) for one in getattr(row, name).all()))
    return said

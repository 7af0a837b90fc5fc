"""Loads every fact about a programme, in a fixed number of queries that are written only once.

Django writes each query anew, which takes it longer than the database needs for the answer. Those
for one programme differ in nothing but its id.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django.db.models import Model, Q, QuerySet, prefetch_related_objects

from partnerships.models import Lineage, Organisation, Strategy
from programmes.columns.rows import keep_read
from programmes.models import Programme, Source, Unit, find_step

# Stands for the id of a programme where a query is written; no row has it.
SOME = -1
SOURCED = (
    "citations", "reach", "evaluations", "taking_part", "contacts", "documents", "partnerships",
    "funding", "assessments",
)  # fmt: skip
# The relations of a programme.
RELATIONS = (
    "names", "countries", "also_reaches", "levels", "audiences", "kinds", "factors", "focuses",
    "sectors", "platforms", *SOURCED, "discrepancies", "guide_items",
)  # fmt: skip
# What many of their rows refer to, by the field's name: its model, and whose rows do so.
REFERRED: dict[str, tuple[type[Model], tuple[str, ...]]] = {
    "source": (Source, SOURCED),
    "organisation": (Organisation, ("partnerships", "funding")),
    "unit": (Unit, ("reach",)),
}
# What rows have that few programmes have.
FURTHER = {
    "evaluations": "further_sources", "taking_part": "further_sources",
    "assessments": "criterion", "discrepancies": "claims__source", "guide_items": "guide",
}  # fmt: skip

Ask = Callable[[int], QuerySet[Any]]


def load_facts(programme: Programme) -> Programme:
    """Read all that belongs to a programme, as `prefetch_related` would, and return it."""
    found = {name: read_relation(programme, name) for name in RELATIONS}
    for name, (model, owners) in REFERRED.items():
        join_referred([row for owner in owners for row in found[owner]], name, model)
    for name, path in FURTHER.items():
        prefetch_related_objects(found[name], path)
    strategy: Any = Programme._meta.get_field("strategy")
    strategy.set_cached_value(programme, next(iter(read_rows(ask_strategy, programme)), None))
    programme.evidence = find_step(found["evaluations"])  # type: ignore[attr-defined]  # as a query
    return programme


def has_lineage(programme: Programme) -> bool:
    """Whether any row tells where a programme came from or went, may readers see it or not."""
    return bool(read_rows(ask_lineage, programme))


def read_relation(programme: Programme, name: str) -> list[Any]:
    """Return the rows of a relation of a programme, which then knows them, and they know it."""
    rows = read_rows(ask_relation(name), programme)
    relation: Any = Programme._meta.get_field(name)
    if relation.one_to_many:
        for row in rows:
            relation.field.set_cached_value(row, programme)
    keep_read(programme, name, rows)
    return rows


def join_referred(rows: Iterable[Any], name: str, model: type[Model]) -> None:
    """Give rows what they refer to, read at once for all of them."""
    fields = [(row, row._meta.get_field(name)) for row in rows]
    asked = {getattr(row, field.attname) for row, field in fields} - {None}
    known = model._base_manager.in_bulk(asked)
    for row, field in fields:
        field.set_cached_value(row, known.get(getattr(row, field.attname)))


# --- Queries --------------------------------------------------------------------------------------


@cache
def ask_relation(name: str) -> Ask:
    return lambda programme: getattr(Programme(pk=programme), name).all()


def ask_strategy(programme: int) -> QuerySet[Strategy]:
    return Strategy.objects.filter(programme=programme)


def ask_lineage(programme: int) -> QuerySet[Lineage]:
    return Lineage.objects.filter(Q(from_programme=programme) | Q(to_programme=programme))


def read_rows(ask: Ask, programme: Programme) -> list[Any]:
    """Return what a query about a programme finds."""
    model, sql, values = write_query(ask)
    own = [programme.pk if value == SOME else value for value in values]
    return list(model._default_manager.raw(sql, own))


@cache
def write_query(ask: Ask) -> tuple[type[Model], str, tuple[Any, ...]]:
    rows = ask(SOME)
    return (rows.model, *rows.query.sql_with_params())

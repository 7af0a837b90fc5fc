"""Reads the facts of a record that name a source, and all that they refer to, in two queries.

The page on which a record is checked needs every kind of fact. A query for each would be a dozen.
So rows of all tables come as JSON in one query, and become instances of their models again.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, JSONObject

from partnerships.models import (
    Criterion,
    Lineage,
    NationalPlatform,
    Organisation,
    Strategy,
)
from programmes.columns.rows import keep_read
from programmes.models import Claim, Programme, Source, Unit
from stemobs.entries.cited.facts import PARTS, WITH_FURTHER_SOURCES, CitedFact, list_cited

# Lists of terms that citations can be about.
TERMS = ("countries", "levels", "kinds", "factors", "audiences")
# What rows refer to, each with the columns that its words take; None for all.
REFERRED: dict[type[Model], tuple[str, ...] | None] = {
    Source: None,
    Organisation: ("id", "name", "slug"),
    Unit: ("id", "name", "slug"),
    Criterion: ("id", "name", "slug"),
    Programme: ("id", "name", "slug", "state"),
    Strategy: ("id", "name", "slug"),
    NationalPlatform: ("id", "name", "slug"),
}
Rows = dict[str, list[Any]]


def read_cited(programme: Programme) -> list[CitedFact]:
    """Return the facts of a record with the sources that they rest on; it knows them afterwards."""
    rows = read_rows(list_queries(programme))
    links = {name: rows.pop(f"{name}.sources", []) for name in WITH_FURTHER_SOURCES}
    everything = [row for name, some in rows.items() if name not in TERMS for row in some]
    known = read_referred([*everything, *(link for some in links.values() for link in some)])
    for row in everything:
        connect(row, known, programme)
    for name in (*PARTS, "discrepancies", *TERMS):
        keep_read(programme, name, rows.get(name, []))
    for name, found in links.items():
        keep_linked(rows.get(name, []), "further_sources", found, known)
    for point in rows.get("discrepancies", []):
        claims = rows.get("claims", [])
        keep_read(point, "claims", [one for one in claims if one.discrepancy_id == point.pk])
    return list_cited(programme, rows.get("lineage", []))


# --- Queries --------------------------------------------------------------------------------------


def list_queries(programme: Programme) -> Iterator[tuple[str, QuerySet[Any]]]:
    """Yield queries for the rows of a record by the names under which they are kept."""
    for name in (*PARTS, "discrepancies", *TERMS):
        yield name, getattr(programme, name).all()
    yield "claims", Claim.objects.filter(discrepancy__programme=programme)
    ends = Q(from_programme=programme) | Q(to_programme=programme)
    yield "lineage", Lineage.objects.filter(ends).public(programme)
    for name in WITH_FURTHER_SOURCES:
        owner: Any = getattr(programme, name).model
        through: Any = owner._meta.get_field("further_sources").remote_field.through
        of_owner = {f"{owner._meta.model_name}__programme": programme}
        yield f"{name}.sources", through.objects.filter(**of_owner)


def read_rows(queries: Iterable[tuple[str, QuerySet[Any]]]) -> Rows:
    """Return the rows that queries find, by the names of these, in the order of their keys."""
    named = dict(queries)
    models_of = {name: query.model for name, query in named.items()}
    first, *others = [select_row(name, query) for name, query in named.items()]
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for name, told in first.union(*others, all=True):
        values = json.loads(told, parse_float=Decimal)
        found[name].append(make_row(models_of[name], values))
    for rows in found.values():
        rows.sort(key=lambda row: (getattr(row, "position", 0), row.pk))
    return found


def select_row(
    name: str, query: QuerySet[Any], columns: Iterable[str] | None = None
) -> QuerySet[Any]:
    """Return a query for the name under which rows are kept, and each row as JSON."""
    wanted = columns or [field.attname for field in query.model._meta.concrete_fields]
    row = Cast(JSONObject(**{column: F(column) for column in wanted}), TextField())
    named = Cast(Value(name), TextField())
    return (
        query.order_by()
        .annotate(cited_as=named, cited_row=row)
        .values_list("cited_as", "cited_row")
    )


def make_row(model: type[Model], values: dict[str, Any]) -> Any:
    """Return an instance of a model as it is stored, given columns of it."""
    known = {field.attname: field for field in model._meta.concrete_fields}
    row = model(**{name: known[name].to_python(value) for name, value in values.items()})
    row._state.adding, row._state.db = False, "default"
    return row


# --- What rows refer to ---------------------------------------------------------------------------


def read_referred(rows: Iterable[Any]) -> dict[tuple[type[Model], int], Any]:
    """Return what rows refer to, by model and id, in one query."""
    asked: defaultdict[type[Model], set[int]] = defaultdict(set)
    for row in rows:
        for field in list_references(row):
            asked[field.related_model].add(getattr(row, field.attname))
    queries = [
        select_row(model._meta.label, model._base_manager.filter(pk__in=asked[model]), columns)
        for model, columns in REFERRED.items()
        if asked[model]
    ]
    if not queries:
        return {}
    models_of = {model._meta.label: model for model in REFERRED}
    found = queries[0].union(*queries[1:], all=True) if queries[1:] else queries[0]
    made = [make_row(models_of[name], json.loads(told)) for name, told in found]
    return {(type(row), row.pk): row for row in made}


def list_references(row: Any) -> Iterator[Any]:
    """Yield the foreign keys of a row that lead to something, and that its words need."""
    for field in row._meta.concrete_fields:
        if field.related_model in REFERRED and getattr(row, field.attname) is not None:
            yield field


def connect(row: Any, known: dict[tuple[type[Model], int], Any], programme: Programme) -> None:
    """Let a row know what it refers to."""
    for field in list_references(row):
        pk = getattr(row, field.attname)
        is_own = field.related_model is Programme and pk == programme.pk
        field.set_cached_value(row, programme if is_own else known.get((field.related_model, pk)))
    for field in row._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and getattr(row, field.attname) is None:
            field.set_cached_value(row, None)


def keep_linked(
    owners: Iterable[Any], name: str, links: Iterable[Any], known: dict[Any, Any]
) -> None:
    """Let rows know the sources to which links lead."""
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for link in links:
        ends = [field for field in link._meta.concrete_fields if field.is_relation]
        owner = next(field for field in ends if field.related_model is not Source)
        found[getattr(link, owner.attname)].append(known[Source, link.source_id])
    for row in owners:
        keep_read(row, name, sorted(found[row.pk], key=lambda one: (one.title, one.slug)))

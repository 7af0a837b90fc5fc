"""Who uses a term of a vocabulary: records, figures, guides, and columns of partners' files."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.text import capfirst

from programmes.models import (
    Audience,
    CareerFactor,
    Focus,
    InitiativeKind,
    Programme,
    RememberedColumn,
    Sector,
    Unit,
    where_published,
)

FEW = 10  # rows that are named
# The vocabularies of our own. Countries and levels are those of ISO 3166 and ISCED 2011, and
# obstacles and criteria those of the report.
OWN_VOCABULARIES = (Audience, CareerFactor, Focus, InitiativeKind, Sector, Unit)


@dataclass(frozen=True)
class TermUse:
    """In what a term is used: what that is called, in how many rows, and the first of these."""

    label: str
    number: int
    rows: list[Any]
    published: int | None = None  # of records

    @property
    def more(self) -> int:
        return self.number - len(self.rows)


def list_uses(term: Any) -> list[TermUse]:
    """Return in what a term is used; programmes by the field, with how many are published."""
    uses = [describe_use(relation, term) for relation in list_relations(type(term))]
    if columns := [*find_columns(term)]:
        label = capfirst(str(RememberedColumn._meta.verbose_name_plural))
        uses.append(TermUse(label, len(columns), columns[:FEW]))
    return [use for use in uses if use.number]


def list_relations(model: Any) -> Iterator[Any]:
    """Yield the relations by which other rows name the terms of a vocabulary."""
    for relation in model._meta.related_objects:
        if relation.many_to_many or relation.one_to_many:
            yield relation


def find_users(relation: Any, term: Any) -> QuerySet:
    """Return the rows that name a term by a relation."""
    rows: Any = relation.related_model._default_manager
    return rows.filter(**{relation.field.name: term})


def describe_use(relation: Any, term: Any) -> TermUse:
    rows = find_users(relation, term)
    meta = relation.related_model._meta
    label = f"{capfirst(str(meta.verbose_name_plural))} ({relation.field.verbose_name})"
    is_record = relation.related_model is Programme
    published = rows.filter(where_published()).count() if is_record else None
    joined = ["programme"] if any(one.name == "programme" for one in meta.concrete_fields) else []
    return TermUse(label, rows.count(), list(rows.select_related(*joined)[:FEW]), published)


def find_columns(term: Any) -> QuerySet[RememberedColumn]:
    """Return the remembered columns of partners' files that count in a unit."""
    if not isinstance(term, Unit):
        return RememberedColumn.objects.none()
    return RememberedColumn.objects.filter(target__endswith=f":{term.slug}")

"""The facts of a record beneath the sources that they rest on, and which of them were checked.

A fact as it stands is known by a digest of what it says and of the source. So a fact that is added
or changed after a check is not among those that were checked.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from hashlib import blake2b
from typing import Any, NamedTuple

from programmes.models import Citation, Fact, Field, Programme, Source
from stemobs.entries.basis import VALUES

DIGEST = 6  # bytes
# Columns that say to which record a row belongs, where it stands, and what became of it later.
ASIDE = {
    "id", "programme_id", "discrepancy_id", "position", "slug", "is_shown", "reach_id",
    "funding_id", "superseded_by_id", "retracted_because", "retracted_on",
}  # fmt: skip
# The values of a programme that citations can be about, besides those of `VALUES`.
MORE_VALUES: Mapping[str, tuple[str, ...]] = {
    Field.NAME: ("name",),
    Field.SUMMARY: ("summary",),
    Field.STATUS: ("status", "status_as_of"),
}
FIGURES = ("reach", "funding")
WITH_FURTHER_SOURCES = ("evaluations", "taking_part")
# The relations of a programme whose rows name a source, in the order in which they are asked.
PARTS = (
    "citations", *FIGURES, "partnerships", "evaluations", "taking_part", "contacts", "documents",
    "assessments",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class CitedFact:
    """A fact of a record with one of the sources that it rests on."""

    part: str  # the relation of the programme
    row: Any
    source: Source
    locator: str
    values: tuple[Any, ...] = ()  # those of the programme that it is about

    @property
    def key(self) -> str:
        """By which it is known among all facts: “reach-12-5”."""
        return f"{self.part}-{self.row.pk}-{self.source.pk}"

    @cached_property
    def digest(self) -> str:
        told = [self.part, self.source.pk, self.locator, *list_content(self.row), *self.values]
        text = "\x1f".join(map(write_value, told))
        return blake2b(text.encode(), digest_size=DIGEST).hexdigest()


class SourcesChecked(NamedTuple):
    """Against how many of its sources a record was checked, as it stands now."""

    checked: int
    of: int


def list_cited(programme: Programme, lineage: Iterable[Any]) -> list[CitedFact]:
    """Return the facts of a record with each source of theirs, in the order of the record.

    All that belongs to the record was read before, as by `load_facts`. Figures that were retracted
    are no part of it.
    """
    return [*list_of_parts(programme), *list_of_others(programme, lineage)]


def list_of_parts(programme: Programme) -> Iterator[CitedFact]:
    cited = {one.field for one in programme.citations.all()}
    for part in PARTS:
        for row in getattr(programme, part).all():
            if getattr(row, "retracted_on", None):
                continue
            values = read_values(programme, row, cited) if part == "citations" else ()
            if row.source:
                yield CitedFact(part, row, row.source, row.locator, values)
            for source in row.further_sources.all() if part in WITH_FURTHER_SOURCES else ():
                if source.pk != row.source_id:
                    yield CitedFact(part, row, source, "")


def list_of_others(programme: Programme, lineage: Iterable[Any]) -> Iterator[CitedFact]:
    """Yield what sources say that differ, and relations to other records."""
    claims = (claim for point in programme.discrepancies.all() for claim in point.claims.all())
    for part, rows in (("claims", claims), ("lineage", lineage)):
        for row in rows:
            if row.source:
                yield CitedFact(part, row, row.source, row.locator)


def count_checked(programme: Programme, facts: Iterable[CitedFact]) -> SourcesChecked | None:
    """Return against how many sources a record was checked; None if it never was, fact by fact.

    A source counts if every fact that rests on it now was looked at as it stands.
    """
    if programme.verified_on is None or not programme.checked_facts:
        return None
    known = set(programme.checked_facts.split())
    by_source = group_by_source(facts)
    checked = [some for some in by_source.values() if all(one.digest in known for one in some)]
    return SourcesChecked(len(checked), len(by_source))


def group_by_source(facts: Iterable[CitedFact]) -> dict[int, list[CitedFact]]:
    """Return facts by the ids of their sources, those first that the record names first."""
    found: defaultdict[int, list[CitedFact]] = defaultdict(list)
    for fact in facts:
        found[fact.source.pk].append(fact)
    return dict(found)


# --- What a fact says -----------------------------------------------------------------------------


def list_content(row: Any) -> Iterator[Any]:
    """Yield the names and values of the columns of a row that say something."""
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if field.attname not in ASIDE and value not in (None, "", False):
            yield from (field.attname, value)


def read_values(programme: Programme, row: Citation, cited: Iterable[str]) -> tuple[Any, ...]:
    """Return the values of a programme that a citation is about.

    One of the record as a whole is about all those that have no citation of their own.
    """
    fields: Iterable[str] = (row.field,)
    if row.field == Field.ENTRY:
        fields = [one for one in Field.values if one not in cited]
    names = [name for field in fields for name in list_value_names(field)]
    return tuple(read_value(programme, name) for name in names)


def list_value_names(field: str) -> Iterator[str]:
    """Yield the columns and lists of terms with the value of a part; its facts are rows."""
    for name in MORE_VALUES.get(field) or VALUES.get(field, ()):
        related = Programme._meta.get_field(name).related_model
        if not (isinstance(related, type) and issubclass(related, Fact)):
            yield name


def read_value(programme: Programme, name: str) -> Any:
    value = getattr(programme, name)
    return sorted(one.pk for one in value.all()) if hasattr(value, "all") else value


def write_value(value: Any) -> str:
    """Return a value as text, the same on every database."""
    match value:
        case None:
            return ""
        case Decimal():
            return f"{value.normalize():f}"
        case datetime.date():
            return value.isoformat()
    return str(value)

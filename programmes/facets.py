"""The facets: which parameters can be counted, by which column, and how many each value has."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from partnerships.models import Funding, Organisation, Partnership
from programmes.models import (
    Audience,
    CareerFactor,
    Country,
    EducationLevel,
    EvidenceStep,
    InitiativeKind,
    Programme,
)

NONE = "none"
Label = Any  # a text, or one that is translated when it is shown


@dataclass(frozen=True, eq=False)
class Facet:
    """A parameter whose values are alternatives and can be counted."""

    parameter: str
    label: Label
    path: str
    choices: Callable[[], Mapping[str, Label]]
    normalise: Callable[[str], str] = str.lower
    # Values that stand for a condition of their own, such as “higher” for four levels.
    special: Mapping[str, tuple[Label, Q]] = field(default_factory=dict)
    none_label: Label = ""
    limit: int | None = None
    wants_evidence: bool = False
    model: type[models.Model] = Programme

    def labels(self) -> dict[str, Label]:
        """Return every value that may be asked for, with its label, in the order to show."""
        labels = {**self.choices(), **{value: label for value, (label, _q) in self.special.items()}}
        return {**labels, NONE: self.none_label} if self.none_label else labels

    def condition(self, values: Iterable[str]) -> Q:
        """Return the condition that a row has one of these values."""
        plain = [v for v in values if v not in self.special and not self.is_none(v)]
        condition = Q(**{f"{self.path}__in": plain}) if plain else Q(pk__in=[])
        for value in values:
            if value in self.special:
                condition |= self.special[value][1]
            elif self.is_none(value):
                condition |= self.is_empty()
        return condition

    def is_none(self, value: str) -> bool:
        """Whether it asks for what lacks the fact; evidence has a “none” of its own."""
        return value == NONE and bool(self.none_label)

    def is_empty(self) -> Q:
        """Return the condition that the fact is not stated."""
        relation = self.path.split("__")[0]
        if self.model._meta.get_field(relation).is_relation:
            return Q(**{f"{relation}__isnull": True})
        return Q(**{self.path: ""})

    def matching(self, values: Iterable[str]) -> QuerySet:
        """Return the ids of the rows that have one of these values."""
        return self.rows().filter(self.condition(values)).values("pk")

    def rows(self) -> QuerySet:
        """Return all rows, unordered, with the column that is counted."""
        rows = self.model._default_manager.order_by()
        return rows.with_evidence() if self.wants_evidence else rows  # type: ignore[attr-defined]

    def counts(self, among: QuerySet, where: Q | None = None) -> dict[str, int]:
        """Return how many of these rows have each value; values without any are left out.

        `where` narrows the related rows that are counted.
        """
        chosen = self.rows().filter(pk__in=among.order_by().values("pk"))
        values = chosen.filter(where or Q()).values_list(self.path)
        rows = values.annotate(number=Count("pk", distinct=True))
        counts = {str(value): number for value, number in rows if value not in (None, "")}
        for value, (_label, condition) in self.special.items():
            counts[value] = chosen.filter(condition).values("pk").distinct().count()
        if self.none_label:
            counts[NONE] = chosen.filter(self.is_empty()).count()
        return {value: number for value, number in counts.items() if number}


def names(model: type[models.Model], key: str = "slug") -> Callable[[], dict[str, Label]]:
    """Return a function that reads a vocabulary as value and label, in its own order."""
    return lambda: {
        str(value): name for value, name in model._default_manager.values_list(key, "name")
    }


def options(choices: type[models.TextChoices]) -> Callable[[], dict[str, Label]]:
    """Return a function that gives a closed list as value and label."""
    return lambda: dict(choices.choices)


NOT_STATED = _("Not stated")

COUNTRY = Facet(
    "country", _("Country"), "countries__code", names(Country, "code"),
    normalise=lambda value: NONE if value.lower() == NONE else value.upper(),
    none_label=NOT_STATED,
)  # fmt: skip
LEVEL = Facet(
    "level", _("Education level"), "levels__code", names(EducationLevel, "code"),
    special={
        "higher": (_("Higher education (5 to 8)"), Q(levels__code__gte=5)),
        "vocational": (_("Vocational, at any level"), Q(is_vocational=True)),
    },
    none_label=NOT_STATED,
)  # fmt: skip
KIND = Facet(
    "kind", _("Kind of initiative"), "kinds__slug", names(InitiativeKind), none_label=NOT_STATED
)
FACTOR = Facet("factor", _("Career factor"), "factors__slug", names(CareerFactor))
AUDIENCE = Facet(
    "audience", _("Audience"), "audiences__slug", names(Audience), none_label=NOT_STATED
)
ORGANISATION = Facet(
    "organisation", _("Organisation"), "partnerships__organisation__slug", names(Organisation),
    limit=20,
)  # fmt: skip
ROLE = Facet("role", _("Role"), "partnerships__role", options(Partnership.Role))
STATUS = Facet("status", _("Status"), "status", options(Programme.Status))
DURATION = Facet(
    "duration", _("How long it takes"), "duration", options(Programme.Duration),
    none_label=NOT_STATED,
)  # fmt: skip
EVIDENCE = Facet("evidence", _("Evidence"), "evidence", options(EvidenceStep), wants_evidence=True)
FUNDING = Facet(
    "funding", _("Who pays"), "funding__source_type", options(Funding.SourceType),
    none_label=NOT_STATED,
)  # fmt: skip
RECORD = Facet("record", _("Record type"), "record_type", options(Programme.RecordType))
SCOPE = Facet("scope", _("Scope"), "scope", options(Programme.Scope))

# In the order of the public contract.
FACETS = {
    facet.parameter: facet
    for facet in (
        COUNTRY, LEVEL, KIND, FACTOR, AUDIENCE, ORGANISATION, ROLE,
        STATUS, DURATION, EVIDENCE, FUNDING, RECORD, SCOPE,
    )
}  # fmt: skip

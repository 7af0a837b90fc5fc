"""The facets of programmes: parameters whose values are counted, and the labels of the values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.text import format_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from partnerships.models import Funding, Partnership
from programmes.models import (
    HIGHER_LEVELS,
    Audience,
    CareerFactor,
    Country,
    EducationLevel,
    Evaluation,
    EvidenceStep,
    InitiativeKind,
    Programme,
    TakingPart,
)
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.documents import NONE
from stemobs.catalogue.programmes import HIGHER, VOCATIONAL

Label = Any  # a text, or a lazy translation
Choices = Callable[[Catalogue], Mapping[str, Label]]
NOT_STATED = _("Not stated")


@dataclass(frozen=True, eq=False)
class Facet:
    """A parameter with a list of values, of which a match has at least one; values are counted."""

    parameter: str
    label: Label
    choices: Choices
    normalise: Callable[[str], str] = str.lower
    # Additional values that are not terms of the vocabulary, such as “higher” for four levels.
    special: Mapping[str, Label] = field(default_factory=dict)
    none_label: Label = ""
    # How many values to show of a facet with thousands, whose labels are names and not translated.
    limit: int | None = None

    @property
    def closed(self) -> Mapping[str, Label] | None:
        """Return the values and labels if they are fixed in the code; None if in the database."""
        return self.choices.labels if isinstance(self.choices, Options) else None

    def labels(self, catalogue: Catalogue) -> Mapping[str, str]:
        """Return every allowed value with its label, in the order in which they are shown."""
        if self.limit:
            return self.choices(catalogue)
        # Cached, because translating about 150 labels for each request takes longer than counting.
        return catalogue.make_once((self, get_language()), lambda: self.translated(catalogue))

    def translated(self, catalogue: Catalogue) -> Mapping[str, str]:
        none = {NONE: self.none_label} if self.none_label else {}
        labels = {**self.choices(catalogue), **self.special, **none}
        return {value: str(label) for value, label in labels.items()}


def make_term_choices(model: type[models.Model], key: str = "slug") -> Choices:
    """Return a function that maps a vocabulary's values to labels, in the vocabulary's order."""
    return lambda catalogue: catalogue.list_terms(model, key)


@dataclass(frozen=True)
class Options:
    """A callable that returns a fixed mapping from values to labels, whatever the catalogue."""

    labels: Mapping[str, Label]

    def __call__(self, catalogue: Catalogue) -> Mapping[str, Label]:
        return self.labels


def make_options(choices: type[models.TextChoices]) -> Choices:
    return Options(dict(choices.choices))


def list_organisations(catalogue: Catalogue) -> Mapping[str, Label]:
    return catalogue.organisations.labels


# The codes that the European Union uses for two countries, by those of ISO 3166-1.
CODES_OF_THE_UNION = {"EL": "GR", "UK": "GB"}


def normalise_country_code(value: str) -> str:
    """Return a country code in capitals, as ISO 3166-1 has it; “none” stays in small letters."""
    code = value.upper()
    return NONE if value.lower() == NONE else CODES_OF_THE_UNION.get(code, code)


COUNTRY = Facet(
    "country",
    _("Country"),
    make_term_choices(Country, "code"),
    normalise_country_code,
    none_label=NOT_STATED,
)
LEVEL = Facet(
    "level", _("Education level"), make_term_choices(EducationLevel, "code"),
    special={
        HIGHER: format_lazy(
            _("Higher education ({first} to {last})"),
            first=HIGHER_LEVELS[0],
            last=HIGHER_LEVELS[-1],
        ),
        VOCATIONAL: _("Vocational, at any level"),
    },
    none_label=NOT_STATED,
)  # fmt: skip
KIND = Facet(
    "kind", _("Kind of initiative"), make_term_choices(InitiativeKind), none_label=NOT_STATED
)
FACTOR = Facet("factor", _("Career factor"), make_term_choices(CareerFactor))
AUDIENCE = Facet("audience", _("Audience"), make_term_choices(Audience), none_label=NOT_STATED)
ORGANISATION = Facet("organisation", _("Organisation"), list_organisations, limit=20)
ROLE = Facet("role", _("Role"), make_options(Partnership.Role))
STATUS = Facet("status", _("Status"), make_options(Programme.Status))
DURATION = Facet(
    "duration", _("How long it takes"), make_options(Programme.Duration), none_label=NOT_STATED
)
EVIDENCE = Facet("evidence", _("Evidence"), make_options(EvidenceStep))
FINDING = Facet(
    "finding", _("What was found"), make_options(Evaluation.Result),
    none_label=_("No evaluation found"),
)  # fmt: skip
DESIGN = Facet("design", _("How it was evaluated"), make_options(Evaluation.Design))
FUNDING = Facet("funding", _("Who pays"), make_options(Funding.SourceType), none_label=NOT_STATED)
RECORD = Facet("record", _("Record type"), make_options(Programme.RecordType))
SCOPE = Facet("scope", _("Scope"), make_options(Programme.Scope))
OPEN_TO = Facet(
    "open_to", _("Open to"), make_options(TakingPart.Audience), none_label=_("No way in known")
)

# The facets of programmes by parameter, in the order that the public API promises.
FACETS = {
    facet.parameter: facet
    for facet in (
        COUNTRY, LEVEL, KIND, FACTOR, AUDIENCE, ORGANISATION, ROLE,
        STATUS, DURATION, EVIDENCE, FINDING, DESIGN, FUNDING, RECORD, SCOPE, OPEN_TO,
    )
}  # fmt: skip

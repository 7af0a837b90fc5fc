"""The facets of programmes: parameters whose values are counted, and the labels of the values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from partnerships.models import Funding, Partnership
from programmes.models import (
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
from stemobs.text import make_sort_key

Label = Any  # a text, or a lazy translation
Choices = Callable[[Catalogue], Mapping[str, Label]]
NOT_STATED, OPTIONS = _("Not known yet"), _("options")


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
    # What a filter form calls the facet and its values, where its label does not say it so.
    many: Label = OPTIONS
    # How many choices a filter form shows at first, the largest; or which ones, in this order.
    first: int = 6
    leading: tuple[str, ...] = ()
    # Whether the values are those that records have, and not the terms of a vocabulary.
    is_of_records: bool = False
    # The vocabulary whose terms are the values, if curators look after it.
    vocabulary: type[models.Model] | None = None

    @property
    def closed(self) -> Mapping[str, Label] | None:
        """Return the values and labels if they are fixed in the code; None if in the database."""
        return self.choices.labels if isinstance(self.choices, Options) else None

    def labels(self, catalogue: Catalogue) -> Mapping[str, str]:
        """Return every allowed value with its label, in the order in which they are shown."""
        if self.limit:
            return self.choices(catalogue)
        if self.is_of_records:
            key = (self, get_language())
            return catalogue.make_once_in_this_state(key, lambda: self.translated(catalogue))
        # Cached, because translating about 150 labels for each request takes longer than counting.
        return catalogue.make_once((self, get_language()), lambda: self.translated(catalogue))

    def list_retired(self, catalogue: Catalogue) -> Mapping[str, str]:
        """Return the values that are offered no more, with the value that each was merged into."""
        return catalogue.list_retired_terms(self.vocabulary) if self.vocabulary else {}

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


# Languages that Django’s own list leaves out.
LANGUAGES = {
    "cnr": _("Montenegrin"), "mt": _("Maltese"), "rm": _("Romansh"), "se": _("Northern Sami"),
}  # fmt: skip


def name_language(code: str) -> str:
    """Return the name of a language for a code; the code itself where no name is known."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return str(LANGUAGES.get(code, code))


def list_languages(catalogue: Catalogue) -> Mapping[str, Label]:
    """Return the languages in which programmes are offered, from A to Z."""
    names = {
        code: name_language(code)
        for code in catalogue.programmes.values.get("language", {})
        if code != NONE
    }
    return dict(sorted(names.items(), key=lambda pair: make_sort_key(pair[1])))


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
    many=_("countries"),
    first=4,
)
LEVEL = Facet(
    "level", _("School level"), make_term_choices(EducationLevel, "code"),
    many=_("levels"), leading=("1", "2", "3", HIGHER, VOCATIONAL),
    special={
        HIGHER: _("Higher education, at any level"),
        VOCATIONAL: _("Vocational, at any level"),
    },
    none_label=NOT_STATED,
)  # fmt: skip
KIND = Facet(
    "kind", _("What they do"), make_term_choices(InitiativeKind), none_label=NOT_STATED,
    many=_("kinds"), first=6, vocabulary=InitiativeKind,
)  # fmt: skip
FACTOR = Facet(
    "factor", _("Career factor"), make_term_choices(CareerFactor), vocabulary=CareerFactor
)
AUDIENCE = Facet(
    "audience", _("Audience"), make_term_choices(Audience), none_label=NOT_STATED,
    vocabulary=Audience,
)  # fmt: skip
ORGANISATION = Facet("organisation", _("Organisation"), list_organisations, limit=20)
ROLE = Facet("role", _("Role"), make_options(Partnership.Role))
STATUS = Facet(
    "status", _("Status"), make_options(Programme.Status),
    leading=tuple(Programme.Status.values),
)  # fmt: skip
DURATION = Facet(
    "duration", _("How long it takes"), make_options(Programme.Duration), none_label=NOT_STATED,
    leading=(*Programme.Duration.values, NONE),
)  # fmt: skip
EVIDENCE = Facet(
    "evidence", _("Who evaluated it"), make_options(EvidenceStep),
    leading=tuple(EvidenceStep.values),
)  # fmt: skip
FINDING = Facet(
    "finding", _("What was found"), make_options(Evaluation.Result),
    none_label=_("No evaluation found"), leading=(*Evaluation.Result.values, NONE),
)  # fmt: skip
DESIGN = Facet("design", _("How it was evaluated"), make_options(Evaluation.Design))
FUNDING = Facet("funding", _("Who pays"), make_options(Funding.SourceType), none_label=NOT_STATED)
RECORD = Facet("record", _("Record type"), make_options(Programme.RecordType))
SCOPE = Facet("scope", _("Scope"), make_options(Programme.Scope))
OPEN_TO = Facet(
    "open_to", _("Open to"), make_options(TakingPart.Audience), none_label=_("No way in known"),
    leading=(TakingPart.Audience.SCHOOLS, TakingPart.Audience.COMPANIES),
)  # fmt: skip

LANGUAGE = Facet(
    "language", _("Language"), list_languages, none_label=NOT_STATED, many=_("languages"),
    is_of_records=True,
)  # fmt: skip

# The facets of programmes by parameter, in the order that the public API promises.
FACETS = {
    facet.parameter: facet
    for facet in (
        COUNTRY, LEVEL, KIND, FACTOR, AUDIENCE, ORGANISATION, ROLE,
        STATUS, DURATION, EVIDENCE, FINDING, DESIGN, FUNDING, RECORD, SCOPE, OPEN_TO, LANGUAGE,
    )
}  # fmt: skip

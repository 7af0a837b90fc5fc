"""Makes a catalogue of any size for benchmarks, with made-up programmes.

The same count and seed give the same rows. Values follow Zipf's law: a few are common, most are
rare. Made-up rows must never be mixed with facts: only a database without programmes is filled.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import accumulate, chain, count, takewhile
from pathlib import Path
from typing import Any, Generic, TypeVar

from django.db import models, transaction
from django.utils.text import slugify

from partnerships.models import Funding, Organisation, OrganisationName, Partnership
from programmes.models import (
    Audience,
    CareerFactor,
    Country,
    Edit,
    EducationLevel,
    Evaluation,
    Figure,
    InitiativeKind,
    Programme,
    ProgrammeName,
    Reach,
    Source,
    Unit,
)
from stemobs.catalogue.editing import edit
from stemobs.catalogue.triggers.installing import pause_triggers
from stemobs.dumps.fixtures.rows import SeedError, read_rows
from stemobs.dumps.insert import TableWriter, reset_sequences
from stemobs.dumps.seed import Seeder

Value = TypeVar("Value")
Model = type[models.Model]
Fields = dict[str, Any]
Row = tuple[Model, Fields]

BATCH = 5_000  # programmes that are made and written at a time, to limit memory
VOCABULARY = 50_000
SUMMARY_WORDS = 60
ONSETS = [
    *"bcdfghjklmnprstvwz", "br", "ch", "dr", "fl", "gr", "kl", "pr", "qu", "sch", "sk", "st", "tr",
]  # fmt: skip
VOWELS = [*"aeiou", "ai", "ei", "ou"]
ACCENTED = [*"éöøüåá"]
CODAS = ["", "", "", "n", "r", "s", "l", "t", "nd", "rk"]

FIRST_MOMENT = datetime(2016, 1, 1, tzinfo=UTC)
FIRST_DAY = date(2024, 1, 1)
SECONDS = 10 * 365 * 24 * 60 * 60
THIS_YEAR = 2026

# The most values of each vocabulary that one programme has.
RELATIONS = {"countries": 3, "levels": 3, "kinds": 4, "factors": 4, "audiences": 4}
TERMS = (Audience, CareerFactor, Country, EducationLevel, InitiativeKind, Source, Unit)
# The models whose rows are made, each after the models that it refers to.
MADE: tuple[Model, ...] = (
    Organisation, OrganisationName, Programme, ProgrammeName, Partnership, Funding, Evaluation,
    Reach, *(getattr(Programme, name).through for name in RELATIONS),
)  # fmt: skip


class NotEmpty(Exception):
    """The database already holds programmes, so none are made up."""


class Skew(Generic[Value]):
    """Draws values by Zipf's law: the second half as often as the first, the third a third."""

    def __init__(self, rng: random.Random, values: Iterable[Value], exponent: float = 1.0) -> None:
        self.rng = rng
        self.values = list(values)
        weights = ((rank + 1) ** -exponent for rank in range(len(self.values)))
        self.totals = list(accumulate(weights))

    def draw(self, number: int) -> list[Value]:
        return self.rng.choices(self.values, cum_weights=self.totals, k=number)

    def one(self) -> Value:
        return self.draw(1)[0]

    def some(self, most: int) -> list[Value]:
        """Return one or more different values."""
        return list(dict.fromkeys(self.draw(self.rng.randint(1, most))))


def make_words(rng: random.Random, number: int) -> list[str]:
    """Return that many different, pronounceable, made-up words, a few of them with accents."""
    found: dict[str, None] = {}
    while len(found) < number:
        found["".join(make_syllable(rng) for _ in range(rng.choice((1, 2, 2, 3, 3, 4))))] = None
    return list(found)


def make_syllable(rng: random.Random) -> str:
    vowels = ACCENTED if rng.random() < 0.02 else VOWELS
    return rng.choice(ONSETS) + rng.choice(vowels) + rng.choice(CODAS)


def count_organisations(programmes: int) -> int:
    return min(20_000, max(50, programmes // 5))


class Maker:
    """Makes rows from one random generator: the same seed and order of calls give the same rows."""

    def __init__(self, programmes: int, seed: int) -> None:
        self.programmes = programmes
        self.rng = rng = random.Random(seed)
        self.ids = {model: count(find_first_free_id(model)) for model in MADE}
        self.words = Skew(rng, make_words(rng, VOCABULARY))
        self.terms = {name: self.ids_of(find_related_model(name)) for name in RELATIONS}
        self.units = self.ids_of(Unit)
        self.sources = self.ids_of(Source)
        self.record_types = self.options(Programme.RecordType)
        self.scopes = self.options(Programme.Scope, "national", "regional")
        self.statuses = self.options(Programme.Status, "active", "completed", "unknown")
        self.durations = self.options(Programme.Duration, "", "long-term")
        self.roles = self.options(Partnership.Role, "partner", "coordinator", "sponsor", "funder")
        self.ages = Skew(rng, range(60))
        self.organisations: Skew[int] = Skew(rng, [])

    def options(self, choices: type[models.TextChoices], *first: str) -> Skew[str]:
        """Return a draw from the values of a TextChoices, of which `first` are the most common."""
        return Skew(self.rng, dict.fromkeys([*first, *choices.values]))

    def ids_of(self, model: Model) -> Skew[int]:
        """Return a draw from the ids of a vocabulary, in a random order of frequency."""
        # Every model of a vocabulary has natural_key_fields, which Django's type stubs do not know.
        key = model.natural_key_fields[0]  # type: ignore[attr-defined]
        ids = list(model._default_manager.order_by(key).values_list("pk", flat=True))
        self.rng.shuffle(ids)
        return Skew(self.rng, ids)

    def any(self, choices: type[models.TextChoices]) -> str:
        return self.rng.choice(list_values(choices))

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def up_to_two(self) -> int:
        return self.rng.choice((0, 0, 1, 1, 2))

    def title(self, most: int = 5) -> str:
        return " ".join(word.capitalize() for word in self.words.draw(self.rng.randint(2, most)))

    def text(self, length: int) -> str:
        """Return a text of `length` words, in sentences of fifteen words."""
        drawn = self.words.draw(length)
        sentences = (drawn[start : start + 15] for start in range(0, length, 15))
        return " ".join(" ".join(part).capitalize() + "." for part in sentences)

    def moment(self, number: int) -> datetime:
        """Return a random moment within ten years, different for each of a million row numbers."""
        seconds, microseconds = self.rng.randrange(SECONDS), number % 1_000_000
        return FIRST_MOMENT + timedelta(seconds=seconds, microseconds=microseconds)

    def row(self, model: Model, **fields: Any) -> Row:
        """Return a row of a model with the next free id."""
        return model, {"id": next(self.ids[model]), **fields}

    # --- Organisations

    def all_organisations(self) -> Iterator[list[Row]]:
        """Yield organisations with their other names in batches; must run before all_programmes."""
        made: list[int] = []
        for batch in split_into_batches(count_organisations(self.programmes)):
            rows = [self.organisation(number) for number in batch]
            ids = [fields["id"] for _model, fields in rows]
            yield [*rows, *(self.alias(pk) for pk in ids if self.chance(0.3))]
            made.extend(ids)
        self.organisations = Skew(self.rng, made, exponent=0.9)

    def organisation(self, number: int) -> Row:
        name = self.title(4)
        return self.row(
            Organisation,
            slug=make_slug(name, number),
            name=name,
            type=self.any(Organisation.Type),
            country_id=self.terms["countries"].one() if self.chance(0.9) else None,
            changed_at=self.moment(number),
        )

    def alias(self, organisation: int) -> Row:
        name = self.title(3)
        return self.row(
            OrganisationName,
            organisation_id=organisation,
            name=name,
            slug=make_slug(name, organisation),
            kind=self.any(OrganisationName.Kind),
        )

    # --- Programmes and the facts about them

    def all_programmes(self) -> Iterator[list[Row]]:
        """Yield programmes with their facts and links in batches."""
        for batch in split_into_batches(self.programmes):
            yield list(chain.from_iterable(self.entry(number) for number in batch))

    def entry(self, number: int) -> Iterator[Row]:
        programme = self.programme(number)
        pk = programme[1]["id"]
        yield programme
        yield from self.links(pk)
        if self.chance(0.25):
            yield self.other_name(pk)
        yield from self.partnerships(pk)
        yield from self.facts(Funding, pk, self.funding)
        yield from self.facts(Evaluation, pk, self.evaluation)
        yield from self.facts(Reach, pk, self.reach)

    def programme(self, number: int) -> Row:
        name, changed_at = self.title(), self.moment(number)
        return self.row(
            Programme,
            slug=make_slug(name, number),
            name=name,
            record_type=self.record_types.one(),
            summary=self.text(SUMMARY_WORDS),
            scope=self.scopes.one(),
            is_vocational=self.chance(0.2),
            duration=self.durations.one(),
            verified_on=self.day() if self.chance(0.3) else None,
            created_at=changed_at - timedelta(days=self.rng.randrange(1, 1_000)),
            changed_at=changed_at,
            **self.years(),
            **self.state(),
        )

    def day(self) -> date:
        return FIRST_DAY + timedelta(days=self.rng.randrange(1_000))

    def years(self) -> Fields:
        """Return status and years: most began recently, some are unknown, all ends are past."""
        status = self.statuses.one()
        start = None if self.chance(0.12) else THIS_YEAR - self.ages.one()
        end = None
        if status == Programme.Status.COMPLETED and self.chance(0.8):
            end = min(THIS_YEAR, (start or 2010) + self.rng.randint(0, 12))
        return {
            "status": status,
            "year_start": start,
            "year_end": end,
            "status_as_of": None if self.chance(0.2) else self.rng.randint(2016, THIS_YEAR),
        }

    def state(self) -> Fields:
        if self.chance(0.98):
            return {"state": Programme.State.PUBLISHED.value}
        if self.chance(0.5):
            return {"state": Programme.State.DRAFT.value}
        return {"state": Programme.State.WITHDRAWN.value, "withdrawn_reason": self.text(8)}

    def links(self, programme: int) -> Iterator[Row]:
        """Yield the many-to-many rows that link a programme to terms of each vocabulary."""
        for name, most in RELATIONS.items():
            through, column = find_link(name)
            for term in self.terms[name].some(most):
                yield self.row(through, programme_id=programme, **{column: term})

    def other_name(self, programme: int) -> Row:
        return self.row(
            ProgrammeName,
            programme_id=programme,
            name=self.title(),
            kind=self.any(ProgrammeName.Kind),
        )

    def partnerships(self, programme: int) -> Iterator[Row]:
        for position, organisation in enumerate(self.organisations.some(3), start=1):
            yield self.row(
                Partnership,
                programme_id=programme,
                position=position,
                organisation_id=organisation,
                role=self.roles.one(),
            )

    def facts(self, model: Model, programme: int, fields: Callable[[], Fields]) -> Iterator[Row]:
        """Yield up to two rows of a model of facts, each with a source; `fields` makes values."""
        for position in range(1, self.up_to_two() + 1):
            yield self.row(
                model,
                programme_id=programme,
                position=position,
                source_id=self.sources.one(),
                locator=f"p. {self.rng.randint(1, 90)}",
                **fields(),
            )

    def funding(self) -> Fields:
        fields: Fields = {"source_type": self.any(Funding.SourceType)}
        if self.chance(0.4):
            return fields
        basis = self.any(Funding.Basis)
        return {**fields, **self.figure("amount"), "currency": "EUR", "basis": basis}

    def evaluation(self) -> Fields:
        return {
            "object": self.any(Evaluation.Object),
            "design": self.any(Evaluation.Design),
            "independence": self.any(Evaluation.Independence),
            "result": self.any(Evaluation.Result),
            "year": self.rng.randint(2005, THIS_YEAR),
            "method": self.title(),
        }

    def reach(self) -> Fields:
        return {
            **self.figure("value"),
            "unit_id": self.units.one(),
            "period_type": self.any(Reach.PeriodType),
            "year_to": self.rng.randint(2005, THIS_YEAR),
        }

    def figure(self, name: str) -> Fields:
        """Return the fields of a number: qualifier, value, and the upper end if it is a range."""
        qualifier = self.any(Figure.Qualifier)
        low = Decimal(self.rng.randint(1, 99) * 10 ** self.rng.randint(0, 5))
        high = low * 2 if qualifier == Figure.Qualifier.RANGE else None
        return {"qualifier": qualifier, name: low, f"{name}_max": high}


def find_first_free_id(model: Model) -> int:
    last = model._default_manager.aggregate(last=models.Max("pk"))["last"]
    return (last or 0) + 1


def find_related_model(name: str) -> Any:
    return Programme._meta.get_field(name).related_model


@cache
def find_link(name: str) -> tuple[Model, str]:
    """Return model and column of the many-to-many link from programmes to a vocabulary."""
    field: Any = Programme._meta.get_field(name)
    return field.remote_field.through, field.m2m_reverse_name()


@cache
def list_values(choices: type[models.TextChoices]) -> list[str]:
    return choices.values


def make_slug(name: str, number: int) -> str:
    return f"{slugify(name)[:60]}-{number}"


def split_into_batches(number: int) -> Iterator[Sequence[int]]:
    """Yield ranges of up to BATCH numbers, which together run from 1 to `number`."""
    for start in range(1, number + 1, BATCH):
        yield range(start, min(start + BATCH, number + 1))


class Tables:
    """Writes rows of many models, in an order in which related rows come first."""

    def __init__(self) -> None:
        self.tables = {model: TableWriter(model) for model in MADE}

    def write(self, rows: Iterable[Row]) -> None:
        by_model: dict[Model, list[Fields]] = defaultdict(list)
        for model, fields in rows:
            by_model[model].append(fields)
        with transaction.atomic():
            for model, table in self.tables.items():
                table.write(by_model[model])


def load_vocabularies(fixtures: Path) -> None:
    """Load sources and vocabularies from the fixtures if any are absent.

    Raise SeedError if a vocabulary is still empty, because a curator has deleted its rows.
    """
    if not list_absent_terms():
        return
    with edit(Edit.Kind.SEED):
        seeder = Seeder()
        # In the fixtures, vocabularies and sources come before the first organisation.
        seeder.load(takewhile(lambda row: row.model is not Organisation, read_rows(fixtures)))
        seeder.remember()
    if absent := list_absent_terms():
        raise SeedError(f"There are no {', '.join(absent)}: someone has deleted them.")


def list_absent_terms() -> list[str]:
    return [
        str(model._meta.verbose_name_plural)
        for model in TERMS
        if not model._default_manager.exists()
    ]


def generate_catalogue(
    programmes: int, seed: int, fixtures: Path, tell: Callable[[int], object] = id
) -> None:
    """Fill a database that has no programmes; `tell` is called with the number written so far.

    Raise NotEmpty if there are programmes, made up or not.
    """
    if Programme.objects.exists():
        raise NotEmpty
    load_vocabularies(fixtures)
    maker = Maker(programmes, seed)
    tables = Tables()
    with pause_triggers():
        for rows in maker.all_organisations():
            tables.write(rows)
        for number, rows in enumerate(maker.all_programmes(), start=1):
            tables.write(rows)
            tell(min(number * BATCH, programmes))
        reset_sequences(MADE)

"""What the index knows of programmes: their texts and values as the database has them now."""

import datetime
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from functools import cached_property, partial
from itertools import chain, islice
from typing import Any

from django.db.models import Model, Q

from partnerships.models import Funding, Organisation, OrganisationName, Partnership
from programmes.index import NONE, Document
from programmes.models import (
    Audience,
    CareerFactor,
    Country,
    EducationLevel,
    InitiativeKind,
    Programme,
    ProgrammeName,
    Reach,
)

YEARS = (1800, 2100)  # that can be asked for
FIRST_LEVEL_OF_HIGHER_EDUCATION = 5
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
MICROSECOND = datetime.timedelta(microseconds=1)

# How many programmes to read at once: all of them, or those that changed.
CHUNK = 5_000
CHANGED_CHUNK = 500

TEXTS = (
    "summary", "description", "objectives", "activities", "impact", "reach_text", "funding_text",
    "key_statement", "region",
)  # fmt: skip
COLUMNS = (
    "pk", "slug", "name", "short_name", "record_type", "scope", "status", "status_as_of",
    "duration", "is_vocational", "year_start", "year_end", "is_highlighted", "verified_on",
    "changed_at", "evidence", *TEXTS,
)  # fmt: skip

Where = Callable[[str], Q]  # from a column with a programme's id to the condition on it
Related = Mapping[int, list[Any]]


def microseconds(moment: datetime.datetime) -> int:
    """Return a moment as microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def moment(microseconds: int) -> datetime.datetime:
    """Return the moment that is so many microseconds after 1970 began."""
    return EPOCH + microseconds * MICROSECOND


def read_programmes(ids: Collection[int] | None = None) -> Iterator[Document]:
    """Yield published programmes: all of them, or those of some that are published."""
    vocabularies = Vocabularies()
    for where in chunks_of_all() if ids is None else chunks_of(ids):
        yield from Chunk(where, vocabularies)


def chunks_of_all() -> Iterator[Where]:
    """Yield conditions by range, which are quick however many rows there are."""
    ids = Programme.objects.published().order_by("pk").values_list("pk", flat=True)
    for some in batches(ids.iterator(), CHUNK):
        yield partial(between, some[0], some[-1])


def chunks_of(ids: Iterable[int]) -> Iterator[Where]:
    for some in batches(ids, CHANGED_CHUNK):
        yield partial(among, some)


def between(first: int, last: int, column: str) -> Q:
    return Q(**{f"{column}__gte": first, f"{column}__lte": last})


def among(some: list[int], column: str) -> Q:
    return Q(**{f"{column}__in": some})


def batches(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Yield rows in lists of this size; the last may be shorter."""
    rows = iter(rows)
    while some := list(islice(rows, size)):
        yield some


class Vocabularies:
    """The keys and names of vocabularies by id, read once; organisations when first met."""

    def __init__(self) -> None:
        self.organisations: dict[int, tuple[str, list[str]]] = {}

    @cached_property
    def countries(self) -> dict[int, tuple[str, str]]:
        return named(Country, "code")

    @cached_property
    def kinds(self) -> dict[int, tuple[str, str]]:
        return named(InitiativeKind, "slug")

    @cached_property
    def audiences(self) -> dict[int, tuple[str, str]]:
        return named(Audience, "slug")

    @cached_property
    def factors(self) -> dict[int, tuple[str, str]]:
        return named(CareerFactor, "slug")

    @cached_property
    def levels(self) -> dict[int, tuple[int, str]]:
        return named(EducationLevel, "code")

    def meet(self, organisations: Iterable[int]) -> None:
        """Read the slugs and every name of organisations that were not met before."""
        for some in batches(set(organisations) - self.organisations.keys(), CHANGED_CHUNK):
            rows = Organisation.objects.filter(pk__in=some).values_list("pk", "slug", "name")
            self.organisations |= {pk: (slug, [name]) for pk, slug, name in rows.order_by()}
            others = OrganisationName.objects.filter(organisation__in=some).order_by()
            for pk, name in others.values_list("organisation", "name"):
                self.organisations[pk][1].append(name)


def named(model: type[Model], key: str) -> dict[int, tuple[Any, str]]:
    rows = model._default_manager.order_by().values_list("pk", key, "name")
    return {pk: (value, name) for pk, value, name in rows}


class Chunk:
    """Some programmes with everything related to them, in a fixed number of queries."""

    def __init__(self, where: Where, vocabularies: Vocabularies) -> None:
        self.where = where
        self.vocabularies = vocabularies
        self.names = self.related(ProgrammeName, "name")
        self.countries = self.related(Programme.countries.through, "country_id")
        self.reached = self.related(Programme.also_reaches.through, "country_id")
        self.levels = self.related(Programme.levels.through, "educationlevel_id")
        self.kinds = self.related(Programme.kinds.through, "initiativekind_id")
        self.factors = self.related(Programme.factors.through, "careerfactor_id")
        self.audiences = self.related(Programme.audiences.through, "audience_id")
        self.partners = self.related(Partnership, "organisation_id", "role")
        self.funding = self.related(Funding, "source_type")
        self.reach = self.related(Reach, "pk")
        vocabularies.meet(pk for pk, _role in chain.from_iterable(self.partners.values()))

    def __iter__(self) -> Iterator[Document]:
        programmes = Programme.objects.published().with_evidence().filter(self.where("pk"))
        for row in programmes.order_by().values_list(*COLUMNS):
            yield self.document(dict(zip(COLUMNS, row, strict=True)))

    def related(self, model: type[Model], *columns: str) -> Related:
        """Return a column of related rows, or tuples of several, by the programme's id."""
        found: defaultdict[int, list[Any]] = defaultdict(list)
        rows = model._default_manager.filter(self.where("programme_id")).order_by()
        for pk, *values in rows.values_list("programme_id", *columns):
            found[pk].append(values[0] if len(columns) == 1 else tuple(values))
        return found

    def document(self, row: dict[str, Any]) -> Document:
        pk, terms = row["pk"], self.vocabularies
        countries = [terms.countries[term] for term in self.countries.get(pk, ())]
        kinds = [terms.kinds[term] for term in self.kinds.get(pk, ())]
        audiences = [terms.audiences[term] for term in self.audiences.get(pk, ())]
        partners = self.partners.get(pk, ())
        partner_names = (terms.organisations[partner][1] for partner, _role in partners)
        return Document(
            number=pk,
            label=row["name"],
            slug=row["slug"],
            names=[row["name"], row["short_name"], *self.names.get(pk, ())],
            texts=[
                *(row[column] for column in TEXTS),
                *(name for _key, name in chain(countries, kinds, audiences)),
                *chain.from_iterable(partner_names),
            ],
            values={
                "country": keys(countries),
                "level": levels(terms.levels, self.levels.get(pk, ()), row["is_vocational"]),
                "kind": keys(kinds),
                "factor": sorted(terms.factors[term][0] for term in self.factors.get(pk, ())),
                "audience": keys(audiences),
                **self.partnerships(partners),
                "status": (row["status"],),
                "duration": (row["duration"] or NONE,),
                "evidence": (row["evidence"],),
                "funding": stated(set(self.funding.get(pk, ()))),
                "record": (row["record_type"],),
                "scope": (row["scope"],),
                "year_start": (row["year_start"] or NONE,),
                "running_in": years_run(
                    row["year_start"], row["year_end"], row["status"], row["status_as_of"]
                ),
                "also_reaches": sorted(terms.countries[c][0] for c in self.reached.get(pk, ())),
                "highlighted": ("yes",) if row["is_highlighted"] else (),
                "gap": self.gaps(row),
            },
            changed=microseconds(row["changed_at"]),
        )

    def partnerships(self, partners: Iterable[tuple[int, str]]) -> dict[str, Iterable[Hashable]]:
        """Return organisations and roles, and which organisation has which role."""
        slugs = self.vocabularies.organisations
        pairs = sorted({(slugs[partner][0], role) for partner, role in partners})
        return {
            "organisation": sorted({slug for slug, _role in pairs}),
            "role": sorted({role for _slug, role in pairs}),
            "partnership": pairs,
        }

    def gaps(self, row: dict[str, Any]) -> list[str]:
        """Return the facts, no facets themselves, that nothing is known about."""
        known = {"reach": row["pk"] in self.reach, "verified_on": row["verified_on"]}
        return [name for name, value in known.items() if not value]


def keys(terms: Iterable[tuple[str, str]]) -> list[str]:
    return stated({key for key, _name in terms})


def stated(values: Collection[str]) -> list[str]:
    """Return values in order, or “none” where there is none."""
    return sorted(values) or [NONE]


def levels(
    known: Mapping[int, tuple[int, str]], related: Iterable[int], is_vocational: bool
) -> list[str]:
    """Return levels, with “higher” for any of tertiary education and “vocational” as stated."""
    codes = {known[level][0] for level in related}
    values = stated({str(code) for code in codes})
    if any(code >= FIRST_LEVEL_OF_HIGHER_EDUCATION for code in codes):
        values.append("higher")
    return [*values, "vocational"] if is_vocational else values


def years_run(start: int | None, end: int | None, status: str, as_of: int | None) -> Iterable[int]:
    """Return the years in which it is known to have run: an unknown end is not “until today”."""
    last = as_of if end is None and status == Programme.Status.ACTIVE else end
    if last is None:
        return ()
    if start is None:
        return sorted({year for year in (end, as_of) if year and year <= last})
    return range(start, min(last, YEARS[1]) + 1)

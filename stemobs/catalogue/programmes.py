"""What the index knows of programmes: their texts and values as the database has them now."""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from functools import cache, lru_cache, partial
from itertools import chain, islice
from typing import Any, NamedTuple

from django.db.models import Model, Q

from partnerships.models import (
    CriterionAssessment,
    Funding,
    Organisation,
    OrganisationName,
    Partnership,
)
from programmes.models import (
    EARLIEST_YEAR,
    EVIDENCE,
    HIGHER_LEVELS,
    Audience,
    CareerFactor,
    Country,
    EducationLevel,
    EvidenceStep,
    InitiativeKind,
    Programme,
    ProgrammeName,
    Reach,
    find_last_year,
)
from stemobs.catalogue.documents import NONE, SearchDocument, count_microseconds
from stemobs.text import space_words

YEARS = (EARLIEST_YEAR, 2100)  # that can be asked for
# What a level counts as besides itself: tertiary education, and any level of this orientation.
HIGHER, VOCATIONAL = "higher", "vocational"
HIGHER_CODES = tuple(map(str, HIGHER_LEVELS))

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
    "changed_at", *TEXTS,
)  # fmt: skip

# What people call terms, by their keys, besides the names that these have. Not the nations of the
# United Kingdom: whether a programme runs in Wales its country does not tell.
ALSO_CALLED = {
    "CZ": ("Czech Republic",),
    "GB": ("UK", "Great Britain"),
    "NL": ("Holland",),
    "SK": ("Slovak Republic",),
    "TR": ("Turkey",),
    "US": ("US", "USA", "United States of America"),
}

Where = Callable[[str], Q]  # from a column with a programme's id to the condition on it
Related = Mapping[int, list[Any]]


def read_programmes(ids: Collection[int] | None = None) -> Iterator[SearchDocument]:
    """Yield published programmes: all of them, or those of some that are published."""
    vocabularies = Vocabularies()
    for where in split_everything() if ids is None else split_ids(ids):
        yield from Chunk(where, vocabularies)


def split_everything() -> Iterator[Where]:
    """Yield conditions by range, which are quick however many rows there are."""
    ids = Programme.objects.published().order_by("pk").values_list("pk", flat=True)
    for some in split_into_batches(ids.iterator(), CHUNK):
        yield partial(match_range, some[0], some[-1])


def split_ids(ids: Iterable[int]) -> Iterator[Where]:
    for some in split_into_batches(ids, CHANGED_CHUNK):
        yield partial(match_ids, some)


def match_range(first: int, last: int, column: str) -> Q:
    return Q(**{f"{column}__gte": first, f"{column}__lte": last})


def match_ids(some: list[int], column: str) -> Q:
    return Q(**{f"{column}__in": some})


def split_into_batches(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Yield rows in lists of this size; the last may be shorter."""
    rows = iter(rows)
    while some := list(islice(rows, size)):
        yield some


class Terms:
    """A vocabulary's keys and names by id, and what programmes with the same terms share."""

    def __init__(self, model: type[Model], key: str, none: tuple[str, ...] = (NONE,)) -> None:
        rows = model._default_manager.order_by().values_list("pk", key, "name")
        self.terms = {pk: (str(value), name) for pk, value, name in rows}
        self.none = none
        self.known: dict[tuple[int, ...], SharedTerms] = {}

    def __getitem__(self, ids: Iterable[int]) -> "SharedTerms":
        """Return the keys of some terms in order, or “none”, and their names as a text."""
        ids = tuple(ids)
        if ids not in self.known:
            terms = sorted(self.terms[pk] for pk in ids)
            keys = tuple(key for key, _name in terms) or self.none
            names = (text for key, name in terms for text in (name, *ALSO_CALLED.get(key, ())))
            self.known[ids] = SharedTerms(keys, space_words(names))
        return self.known[ids]


class SharedTerms(NamedTuple):
    """Keys of terms, and their names as `text.space_words` writes them."""

    keys: tuple[str, ...]
    names: str


class Vocabularies:
    """The vocabularies, read once; organisations when a programme first names them."""

    def __init__(self) -> None:
        self.countries = Terms(Country, "code")
        self.reached = Terms(Country, "code", none=())
        self.levels = Terms(EducationLevel, "code")
        self.kinds = Terms(InitiativeKind, "slug")
        self.factors = Terms(CareerFactor, "slug", none=())
        self.audiences = Terms(Audience, "slug")
        self.slugs: dict[int, str] = {}
        self.names: dict[int, str] = {}

    def read_organisations(self, organisations: Iterable[int]) -> None:
        """Read the slugs and every name of organisations that were not met before."""
        for some in split_into_batches(set(organisations) - self.slugs.keys(), CHANGED_CHUNK):
            rows = Organisation.objects.filter(pk__in=some).order_by()
            others = OrganisationName.objects.filter(organisation__in=some).order_by()
            names: defaultdict[int, list[str]] = defaultdict(list)
            for pk, slug, name in rows.values_list("pk", "slug", "name"):
                self.slugs[pk] = slug
                names[pk].append(name)
            for pk, name in others.values_list("organisation", "name"):
                names[pk].append(name)
            self.names |= {pk: space_words(sorted(every_name)) for pk, every_name in names.items()}


class Chunk:
    """Some programmes with everything related to them, in a fixed number of queries."""

    def __init__(self, where: Where, vocabularies: Vocabularies) -> None:
        self.where = where
        self.vocabularies = vocabularies
        self.names = self.read_related(ProgrammeName, "name")
        self.countries = self.read_related(Programme.countries.through, "country_id")
        self.reached = self.read_related(Programme.also_reaches.through, "country_id")
        self.levels = self.read_related(Programme.levels.through, "educationlevel_id")
        self.kinds = self.read_related(Programme.kinds.through, "initiativekind_id")
        self.factors = self.read_related(Programme.factors.through, "careerfactor_id")
        self.audiences = self.read_related(Programme.audiences.through, "audience_id")
        self.partners = self.read_related(Partnership, "organisation_id", "role")
        self.funding = self.read_related(Funding, "source_type")
        self.reach = self.read_related(Reach, "pk")
        self.verdicts = self.read_related(CriterionAssessment, "criterion_id", "verdict")
        self.steps = [(step.value, self.find_evaluated(rule)) for step, rule in EVIDENCE]
        vocabularies.read_organisations(
            pk for pk, _role in chain.from_iterable(self.partners.values())
        )

    def __iter__(self) -> Iterator[SearchDocument]:
        programmes = Programme.objects.published().filter(self.where("pk"))
        for row in programmes.order_by().values_list(*COLUMNS):
            yield self.make_document(dict(zip(COLUMNS, row, strict=True)))

    def read_related(self, model: type[Model], *columns: str) -> Related:
        """Return a column of related rows, or tuples of several, by the programme's id."""
        found: defaultdict[int, list[Any]] = defaultdict(list)
        rows = model._default_manager.filter(self.where("programme_id")).order_by()
        for pk, *row in rows.values_list("programme_id", *columns):
            found[pk] += row if len(row) == 1 else [tuple(row)]
        return found

    def find_evaluated(self, rule: Q) -> set[int]:
        """Return which of the programmes have an evaluation of this kind."""
        rows = Programme.objects.filter(self.where("pk")).filter(rule).order_by()
        return set(rows.values_list("pk", flat=True))

    def find_evidence(self, pk: int) -> str:
        """Return the strongest step that the evaluations of a programme support."""
        return next((step for step, found in self.steps if pk in found), EvidenceStep.NONE.value)

    def make_document(self, row: dict[str, Any]) -> SearchDocument:
        pk, terms = row["pk"], self.vocabularies
        countries = terms.countries[self.countries.get(pk, ())]
        kinds = terms.kinds[self.kinds.get(pk, ())]
        audiences = terms.audiences[self.audiences.get(pk, ())]
        levels = terms.levels[self.levels.get(pk, ())]
        # Sorted, for databases give rows as they happen to lie.
        partners = sorted(self.partners.get(pk, ()))
        return SearchDocument(
            number=pk,
            name=row["name"],
            slug=row["slug"],
            names=[row["name"], row["short_name"], *sorted(self.names.get(pk, ()))],
            texts=[row[column] for column in TEXTS],
            lines=[
                countries.names, kinds.names, audiences.names,
                *(terms.names[partner] for partner, _role in partners),
            ],
            values={
                "country": countries.keys,
                "level": add_orientation(levels.keys, row["is_vocational"]),
                "kind": kinds.keys,
                "factor": terms.factors[self.factors.get(pk, ())].keys,
                "audience": audiences.keys,
                **self.list_partnerships(partners),
                "status": (row["status"],),
                "duration": (row["duration"] or NONE,),
                "evidence": (self.find_evidence(pk),),
                "funding": tuple(sorted(set(self.funding.get(pk, ())))) or (NONE,),
                "record": (row["record_type"],),
                "scope": (row["scope"],),
                "year_start": (row["year_start"] or NONE,),
                "running_in": list_years_run(
                    row["year_start"], row["year_end"], row["status"], row["status_as_of"]
                ),
                "also_reaches": terms.reached[self.reached.get(pk, ())].keys,
                "highlighted": ("yes",) if row["is_highlighted"] else (),
                "met": self.list_met_criteria(pk),
                "gap": self.list_gaps(row),
            },
            changed=count_microseconds(row["changed_at"]),
        )  # fmt: skip

    def list_partnerships(
        self, partners: Iterable[tuple[int, str]]
    ) -> dict[str, Iterable[Hashable]]:
        """Return organisations and roles, and which organisation has which role."""
        slugs = self.vocabularies.slugs
        pairs = sorted({(slugs[partner], role) for partner, role in partners})
        return {
            "organisation": tuple(dict.fromkeys(slug for slug, _role in pairs)),
            "role": tuple(sorted({role for _slug, role in pairs})),
            "partnership": tuple(pairs),
        }

    def list_met_criteria(self, pk: int) -> tuple[int, ...]:
        """Return the ids, which never change, of the criteria that it was assessed to meet."""
        verdicts = sorted(self.verdicts.get(pk, ()))
        met = CriterionAssessment.Verdict.MET
        return tuple(criterion for criterion, verdict in verdicts if verdict == met)

    def list_gaps(self, row: dict[str, Any]) -> tuple[str, ...]:
        """Return the facts, no facets themselves, that nothing is known about."""
        known = {"reach": row["pk"] in self.reach, "verified_on": row["verified_on"]}
        return tuple(name for name, value in known.items() if not value)


@cache
def add_orientation(levels: tuple[str, ...], is_vocational: bool) -> tuple[str, ...]:
    """Add “higher” for any level of tertiary education, and “vocational” where that is stated."""
    higher = (HIGHER,) if set(HIGHER_CODES).intersection(levels) else ()
    return (*levels, *higher, *((VOCATIONAL,) if is_vocational else ()))


@lru_cache(maxsize=10_000)
def list_years_run(
    start: int | None, end: int | None, status: str, as_of: int | None
) -> tuple[int, ...]:
    """Return the years in which it is known to have run."""
    last = find_last_year(end, status, as_of)
    if last is None:
        return ()
    if start is None:
        return tuple(sorted({year for year in (end, as_of) if year and year <= last}))
    return tuple(range(start, min(last, YEARS[1]) + 1))

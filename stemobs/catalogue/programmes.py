"""Reads programmes from the database as documents of the index: texts and facet values."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from datetime import UTC
from functools import cache, lru_cache
from itertools import chain
from typing import Any, NamedTuple

from django.db.models import Model, QuerySet
from django.utils.timezone import localdate

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
    OPENING,
    Audience,
    CareerFactor,
    Country,
    EducationLevel,
    Evaluation,
    EvidenceStep,
    InitiativeKind,
    Programme,
    ProgrammeName,
    Reach,
    TakingPart,
    find_last_year,
    where_current,
)
from stemobs.catalogue.counting import COUNTED, SPREAD, list_counted, list_spread
from stemobs.catalogue.documents import NONE, SearchDocument, count_microseconds
from stemobs.catalogue.related import (
    CHANGED_CHUNK,
    Range,
    RelatedRows,
    Some,
    Where,
    split_everything,
    split_ids,
    split_into_batches,
)
from stemobs.databases.written import ask_about
from stemobs.text import space_words

YEARS = (EARLIEST_YEAR, 2100)  # the first and last year that parameters accept
# Values of the facet of levels that stand for several levels: tertiary education, and vocational
# education at any level.
HIGHER, VOCATIONAL = "higher", "vocational"
ADDED = "added"  # the facet of the day on which a programme was entered
HIGHER_CODES = tuple(map(str, HIGHER_LEVELS))

TEXTS = (
    "summary", "description", "objectives", "activities", "impact", "reach_text", "funding_text",
    "key_statement", "region",
)  # fmt: skip
COLUMNS = (
    "pk", "slug", "name", "short_name", "record_type", "scope", "status", "status_as_of",
    "duration", "is_vocational", "year_start", "year_end", "is_highlighted", "verified_on",
    "languages", "created_at", "changed_at", *TEXTS,
)  # fmt: skip

# Other names by which people search for a country, by its code. The nations of the United Kingdom
# are not listed: the code GB does not show whether a programme runs in Wales.
ALSO_CALLED = {
    "CZ": ("Czech Republic",),
    "GB": ("UK", "Great Britain"),
    "NL": ("Holland",),
    "SK": ("Slovak Republic",),
    "TR": ("Turkey",),
    "US": ("US", "USA", "United States of America"),
}

# What belongs to programmes, by the names by which documents take it.
PARTS = {
    "names": RelatedRows(ProgrammeName, texts=("name",)),
    "countries": RelatedRows(Programme.countries.through, "country_id"),
    "reached": RelatedRows(Programme.also_reaches.through, "country_id"),
    "levels": RelatedRows(Programme.levels.through, "educationlevel_id"),
    "kinds": RelatedRows(Programme.kinds.through, "initiativekind_id"),
    "factors": RelatedRows(Programme.factors.through, "careerfactor_id"),
    "audiences": RelatedRows(Programme.audiences.through, "audience_id"),
    "partners": RelatedRows(Partnership, "organisation_id", ("role",)),
    "funding": RelatedRows(Funding, texts=("source_type",), rule=where_current()),
    "reach": RelatedRows(Reach, "pk", rule=where_current()),
    "openings": RelatedRows(TakingPart, texts=("audience",), rule=OPENING),
    "verdicts": RelatedRows(CriterionAssessment, "criterion_id", ("verdict",)),
    "studies": RelatedRows(Evaluation, texts=("object", "design", "result")),
    # Which programmes have an evaluation that supports a step of evidence.
    **{step.value: RelatedRows(Programme, rule=rule, programme="pk") for step, rule in EVIDENCE},
}


def read_programmes(
    ids: Collection[int] | None = None, vocabularies: "Vocabularies | None" = None
) -> Iterator[SearchDocument]:
    """Yield the documents of all published programmes, or of those published among these ids."""
    if ids is not None and not ids:
        return
    vocabularies = vocabularies or Vocabularies()
    organisations = Organisations()
    for batch in split_everything() if ids is None else split_ids(ids):
        yield from Chunk(batch, vocabularies, organisations)


class Terms:
    """The keys and names of a vocabulary by id, with a cache for each combination of terms."""

    def __init__(self, model: type[Model], key: str, none: tuple[str, ...] = (NONE,)) -> None:
        rows = model._default_manager.order_by().values_list("pk", key, "name")
        self.terms = {pk: (str(value), name) for pk, value, name in rows}
        self.none = none
        self.known: dict[tuple[int, ...], SharedTerms] = {}

    def __getitem__(self, ids: Iterable[int]) -> "SharedTerms":
        """Return the sorted keys of these terms, or “none” if there are none, and their names."""
        ids = tuple(ids)
        if ids not in self.known:
            terms = sorted(self.terms[pk] for pk in ids)
            keys = tuple(key for key, _name in terms) or self.none
            names = (text for key, name in terms for text in (name, *ALSO_CALLED.get(key, ())))
            self.known[ids] = SharedTerms(keys, space_words(names))
        return self.known[ids]


class SharedTerms(NamedTuple):
    """The keys of some terms, and their names in the form that `text.space_words` returns.

    Programmes with the same terms share one instance, which saves memory.
    """

    keys: tuple[str, ...]
    names: str


class Vocabularies:
    """The vocabularies that programmes refer to, read once."""

    def __init__(self) -> None:
        self.countries = Terms(Country, "code")
        self.reached = Terms(Country, "code", none=())
        self.levels = Terms(EducationLevel, "code")
        self.kinds = Terms(InitiativeKind, "slug")
        self.factors = Terms(CareerFactor, "slug", none=())
        self.audiences = Terms(Audience, "slug")


class Organisations:
    """The slugs and names of organisations, read on demand."""

    def __init__(self) -> None:
        self.slugs: dict[int, str] = {}
        self.names: dict[int, str] = {}

    def read(self, organisations: Iterable[int]) -> None:
        """Read those of these organisations that were not read before."""
        for some in split_into_batches(set(organisations) - self.slugs.keys(), CHANGED_CHUNK):
            names: defaultdict[int, list[str]] = defaultdict(list)
            for pk, slug, name in ask_about("organisations", list_names, some):
                self.slugs[pk] = slug
                names[pk].append(name)
            for pk, name in ask_about("other names", list_other_names, some):
                names[pk].append(name)
            self.names |= {pk: space_words(sorted(every_name)) for pk, every_name in names.items()}


def list_names(ids: Collection[int]) -> QuerySet[Any, Any]:
    rows = Organisation.objects.filter(pk__in=ids).order_by()
    return rows.values_list("pk", "slug", "name")


def list_other_names(ids: Collection[int]) -> QuerySet[Any, Any]:
    rows = OrganisationName.objects.filter(organisation__in=ids).order_by()
    return rows.values_list("organisation", "name")


class Chunk:
    """A batch of programmes with all that belongs to them, read in a fixed number of queries."""

    def __init__(
        self, batch: Range | Some, vocabularies: Vocabularies, organisations: Organisations
    ) -> None:
        self.batch = batch
        self.vocabularies = vocabularies
        self.organisations = organisations
        self.related = batch.read(PARTS)
        partners = chain.from_iterable(self.related["partners"].values())
        organisations.read(pk for pk, _role in partners)

    def __iter__(self) -> Iterator[SearchDocument]:
        def make(where: Where) -> QuerySet[Any, Any]:
            programmes = Programme.objects.published().filter(where("pk"))
            return programmes.order_by().values_list(*COLUMNS)

        for row in self.batch.ask("programmes", make):
            yield self.make_document(dict(zip(COLUMNS, row, strict=True)))

    def find(self, part: str, pk: int) -> Sequence[Any]:
        """Return a part of what belongs to a programme."""
        return self.related[part].get(pk, ())

    def find_evidence(self, pk: int) -> str:
        """Return the strongest evidence step that the evaluations of a programme support."""
        steps = (step.value for step, _rule in EVIDENCE)
        return next((step for step in steps if pk in self.related[step]), EvidenceStep.NONE.value)

    def make_document(self, row: dict[str, Any]) -> SearchDocument:
        pk, terms = row["pk"], self.vocabularies
        countries = terms.countries[self.find("countries", pk)]
        kinds = terms.kinds[self.find("kinds", pk)]
        audiences = terms.audiences[self.find("audiences", pk)]
        levels = terms.levels[self.find("levels", pk)]
        # Sorted, because the query has no order and databases then return rows in any order.
        partners = sorted(self.find("partners", pk))
        # Django adds the time zone to times on SQLite only where it writes a query each time.
        return SearchDocument(
            number=pk,
            name=row["name"],
            slug=row["slug"],
            names=[row["name"], row["short_name"], *sorted(self.find("names", pk))],
            texts=[row[column] for column in TEXTS],
            lines=[
                countries.names, kinds.names, audiences.names,
                *(self.organisations.names[partner] for partner, _role in partners),
            ],
            values={
                "country": countries.keys,
                "level": add_orientation(levels.keys, row["is_vocational"]),
                "kind": kinds.keys,
                "factor": terms.factors[self.find("factors", pk)].keys,
                "audience": audiences.keys,
                **self.list_partnerships(partners),
                "status": (row["status"],),
                "duration": (row["duration"] or NONE,),
                "evidence": (self.find_evidence(pk),),
                **self.list_studies(pk),
                "funding": tuple(sorted(set(self.find("funding", pk)))) or (NONE,),
                "record": (row["record_type"],),
                "scope": (row["scope"],),
                "open_to": tuple(sorted(set(self.find("openings", pk)))) or (NONE,),
                "language": tuple(sorted(filter(None, row["languages"].split(", ")))) or (NONE,),
                "year_start": (row["year_start"] or NONE,),
                "running_in": list_years_run(
                    row["year_start"], row["year_end"], row["status"], row["status_as_of"]
                ),
                "also_reaches": terms.reached[self.find("reached", pk)].keys,
                ADDED: (localdate(row["created_at"].replace(tzinfo=UTC)),),
                "highlighted": ("yes",) if row["is_highlighted"] else (),
                "met": self.list_met_criteria(pk),
                "assessed": tuple(sorted({one for one, _verdict in self.find("verdicts", pk)})),
                "gap": self.list_gaps(row),
                COUNTED: list_counted(row["record_type"], row["status"]),
                SPREAD: list_spread(countries.keys),
            },
            changed=count_microseconds(row["changed_at"].replace(tzinfo=UTC)),
        )  # fmt: skip

    def list_partnerships(
        self, partners: Iterable[tuple[int, str]]
    ) -> dict[str, Iterable[Hashable]]:
        """Return the values of three facets: organisations, roles, and pairs of both."""
        slugs = self.organisations.slugs
        pairs = sorted({(slugs[partner], role) for partner, role in partners})
        return {
            "organisation": tuple(dict.fromkeys(slug for slug, _role in pairs)),
            "role": tuple(sorted({role for _slug, role in pairs})),
            "partnership": tuple(pairs),
        }

    def list_studies(self, pk: int) -> dict[str, Iterable[Hashable]]:
        """Return the values of two facets, design and finding, and pairs of both.

        A pair is of one evaluation of the programme itself; others count for no programme.
        """
        itself = Evaluation.Object.PROGRAMME
        studies = self.find("studies", pk)
        pairs = sorted({(design, result) for thing, design, result in studies if thing == itself})
        return {
            "design": tuple(sorted({design for design, _finding in pairs})),
            "finding": tuple(sorted({finding for _design, finding in pairs})) or (NONE,),
            "study": tuple(pairs),
        }

    def list_met_criteria(self, pk: int) -> tuple[int, ...]:
        """Return the ids of the good-practice criteria that a programme was assessed to meet."""
        verdicts = sorted(self.find("verdicts", pk))
        met = CriterionAssessment.Verdict.MET
        return tuple(criterion for criterion, verdict in verdicts if verdict == met)

    def list_gaps(self, row: dict[str, Any]) -> tuple[str, ...]:
        """Return which of the facts “reach” and “verified_on” are missing for a programme."""
        known = {"reach": row["pk"] in self.related["reach"], "verified_on": row["verified_on"]}
        return tuple(name for name, value in known.items() if not value)


@cache
def add_orientation(levels: tuple[str, ...], is_vocational: bool) -> tuple[str, ...]:
    """Add “higher” if a level is tertiary, and “vocational” if the programme is vocational."""
    higher = (HIGHER,) if set(HIGHER_CODES).intersection(levels) else ()
    return (*levels, *higher, *((VOCATIONAL,) if is_vocational else ()))


@lru_cache(maxsize=10_000)
def list_years_run(
    start: int | None, end: int | None, status: str, as_of: int | None
) -> tuple[int, ...]:
    """Return the years in which a programme is known to have run."""
    last = find_last_year(end, status, as_of)
    if last is None:
        return ()
    if start is None:
        return tuple(sorted({year for year in (end, as_of) if year and year <= last}))
    return tuple(range(start, min(last, YEARS[1]) + 1))

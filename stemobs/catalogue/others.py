"""Reads what the search over everything finds, apart from programmes and organisations."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from django.db.models import QuerySet

from partnerships.models import (
    Criterion,
    Guide,
    GuideItem,
    NationalPlatform,
    Obstacle,
    Strategy,
)
from programmes.models import (
    CareerFactor,
    Country,
    Evaluation,
    InitiativeKind,
    Programme,
    Term,
    where_published,
)
from stemobs.catalogue.documents import NONE, SearchDocument
from stemobs.catalogue.programmes import ALSO_CALLED
from stemobs.databases.written import ask_about

# The terms that a guide explains, by the name of their vocabulary.
TERMS: dict[str, type[Term]] = {
    Guide.Vocabulary.KINDS: InitiativeKind,
    Guide.Vocabulary.FACTORS: CareerFactor,
    Guide.Vocabulary.OBSTACLES: Obstacle,
    Guide.Vocabulary.CRITERIA: Criterion,
}
# A value that no list has, which only a program can write, has no words.
LABELS = (*Evaluation.Design.choices, *Evaluation.Result.choices)
STRENGTHS: list[str] = Evaluation.Design.values
FAR_YEAR = 9999
FINDING_COLUMNS = (
    "pk", "programme_id", "design", "result", "year", "headline", "finding", "method", "sample",
    "programme__name", "programme__short_name",
)  # fmt: skip


def read_countries() -> Iterator[SearchDocument]:
    """Yield the documents of all countries: their names, and what else they are called."""
    for country in Country.objects.order_by():
        yield SearchDocument(
            number=country.pk,
            name=country.name,
            slug=country.code,
            names=[country.name, *ALSO_CALLED.get(country.code, ())],
            texts=[country.note],
            values={"country": (country.code,)},
        )


# --- Platforms and strategies ---------------------------------------------------------------------


def read_platforms() -> Iterator[SearchDocument]:
    """Yield the documents of all platforms."""
    rows = NationalPlatform.objects.order_by().prefetch_related("countries")
    return (make_initiative_document(row, row.mandate) for row in rows)


def read_strategies() -> Iterator[SearchDocument]:
    """Yield the documents of all strategies."""
    rows = Strategy.objects.order_by().prefetch_related("countries")
    return (make_initiative_document(row, row.summary) for row in rows)


def make_initiative_document(row: NationalPlatform | Strategy, told: str) -> SearchDocument:
    """Return the document of a platform or strategy, of which `told` says what it is or does."""
    countries = row.countries.all()
    return SearchDocument(
        number=row.pk,
        name=row.name,
        slug=row.slug,
        names=[row.name, row.native_names],
        texts=[told, row.note, row.region, *(country.name for country in countries)],
        values={"country": tuple(country.code for country in countries) or (NONE,)},
    )


# --- Guides ---------------------------------------------------------------------------------------


class GuidePart(NamedTuple):
    """A guide, a term it explains, or an item of it; `anchor` and `guide` are "" for the guide."""

    slug: str
    anchor: str
    guide: str
    heading: str
    text: str
    countries: tuple[str, ...] = ()


def list_guide_parts() -> list[GuidePart]:
    """Return all guides, each followed by its terms and its items in their order."""
    terms = {name: list(model._default_manager.all()) for name, model in TERMS.items()}
    items = defaultdict(list)
    for item in GuideItem.objects.prefetch_related("countries"):
        items[item.guide_id].append(item)
    parts = []
    for guide in Guide.objects.all():
        parts.append(GuidePart(guide.slug, "", "", guide.title, guide.summary))
        parts += [
            GuidePart(guide.slug, term.slug, guide.title, term.name, term.description)
            for term in terms.get(guide.vocabulary, ())
        ]
        parts += [make_part(guide, item) for item in items[guide.pk]]
    return parts


def make_part(guide: Guide, item: GuideItem) -> GuidePart:
    codes = tuple(country.code for country in item.countries.all())
    return GuidePart(guide.slug, item.slug, guide.title, item.heading, item.text, codes)


def make_guide_documents(parts: Collection[GuidePart]) -> Iterator[SearchDocument]:
    """Yield the documents of guides and their parts, numbered in the order given, guides first."""
    for number, part in enumerate(parts):
        yield SearchDocument(
            number=number,
            name=f"{bool(part.anchor):d} {number:06}",
            slug=f"{part.slug}#{part.anchor}",
            names=[part.heading],
            texts=[part.text],
            values={"country": part.countries or (NONE,)},
        )


# --- Findings -------------------------------------------------------------------------------------


def read_findings(programmes: Collection[int] | None = None) -> Iterator[SearchDocument]:
    """Yield the documents of all findings, or of those about these programmes.

    A finding is a known result of a study of a published programme itself. They are sorted by the
    strength of the design, equal ones by year, the newest first.
    """
    if programmes is None:
        found: Iterable[tuple[Any, ...]] = list_findings()
        countries = find_countries(list_countries_of(list_findings().values("programme_id")))
    else:
        found = ask_about("findings", list_findings, programmes)
        few = {programme for _pk, programme, *_texts in found}
        countries = find_countries(ask_about("countries", list_countries_of, few))
    for pk, programme, design, result, year, *texts in found:
        headline, *others = texts
        named = countries.get(programme, [])
        yield SearchDocument(
            number=pk,
            name=f"{STRENGTHS.index(design):02} {FAR_YEAR - (year or 0):04}",
            slug=str(pk),
            names=[headline],
            texts=[
                *others,
                *(str(label) for value, label in LABELS if value in (design, result)),
                *(name for _code, name in named),
            ],
            values={
                "programme": (programme,),
                "country": tuple(code for code, _name in named) or (NONE,),
            },
        )


def list_findings(programmes: Collection[int] | None = None) -> QuerySet[Any, Any]:
    rows = Evaluation.objects.filter(
        where_published("programme__"), object=Evaluation.Object.PROGRAMME
    ).exclude(result=Evaluation.Result.NOT_ON_RECORD)
    if programmes is not None:
        rows = rows.filter(programme__in=programmes)
    return rows.order_by().values_list(*FINDING_COLUMNS)


def list_countries_of(programmes: Any) -> QuerySet[Any, Any]:
    """Return programme, code and name of the countries of programmes, by ids or a query of ids."""
    rows = Programme.countries.through.objects.filter(programme__in=programmes).order_by("pk")
    return rows.values_list("programme", "country__code", "country__name")


def find_countries(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[str, str]]]:
    """Return countries as pairs (code, name), by the id of their programme."""
    found = defaultdict(list)
    for programme, code, name in rows:
        found[programme].append((code, name))
    return found

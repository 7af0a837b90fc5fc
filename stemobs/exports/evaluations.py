"""The tables of evaluations and of studies of the field: their columns, and how rows are read."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from partnerships.models import FieldStudy
from programmes.models import Evaluation, Programme
from stemobs.addresses import build_absolute_url
from stemobs.catalogue.catalogue import Catalogue
from stemobs.exports.tables import Column, Row, StatedFact, Table, Type
from stemobs.selection import facets
from stemobs.selection.facets import make_options

PREFETCHED = ("further_sources", "programme__countries")


def read_evaluation_rows(catalogue: Catalogue, ids: Sequence[int]) -> list[Row]:
    """Return the rows of all evaluations of programmes."""
    return [one.row for one in read_evaluations(ids)]


def read_evaluations(ids: Sequence[int]) -> list[StatedFact]:
    """Return all evaluations: by programme as given, then as in its entry."""
    found: defaultdict[int, list[StatedFact]] = defaultdict(list)
    published = Programme.objects.published().filter(pk__in=ids).order_by()
    rows = Evaluation.objects.filter(programme__in=published).order_by("position")
    for row in rows.select_related("programme", "source").prefetch_related(*PREFETCHED):
        place = (0, row.position)
        found[row.programme_id].append(StatedFact(row.programme_id, place, make_row(row)))
    return [one for pk in ids for one in found[pk]]


def make_row(row: Evaluation) -> Row:
    return {
        "programme": row.programme.slug,
        "name": row.programme.name,
        "object": row.object,
        "independence": row.independence,
        "headline": row.headline,
        "method": row.method,
        **make_study_row(row),
        # A position is never given again, and a dump keeps it; a primary key changes with each.
        "id": f"{row.programme.slug}:{row.position}",
        "countries": [country.code for country in row.programme.countries.all()],
        "page": build_absolute_url(row.programme.get_absolute_url()),
    }


def make_study_row(row: Evaluation | FieldStudy) -> Row:
    """Return what an evaluation and a study of the field have alike."""
    source = row.source
    return {
        "design": row.design,
        "evaluator": row.evaluator,
        "commissioner": row.commissioner,
        "year": row.year,
        "sample": row.sample,
        "result": row.result,
        "finding": row.finding,
        "note": row.note,
        "source": source.slug if source else "",
        "source_title": source.title if source else "",
        "source_url": source.url if source else "",
        "locator": row.locator,
        "further_sources": [further.slug for further in row.further_sources.all()],
    }


def count_evaluations(catalogue: Catalogue) -> Mapping[int, int]:
    """Return how many evaluations each programme has, by its id; counted once for each state."""

    def count() -> Mapping[int, int]:
        return Counter(Evaluation.objects.order_by().values_list("programme_id", flat=True))

    return catalogue.make_once_in_this_state(count_evaluations, count)


EVALUATIONS = Table(
    "evaluations",
    _("Evaluations"),
    (
        Column("programme", Type.TEXT, _("The programme's slug, as in the file of programmes.")),
        Column("name", Type.TEXT, _("The programme's name.")),
        Column(
            "object", Type.CODE,
            _("What was looked at; only studies of the programme itself count for it."),
            make_options(Evaluation.Object),
        ),
        Column("design", Type.CODE, _("How it was looked at."), facets.DESIGN.choices),
        Column(
            "independence", Type.CODE, _("Who stood behind it."),
            make_options(Evaluation.Independence),
        ),
        Column("evaluator", Type.TEXT, _("The institution that did it; empty if not known.")),
        Column("commissioner", Type.TEXT, _("The institution that ordered it, if named.")),
        Column("year", Type.YEAR, _("The year of its report; empty if not known.")),
        Column("sample", Type.TEXT, _("Who and how many, as stated.")),
        Column("result", Type.CODE, _("What it found on the whole."), facets.FINDING.choices),
        Column("headline", Type.TEXT, _("In a few words of our own, what follows “It found”.")),
        Column("finding", Type.TEXT, _("What it found, in our own words.")),
        Column("method", Type.TEXT, _("How it was made, in the words of its source.")),
        Column("note", Type.TEXT, _("What to know before using it.")),
        Column("source", Type.TEXT, _("The slug of the source that tells of it.")),
        Column("source_title", Type.TEXT, _("The source's title.")),
        Column("source_url", Type.ADDRESS, _("The source's address.")),
        Column("locator", Type.TEXT, _("The place in the source.")),
        Column("further_sources", Type.CODES, _("The slugs of further sources that tell of it.")),
        Column(
            "id", Type.TEXT,
            _("The evaluation's identifier: the programme's slug and a number that stays."),
        ),
        Column(
            "countries", Type.CODES,
            _("Where the programme is carried out, as ISO 3166-1 alpha-2 codes."),
            facets.COUNTRY.choices,
        ),
        Column("page", Type.ADDRESS, _("The programme's page, with every fact and its source.")),
    ),
    read_evaluation_rows,
    key="id",
)  # fmt: skip


# --- Studies of the field -------------------------------------------------------------------------


def read_field_studies(catalogue: Catalogue, ids: Sequence[int]) -> list[Row]:
    """Return the rows of studies of many schemes together, in the order of the ids."""
    rows = FieldStudy.objects.select_related("source").prefetch_related("further_sources")
    found = rows.in_bulk(list(ids))
    return [
        {"id": row.slug, "title": row.title, **make_study_row(row)}
        for row in (found[pk] for pk in ids if pk in found)
    ]


ALIKE = (
    "design", "evaluator", "commissioner", "year", "sample", "result", "finding", "note",
    "source", "source_title", "source_url", "locator", "further_sources",
)  # fmt: skip
FIELD_STUDIES = Table(
    "field-studies",
    _("Studies of the whole field"),
    (
        Column("id", Type.TEXT, _("The study's identifier.")),
        Column("title", Type.TEXT, _("What it is called here.")),
        *(column for column in EVALUATIONS.columns if column.name in ALIKE),
    ),
    read_field_studies,
    key="id",
)

"""The tables of programmes and of figures: their columns with meanings, and how rows are read.

CSV, XLSX and JSON-lines files, their codebook and the page about the data use these definitions.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import getitem
from typing import Any, NamedTuple

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from partnerships.models import Funding
from programmes.models import Programme, Reach, Unit, pair_with_earlier, where_current
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.related import split_into_batches
from stemobs.catalogue.states.requests import read_latest
from stemobs.entries import wording
from stemobs.entries.basis import BASIS_MEANINGS, BASIS_WORDS
from stemobs.exports.rows import (
    LIFE,
    RELATED,
    drop_empty_decimals,
    make_reach,
    make_source,
    read_rows,
    select_reach,
)
from stemobs.selection import facets
from stemobs.selection.facets import Choices, make_options, make_term_choices

AT_ONCE = 500  # programmes whose rows are read together
Row = Mapping[str, Any]


class Type(models.TextChoices):
    """The type of a column's cells, which decides how a spreadsheet shows them."""

    TEXT = "text", _("text")
    CODE = "code", _("one of the values")
    CODES = "codes", _("any of the values, separated by “; ”")
    NUMBER = "number", _("number")
    YEAR = "year", _("year")
    BOOLEAN = "boolean", _("true or false")
    DATE = "date", _("date")
    TIME = "time", _("date and time, UTC")
    ADDRESS = "address", _("address")


@dataclass(frozen=True)
class Column:
    """A column of a table: name, type, meaning, and if it has them, possible values and unit."""

    name: str
    type: Type
    meaning: Any
    choices: Choices | None = None
    unit: Any = ""

    def make_cell(self, row: Row) -> Any:
        """Return a row's value for this column; several codes become one text, joined by “; ”."""
        value = row[self.name]
        return join_texts(map(str, value)) if self.type is Type.CODES else value


class ReachColumn(Column):
    """A column with all reach figures of a programme as one text."""

    def make_cell(self, row: Row) -> str:
        return join_texts(format_figure_text(figure) for figure in row[self.name])


def join_texts(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(texts))


def format_figure_text(figure: Row) -> str:
    """Return a figure in words, with its detail, its time and its source.

    “about 60,000 students (a year) [EU STEM Coalition, p. 4]”
    """
    detail = f", {detail}" if (detail := figure.get("unit_detail")) else ""
    period = figure["period"] or wording.format_years(figure["year_from"], figure["year_to"])
    source = figure["source"]
    place = source and ", ".join(
        filter(None, [source["title"], wording.find_readers_place(source["locator"])])
    )
    when, where = f" ({period})" if period else "", f" [{place}]" if place else ""
    return f"{figure['text']}{detail}{when}{where}"


class DescribedColumn(NamedTuple):
    """A column in the codebook, with the values that its cells may have."""

    column: Column
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """A table: its columns, and the function that reads the rows of programmes by their ids."""

    slug: str
    name: Any
    columns: tuple[Column, ...]
    read: Callable[[Catalogue, Sequence[int]], list[Row]]
    key: str = ""  # the column that identifies a row

    @property
    def header(self) -> list[str]:
        return [column.name for column in self.columns]

    def list_cells(self, row: Row) -> list[Any]:
        return [column.make_cell(row) for column in self.columns]

    def read_lots(self, catalogue: Catalogue, ids: Sequence[int]) -> Iterator[list[Row]]:
        """Yield lists of rows, each for AT_ONCE programmes, from the catalogue of the request.

        Programmes that were deleted or withdrawn meanwhile are left out.
        """
        for some in split_into_batches(ids, AT_ONCE):
            yield self.read(catalogue, some)

    def latest_lots(self, ids: Sequence[int]) -> Iterator[list[Row]]:
        """Yield lists of rows while a file is sent, when the catalogue of its request is closed.

        Each list is read from the latest state. No transaction stays open between two lists, so
        that a slow download blocks no writer.
        """
        for some in split_into_batches(ids, AT_ONCE):
            with read_latest() as catalogue:
                rows = self.read(catalogue, some)
            yield rows

    def describe_columns(self, catalogue: Catalogue) -> list[DescribedColumn]:
        """Return every column with its possible values and their labels, for the codebook."""
        return [
            DescribedColumn(column, column.choices(catalogue) if column.choices else {})
            for column in self.columns
        ]


# --- Programmes -----------------------------------------------------------------------------------


def read_programme_rows(catalogue: Catalogue, ids: Sequence[int]) -> list[Row]:
    """Return programmes as rows of the API's list, in the order of the ids."""
    rows = read_rows(catalogue, ids)
    return [rows[pk] for pk in ids if pk in rows]


def describe_bases() -> Iterator[Column]:
    """Yield the columns with the bases of values."""
    for name, meaning in BASIS_MEANINGS.items():
        yield Column(name, Type.CODE, meaning, lambda catalogue: BASIS_WORDS)


PROGRAMMES = Table(
    "programmes",
    _("Programmes"),
    (
        Column("slug", Type.TEXT, _("The programme's identifier, and the end of its address.")),
        Column("name", Type.TEXT, _("Its name.")),
        Column("record_type", Type.CODE, _("What it is."), facets.RECORD.choices),
        Column("summary", Type.TEXT, _("What it does, in a sentence or two.")),
        Column("scope", Type.CODE, _("How far it reaches."), facets.SCOPE.choices),
        Column(
            "countries", Type.CODES, _("Where it is carried out, as ISO 3166-1 alpha-2 codes."),
            facets.COUNTRY.choices,
        ),
        Column("levels", Type.CODES, _("Education levels, by ISCED 2011."), facets.LEVEL.choices),
        Column("is_vocational", Type.BOOLEAN, _("Whether it reaches vocational education.")),
        Column("kinds", Type.CODES, _("Kinds of initiative."), facets.KIND.choices),
        Column(
            "factors", Type.CODES, _("Factors of career choice that it works on."),
            facets.FACTOR.choices,
        ),
        Column("audiences", Type.CODES, _("Whom it is for."), facets.AUDIENCE.choices),
        Column(
            "duration", Type.CODE, _("How long a participant is involved; empty if not stated."),
            make_options(Programme.Duration),
        ),
        Column("status", Type.CODE, _("Whether it is known to run."), facets.STATUS.choices),
        Column("status_as_of", Type.YEAR, _("The last year for which a source shows the status.")),
        Column("year_start", Type.YEAR, _("The year in which it began; empty if not stated.")),
        Column(
            "year_end", Type.YEAR,
            _("The year in which it ended; empty if it has not, or if not stated."),
        ),
        Column(
            "evidence", Type.CODE, _("The strongest kind of evaluation on record."),
            facets.EVIDENCE.choices,
        ),
        ReachColumn(
            "reach", Type.TEXT,
            _("Every reach figure in words, with its time and its source."),
        ),
        Column(
            "verified_on", Type.DATE, _("The day a curator checked the entry against its sources.")
        ),
        Column("changed_at", Type.TIME, _("When the entry was last changed.")),
        Column("page", Type.ADDRESS, _("Its page, with every fact and its source.")),
        Column(
            "open_to", Type.CODES,
            _("Who can join now. A source says how, and the programme runs."),
            facets.OPEN_TO.choices,
        ),
        Column("website", Type.ADDRESS, _("Its own website; empty if none is known.")),
        *describe_bases(),
    ),
    read_programme_rows,
    key="slug",
)  # fmt: skip


# --- Figures --------------------------------------------------------------------------------------


class StatementKind(models.TextChoices):
    """What a row of the figures' file states: how many were reached, or who pays."""

    REACH = "reach", _("How many were reached")
    FUNDING = "funding", _("Who pays, and how much")


FUNDING = (
    "source_type", "amount", "amount_max", "qualifier", "currency", "basis", "basis_detail",
    "period", "year_from", "year_to", "note", "locator", *LIFE,
)  # fmt: skip
PAYING = {key: expression for key, expression in RELATED.items() if key.startswith("source_")}


class StatedFact(NamedTuple):
    """A row of figures or evaluations, with its programme and its lasting place among its rows."""

    programme: int
    place: tuple[int, int]  # its kind, such as reach before funding, and its position
    row: Row


def read_figure_rows(catalogue: Catalogue, ids: Sequence[int]) -> list[Row]:
    """Return the rows of all statements of programmes."""
    return [one.row for one in read_statements(ids)]


def read_statements(ids: Sequence[int]) -> list[StatedFact]:
    """Return all statements of reach and funding: by programme as given, then as in its entry."""
    found: defaultdict[int, list[StatedFact]] = defaultdict(list)
    programmes = Programme.objects.published().filter(pk__in=ids).order_by()
    heads = {
        pk: {"programme": slug, "name": name}
        for pk, slug, name in programmes.values_list("pk", "slug", "name")
    }
    kinds = (
        (StatementKind.REACH, select_reach, make_reach),
        (StatementKind.FUNDING, select_funding, make_funding_row),
    )
    for number, (kind, select, make) in enumerate(kinds):
        for one, earlier in pair_with_earlier(select(heads), getitem):
            pk = one["programme_id"]
            row = make_figure_row(heads[pk], kind, make(one), map(make, earlier))
            found[pk].append(StatedFact(pk, (number, one["position"]), row))
    return [statement for pk in ids for statement in found[pk]]


def make_figure_row(head: Row, kind: StatementKind, figure: Row, earlier: Iterable[Row]) -> Row:
    """Return a statement as a row with all columns; columns of the other kind are empty."""
    source = figure["source"] or {}
    return {
        **EMPTY,
        **head,
        "statement": kind.value,
        **figure,
        "source": source.get("slug", ""),
        "source_title": source.get("title", ""),
        "source_url": source.get("url", ""),
        "locator": source.get("locator", ""),
        "earlier": join_texts(map(format_figure_text, earlier)),
    }


def select_funding(ids: Iterable[int]) -> Iterable[Row]:
    """Return the funding statements of programmes as the database has them, in their order."""
    rows = Funding.objects.filter(programme__in=ids).order_by("position")
    paid_by = F("organisation__slug")
    return rows.values("programme_id", *FUNDING, organisation_slug=paid_by, **PAYING)


def make_funding_row(row: Row) -> Row:
    return {
        "text": wording.format_funding(
            row["currency"], row["qualifier"], row["amount"], row["amount_max"]
        ),
        "value": drop_empty_decimals(row["amount"]),
        "value_max": drop_empty_decimals(row["amount_max"]),
        "qualifier": row["qualifier"],
        "currency": row["currency"],
        "source_type": row["source_type"],
        "organisation": row["organisation_slug"] or "",
        "basis": row["basis"],
        "basis_detail": row["basis_detail"],
        "period": row["period"],
        "year_from": row["year_from"],
        "year_to": row["year_to"],
        "note": row["note"],
        "source": make_source(row),
        "anchor": wording.build_anchor("funding", row["position"]),
    }


def count_statements(catalogue: Catalogue) -> Mapping[int, int]:
    """Return how many statements each programme has, by its id; counted once for each state."""

    def count() -> Mapping[int, int]:
        found: Counter[int] = Counter()
        for model in (Reach, Funding):
            rows = model.objects.filter(where_current()).order_by().values_list("programme_id")
            found.update(dict(rows.annotate(number=models.Count("pk"))))
        return found

    return catalogue.make_once_in_this_state(count_statements, count)


FIGURES = Table(
    "figures",
    _("Figures"),
    (
        Column("programme", Type.TEXT, _("The programme's slug, as in the file of programmes.")),
        Column("name", Type.TEXT, _("The programme's name.")),
        Column("statement", Type.CODE, _("What the figure is about."), make_options(StatementKind)),
        Column("text", Type.TEXT, _("The figure in words, as exact as its source.")),
        Column(
            "value", Type.NUMBER,
            _("The number as stated, or the lower end of a range; empty if no amount is stated."),
            unit=_("as in unit or currency"),
        ),
        Column(
            "value_max", Type.NUMBER, _("The upper end of a range."),
            unit=_("as in unit or currency"),
        ),
        Column("qualifier", Type.CODE, _("How exact it is."), make_options(Reach.Qualifier)),
        Column("unit", Type.CODE, _("What is counted; empty for money."), make_term_choices(Unit)),
        Column("unit_detail", Type.TEXT, _("What exactly is counted.")),
        Column(
            "currency", Type.TEXT,
            _("ISO 4217 code. Amounts are as stated and never converted: do not add them up."),
        ),
        Column("source_type", Type.CODE, _("Who pays."), make_options(Funding.SourceType)),
        Column("organisation", Type.TEXT, _("The slug of the organisation that pays, if named.")),
        Column("basis", Type.CODE, _("What the amount is for."), make_options(Funding.Basis)),
        Column("basis_detail", Type.TEXT, _("What exactly it is for.")),
        Column("period", Type.TEXT, _("When it holds, in the source's words.")),
        Column(
            "period_type", Type.CODE, _("How reach was counted over time; empty if not stated."),
            make_options(Reach.PeriodType),
        ),
        Column("year_from", Type.YEAR, _("The first year it holds for.")),
        Column("year_to", Type.YEAR, _("The last year it holds for.")),
        Column("note", Type.TEXT, _("What to know before using it.")),
        Column("source", Type.TEXT, _("The slug of the source that states it.")),
        Column("source_title", Type.TEXT, _("The source's title.")),
        Column("source_url", Type.ADDRESS, _("The source's address.")),
        Column("locator", Type.TEXT, _("The place in the source.")),
        Column("anchor", Type.TEXT, _("Where it stands on the programme’s page, after “#”.")),
        Column(
            "earlier", Type.TEXT,
            _("The figures that it replaced, in words, the latest first; empty if none."),
        ),
    ),
    read_figure_rows,
)  # fmt: skip
EMPTY = {
    column.name: None if column.type in (Type.NUMBER, Type.YEAR) else ""
    for column in FIGURES.columns
}

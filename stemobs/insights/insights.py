"""What the catalogue as a whole shows: ten figures, each with its finding and its numbers.

A finding is worded from the numbers, so that it stays true when they change. Knows no HTTP.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

from django.http import QueryDict
from django.utils.text import get_text_list
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from pyroaring import BitMap

from partnerships.models import Funding, Obstacle, Organisation
from programmes.models import EvidenceStep, Programme
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.index import NONE, Index, union
from stemobs.catalogue.programmes import HIGHER, HIGHER_CODES, VOCATIONAL
from stemobs.entries.lineage import Journey, journeys
from stemobs.insights.shapes import (
    Bars,
    Cell,
    Combination,
    Combinations,
    Families,
    Family,
    Figure,
    Matrix,
    Network,
    Node,
    Row,
    Squares,
)
from stemobs.insights.timelines import Link, Timeline, span_of, timeline
from stemobs.selection.facets import DURATION, EVIDENCE, FACTOR, FUNDING, KIND, LEVEL, Facet
from stemobs.selection.programmes import ProgrammeFilter

# What the catalogue does not know, in words, and where the index has it.
GAPS = (
    (gettext_lazy("no start year"), "year_start", NONE),
    (gettext_lazy("no education level"), "level", NONE),
    (gettext_lazy("no kind of initiative"), "kind", NONE),
    (gettext_lazy("no reach figure"), "gap", "reach"),
    (gettext_lazy("no word on funding"), "funding", NONE),
    (gettext_lazy("no evaluation"), "evidence", EvidenceStep.NONE),
    (gettext_lazy("no check by a curator"), "gap", "verified_on"),
)
# Gaps that the public can ask for.
ASKABLE = {"level", "kind", "funding", "evidence"}

NOTHING = gettext_lazy("Nothing is on record yet")

MOST_SQUARES = 200
STEPS = 5  # of the scale of a matrix
MOST_SPANS = 25
MOST_NAMED = 5  # of what is left out of a drawing
MOST_COMBINATIONS = 12
MOST_ORGANISATIONS = 10
MOST_PROGRAMMES = 20  # in the network


# --- Counting -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    """The catalogue, asked about all its programmes."""

    catalogue: Catalogue

    @property
    def index(self) -> Index:
        return self.catalogue.programmes

    @property
    def total(self) -> int:
        return len(self.index)

    def rows(self, facet: Facet, *leave_out: str) -> list[Row]:
        """Return the numbers of a facet's values, those without programmes included."""
        counts = ProgrammeFilter(QueryDict(), self.catalogue).counts(facet)
        return [
            Row(label, counts.get(value, 0), f"{facet.parameter}={value}", value)
            for value, label in facet.labels(self.catalogue).items()
            if value not in leave_out
        ]

    def having(self, facet: str, value: Any) -> BitMap:
        return self.index.having(facet, [value])

    @property
    def size(self) -> str:
        """Return what figures about all programmes are about, in words."""
        return ngettext("{total} programme", "{total} programmes", self.total).format(
            total=self.total
        )


def leaders(rows: Sequence[Row], *, least: bool = False) -> list[Row]:
    """Return the rows with the largest number, or with the smallest."""
    if not rows:
        return []
    bound = (min if least else max)(row.count for row in rows)
    return [row for row in rows if row.count == bound]


def superlative(
    leading: Sequence[Row], among: Sequence[Row], one: str, several: str, total: int
) -> str:
    """Return a sentence about what leads; none leads where all are level, or nothing is there.

    What several have is what each of them has.
    """
    number = leading[0].count if leading else 0
    if not any(row.count for row in among):
        return str(NOTHING)
    if len(among) > 1 and len(leading) == len(among):
        return _("Each of the {values} has the same number of programmes: {number}").format(
            values=len(among), number=number
        )
    words = one if len(leading) == 1 else several
    return words.format(labels=listed(leading), number=number, total=total)


def listed(rows: Iterable[Row]) -> str:
    return get_text_list([row.label for row in rows], _("and"))


def table_of(rows: Iterable[Row]) -> list[tuple[Any, ...]]:
    return [(row.label, row.key, row.count) for row in rows]


# --- The figures ----------------------------------------------------------------------------------


def evidence(record: Record) -> Figure:
    rows = record.rows(EVIDENCE)
    without = next((row.count for row in rows if row.key == NONE), 0)
    if not record.total:
        finding = str(NOTHING)
    elif without:
        finding = ngettext(
            "{number} of {total} programmes has no evaluation on record",
            "{number} of {total} programmes have no evaluation on record",
            without,
        )
    else:
        finding = _("Every programme has an evaluation on record")
    each = scale(record.total)
    return Figure(
        slug="evidence",
        name=_("Evidence"),
        finding=finding.format(number=without, total=record.total),
        subject=_("Programmes by the strongest kind of evaluation on record; {size}").format(
            size=record.size
        ),
        note=" ".join(
            [
                _("It tells what was evaluated, not how well a programme works."),
                ngettext(
                    "A square is one programme.", "A square is up to {each} programmes.", each
                ).format(each=each),
            ]
        ),
        shape="squares",
        drawing=Squares(rows, each),
        columns=("evidence", "value", "programmes"),
        table=table_of(rows),
        heads=(_("Evidence"), _("Programmes")),
        told=[(row.label, row.count) for row in rows],
    )


def scale(total: int) -> int:
    """Return how many programmes a square stands for: 1, 2, 5, 10 … so that few are drawn."""
    each = 1
    for factor in [2, 2.5, 2] * 9:
        if total <= MOST_SQUARES * each:
            break
        each = int(each * factor)
    return each


def bars(
    record: Record, slug: str, name: str, facet: Facet, finding: str, note: str, rows: list[Row]
) -> Figure:
    """Return a figure of the numbers of one facet."""
    subject = _("Programmes by {facet}; {size}").format(
        facet=str(facet.label).lower(), size=record.size
    )
    return Figure(
        slug, name, finding, subject, note, "bars", Bars(rows),
        (facet.parameter, "value", "programmes"), table_of(rows),
    )  # fmt: skip


def levels(record: Record) -> Figure:
    rows = record.rows(LEVEL, HIGHER, VOCATIONAL)
    stated = [row for row in rows if row.key != NONE]
    finding = superlative(
        leaders(stated), stated,
        _("{labels}: covered most often, by {number} of {total} programmes"),
        _("{labels}: covered most often, each by {number} of {total} programmes"),
        record.total,
    )  # fmt: skip
    note = _("ISCED 2011. A programme can cover several levels.")
    return bars(record, "levels", _("Education levels"), LEVEL, finding, note, rows)


def duration(record: Record) -> Figure:
    rows = record.rows(DURATION)
    unknown = next((row.count for row in rows if row.key == NONE), 0)
    known = record.total - unknown
    stated = [row for row in rows if row.key != NONE]
    finding = superlative(
        leaders(stated), stated,
        _("{labels}: most often, in {number} of {total} programmes that say how long"),
        _("{labels}: most often, each in {number} of {total} programmes that say how long"),
        known,
    )  # fmt: skip
    note = ngettext(
        "How long a participant is involved. {number} programme does not say.",
        "How long a participant is involved. {number} programmes do not say.",
        unknown,
    ).format(number=unknown)
    return bars(record, "duration", _("Duration"), DURATION, finding, note, rows)


def factors(record: Record) -> Figure:
    rows = record.rows(FACTOR)
    finding = superlative(
        leaders(rows, least=True), rows,
        _("{labels}: addressed least often, by {number} of {total} programmes"),
        _("{labels}: addressed least often, each by {number} of {total} programmes"),
        record.total,
    )  # fmt: skip
    note = _(
        "What a programme works on was inferred from its kinds unless a source states it; each "
        "record says which."
    )
    return bars(record, "factors", _("Career factors"), FACTOR, finding, note, rows)


def gaps(record: Record, by: Facet = LEVEL) -> Figure:
    """Return the programmes by kind and level, or by kind and career factor."""
    # Higher education in one column: most sources tell no more.
    leave_out = (*HIGHER_CODES, NONE)
    columns, kinds = record.rows(by, *leave_out), record.rows(KIND, NONE)
    found = {column.key: record.having(by.parameter, column.key) for column in columns}
    numbers = {
        (kind.key, key): record.having(KIND.parameter, kind.key).intersection_cardinality(others)
        for kind in kinds
        for key, others in found.items()
    }
    most = max(numbers.values(), default=0)

    def cell(kind: Row, column: Row) -> Cell:
        number = numbers[kind.key, column.key]
        query = f"{kind.query}&{column.query}" if number else ""
        return Cell(column.label, number, -(-STEPS * number // most) if most else 0, query)

    empty = sum(not number for number in numbers.values())
    return Figure(
        slug="gaps",
        name=_("Gaps"),
        finding=gap_finding(empty, len(numbers), by),
        subject=_("Programmes by kind of initiative and {facet}; {size}").format(
            facet=str(by.label).lower(), size=record.size
        ),
        note=_(
            "A gap on the record is no proof that nothing exists. A programme of several kinds "
            "counts in each."
        ),
        shape="matrix",
        drawing=Matrix(
            by.parameter,
            [column.label for column in columns],
            [(kind, [cell(kind, column) for column in columns]) for kind in kinds],
        ),
        columns=("kind", by.parameter, "programmes"),
        table=[
            (kind.key, column.key, numbers[kind.key, column.key])
            for kind in kinds
            for column in columns
        ],
        variant="" if by is LEVEL else f"?by={by.parameter}",
    )


def gap_finding(empty: int, cells: int, by: Facet) -> str:
    if not empty:
        return _("No combination of kind and {facet} is without a programme").format(
            facet=str(by.label).lower()
        )
    words = ngettext(
        "{number} of {cells} combinations of kind and {facet} has no programme",
        "{number} of {cells} combinations of kind and {facet} have no programme",
        empty,
    )
    return words.format(number=empty, cells=cells, facet=str(by.label).lower())


def obstacles(record: Record) -> Figure:
    found = sorted(Obstacle.objects.all(), key=lambda one: Obstacle.Family.values.index(one.family))
    families = []
    for key, some in groupby(found, lambda one: one.family):
        rows = [Row(one.name, one.share, key=one.slug) for one in some]
        label = str(Obstacle.Family(key).label)
        families.append(Family(key, label, sum(row.count for row in rows), rows))
    first = leaders([row for family in families for row in family.rows])
    total = sum(family.share for family in families)
    return Figure(
        slug="obstacles",
        name=_("Obstacles"),
        finding=_("{labels}: named most often, {share}% of all obstacles").format(
            labels=listed(first), share=first[0].count if first else 0
        ),
        subject=_("Share of all obstacles that 15 national reports name, by family"),
        note=_("Source: European synthesis report of inGenious, 2014, Table 6.")
        + " "
        + _("The printed shares add up to {total}%.").format(total=total),
        shape="families",
        drawing=Families(families),
        origin=_("Data: European synthesis report of inGenious, 2014, Table 6."),
        columns=("family", "obstacle", "percent"),
        table=[(family.key, row.key, row.count) for family in families for row in family.rows],
    )


def travels(record: Record) -> Figure:
    """Return the ideas that one country took up from another."""
    known = journeys(record.catalogue)
    pks = {end.pk for one in known for end in (one.origin, one.target) if end.pk}
    rows = Programme.objects.published().prefetch_related("countries").in_bulk(pks)
    spans = sorted(filter(None, map(span_of, rows.values())), key=lambda s: (s.start, s.name))
    links = [
        Link(rows[one.origin.pk].slug, rows[one.target.pk].slug, one.year)
        for one in known
        if one.year and one.origin.pk in rows and one.target.pk in rows
    ]
    drawn: Timeline = timeline(spans[:MOST_SPANS], links)
    dashes = _("A dashed line joins what is drawn where the year of the adaptation is on record.")
    return Figure(
        slug="timeline",
        name=_("Ideas that travelled"),
        finding=ngettext(
            "An idea was taken up in another country once",
            "Ideas were taken up in another country {number} times",
            len(known),
        ).format(number=len(known)),
        subject=_("Programmes that others were made from, or that were made from others"),
        note=" ".join([dashes, *left_out(known, rows.values(), len(spans))]),
        shape="timeline",
        drawing=drawn,
        heads=(_("From"), _("Country"), _("Taken up as"), _("Country"), _("Taken up in")),
        told=[
            (
                one.origin.name,
                one.origin.country_name,
                one.target.name,
                one.target.country_name,
                one.year,
            )
            for one in known
        ],
        columns=("origin", "origin_country", "adapted", "adapted_country", "year"),
        table=[
            (one.origin.name, one.origin.country, one.target.name, one.target.country, one.year)
            for one in known
        ],
    )


def left_out(known: Iterable[Journey], rows: Iterable[Programme], dated: int) -> Iterator[str]:
    """Yield what of the ideas that travelled is not drawn, and why."""
    undated = sorted(row.title for row in rows if row.year_start is None)
    ends = {end for one in known for end in (one.origin, one.target)}
    others = sorted(end.name for end in ends if end.pk is None)
    if undated:
        yield _("Not drawn, as no start year is recorded: {names}.").format(names=first(undated))
    if others:
        yield _("Not drawn, as only programmes are: {names}.").format(names=first(others))
    if dated > MOST_SPANS:
        yield _("The {number} earliest are drawn.").format(number=MOST_SPANS)


def first(names: Sequence[str]) -> str:
    """Return the first of some names, and how many more there are."""
    shown, more = list(names[:MOST_NAMED]), len(names) - MOST_NAMED
    if more > 0:
        shown.append(_("{number} more").format(number=more))
    return get_text_list(shown, _("and"))


def funding(record: Record) -> Figure:
    """Return which payers programmes have together."""
    payers = [row for row in record.rows(FUNDING, NONE) if row.count]
    unknown = next(row for row in record.rows(FUNDING) if row.key == NONE)
    mixed = next((row.label for row in payers if row.key == Funding.SourceType.MIXED), "")
    known = record.index.everything - record.having(FUNDING.parameter, NONE)
    found = [
        Combination(has, count, listed(p for p, one in zip(payers, has, strict=True) if one))
        for has, count in combinations(record, known, payers)
    ]
    found.sort(key=lambda one: (-one.count, one.label))
    # “Public and private” is one value, and two payers.
    alone = sum(one.count for one in found if sum(one.has) == 1 and one.label != mixed)
    return Figure(
        slug="funding",
        name=_("Who pays"),
        finding=str(NOTHING)
        if not known
        else ngettext(
            "{number} of {known} programmes with known payers relies on a single kind of payer",
            "{number} of {known} programmes with known payers rely on a single kind of payer",
            alone,
        ).format(number=alone, known=len(known)),
        subject=_("Programmes by the kinds of payers that they have together"),
        note=ngettext(
            "It counts programmes, not money; “Public and private” means more than one payer."
            " Of {number} programme nothing is known.",
            "It counts programmes, not money; “Public and private” means more than one payer."
            " Of {number} programmes nothing is known.",
            unknown.count,
        ).format(number=unknown.count),
        shape="combinations",
        drawing=Combinations(
            payers,
            found[:MOST_COMBINATIONS],
            sum(one.count for one in found[MOST_COMBINATIONS:]),
            unknown,
        ),
        columns=(*(payer.key for payer in payers), "programmes"),
        table=[(*map(int, one.has), one.count) for one in found],
    )


def combinations(
    record: Record, among: BitMap, payers: Sequence[Row], has: tuple[bool, ...] = ()
) -> Iterator[tuple[list[bool], int]]:
    """Yield every combination of payers that some programmes have, with their number."""
    if not among:
        return
    if len(has) == len(payers):
        yield list(has), len(among)
        return
    paid = record.having(FUNDING.parameter, payers[len(has)].key)
    yield from combinations(record, among & paid, payers, (*has, True))
    yield from combinations(record, among - paid, payers, (*has, False))


def network(record: Record) -> Figure:
    """Return the organisations in most programmes, and the programmes that they share."""
    counts = record.index.largest("organisation", record.index.everything, MOST_ORGANISATIONS)
    counts.pop(NONE, None)
    ranked = sorted(counts, key=lambda slug: (-counts[slug], slug))
    slugs = [slug for slug in ranked if counts[slug] > 1][:MOST_ORGANISATIONS]
    found = {one.slug: one for one in Organisation.objects.filter(slug__in=slugs)}
    ties = {slug: record.having("organisation", slug) for slug in slugs if slug in found}
    drawn = net(record, found, ties)
    return Figure(
        slug="organisations",
        name=_("Organisations"),
        finding=ngettext(
            "{number} organisation takes part in more than one programme",
            "{number} organisations take part in more than one programme",
            number := linking(record.index),
        ).format(number=number),
        subject=_("The organisations in most programmes, and the programmes that they share"),
        note=_("Only organisations that sources name. Most programmes name few of their partners."),
        shape="network",
        drawing=drawn,
        heads=(_("Organisation"), _("Type"), _("Programmes")),
        told=[(found[slug].name, found[slug].get_type_display(), counts[slug]) for slug in ties],
        columns=("organisation", "type", "programmes"),
        table=[(slug, found[slug].type, counts[slug]) for slug in ties],
    )


def linking(index: Index) -> int:
    """Return how many organisations are in more than one programme."""
    return sum(size > 1 for size, slug in index.by_size("organisation") if slug != NONE)


def net(record: Record, found: Mapping[str, Organisation], ties: Mapping[str, BitMap]) -> Network:
    """Place organisations and what two or more of them share."""
    pairs = (one & other for one, other in itertools.combinations(ties.values(), 2))
    often = {pk: sum(pk in some for some in ties.values()) for pk in union(pairs)}
    shared = sorted(often, key=lambda pk: (-often[pk], pk))
    rows = Programme.objects.published().in_bulk(shared[:MOST_PROGRAMMES])
    programmes = sorted(rows.values(), key=lambda one: one.name)
    height = max(len(ties), len(programmes))
    ends = dict(zip([one.pk for one in programmes], places(len(programmes), height), strict=True))
    starts = dict(zip(ties, places(len(ties), height), strict=True))

    def is_company(slug: str) -> bool:
        return found[slug].type == Organisation.Type.COMPANY

    return Network(
        organisations=[
            Node(
                found[slug].name, found[slug].get_absolute_url(), starts[slug], is_company(slug),
                tuple(one.title for one in programmes if one.pk in ties[slug]),
            )
            for slug in ties
        ],
        programmes=[Node(one.title, one.get_absolute_url(), ends[one.pk]) for one in programmes],
        lines=[
            (starts[slug], end, is_company(slug))
            for slug in ties
            for pk, end in ends.items()
            if pk in ties[slug]
        ],
    )  # fmt: skip


def places(number: int, height: int, step: int = 34) -> list[int]:
    """Return where so many things stand, spread over the height of the longer side."""
    gap = step * max(height - 1, 1) / max(number - 1, 1)
    return [20 + round(gap * place) for place in range(number)]


def coverage(record: Record) -> Figure:
    """Return what the catalogue does not know."""
    rows = []
    for words, facet, value in GAPS:
        query = f"{facet}={value}" if facet in ASKABLE else ""
        label = str(words)
        rows.append(Row(label, len(record.having(facet, value)), query, facet))
    most = leaders(rows)
    return Figure(
        slug="coverage",
        name=_("What is missing"),
        finding=_("{number} of {total} programmes: {labels}").format(
            number=most[0].count, total=record.total, labels=listed(most)
        )
        if most[0].count
        else str(NOTHING if not record.total else _("No gap is on record")),
        subject=_("Programmes for which a fact is not on record; {size}").format(size=record.size),
        note=_("A fact that nobody states is shown as a gap, never filled in."),
        shape="bars",
        drawing=Bars(rows),
        columns=("missing", "facet", "programmes"),
        table=table_of(rows),
    )


FIGURES: Mapping[str, Callable[[Record], Figure]] = {
    "evidence": evidence,
    "levels": levels,
    "duration": duration,
    "gaps": gaps,
    "obstacles": obstacles,
    "timeline": travels,
    "funding": funding,
    "factors": factors,
    "coverage": coverage,
    "organisations": network,
}
# What kinds can be set against in the matrix.
AGAINST = {"level": LEVEL, "factor": FACTOR}


def figure(catalogue: Catalogue, slug: str, by: str = "level") -> Figure:
    """Return a figure, made once for each state of the catalogue and each language."""
    make = partial(gaps, by=AGAINST[by]) if slug == "gaps" else FIGURES[slug]
    key = ("insight", slug, by, get_language())
    return catalogue.once_in_this_state(key, lambda: make(Record(catalogue)))


def figures(catalogue: Catalogue, by: str = "level") -> list[Figure]:
    return [figure(catalogue, slug, by) for slug in FIGURES]

"""The ten insights about the whole catalogue, each with its finding, its chart and its numbers.

A finding is a sentence made from the numbers, so that it stays true when they change. Nothing
here knows of HTTP.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

from django.utils.text import get_text_list
from django.utils.timezone import localdate
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from partnerships.models import Obstacle
from programmes.models import EvidenceStep, Programme
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.documents import NONE
from stemobs.catalogue.programmes import HIGHER, HIGHER_CODES, VOCATIONAL
from stemobs.entries.lineage import AMONG, Journey, list_journeys
from stemobs.insights.counting import (
    NOTHING,
    Record,
    find_leaders,
    join_labels,
    make_table,
    write_superlative,
)
from stemobs.insights.money import draw_funding
from stemobs.insights.network import draw_network
from stemobs.insights.shapes import (
    Bars,
    CountRow,
    Families,
    FamilyShare,
    Insight,
    Matrix,
    MatrixCell,
    Squares,
)
from stemobs.insights.timelines import SpanLink, Timeline, make_span, make_timeline
from stemobs.selection.facets import DURATION, EVIDENCE, FACTOR, KIND, LEVEL, Facet

# Each fact that a programme may lack, in words, with the facet and value that find it in the index.
GAPS = (
    (gettext_lazy("start year"), "year_start", NONE),
    (gettext_lazy("education level"), "level", NONE),
    (gettext_lazy("kind of activity"), "kind", NONE),
    (gettext_lazy("how many it reaches"), "gap", "reach"),
    (gettext_lazy("who pays"), "funding", NONE),
    (gettext_lazy("evaluation"), "evidence", EvidenceStep.NONE),
    (gettext_lazy("second check by a curator"), "gap", "verified_on"),
)
# Facets of GAPS that are also parameters of the public list, so that a gap can link to it.
ASKABLE = {"level", "kind", "funding", "evidence"}

MOST_SQUARES = 200
STEPS = 5  # shades of a matrix above zero
MOST_SPANS = 25
MOST_NAMED = 5  # names in the note about what the timeline does not draw


# --- The insights ---------------------------------------------------------------------------------


def draw_evidence(record: Record) -> Insight:
    rows = record.list_rows(EVIDENCE)
    without = next((row.count for row in rows if row.key == NONE), 0)
    if not record.total:
        finding = str(NOTHING)
    elif without:
        finding = _("We found no evaluation for {number} of {total} records")
    else:
        finding = _("We found an evaluation for all records")
    each = choose_scale(record.total)
    return Insight(
        slug="evidence",
        name=_("Evidence"),
        finding=finding.format(number=without, total=record.total),
        subject=_("Records by the strongest evaluation that we found"),
        size=record.size,
        note=" ".join(
            [
                _("It tells what was evaluated, not how well a programme works."),
                ngettext(
                    "A square is one record.", "A square is up to {each} records.", each
                ).format(each=each),
            ]
        ),
        shape="squares",
        drawing=Squares(rows, each),
        columns=("evidence", "value", "programmes"),
        table=make_table(rows),
        heads=(_("Evidence"), _("Records")),
        told=[(row.label, row.count) for row in rows],
    )


def choose_scale(total: int) -> int:
    """Return how many programmes a square stands for: 1, 2, 5, 10 …

    The chart then has at most about MOST_SQUARES squares.
    """
    each = 1
    for factor in [2, 2.5, 2] * 9:
        if total <= MOST_SQUARES * each:
            break
        each = int(each * factor)
    return each


def draw_bars(
    record: Record,
    slug: str,
    name: str,
    facet: Facet,
    finding: str,
    note: str,
    rows: list[CountRow],
) -> Insight:
    """Return an insight that shows the numbers of one facet's values as bars."""
    subject = _("Records by {facet}").format(facet=str(facet.label).lower())
    return Insight(
        slug, name, finding, subject, note, "bars", Bars(rows),
        (facet.parameter, "value", "programmes"), make_table(rows), size=record.size,
    )  # fmt: skip


def draw_levels(record: Record) -> Insight:
    rows = record.list_rows(LEVEL, HIGHER, VOCATIONAL)
    stated = [row for row in rows if row.key != NONE]
    finding = write_superlative(
        find_leaders(stated), stated,
        _("{labels}: named most often, by {number} of {total} records"),
        _("{labels}: named most often, each by {number} of {total} records"),
        record.total,
    )  # fmt: skip
    note = _("The levels are those of ISCED 2011, the international scale.")
    return draw_bars(record, "levels", _("Education levels"), LEVEL, finding, note, rows)


# Of many records without a class, a way in names a time in words of its own.
NOT_SORTED = gettext_lazy("Not sorted by length yet")


def draw_duration(record: Record) -> Insight:
    rows = record.list_rows(DURATION)
    unknown = next((row.count for row in rows if row.key == NONE), 0)
    known = record.total - unknown
    rows = [replace(row, label=str(NOT_SORTED)) if row.key == NONE else row for row in rows]
    stated = [row for row in rows if row.key != NONE]
    finding = write_superlative(
        find_leaders(stated), stated,
        _("{labels}: most often, in {number} of {total} records sorted by length"),
        _("{labels}: most often, each in {number} of {total} records sorted by length"),
        known,
    )  # fmt: skip
    note = ngettext(
        "{number} record is not sorted into a class yet, though its text may name a time.",
        "{number} records are not sorted into a class yet, though the texts of some name a time.",
        unknown,
    ).format(number=unknown)
    return draw_bars(record, "duration", _("Duration"), DURATION, finding, note, rows)


def draw_factors(record: Record) -> Insight:
    rows = record.list_rows(FACTOR)
    finding = write_superlative(
        find_leaders(rows, least=True), rows,
        _("{labels}: addressed least often, by {number} of {total} records"),
        _("{labels}: addressed least often, each by {number} of {total} records"),
        record.total,
    )  # fmt: skip
    note = _(
        "Each record says whether a source names the factor or we read it from its activities."
    )
    return draw_bars(record, "factors", _("Career factors"), FACTOR, finding, note, rows)


def draw_gaps(record: Record, by: Facet = LEVEL) -> Insight:
    """Return the insight about gaps: programmes by kind and level, or by kind and career factor."""
    # ISCED 5 to 8 share one column, because most sources only say “higher education”.
    leave_out = (*HIGHER_CODES, NONE)
    columns, kinds = record.list_rows(by, *leave_out), record.list_rows(KIND, NONE)
    found = {column.key: record.find_with_value(by.parameter, column.key) for column in columns}
    numbers = {
        (kind.key, key): record.find_with_value(KIND.parameter, kind.key).intersection_cardinality(
            others
        )
        for kind in kinds
        for key, others in found.items()
    }
    most = max(numbers.values(), default=0)

    def cell(kind: CountRow, column: CountRow) -> MatrixCell:
        number = numbers[kind.key, column.key]
        query = f"{kind.query}&{column.query}" if number else ""
        return MatrixCell(column.label, number, -(-STEPS * number // most) if most else 0, query)

    empty = sum(not number for number in numbers.values())
    return Insight(
        slug="gaps",
        name=_("Gaps"),
        finding=write_gap_finding(empty, len(numbers), by),
        subject=_("Records by kind of activity and {facet}").format(facet=str(by.label).lower()),
        size=record.size,
        note=_("A record of several kinds counts in each."),
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


def write_gap_finding(empty: int, cells: int, by: Facet) -> str:
    if not empty:
        return _("We know of a record for each combination of activity and {facet}").format(
            facet=str(by.label).lower()
        )
    words = _(
        "Where the gaps are: no record for {number} of {cells} combinations of activity and {facet}"
    )
    return words.format(number=empty, cells=cells, facet=str(by.label).lower())


def draw_obstacles(record: Record) -> Insight:
    found = sorted(Obstacle.objects.all(), key=lambda one: Obstacle.Family.values.index(one.family))
    families = []
    for key, some in groupby(found, lambda one: one.family):
        rows = [CountRow(one.name, one.share, key=one.slug) for one in some]
        label = str(Obstacle.Family(key).label)
        families.append(FamilyShare(key, label, sum(row.count for row in rows), rows))
    first = find_leaders([row for family in families for row in family.rows])
    total = sum(family.share for family in families)
    return Insight(
        slug="obstacles",
        name=_("Obstacles"),
        finding=_("{labels}: named most often, with {share}% of all obstacles").format(
            labels=join_labels(first), share=first[0].count if first else 0
        ),
        subject=_("Obstacles in 15 national reports, as shares of all that they name"),
        note=_("Source: European synthesis report of inGenious, Table 6.")
        + " "
        + _("The printed shares add up to {total}%.").format(total=total),
        shape="families",
        drawing=Families(families),
        origin=_("Data: European synthesis report of inGenious, Table 6."),
        columns=("family", "obstacle", "percent"),
        table=[(family.key, row.key, row.count) for family in families for row in family.rows],
    )


def draw_travels(record: Record) -> Insight:
    """Return the insight about ideas that one country took up from another, as a timeline."""
    known = list_journeys(record.catalogue)
    pks = {end.pk for one in known for end in (one.origin, one.target) if end.pk}
    rows = Programme.objects.published().prefetch_related("countries").in_bulk(pks)
    spans = sorted(filter(None, map(make_span, rows.values())), key=lambda s: (s.start, s.name))
    links = [
        SpanLink(rows[one.origin.pk].slug, rows[one.target.pk].slug, one.year)
        for one in known
        if one.year and one.origin.pk in rows and one.target.pk in rows
    ]
    drawn: Timeline = make_timeline(spans[:MOST_SPANS], links)
    dashes = _("A dashed line marks an adaptation whose year we know.")
    return Insight(
        slug="timeline",
        name=_("Ideas that travelled"),
        finding=ngettext(
            "An idea was adopted in another country once, {among}",
            "Ideas were adopted in another country {number} times, {among}",
            len(known),
        ).format(number=len(known), among=AMONG),
        subject=_("Programmes whose idea crossed a border"),
        note=" ".join([dashes, *explain_left_out(known, rows.values(), len(spans))]),
        shape="timeline",
        drawing=drawn,
        heads=(_("From"), _("Country"), _("Adopted as"), _("Country"), _("Adopted in")),
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


def explain_left_out(
    known: Iterable[Journey], rows: Iterable[Programme], dated: int
) -> Iterator[str]:
    """Yield sentences that name the ideas missing from the timeline, and say why they are missing.

    `rows` are the programmes among the ends of the journeys, `dated` how many of these have a year.
    """
    undated = sorted(row.title for row in rows if row.year_start is None)
    ends = {end for one in known for end in (one.origin, one.target)}
    others = sorted(end.name for end in ends if end.pk is None)
    if undated:
        yield _("Left out, because we don’t know the start year: {names}.").format(
            names=name_first(undated)
        )
    if others:
        yield _("Left out, because only programmes are drawn: {names}.").format(
            names=name_first(others)
        )
    if dated > MOST_SPANS:
        yield _("Only the {number} earliest are drawn.").format(number=MOST_SPANS)


def name_first(names: Sequence[str]) -> str:
    """Return the first MOST_NAMED names as a list in words, and how many more there are."""
    shown, more = list(names[:MOST_NAMED]), len(names) - MOST_NAMED
    if more > 0:
        shown.append(_("{number} more").format(number=more))
    return get_text_list(shown, _("and"))


def draw_coverage(record: Record) -> Insight:
    """Return the insight about missing facts: how many programmes lack each one."""
    rows = []
    for words, facet, value in GAPS:
        query = f"{facet}={value}" if facet in ASKABLE else ""
        label = str(words)
        rows.append(CountRow(label, len(record.find_with_value(facet, value)), query, facet))
    most = find_leaders(rows)
    return Insight(
        slug="coverage",
        name=_("What is missing"),
        finding=_("Missing most often: {labels} ({number} of {total} records)").format(
            number=most[0].count, total=record.total, labels=join_labels(most)
        )
        if most[0].count
        else str(NOTHING if not record.total else _("No record lacks any of these facts")),
        subject=_("Records that lack a fact"),
        size=record.size,
        note=_("We never fill a gap with a guess."),
        shape="bars",
        drawing=Bars(rows),
        columns=("missing", "facet", "programmes"),
        table=make_table(rows),
    )


INSIGHTS: Mapping[str, Callable[[Record], Insight]] = {
    "evidence": draw_evidence,
    "levels": draw_levels,
    "duration": draw_duration,
    "gaps": draw_gaps,
    "obstacles": draw_obstacles,
    "timeline": draw_travels,
    "funding": draw_funding,
    "factors": draw_factors,
    "coverage": draw_coverage,
    "organisations": draw_network,
}
# The facets that the columns of the matrix can show, by the value of the parameter `by`.
AGAINST = {"level": LEVEL, "factor": FACTOR}


def get_insight(catalogue: Catalogue, slug: str, by: str = "level") -> Insight:
    """Return an insight by its slug, made once for each state of the catalogue, language and day.

    `by` is a key of AGAINST and matters only for the matrix of gaps.
    """
    make = partial(draw_gaps, by=AGAINST[by]) if slug == "gaps" else INSIGHTS[slug]
    key = ("insight", slug, by, get_language(), localdate())
    return catalogue.make_once_in_this_state(key, lambda: make(Record(catalogue)))


def get_insights(catalogue: Catalogue, by: str = "level") -> list[Insight]:
    return [get_insight(catalogue, slug, by) for slug in INSIGHTS]

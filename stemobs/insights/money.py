"""The insight about funding: which kinds of payer programmes have, alone and together."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pyroaring import BitMap

from partnerships.models import Funding
from stemobs.catalogue.documents import NONE
from stemobs.insights.counting import NOTHING, Record, join_labels
from stemobs.insights.shapes import (
    Combination,
    Combinations,
    CountRow,
    Insight,
)
from stemobs.selection.facets import FUNDING

MOST_COMBINATIONS = 12


def draw_funding(record: Record) -> Insight:
    """Return the insight about which kinds of payer programmes have, alone and together."""
    payers = [row for row in record.list_rows(FUNDING, NONE) if row.count]
    unknown = next(row for row in record.list_rows(FUNDING) if row.key == NONE)
    mixed = next((row.label for row in payers if row.key == Funding.SourceType.MIXED), "")
    known = record.index.everything - record.find_with_value(FUNDING.parameter, NONE)
    found = [
        Combination(has, count, join_labels(p for p, one in zip(payers, has, strict=True) if one))
        for has, count in count_combinations(record, known, payers)
    ]
    found.sort(key=lambda one: (-one.count, one.label))
    # The value “Public and private” means two kinds of payer, so it does not count as a single one.
    alone = sum(one.count for one in found if sum(one.has) == 1 and one.label != mixed)
    return Insight(
        slug="funding",
        name=_("Who pays"),
        finding=str(NOTHING)
        if not known
        else ngettext(
            "Of the {known} records whose funders we know, {number} relies on one type of funder",
            "Of the {known} records whose funders we know, {number} rely on one type of funder",
            alone,
        ).format(number=alone, known=len(known)),
        subject=_("Records by the types of funder that they have"),
        note=ngettext(
            "“Public and private” means more than one funder. We don’t know yet who pays for "
            "{number} record.",
            "“Public and private” means more than one funder. We don’t know yet who pays for "
            "{number} records.",
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


def count_combinations(
    record: Record, among: BitMap, payers: Sequence[CountRow], has: tuple[bool, ...] = ()
) -> Iterator[tuple[list[bool], int]]:
    """Yield each combination of payers that programmes have, with how many programmes have it.

    A combination is a flag for each of `payers`. The function splits the programmes `among` by one
    payer after the other; `has` has the flags of the payers that are already decided.
    """
    if not among:
        return
    if len(has) == len(payers):
        yield list(has), len(among)
        return
    paid = record.find_with_value(FUNDING.parameter, payers[len(has)].key)
    yield from count_combinations(record, among & paid, payers, (*has, True))
    yield from count_combinations(record, among - paid, payers, (*has, False))

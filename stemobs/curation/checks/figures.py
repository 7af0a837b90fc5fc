"""Checks of numbers: a figure far above the former one, and parts that exceed their total."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import chain, pairwise
from typing import Any

from django.utils.translation import gettext as _

from partnerships.models import Funding
from stemobs.curation.checks.faults import Fault, warn
from stemobs.curation.checks.record import CheckedRecord
from stemobs.entries.wording import format_money, format_number

LEAP = 10  # how many times the former figure is odd
# Qualifiers of a total that may be higher than its number.
OPEN_ABOVE = (Funding.Qualifier.OVER, Funding.Qualifier.AT_LEAST)


def check_leaps(record: CheckedRecord, former: Mapping[int, Decimal]) -> Iterator[Fault]:
    """Warn of figures far above the former one: of an earlier year, or what stood there before."""
    pairs = (list_pairs(record), list_replacing(record), list_changed(record, former))
    for row, before in chain.from_iterable(pairs):
        if before > 0 and row.value > LEAP * before:
            told = _("%(now)s is more than ten times the former figure, %(before)s.")
            numbers = {"now": format_number(row.value), "before": format_number(before)}
            yield warn(told % numbers, row, "value")


def list_pairs(record: CheckedRecord) -> Iterator[tuple[Any, Decimal]]:
    """Yield the figures that follow an earlier one of the same, with the number of that."""
    alike: defaultdict[Any, list[Any]] = defaultdict(list)
    for row in record.list_figures("reach"):
        if year := row.year_to or row.year_from:
            alike[row.unit_id, row.unit_detail, row.period_type].append((year, row.position, row))
    for rows in alike.values():
        rows.sort(key=lambda one: one[:2])
        for (_year, _place, earlier), (_later, _next, row) in pairwise(rows):
            yield row, earlier.value


def list_replacing(record: CheckedRecord) -> Iterator[tuple[Any, Decimal]]:
    """Yield the figures that superseded an earlier one, with the number of that."""
    for row in record.list_figures("reach"):
        for earlier in row.replaces.all():
            yield row, earlier.value


def list_changed(
    record: CheckedRecord, former: Mapping[int, Decimal]
) -> Iterator[tuple[Any, Decimal]]:
    for row in record.list_figures("reach"):
        if former.get(row.pk, row.value) != row.value:
            yield row, former[row.pk]


def check_parts(record: CheckedRecord) -> Iterator[Fault]:
    """Warn where public and private money together exceed the total of both."""
    for total, parts, most in find_excess(record.list_figures("funding")):
        yield warn(tell_excess(total, parts, most), total, "amount")


def find_excess(rows: Iterable[Any]) -> Iterator[tuple[Any, Decimal, Decimal]]:
    """Yield the totals among the sums of a record that are less than their parts: both amounts."""
    sums = [row for row in rows if row.amount is not None]
    for total in filter(is_total, sums):
        parts = sum((row.amount for row in sums if is_part(row, total)), Decimal(0))
        most = total.amount_max or total.amount
        if parts > most and total.qualifier not in OPEN_ABOVE:
            yield total, parts, most


def tell_excess(total: Any, parts: Decimal, most: Decimal) -> str:
    told = _("The parts (%(parts)s) are more than the total (%(total)s).")
    return told % {"parts": word_sum(total, parts), "total": word_sum(total, most)}


def is_total(row: Any) -> bool:
    """Whether a sum is what all gave in known years; without years, parts may be of others."""
    is_of_all = row.source_type == Funding.SourceType.MIXED and row.basis == Funding.Basis.TOTAL
    return is_of_all and bool(row.year_from or row.year_to)


def is_part(row: Any, total: Any) -> bool:
    """Whether a sum is a part of the total of public and private money in the same years."""
    same = ("currency", "basis", "year_from", "year_to")
    return row.source_type != total.source_type and all(
        getattr(row, name) == getattr(total, name) for name in same
    )


def word_sum(row: Any, amount: Decimal) -> str:
    return format_money(row.currency, Funding.Qualifier.EXACT, amount)

"""Figures of a record that differ though they are of the same, and sums that exceed their total."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import combinations
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from partnerships.models import Funding
from programmes.models import Claim, Figure, Reach, where_current, where_published
from stemobs.curation.checks.figures import find_excess, is_total, tell_excess
from stemobs.curation.tasks.matters import Matter, Sight
from stemobs.entries.wording import format_figure, format_funding, format_reached, format_years

Qualifier = Figure.Qualifier
APART = Decimal("0.02")  # of the higher number: less is rounding
HAS_YEAR = Q(year_from__isnull=False) | Q(year_to__isnull=False)
SAME_OF_REACH = ("programme_id", "unit_id", "unit_detail", "period_type", "year_from", "year_to")
SAME_OF_SUMS = ("programme_id", "currency", "year_from", "year_to")
IS_TOTAL = Q(source_type=Funding.SourceType.MIXED, basis=Funding.Basis.TOTAL) & HAS_YEAR


def find_conflicts(sight: Sight) -> Iterator[Matter]:
    """Yield pairs of figures of the same that differ, unless a difference is noted between both."""
    totals = [row for rows in read_sums(sight).values() for row in rows if is_total(row)]
    pairs = [*find_apart(read_alike(sight), SAME_OF_REACH), *find_apart(totals, SAME_OF_SUMS)]
    noted = read_noted(sight) if pairs else []
    for one, another in pairs:
        if not any({name_figure(one), name_figure(another)} <= claims for claims in noted):
            yield make_conflict(sight, one, another)


def read_alike(sight: Sight) -> QuerySet[Reach]:
    """Return the figures beside which another of the same unit and the same time stands."""
    same = {name: OuterRef(name) for name in ("programme", "unit", "unit_detail", "period_type")}
    years = {"first": Coalesce("year_from", 0), "last": Coalesce("year_to", 0)}
    theirs = {"first": Coalesce(OuterRef("year_from"), 0), "last": Coalesce(OuterRef("year_to"), 0)}
    standing: QuerySet = Reach.objects.filter(where_current(), **same).annotate(**years)
    others = standing.filter(**theirs).exclude(pk=OuterRef("pk")).order_by()
    rows = sight.select_facts(Reach).filter(where_current(), HAS_YEAR)
    return rows.filter(Exists(others)).select_related("unit").order_by("programme", "pk")


def read_sums(sight: Sight) -> dict[int, list[Funding]]:
    """Return the sums that stand of the records that name a total, by record; read once."""
    if "sums" not in vars(sight):
        totals = sight.select_facts(Funding).filter(where_current(), IS_TOTAL, amount__gt=0)
        rows = Funding.objects.filter(
            where_current(), amount__gt=0, programme__in=totals.values("programme")
        )
        found: defaultdict[int, list[Funding]] = defaultdict(list)
        for row in rows.order_by("programme", "pk"):
            found[row.programme_id].append(row)
        vars(sight)["sums"] = dict(found)
    sums: dict[int, list[Funding]] = vars(sight)["sums"]
    return sums


def find_apart(rows: Iterable[Any], same: tuple[str, ...]) -> Iterator[tuple[Any, Any]]:
    """Yield the pairs of rows that are equal in some columns, and whose numbers are apart."""
    groups: defaultdict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for row in rows:
        groups[tuple(getattr(row, name) for name in same)].append(row)
    for group in groups.values():
        yield from (pair for pair in combinations(group, 2) if are_apart(*pair))


def are_apart(one: Any, another: Any) -> bool:
    """Whether two figures cannot both be right: “over 100” and 120 can, 100 and 120 cannot."""
    lower, higher = sorted((find_range(one), find_range(another)), key=lambda ends: ends[0])
    return lower[1] is not None and higher[0] - lower[1] > APART * higher[0]


def find_range(row: Any) -> tuple[Decimal, Decimal | None]:
    """Return the least and the most that a figure can mean; None if there is no most."""
    is_reach = isinstance(row, Reach)
    low = row.value if is_reach else row.amount
    match row.qualifier:
        case Qualifier.OVER | Qualifier.AT_LEAST:
            return low, None
        case Qualifier.UP_TO:
            return Decimal(0), low
        case Qualifier.RANGE:
            return low, row.value_max if is_reach else row.amount_max
    return low, low


def read_noted(sight: Sight) -> list[set[str]]:
    """Return the figures that each noted difference between sources speaks of."""
    rows = Claim.objects.filter(where_published("discrepancy__programme__")).order_by()
    if sight.programme is not None:
        rows = rows.filter(discrepancy__programme=sight.programme)
    named = rows.exclude(reach=None, funding=None)
    found: defaultdict[int, set[str]] = defaultdict(set)
    for pk, reach, funding in named.values_list("discrepancy_id", F("reach_id"), F("funding_id")):
        found[pk].add(f"reach-{reach}" if reach else f"funding-{funding}")
    return [*found.values()]


def name_figure(row: Any) -> str:
    return f"{row._meta.model_name}-{row.pk}"


def make_conflict(sight: Sight, one: Any, another: Any) -> Matter:
    told = _("“%(one)s”, and also “%(another)s”.")
    return Matter(
        key=f"{name_figure(one)}-{another.pk}",
        told=told % {"one": tell_figure(one), "another": tell_figure(another)},
        evidence=(*find_range(one), *find_range(another)),
        programme=one.programme_id,
        about=f"{one._meta.label_lower} {one.pk}",
        weight=sight.weigh(one.programme_id),
    )


def tell_figure(row: Any) -> str:
    if isinstance(row, Reach):
        return f"{format_figure(row.qualifier, row.value, row.value_max)} {format_reached(row)}"
    years = format_years(row.year_from, row.year_to)
    return f"{format_funding(row.currency, row.qualifier, row.amount, row.amount_max)}, {years}"


def find_excesses(sight: Sight) -> Iterator[Matter]:
    """Yield the totals of public and private money that are less than their parts."""
    for pk, rows in read_sums(sight).items():
        for total, parts, most in find_excess(rows):
            yield Matter(
                key=f"funding-{total.pk}",
                told=tell_excess(total, parts, most),
                evidence=(parts, most, total.currency),
                programme=pk,
                about=f"{total._meta.label_lower} {total.pk}",
                weight=sight.weigh(pk),
            )

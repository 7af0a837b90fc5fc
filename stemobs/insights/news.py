"""What changed last, by day and by kind: added programmes, their findings, changed programmes.

The catalogue knows when a programme was entered and when it changed last, and no more. So a
programme that changes twice is told of on the later day only, and what changed in it is not told.
"""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils import timezone
from pyroaring import BitMap

from programmes.models import Country, Evaluation, Programme
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.documents import NONE, count_microseconds, make_moment
from stemobs.catalogue.index import Index
from stemobs.catalogue.programmes import ADDED
from stemobs.entries.findings import tell_in_short
from stemobs.entries.publication import list_published

MOST_DAYS = 3
MOST_NAMED = 3  # programmes or countries that a line names
MOST_COUNTRIES = 5
Result = Evaluation.Result
# Results in the order in which news tell them: what did not work is told first.
TOLD_FIRST = (Result.NO_EFFECT, Result.NEGATIVE)
TOLD_THEN = (Result.MIXED, Result.POSITIVE)


@dataclass(frozen=True)
class ChangedDay:
    """A day on which programmes were added or changed; a line for each kind of news."""

    day: datetime.date
    added: int
    places: Sequence[tuple[str, str, int]]  # of many that were added: code, name, number
    more_places: int
    new: Sequence[Programme]  # named instead of countries if they are few
    findings: Sequence[tuple[Programme, str]]
    changed: Sequence[Programme]
    more_changed: int


def list_changed_days(catalogue: Catalogue) -> list[ChangedDay]:
    """Return the latest days with news, the latest first."""
    days = list(split_by_day(catalogue.programmes))
    return [describe_day(catalogue, *one) for one in days]


def split_by_day(index: Index) -> Iterator[tuple[datetime.date, BitMap, BitMap]]:
    """Yield the latest days, each with the programmes that were added and those that changed.

    What was added on a day is news of that day, however often it changed since.
    """
    added = index.values.get(ADDED, {})
    told, entered = BitMap(), sorted(added, reverse=True)
    for _number in range(MOST_DAYS):
        last = index.list_by_change(index.everything - told, 0, 1)
        changed = [timezone.localdate(make_moment(index.entries[last[0]].changed))] if last else []
        if not (days := [*entered[:1], *changed]):
            return
        day = max(days)
        since = index.find_changed_since(count_microseconds(find_midnight(day))) - told
        new = added.get(day, BitMap())
        yield day, new, since - new
        told |= since
        entered = [one for one in entered if one < day]


def find_midnight(day: datetime.date) -> datetime.datetime:
    """Return the moment at which a day begins where the catalogue is kept."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def describe_day(
    catalogue: Catalogue, day: datetime.date, added: BitMap, changed: BitMap
) -> ChangedDay:
    """Return what is told of a day: few programmes by name, many by the countries they are in."""
    index = catalogue.programmes
    is_few = len(added) <= MOST_NAMED
    places = [] if is_few else count_places(catalogue, added)
    named = list_published(index.list_by_change(changed, 0, MOST_NAMED))
    return ChangedDay(
        day=day,
        added=len(added),
        places=places[:MOST_COUNTRIES],
        more_places=len(places[MOST_COUNTRIES:]),
        new=list_published(index.list_by_name([added], 0, MOST_NAMED)) if is_few else [],
        findings=list_findings(index, added),
        changed=named,
        more_changed=len(changed) - len(named),
    )


def count_places(catalogue: Catalogue, among: BitMap) -> list[tuple[str, str, int]]:
    """Return code, name and number of programmes of each country, the largest number first."""
    counts = catalogue.programmes.count_values("country", among)
    names = catalogue.list_terms(Country, "code")
    rows = [(code, names[code], number) for code, number in counts.items() if code != NONE]
    return sorted(rows, key=lambda row: (-row[2], row[1]))


def list_findings(index: Index, added: BitMap) -> list[tuple[Programme, str]]:
    """Return some of the added programmes with a known result, each with its strongest study."""
    parts = [index.find_with_value("finding", some) & added for some in (TOLD_FIRST, TOLD_THEN)]
    ids = index.list_by_name([parts[0], parts[1] - parts[0]], 0, MOST_NAMED - 1)
    rows = list_published(ids, Programme.objects.prefetch_related("evaluations"))
    return [(row, tell_in_short(row.evaluations.all())) for row in rows]

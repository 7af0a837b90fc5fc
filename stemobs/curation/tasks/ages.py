"""Records that nobody has checked for long, and figures that are old."""

from collections.abc import Iterator
from datetime import date, timedelta
from zlib import crc32

from django.db.models import Max, Q
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from programmes.models import Programme, Reach, where_current
from stemobs.curation.tasks.matters import Matter, SeenRecord, Sight

Status = Programme.Status
TERM = timedelta(days=365)
TERM_OF_ENDED = timedelta(days=1095)
SPREAD = 45  # days: how much earlier or later than its term a record may fall due
OLD_FIGURE = 3  # years
# “Since 2012” says when counting began, and not of which year the figure is.
IS_OPEN = Q(period_type=Reach.PeriodType.SINCE_START, year_to=None)


def find_stale(sight: Sight) -> Iterator[Matter]:
    """Yield the records that are due for a check, each on a day of its own.

    After another term without a check the evidence is another, so what was closed is asked again.
    """
    for record in sight.records.values():
        late = sight.today - find_due_day(record)
        if late >= timedelta():
            terms = late // find_term(record)
            yield Matter(
                key=str(record.pk),
                told=tell_check(record),
                evidence=(record.verified_on, terms),
                programme=record.pk,
                weight=record.weight,
            )


def find_term(record: SeenRecord) -> timedelta:
    return TERM_OF_ENDED if record.status == Status.COMPLETED else TERM


def find_due_day(record: SeenRecord) -> date:
    """Return the day on which a record is due; one that was never checked has a few weeks."""
    spread = timedelta(days=find_spread(record.pk))
    if record.verified_on is None:
        return localdate(record.created_at) + timedelta(days=SPREAD) + spread
    return record.verified_on + find_term(record) + spread


def find_spread(pk: int) -> int:
    """Return by how many days a record falls due earlier or later, always the same for it."""
    return crc32(str(pk).encode()) % (2 * SPREAD + 1) - SPREAD


def tell_check(record: SeenRecord) -> str:
    if record.verified_on is None:
        return _("Nobody has checked it against its sources yet.")
    return _("Last checked on %(day)s.") % {"day": date_format(record.verified_on)}


def find_outdated(sight: Sight) -> Iterator[Matter]:
    """Yield the running programmes whose latest figure is some years old."""
    year = sight.today.year
    running = Q(programme__status=Status.ACTIVE)
    rows = sight.select_facts(Reach).filter(where_current(), running).exclude(IS_OPEN)
    latest = rows.values_list("programme_id").annotate(latest=Max(Coalesce("year_to", "year_from")))
    for pk, last in latest.filter(latest__lte=year - OLD_FIGURE):
        yield Matter(
            key=str(pk),
            told=_("Its latest figure is of %(year)s.") % {"year": last},
            evidence=(last, (year - last) // OLD_FIGURE),
            programme=pk,
            weight=sight.weigh(pk),
        )

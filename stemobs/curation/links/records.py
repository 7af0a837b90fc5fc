"""What is kept of each address: which are due, and what a finding makes of what was known."""

from datetime import datetime, timedelta

from django.db.models import Case, F, Max, Q, QuerySet, When, Window
from django.db.models.functions import RowNumber

from programmes.models import WebLink
from stemobs.catalogue.related import split_into_batches
from stemobs.curation.links.asking import name_host
from stemobs.curation.links.places import read_addresses
from stemobs.curation.links.visiting import Finding

LEASE = "check_links"
AT_ONCE = 500  # rows that are written at a time
MOST_A_RUN = 10_000
# How many failures in a row, over which time at least, make a link broken.
FAILURES_OF_BROKEN = 3
TIME_OF_BROKEN = timedelta(days=7)
# The columns that tell what was found.
FOUND = (
    *("outcome", "status", "moved_to", "looked_at", "wait_until"),
    *("failures", "first_failed_at", "is_broken"),
)
# After how long an address is looked at again. A little less than a day and a week, so that a run
# at the same hour finds it due.
AGAIN = timedelta(days=6, hours=12)
AGAIN_IF_FAILING = timedelta(hours=20)

IS_FAILING = Q(failures__gt=0, is_broken=False)
# Never looked at, failed lately, all others; of these the longest ago first.
TIER = Case(When(looked_at=None, then=0), When(IS_FAILING, then=1), default=2)


def take_in_addresses() -> None:
    """Keep a row for each address that some record names, and none for others."""
    wanted = read_addresses()
    unused: list[int] = []
    for pk, address in WebLink.objects.values_list("pk", "address").iterator():
        if address in wanted:
            wanted.discard(address)
        else:
            unused.append(pk)
    for some in split_into_batches(unused, AT_ONCE):
        WebLink.objects.filter(pk__in=some).delete()
    for new in split_into_batches(sorted(wanted), AT_ONCE):
        rows = [WebLink(address=address, host=name_host(address)) for address in new]
        WebLink.objects.bulk_create(rows, ignore_conflicts=True)


def list_due(now: datetime, most_a_host: int) -> QuerySet[WebLink]:
    """Return what is to be looked at, in its order; of each host no more than can be asked."""
    is_due = (
        Q(looked_at=None)
        | Q(looked_at__lte=now - AGAIN)
        | IS_FAILING & Q(looked_at__lte=now - AGAIN_IF_FAILING)
    )
    order = (TIER, F("looked_at").asc(nulls_first=True), F("pk").asc())
    turn = Window(RowNumber(), partition_by=["host"], order_by=order)
    due = WebLink.objects.filter(is_due).annotate(turn=turn).filter(turn__lte=most_a_host)
    return due.order_by(*order)[:MOST_A_RUN]


def list_pauses(now: datetime) -> dict[str, float]:
    """Return the hosts that asked to be left alone, and for how many seconds from now on."""
    waiting = WebLink.objects.filter(wait_until__gt=now).order_by()
    latest = waiting.values("host").annotate(latest=Max("wait_until"))
    return {one["host"]: (one["latest"] - now).total_seconds() for one in latest}


def note(pk: int, finding: Finding, now: datetime) -> None:
    """Keep what was found at an address, in a commit of its own."""
    link = WebLink.objects.filter(pk=pk).first()
    if link is None:  # a dump was loaded meanwhile
        return
    link.outcome, link.status, link.moved_to = finding.outcome, finding.status, finding.moved_to
    link.looked_at = now
    link.wait_until = now + finding.pause if finding.pause else None
    count_failures(link, now)
    WebLink.objects.filter(pk=pk).update(**{name: getattr(link, name) for name in FOUND})


def count_failures(link: WebLink, now: datetime) -> None:
    """Say since when a link fails, and whether it is broken, after what was just found."""
    if link.outcome in WebLink.GOOD:
        link.failures, link.first_failed_at = 0, None
    elif link.outcome not in WebLink.UNDECIDED:
        link.failures += 1
        link.first_failed_at = link.first_failed_at or now
    link.is_broken = (
        link.outcome not in (*WebLink.GOOD, *WebLink.UNDECIDED)
        and link.failures >= FAILURES_OF_BROKEN
        and link.first_failed_at is not None
        and now - link.first_failed_at >= TIME_OF_BROKEN
    )

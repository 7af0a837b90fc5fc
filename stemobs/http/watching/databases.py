"""What Prometheus is told of databases, and of what jobs have left in them.

Each is asked at the time of the question, for a moment at most.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.models import Count, Q
from prometheus_client.metrics_core import GaugeMetricFamily

from programmes.models import Lease, Task, WebLink
from stemobs.catalogue.states.moments import Moment, read_latest_moment
from stemobs.databases.faults import AVAILABILITIES
from stemobs.databases.limits import SECONDS_TO_BEGIN, wait_at_most

NEVER = "not-looked-at"
T = TypeVar("T")


def ask_briefly(alias: str, question: Callable[[], T]) -> T | None:
    """Return what a database answers; None if it does not, or is known not to."""
    connection = connections[alias]
    with AVAILABILITIES[alias].take_turn() as may_ask, wait_at_most(SECONDS_TO_BEGIN):
        try:
            return question() if may_ask else None
        except Error:
            if not connection.in_atomic_block:
                connection.close()
            return None


class Databases:
    """Tells whether each database answers, and which revision it has."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("stem_database_up", "Whether it answers.", labels=["database"])
        revision = GaugeMetricFamily(
            "stem_database_revision", "The revision of the catalogue in it.", labels=["database"]
        )
        for alias in settings.DATABASES:
            moment = read_moment(alias)
            up.add_metric([alias], moment is not None)
            if moment:
                revision.add_metric([alias], moment.number)
        yield up
        yield revision


def read_moment(alias: str) -> Moment | None:
    """Return the moment of a database; None if it does not answer, or is known not to."""
    return ask_briefly(alias, lambda: read_latest_moment(connections[alias]))


class JobFigures(NamedTuple):
    """What jobs have left: links by outcome, broken ones, open tasks, when each job last ended."""

    outcomes: dict[str, int]
    broken: int
    tasks: dict[str, int]
    ended: dict[str, datetime]


class Jobs:
    """Tells what the jobs of timers have found, and when they last ended."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        links = GaugeMetricFamily("stem_links", "Links by what was last found.", labels=["outcome"])
        broken = GaugeMetricFamily("stem_links_broken", "Links that are broken.")
        tasks = GaugeMetricFamily("stem_tasks", "Open tasks by kind.", labels=["kind"])
        ended = GaugeMetricFamily(
            "stem_job_ended_timestamp_seconds", "When a job last came to its end.", labels=["job"]
        )
        if figures := ask_briefly(DEFAULT_DB_ALIAS, read_job_figures):
            for outcome, number in figures.outcomes.items():
                links.add_metric([outcome], number)
            broken.add_metric([], figures.broken)
            for kind, number in figures.tasks.items():
                tasks.add_metric([kind], number)
            for name, moment in figures.ended.items():
                ended.add_metric([name], moment.timestamp())
        yield from (links, broken, tasks, ended)


def read_job_figures() -> JobFigures:
    rows = WebLink.objects.using(DEFAULT_DB_ALIAS).order_by().values_list("outcome")
    counted = rows.annotate(number=Count("pk"), broken=Count("pk", filter=Q(is_broken=True)))
    numbers = {outcome or NEVER: (number, broken) for outcome, number, broken in counted}
    leases = Lease.objects.using(DEFAULT_DB_ALIAS).exclude(ended_at=None)
    open_tasks = Task.objects.using(DEFAULT_DB_ALIAS).filter(state=Task.State.OPEN).order_by()
    kinds = dict(open_tasks.values_list("kind").annotate(number=Count("pk")))
    return JobFigures(
        {value: numbers.get(value, (0, 0))[0] for value in (NEVER, *WebLink.Outcome.values)},
        sum(broken for _number, broken in numbers.values()),
        dict.fromkeys(Task.Kind.values, 0) | kinds,
        {lease.name: lease.ended_at for lease in leases if lease.ended_at},
    )

"""Who works on which task: taken for the rest of a day, given back, closed with a reason."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from programmes.models import Task

TEN = 10
# The kinds in the order in which they matter to readers: what is wrong, what cannot be looked up,
# what is old, what lacks, and what only curators see.
RANKED = (*Task.Kind,)
State = Task.State


@dataclass
class Handled:
    """What became of tasks that somebody wants to handle: done, taken by others, or closed."""

    done: list[Task] = field(default_factory=list)
    held: list[Task] = field(default_factory=list)
    closed: list[Task] = field(default_factory=list)


def where_free(now: datetime) -> Q:
    """Return the condition for open tasks that nobody has taken, or only until earlier."""
    return Q(state=State.OPEN) & (Q(taken_until=None) | Q(taken_until__lte=now))


def where_taken(user: Any, now: datetime) -> Q:
    return Q(state=State.OPEN, taken_by=user, taken_until__gt=now)


def is_held(task: Task, now: datetime) -> bool:
    """Whether somebody has taken a task, and still has it."""
    return bool(task.taken_by_id and task.taken_until and task.taken_until > now)


def find_end_of_day(now: datetime) -> datetime:
    """Return the next midnight."""
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return timezone.make_aware((today + timedelta(days=1)).replace(tzinfo=None))


def lock(pks: Iterable[int]) -> list[Task]:
    """Return tasks as they are, for whoever changes them in this transaction."""
    rows = Task.objects.select_for_update(of=("self",)).filter(pk__in=[*pks])
    return list(rows.select_related("taken_by", "closed_by").order_by("pk"))


def sort_out(pks: Iterable[int], user: Any, now: datetime) -> Handled:
    """Return which tasks somebody may handle, and which not because others were first."""
    handled = Handled()
    for task in lock(pks):
        if task.state != State.OPEN:
            handled.closed.append(task)
        elif is_held(task, now) and task.taken_by_id != user.pk:
            handled.held.append(task)
        else:
            handled.done.append(task)
    return handled


@transaction.atomic
def take(pks: Iterable[int], user: Any) -> Handled:
    """Take tasks until the end of the day; those of others stay theirs."""
    now = timezone.now()
    handled = sort_out(pks, user, now)
    write(handled, taken_by=user, taken_until=find_end_of_day(now))
    return handled


@transaction.atomic
def give_back(pks: Iterable[int], user: Any) -> Handled:
    """Let others take what somebody has taken."""
    handled = sort_out(pks, user, timezone.now())
    write(handled, taken_by=None, taken_until=None)
    return handled


@transaction.atomic
def close(pks: Iterable[int], user: Any, reason: str) -> Handled:
    """Close tasks for a reason; they stay closed until a look finds something else there."""
    now = timezone.now()
    handled = sort_out(pks, user, now)
    write(
        handled,
        state=State.CLOSED,
        closed_at=now,
        closed_by=user,
        reason=reason,
        taken_by=None,
        taken_until=None,
    )
    return handled


def write(handled: Handled, **values: Any) -> None:
    Task.objects.filter(pk__in=[task.pk for task in handled.done]).update(**values)


@transaction.atomic
def take_ten(user: Any) -> list[Task]:
    """Take the ten free tasks that matter most to readers: by kind, then by what records tell."""
    now = timezone.now()
    chosen: list[int] = []
    for kind in RANKED:
        if missing := TEN - len(chosen):
            free = Task.objects.filter(where_free(now), kind=kind).order_by("-weight", "pk")
            rows = free.select_for_update(skip_locked=True)
            chosen += rows.values_list("pk", flat=True)[:missing]
    return take(chosen, user).done


def count_open() -> dict[str, int]:
    """Return how many tasks of each kind are open."""
    rows = Task.objects.filter(state=State.OPEN).order_by().values_list("kind")
    return dict.fromkeys(Task.Kind.values, 0) | dict(rows.annotate(number=Count("pk")))

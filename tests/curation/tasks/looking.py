"""Helpers that look at the catalogue, and tell which tasks there are of some records."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from programmes.models import Programme, Task
from stemobs.curation.tasks.matters import Matter, Sight
from stemobs.curation.tasks.watching import CHECKS, LookResult, look

Kind, State = Task.Kind, Task.State
NOW = datetime(2026, 11, 29, 3, tzinfo=UTC)


def find(kind: Any, *programmes: Programme, now: datetime = NOW) -> list[Matter]:
    """Return what a look finds of a kind in some records."""
    wanted = {programme.pk for programme in programmes}
    return [one for one in CHECKS[kind](Sight(now)) if one.programme in wanted]


def find_alone(kind: Any, programme: Programme, now: datetime = NOW) -> list[Matter]:
    """Return what a look at one record finds of a kind."""
    return list(CHECKS[kind](Sight(now, programme.pk)))


def look_for(kind: Any, now: datetime = NOW, **options: Any) -> LookResult:
    (result,) = look([kind], now=now, **options).values()
    return result


def read_states(tasks: Iterable[Task] | None = None) -> dict[str, str]:
    """Return the states of tasks by their keys."""
    rows = Task.objects.all() if tasks is None else tasks
    return {task.key: task.state for task in rows}


def close_as(user: Any, task: Task, reason: str = "It is right as it is.") -> None:
    Task.objects.filter(pk=task.pk).update(
        state=State.CLOSED, closed_by=user, closed_at=NOW, reason=reason
    )

"""A look at the catalogue: opens tasks for what it finds, and closes those whose cause has gone."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import Truncator

from programmes.models import LONGEST_TOLD, Programme, Task
from stemobs.catalogue.related import split_into_batches
from stemobs.curation.states import PUBLIC_ONCE
from stemobs.curation.tasks.ages import find_outdated, find_stale
from stemobs.curation.tasks.gaps import find_gaps
from stemobs.curation.tasks.left import find_left
from stemobs.curation.tasks.leftovers import find_broken_links, find_orphans
from stemobs.curation.tasks.matters import Matter, Sight
from stemobs.curation.tasks.numbers import find_conflicts, find_excesses
from stemobs.curation.tasks.outside import find_outside_edits
from stemobs.curation.tasks.shared_twins import find_shared_duplicates
from stemobs.curation.tasks.twins import find_duplicates

log = logging.getLogger(__name__)

Kind = Task.Kind
State = Task.State
LEASE = "watch"
AT_ONCE = 500  # rows that are written at a time
CHECKS: dict[Kind, Callable[[Sight], Iterable[Matter]]] = {
    Kind.CONFLICT: find_conflicts,
    Kind.SUM: find_excesses,
    Kind.LINK: find_broken_links,
    Kind.FOUND: find_left,
    Kind.OUTSIDE: find_outside_edits,
    Kind.OUTDATED: find_outdated,
    Kind.STALE: find_stale,
    Kind.GAP: find_gaps,
    Kind.ORPHAN: find_orphans,
    Kind.DUPLICATE: lambda sight: chain(find_duplicates(sight), find_shared_duplicates(sight)),
}
# Those for which a record can be looked at by itself, in a few queries.
OF_ONE = (Kind.CONFLICT, Kind.SUM, Kind.FOUND, Kind.OUTDATED, Kind.STALE, Kind.GAP)
Ident = tuple[str, str]  # the kind and the key of a task
OF_MATTER = ("told", "fingerprint", "about", "weight", "programme_id", "other_id")
OF_STATE = (
    *("state", "opened_at", "seen_at", "closed_at", "closed_by", "reason"),
    *("taken_by", "taken_until"),
)


@dataclass
class LookResult:
    """What a look did to the tasks of a kind: how many it opened, and how many it closed."""

    opened: int = 0
    closed: int = 0


class KnownTask(NamedTuple):
    """What is read of a task to compare it with what is found now."""

    pk: int
    state: str
    fingerprint: str
    told: str


def look(
    kinds: Iterable[Kind] = CHECKS,
    programme: int | None = None,
    now: datetime | None = None,
    go_on: Callable[[], None] = lambda: None,
) -> dict[Kind, LookResult]:
    """Look for matters of some kinds, in all published records or in one; return what came of it.

    Each kind is kept in a transaction of its own. `go_on` is called now and then, and may raise to
    end the look.
    """
    sight = Sight(now or timezone.now(), programme, go_on)
    done = {}
    for kind in kinds:
        go_on()
        done |= keep([kind], sight)
    return done


def look_once_saved(programmes: Iterable[Programme]) -> None:
    """Look at records that readers see or saw, as soon as what is being saved is there for good."""
    for one in programmes:
        if one.state in PUBLIC_ONCE:
            transaction.on_commit(partial(look_at_record, one.pk))


def look_at_record(programme: int) -> None:
    """Look at what can be told of a record alone; that this fails is no fault of who saved it."""
    try:
        keep(OF_ONE, Sight(timezone.now(), programme))
    except Exception:
        log.exception("The look at the record %s failed.", programme)


# --- What is kept ---------------------------------------------------------------------------------


def keep(kinds: Iterable[Kind], sight: Sight) -> dict[Kind, LookResult]:
    """Look for matters of some kinds, and let the tasks be as what was found."""
    found = {(kind.value, one.key): one for kind in kinds for one in CHECKS[kind](sight)}
    done = {kind: LookResult() for kind in kinds}
    with transaction.atomic():
        known = read_known(select_tasks(done, sight))
        new = {ident: one for ident, one in found.items() if ident not in known}
        gone = {
            ident: one.pk
            for ident, one in known.items()
            if one.state == State.OPEN and ident not in found
        }
        other = {
            one.pk: found[ident]
            for ident, one in known.items()
            if ident in found and differs(one, found[ident])
        }
        open_new(new, sight)
        close_gone([*gone.values()], sight)
        reopened = [*change(other, sight)]
        if sight.programme is None:
            select_tasks(done, sight).filter(state=State.OPEN).update(seen_at=sight.now)
    for kind, _key in (*new, *reopened):
        done[Kind(kind)].opened += 1
    for kind, _key in gone:
        done[Kind(kind)].closed += 1
    return done


def select_tasks(kinds: Iterable[Kind], sight: Sight) -> QuerySet[Task]:
    """Return the tasks that a look is about."""
    rows = Task.objects.filter(kind__in=[*kinds]).order_by()
    return rows if sight.programme is None else rows.filter(programme=sight.programme)


def read_known(tasks: QuerySet[Task]) -> dict[Ident, KnownTask]:
    rows = tasks.values_list("kind", "key", *KnownTask._fields)
    return {(kind, key): KnownTask(*told) for kind, key, *told in rows.iterator()}


def differs(task: Task | KnownTask, matter: Matter) -> bool:
    """Whether what is found is not what a task says, or the task has to be opened again.

    What a person has closed stays closed while the evidence is the same.
    """
    if task.state == State.CLOSED:
        return task.fingerprint != matter.fingerprint
    same = task.fingerprint == matter.fingerprint and task.told == cut(matter.told)
    return task.state == State.GONE or not same


def cut(told: str) -> str:
    return Truncator(told).chars(LONGEST_TOLD)


def open_new(matters: Mapping[Ident, Matter], sight: Sight) -> None:
    """Open tasks; one that another look has opened meanwhile stays as it is."""
    for some in split_into_batches(matters.items(), AT_ONCE):
        tasks = [
            describe(Task(kind=kind, key=key, opened_at=sight.now, seen_at=sight.now), matter)
            for (kind, key), matter in some
        ]
        Task.objects.bulk_create(tasks, ignore_conflicts=True)


def describe(task: Task, matter: Matter) -> Task:
    """Let a task say what was found."""
    for name in OF_MATTER:
        setattr(task, name, getattr(matter, name.removesuffix("_id")))
    task.told = cut(matter.told)
    return task


def close_gone(pks: list[int], sight: Sight) -> None:
    """Close the tasks of which nothing is found any more, and that nobody has closed."""
    for some in split_into_batches(pks, AT_ONCE):
        Task.objects.filter(pk__in=some, state=State.OPEN).update(
            state=State.GONE, closed_at=sight.now, taken_by=None, taken_until=None
        )


def change(matters: Mapping[int, Matter], sight: Sight) -> Iterator[Ident]:
    """Let tasks say what is found now, and open those again that were closed; yield these."""
    for some in split_into_batches(matters, AT_ONCE):
        rows = Task.objects.select_for_update().filter(pk__in=some)
        # As they are now: a person may have closed one since they were read.
        tasks = [task for task in rows if differs(task, matters[task.pk])]
        for task in tasks:
            if task.state != State.OPEN:
                reopen(task, sight)
                yield task.kind, task.key
            describe(task, matters[task.pk])
        Task.objects.bulk_update(tasks, [*OF_STATE, *(n.removesuffix("_id") for n in OF_MATTER)])


def reopen(task: Task, sight: Sight) -> None:
    task.state, task.opened_at, task.seen_at = State.OPEN, sight.now, sight.now
    task.closed_at = task.closed_by = task.taken_by = task.taken_until = None
    task.reason = ""

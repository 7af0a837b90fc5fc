"""A year of nights over the whole catalogue, while people edit it and close tasks.

What has to be open after each night is worked out by a plain model, from rows and without the code
that looks for tasks.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from partnerships.models import Funding
from programmes.models import (
    Citation,
    Claim,
    Edit,
    Evaluation,
    Programme,
    Reach,
    Task,
    WebLink,
)
from stemobs.catalogue.editing import edit
from stemobs.curation.tasks.ages import find_spread
from stemobs.curation.tasks.queues import close
from stemobs.curation.tasks.watching import look
from tests import chance
from tests.builders import make_citation, make_programme, make_reach
from tests.curation.people import make_person

pytestmark = [pytest.mark.trial, pytest.mark.django_db]
Kind, State = Task.Kind, Task.State
KINDS = (Kind.STALE, Kind.GAP, Kind.OUTDATED, Kind.CONFLICT, Kind.LINK)
NIGHTS = 365
Ident = tuple[str, str]
Found = dict[Ident, Hashable]


# --- The plain model ------------------------------------------------------------------------------


@dataclass
class Queues:
    """Which tasks there have to be, and in which state."""

    states: dict[Ident, str] = field(default_factory=dict)
    found: Found = field(default_factory=dict)
    closed: Found = field(default_factory=dict)  # what was found of a task when it was closed

    def pass_night(self, found: Found) -> None:
        """Open what is found, unless a person closed just that; let go what is found no more."""
        self.found = found
        for ident in self.list_open():
            if ident not in found:
                self.states[ident] = State.GONE
        for ident, evidence in found.items():
            if ident not in self.closed or self.closed[ident] != evidence:
                self.closed.pop(ident, None)
                self.states[ident] = State.OPEN

    def close(self, ident: Ident) -> None:
        self.states[ident], self.closed[ident] = State.CLOSED, self.found[ident]

    def list_open(self) -> list[Ident]:
        return sorted(ident for ident, state in self.states.items() if state == State.OPEN)


def find_all(today: date) -> Found:
    """Return what waits for a person today, by kind and key, with what shows it."""
    records = {one.pk: one for one in Programme.objects.filter(state="published")}
    figures = defaultdict(list)
    standing = Reach.objects.filter(superseded_by=None, retracted_because="").order_by("pk")
    for row in standing.filter(programme__in=records):
        figures[row.programme_id].append(row)
    found: Found = {}
    for pk, record in records.items():
        key = str(pk)
        if (terms := count_terms(record, today)) is not None:
            found[Kind.STALE, key] = (record.verified_on, terms)
        year = find_last_year(figures[pk]) if record.status == "active" else None
        if year and today.year - year >= 3:
            found[Kind.OUTDATED, key] = (year, (today.year - year) // 3)
    found |= {(Kind.GAP, str(pk)): lacking for pk, lacking in find_lacking(records, figures)}
    found |= {(Kind.CONFLICT, key): ends for key, ends in find_conflicts(figures)}
    found |= dict.fromkeys(((Kind.LINK, key) for key in find_links(records)), ())
    return found


def count_terms(record: Programme, today: date) -> int | None:
    """Return for how many terms a record waits for its check; None if it is not due."""
    term = 1095 if record.status == "completed" else 365
    spread = timedelta(days=find_spread(record.pk))  # a test of its own tells how that is
    if record.verified_on:
        due = record.verified_on + timedelta(days=term) + spread
    else:
        due = timezone.localdate(record.created_at) + timedelta(days=45) + spread
    return (today - due).days // term if today >= due else None


def find_last_year(figures: list[Reach]) -> int | None:
    dated = [
        one.year_to or one.year_from
        for one in figures
        if one.period_type != "since-start" or one.year_to
    ]
    return max(filter(None, dated), default=None)


def find_lacking(records: Any, figures: Any) -> Iterator[tuple[int, tuple[str, ...]]]:
    evaluated = {*Evaluation.objects.values_list("programme", flat=True)}
    paid = {
        *Funding.objects.filter(superseded_by=None, retracted_because="").values_list(
            "programme", flat=True
        )
    }
    declared = {
        *Citation.objects.filter(basis="declared-not-available").values_list("programme", "field")
    }
    linked = {
        name: {
            *Programme._meta.get_field(name).remote_field.through.objects.values_list(
                "programme", flat=True
            )
        }
        for name in ("levels", "countries", "kinds")
    }
    for pk, record in records.items():
        has = {
            "year_start": record.year_start is not None,
            "levels": pk in linked["levels"],
            "countries": pk in linked["countries"] or record.scope == "eu-wide",
            "kinds": pk in linked["kinds"],
            "reach": bool(figures[pk]),
            "funding": pk in paid,
            "evaluation": pk in evaluated,
        }
        lacking = tuple(name for name, is_there in has.items() if not is_there)
        if lacking := tuple(name for name in lacking if (pk, name) not in declared):
            yield pk, lacking


def find_conflicts(figures: dict[int, list[Reach]]) -> Iterator[tuple[str, Hashable]]:
    claims = defaultdict(set)
    for point, row in Claim.objects.exclude(reach=None).values_list("discrepancy", "reach"):
        claims[point].add(row)
    for rows in figures.values():
        for one, other in combinations([one for one in rows if one.year_from or one.year_to], 2):
            same = ("unit_id", "unit_detail", "period_type", "year_from", "year_to")
            is_alike = all(getattr(one, name) == getattr(other, name) for name in same)
            is_noted = any({one.pk, other.pk} <= named for named in claims.values())
            if is_alike and not is_noted and are_apart(one, other):
                yield f"reach-{one.pk}-{other.pk}", tuple(map(find_ends, (one, other)))


def are_apart(one: Reach, other: Reach) -> bool:
    (_low, high), (low, _high) = sorted(map(find_ends, (one, other)))
    return low - high > 0.02 * low


def find_ends(row: Reach) -> tuple[float, float]:
    value = float(row.value)
    most = {"over": float("inf"), "at-least": float("inf"), "range": float(row.value_max or 0)}
    return (0 if row.qualifier == "up-to" else value), most.get(row.qualifier, value)


def find_links(records: dict[int, Programme]) -> Iterator[str]:
    """Yield the addresses of this test that are broken, and the website of a published record."""
    seen = {one.website for one in records.values()}
    broken = WebLink.objects.filter(is_broken=True, address__contains="broken.example")
    yield from (address for address in broken.values_list("address", flat=True) if address in seen)


# --- What people do meanwhile ---------------------------------------------------------------------


def choose(chance_of: random.Random, rows: Any) -> Any:
    pks = [*rows.order_by("pk").values_list("pk", flat=True)]
    return rows.model.objects.get(pk=chance_of.choice(pks)) if pks else None


def check_some(lot: random.Random, night: datetime) -> None:
    record = choose(lot, Programme.objects.filter(state="published"))
    Programme.objects.filter(pk=record.pk).update(verified_on=timezone.localdate(night))


def give_status(lot: random.Random, _night: datetime) -> None:
    record = choose(lot, Programme.objects.filter(state="published"))
    status = lot.choice(["active", "completed", "unknown"])
    Programme.objects.filter(pk=record.pk).update(status=status)


def count_anew(lot: random.Random, night: datetime) -> None:
    record = choose(lot, Programme.objects.filter(state="published"))
    year = night.year - lot.randrange(4)
    for _turn in range(lot.randrange(1, 3)):
        make_reach(
            record, lot.randrange(90, 130), year_from=year, year_to=year,
            qualifier=lot.choice(["exact", "over", "up-to", "about"]),
        )  # fmt: skip


def retract(lot: random.Random, night: datetime) -> None:
    row = choose(lot, Reach.objects.filter(superseded_by=None, retracted_because=""))
    Reach.objects.filter(pk=row.pk).update(retracted_because="Misread.", retracted_on=night)


def correct(lot: random.Random, _night: datetime) -> None:
    row = choose(lot, Reach.objects.filter(qualifier="exact", retracted_because=""))
    Reach.objects.filter(pk=row.pk).update(value=lot.randrange(90, 130))


def declare(lot: random.Random, _night: datetime) -> None:
    record = choose(lot, Programme.objects.filter(state="published"))
    make_citation(record, field=lot.choice(["funding", "evaluation", "reach"]),
                  basis="declared-not-available")  # fmt: skip


def leave_out(lot: random.Random, _night: datetime) -> None:
    record = choose(lot, Programme.objects.filter(state="published"))
    lot.choice([record.kinds, record.levels, record.countries]).clear()


def withdraw(lot: random.Random, _night: datetime) -> None:
    record = choose(lot, Programme.objects.filter(state__in=["published", "withdrawn"]))
    state = "withdrawn" if record.state == "published" else "published"
    reason = "A twin." if state == "withdrawn" else ""
    Programme.objects.filter(pk=record.pk).update(state=state, withdrawn_reason=reason)


def enter(lot: random.Random, night: datetime) -> None:
    record = make_programme(website=f"https://broken.example/{lot.randrange(10**9)}")
    Programme.objects.filter(pk=record.pk).update(created_at=night)
    WebLink.objects.create(
        address=record.website, outcome="not-found", is_broken=lot.random() < 0.5
    )


def break_or_mend(lot: random.Random, _night: datetime) -> None:
    if link := choose(lot, WebLink.objects.filter(address__contains="broken.example")):
        WebLink.objects.filter(pk=link.pk).update(is_broken=not link.is_broken)


DEEDS: tuple[Callable[[random.Random, datetime], None], ...] = (
    *(check_some, check_some, give_status, count_anew, retract, correct),
    *(declare, leave_out, withdraw, enter, break_or_mend),
)


# --- The year -------------------------------------------------------------------------------------


@pytest.fixture
def anna(db: None) -> User:
    return make_person(None, "anna")


def read_tasks() -> dict[Ident, str]:
    """Return the state of each task of which the model tells; of conflicts those of reach."""
    rows = Task.objects.filter(kind__in=KINDS).values_list("kind", "key", "about", "state")
    return {
        (kind, about if kind == Kind.LINK else key): state
        for kind, key, about, state in rows
        if not key.startswith("funding-")
    }


@pytest.mark.parametrize("seed", chance.seeds(1))
def test_every_morning_of_a_year_what_waits_is_open_and_nothing_else(seed: int, anna: User) -> None:
    lot, queues = random.Random(seed), Queues()
    start = timezone.now()
    for number in range(NIGHTS):
        night = start + timedelta(days=number)
        look(KINDS, now=night)
        queues.pass_night(find_all(timezone.localdate(night)))
        assert read_tasks() == queues.states, f"night {number} of {seed}"
        for ident in lot.sample(queues.list_open(), min(lot.randrange(4), len(queues.list_open()))):
            close_task(ident, anna)
            queues.close(ident)
        with edit(Edit.Kind.CURATOR, anna):
            for deed in lot.choices(DEEDS, k=4):
                deed(lot, night)
    assert {State.OPEN, State.CLOSED, State.GONE} == {*queues.states.values()}
    assert {kind for kind, _key in queues.states} == {*KINDS}


def close_task(ident: Ident, user: User) -> None:
    kind, key = ident
    name = "about" if kind == Kind.LINK else "key"
    task = Task.objects.get(kind=kind, **{name: key})
    assert close([task.pk], user, "It is right.").done

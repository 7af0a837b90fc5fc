"""Looks at the catalogue: what opens and closes by itself, and what a person has closed."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from programmes.models import Lease, Programme, Task
from stemobs.curation.leases import take_lease
from stemobs.curation.tasks import watching
from stemobs.curation.tasks.watching import (
    CHECKS,
    LEASE,
    OF_ONE,
    look,
    look_at_record,
    look_once_saved,
)
from tests.builders import (
    country,
    make_citation,
    make_claim,
    make_discrepancy,
    make_document,
    make_funding,
    make_name,
    make_programme,
    make_reach,
    make_source,
)
from tests.curation.people import make_person
from tests.curation.tasks.looking import NOW, close_as, look_for, read_states

pytestmark = pytest.mark.django_db
Kind, State = Task.Kind, Task.State
YEARS = {"year_from": 2024, "year_to": 2024}


@pytest.fixture
def anna(db: None) -> User:
    return make_person(None, "anna")


def make_conflict(name: str = "Gears") -> Programme:
    programme = make_programme(name=name)
    make_reach(programme, 100, **YEARS)
    make_reach(programme, 120, **YEARS)
    return programme


def find_task(programme: Programme, kind: Any = Kind.CONFLICT) -> Task:
    return Task.objects.get(programme=programme, kind=kind)


# --- One after another ----------------------------------------------------------------------------


def test_a_look_opens_a_task_and_closes_it_when_its_cause_has_gone() -> None:
    programme = make_conflict()
    assert look_for(Kind.CONFLICT).opened >= 1
    task = find_task(programme)
    assert (task.state, task.opened_at, task.seen_at) == (State.OPEN, NOW, NOW)
    assert task.told == "“100 students, 2024”, and also “120 students, 2024”."
    programme.reach.filter(value=120).update(retracted_because="No.", retracted_on=NOW)
    later = NOW + timedelta(days=1)
    assert look_for(Kind.CONFLICT, later).closed == 1
    task.refresh_from_db()
    assert (task.state, task.closed_at, task.closed_by, task.reason) == (
        State.GONE,
        later,
        None,
        "",
    )
    programme.reach.update(retracted_because="", retracted_on=None)
    last = later + timedelta(days=1)
    assert look_for(Kind.CONFLICT, last).opened == 1
    task.refresh_from_db()
    assert (task.state, task.opened_at, task.closed_at) == (State.OPEN, last, None)


def test_a_second_look_at_the_same_changes_nothing_but_when_tasks_were_seen() -> None:
    make_conflict()
    look(now=NOW)
    rows = Task.objects.order_by("pk")
    before = [*rows.values_list("pk", "state", "told", "fingerprint", "opened_at")]
    assert before
    for result in look(now=NOW + timedelta(minutes=1)).values():
        assert (result.opened, result.closed) == (0, 0)
    assert [*rows.values_list("pk", "state", "told", "fingerprint", "opened_at")] == before
    assert {*Task.objects.values_list("seen_at", flat=True)} == {NOW + timedelta(minutes=1)}


def test_what_a_person_has_closed_stays_closed_while_the_evidence_is_the_same(anna: User) -> None:
    programme = make_conflict()
    look_for(Kind.CONFLICT)
    close_as(anna, find_task(programme))
    assert look_for(Kind.CONFLICT, NOW + timedelta(days=30)).opened == 0
    task = find_task(programme)
    assert (task.state, task.closed_by, task.reason) == (
        State.CLOSED,
        anna,
        "It is right as it is.",
    )
    programme.reach.filter(value=120).update(value=130)
    later = NOW + timedelta(days=31)
    assert look_for(Kind.CONFLICT, later).opened == 1
    task = find_task(programme)
    assert (task.state, task.closed_by, task.closed_at, task.reason) == (State.OPEN, None, None, "")
    assert (task.opened_at, "130" in task.told) == (later, True)


def test_a_person_who_closes_a_task_leaves_the_others(anna: User) -> None:
    one, another = make_conflict(), make_conflict("Wheels")
    look_for(Kind.CONFLICT)
    close_as(anna, find_task(one))
    look_for(Kind.CONFLICT)
    assert find_task(another).state == State.OPEN


def test_who_says_that_two_are_not_the_same_is_not_asked_again(anna: User) -> None:
    names = ("Gears of the east", "Gears of the East!")
    one, another = (make_programme(name=name, countries=[country("NL")]) for name in names)
    look_for(Kind.DUPLICATE)
    task = find_task(one, Kind.DUPLICATE)
    assert task.other == another
    close_as(anna, task, "Not the same.")
    Programme.objects.filter(pk=one.pk).update(summary="Changed.")
    look_for(Kind.DUPLICATE, NOW + timedelta(days=400))
    assert find_task(one, Kind.DUPLICATE).state == State.CLOSED


def test_what_is_told_of_an_open_task_is_kept_up_to_date_and_whoever_has_it_keeps_it(
    anna: User,
) -> None:
    programme = make_programme()
    look_for(Kind.GAP)
    until = NOW + timedelta(hours=9)
    Task.objects.filter(programme=programme).update(taken_by=anna, taken_until=until)
    make_reach(programme)
    result = look_for(Kind.GAP, NOW + timedelta(hours=1))
    task = find_task(programme, Kind.GAP)
    assert "reach" not in task.told
    assert (result.opened, task.opened_at, task.taken_by) == (0, NOW, anna)


def test_a_task_goes_with_its_record() -> None:
    programme = make_conflict()
    look_for(Kind.CONFLICT)
    task = find_task(programme)
    Programme.objects.filter(pk=programme.pk).update(state="withdrawn", withdrawn_reason="It is.")
    look_for(Kind.CONFLICT)
    task.refresh_from_db()
    assert task.state == State.GONE
    programme.delete()
    assert not Task.objects.filter(pk=task.pk).exists()


def test_queues_open_and_close_by_themselves_over_a_year(anna: User) -> None:
    """A curator checks what is due, once a week. Few records are due at once, and all in turn."""
    start = timezone.now()
    first = timezone.localdate(start)
    made = [
        make_programme(status="active", verified_on=first - timedelta(days=days))
        for days in range(0, 360, 12)
    ]
    pks = [programme.pk for programme in made]
    mine = Task.objects.filter(kind=Kind.STALE, programme__in=pks)
    opened: list[int] = []
    for week in range(60):
        now = start + timedelta(weeks=week)
        look_for(Kind.STALE, now)
        due = mine.filter(state=State.OPEN)
        opened.append(due.count())
        late = due.values("programme")
        Programme.objects.filter(pk__in=late).update(verified_on=timezone.localdate(now))
    # Not a week later: which records are due by then depends on their ids.
    look_for(Kind.STALE, now + timedelta(hours=1))
    assert not mine.filter(state=State.OPEN).exists()
    assert {*mine.values_list("state", flat=True)} == {State.GONE}
    assert set(mine.values_list("programme", flat=True)) == set(pks)
    assert max(opened) <= 6
    assert sum(opened) >= len(made)


# --- One record -----------------------------------------------------------------------------------


def test_a_record_that_is_saved_is_looked_at_in_few_queries_and_alone() -> None:
    programme, other = make_conflict(), make_conflict("Wheels")
    point = make_discrepancy(other)
    for figure in other.reach.all():
        make_claim(point, reach=figure)
    make_funding(programme, amount=100, source_type="mixed", basis="total", currency="EUR", **YEARS)
    with CaptureQueriesContext(connection) as queries:
        look_at_record(programme.pk)
    asked = [one["sql"] for one in queries if "SAVEPOINT" not in one["sql"]]
    assert len(asked) <= 10
    assert {task.programme for task in Task.objects.all()} == {programme}
    assert {*Task.objects.values_list("kind", flat=True)} <= {*OF_ONE}
    programme.reach.filter(value=120).delete()
    look_at_record(programme.pk)
    assert find_task(programme).state == State.GONE


def test_a_look_at_one_record_leaves_what_only_a_look_at_all_finds() -> None:
    names = ("Gears of the south", "Gears of the South!")
    one, _another = (make_programme(name=name, countries=[country("NL")]) for name in names)
    look_for(Kind.DUPLICATE)
    look_at_record(one.pk)
    assert find_task(one, Kind.DUPLICATE).state == State.OPEN


@pytest.mark.parametrize(("state", "is_seen"), [("published", True), ("draft", False)])
def test_records_that_readers_see_are_looked_at_once_they_are_saved(
    state: str, is_seen: bool, django_capture_on_commit_callbacks: Any
) -> None:
    programme = make_programme(state=state)
    with django_capture_on_commit_callbacks(execute=True):
        look_once_saved([programme])
    assert Task.objects.filter(programme=programme).exists() is is_seen


def test_a_look_that_fails_is_logged_and_keeps_nobody_from_saving(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_args: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setitem(CHECKS, Kind.GAP, fail)
    look_at_record(make_programme().pk)
    assert "The look at the record" in caplog.text


# --- How much is asked ----------------------------------------------------------------------------


def fill(number: int) -> None:
    for _turn in range(number):
        programme = make_conflict()
        make_name(programme, "Wheels and gears")
        place = f"https://{programme.slug}.example/"
        make_document(programme, url=place)
        make_citation(programme, source=make_source(url=place))


@pytest.mark.parametrize("kind", CHECKS, ids=lambda kind: kind.value)
def test_the_number_of_queries_does_not_depend_on_the_number_of_records(kind: Kind) -> None:
    def count() -> int:
        look_for(kind)
        with CaptureQueriesContext(connection) as queries:
            look_for(kind, NOW + timedelta(minutes=1))
        return len(queries)

    fill(2)
    few = count()
    fill(9)
    assert count() == few <= 25


# --- The command ----------------------------------------------------------------------------------


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("watch", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_says_what_it_opened_and_notes_when_it_ended() -> None:
    make_conflict()
    said = run()
    opened = Task.objects.filter(kind=Kind.CONFLICT).count()
    assert f"Figures that differ: {opened} opened, 0 closed." in said
    assert f"Open are now {Task.objects.filter(state=State.OPEN).count()}." in said
    assert Lease.objects.get(name=LEASE).ended_at


def test_two_runs_do_not_look_at_the_same_time() -> None:
    take_lease(LEASE, "another process", timezone.now())
    with pytest.raises(CommandError, match="Another run looks at the catalogue now") as caught:
        run()
    assert caught.value.returncode == 75
    assert not Task.objects.exists()


def test_without_time_no_kind_is_begun() -> None:
    make_conflict()
    assert "Figures that differ: no time left." in run("--budget", "0s")
    assert not Task.objects.exists()


def test_a_kind_that_fails_is_named_and_the_others_are_kept(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_args: Any) -> Any:
        raise ZeroDivisionError

    make_conflict()
    monkeypatch.setitem(watching.CHECKS, Kind.GAP, fail)
    with pytest.raises(CommandError, match="Missing facts"):
        run()
    assert read_states(Task.objects.filter(kind=Kind.CONFLICT))
    assert "The look for gap failed" in caplog.text
    assert Lease.objects.get(name=LEASE).ended_at is None

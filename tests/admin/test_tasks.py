"""The desk, the list of tasks, and the page of one: who takes, gives back and closes them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from programmes.models import BulkChange, Lease, Programme, Task, WebLink
from stemobs.admin.verifying.pages import find_check_address
from stemobs.curation.roles import RIGHTS, Role
from stemobs.curation.tasks.queues import find_end_of_day
from stemobs.curation.tasks.watching import LEASE
from tests.admin.drafting import decide, read_messages
from tests.admin.forms import address, save
from tests.builders import (
    country,
    make_organisation,
    make_programme,
    make_reach,
    make_suggestion,
    make_task,
)
from tests.curation.people import State as Record
from tests.curation.people import make_person, sign_in, write_as

pytestmark = pytest.mark.django_db
Kind, State = Task.Kind, Task.State
DESK = reverse("admin:index")
TEN = reverse("admin:programmes_task_ten")
LIST = address(Task)


def hold(task: Task, user: User, until: datetime | None = None) -> None:
    until = until or timezone.now() + timedelta(hours=1)
    Task.objects.filter(pk=task.pk).update(taken_by=user, taken_until=until)


def answer(client: Client, task: Task, button: str, reason: str = "") -> Any:
    return client.post(address(task, "change"), {button: "1", "reason": reason})


def act(client: Client, action: str, *tasks: Task, reason: str = "") -> Any:
    chosen = [task.pk for task in tasks]
    data = {"action": action, "_selected_action": chosen, "reason": reason}
    return client.post(LIST, data, follow=True)


def read(task: Task, *names: str) -> tuple[Any, ...]:
    return Task.objects.values_list(*names).get(pk=task.pk)


def list_shown(client: Client, query: str = "") -> list[Task]:
    page = client.get(f"{LIST}{query}")
    assert page.status_code == 200
    return [*page.context["cl"].result_list]


# --- The list -------------------------------------------------------------------------------------


def test_the_list_shows_what_is_open_and_filters_by_kind_state_holder_and_country(
    anna: User, ben: User
) -> None:
    client = sign_in(anna)
    record = make_programme(name="Gears", countries=[country("NL")])
    gap = make_task(programme=record)
    link = make_task(Kind.LINK, about="https://gone.example/", told="Not found.")
    theirs = make_task(Kind.STALE)
    hold(theirs, ben)
    old = make_task(Kind.STALE)
    hold(old, ben, timezone.now() - timedelta(minutes=1))
    gone = make_task(Kind.SUM, state=State.GONE)
    shut = make_task(Kind.SUM, state=State.CLOSED, reason="It is right.")
    assert {*list_shown(client)} == {gap, link, theirs, old}
    assert list_shown(client, "?kind__exact=link") == [link]
    assert list_shown(client, "?state=gone") == [gone]
    assert list_shown(client, "?state=closed") == [shut]
    assert list_shown(client, "?holder=others") == [theirs]
    assert {*list_shown(client, "?holder=nobody")} == {gap, link, old}
    assert list_shown(client, "?holder=mine") == []
    assert list_shown(client, "?country=NL") == [gap]
    assert list_shown(client, "?country=PL") == []
    assert list_shown(client, "?q=gears") == [gap]
    assert list_shown(client, "?q=gone.example") == [link]
    for query in ("weight__gt=1", "o=2"):
        assert client.get(f"{LIST}?{query}").status_code == 400
    html = client.get(LIST).text
    assert f'<a href="{address(record, "change")}">Gears</a>' in html
    assert ">ben<" in html


def test_the_list_says_when_somebody_last_looked(anna: User) -> None:
    client = sign_in(anna)
    assert "Nobody has looked for tasks yet." in client.get(LIST).text
    lease = Lease.objects.create(name=LEASE, ended_at=timezone.now())
    assert "Last looked for on" in client.get(LIST).text
    assert "A later look has failed" not in client.get(LIST).text
    Lease.objects.filter(pk=lease.pk).update(ended_at=timezone.now() - timedelta(days=2))
    assert "A later look has failed" in client.get(LIST).text


def test_the_list_takes_few_queries_however_many_tasks_there_are(anna: User) -> None:
    client = sign_in(anna)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        return len(queries)

    make_task(programme=make_programme())
    few = count()
    for _turn in range(20):
        hold(make_task(programme=make_programme()), anna)
    assert count() == few <= 7


# --- Taking, giving back, closing -----------------------------------------------------------------


def test_ten_tasks_are_handed_out_those_first_that_matter_most(anna: User, ben: User) -> None:
    orphan = make_task(Kind.ORPHAN, weight=9)
    gaps = [make_task(Kind.GAP, weight=weight) for weight in range(12)]
    conflict = make_task(Kind.CONFLICT)
    held = make_task(Kind.CONFLICT)
    hold(held, ben)
    response = sign_in(anna).post(TEN)
    assert response.headers["Location"] == f"{LIST}?holder=mine"
    assert "10 tasks are yours until midnight." in read_messages(response)
    taken = Task.objects.filter(taken_by=anna)
    assert {*taken} == {conflict, *gaps[3:]}
    assert {*taken.values_list("taken_until", flat=True)} == {find_end_of_day(timezone.now())}
    sign_in(ben).post(TEN)
    assert {*Task.objects.filter(taken_by=ben)} == {held, orphan, *gaps[:3]}
    assert "Nothing is free now" in read_messages(sign_in(anna).post(TEN))


def test_what_was_not_done_by_midnight_is_free_again(anna: User, ben: User) -> None:
    task = make_task()
    hold(task, ben, timezone.now() - timedelta(seconds=1))
    assert answer(sign_in(anna), task, "_take").status_code == 302
    assert read(task, "taken_by__username") == ("anna",)


def test_the_day_ends_at_midnight_of_the_site(settings: LazySettings) -> None:
    settings.TIME_ZONE = "Europe/Brussels"
    now = datetime.fromisoformat("2026-07-01T22:30:00+00:00")
    assert find_end_of_day(now).isoformat() == "2026-07-03T00:00:00+02:00"


def test_an_answer_closes_its_task_and_leaves_the_others(anna: User) -> None:
    task, other = make_task(), make_task()
    response = answer(sign_in(anna), task, "_close", "Nothing newer is published.")
    assert response.headers["Location"] == f"{LIST}?kind__exact=gap"
    assert read(task, "state", "closed_by__username", "reason") == (
        "closed", "anna", "Nothing newer is published.",
    )  # fmt: skip
    assert read(other, "state") == ("open",)


def test_who_works_through_ten_is_led_from_one_to_the_next(anna: User) -> None:
    one, another = make_task(), make_task()
    for task in (one, another):
        hold(task, anna)
    response = answer(sign_in(anna), one, "_close", "It is right.")
    assert response.headers["Location"] == address(another, "change")


def test_a_task_is_not_closed_without_a_reason(anna: User) -> None:
    task = make_task()
    page = answer(sign_in(anna), task, "_close", "  ")
    assert page.status_code == 200
    assert "Say in a sentence why it can be closed." in page.text
    assert read(task, "state") == ("open",)
    assert "Say in a sentence" in act(sign_in(anna), "close_these", task).text


def test_of_two_people_on_one_task_the_second_is_told_who_was_first(anna: User, ben: User) -> None:
    task = make_task()
    assert answer(sign_in(ben), task, "_take").status_code == 302
    for button in ("_take", "_close", "_give_back"):
        page = answer(sign_in(anna), task, button, "My own words.")
        assert page.status_code == 409
        assert "was taken first by ben, until" in page.text
        assert 'value="My own words."' in page.text
    assert read(task, "state", "taken_by__username") == ("open", "ben")
    assert answer(sign_in(ben), task, "_close", "It is right.").status_code == 302
    page = answer(sign_in(anna), task, "_close", "My own words.")
    assert page.status_code == 409
    assert "was closed first by ben: It is right." in page.text
    assert read(task, "closed_by__username", "reason") == ("ben", "It is right.")


def test_what_closed_by_itself_meanwhile_is_said_to_have(anna: User) -> None:
    task = make_task(state=State.GONE)
    page = answer(sign_in(anna), task, "_close", "It is right.")
    assert page.status_code == 409
    assert "closed by itself" in page.text


def test_many_are_taken_given_back_and_closed_without_those_of_others(
    anna: User, ben: User
) -> None:
    client = sign_in(anna)
    one, another, theirs = make_task(), make_task(), make_task()
    hold(theirs, ben)
    page = act(client, "take_these", one, another, theirs)
    assert "2 tasks are yours until midnight." in page.text
    assert "was taken first by ben, until" in page.text
    assert Task.objects.filter(taken_by=anna).count() == 2
    assert "1 task is free again." in act(client, "give_back_these", one).text
    assert read(one, "taken_by") == (None,)
    page = act(client, "close_these", one, another, theirs, reason="They are right.")
    assert "2 tasks are closed." in page.text
    assert read(theirs, "state", "taken_by__username") == ("open", "ben")


# --- The page of one ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "fields", "place"),
    [
        ("stale", {}, "{check}"),
        ("outdated", {}, "{form}#reach-group"),
        ("conflict", {"about": "programmes.reach 1"}, "{form}#reach-group"),
        ("conflict", {"about": "partnerships.funding 1"}, "{form}#funding-group"),
        ("sum", {"about": "partnerships.funding 1"}, "{form}#funding-group"),
        ("gap", {}, "{form}"),
        ("outside", {}, "{history}"),
    ],
)
def test_the_page_of_a_task_leads_to_where_it_is_done(
    anna: User, kind: str, fields: dict[str, Any], place: str
) -> None:
    record = make_programme()
    make_reach(record)
    task = make_task(kind, programme=record, **fields)
    page = sign_in(anna).get(address(task, "change"))
    form, history = address(record, "change"), address(record, "history")
    led = place.format(form=form, history=history, check=find_check_address(record))
    assert f'<a href="{led}">' in page.text
    assert sign_in(anna).get(led).status_code == 200
    anchor = led.partition("#")[2]
    assert not anchor or f'id="{anchor}"' in sign_in(anna).get(form).text


def test_a_task_without_a_record_leads_to_its_row_or_list(anna: User) -> None:
    client, organisation = sign_in(anna), make_organisation(name="Alone")
    one, another = make_programme(name="Gears"), make_programme(name="Wheels")
    link = make_task(Kind.LINK, about="https://gone.example/a?b=1&c")
    for task, place in (
        (
            make_task(Kind.ORPHAN, about=f"partnerships.organisation {organisation.pk}"),
            address(organisation, "change"),
        ),
        (make_task(Kind.OUTSIDE, about="partnerships.organisation"), address(type(organisation))),
        (make_task(Kind.DUPLICATE, programme=one, other=another), address(another, "change")),
        (link, f"{address(WebLink)}?q=https%3A%2F%2Fgone.example%2Fa%3Fb%3D1%26c"),
    ):
        assert f'<a href="{place}">' in client.get(address(task, "change")).text
        assert client.get(place).status_code == 200
    for about in ("programmes.nothing 3", "programmes.reach 3", "programmes.source 999999999"):
        assert client.get(address(make_task(Kind.ORPHAN, about=about), "change")).status_code == 200


# --- What is saved --------------------------------------------------------------------------------


def test_a_record_that_is_saved_in_its_form_is_looked_at_at_once(
    anna: User, django_capture_on_commit_callbacks: Any
) -> None:
    record = write_as(anna, state=Record.PUBLISHED, year_start=None)
    with django_capture_on_commit_callbacks(execute=True):
        assert save(sign_in(anna), record, {"summary": "Sends pupils."}).status_code == 302
    (told,) = Task.objects.filter(programme=record, kind=Kind.GAP).values_list("told", flat=True)
    assert "start year" in told
    with django_capture_on_commit_callbacks(execute=True):
        assert save(sign_in(anna), record, {"year_start": "2010"}).status_code == 302
    (told,) = Task.objects.filter(programme=record, kind=Kind.GAP).values_list("told", flat=True)
    assert "start year" not in told


def test_records_that_are_published_together_are_looked_at_at_once(
    rita: User, django_capture_on_commit_callbacks: Any
) -> None:
    record = write_as(None, state=Record.REVIEW, year_start=None)
    data = {"action": "publish", "_selected_action": [record.pk], "drawn": ""}
    with django_capture_on_commit_callbacks(execute=True):
        sign_in(rita).post(address(Programme), data)
    assert Task.objects.filter(programme=record, kind=Kind.GAP, state=State.OPEN).exists()


# --- Who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [*RIGHTS, Role.ADMINISTRATOR])
def test_contributors_see_tasks_and_everybody_else_takes_and_closes_them(role: Role) -> None:
    task, client = make_task(), sign_in(make_person(role))
    may = role != Role.CONTRIBUTOR
    page = client.get(address(task, "change"))
    assert page.status_code == 200
    assert ('name="_close"' in page.text) is may
    assert ("Give me ten tasks" in client.get(DESK).text) is may
    assert ("Give me ten tasks" in client.get(LIST).text) is may
    assert answer(client, task, "_close", "It is right.").status_code == (302 if may else 403)
    assert client.post(TEN).status_code == (302 if may else 403)
    act(client, "close_these", task, reason="It is right.")
    assert read(task, "state") == ("closed" if may else "open",)
    assert client.get(TEN).status_code == 405
    assert client.get(address(Task, "add")).status_code == 403
    assert client.post(address(task, "delete"), {"post": "yes"}).status_code == 403
    assert client.get(reverse("admin:programmes_task_change", args=[0])).status_code == 404


def test_who_has_no_right_to_see_tasks_sees_none(curator: Client, client: Client) -> None:
    task = make_task()
    assert curator.get(LIST).status_code == 403
    assert curator.get(address(task, "change")).status_code == 403
    assert "Give me ten tasks" not in curator.get(DESK).text
    assert Client().get(LIST).status_code == 302


# --- The desk -------------------------------------------------------------------------------------


def test_an_empty_desk_says_so(rita: User) -> None:
    html = sign_in(rita).get(DESK).text
    for told in (
        "You have no drafts.", "Nothing waits for you to read it.",
        "Nobody has looked for tasks yet.", "All programmes",
    ):  # fmt: skip
        assert told in html
    assert "No task is open." not in html  # nobody knows that yet


def test_the_desk_says_how_many_tasks_of_each_kind_are_open_and_leads_to_them(anna: User) -> None:
    for kind in (Kind.GAP, Kind.GAP, Kind.CONFLICT):
        make_task(kind)
    make_task(Kind.SUM, state=State.GONE)
    Lease.objects.create(name=LEASE, ended_at=timezone.now() - timedelta(days=2))
    html = sign_in(anna).get(DESK).text
    assert f'<a href="{LIST}?kind__exact=gap">Missing facts</a> <strong>2</strong>' in html
    assert f'<a href="{LIST}?kind__exact=conflict">Figures that differ</a> <strong>1<' in html
    assert "kind__exact=sum" not in html
    assert html.index("kind__exact=conflict") < html.index("kind__exact=gap")
    assert "A later look has failed, or was not begun." in html


def test_drafts_are_shown_to_who_wrote_them_and_to_who_may_approve_them(
    anna: User, ben: User, rita: User, settings: LazySettings
) -> None:
    settings.FOUR_EYES = True
    record = write_as(None, state=Record.PUBLISHED, name="Gears of the north", summary="Before.")
    draft = reverse("admin:programmes_programme_draft", args=[record.pk])
    save(sign_in(anna), record, {"summary": "After.", "_send": "1"})
    assert draft in sign_in(anna).get(DESK).text
    assert "Returned to you" not in sign_in(anna).get(DESK).text
    assert draft not in sign_in(ben).get(DESK).text
    assert "Waiting for you" not in sign_in(ben).get(DESK).text
    waiting = sign_in(rita).get(DESK).text.split("Waiting for you")[1]
    twice = read_messages(decide(sign_in(anna), record, "_send"))
    assert "This was sent to review already, by anna. It is not sent again." in twice
    assert f'<a href="{draft}">Gears of the north</a>' in waiting
    decide(sign_in(rita), record, "_return", comment="Say since when.")
    returned = sign_in(anna).get(DESK).text.split("Returned to you")[1].split("Your drafts")[0]
    assert draft in returned
    assert "Say since when." in returned
    assert draft not in sign_in(rita).get(DESK).text.split("Changed last")[0]
    settings.FOUR_EYES = False
    assert draft not in sign_in(anna).get(DESK).text


def test_records_that_are_not_published_are_shown_to_who_wrote_and_who_publishes_them(
    anna: User, rita: User
) -> None:
    mine = write_as(anna, state=Record.DRAFT, name="Gears of the south")
    sent = write_as(anna, state=Record.REVIEW, name="Gears of the east")
    html = sign_in(anna).get(DESK).text.split("Changed last")[0]
    for record in (mine, sent):
        assert f'<a href="{address(record, "change")}">{record}</a>' in html
    html = sign_in(rita).get(DESK).text.split("Changed last")[0]
    assert address(sent, "change") in html
    assert address(mine, "change") not in html


def test_the_desk_shows_the_latest_edits_and_who_made_them(anna: User, rita: User) -> None:
    record = write_as(anna, state=Record.PUBLISHED, name="Gears of the west")
    html = sign_in(rita).get(DESK).text.split("Changed last")[1]
    assert f'<a href="{address(record, "history")}">Gears of the west</a>' in html
    assert "anna" in html


def test_a_late_suggestion_is_said_to_be(anna: User) -> None:
    suggestion = make_suggestion(make_programme())
    assert "without an answer for two weeks" not in sign_in(anna).get(DESK).text
    long_ago = timezone.now() - timedelta(days=15)
    type(suggestion).objects.filter(pk=suggestion.pk).update(created_at=long_ago)
    assert "without an answer for two weeks <strong>1<" in sign_in(anna).get(DESK).text


def test_the_desk_takes_few_queries_however_much_waits(
    anna: User, rita: User, settings: LazySettings
) -> None:
    settings.FOUR_EYES = True

    def count() -> int:
        client = sign_in(rita)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(DESK).status_code == 200
        return len(queries)

    def fill(number: int) -> None:
        for turn in range(number):
            record = write_as(None, state=Record.PUBLISHED, summary="Before.")
            save(sign_in(anna), record, {"summary": f"After {turn}.", "_send": "1"})
            write_as(rita, state=Record.DRAFT)
            write_as(anna, state=Record.REVIEW)
            make_task(programme=Programme.objects.get(pk=record.pk))
            for state in (BulkChange.State.WAITING, BulkChange.State.RETURNED):
                BulkChange.objects.create(user=rita, state=state)

    fill(1)
    few = count()
    fill(2)
    assert count() == few <= 9

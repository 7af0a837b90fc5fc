"""Tests of publishing with four eyes and without: in forms, in the list, in crafted posts."""

import re
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client

from programmes.models import Edit, Programme, Unit
from stemobs.curation.roles import Role
from tests.admin.curating import act
from tests.admin.forms import Open, address, errors_on, filled_in, new_row, save
from tests.builders import make_claim, make_discrepancy, make_source
from tests.curation.people import (
    State,
    change_as,
    find_state,
    make_person,
    sign_in,
    write_as,
)

pytestmark = pytest.mark.django_db

MOVES: dict[str, tuple[str, dict[str, str]]] = {
    "publish": (State.REVIEW, {"state": "published"}),
    "withdraw": (State.PUBLISHED, {"state": "withdrawn", "withdrawn_reason": "Made twice."}),
    "restore": (State.WITHDRAWN, {"state": "published", "_why": "It was no twin."}),
}
ONE_IS_QUICK = [
    one if one == "publish" else pytest.param(one, marks=pytest.mark.trial) for one in MOVES
]
CHANGED = "You changed this last, so somebody else has to do that."
WROTE = "You wrote this, so somebody else has to do that."


@pytest.fixture(autouse=True)
def _four_eyes(settings: LazySettings) -> None:
    settings.FOUR_EYES = True


@pytest.fixture
def reviewer(db: None) -> User:
    """Who publishes what others wrote."""
    return make_person(Role.REVIEWER, "rita")


@pytest.fixture
def other(db: None) -> User:
    """Who writes records too."""
    return make_person(Role.CURATOR, "otto")


def write_in(state: str, user: User | None) -> Programme:
    reason = "Made twice." if state == State.WITHDRAWN else ""
    return write_as(user, state=state, withdrawn_reason=reason)


@pytest.mark.parametrize("move", ONE_IS_QUICK)
def test_a_reviewer_publishes_withdraws_and_restores_what_others_wrote(
    reviewer: User, other: User, move: str
) -> None:
    before, sent = MOVES[move]
    programme = write_in(before, other)
    assert save(sign_in(reviewer), programme, sent).status_code == 302
    assert find_state(programme) == sent["state"]


def test_what_another_wrote_after_the_form_was_opened_is_published_only_once_it_was_read(
    reviewer: User, other: User
) -> None:
    programme = write_in(State.REVIEW, other)
    form = Open(sign_in(reviewer), programme)
    change_as(other, programme, summary="Nobody has read this.")
    refused = form.send({"state": State.PUBLISHED})
    assert "changed after you had opened the form: Summary." in errors_on(refused)
    assert find_state(programme) == State.REVIEW
    form = filled_in(refused)
    assert form["summary"] == "Nobody has read this."
    assert sign_in(reviewer).post(address(programme, "change"), form).status_code == 302
    assert find_state(programme) == State.PUBLISHED


@pytest.mark.parametrize("move", MOVES)
def test_who_changed_a_record_last_is_offered_no_other_state_and_a_crafted_post_is_a_403(
    reviewer: User, other: User, move: str
) -> None:
    before, sent = MOVES[move]
    programme = write_in(before, other)
    change_as(reviewer, programme, summary="Other.")
    client = sign_in(reviewer)
    page: Any = client.get(address(programme, "change"))
    state = page.context["adminform"].form.fields["state"]
    assert sent["state"] not in dict(state.widget.choices)
    assert CHANGED in page.text
    crafted = client.post(address(programme, "change"), {**filled_in(page), **sent})
    assert crafted.status_code == 403
    assert CHANGED in crafted.text
    assert find_state(programme) == before


def test_who_wrote_a_record_cannot_publish_it_though_another_changed_it_last(
    reviewer: User, other: User
) -> None:
    programme = write_in(State.REVIEW, reviewer)
    change_as(other, programme, summary="Other.")
    crafted: Any = save(sign_in(reviewer), programme, {"state": "published"})
    assert (crafted.status_code, find_state(programme)) == (403, State.REVIEW)
    assert WROTE in crafted.text


def test_nobody_publishes_what_they_change_in_the_same_form(reviewer: User, other: User) -> None:
    programme = write_in(State.REVIEW, other)
    client, unit = sign_in(reviewer), Unit.objects.first()
    page: Any = client.get(address(programme, "change"))
    fact = new_row("reach", 0, qualifier="about", value="9", unit=unit.pk)
    for change in ({"summary": "Mine."}, fact):
        sent = {**filled_in(page), "state": "published", **change}
        assert "Save either the new state or your other changes" in errors_on(
            client.post(address(programme, "change"), sent)
        )
    assert find_state(programme) == State.REVIEW


def test_a_new_record_cannot_be_added_as_published(reviewer: User) -> None:
    client = sign_in(reviewer)
    page = client.get(address(Programme, "add"))
    new = {"name": "New", "slug": "new", "summary": "New.", "scope": "national"}
    crafted: Any = client.post(
        address(Programme, "add"), {**filled_in(page), **new, "state": "published"}
    )
    assert crafted.status_code == 403
    assert WROTE in crafted.text
    assert not Programme.objects.filter(slug="new").exists()


def test_the_action_publishes_what_others_wrote_and_says_what_is_left_to_them(
    reviewer: User, other: User
) -> None:
    mine, theirs = write_in(State.REVIEW, reviewer), write_in(State.REVIEW, other)
    client = sign_in(reviewer)
    page = act(client, "publish", mine, theirs, drawn=read_drawn(client))
    assert (find_state(mine), find_state(theirs)) == (State.REVIEW, State.PUBLISHED)
    assert f"Not changed: {mine} (In review). {CHANGED}" in page.text


def read_drawn(client: Client) -> str:
    """Return what a list says of its records as they are now."""
    page: Any = client.get(f"{address(Programme)}?state__exact=review")
    found = re.search(r'type="hidden" name="drawn" value="([^"]+)"', page.text)
    return found[1] if found else ""


def test_the_action_leaves_what_another_wrote_after_the_list_was_drawn(
    reviewer: User, other: User
) -> None:
    programme, client = write_in(State.REVIEW, other), sign_in(reviewer)
    drawn = read_drawn(client)
    change_as(other, programme, summary="Nobody has read this.")
    for told in (drawn, "", "crafted"):
        page = act(client, "publish", programme, drawn=told)
        assert "Somebody has changed this since the list was shown" in page.text
    assert find_state(programme) == State.REVIEW


def test_an_administrator_acts_alone_only_with_a_reason_that_everybody_can_read(
    client: Client,
) -> None:
    alone = make_person(Role.ADMINISTRATOR, "ada")
    programme = write_in(State.REVIEW, alone)
    mine = sign_in(alone)
    assert "say why you do it alone" in errors_on(save(mine, programme, {"state": "published"}))
    before = Edit.objects.count()
    save(mine, programme, {"reason_alone": "For nothing."})
    assert (find_state(programme), Edit.objects.count()) == (State.REVIEW, before)
    sent = {"state": "published", "reason_alone": "Nobody else is here in August."}
    assert save(mine, programme, sent).status_code == 302
    assert find_state(programme) == State.PUBLISHED
    told = "Without a second person: Nobody else is here in August."
    assert Edit.objects.latest("pk").reason == told
    assert told in client.get(f"{programme.get_absolute_url()}history/").text


def test_the_history_takes_the_longest_reasons_that_a_form_takes() -> None:
    alone = make_person(Role.ADMINISTRATOR, "ada")
    programme = write_in(State.REVIEW, alone)
    programme.kinds.clear()  # which is odd
    sent = {"state": "published", "reason_alone": "a" * 200, "_why": "b" * 250}
    assert save(sign_in(alone), programme, sent).status_code == 302
    told = Edit.objects.latest("pk").reason
    assert ("a" * 200 in told, "b" * 250 in told) == (True, True)


def test_a_reason_of_anybody_else_helps_nothing(reviewer: User) -> None:
    programme = write_in(State.REVIEW, reviewer)
    sent = {"state": "published", "reason_alone": "I am in a hurry."}
    assert save(sign_in(reviewer), programme, sent).status_code == 403


def test_without_four_eyes_a_reviewer_publishes_alone_and_the_page_about_us_says_so(
    reviewer: User, client: Client, settings: LazySettings
) -> None:
    assert "a second person does" in client.get("/about/").text
    settings.FOUR_EYES = False
    programme = write_in(State.REVIEW, reviewer)
    both = {"state": "published", "summary": "Mine."}
    assert save(sign_in(reviewer), programme, both).status_code == 302
    assert find_state(programme) == State.PUBLISHED
    assert "without a second person" in client.get("/about/").text


def test_a_difference_between_sources_is_not_changed_by_who_changed_the_record_last(
    reviewer: User, other: User
) -> None:
    record = write_as(other, state=State.PUBLISHED)
    point = make_discrepancy(record)
    for place in (1, 2):
        make_claim(point, position=place, source=make_source())
    refused = save(sign_in(other), point, {"note": "By Otto alone."})
    assert refused.status_code == 200
    assert "Your role is curator" in errors_on(refused)
    assert filled_in(refused)["note"] == "By Otto alone."
    assert save(sign_in(reviewer), point, {"note": "By Rita."}).status_code == 302
    assert CHANGED in errors_on(save(sign_in(reviewer), point, {"note": "By Rita again."}))
    point.refresh_from_db()
    assert point.note == "By Rita."
    assert sign_in(reviewer).get(address(point, "delete")).status_code == 403

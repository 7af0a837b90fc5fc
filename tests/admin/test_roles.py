"""Tests of what each role may do in the admin, in forms, in actions and in crafted posts."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from partnerships.models import Lineage
from programmes.models import Discrepancy, Programme, Source, Story, Unit
from stemobs.curation.accounts import check_accounts
from stemobs.curation.roles import Role, find_role, has_rights_by_hand
from tests.admin.curating import act
from tests.admin.forms import address, errors_on, filled_in, new_row, save
from tests.builders import make_discrepancy, make_lineage, make_source, make_suggestion
from tests.curation.people import State, find_state, make_person, sign_in, write_as

pytestmark = pytest.mark.django_db

CONTRIBUTOR, CURATOR, REVIEWER, ADMINISTRATOR = Role
TELLS_OWN_ROLE = "Your role is contributor: you can write drafts, and a reviewer publishes them."


# --- Contributors --------------------------------------------------------------------------------


def test_a_contributor_writes_a_draft_and_sends_it_to_review() -> None:
    client = sign_in(make_person(CONTRIBUTOR))
    page: Any = client.get(address(Programme, "add"))
    assert TELLS_OWN_ROLE in page.text
    new = {"name": "New", "slug": "new", "summary": "New.", "scope": "national"}
    assert client.post(address(Programme, "add"), {**filled_in(page), **new}).status_code == 302
    programme = Programme.objects.get(slug="new")
    act(client, "send_to_review", programme)
    assert find_state(programme) == State.REVIEW
    crafted: Any = save(client, programme, {"state": "published"})
    assert (crafted.status_code, find_state(programme)) == (403, State.REVIEW)
    assert TELLS_OWN_ROLE in crafted.text


@pytest.mark.parametrize("state", [State.DRAFT, State.PUBLISHED])
def test_a_contributor_changes_neither_what_others_wrote_nor_what_is_published(state: str) -> None:
    me = make_person(CONTRIBUTOR)
    programme = write_as(me if state == State.PUBLISHED else None, state=state, name="Before")
    client = sign_in(me)
    assert client.get(address(programme, "change")).status_code == 200
    crafted: Any = client.post(address(programme, "change"), {"name": "After"})
    assert crafted.status_code == 403
    assert TELLS_OWN_ROLE in crafted.text
    act(client, "send_to_review", programme)
    assert find_state(programme) == state
    assert programme.name == "Before"


def test_a_contributor_reaches_the_record_of_another_by_no_page_of_a_fact() -> None:
    mine = write_as(me := make_person(CONTRIBUTOR), state=State.DRAFT)
    theirs = write_as(None)
    client = sign_in(me)
    for row in (make_discrepancy(theirs), make_lineage(from_programme=theirs, to_text="This")):
        assert client.post(address(row, "change"), {}).status_code == 403
        assert client.post(address(row, "delete"), {"post": "yes"}).status_code == 403
    assert add_lineage(client, theirs).status_code == 403
    assert add_lineage(client, mine).status_code == 302
    assert not Lineage.objects.filter(from_programme=theirs, to_text="New").exists()
    rows = {
        "action": "delete_selected",
        "_selected_action": [*theirs.discrepancies.values_list("pk", flat=True)],
    }
    client.post(address(Discrepancy), {**rows, "post": "yes"})
    assert theirs.discrepancies.exists()


def add_lineage(client: Client, programme: Programme) -> Any:
    page = client.get(address(Lineage, "add"))
    new = {"from_programme": programme.pk, "relation": "inspired", "to_text": "New"}
    return client.post(address(Lineage, "add"), {**filled_in(page), **new})


# --- The matrix ----------------------------------------------------------------------------------


def add_source(client: Client) -> bool:
    page: Any = client.get(address(Source, "add"))
    if page.status_code != 200:
        return client.post(address(Source, "add"), {"title": "New"}).status_code != 403
    new = {"title": "New", "slug": "new", "kind": "page", "url": "https://new.example/"}
    return client.post(address(Source, "add"), {**filled_in(page), **new}).status_code == 302


def change_source(client: Client) -> bool:
    source = make_source()
    answer = client.post(address(source, "change"), {"title": "New"})
    return answer.status_code != 403


def write_about(client: Client) -> bool:
    """Change a draft of somebody else, with a figure."""
    programme = write_as(None, state=State.DRAFT)
    page: Any = client.get(address(programme, "change"))
    unit: Any = Unit.objects.first()
    fact = new_row("reach", 0, qualifier="about", value="9", unit=unit.pk)
    data = filled_in(page) if page.context["seen"] else {}
    client.post(address(programme, "change"), {**data, **fact})
    return programme.reach.exists()


def advance(client: Client, state: str, sent: dict[str, str]) -> bool:
    """Send another state for a record of somebody else; tell whether it was taken."""
    reason = "Made twice." if state == State.WITHDRAWN else ""
    programme = write_as(None, state=state, withdrawn_reason=reason)
    data = filled_in(client.get(address(programme, "change")))
    answer = client.post(address(programme, "change"), {**data, **sent})
    is_done = find_state(programme) == sent["state"]
    assert answer.status_code == (302 if is_done else 403)
    return is_done


def publish_by_action(client: Client) -> bool:
    programme = write_as(None, state=State.REVIEW)
    act(client, "publish", programme)
    return find_state(programme) == State.PUBLISHED


def delete_draft(client: Client) -> bool:
    programme = write_as(None, state=State.DRAFT)
    return client.get(address(programme, "delete")).status_code == 200


ACTIONS: dict[str, tuple[set[Role], Any]] = {
    "add a source": ({*Role}, add_source),
    "change a source": ({CURATOR, REVIEWER, ADMINISTRATOR}, change_source),
    "change a draft of another": ({CURATOR, REVIEWER, ADMINISTRATOR}, write_about),
    "answer a suggestion": (
        {CURATOR, REVIEWER, ADMINISTRATOR},
        lambda client: client.post(address(make_suggestion(), "change"), {}).status_code != 403,
    ),
    "publish": (
        {REVIEWER, ADMINISTRATOR},
        lambda client: advance(client, State.REVIEW, {"state": "published"}),
    ),
    "withdraw": (
        {REVIEWER, ADMINISTRATOR},
        lambda client: advance(
            client, State.PUBLISHED, {"state": "withdrawn", "withdrawn_reason": "Made twice."}
        ),
    ),
    "restore": (
        {REVIEWER, ADMINISTRATOR},
        lambda client: advance(
            client, State.WITHDRAWN, {"state": "published", "_why": "It was no twin."}
        ),
    ),
    "publish by the list": ({REVIEWER, ADMINISTRATOR}, publish_by_action),
    "delete a draft": ({REVIEWER, ADMINISTRATOR}, delete_draft),
    "write a story": (
        {REVIEWER, ADMINISTRATOR},
        lambda client: client.get(address(Story, "add")).status_code == 200,
    ),
    "change a word list": (
        {ADMINISTRATOR},
        lambda client: client.get(address(Unit, "add")).status_code == 200,
    ),
    "look after people": (
        {ADMINISTRATOR},
        lambda client: client.get(address(User)).status_code == 200,
    ),
}


@pytest.mark.trial
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", ACTIONS)
def test_each_role_may_do_what_is_said_of_it_and_nothing_else(action: str, role: Role) -> None:
    allowed, do = ACTIONS[action]
    assert do(sign_in(make_person(role))) is (role in allowed)


QUICK = {
    "change a source", "answer a suggestion", "publish by the list", "delete a draft",
    "write a story", "change a word list", "look after people",
}  # fmt: skip


@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_on_lists_and_small_pages_what_is_said_of_it(role: Role) -> None:
    client = sign_in(make_person(role))
    may = {action for action in QUICK if ACTIONS[action][1](client)}
    assert may == {action for action in QUICK if role in ACTIONS[action][0]}


def test_a_crafted_post_of_a_curator_publishes_nothing() -> None:
    client = sign_in(make_person(CURATOR))
    programme = write_as(None, state=State.REVIEW)
    crafted: Any = save(client, programme, {"state": "published"})
    assert (crafted.status_code, find_state(programme)) == (403, State.REVIEW)
    assert "Your role is curator" in crafted.text
    listed: Any = client.post(
        address(Programme), {"action": "publish", "_selected_action": [programme.pk]}
    )
    assert (listed.status_code, find_state(programme)) == (403, State.REVIEW)


# --- Giving roles --------------------------------------------------------------------------------


def test_a_role_is_chosen_by_one_radio_in_place_of_what_was_given_by_hand(
    admin_client: Client,
) -> None:
    user = User.objects.create(username="old", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="change_programme"))
    page: Any = admin_client.get(address(user, "change"))
    assert page.text.count('type="radio"') == len(Role) + 2
    assert page.context["adminform"].form.initial["role"] == "by-hand"
    assert save(admin_client, user, {"last_name": "Old"}).status_code == 302
    assert has_rights_by_hand(user)
    assert save(admin_client, user, {"role": "reviewer"}).status_code == 302
    user = User.objects.get(pk=user.pk)
    assert find_role(user) is REVIEWER
    assert not has_rights_by_hand(user)


def test_permissions_beside_a_role_are_named_on_the_page_and_by_the_check(
    admin_client: Client,
) -> None:
    told = "permissions outside its role"
    user = make_person(CURATOR)
    assert told not in admin_client.get(address(user, "change")).text
    assert check_accounts(databases=["default"]) == []
    user.user_permissions.add(Permission.objects.get(codename="delete_source"))
    assert told in admin_client.get(address(user, "change")).text
    (found,) = check_accounts(databases=["default"])
    assert found.msg.endswith(f"given by hand: 1 ({user.username}).")


def test_the_only_administrator_stays_one(admin_client: Client, admin_user: User) -> None:
    User.objects.exclude(pk=admin_user.pk).update(is_superuser=False)
    told = "This is the only administrator."
    assert told in errors_on(save(admin_client, admin_user, {"role": "curator"}))
    assert admin_client.get(address(admin_user, "delete")).status_code == 403
    make_person(ADMINISTRATOR)
    assert save(admin_client, admin_user, {"role": "curator"}).status_code == 302
    assert not User.objects.get(pk=admin_user.pk).is_superuser


def test_somebody_new_is_added_with_a_role_and_may_begin(admin_client: Client) -> None:
    page: Any = admin_client.get(address(User, "add"))
    password = "forty-two grey herons"
    typed = {**filled_in(page), "username": "nora", "password1": password, "password2": password}
    refused = admin_client.post(address(User, "add"), typed)
    assert [(one.anchor, one.text) for one in refused.context["problems"]] == [
        ("id_role", "Role: Nothing is chosen here yet. Choose one.")
    ]
    assert admin_client.post(address(User, "add"), {**typed, "role": "curator"}).status_code == 302
    nora = User.objects.get(username="nora")
    assert find_role(nora) is Role.CURATOR
    assert nora.is_staff
    # Her page says that there is a password, and not which digest it has.
    shown = admin_client.get(address(nora, "change")).text
    assert "A password is set." in shown
    assert nora.password not in shown
    assert nora.password.partition("$")[0] not in shown

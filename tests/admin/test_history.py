"""What curators write is kept in the history as edits of theirs, whichever way they take."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from programmes.models import Edit, Programme, Source, Unit, Version
from stemobs.catalogue.history import Owner, read_rows_at
from tests.admin.curating import State, act, make_complete_programme
from tests.admin.forms import address, delete, filled_in, save
from tests.builders import make_programme, make_reach, make_ready, make_source
from tests.catalogue.marks import begin_another_transaction, number
from tests.catalogue.past import keep_versions

pytestmark = pytest.mark.django_db


def find_edit(versions: list[Version], user: User) -> Edit:
    """Return the one edit of all versions; fail unless it is one of this user."""
    (made,) = {one.edit for one in versions}
    assert (made.kind, made.user, made.revision) == (Edit.Kind.CURATOR, user, number())
    return made


def test_a_form_with_its_facts_is_one_edit(admin_client: Client, admin_user: User) -> None:
    programme = make_complete_programme(name="Before")
    at, owner = number(), Owner("programme", programme.pk)
    changes = {"name": "After", "reach-0-note": "After", "names-0-DELETE": "on"}
    versions = keep_versions(lambda: save(admin_client, programme, changes))
    find_edit(versions, admin_user)
    assert {(one.model, one.operation) for one in versions} == {
        ("programmes.programme", "U"), ("programmes.reach", "U"), ("programmes.programmename", "D"),
    }  # fmt: skip
    assert read_rows_at(Programme, at, owner)[programme.pk]["name"] == "Before"


def add_a_unit(client: Client, _row: Programme) -> None:
    page: Any = client.get(address(Unit, "add"))
    client.post(address(Unit, "add"), {**filled_in(page), "name": "Boats", "slug": "boats"})


WAYS: dict[str, Callable[[Client, Programme], object]] = {
    "adding": add_a_unit,
    "deleting": delete,
    "publishing": lambda client, row: act(client, "publish", row),
    "withdrawing": lambda client, row: save(
        client, row, {"state": "withdrawn", "withdrawn_reason": "Made twice."}
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_whatever_a_curator_does_is_an_edit_of_theirs(
    admin_client: Client, admin_user: User, way: str
) -> None:
    state = State.PUBLISHED if way == "withdrawing" else State.DRAFT
    programme = make_ready(state=state)
    find_edit(keep_versions(lambda: WAYS[way](admin_client, programme)), admin_user)


def test_deleting_chosen_rows_is_one_edit(admin_client: Client, admin_user: User) -> None:
    sources = [make_source().pk, make_source().pk]
    data = {"action": "delete_selected", "_selected_action": sources, "post": "yes"}

    versions = keep_versions(lambda: admin_client.post(address(Source), data))
    find_edit(versions, admin_user)
    assert {one.object_id for one in versions} == set(sources)


def test_a_form_that_changes_nothing_or_is_refused_leaves_no_edit(admin_client: Client) -> None:
    programme = make_programme()
    edits = Edit.objects.count()
    assert save(admin_client, programme, {}).status_code == 302
    assert save(admin_client, programme, {"name": ""}).status_code == 200
    assert Edit.objects.count() == edits


def test_accounts_are_no_part_of_the_history(admin_client: Client) -> None:
    user = User.objects.create_user("leaving")
    edits = Edit.objects.count()
    delete(admin_client, user)
    assert not User.objects.filter(username="leaving").exists()
    assert Edit.objects.count() == edits


@pytest.mark.once
def test_the_list_of_edits_says_what_each_changed_and_in_which_figure(
    admin_client: Client, django_assert_max_num_queries: Any
) -> None:
    programme = make_ready(state=State.PUBLISHED)
    for number_of_figure in range(2):
        make_reach(programme, 40 + number_of_figure, period="2019", source=make_source())
    begin_another_transaction()
    save(admin_client, programme, {"summary": "Shows rocks.", "reach-1-note": "Girls."})
    begin_another_transaction()
    save(admin_client, programme, {"reach-0-retracted_because": "Of another school."})
    with django_assert_max_num_queries(40):
        page = admin_client.get(address(programme, "history"))
    last, first, *_older = [what for _edit, what in page.context["edits"]]
    assert last == "Changed: Reach figure, 40 students, 2019"
    assert first == "Summary; Changed: Reach figure, 41 students, 2019"

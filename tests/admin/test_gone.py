"""A record that is deleted while its form is open: what was typed is shown, and can be added."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.html import escape

from programmes.models import Programme
from tests.admin.forms import Open, address, delete, errors_on, filled_in, new_row
from tests.builders import make_name, make_programme, make_reach, make_strategy

pytestmark = [pytest.mark.django_db, pytest.mark.once]

LONG = "A <b>text</b> of many words. " * 20


def send(form: Open, changes: dict[str, Any]) -> Any:
    return form.client.post(form.address, {**form.data, **changes})


def read_notes(page: Any) -> list[tuple[str, str, str]]:
    return [tuple(note) for note in page.context["typed"].notes]


def test_what_was_typed_is_shown_and_can_be_added_as_a_new_record(
    admin_client: Client, admin_user: User
) -> None:
    programme = make_programme(name="First", state="draft", summary="Before.", region="")
    make_name(programme, "Alias")
    reach = make_reach(programme, 100)
    make_reach(programme, 5)
    mine = Open(admin_client, programme)
    delete(admin_client, programme)
    page = send(mine, {
        "summary": LONG, "reach-0-value": "200", "reach-1-DELETE": "on",
        **new_row("names", 1, name="Other", kind="alias"),
    })  # fmt: skip
    assert page.status_code == 409
    html = page.content.decode()
    assert "You, in another window, deleted “First” while you had its form open." in html
    assert escape(LONG.strip()) in html
    labels = [label for label, _was, _now in read_notes(page)]
    assert labels == ["Summary", "Reach figure", "Name"]
    assert not Programme.objects.filter(name="First").exists()

    again: dict[str, list[str]] = {}
    for name, value in page.context["sent_again"]:
        again.setdefault(name, []).append(value)
    added = admin_client.post(address(Programme, "add"), again)
    assert added.status_code == 302, errors_on(added)
    made = Programme.objects.get(name="First")
    assert (made.summary, made.slug) == (LONG.strip(), programme.slug)
    assert {one.name for one in made.names.all()} == {"Alias", "Other"}
    assert [(one.value, one.unit) for one in made.reach.all()] == [(200, reach.unit)]


def test_who_may_not_add_records_can_still_copy_the_text(curator: Client) -> None:
    programme = make_programme()
    mine = Open(curator, programme)
    Programme.objects.filter(pk=programme.pk).delete()
    page = send(mine, {"summary": "Mine."})
    assert page.status_code == 409
    html = page.content.decode()
    assert "This record is no longer there." in html
    assert "Mine." in html
    assert "Add as a new record" not in html


def test_a_deleted_account_cannot_be_added_from_its_form(admin_client: Client) -> None:
    user = User.objects.create_user("leaving", is_staff=True)
    mine = Open(admin_client, user)
    delete(admin_client, user)
    page = send(mine, {"first_name": "Office"})
    assert read_notes(page) == [("First name", "empty", "Office")]
    assert "Add as a new record" not in page.content.decode()


def test_who_typed_nothing_is_only_told_that_the_record_is_gone(admin_client: Client) -> None:
    strategy = make_strategy()
    mine = Open(admin_client, strategy)
    delete(admin_client, strategy)
    assert send(mine, {}).status_code == 302


def test_the_text_is_shown_even_if_the_form_came_without_its_version(admin_client: Client) -> None:
    strategy = make_strategy()
    page = admin_client.get(address(strategy, "change"))
    delete(admin_client, strategy)
    sent = {**filled_in(page), "_seen": "", "summary": "Mine."}
    answer: Any = admin_client.post(address(strategy, "change"), sent)
    assert ("Summary", "empty", "Mine.") in read_notes(answer)

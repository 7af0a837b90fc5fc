"""A form of a new row that is sent twice adds one row, and leads to it."""

from typing import Any

import pytest
from django.test import Client

from partnerships.models import Organisation
from programmes.models import Programme, Source
from tests.admin.forms import address, errors_on, filled_in

pytestmark = [pytest.mark.django_db, pytest.mark.once]

NEW: dict[Any, dict[str, Any]] = {
    Programme: {"name": "Sent twice", "summary": "New.", "scope": "national"},
    Source: {"title": "Sent twice", "slug": "sent-twice", "publisher": "One", "kind": "page"},
    Organisation: {"name": "Sent twice", "slug": "sent-twice", "type": "company"},
}
TOLD = "You sent this form twice. It added “Sent twice” once, and here it is."


def fill_in(client: Client, model: Any) -> dict[str, Any]:
    page = client.get(address(model, "add"))
    return {**filled_in(page), **NEW[model], "_save": "Save"}


@pytest.mark.parametrize("model", NEW)
def test_the_same_form_sent_again_leads_to_what_it_has_added(
    admin_client: Client, model: Any
) -> None:
    before, form = model.objects.count(), fill_in(admin_client, model)
    assert admin_client.post(address(model, "add"), form).status_code == 302
    again = admin_client.post(address(model, "add"), {**form, "_save": "", "_continue": "Yes"})
    assert model.objects.count() == before + 1
    added = model.objects.get(slug="sent-twice")
    assert again.headers["Location"] == address(added, "change")
    assert TOLD in admin_client.get(again.headers["Location"]).text
    assert "Added" in admin_client.get(address(added, "history")).text


def test_lines_that_became_sources_are_the_same_form_too(admin_client: Client) -> None:
    form = fill_in(admin_client, Programme)
    form["_lines-citations"] = "https://example.org/twice A page"
    for _time in range(2):
        assert admin_client.post(address(Programme, "add"), form).status_code == 302
    assert Programme.objects.filter(name="Sent twice").count() == 1
    assert Source.objects.filter(url="https://example.org/twice").count() == 1


def test_a_form_that_was_changed_in_between_asks_before_it_adds_another_of_the_name(
    admin_client: Client,
) -> None:
    form = fill_in(admin_client, Programme)
    admin_client.post(address(Programme, "add"), form)
    form["summary"] = "Changed."
    refused = admin_client.post(address(Programme, "add"), form)
    assert "You have added a record of this name already" in errors_on(refused)
    form["slug"] = "another"
    assert admin_client.post(address(Programme, "add"), form).status_code == 302
    assert Programme.objects.filter(name="Sent twice").count() == 2


def test_what_was_deleted_meanwhile_is_added_again(admin_client: Client) -> None:
    form = fill_in(admin_client, Programme)
    admin_client.post(address(Programme, "add"), form)
    Programme.objects.filter(name="Sent twice").delete()
    admin_client.post(address(Programme, "add"), form)
    assert Programme.objects.filter(name="Sent twice").count() == 1


def test_a_picker_is_given_the_source_that_its_window_has_added_already(
    admin_client: Client,
) -> None:
    form = {**fill_in(admin_client, Source), "_popup": "1"}
    for _time in range(2):
        page = admin_client.post(address(Source, "add"), form)
        assert page.status_code == 200
        assert str(Source.objects.get(slug="sent-twice").pk) in page.text

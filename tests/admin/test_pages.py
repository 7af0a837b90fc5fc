"""Tests of all pages of the admin: they answer, label their fields, and check permissions."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from partnerships.models import Lineage, Organisation
from programmes.models import (
    BulkChange,
    ChangeDraft,
    Discrepancy,
    Programme,
    ProposedMerger,
    Revision,
    SeededRow,
    Source,
    Story,
    Suggestion,
    Task,
    WebLink,
)
from tests.admin.curating import (
    REGISTERED,
    State,
    act,
    make_complete_programme,
)
from tests.admin.forms import address, errors_on, save
from tests.builders import (
    make_programme,
    make_reach,
    make_suggestion,
    make_task,
)

pytestmark = [pytest.mark.django_db, pytest.mark.once]

# The models whose rows have a form of their own in which they are written.
WRITTEN = [model for model in REGISTERED if model is not ChangeDraft]


# --- Every page -----------------------------------------------------------------------------------


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.model_name)
def test_every_list_and_form_of_the_admin_answers_200(admin_client: Client, model: Any) -> None:
    make_complete_programme()
    row = model.objects.first() or make_row(model)
    for page in (address(model), address(row, "change")):
        assert admin_client.get(page, follow=True).status_code == 200
    # Readers make suggestions, on a page of their own. Drafts are written in forms of records, the
    # check of links writes links, and looks open tasks. Bulk changes begin in the list of records.
    added = admin_client.get(address(model, "add")).status_code
    not_added = (BulkChange, ChangeDraft, ProposedMerger, Suggestion, Task, WebLink)
    assert added == (403 if model in not_added else 200)


def make_row(model: Any) -> Any:
    if model is ChangeDraft:
        return model.objects.create(programme=Programme.objects.first(), form={}, opened={})
    if model is Task:
        return make_task()
    if model is BulkChange:
        return model.objects.create(state=BulkChange.State.DONE)
    if model is ProposedMerger:
        return model.objects.create(model="programmes.source", goes=1, stays=2)
    return model.objects.create()


@pytest.mark.parametrize("model", WRITTEN, ids=lambda model: model._meta.model_name)
def test_a_form_saved_without_changes_writes_nothing(admin_client: Client, model: Any) -> None:
    make_complete_programme()
    row = model.objects.order_by("pk").last()
    before = Revision.objects.get()
    response = save(admin_client, row, {})
    assert response.status_code == 302, errors_on(response)
    assert Revision.objects.values_list("number", "changed_at").get() == (
        before.number,
        before.changed_at,
    )
    assert not LogEntry.objects.exists()


def test_the_index_page_begins_with_programmes_and_says_how_much_waits(
    admin_client: Client,
) -> None:
    for state in (State.REVIEW, State.REVIEW, State.DRAFT):
        make_programme(state=state)
    make_suggestion(make_programme())
    page = admin_client.get(reverse("admin:index"))
    assert page.status_code == 200
    html = page.content.decode()
    assert f"{address(Programme)}?verified=due" in html
    for told in ("Waiting for review <strong>2<", "Drafts <strong>1<", "suggestions <strong>1<"):
        assert told in html
    places = [html.index(f'"{address(model, "add")}"') for model in (Programme, Organisation)]
    assert places == sorted(places)


def test_times_are_told_by_24_hours(admin_client: Client) -> None:
    programme = make_programme(state=State.DRAFT)
    assert save(admin_client, programme, {"summary": "Changed."}).status_code == 302
    LogEntry.objects.update(action_time=datetime(2026, 11, 29, 13, 5, tzinfo=UTC))
    page = admin_client.get(address(programme, "history")).content.decode()
    assert "29 Nov 2026, 13:05" in page
    assert "p.m." not in page


@pytest.mark.parametrize("model", WRITTEN, ids=lambda model: model._meta.model_name)
def test_forms_of_records_without_drafts_warn_that_they_are_public_at_once(
    admin_client: Client, model: Any
) -> None:
    form = admin_client.get(f"{address(model)}add/").text
    told = "What you save here is public at once" in form
    hidden = {Programme, Discrepancy, Lineage, Story, Suggestion, Source, Organisation}
    assert told is (model not in hidden)


def test_seeded_rows_are_not_in_the_admin() -> None:
    assert not admin.site.is_registered(SeededRow)


@pytest.mark.parametrize("page", ["changelist", "add", "change"])
def test_admin_pages_have_no_inline_styles_or_scripts(admin_client: Client, page: str) -> None:
    row = make_complete_programme() if page == "change" else Programme
    html = admin_client.get(address(row, page)).content.decode()
    assert "<style" not in html
    assert " style=" not in html
    assert "<script>" not in html
    assert "onclick=" not in html


def test_fields_in_inline_tables_have_an_aria_label(admin_client: Client) -> None:
    programme = make_complete_programme()
    html = admin_client.get(address(programme, "change")).content.decode()
    for name in ("Organisation", "Role", "Evidence", "Delete"):
        assert f'aria-label="{name}"' in html


# --- Permissions ----------------------------------------------------------------------------------


def test_staff_without_permissions_get_a_403(client: Client) -> None:
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    programme = make_programme()
    for page in (address(Programme), address(Programme, "add"), address(programme, "change")):
        assert client.get(page).status_code == 403
    assert client.post(address(programme, "change"), {"name": "Mine"}).status_code == 403


def test_a_curator_can_change_only_what_the_permissions_allow(curator: Client) -> None:
    programme = make_programme(state=State.DRAFT)
    reach = make_reach(programme)
    assert curator.get(address(programme, "change")).status_code == 200
    assert curator.get(address(Programme, "add")).status_code == 403
    assert curator.get(address(programme, "delete")).status_code == 403
    assert curator.get(address(Source)).status_code == 403
    forged = {"reach-0-id": reach.pk, "reach-0-value": "9", "reach-TOTAL_FORMS": 1}
    assert save(curator, programme, {"name": "Changed", **forged}).status_code == 302
    reach.refresh_from_db()
    assert reach.value == 100


def test_a_user_with_view_permission_only_cannot_run_actions(client: Client) -> None:
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_programme"))
    client.force_login(user)
    programme = make_programme(state=State.DRAFT)
    act(client, "publish", programme)
    programme.refresh_from_db()
    assert programme.state == State.DRAFT
    assert client.get(address(programme, "change")).status_code == 200


def test_an_anonymous_visitor_is_redirected_to_the_login(client: Client) -> None:
    page = client.get(address(Programme))
    assert page.status_code == 302
    assert page["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize("name", ["logo.svg", "logo.png"])
def test_a_logo_that_is_no_picture_is_refused(admin_client: Client, name: str) -> None:
    programme = make_programme()
    file = SimpleUploadedFile(name, b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    errors = errors_on(save(admin_client, programme, {"logo": file, "logo_alt": "A logo"}))
    assert "logo" in errors
    programme.refresh_from_db()
    assert not programme.logo

"""Imports: a second person opens the drafts of a batch, and approves or returns them."""

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from programmes.models import ChangeDraft, Import, Programme
from tests.admin.drafting import read_messages
from tests.admin.forms import address
from tests.admin.importing.walking import decide, find_step, make_drafts, open_row
from tests.builders import country, make_publishable
from tests.curation.people import State, change_as, write_as

pytestmark = pytest.mark.django_db

NEW = "Other Days;Slovakia;https://other-days.example;Other Foundation;500;2022"
CHANGED = "Robot Days;Poland;https://robot-days.example;;;"


@pytest.fixture(autouse=True)
def _four_eyes(settings: LazySettings) -> None:
    settings.FOUR_EYES = True


@pytest.fixture
def record(db: None) -> Programme:
    made = write_as(None, state=State.PUBLISHED, name="Robot Days", summary="Before.")
    made.countries.set([country("PL")])
    return made


def finish(programme: Programme) -> None:
    """Write what a file does not say, so that the record can be published."""
    Programme.objects.filter(pk=programme.pk).update(summary="Lets pupils build robots.")
    programme.refresh_from_db()
    make_publishable(programme)


def test_a_second_person_approves_what_they_have_opened(
    client_of_anna: Client, client_of_rita: Client, record: Programme
) -> None:
    sheet = make_drafts(client_of_anna, NEW, CHANGED)
    made = Programme.objects.get(name="Other Days")
    finish(made)
    new, changed = sheet.rows.all()
    open_row(client_of_rita, new)
    open_row(client_of_rita, changed)
    decide(client_of_rita, sheet, "_approve", new, changed)
    made.refresh_from_db()
    record.refresh_from_db()
    assert (made.state, record.website) == (State.PUBLISHED, "https://robot-days.example")
    sheet.refresh_from_db()
    assert sheet.state == Import.State.DECIDED


@pytest.mark.once
def test_what_was_not_opened_is_not_approved(
    client_of_anna: Client, client_of_rita: Client, record: Programme
) -> None:
    sheet = make_drafts(client_of_anna, CHANGED)
    response = decide(client_of_rita, sheet, "_approve", *sheet.rows.all())
    assert "because you have not opened it as it is now: Robot Days" in read_messages(response)
    assert ChangeDraft.objects.get().is_open


@pytest.mark.once
def test_what_was_changed_after_it_was_opened_has_to_be_opened_again(
    client_of_anna: Client, client_of_rita: Client, anna: User
) -> None:
    sheet = make_drafts(client_of_anna, NEW)
    made = sheet.rows.get().programme
    finish(made)
    (row,) = sheet.rows.all()
    open_row(client_of_rita, row)
    change_as(anna, made, region="Košice")
    decide(client_of_rita, sheet, "_approve", row)
    made.refresh_from_db()
    assert made.state == State.DRAFT


@pytest.mark.once
def test_who_imported_cannot_approve(client_of_anna: Client, anna: User) -> None:
    sheet = make_drafts(client_of_anna, NEW)
    (row,) = sheet.rows.all()
    led = open_row(client_of_anna, row)["Location"]
    # From what came of a row, somebody finds the way back, and is told what is left to do.
    assert find_step(sheet, "batch") in client_of_anna.get(led).text
    told = client_of_anna.get(find_step(sheet, "batch")).text
    assert "A reviewer approves these drafts." in told
    assert 'type="checkbox"' not in told
    assert decide(client_of_anna, sheet, "_approve", row).status_code == 403


@pytest.mark.once
def test_a_new_record_that_lacks_what_readers_need_is_not_published(
    client_of_anna: Client, client_of_rita: Client
) -> None:
    sheet = make_drafts(client_of_anna, NEW)
    (row,) = sheet.rows.all()
    open_row(client_of_rita, row)
    page = client_of_rita.get(find_step(sheet, "batch"))
    assert "Summary: This is still empty. Fill it in." in page.context["rows"][0].faults
    decide(client_of_rita, sheet, "_approve", row)
    row.programme.refresh_from_db()
    assert row.programme.state == State.DRAFT


@pytest.mark.once
def test_a_return_needs_a_comment_which_stands_beside_the_draft(
    client_of_anna: Client, client_of_rita: Client, record: Programme
) -> None:
    sheet = make_drafts(client_of_anna, CHANGED, NEW)
    row, new = sheet.rows.all()
    for one in (row, new):
        open_row(client_of_rita, one)
    refused = decide(client_of_rita, sheet, "_return", row)
    assert "Say in a sentence why you return it." in read_messages(refused)
    decide(client_of_rita, sheet, "_return", row, new, comment="Their address is dead.")
    assert ChangeDraft.objects.get().state == ChangeDraft.State.RETURNED
    desk = client_of_anna.get(reverse("admin:index")).context["desk"]
    said = {(one.what, one.name, one.said) for one in desk.returned}
    told = "Their address is dead."
    assert said == {("draft", "Robot Days", told), ("record", "Other Days", told)}
    # A new record that is sent to review leaves the desk, until it is returned once more.
    client_of_anna.post(
        address(Programme),
        {"action": "send_to_review", "_selected_action": [new.programme_id]},
    )
    desk = client_of_anna.get(reverse("admin:index")).context["desk"]
    assert [one.name for one in desk.returned] == ["Robot Days"]
    decide(client_of_rita, sheet, "_return", new, comment="Still dead.")
    desk = client_of_anna.get(reverse("admin:index")).context["desk"]
    assert ("Other Days", "Still dead.") in {(one.name, one.said) for one in desk.returned}
    for page in (find_step(sheet, "batch"), address(new.programme, "change")):
        assert "Still dead." in client_of_anna.get(page).text


@pytest.mark.once
def test_without_four_eyes_a_change_waits_all_the_same_and_its_importer_may_approve_it(
    client_of_rita: Client, record: Programme, settings: LazySettings
) -> None:
    settings.FOUR_EYES = False
    sheet = make_drafts(client_of_rita, CHANGED)
    record.refresh_from_db()
    assert record.website == ""
    (row,) = sheet.rows.all()
    open_row(client_of_rita, row)
    decide(client_of_rita, sheet, "_approve", row)
    record.refresh_from_db()
    assert record.website == "https://robot-days.example"

"""How the admin saves: nothing where nothing was changed, and never over another's work."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from programmes.models import Audience, Revision, SeededRow, Source
from stemobs.dumps.seed import digest_row
from tests.admin.curating import make_complete_programme
from tests.admin.forms import Open, address, delete, errors_on, filled_in, new_row, save
from tests.builders import (
    country,
    make_citation,
    make_evaluation,
    make_organisation,
    make_programme,
    make_reach,
    make_source,
)

TEXTS = {
    "summary": "One.\n\nTwo.\nThree.",
    "description": "A naïve Béta.\n\nB.",
    "objectives": "First\nSecond",
    "activities": "Third\nFourth",
}


def send_as_browsers_do(client: Client, row: Any, change: Any = str) -> HttpResponse:
    """Request a form and send every text of it with the line breaks that browsers use."""
    page: Any = client.get(address(row, "change"))
    data = {
        name: change(value.replace("\n", "\r\n")) if isinstance(value, str) else value
        for name, value in filled_in(page).items()
    }
    return client.post(address(row, "change"), data)


def read_revision() -> int:
    return Revision.objects.get().number


class TestNothingChanged:
    """A save without a change moves no revision, no time and no log."""

    @pytest.mark.parametrize(
        "change",
        [
            str,
            lambda text: text.replace("\r\n", "\r"),
            lambda text: text.replace("\r\n", " \r\n"),
            lambda text: text.replace("é", "e\u0301").replace("ï", "i\u0308"),
            lambda text: text if text.isdigit() or "-" in text else f"{text}\u200b",
        ],
        ids=["CRLF", "CR", "blanks", "NFD", "zero-width"],
    )
    def test_texts_that_only_look_otherwise_to_a_computer_are_no_change(
        self, admin_client: Client, change: Any
    ) -> None:
        programme = make_complete_programme(**TEXTS)
        SeededRow.objects.create(
            model="programmes.programme", key="mine", object_id=programme.pk, fixture_digest="",
            row_digest=digest_row(programme),
        )  # fmt: skip
        before, changed_at = read_revision(), programme.changed_at

        def change_texts(text: str) -> str:
            return change(text) if "\r" in text else text

        response = send_as_browsers_do(admin_client, programme, change_texts)
        assert response.status_code == 302, errors_on(response)
        programme.refresh_from_db()
        assert (read_revision(), programme.changed_at) == (before, changed_at)
        assert not LogEntry.objects.exists()
        assert SeededRow.objects.get(key="mine").row_digest == digest_row(programme)

    @pytest.mark.parametrize("button", ["_save", "_continue", "_addanother"])
    def test_it_is_said_that_nothing_was_saved(self, admin_client: Client, button: str) -> None:
        source = make_source()
        told = save(admin_client, source, {button: "Save"})
        assert list(map(str, get_messages(told.wsgi_request))) == [
            "Nothing was changed, so nothing was saved."
        ]
        told = save(admin_client, source, {button: "Save", "title": "Another"})
        assert "was changed successfully" in str(*get_messages(told.wsgi_request))

    def test_other_ways_to_write_a_number_are_no_change(self, admin_client: Client) -> None:
        programme = make_programme()
        reach = make_reach(programme, "4500")
        before = read_revision()
        assert save(admin_client, programme, {"reach-0-value": "4500.00"}).status_code == 302
        assert read_revision() == before
        assert reach.value == 4500

    def test_an_address_whose_empty_end_a_form_would_drop_is_no_change(
        self, admin_client: Client
    ) -> None:
        source = make_source(url="https://example.org/a?#")
        before = read_revision()
        assert save(admin_client, source, {}).status_code == 302
        assert read_revision() == before

    def test_a_user_saved_without_a_change_is_not_logged(self, admin_client: Client) -> None:
        user = User.objects.create_user("other", is_staff=True)
        page: Any = admin_client.get(address(user, "change"))
        form = page.context["adminform"].form
        data = {
            name: form[name].value() for name in form.fields
            if form[name].value() not in (None, False, []) and name != "date_joined"
        }  # fmt: skip
        joined = user.date_joined
        data["_seen"] = page.context["seen"]
        data |= {"date_joined_0": f"{joined:%Y-%m-%d}", "date_joined_1": f"{joined:%H:%M:%S}"}
        response = admin_client.post(address(user, "change"), data)
        assert response.status_code == 302, response.context["adminform"].form.errors


def test_a_change_of_a_fact_alone_moves_the_time_of_its_programme(admin_client: Client) -> None:
    programme = make_programme()
    make_evaluation(programme, finding="Old.")
    before = programme.changed_at
    assert save(admin_client, programme, {"evaluations-0-finding": "New."}).status_code == 302
    programme.refresh_from_db()
    assert programme.changed_at > before
    assert LogEntry.objects.count() == 1


def test_what_is_typed_is_stored_clean(admin_client: Client) -> None:
    programme = make_programme()
    typed = {"name": "\u200bA na\u00adme ", "description": "One.\r\n\r\nTwo. \r\n"}
    row = new_row("names", 0, name="\ufeffOther", kind="alias")
    assert save(admin_client, programme, typed | row).status_code == 302
    programme.refresh_from_db()
    assert (programme.name, programme.description) == ("A name", "One.\n\nTwo.")
    assert programme.names.get().name == "Other"


# --- The version that a form was opened with ------------------------------------------------------


@pytest.mark.parametrize("seen", [None, "", "x", "0" * 64, "\ufffd"])
def test_a_form_without_its_version_is_refused_and_keeps_the_text(
    admin_client: Client, seen: str | None
) -> None:
    programme = make_programme(summary="Before.")
    mine = Open(admin_client, programme)
    mine.data.pop("_seen")
    sent = {"summary": "My <text>."} if seen is None else {"summary": "My <text>.", "_seen": seen}
    response = mine.send(sent)
    assert response.status_code == 409
    assert "Not saved: this form came without what it was opened with" in errors_on(response)
    assert escape("My <text>.") in response.content.decode()
    assert "Before." in str(response.context["adminform"].form.errors["summary"])
    programme.refresh_from_db()
    assert programme.summary == "Before."
    assert mine.answer("mine").status_code == 302
    programme.refresh_from_db()
    assert programme.summary == "My <text>."


def test_a_form_without_its_version_is_asked_only_about_what_differs(admin_client: Client) -> None:
    programme = make_complete_programme(summary="Before.", state="draft")
    make_citation(programme, source=make_source())
    mine = Open(admin_client, programme)
    mine.data["_seen"] = ""
    reach = programme.reach.get()
    response = mine.send({"reach-0-value": "7", "citations-0-DELETE": "on", "region": "Delft"})
    names = {question.name for question in response.context["merge"].questions}
    assert names == {"region", "reach-0", "citations-0"}
    assert mine.answer("mine").status_code == 302
    reach.refresh_from_db()
    assert (reach.value, programme.citations.count()) == (7, 1)


def test_the_version_of_another_row_is_refused(admin_client: Client) -> None:
    programme, other = make_programme(), make_programme()
    foreign = admin_client.get(address(other, "change")).context["seen"]
    assert "Not saved" in errors_on(save(admin_client, programme, {"_seen": foreign}))


@pytest.mark.parametrize("more", [{}, {"_saveasnew": "1"}, {"_continue": "1"}, {"_popup": "1"}])
def test_no_button_saves_without_the_version(admin_client: Client, more: dict[str, str]) -> None:
    source, number = make_source(title="Before"), Source.objects.count()
    errors_on(save(admin_client, source, {"_seen": "", "title": "After", **more}))
    source.refresh_from_db()
    assert (source.title, Source.objects.count()) == ("Before", number)


def test_who_signs_in_while_a_form_of_theirs_is_open_changes_nothing(admin_client: Client) -> None:
    user = User.objects.create_user("editor")
    page = admin_client.get(address(user, "change"))
    User.objects.filter(pk=user.pk).update(last_login=timezone.now())
    joined = {"date_joined_0": "2026-01-31", "date_joined_1": "12:00:00"}
    data = {**filled_in(page), **joined, "first_name": "Office"}
    assert admin_client.post(address(user, "change"), data).status_code == 302
    user.refresh_from_db()
    assert (user.first_name, user.last_login is not None) == ("Office", True)


def test_a_row_is_deleted_only_as_it_was_shown(admin_client: Client) -> None:
    audience = Audience.objects.create(slug="unused", name="Unused")
    page = admin_client.get(address(audience, "delete"))
    Audience.objects.filter(pk=audience.pk).update(description="Written meanwhile.")
    for seen in (page.context["seen"], ""):
        data = {"post": "yes", "_seen": seen}
        response = admin_client.post(address(audience, "delete"), data, follow=True)
        assert "Someone else has changed this" in response.content.decode()
        assert Audience.objects.filter(pk=audience.pk).exists()
    delete(admin_client, audience)
    assert not Audience.objects.filter(pk=audience.pk).exists()


def test_what_will_be_deleted_is_told_without_rows_that_say_nothing(admin_client: Client) -> None:
    programme = make_programme(state="draft")
    programme.countries.set([country("NL")])
    make_reach(programme, 100)
    told = admin_client.get(address(programme, "delete")).text
    assert "Reach figure" in told
    assert "Programme-country" not in told


# --- Circles --------------------------------------------------------------------------------------


def test_a_merger_in_a_circle_is_refused_and_named(admin_client: Client) -> None:
    third = make_programme(name="Third")
    second = make_programme(name="Second", state="withdrawn", merged_into=third)
    first = make_programme(name="First", state="withdrawn", merged_into=second)
    changes = {"state": "withdrawn", "merged_into": first.pk}
    errors = errors_on(save(admin_client, third, changes))
    assert (
        "This would go round in a circle: Third → First → Second → Third. Choose something else."
        in errors
    )


@pytest.mark.parametrize("there", ["parent", "successor"])
@pytest.mark.parametrize("back", ["parent", "successor"])
def test_organisations_that_lead_to_each_other_are_refused(
    admin_client: Client, there: str, back: str
) -> None:
    one = make_organisation(name="One")
    middle = make_organisation(name="Middle", **{there: one})
    last = make_organisation(name="Last", **{there: middle})
    errors = errors_on(save(admin_client, one, {back: last.pk}))
    assert (
        "This would go round in a circle: One → Last → Middle → One. Choose something else."
        in errors
    )


def test_an_organisation_may_be_part_of_its_own_successor(admin_client: Client) -> None:
    heir = make_organisation()
    response = save(admin_client, make_organisation(), {"parent": heir.pk, "successor": heir.pk})
    assert response.status_code == 302

"""Drafts of changes: what is saved of a published record waits for a second person."""

import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from partnerships.models import Organisation
from programmes.models import ChangeDraft, Edit, Programme, Reach, Revision, Source, Unit
from programmes.pictures.names import is_private
from stemobs.admin.drafts.pages import find_draft_address
from stemobs.curation.roles import Role
from tests.admin.drafting import (
    count_all,
    decide,
    find_draft,
    read_lines,
    read_messages,
    read_public,
)
from tests.admin.forms import Open, address, errors_on, filled_in, new_row, save
from tests.builders import make_reach, make_source
from tests.catalogue.marks import begin_another_transaction
from tests.curation.people import State, change_as, make_person, sign_in, write_as
from tests.pictures import PICTURE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _four_eyes(settings: LazySettings) -> None:
    settings.FOUR_EYES = True


@pytest.fixture
def record(db: None) -> Programme:
    return write_as(None, state=State.PUBLISHED, summary="Before.", region="")


def read(programme: Programme, *names: str) -> tuple[Any, ...]:
    return Programme.objects.values_list(*names).get(pk=programme.pk)


# --- Writing --------------------------------------------------------------------------------------


def test_what_is_saved_of_a_published_record_is_a_draft_that_no_reader_sees(
    anna: User, record: Programme, client: Client
) -> None:
    before, told = count_all(), read_public(client, record)
    response = save(sign_in(anna), record, {"summary": "After."})
    assert (response.status_code, response.headers["Location"]) == (302, find_draft_address(record))
    assert "Readers see the record as it was" in read_messages(response)
    assert count_all() == before
    assert read_public(client, record) == told
    draft = find_draft(record)
    assert (draft.state, draft.turn, draft.form["summary"]) == ("writing", 1, ["After."])


@pytest.mark.once
def test_the_form_shows_the_draft_to_every_author_and_says_whose_it_is(
    anna: User, ben: User, record: Programme
) -> None:
    save(sign_in(anna), record, {"summary": "After."})
    page: Any = sign_in(ben).get(address(record, "change"))
    assert page.status_code == 200
    assert filled_in(page)["summary"] == "After."
    assert "Written by anna." in page.text
    assert "Nothing is saved yet" not in page.text


@pytest.mark.once
def test_the_published_record_can_be_seen_beside_its_draft(anna: User, record: Programme) -> None:
    save(sign_in(anna), record, {"summary": "After."})
    page: Any = sign_in(anna).get(f"{address(record, 'change')}?published=1")
    assert filled_in(page)["summary"] == "Before."
    assert "This is the record as readers see it. anna wrote a draft" in page.text


def test_a_form_in_which_nothing_is_changed_leaves_no_draft(anna: User, record: Programme) -> None:
    response = save(sign_in(anna), record, {})
    assert "Nothing was changed" in read_messages(response)
    assert not ChangeDraft.objects.exists()


@pytest.mark.once
def test_a_draft_that_says_what_readers_see_already_is_dropped(
    anna: User, record: Programme
) -> None:
    save(sign_in(anna), record, {"summary": "After."})
    response = save(sign_in(anna), record, {"summary": "Before."})
    assert "so the draft is dropped" in read_messages(response)
    assert find_draft(record).state == ChangeDraft.State.DROPPED


def test_a_draft_is_checked_as_what_is_published_at_once_would_be(
    anna: User, record: Programme
) -> None:
    before = count_all()
    refused: Any = save(sign_in(anna), record, {"name": ""})
    assert refused.status_code == 200
    assert not ChangeDraft.objects.exists()
    assert count_all() == before


def test_what_is_new_to_the_catalogue_is_made_only_when_the_draft_is_published(
    anna: User, rita: User, record: Programme
) -> None:
    unit, numbers = Unit.objects.first(), (Source.objects.count(), Organisation.objects.count())
    added = {
        **new_row("reach", 0, qualifier="about", value="9", unit=unit.pk,
                  address="https://example.org/new-report"),
        **new_row("partnerships", 0, role="founder", new_name="New Works", new_type="company",
                  address="https://example.org/new-report"),
    }  # fmt: skip
    response = save(sign_in(anna), record, {**added, "_send": "1"})
    assert "Sent to review" in read_messages(response), errors_on(response)
    assert (Source.objects.count(), Organisation.objects.count()) == numbers
    again: Any = sign_in(anna).get(address(record, "change"))
    assert filled_in(again)["reach-0-value"] == "9"
    assert decide(sign_in(rita), record, "_approve").status_code == 302
    assert Source.objects.filter(url="https://example.org/new-report").count() == 1
    assert Organisation.objects.filter(name="New Works").count() == 1
    assert record.reach.get().value == 9


def test_the_database_lets_a_record_have_one_open_draft(record: Programme) -> None:
    make_draft = partial(ChangeDraft.objects.create, programme=record, form={}, opened={})
    make_draft(state=ChangeDraft.State.PUBLISHED)
    make_draft(state=ChangeDraft.State.REVIEW)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_draft()


# --- Reviewing ------------------------------------------------------------------------------------


def test_the_page_of_a_draft_says_what_it_changes_fact_by_fact(
    anna: User, record: Programme
) -> None:
    source, unit = make_source(), Unit.objects.first()
    make_reach(record, 40, unit=unit, source=source, period="2019")
    gone = make_reach(record, 7, unit=unit, source=source, period="2018")
    form = Open(sign_in(anna), record)
    rows = {form.data[f"reach-{n}-id"]: n for n in (0, 1)}
    form.send({
        "summary": "After.",
        f"reach-{rows[gone.pk]}-retracted_because": "Of another year.",
        **new_row("reach", 2, qualifier="about", value="9", unit=unit.pk, source=source.pk),
    })  # fmt: skip
    lines = read_lines(sign_in(anna), record)
    assert ("changed", "Programme: summary", "del:Before. ins:After.") in lines
    assert any(kind == "added" and "9" in told for kind, _name, told in lines)
    assert any(kind == "retracted" and "Of another year." in told for kind, _name, told in lines)
    assert {kind for kind, _name, _told in lines} == {"changed", "added", "retracted"}


def test_an_approved_draft_is_published_at_once_as_one_edit_of_who_wrote_it(
    anna: User, rita: User, record: Programme
) -> None:
    revision = Revision.objects.get().number
    save(sign_in(anna), record, {"summary": "After.", "region": "Delft", "_send": "1"})
    begin_another_transaction()
    response = decide(sign_in(rita), record, "_approve")
    assert "Published. Readers see it now." in read_messages(response)
    assert read(record, "summary", "region") == ("After.", "Delft")
    draft, made = find_draft(record), Edit.objects.latest("pk")
    assert (draft.state, draft.edit, made.user) == ("published", made, anna)
    assert Revision.objects.get().number == revision + 1
    assert [one.kind for one in draft.steps.all()] == ["wrote", "sent", "published"]


@pytest.mark.once
def test_who_wrote_part_of_a_draft_cannot_approve_it(
    anna: User, rita: User, record: Programme
) -> None:
    save(sign_in(anna), record, {"summary": "After."})
    save(sign_in(rita), record, {"region": "Delft", "_send": "1"})
    page = sign_in(rita).get(find_draft_address(record))
    assert "_approve" not in page.text
    assert "You wrote part of this, so somebody else has to approve it." in page.text
    crafted = decide(sign_in(rita), record, "_approve")
    assert crafted.status_code == 403
    assert decide(sign_in(anna), record, "_approve").status_code == 403
    assert read(record, "summary") == ("Before.",)


@pytest.mark.once
def test_who_saves_a_draft_without_changing_it_wrote_no_part_of_it(
    anna: User, rita: User, record: Programme
) -> None:
    save(sign_in(anna), record, {"summary": "After."})
    turn = find_draft(record).turn
    save(sign_in(rita), record, {"_send": "1"})
    draft = find_draft(record)
    assert (draft.turn, draft.state) == (turn, ChangeDraft.State.REVIEW)
    decide(sign_in(rita), record, "_approve")
    assert read(record, "summary") == ("After.",)


@pytest.mark.once
def test_a_picture_waits_in_a_draft_where_no_reader_sees_it(
    anna: User, rita: User, record: Programme, settings: LazySettings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT, settings.DRAFTS_ROOT = tmp_path / "media", tmp_path / "private"
    picture = {"logo": SimpleUploadedFile("robot.png", PICTURE), "logo_alt": "A robot.",
               "logo_licence": "CC0 1.0"}  # fmt: skip
    save(sign_in(anna), record, {**picture, "_send": "1"})
    assert read(record, "logo") == ("",)
    kept = find_draft(record).picture
    assert is_private(kept)
    assert default_storage.exists(kept)
    save(sign_in(anna), record, {"summary": "After."})
    assert find_draft(record).picture == kept
    decide(sign_in(anna), record, "_send")
    decide(sign_in(rita), record, "_approve")
    (name,) = read(record, "logo")
    assert name
    assert not is_private(name)
    assert read(record, "summary") == ("After.",)


@pytest.mark.once
def test_an_administrator_approves_alone_only_for_a_reason_in_public(
    admin_client: Client, record: Programme
) -> None:
    save(admin_client, record, {"summary": "After.", "_send": "1"})
    refused = decide(admin_client, record, "_approve")
    assert "say why you do it alone" in refused.text
    assert decide(admin_client, record, "_approve", reason_alone="Nobody else is left.")
    assert read(record, "summary") == ("After.",)
    assert "Without a second person: Nobody else is left." in Edit.objects.latest("pk").reason


@pytest.mark.once
def test_one_drafts_another_returns_with_a_comment_the_first_mends_and_the_second_approves(
    anna: User, rita: User, record: Programme
) -> None:
    save(sign_in(anna), record, {"summary": "After!", "_send": "1"})
    assert "Say in a sentence why" in decide(sign_in(rita), record, "_return").text
    (line,) = read_lines(sign_in(rita), record)
    decide(sign_in(rita), record, "_comment", about=line[1], comment="No exclamation marks.")
    response = decide(sign_in(rita), record, "_return")
    assert "Returned to anna." in read_messages(response)
    assert find_draft(record).state == ChangeDraft.State.RETURNED
    form = Open(sign_in(anna), record)
    assert "No exclamation marks." in form.page.text
    form.send({"summary": "After.", "_send": "1"})
    decide(sign_in(rita), record, "_approve")
    assert read(record, "summary") == ("After.",)


@pytest.mark.once
def test_a_decision_about_another_turn_of_a_draft_is_not_taken(
    anna: User, rita: User, record: Programme
) -> None:
    save(sign_in(anna), record, {"summary": "After.", "_send": "1"})
    save(sign_in(anna), record, {"summary": "Never read.", "_send": "1"})
    for turn in ("1", "", "x", "99999999999999999999"):
        sent = {"_turn": turn, "_approve": "1", "comment": "So it is, and <b>so</b>."}
        page = sign_in(rita).post(find_draft_address(record), sent).text
        assert "Somebody has changed this draft meanwhile" in page
        assert "So it is, and &lt;b&gt;so&lt;/b&gt;.</textarea>" in page
    assert read(record, "summary") == ("Before.",)


@pytest.mark.once
def test_only_what_was_sent_to_review_is_approved_or_returned(
    anna: User, rita: User, record: Programme
) -> None:
    save(sign_in(anna), record, {"summary": "After."})
    for button in ("_approve", "_return"):
        assert "Only what was sent to review" in decide(sign_in(rita), record, button).text
    decide(sign_in(anna), record, "_send")
    decide(sign_in(rita), record, "_approve")
    assert read(record, "summary") == ("After.",)


@pytest.mark.once
def test_a_draft_is_dropped_by_its_author_or_by_who_may_approve_it(
    anna: User, ben: User, rita: User, record: Programme
) -> None:
    for user in (anna, rita):
        save(sign_in(anna), record, {"summary": "After."})
        assert decide(sign_in(ben), record, "_drop").status_code == 403
        decide(sign_in(user), record, "_drop")
        assert find_draft(record).state == ChangeDraft.State.DROPPED
        page: Any = sign_in(ben).get(address(record, "change"))
        assert filled_in(page)["summary"] == "Before."


def test_a_preview_shows_the_page_that_readers_would_get_and_keeps_nothing(
    anna: User, record: Programme, client: Client
) -> None:
    save(sign_in(anna), record, {"summary": "After.", "slug": "another-slug"})
    before, told = count_all(), read_public(client, record)
    page = sign_in(anna).get(f"{find_draft_address(record)}page/")
    assert page.status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    assert "After." in page.text
    assert "Before." not in page.text
    assert "A draft of a change." in page.text
    assert count_all() == before
    assert read_public(client, record) == told


# --- What others do meanwhile ---------------------------------------------------------------------


def test_a_draft_is_merged_with_what_was_published_since_it_was_sent(
    anna: User, ben: User, rita: User, record: Programme
) -> None:
    save(sign_in(anna), record, {"summary": "After.", "_send": "1"})
    change_as(ben, record, region="Delft")
    assert [name for _kind, name, _told in read_lines(sign_in(rita), record)] == [
        "Programme: summary"
    ]
    decide(sign_in(rita), record, "_approve")
    assert read(record, "summary", "region") == ("After.", "Delft")


def test_what_was_published_against_a_draft_is_asked_before_it_can_be_approved(
    anna: User, ben: User, rita: User, record: Programme
) -> None:
    save(sign_in(anna), record, {"summary": "After.", "_send": "1"})
    change_as(ben, record, summary="Of Ben.")
    refused = decide(sign_in(rita), record, "_approve")
    assert "The published record moved on since this was sent" in refused.text
    assert read(record, "summary") == ("Of Ben.",)
    form = Open(sign_in(anna), record)
    assert form.page.status_code == 200
    assert "Which shall we save?" in form.page.text
    assert form.answer("mine").status_code == 302
    decide(sign_in(anna), record, "_send")
    decide(sign_in(rita), record, "_approve")
    assert read(record, "summary") == ("After.",)


def test_two_authors_of_a_draft_both_keep_what_they_wrote(
    anna: User, ben: User, record: Programme
) -> None:
    unit = Unit.objects.first()
    save(sign_in(anna), record, {
        "summary": "After.", **new_row("reach", 0, qualifier="about", value="9", unit=unit.pk,
                                       source=make_source().pk),
    })  # fmt: skip
    mine, theirs = Open(sign_in(anna), record), Open(sign_in(ben), record)
    assert theirs.send({"region": "Delft"}).status_code == 302
    response = mine.send({"reach-0-value": "10"})
    assert response.status_code == 302
    assert "Ben changed this since" in read_messages(response)
    form = find_draft(record).form
    kept = [form[name] for name in ("summary", "region", "reach-0-value", "reach-TOTAL_FORMS")]
    assert kept == [["After."], ["Delft"], ["10"], ["1"]]


@pytest.mark.once
def test_two_authors_who_wrote_the_same_are_asked(anna: User, ben: User, record: Programme) -> None:
    unit = Unit.objects.first()
    row = new_row("reach", 0, qualifier="about", value="9", unit=unit.pk, source=make_source().pk)
    save(sign_in(anna), record, {"summary": "After.", **row})
    mine, theirs = Open(sign_in(anna), record), Open(sign_in(ben), record)
    theirs.send({"summary": "Of Ben.", "reach-0-value": "11"})
    asked = mine.send({"summary": "Of Anna.", "reach-0-value": "10"})
    assert asked.status_code == 409
    assert asked.text.count("Which shall we save?") == 2
    assert mine.answer("mine").status_code == 302
    form = find_draft(record).form
    kept = [form[name] for name in ("summary", "reach-0-value", "reach-TOTAL_FORMS")]
    assert kept == [["Of Anna."], ["10"], ["1"]]


@pytest.mark.once
def test_a_form_opened_before_there_was_a_draft_is_merged_into_it(
    anna: User, ben: User, record: Programme
) -> None:
    mine, theirs = Open(sign_in(anna), record), Open(sign_in(ben), record)
    theirs.send({"region": "Delft"})
    assert mine.send({"summary": "After."}).status_code == 302
    form = find_draft(record).form
    assert (form["summary"], form["region"]) == (["After."], ["Delft"])


@pytest.mark.once
@pytest.mark.parametrize("answer", ["mine", "theirs"])
def test_a_row_that_one_author_removes_and_another_changes_is_asked(
    anna: User, ben: User, rita: User, record: Programme, answer: str
) -> None:
    figure = make_reach(record, 40, unit=Unit.objects.first(), source=make_source(), note="Old.")
    save(sign_in(anna), record, {"summary": "After."})
    mine, theirs = Open(sign_in(anna), record), Open(sign_in(ben), record)
    theirs.send({"reach-0-DELETE": "on", "reach-0-retracted_because": "Wrong."})
    asked = mine.send({"reach-0-note": "New."})
    assert asked.status_code == 409
    assert mine.answer(answer).status_code == 302
    decide(sign_in(anna), record, "_send")
    decide(sign_in(rita), record, "_approve")
    figure.refresh_from_db()
    assert figure.note == ("New." if answer == "mine" else "Old.")
    assert bool(figure.retracted_because) == (answer == "theirs")


# --- Beside drafts --------------------------------------------------------------------------------


@pytest.mark.once
def test_a_record_is_withdrawn_at_once_though_it_has_a_draft(
    anna: User, rita: User, record: Programme
) -> None:
    save(sign_in(anna), record, {"summary": "After."})
    place = f"{address(record, 'change')}?published=1"
    client = sign_in(rita)
    sent = {**filled_in(client.get(place)), "state": "withdrawn", "withdrawn_reason": "Twice."}
    assert client.post(place, sent).status_code == 302
    assert read(record, "state", "summary") == ("withdrawn", "Before.")


def test_without_four_eyes_a_published_record_is_changed_at_once(
    anna: User, record: Programme, settings: LazySettings
) -> None:
    settings.FOUR_EYES = False
    save(sign_in(anna), record, {"summary": "After."})
    assert read(record, "summary") == ("After.",)
    assert not ChangeDraft.objects.exists()


@pytest.mark.once
def test_who_may_only_look_sees_neither_draft_nor_its_page(
    anna: User, record: Programme, client: Client
) -> None:
    save(sign_in(anna), record, {"summary": "After."})
    assert "After." not in client.get(record.get_absolute_url()).text
    assert client.get(find_draft_address(record)).status_code == 302
    contributor = sign_in(make_person(Role.CONTRIBUTOR, "carl"))
    assert contributor.get(find_draft_address(record)).status_code == 403
    assert "After." not in contributor.get(address(record, "change")).text


@pytest.mark.once
def test_an_answer_about_a_figure_is_kept_until_the_draft_is_published(
    anna: User, rita: User, record: Programme
) -> None:
    figure = make_reach(
        record, 40, unit=Unit.objects.first(), source=make_source(), period="2019", year_from=2019
    )
    form = Open(sign_in(anna), record)
    form.send({"reach-0-value": "55"})
    offered = re.search(r'value="(newer:\w+)"', form.page.text)
    assert offered
    sent = form.send({
        "reach-0-happened": offered[1], "reach-0-period": "2024", "_send": "1",
    })  # fmt: skip
    assert sent.status_code == 302, errors_on(sent)
    assert Reach.objects.filter(programme=record).count() == 1
    decide(sign_in(rita), record, "_approve")
    figure.refresh_from_db()
    assert (figure.value, figure.superseded_by.value) == (40, 55)


@pytest.mark.once
def test_the_list_of_drafts_names_record_state_and_authors(
    anna: User, ben: User, record: Programme
) -> None:
    save(sign_in(anna), record, {"summary": "After."})
    page = sign_in(ben).get(address(ChangeDraft)).text
    assert find_draft_address(record) in page
    assert "Being written" in page
    assert "anna" in page

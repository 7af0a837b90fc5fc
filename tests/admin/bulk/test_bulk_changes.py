"""Bulk changes: what is shown before, what is written, who approves it, and how it is undone."""

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from programmes.models import (
    BulkChange,
    BulkChangeRow,
    ChangeDraft,
    Citation,
    Edit,
    InitiativeKind,
    Programme,
    Revision,
    Version,
)
from tests.admin.bulk.walking import choose, confirm, decide, find_page, tick
from tests.admin.drafting import read_messages, read_public
from tests.admin.forms import address
from tests.builders import country, kind, level, make_source
from tests.catalogue.marks import begin_another_transaction
from tests.curation.people import State, User, change_as, sign_in, write_as

pytestmark = pytest.mark.django_db
BatchState = BulkChange.State


@pytest.fixture
def records(db: None) -> list[Programme]:
    """Two published records and a draft; the second has the level of upper secondary already."""
    made = [
        write_as(None, state=State.PUBLISHED, name="Robot Days"),
        write_as(None, state=State.PUBLISHED, name="Lab Visits"),
        write_as(None, state=State.DRAFT, name="Tech Camp"),
    ]
    made[1].levels.set([level(3)])
    begin_another_transaction()
    return made


def list_returned(client: Client) -> list[tuple[int, str]]:
    """Return what the desk says was returned, and what was said of it."""
    desk = client.get(reverse("admin:index"))
    return [(one.pk, one.said) for one in desk.context["desk"].returned]


def list_levels(*records: Programme) -> list[list[int]]:
    return [[one.code for one in record.levels.order_by("code")] for record in records]


# --- Without a second person ----------------------------------------------------------------------


def test_a_term_is_added_to_many_records_in_one_edit_and_taken_back_as_one(
    client_of_anna: Client, records: list[Programme]
) -> None:
    batch = tick(client_of_anna, *records)
    before = Revision.objects.get().number
    preview = choose(client_of_anna, batch, "levels:add", terms=[level(3).pk, level(2).pk])
    plan = preview.context["plan"]
    shown = {str(row.record): (row.before, row.after) for row in plan.rows}
    both = f"{level(2)}, {level(3)}"
    assert shown["Lab Visits"] == (str(level(3)), both)
    assert shown["Robot Days"] == shown["Tech Camp"] == ("–", both)
    assert list_levels(*records) == [[], [3], []]
    begin_another_transaction()
    response = confirm(client_of_anna, batch)
    assert "3 records are changed." in read_messages(response)
    assert list_levels(*records) == [[2, 3]] * 3
    begin_another_transaction()
    assert Revision.objects.get().number > before
    (made,) = {row.edit for row in batch.rows.all()}
    assert made.reason == "The report says so."
    assert batch.rows.get(programme=records[1]).told == f"Added: {level(2)}."
    for record in records:
        assert Version.objects.filter(programme_id=record.pk, edit=made).exists()
    # What somebody changed since is named, and stays; the rest is undone.
    records[0].levels.remove(level(2))
    records[2].levels.set([level(2)])
    page = client_of_anna.get(find_page(batch, "batch"))
    assert page.context["undone"] == 3
    begin_another_transaction()
    decide(client_of_anna, batch, "_undo")
    assert list_levels(*records) == [[], [3], []]
    batch.refresh_from_db()
    assert batch.state == BatchState.UNDONE
    assert not client_of_anna.get(find_page(batch, "batch")).context["can_undo"]
    again = decide(client_of_anna, batch, "_undo")
    assert "Nothing is left to undo." in read_messages(again)


def test_a_status_needs_a_year_and_a_source_that_is_known(
    client_of_anna: Client, records: list[Programme], anna: User
) -> None:
    source = make_source(url="https://www.example.org/all-ended/")
    batch = tick(client_of_anna, *records[:2])
    lacking = choose(client_of_anna, batch, "status:set", status="completed", as_of="2O24")
    assert {*lacking.context["form"].errors} == {"as_of", "source"}
    sent = {"status": "completed", "as_of": "2024", "source": "http://example.org/unknown"}
    unknown = choose(client_of_anna, batch, "status:set", **sent)
    assert "We do not know this address" in unknown.text
    choose(client_of_anna, batch, "status:set", **{**sent, "source": "example.org/all-ended"})
    sent["source"] = "http://example.org/all-ended"
    preview = choose(client_of_anna, batch, "status:set", **sent, locator="p. 4")
    assert {row.after for row in preview.context["plan"].ready} == {"Ended, as of 2024"}
    confirm(client_of_anna, batch)
    for record in Programme.objects.filter(pk__in=[one.pk for one in records[:2]]):
        assert (record.status, record.status_as_of) == ("completed", 2024)
        cited = record.citations.get(field="status")
        assert (cited.source, cited.locator) == (source, "p. 4")
        assert record.verified_on is None
    change_as(anna, records[0], status="active")
    decide(client_of_anna, batch, "_undo")
    records[0].refresh_from_db()
    records[1].refresh_from_db()
    assert [one.status for one in records[:2]] == ["active", "unknown"]
    assert Citation.objects.filter(field="status", source=source).count() == 1
    batch.refresh_from_db()
    assert batch.state == BatchState.DONE
    page = client_of_anna.get(find_page(batch, "batch"))
    assert "Programme, status: changed since" in page.text


def test_what_would_be_wrong_is_refused_record_by_record(
    client_of_anna: Client, records: list[Programme]
) -> None:
    first, second, draft = records
    second.countries.set([country("NL"), country("SK")])
    gone = write_as(None, state=State.WITHDRAWN, withdrawn_reason="Never was.", name="Gone Days")
    batch = tick(client_of_anna, *records, gone)
    preview = choose(client_of_anna, batch, "countries:take", terms=[country("NL").pk])
    plan = preview.context["plan"]
    refused = {str(row.record): row.refusal for row in plan.refused}
    assert refused == {
        "Robot Days": "It would not be right any more. "
        "It has no country. Choose one, or the scope “Europe-wide”.",
        "Gone Days": "It is withdrawn. Restore it first.",
    }
    assert [str(row.record) for row in plan.ready] == ["Lab Visits", "Tech Camp"]
    confirm(client_of_anna, batch)
    assert first.countries.get() == country("NL")
    assert second.countries.get() == country("SK")
    assert not draft.countries.exists()
    # To take away the last kind is odd only, and there is a reason.
    batch = tick(client_of_anna, first)
    preview = choose(client_of_anna, batch, "kinds:take", terms=[kind("company-visits").pk])
    assert preview.context["plan"].ready[0].odd
    confirm(client_of_anna, batch)
    assert not first.kinds.exists()


def test_nothing_is_written_if_a_record_was_changed_after_the_preview(
    client_of_anna: Client, records: list[Programme], anna: User
) -> None:
    batch = tick(client_of_anna, *records)
    choose(client_of_anna, batch, "levels:replace", old=level(3).pk, new=level(2).pk)
    preview = client_of_anna.get(find_page(batch, "preview"))
    assert preview.context["plan"].same == 2
    change_as(anna, records[1], region="Košice")
    refused = confirm(client_of_anna, batch, preview)
    assert "not as you saw it any more: Lab Visits" in read_messages(refused)
    assert list_levels(*records) == [[], [3], []]
    for marks in ("", "\x00", "crafted:signature", "9" * 5_000):
        confirm(client_of_anna, batch, refused, _plan=marks)
    for reason, told in (("", "Say in a sentence why."), ("x" * 201, "in 200 letters at most")):
        assert told in read_messages(confirm(client_of_anna, batch, refused, reason=reason))
    assert BulkChange.objects.get().state == BatchState.CHOOSING
    confirm(client_of_anna, batch, refused, reason="So\x00 it is.")
    assert list_levels(*records) == [[], [2], []]
    # Sent twice, it is done once.
    edits = Edit.objects.count()
    assert confirm(client_of_anna, batch, refused).redirect_chain[0][0] == find_page(batch, "batch")
    assert Edit.objects.count() == edits
    assert client_of_anna.post(find_page(batch, "what"), {"what": "kinds:add"}).status_code == 302
    assert BulkChange.objects.get().choice["what"] == "levels:replace"


@pytest.mark.once
def test_an_error_while_it_is_written_takes_all_of_it_back(
    client_of_anna: Client, records: list[Programme]
) -> None:
    batch = tick(client_of_anna, *records)
    choose(client_of_anna, batch, "levels:add", terms=[level(2).pk])
    preview = client_of_anna.get(find_page(batch, "preview"))
    BulkChangeRow.objects.create(batch=batch, programme=records[2])  # as if by a second process
    with pytest.raises(IntegrityError), transaction.atomic():
        confirm(client_of_anna, batch, preview)
    assert list_levels(*records) == [[], [3], []]
    assert not Edit.objects.filter(reason="The report says so.").exists()
    assert BulkChange.objects.get().state == BatchState.CHOOSING


@pytest.mark.once
def test_all_that_the_list_finds_can_be_chosen_without_scripts(
    client_of_anna: Client, records: list[Programme]
) -> None:
    batch = tick(client_of_anna, records[2], query="?state__exact=draft")
    others = Programme.objects.filter(state=State.DRAFT).count() - 1
    if others:
        preview = choose(
            client_of_anna, batch, "levels:add", terms=[level(1).pk], records="matching"
        )
        assert len(preview.context["plan"].ready) == others + 1
    found = tick(client_of_anna, records[2], query="?q=Robot+Days", select_across="1")
    assert found.ticked == [records[0].pk]
    response = client_of_anna.post(
        f"{address(Programme)}?q=days&color=red", {"action": "change_many"}
    )
    assert response.status_code == 400


@pytest.mark.once
def test_bad_choices_are_refused_in_words(client_of_anna: Client, records: list[Programme]) -> None:
    batch = tick(client_of_anna, records[0])
    page = find_page(batch, "what")
    for what in ("", "levels", "levels:burn", "slug:add", "\x00", "x" * 9_000):
        assert client_of_anna.post(page, {"what": what}).context["form"].errors
    assert client_of_anna.get(find_page(batch, "which"))["Location"] == page
    choose(client_of_anna, batch, "levels:add")
    for terms in ([], [""], ["-1"], ["\x00"], ["9" * 30], [level(3).pk, 999_999]):
        shown = choose(client_of_anna, batch, "levels:add", terms=terms)
        assert shown.context["form"].errors
    same = choose(client_of_anna, batch, "levels:replace", old=level(3).pk, new=level(3).pk)
    assert "Choose two that differ." in same.text
    assert client_of_anna.get(find_page(batch, "preview"))["Location"] == find_page(batch, "which")
    assert client_of_anna.post(find_page(batch, "preview")).status_code == 302
    assert BulkChange.objects.get().state == BatchState.CHOOSING


@pytest.mark.once
def test_what_one_prepares_is_nobody_elses_and_takes_the_right_to_change_records(
    client_of_anna: Client, client_of_rita: Client, curator: Client, records: list[Programme]
) -> None:
    batch = tick(client_of_anna, records[0])
    assert client_of_rita.get(find_page(batch, "what")).status_code == 404
    assert curator.get(find_page(batch, "what")).status_code == 403
    assert curator.post(find_page(batch, "batch"), {"_undo": "1"}).status_code == 403
    sent = {"action": "change_many", "_selected_action": [records[0].pk]}
    curator.post(address(Programme), sent)
    assert BulkChange.objects.count() == 1
    assert client_of_anna.get(find_page(batch, "batch"))["Location"] == find_page(batch, "what")
    listed = [
        one.get(address(BulkChange)).context["cl"].result_count
        for one in (client_of_anna, client_of_rita)
    ]
    assert listed == [1, 0]
    assert client_of_anna.get(f"{address(BulkChange)}{batch.pk}/change/")["Location"] == find_page(
        batch, "what"
    )


@pytest.mark.once
def test_a_bulk_change_takes_few_queries_however_many_records_there_are(
    client_of_anna: Client, records: list[Programme]
) -> None:
    another = InitiativeKind.objects.exclude(slug="company-visits")[0]

    def count(chosen: list[Programme]) -> list[int]:
        batch = tick(client_of_anna, *chosen)
        choose(client_of_anna, batch, "kinds:add", terms=[another.pk])
        with CaptureQueriesContext(connection) as previewing:
            shown = client_of_anna.get(find_page(batch, "preview"))
        with CaptureQueriesContext(connection) as confirming:
            confirm(client_of_anna, batch, shown)
        with CaptureQueriesContext(connection) as showing:
            client_of_anna.get(find_page(batch, "batch"))
        return [len(previewing), len(confirming), len(showing)]

    few = count(records[:1])
    many = count([write_as(None, state=State.PUBLISHED) for _number in range(5)])
    assert few == many
    assert few[0] <= 30


# --- With a second person -------------------------------------------------------------------------


def test_published_records_wait_until_somebody_else_approves_them_together(
    client_of_anna: Client,
    client_of_rita: Client,
    records: list[Programme],
    rita: User,
    anna: User,
    settings: LazySettings,
) -> None:
    settings.FOUR_EYES = True
    source = make_source(url="https://example.org/all-ended")
    batch = tick(client_of_anna, *records)
    sent = {"status": "completed", "as_of": "2024", "source": source.url}
    preview = choose(client_of_anna, batch, "status:set", **sent)
    assert len(preview.context["plan"].waiting) == 2
    before = read_public(Client(), records[0])
    confirm(client_of_anna, batch)
    assert read_public(Client(), records[0]) == before
    assert list_states(records) == ["unknown", "unknown", "completed"]
    assert decide(client_of_anna, batch, "_approve").status_code == 403
    # What was changed since it was read is not approved.
    page = client_of_rita.get(find_page(batch, "batch"))
    change_as(rita, records[0], region="Košice")
    stale = decide(client_of_rita, batch, "_approve", page)
    assert "not as you saw it any more: Robot Days" in read_messages(stale)
    assert list_states(records) == ["unknown", "unknown", "completed"]
    # What has a draft meanwhile stays as it is, and says so.
    ChangeDraft.objects.create(programme=records[1], form={}, opened={})
    page = client_of_rita.get(find_page(batch, "batch"))
    assert "It has a draft of a change" in page.context["plan"].refused[0].refusal
    begin_another_transaction()
    decide(client_of_rita, batch, "_approve")
    assert list_states(records) == ["completed", "unknown", "completed"]
    assert records[0].citations.get(field="status").source == source
    made = BulkChange.objects.get().rows.get(programme=records[0]).edit
    assert (made.user, made.reason) == (anna, "The report says so.")
    batch.refresh_from_db()
    assert (batch.state, batch.decided_by) == (BatchState.DONE, rita)
    again = decide(client_of_rita, batch, "_approve")
    assert "decided first by rita. It has the state “Done”" in read_messages(again)
    begin_another_transaction()
    decide(client_of_rita, batch, "_undo")
    assert list_states(records) == ["unknown", "unknown", "unknown"]
    assert not Citation.objects.filter(source=source).exists()


def list_states(records: list[Programme]) -> list[str]:
    return [Programme.objects.get(pk=one.pk).status for one in records]


@pytest.mark.once
def test_what_is_returned_or_taken_back_changes_nothing(
    client_of_anna: Client,
    client_of_rita: Client,
    admin_user: User,
    records: list[Programme],
    settings: LazySettings,
) -> None:
    settings.FOUR_EYES = True
    batches = []
    for client in (client_of_anna, client_of_anna, sign_in(admin_user)):
        batch = tick(client, *records[:2])
        choose(client, batch, "levels:add", terms=[level(1).pk])
        confirm(client, batch)
        batches.append(batch)
    returned, taken, alone = batches
    refused = decide(client_of_rita, returned, "_return")
    assert "Say in a sentence why you return it." in read_messages(refused)
    decide(client_of_rita, returned, "_return", comment="Only the first.")
    assert "Only the first." in client_of_anna.get(find_page(returned, "batch")).text
    # Whoever chose it mends it, and sends it again; nobody else does.
    for button in ("_again", "_drop"):
        assert "Only whoever it was returned to" in read_messages(
            decide(client_of_rita, returned, button)
        )
    assert list_returned(client_of_rita) == []
    assert list_returned(client_of_anna) == [(returned.pk, "Only the first.")]
    # Whoever clicks twice goes on with what was begun.
    again = [decide(client_of_anna, returned, "_again") for _click in range(2)][-1]
    mended = BulkChange.objects.get(follows=returned)
    assert again.redirect_chain[-1][0] == find_page(mended, "preview")
    assert "Only the first. (rita)" in read_messages(again)
    assert again.context["reason"] == "The report says so."
    assert list_returned(client_of_anna) == [(returned.pk, "Only the first.")]
    preview = choose(client_of_anna, mended, "levels:add", terms=[level(2).pk])
    confirm(client_of_anna, mended, preview)
    assert "confirmed already" in read_messages(confirm(client_of_anna, mended, preview))
    assert list_returned(client_of_anna) == []
    told = read_messages(decide(client_of_anna, returned, "_again"))
    assert "This was sent to review already, by anna. It is not sent again." in told
    assert mended == BulkChange.objects.latest("pk")
    assert find_page(mended, "batch") in client_of_anna.get(find_page(returned, "batch")).text
    # What is mended may be returned too, and dropped.
    decide(client_of_rita, mended, "_return", comment="Nor the second.")
    assert list_returned(client_of_anna) == [(mended.pk, "Nor the second.")]
    assert "Nothing of what was returned is changed" in read_messages(
        decide(client_of_anna, mended, "_drop")
    )
    assert list_returned(client_of_anna) == []
    BulkChange.objects.filter(pk=mended.pk).update(state=BatchState.WAITING)
    decide(client_of_rita, mended, "_approve")
    assert list_levels(*records) == [[2], [2, 3], []]
    decide(client_of_rita, mended, "_undo")
    decide(client_of_anna, taken, "_undo")
    states = [BulkChange.objects.get(pk=one.pk).state for one in batches]
    assert states == [BatchState.RETURNED, BatchState.UNDONE, BatchState.WAITING]
    assert list_levels(*records) == [[], [3], []]
    # An administrator acts alone for a reason in public.
    administrator = sign_in(admin_user)
    refused = decide(administrator, alone, "_approve", comment="Typed already.")
    assert "say why you do it alone" in read_messages(refused)
    assert "Typed already.</textarea>" in refused.text
    decide(administrator, alone, "_approve", reason_alone="Nobody else is here.")
    assert list_levels(*records) == [[1], [1, 3], []]
    made = alone.rows.all()[0].edit
    assert made.reason.endswith("Without a second person: Nobody else is here.")

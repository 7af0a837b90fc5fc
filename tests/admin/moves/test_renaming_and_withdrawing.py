"""A record gets another address, or is withdrawn, on a page that says what leads there."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from programmes.models import Programme
from stemobs.curation.roles import Role
from tests import builders
from tests.admin.drafting import find_draft, read_messages
from tests.admin.forms import address
from tests.catalogue.marks import begin_another_transaction, number
from tests.curation.people import State, change_as, find_state, make_person, sign_in, write_as

pytestmark = pytest.mark.django_db


def find_page(record: Programme, page: str) -> str:
    return reverse(f"admin:programmes_programme_{page}", args=[record.pk])


def rename(client: Client, record: Programme, slug: str) -> Any:
    page: Any = client.get(find_page(record, "address"))
    was = page.context["original"].slug
    return client.post(find_page(record, "address"), {"slug": slug, "was": was})


def withdraw(client: Client, record: Programme, **data: Any) -> Any:
    page: Any = client.get(find_page(record, "withdraw"))
    assert page.status_code == 200
    sent = {"drawn": page.context["drawn"], **data}
    return client.post(find_page(record, "withdraw"), sent)


def make_linked(**fields: Any) -> Programme:
    """Make a record to which another one and a guide lead."""
    record = write_as(None, slug="before", name="Girls’ Day", **fields)
    one = builders.make_programme(name="Another")
    builders.make_lineage(from_programme=one, to_programme=record)
    builders.make_guide_item(builders.make_guide(title="How to begin"), [record])
    return record


def test_a_record_gets_another_address_and_the_former_one_leads_there(
    client: Client, rita: Client
) -> None:
    record = make_linked()
    taken = builders.make_programme(slug="taken", name="Who has it")
    builders.make_former_slug(taken, "formerly-taken")
    pages = [find_page(record, page) for page in ("address", "withdraw")]
    assert all(page in rita.get(address(record, "change")).text for page in pages)
    for page in pages:
        assert rita.get(page).context["inward"] == ["1 record: Another", "1 guide: How to begin"]
    begin_another_transaction()
    revision = number()
    for slug, told in (
        ("taken", "“Who has it” has this address."),
        ("formerly-taken", "Who has it had this address, and old links still lead there."),
        ("compare", "Another page has this address."),
        ("With blanks", "Use only letters without accents"),
        ("", "This is still empty."),
        ("x" * 81, "at most 80"),
        ("a/../b\0", "Use only letters without accents"),
        ("before", "This is the address that it has."),
    ):
        refused = rename(rita, record, slug)
        assert refused.status_code == 409, slug
        assert any(told in one for one in refused.context["wrong"]), refused.context["wrong"]
    stale = rita.post(find_page(record, "address"), {"slug": "after", "was": "older"})
    assert "Somebody has changed the address" in stale.text
    begin_another_transaction()
    assert number() == revision
    done = rename(rita, record, "after")
    assert (done.status_code, done.headers["Location"]) == (302, address(record, "change"))
    assert "goes on leading there" in read_messages(done)
    answer = client.get("/programmes/before/", follow=True)
    assert answer.redirect_chain == [("/programmes/after/", 301)]
    assert "Its address was /programmes/before/." in client.get("/programmes/after/history/").text
    # It may go back to the address that it had.
    assert rename(rita, record, "before").status_code == 302
    assert client.get("/programmes/before/").status_code == 200
    draft = builders.make_programme(state=State.DRAFT, slug="unseen")
    assert rename(rita, draft, "still-unseen").status_code == 302
    assert not draft.former_slugs.exists()
    assert (
        sign_in(make_person(Role.CONTRIBUTOR)).get(find_page(record, "address")).status_code == 403
    )


def test_where_a_second_person_approves_a_new_address_is_a_draft(
    settings: LazySettings, rita: Client
) -> None:
    settings.FOUR_EYES = True
    record = make_linked()
    assert "in a draft of a change" in read_messages(rename(rita, record, "after"))
    record.refresh_from_db()
    assert record.slug == "before"
    assert find_draft(record).form["slug"] == ["after"]


def test_a_record_is_withdrawn_with_a_reason_from_a_list_and_words_of_ones_own(
    client: Client, rita: Client
) -> None:
    record = make_linked()
    for data, told in (
        ({}, "Choose why it is withdrawn."),
        ({"why": "x\0"}, "Choose why it is withdrawn."),
        ({"why": "other", "words": " \0"}, "Say in a sentence why it is withdrawn."),
        ({"why": "never", "words": "x" * 290}, "Readers see 300 at most"),
    ):
        refused = withdraw(rita, record, **data)
        assert refused.status_code == 409
        assert told in refused.text
    leads = withdraw(rita, record, why="duplicate")
    assert leads.headers["Location"] == find_page(record, "merge")
    told = {"why": "never", "words": "It was only planned."}
    preview = withdraw(rita, record, **told, _preview="1")
    why = "It does not exist, or never took place. It was only planned."
    assert why in preview.text
    assert "no-store" in preview.headers["Cache-Control"]
    assert find_state(record) == State.PUBLISHED
    page = rita.get(find_page(record, "withdraw"))
    change_as(None, record, summary="Changed since.")
    stale = rita.post(find_page(record, "withdraw"), {"drawn": page.context["drawn"], **told})
    assert "Somebody has changed this record meanwhile." in stale.text
    done = withdraw(rita, record, **told)
    assert (done.status_code, find_state(record)) == (302, State.WITHDRAWN)
    gone = client.get("/programmes/before/")
    assert (gone.status_code, why in gone.text) == (410, True)
    again = rita.get(find_page(record, "withdraw"))
    assert "Only what readers see can be withdrawn." in read_messages(again)


def test_with_four_eyes_who_changed_a_record_last_does_not_withdraw_it(
    settings: LazySettings,
) -> None:
    settings.FOUR_EYES = True
    rita, root = make_person(Role.REVIEWER), make_person(Role.ADMINISTRATOR)
    record = write_as(rita)
    client = sign_in(rita)
    page: Any = client.get(find_page(record, "withdraw"))
    assert "You changed this last" in page.context["refusal"]
    sent = {"drawn": page.context["drawn"], "why": "never"}
    assert client.post(find_page(record, "withdraw"), sent).status_code == 403
    curator = sign_in(make_person(Role.CURATOR))
    assert curator.post(find_page(record, "withdraw"), sent).status_code == 403
    change_as(root, record, summary="Changed last.")
    alone = sign_in(root)
    refused = withdraw(alone, record, why="never")
    assert refused.status_code == 409
    assert "say why you do it alone" in refused.text
    done = withdraw(alone, record, why="never", reason_alone="All others are away.")
    assert (done.status_code, find_state(record)) == (302, State.WITHDRAWN)

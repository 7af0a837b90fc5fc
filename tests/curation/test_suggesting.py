"""Readers suggest, and find the answer: the form, the address of a suggestion, and its page."""

import re

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from programmes.models import Programme, Revision, Suggestion
from stemobs.curation.tokens import digest_token
from tests import builders
from tests.curation.suggesting import (
    FORM,
    RECORD,
    SAID,
    assert_sound,
    fill_in,
    find_row,
    find_token,
    find_told,
    send,
)

pytestmark = pytest.mark.django_db

PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


# --- The form -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    ["", f"?programme={RECORD}", f"?programme={RECORD}&fact=works", "?about=/platforms/",
     f"?programme={RECORD}&fact=reach-{'9' * 5_000}"],
)  # fmt: skip
def test_the_form_has_no_fault_and_at_most_six_fields(client: Client, query: str) -> None:
    assert_sound(client, f"{FORM}{query}")
    html = client.get(f"{FORM}{query}").text.partition("<main")[2].partition("</main>")[0]
    names = re.findall(r'<(?:input(?! type="hidden")|select|textarea)[^>]* name="(\w+)"', html)
    assert set(names) - {"web"} <= {"about", "kind", "value", "said", "source", "role"}
    assert "email" not in names


def test_the_form_names_the_record_and_the_fact_that_were_chosen(client: Client) -> None:
    programme = builders.make_programme(name="Girls & Gears")
    row = builders.make_reach(programme, 60_000, qualifier="about", position=7)
    page = client.get(f"{FORM}?programme={programme.slug}&fact=reach-7").text
    assert "Girls &amp; Gears" in page
    assert "How many it reaches: <b>about 60,000 students" in page
    assert "What is the right figure? (optional)" in page
    suggestion = find_row(send(client, fill_in(programme=programme.slug, fact="reach-7")))
    assert (suggestion.programme, suggestion.fact) == (programme, "reach-7")
    assert suggestion.fact_told.startswith("about 60,000 students")
    row.delete()
    form = fill_in(programme=programme.slug, fact="reach-7", value="65,000")
    later = find_row(send(client, form))
    assert (later.programme, later.fact, later.value) == (programme, "", "65,000")


def test_the_form_says_what_a_list_of_the_record_says(client: Client) -> None:
    page = client.get(f"{FORM}?programme={RECORD}&fact=countries").text
    assert "Country: <b>Netherlands</b>" in page


def test_nobody_learns_of_a_draft_by_its_relation_to_a_record(client: Client) -> None:
    programme = builders.make_programme()
    draft = builders.make_programme(name="Secret", state="draft")
    for other in (draft, builders.make_programme(name="Open")):
        row = builders.make_lineage(from_programme=other, to_programme=programme)
        page = client.get(f"{FORM}?programme={programme.slug}&fact=lineage-{row.pk}").text
        assert (other.name in page) == other.is_public


def test_the_right_value_is_asked_only_of_a_fact_that_is_one_value(client: Client) -> None:
    asked = 'name="value"'
    assert asked in client.get(f"{FORM}?programme={RECORD}&fact=website").text
    for query in ("", f"?programme={RECORD}", f"?programme={RECORD}&fact=works"):
        assert asked not in client.get(f"{FORM}{query}").text


def test_a_page_that_is_no_record_stands_in_the_form(client: Client) -> None:
    page = client.get(f"{FORM}?about=https://stem.example/platforms/x/").text
    assert re.search(r'name="about"\s+value="https://stem.example/platforms/x/"', page)
    form = {**fill_in(programme="", about="https://stem.example/platforms/x/")}
    assert find_row(send(client, form)).about == "https://stem.example/platforms/x/"


def test_parameters_that_the_form_does_not_know_are_named(client: Client) -> None:
    assert "<code>programm=x</code>" in client.get(f"{FORM}?programm=x").text


def test_opening_the_form_writes_nothing_and_sets_no_cookie(client: Client) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(f"{FORM}?programme={RECORD}&fact=works")
    written = [q["sql"] for q in queries if not re.match("SELECT|SAVEPOINT|RELEASE", q["sql"])]
    assert written == []
    assert not response.cookies
    assert PRIVATE.items() <= response.headers.items()
    assert "ETag" not in response.headers
    assert "Access-Control-Allow-Origin" not in response.headers


# --- Sending --------------------------------------------------------------------------------------


def test_a_suggestion_is_kept_and_leads_to_a_page_with_all_that_was_told(client: Client) -> None:
    response = send(client, fill_in(value="65,000", role="works-there"))
    row = find_row(response)
    assert (row.programme.slug, row.kind, row.state) == (RECORD, "newer", "received")
    assert row.said == SAID
    address = response.headers["Location"]
    assert_sound(client, address)
    page = client.get(address)
    assert PRIVATE.items() <= page.headers.items()
    assert page.headers["Referrer-Policy"] == "no-referrer"
    for told in (SAID, "Annual report 2018/19, page 7", "65,000", f"S-{row.pk}", address):
        assert told in page.text
    assert not response.cookies


def test_the_database_has_the_digest_of_a_token_and_never_the_token(client: Client) -> None:
    response = send(client)
    row, token = find_row(response), find_token(response)
    assert token not in str(Suggestion.objects.filter(pk=row.pk).values().get())
    assert row.digest == digest_token(token)


def test_sending_works_with_csrf_checks_and_without_any_cookie() -> None:
    strict = Client(enforce_csrf_checks=True)
    page = strict.get(f"{FORM}?programme={RECORD}").text
    assert "csrfmiddlewaretoken" not in page
    assert send(strict).status_code == 303


@pytest.mark.parametrize("field", ["kind", "said", "source"])
def test_a_missing_answer_is_named_and_everything_else_is_still_there(
    client: Client, field: str
) -> None:
    form = fill_in(value="<b>65,000</b>", **{field: " "})
    refused = send(client, form)
    assert refused.status_code == 422
    assert "This is not sent yet" in find_told(refused)
    html = refused.text
    for name in {"said", "source"} - {field}:
        assert form[name] in html
    assert "&lt;b&gt;65,000&lt;/b&gt;" in html
    assert form["stamp"] in html
    assert not Suggestion.objects.exists()


def test_without_a_record_the_form_asks_what_it_is_about(client: Client) -> None:
    refused = send(client, fill_in(programme=""))
    assert "Say what it is about" in find_told(refused)
    assert find_row(send(client, fill_in(programme="", about="Some programme"))).programme is None


def test_a_text_that_is_too_long_is_named_and_kept_whole(client: Client) -> None:
    long = "word " * 500 + "end"
    refused = send(client, fill_in(said=long))
    assert "may have 2000 letters, and has 2503" in find_told(refused)
    assert long in refused.text


# --- The record meanwhile -------------------------------------------------------------------------


def test_a_suggestion_about_a_renamed_record_arrives(client: Client) -> None:
    programme = builders.make_programme(slug="before")
    Programme.objects.filter(pk=programme.pk).update(slug="after")
    builders.make_former_slug(programme, "before")
    assert find_row(send(client, fill_in(programme="before"))).programme == programme


def test_a_suggestion_about_a_withdrawn_record_arrives_and_stays_to_be_read(
    client: Client,
) -> None:
    programme = builders.make_programme(slug="going")
    programme.state, programme.withdrawn_reason = Programme.State.WITHDRAWN, "It never was."
    programme.save()
    builders.make_reach(programme, 60_000, position=7)
    page = client.get(f"{FORM}?programme=going&fact=reach-7").text
    assert "This record was withdrawn from the catalogue. It never was." in page
    assert "60,000" not in page
    response = send(client, fill_in(programme="going", fact="reach-7"))
    assert (find_row(response).programme, find_row(response).fact) == (programme, "")
    assert client.get(response.headers["Location"]).status_code == 200


def test_a_suggestion_about_a_merged_record_is_about_the_one_it_became(client: Client) -> None:
    heir, programme = builders.make_programme(), builders.make_programme(slug="merged")
    programme.state, programme.merged_into = Programme.State.WITHDRAWN, heir
    programme.save()
    assert find_row(send(client, fill_in(programme="merged"))).programme == heir


def test_a_suggestion_outlives_the_record_that_it_is_about(client: Client) -> None:
    programme = builders.make_programme()
    response = send(client, fill_in(programme=programme.slug))
    programme.delete()
    assert "no longer here" in client.get(response.headers["Location"]).text


def test_the_page_of_a_suggestion_does_not_name_a_record_that_became_a_draft(
    client: Client,
) -> None:
    programme = builders.make_programme()
    response = send(client, fill_in(programme=programme.slug))
    programme.state, programme.name = Programme.State.DRAFT, "Working title"
    programme.save()
    page = client.get(response.headers["Location"]).text
    assert "no longer here" in page
    assert "Working title" not in page


@pytest.mark.parametrize("slug", ["hidden", "never-was"])
def test_nobody_learns_from_the_form_that_there_is_a_draft(client: Client, slug: str) -> None:
    builders.make_programme(slug="hidden", name="Hidden", state=Programme.State.DRAFT)
    answer = client.get(f"{FORM}?programme={slug}&fact=works")
    page = answer.text
    assert (answer.status_code, "There is no such record" in page) == (404, True)
    assert f"We have none called “{slug}”." in page
    assert "Hidden" not in page
    assert re.search(rf'name="about"\s+value="{slug}"', page)
    row = find_row(send(client, fill_in(programme=slug)))
    assert (row.programme, row.about) == (None, slug)


# --- The page of a suggestion ---------------------------------------------------------------------


def test_the_page_shows_the_state_and_the_answer(client: Client) -> None:
    response = send(client)
    row = find_row(response)
    assert "has arrived" in client.get(response.headers["Location"]).text
    row.state, row.answer = "declined", "The report says <i>something</i> else.\n\nThank you."
    row.decided_at = row.created_at
    row.save()
    page = client.get(response.headers["Location"]).text
    assert "Declined" in page
    assert "<p>The report says &lt;i&gt;something&lt;/i&gt; else.</p>" in page
    assert "Take it back" not in page


@pytest.mark.parametrize("method", ["get", "head"])
def test_reading_a_page_again_and_again_changes_nothing(client: Client, method: str) -> None:
    response = send(client)
    before = Suggestion.objects.values().get()
    for _time in range(3):
        answer = getattr(client, method)(response.headers["Location"])
        assert answer.status_code == 200
    assert Suggestion.objects.values().get() == before


def test_the_answer_is_seen_although_the_catalogue_has_not_changed(
    client: Client, settings: LazySettings
) -> None:
    settings.DEBUG = False
    response = send(client)
    before = client.get(response.headers["Location"])
    assert "ETag" not in before.headers
    assert "Last-Modified" not in before.headers
    Suggestion.objects.update(state="accepted", answer="Done.")
    again = client.get(response.headers["Location"], headers={"If-None-Match": "*"})
    assert again.status_code == 200
    assert "Done." in again.text


@pytest.mark.parametrize(
    "token", ["a" * 26, "a", "A" * 26, "%00", "x" * 900, "é", "a" * 25, "..", "S-1", "1"]
)
def test_a_guessed_address_is_a_plain_404_that_says_what_to_do(client: Client, token: str) -> None:
    send(client)
    answer = client.get(f"{FORM}{token}/")
    assert answer.status_code in ((400,) if "%00" in token else (404,))
    assert "Check that you copied all of it" in answer.text or "%00" in token or token == ".."
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Were you looking for" not in answer.text


def test_an_address_in_capitals_or_without_its_slash_leads_to_the_page_and_is_not_kept(
    client: Client,
) -> None:
    address = send(client).headers["Location"]
    for tried in (address.upper().replace("SUGGEST", "suggest"), address.rstrip("/")):
        answer = client.get(tried)
        assert (answer.status_code, answer.headers["Location"]) == (301, address)
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_suggestion_can_be_taken_back_until_it_is_decided(client: Client) -> None:
    first, second = send(client), send(client, fill_in(said="Something else."))
    taken = client.post(first.headers["Location"])
    assert "is deleted" in taken.text
    assert client.get(first.headers["Location"]).status_code == 404
    assert client.post(first.headers["Location"]).status_code == 404
    Suggestion.objects.update(state="accepted")
    assert client.post(second.headers["Location"]).status_code == 200
    assert Suggestion.objects.count() == 1


# --- Nothing of the catalogue changes -------------------------------------------------------------


def test_suggestions_never_raise_the_revision_or_an_etag(
    client: Client, settings: LazySettings
) -> None:
    settings.DEBUG = False
    before, tag = Revision.objects.get(), client.get(f"/programmes/{RECORD}/").headers["ETag"]
    response = send(client)
    row = find_row(response)
    row.state, row.answer = "accepted", "Thank you."
    row.save()
    Suggestion.objects.update(answer="Thank you very much.")
    Suggestion.objects.all().delete()
    after = Revision.objects.get()
    assert (after.number, after.changed_at) == (before.number, before.changed_at)
    assert client.get(f"/programmes/{RECORD}/").headers["ETag"] == tag


def test_a_decision_against_a_suggestion_cannot_be_stored_without_a_reason(
    client: Client,
) -> None:
    row = find_row(send(client))
    for state in ("declined", "partly"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Suggestion.objects.filter(pk=row.pk).update(state=state)
    Suggestion.objects.filter(pk=row.pk).update(state="declined", answer="No source says so.")

"""Forms that no reader sends: forged, replayed, too quick, too long, too many, and odd texts."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core import signing
from django.test import Client
from django.utils import timezone

from programmes.models import Suggestion
from stemobs.curation.suggestions import MOST_A_DAY
from stemobs.curation.tokens import SIGNER, make_stamp, make_token, read_stamp
from tests.curation.suggesting import (
    FORM,
    SAID,
    fill_in,
    find_row,
    find_token,
    find_told,
    make_old_stamp,
    send,
)

pytestmark = pytest.mark.django_db


# --- Stamps ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "stamp",
    ["", "x", "x" * 5_000, make_old_stamp(days=1), make_old_stamp(days=400), "WzEsMl0:x",
     signing.Signer(salt="another").sign_object(["nonce", 1]), make_stamp()[:-1], "\x00", "é:é"],
)  # fmt: skip
def test_a_form_without_a_valid_stamp_of_the_last_day_is_asked_again_with_all_its_text(
    client: Client, stamp: str
) -> None:
    refused = send(client, fill_in(stamp=stamp, value="65,000"))
    assert refused.status_code == 422
    assert "open for more than a day" in find_told(refused)
    assert SAID in refused.text
    assert 'value="65,000"' in refused.text
    assert not Suggestion.objects.exists()
    assert stamp not in refused.text or not stamp.strip("x")


def test_what_is_asked_again_has_a_new_stamp(client: Client) -> None:
    refused = send(client, fill_in(stamp=make_old_stamp(days=2)))
    assert read_stamp(refused.context["stamp"])


def test_a_form_that_is_sent_at_once_is_asked_again_with_its_stamp(client: Client) -> None:
    stamp = make_old_stamp(minutes=-1)  # however slow the test is
    refused = send(client, fill_in(stamp=stamp))
    assert refused.status_code == 422
    assert "That was very quick" in find_told(refused)
    assert refused.context["stamp"] == stamp


def test_a_form_open_for_almost_a_day_is_taken(client: Client) -> None:
    assert send(client, fill_in(stamp=make_old_stamp(hours=23, minutes=55))).status_code == 303


def test_a_stamp_cannot_be_made_without_the_key_of_the_site(settings: LazySettings) -> None:
    stamp = make_old_stamp(minutes=1)
    settings.SECRET_KEY = "another key " * 6
    assert read_stamp(stamp) is None
    assert SIGNER not in stamp


def test_a_program_that_fills_in_every_field_is_asked_again(client: Client) -> None:
    refused = send(client, fill_in(web="https://spam.example/"))
    assert refused.status_code == 422
    assert SAID in refused.text
    assert "spam.example" not in refused.text
    assert not Suggestion.objects.exists()


# --- Other sites ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
     {"Sec-Fetch-Site": "same-site"},
     {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}],
)  # fmt: skip
def test_what_another_site_sends_is_shown_and_not_kept(
    client: Client, headers: dict[str, str]
) -> None:
    refused = client.post(FORM, fill_in(), headers=headers)
    assert refused.status_code == 422
    assert "This came from another site" in find_told(refused)
    assert SAID in refused.text
    assert not Suggestion.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://testserver"}, {"Origin": "https://stem.example"}, {},
     {"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {"Sec-Fetch-Site": "none"}],
)  # fmt: skip
def test_what_our_own_page_sends_is_kept(
    client: Client, settings: LazySettings, headers: dict[str, str]
) -> None:
    settings.SITE_URL = "https://stem.example"
    assert client.post(FORM, fill_in(), headers=headers).status_code == 303


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(client: Client, method: str) -> None:
    address = send(client).headers["Location"]
    for path in (FORM, address):
        assert getattr(client, method)(path).status_code == 405
    assert Suggestion.objects.count() == 1


# --- The same again -------------------------------------------------------------------------------


def test_the_same_form_sent_twice_leads_to_the_same_page_and_one_row(client: Client) -> None:
    form = fill_in()
    tokens = {find_token(send(client, form)) for _time in range(3)}
    assert len(tokens) == 1
    assert Suggestion.objects.count() == 1


def test_a_form_that_is_changed_and_sent_again_is_another_suggestion(client: Client) -> None:
    form = fill_in()
    first, second = find_token(send(client, form)), find_token(send(client, {**form, "said": "x"}))
    assert first != second
    assert Suggestion.objects.count() == 2


def test_the_same_words_of_two_readers_have_two_addresses(client: Client) -> None:
    assert find_token(send(client)) != find_token(send(client))


def test_a_token_has_130_bits_and_needs_the_key_of_the_site(settings: LazySettings) -> None:
    stamp = read_stamp(make_old_stamp(minutes=1))
    assert stamp
    token = make_token(stamp, ["a", "b"])
    assert len(token) * 5 == 130
    assert token != make_token(stamp, ["a", "c"])
    assert token != make_token(stamp, ["ab", ""])
    settings.SECRET_KEY = "another key " * 6
    assert token != make_token(stamp, ["a", "b"])


# --- Limits ---------------------------------------------------------------------------------------


@pytest.fixture
def _two_a_day(settings: LazySettings, tmp_path: Path) -> None:
    """Set a limit of two suggestions a day, counted in an empty folder."""
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": tmp_path / "cache",
        }
    }
    settings.SUGGESTION_RATE = "2/d"


@pytest.mark.usefixtures("_two_a_day")
def test_a_client_over_the_limit_is_told_so_and_loses_nothing(client: Client) -> None:
    forms = [fill_in(said=f"Number {number}.") for number in range(3)]
    assert [send(client, form).status_code for form in forms] == [303, 303, 429]
    refused = send(client, forms[2])
    assert "Please come back tomorrow" in find_told(refused)
    assert "Number 2." in refused.text
    assert refused.headers["Retry-After"] == "86400"
    assert refused.headers["Cache-Control"] == "no-store"
    # What was kept before still leads to its page, and another client is not refused.
    assert send(client, forms[0]).status_code == 303
    assert send(client, forms[2], REMOTE_ADDR="192.0.2.9").status_code == 303


@pytest.mark.usefixtures("_two_a_day")
def test_forms_that_are_not_taken_do_not_count(client: Client) -> None:
    for _time in range(5):
        send(client, fill_in(source=""))
        send(client, fill_in(web="x"))
    assert send(client).status_code == 303


@pytest.mark.usefixtures("_two_a_day")
def test_no_address_of_a_client_is_stored(client: Client, tmp_path: Path) -> None:
    send(client, REMOTE_ADDR="203.0.113.77", headers={"User-Agent": "Tell-Tale/1.0"})
    stored = str(list(Suggestion.objects.values()))
    counted = b"".join(file.read_bytes() for file in (tmp_path / "cache").iterdir())
    for told in ("203.0.113", "Tell-Tale"):
        assert told not in stored
        assert told.encode() not in counted


@pytest.mark.trial
@pytest.mark.usefixtures("_two_a_day")
def test_five_hundred_posts_of_one_client_leave_two_rows(client: Client) -> None:
    answers = [send(client, fill_in(said=f"{number}")).status_code for number in range(500)]
    assert answers == [303, 303] + [429] * 498
    assert Suggestion.objects.count() == 2


def test_all_clients_together_are_limited_for_a_day(client: Client) -> None:
    rows = [
        Suggestion(digest=f"{n}", kind="other", said="x", source="x") for n in range(MOST_A_DAY)
    ]
    Suggestion.objects.bulk_create(rows)
    refused = send(client)
    assert refused.status_code == 429
    assert "very many suggestions today" in find_told(refused)
    Suggestion.objects.update(created_at=timezone.now() - timedelta(days=1))
    assert send(client).status_code == 303


# --- Bodies and texts -----------------------------------------------------------------------------


def test_a_body_of_ten_megabytes_is_refused_in_words(client: Client) -> None:
    body = b"said=" + b"x" * 10_000_000
    refused = client.post(FORM, body, content_type="application/x-www-form-urlencoded")
    assert refused.status_code == 413
    assert "more than we can read" in find_told(refused)
    assert not Suggestion.objects.exists()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"%ff%fe=%00&kind=%ff&said=%00%01&source=%e9", "application/x-www-form-urlencoded"),
        (b"&".join([b"said=x"] * 4_000), "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"x", "multipart/form-data"),
        (b"said=x", "text/plain"),
    ],
)
def test_a_body_that_is_no_form_gets_a_sound_answer(client: Client, body: bytes, kind: str) -> None:
    answer = client.post(FORM, body, content_type=kind)
    assert answer.status_code in (400, 422)
    assert answer.headers["Cache-Control"] == "no-store"
    assert not Suggestion.objects.exists()


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ('"><img src=x onerror=alert(1)>', '"><img src=x onerror=alert(1)>'),
        ("{{ settings.SECRET_KEY }} {% now %}", "{{ settings.SECRET_KEY }} {% now %}"),
        ("a\x00b", "ab"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("=1+1", "=1+1"),
        ("One.\r\n\r\nTwo.", "One.\n\nTwo."),
    ],
)
def test_markup_stays_text_and_what_nobody_sees_is_dropped(
    client: Client, typed: str, stored: str
) -> None:
    response = send(client, fill_in(said=typed, value=typed.splitlines()[0], source=typed))
    row = find_row(response)
    assert row.said == stored
    page = client.get(response.headers["Location"]).text
    main = page.partition("<main")[2]
    assert "<script>alert" not in main
    assert "<img" not in main
    assert "\u202e" not in main
    refused = send(client, fill_in(said=typed, source=""))
    main = refused.text.partition("<main")[2]
    assert "<script>alert" not in main
    assert "\x00" not in main
    assert "\u202e" not in main


@pytest.mark.parametrize("name", ["kind", "role"])
def test_a_choice_that_is_not_offered_is_refused_by_name(client: Client, name: str) -> None:
    refused = send(client, fill_in(**{name: "administrator"}))
    assert "Choose one of the answers" in find_told(refused)
    assert f'href="#suggest-{name}' in refused.text


def test_what_is_not_asked_cannot_be_set(client: Client) -> None:
    form = {**fill_in(), "state": "accepted", "answer": "Yes.", "digest": "x", "pk": "7"}
    row = find_row(send(client, form))
    assert (row.state, row.answer) == ("received", "")
    assert row.digest != "x"

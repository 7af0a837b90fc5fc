"""Tests of answers kept in memory: the same answer again, and a new one when anything changed."""

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from programmes.models import Programme
from stemobs.http import kept
from tests.http.memories import remember

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_keeping")]
RECORD = "/programmes/jet-net-nl/"
IN_JSON = "/api/v1/programmes/jet-net-nl/"
ADDRESSES = [RECORD, "/", "/countries/nl/", "/programmes/?country=NL", IN_JSON]


@pytest.fixture
def _keeping(settings: LazySettings) -> None:
    remember(settings, "answers", "tags")


def count_queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(address).getvalue()
    return len(captured)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_second_answer_equals_the_first_and_takes_only_the_query_for_the_revision(
    client: Client, address: str
) -> None:
    # The id of a request is another one each time, unless a proxy gives it.
    given = {"X-Request-ID": "one-for-all"}
    first = client.get(address, headers=given)
    with CaptureQueriesContext(connection) as captured:
        second = client.get(address, headers=given)
    assert len(captured) == 1
    assert second.content == first.content
    assert second.headers == first.headers
    assert client.head(address, headers=given).headers == {**first.headers}


def test_what_was_saved_is_seen_at_once(client: Client) -> None:
    client.get(RECORD)
    Programme.objects.filter(slug="jet-net-nl").update(name="Another name")
    assert "<h1>Another name" in client.get(RECORD).text.replace(' id="h1"', "")


def test_a_withdrawn_programme_is_gone_at_once(client: Client) -> None:
    client.get(RECORD)
    Programme.objects.filter(slug="jet-net-nl").update(
        state=Programme.State.WITHDRAWN, withdrawn_reason="For a test."
    )
    assert client.get(RECORD).status_code == 410


def test_a_curator_gets_no_kept_answer_and_leaves_none(client: Client, admin_user: User) -> None:
    curator = Client()
    curator.force_login(admin_user)
    assert count_queries(curator, RECORD) > 5
    assert count_queries(client, RECORD) > 5
    assert count_queries(curator, RECORD) > 5
    assert "Edit" not in client.get(RECORD).text


def test_another_form_of_an_address_is_another_answer(client: Client) -> None:
    as_json = client.get(IN_JSON, headers={"Accept": "application/json"})
    linked = client.get(IN_JSON, headers={"Accept": "application/ld+json"})
    assert as_json.headers["Content-Type"] != linked.headers["Content-Type"]


def test_errors_files_and_large_answers_are_not_kept(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "LARGEST", 1_000)
    for address in ("/programmes/nowhere/", "/programmes.csv?country=FI", RECORD):
        assert min(count_queries(client, address) for _turn in range(2)) > 1, address

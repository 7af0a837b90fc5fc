"""Tests of /metrics within one process: who may read it, and what it tells."""

import re
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client

from programmes.models import Lease, WebLink
from stemobs.catalogue.states.moments import read_latest_moment
from stemobs.http.watching.metrics import PATH
from tests.builders import make_programme

pytestmark = pytest.mark.django_db


@pytest.fixture
def watched(settings: LazySettings) -> LazySettings:
    """The settings of a site that lets this machine read its figures."""
    settings.METRICS = [ip_network("127.0.0.1"), ip_network("10.1.0.0/16")]
    return settings


def read(client: Client) -> str:
    answer = client.get(PATH)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.content.decode()


def count(text: str, **labels: str) -> float:
    """Return the value of stem_requests_total with these labels; 0 if there is none."""
    for told, value in re.findall(r"^stem_requests_total\{(.*)\} (\S+)$", text, flags=re.M):
        if dict(re.findall(r'(\w+)="([^"]*)"', told)) == labels:
            return float(value)
    return 0


def test_without_the_setting_nobody_finds_metrics(client: Client) -> None:
    assert client.get(PATH).status_code == 404


@pytest.mark.parametrize(
    ("address", "status"),
    {"127.0.0.1": 200, "10.1.2.3": 200, "10.2.0.1": 404, "::1": 404, "": 404}.items(),
)
def test_only_named_addresses_read_metrics(
    client: Client, watched: LazySettings, address: str, status: int
) -> None:
    assert client.get(PATH, REMOTE_ADDR=address).status_code == status


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "X-Real-IP", "Via"]
)
def test_what_came_through_a_proxy_reads_no_metrics(
    client: Client, watched: LazySettings, header: str
) -> None:
    assert client.get(PATH, headers={header: "127.0.0.1"}).status_code == 404


@pytest.mark.parametrize("path", ["/METRICS", "/metrics/"])
def test_another_spelling_is_not_found(client: Client, watched: LazySettings, path: str) -> None:
    assert client.get(path, follow=True).status_code == 404


def test_answers_are_counted_by_kind_of_address_method_and_class_of_status(
    client: Client, watched: LazySettings
) -> None:
    slug = make_programme(slug="a-programme-of-this-test").slug
    kinds = {
        ("programme", "GET", "2xx"): lambda: client.get(f"/programmes/{slug}/"),
        ("programme", "GET", "4xx"): lambda: client.get("/programmes/there-is-none/"),
        ("none", "GET", "4xx"): lambda: client.get("/secret-words/"),
        ("home", "other", "4xx"): lambda: client.delete("/"),
        ("programmes", "HEAD", "2xx"): lambda: client.head("/programmes/?q=secret-words"),
    }
    before = read(client)
    for ask in kinds.values():
        ask()
    after = read(client)
    for kind in kinds:
        labels = dict(zip(("route", "method", "status"), kind, strict=True))
        assert count(after, **labels) == count(before, **labels) + 1, kind
    assert 'stem_request_seconds_count{route="programme"}' in after


def test_no_label_has_a_path_a_word_or_anything_of_a_client(
    client: Client, watched: LazySettings
) -> None:
    make_programme(slug="a-draft-of-this-test", state="draft")
    for path in ("/programmes/a-draft-of-this-test/", "/programmes/?q=secret-words", "/suggest/x/"):
        client.get(path, headers={"User-Agent": "secret-words"}, REMOTE_ADDR="203.0.113.9")
    told = read(client)
    labels = {
        name for text in re.findall(r"\{(.*?)\}", told) for name in re.findall(r"(\w+)=", text)
    }
    assert labels <= {"route", "method", "status", "le", "database", "outcome", "job", "kind"}
    for word in ("draft", "secret", "203.0.113", "/"):
        assert not re.search(rf'="[^"]*{re.escape(word)}', told)


def test_index_and_database_tell_their_revision(client: Client, watched: LazySettings) -> None:
    client.get("/programmes/")
    from_database = read_latest_moment(connection)
    told = read(client)
    assert f'stem_database_revision{{database="default"}} {float(from_database.number)}' in told
    assert 'stem_database_up{database="default"} 1.0' in told


def test_links_are_told_by_what_was_found_and_jobs_by_when_they_ended(
    client: Client, watched: LazySettings
) -> None:
    assert 'stem_links{outcome="not-found"} 0.0' in read(client)
    for number, found in enumerate(
        ({"outcome": "not-found", "is_broken": True}, {"outcome": "not-found"}, {})
    ):
        WebLink.objects.create(address=f"https://secret-words.example/{number}", **found)
    ended = datetime(2026, 11, 29, 2, 14, tzinfo=UTC)
    Lease.objects.create(name="check_links", ended_at=ended)
    Lease.objects.create(name="watch")
    told = read(client)
    for figure in (
        'stem_links{outcome="not-found"} 2.0',
        'stem_links{outcome="not-looked-at"} 1.0',
        'stem_links{outcome="works"} 0.0',
        "stem_links_broken 1.0",
        f'stem_job_ended_timestamp_seconds{{job="check_links"}} {ended.timestamp():.8e}',
    ):
        assert figure in told
    assert "watch" not in told
    assert "secret-words" not in told

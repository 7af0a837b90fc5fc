"""Tests of HTTP caching: Cache-Control, ETag, 304 Not Modified, Last-Modified, Vary, and gzip."""

import datetime
import gzip
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import LazySettings
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from programmes.models import Programme, Revision
from stemobs.catalogue.states.moments import LATEST
from stemobs.exports.files import FIGURE_FORMATS, FORMATS
from stemobs.http import caching
from stemobs.release import digest_release
from tests.http.memories import remember

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.usefixtures("_keeping")]

# Addresses of files, which are streamed.
FILES = [
    *(f"/programmes.{ending}?q=jet-net" for ending in FORMATS),
    *(f"/programmes/figures.{ending}?q=jet-net" for ending in FIGURE_FORMATS),
    *(f"/api/v1/programmes/?q=jet-net&format={name}" for name in FORMATS),
    *(f"/api/v1/programmes/figures/?q=jet-net&format={name}" for name in FIGURE_FORMATS),
    "/programmes.csv?q=jet-net&bom=1",
]
PUBLIC = [
    "/", "/programmes/?country=NL", "/programmes/jet-net-nl/", "/countries/nl/", "/organisations/",
    "/about/data/", "/api/v1/", "/api/v1/programmes/", "/api/v1/countries/nl/",
    "/feeds/programmes.rss", "/insights/gaps.csv", "/insights/gaps.svg",
    *FILES,
]  # fmt: skip


@pytest.fixture
def _keeping(settings: LazySettings) -> None:
    remember(settings, "tags")


def read_to_end(client: Client, address: str) -> Any:
    """Return the response of an address after reading it to its end, which closes a file."""
    response = client.get(address)
    assert response.getvalue()
    return response


def read_policy(response: Any) -> dict[str, int | None]:
    """Return the directives of Cache-Control with their seconds."""
    parts = (part.partition("=") for part in response.headers["Cache-Control"].split(", "))
    return {name: int(seconds) if seconds else None for name, _equals, seconds in parts}


def test_public_answers_may_be_cached_for_less_than_a_minute(client: Client) -> None:
    for address in PUBLIC:
        response = read_to_end(client, address)
        assert response.headers["Cache-Control"] == caching.PUBLIC, address
        assert "Cookie" in response.headers["Vary"]


def test_a_browser_behind_a_proxy_shows_nothing_older_than_a_minute(client: Client) -> None:
    policy = read_policy(client.get("/programmes/"))
    assert policy.keys() >= {"public", "stale-if-error"}
    by_proxy, by_browser, again = (
        policy[name] or 0 for name in ("s-maxage", "max-age", "stale-while-revalidate")
    )
    # nginx does not say how long it has kept an answer, so the times of both add up.
    assert 0 < by_proxy + again + by_browser + again <= 60


def test_answers_to_a_signed_in_user_are_private_no_cache(client: Client) -> None:
    client.force_login(get_user_model().objects.create_user("curator", is_staff=True))
    assert client.get("/programmes/jet-net-nl/").headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    "address",
    [
        "/nowhere/",
        "/programmes/?page=999",
        "/programmes/?q=%00",
        "/api/v1/nowhere/",
        "/api/v1/programmes/?contry=NL",
    ],
)
def test_errors_are_no_store(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code >= 400
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ["/admin/", "/admin/login/", "/health/live"])
def test_admin_and_health_checks_are_no_store(client: Client, address: str) -> None:
    assert "public" not in client.get(address).headers["Cache-Control"]
    assert "no-store" in client.get(address).headers["Cache-Control"]


# --- “Not modified” -------------------------------------------------------------------------------


def read_etag(client: Client, address: str) -> str:
    response = read_to_end(client, address)
    assert response.status_code == 200
    return response.headers["ETag"]


def change_summary(slug: str) -> None:
    assert Programme.objects.filter(slug=slug).update(summary="Another summary.")


def test_the_etag_gets_a_304_as_long_as_the_answer_stays_the_same(client: Client) -> None:
    seen = {address: read_to_end(client, address) for address in PUBLIC}
    tags = {address: answer.headers["ETag"] for address, answer in seen.items()}
    for address, known in tags.items():
        again = client.get(address, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b""), address
        assert again.headers["ETag"] == known
        assert again.headers["Cache-Control"] == caching.PUBLIC
        assert "Cookie" in again.headers["Vary"]
    change_summary("girls-day-slovakia")
    current = set()
    for address, known in tags.items():
        after = read_to_end(client, address)
        is_same = not after.streaming and after.getvalue() == seen[address].getvalue()
        assert (after.headers["ETag"] == known) is is_same, address
        asked = client.get(address, headers={"If-None-Match": known})
        assert bool(asked.getvalue()) is not is_same
        assert asked.status_code == (304 if is_same else 200), address
        current |= {address} if is_same else set()
    # Pages with a citation name the revision, and files are too long to be made before they are
    # tagged.
    assert current == {
        "/countries/nl/", "/organisations/", "/api/v1/", "/api/v1/programmes/",
        "/api/v1/countries/nl/", "/feeds/programmes.rss", "/insights/gaps.svg",
    }  # fmt: skip


def test_who_asks_in_vain_after_a_change_is_told_so_without_work_from_then_on(
    client: Client,
) -> None:
    known = read_etag(client, "/countries/nl/")
    change_summary("girls-day-slovakia")
    for expected in (False, True):
        with CaptureQueriesContext(connection) as captured:
            answer = client.get("/countries/nl/", headers={"If-None-Match": known})
        assert answer.status_code == 304
        assert (len(captured) == 1) is expected


def test_a_304_takes_only_the_query_for_the_revision(client: Client) -> None:
    for address in PUBLIC:
        seen = client.head(address).headers["ETag"]
        with CaptureQueriesContext(connection) as captured:
            client.get(address, headers={"If-None-Match": f'"other", {seen}'})
        asked = [one["sql"] for one in captured]
        assert asked == [LATEST], address


def test_every_address_has_its_own_etag(client: Client) -> None:
    tags = [read_etag(client, address) for address in PUBLIC]
    assert len(set(tags)) == len(PUBLIC)
    assert read_etag(client, "/programmes/?page=1") != read_etag(client, "/programmes/")


def test_a_404_is_never_answered_with_304(client: Client) -> None:
    seen = read_etag(client, "/programmes/")
    for wrong in ("/nowhere/", "/programmes/?page=999", "/programmes/no-such-programme/"):
        assert client.get(wrong, headers={"If-None-Match": seen}).status_code == 404
        assert client.get(wrong, headers={"If-None-Match": "*"}).status_code == 404


def test_if_none_match_with_a_star_gets_a_304(client: Client) -> None:
    assert client.get("/programmes/", headers={"If-None-Match": "*"}).status_code == 304


def test_head_has_the_same_etag_as_get_and_can_get_a_304(client: Client) -> None:
    seen = client.head("/programmes/").headers["ETag"]
    assert seen == read_etag(client, "/programmes/")
    assert client.head("/programmes/", headers={"If-None-Match": seen}).status_code == 304


@pytest.mark.parametrize("header", ["", "nonsense", '"', "W/", '"x' * 500, quote("é")])
def test_a_malformed_if_none_match_is_ignored(client: Client, header: str) -> None:
    assert client.get("/about/data/", headers={"If-None-Match": header}).status_code == 200


def test_a_signed_in_user_gets_another_etag_than_the_public(client: Client) -> None:
    everybodys = read_etag(client, "/programmes/")
    client.force_login(get_user_model().objects.create_user("curator", is_staff=True))
    own = client.get("/programmes/", headers={"If-None-Match": everybodys})
    assert own.status_code == 200
    assert own.headers["ETag"] != everybodys
    assert "Last-Modified" not in own.headers


@pytest.fixture
def _another_release(settings: LazySettings) -> Iterator[None]:
    settings.SITE_URL = "https://another.example"
    digest_release.cache_clear()
    yield
    digest_release.cache_clear()


def test_a_new_release_makes_old_etags_stale(
    client: Client, request: pytest.FixtureRequest
) -> None:
    seen = read_etag(client, "/about/data/")
    request.getfixturevalue("_another_release")
    assert client.get("/about/data/", headers={"If-None-Match": seen}).status_code == 200


def test_with_debug_pages_have_content_etags_and_files_keep_revision_etags(
    client: Client, settings: LazySettings
) -> None:
    by_revision = read_etag(client, "/about/data/")
    file = read_etag(client, "/programmes.csv")
    settings.DEBUG = True
    assert read_etag(client, "/about/data/") != by_revision
    # A streamed file is made without a template, so it keeps the tag of the revision.
    assert read_etag(client, "/programmes.csv") == file
    assert client.get("/programmes.csv", headers={"If-None-Match": file}).status_code == 304


# --- Last-Modified, and gzip ----------------------------------------------------------------------


DATED = ["/api/v1/programmes/", "/api/v1/", "/feeds/programmes.rss", "/programmes.csv?country=FI"]
LONG_AGO = datetime.datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=datetime.UTC)
SENT = "Fri, 02 Jan 2026 03:04:05 GMT"


@pytest.fixture
def _nothing_changed_for_long(settings: LazySettings) -> None:
    settings.STARTED = LONG_AGO - datetime.timedelta(days=1)
    Revision.objects.update(changed_at=LONG_AGO)


@pytest.mark.usefixtures("_nothing_changed_for_long")
@pytest.mark.parametrize("address", DATED)
def test_the_last_modified_time_that_was_sent_gets_a_304_by_itself(
    client: Client, address: str
) -> None:
    whole = read_to_end(client, address)
    assert whole.headers["Last-Modified"] == SENT
    for again in (
        client.get(address, headers={"If-Modified-Since": SENT}),
        client.head(address, headers={"If-Modified-Since": SENT}),
    ):
        assert (again.status_code, again.content) == (304, b"")
        for name in ("ETag", "Vary", "Cache-Control", "Last-Modified"):
            assert again.headers[name] == whole.headers[name]


@pytest.mark.usefixtures("_nothing_changed_for_long")
@pytest.mark.parametrize(
    "said",
    [
        {"If-Modified-Since": "Fri, 02 Jan 2026 03:04:04 GMT"},
        {"If-Modified-Since": "Fri, 02 Jan 2026 03:04:06 GMT"},
        {"If-Modified-Since": "nonsense"},
        {"If-Modified-Since": SENT, "If-None-Match": 'W/"another"'},
    ],
)
def test_another_time_or_another_tag_gets_the_whole_answer(
    client: Client, said: dict[str, str]
) -> None:
    assert client.get("/programmes/", headers=said).status_code == 200


@pytest.mark.usefixtures("_nothing_changed_for_long")
def test_a_404_is_never_answered_with_304_because_of_its_time(client: Client) -> None:
    said = {"If-Modified-Since": SENT}
    assert client.get("/programmes/no-such-programme/", headers=said).status_code == 404


@pytest.mark.usefixtures("_nothing_changed_for_long")
def test_no_time_is_sent_soon_after_a_change_because_another_may_share_its_second(
    client: Client,
) -> None:
    Revision.objects.update(changed_at=timezone.now() - datetime.timedelta(minutes=5))
    for address in DATED:
        response = read_to_end(client, address)
        assert "Last-Modified" not in response.headers
        assert "ETag" in response.headers


@pytest.mark.usefixtures("_nothing_changed_for_long")
def test_a_new_release_makes_the_time_of_the_last_change_stale(
    client: Client, settings: LazySettings
) -> None:
    settings.STARTED = LONG_AGO + datetime.timedelta(days=1)
    response = client.get("/programmes.csv", headers={"If-Modified-Since": SENT})
    assert response.status_code == 200
    assert response.headers["Last-Modified"] == "Sat, 03 Jan 2026 04:00:00 GMT"


@pytest.mark.usefixtures("_nothing_changed_for_long")
def test_pages_that_tell_of_the_dump_have_no_time(client: Client) -> None:
    assert "Last-Modified" not in client.get("/about/data/").headers


def test_head_has_the_tag_of_get_also_where_it_comes_from_the_content(
    client: Client, settings: LazySettings
) -> None:
    settings.SECURITY_CONTACT = "mailto:a@example.org"
    address = "/.well-known/security.txt"
    tag = client.head(address).headers["ETag"]
    assert client.get(address).headers["ETag"] == tag
    for ask in (client.get, client.head):
        assert ask(address, headers={"If-None-Match": tag}).status_code == 304


# --- Vary, and gzip -------------------------------------------------------------------------------


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_vary_is_the_same_for_200_304_and_head(client: Client, coding: str) -> None:
    for address in PUBLIC:
        whole = client.get(address, headers={"Accept-Encoding": coding})
        assert whole.getvalue()
        said = {"Accept-Encoding": coding, "If-None-Match": whole.headers["ETag"]}
        same = client.get(address, headers=said)
        assert same.status_code == 304
        head = client.head(address, headers={"Accept-Encoding": coding})
        assert whole.headers["Vary"] == same.headers["Vary"] == head.headers["Vary"], address


def test_vary_names_accept_only_where_the_answer_depends_on_it(client: Client) -> None:
    for address in ("/programmes/jet-net-nl/", "/organisations/shell/", "/api/v1/countries/"):
        assert client.get(address).headers["Vary"] == "Accept, Accept-Encoding, Cookie"
    for address in ("/programmes/", "/feeds/programmes.rss", "/insights/gaps.svg"):
        assert client.get(address).headers["Vary"] == "Accept-Encoding, Cookie"
    page = "/programmes/jet-net-nl/"
    moved = client.get(page, headers={"Accept": "application/json"})
    assert (moved.status_code, moved.headers["Vary"]) == (303, "Accept, Accept-Encoding, Cookie")


@pytest.mark.parametrize(
    "refusal", ["gzip;q=0", "*;q=0", "gzip;q=0, *", "br", "identity", "gzip;q=0.5, identity", "*"]
)
def test_gzip_is_not_sent_to_whom_refuses_or_does_not_name_it(client: Client, refusal: str) -> None:
    for address in ("/programmes/", "/api/v1/programmes/", "/programmes.csv?country=FI"):
        response = client.get(address, headers={"Accept-Encoding": refusal})
        assert "Content-Encoding" not in response.headers
        assert response.getvalue()


def test_the_same_revision_number_with_another_time_is_another_state(client: Client) -> None:
    seen, before = read_etag(client, "/programmes/"), Revision.objects.get().number
    former = Revision.objects.get().changed_at
    Programme.objects.get(slug="girls-day-slovakia").delete()
    Revision.objects.update(number=before, changed_at=former + datetime.timedelta(seconds=1))
    assert client.get("/programmes/", headers={"If-None-Match": seen}).status_code == 200


def test_whether_a_small_answer_is_compressed_is_no_matter_of_chance(client: Client) -> None:
    for address in ("/robots.txt", "/programmes/jet-net-nl.bib"):
        for accepted in ["gzip"] * 20:
            response = client.get(address, headers={"Accept-Encoding": accepted})
            assert "Content-Encoding" not in response.headers


def test_what_exists_in_one_coding_only_is_sent_in_it_even_if_it_is_refused(client: Client) -> None:
    for address in ("/robots.txt", "/programmes.xlsx", "/api/v1/countries/NL/"):
        response = client.get(address, headers={"Accept-Encoding": "identity;q=0"})
        assert response.getvalue()
        assert "Content-Encoding" not in response.headers
    response = client.get("/programmes/", headers={"Accept-Encoding": "identity;q=0"})
    assert response.headers["Content-Encoding"] == "gzip"


def test_an_excel_file_is_not_compressed_again(client: Client) -> None:
    response = client.get("/programmes.xlsx", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in response.headers
    assert len(response.getvalue()) == int(response.headers["Content-Length"])


@pytest.mark.parametrize(
    "address", ["/programmes/", "/programmes/jet-net-nl/", "/api/v1/programmes/", "/programmes.csv"]
)
def test_answers_are_compressed_for_clients_that_accept_gzip(client: Client, address: str) -> None:
    plain = client.get(address)
    compressed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert compressed.headers["Content-Encoding"] == "gzip"
    sent, whole = compressed.getvalue(), plain.getvalue()
    assert gzip.decompress(sent) == whole
    assert len(sent) < len(whole) / 2
    assert "Accept-Encoding" in compressed.headers["Vary"]
    assert compressed.headers.get("ETag") == plain.headers.get("ETag")

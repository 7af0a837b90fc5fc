"""How long an answer may be kept, and how a reader learns that it still holds."""

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

from programmes.models import Revision
from stemobs.exports.files import FIGURE_FORMATS, FORMATS
from stemobs.http import caching
from tests import builders

pytestmark = pytest.mark.django_db

# What is sent while it is made.
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


def read(client: Client, address: str) -> Any:
    """Read an answer to its end, as a file is closed then."""
    response = client.get(address)
    assert response.getvalue()
    return response


def test_what_everyone_sees_may_be_kept_for_a_minute(client: Client) -> None:
    for address in PUBLIC:
        response = read(client, address)
        assert response.headers["Cache-Control"] == "public, max-age=60", address
        assert "Cookie" in response.headers["Vary"]


def test_a_curator_sees_at_once_what_was_saved(client: Client) -> None:
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
def test_no_cache_keeps_an_error(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code >= 400
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ["/admin/", "/admin/login/", "/health/live"])
def test_no_cache_keeps_what_is_for_one_reader_or_one_moment(client: Client, address: str) -> None:
    assert "public" not in client.get(address).headers["Cache-Control"]
    assert "no-store" in client.get(address).headers["Cache-Control"]


# --- “Not modified” -------------------------------------------------------------------------------


def tag(client: Client, address: str) -> str:
    response = read(client, address)
    assert response.status_code == 200
    return response.headers["ETag"]


def test_an_answer_still_holds_until_the_catalogue_changes(client: Client) -> None:
    seen = {address: tag(client, address) for address in PUBLIC}
    for address, known in seen.items():
        again = client.get(address, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b""), address
        assert again.headers["ETag"] == known
        assert again.headers["Cache-Control"] == "public, max-age=60"
        assert "Cookie" in again.headers["Vary"]
    builders.make_source()
    for address, known in seen.items():
        changed = client.head(address, headers={"If-None-Match": known})
        assert changed.status_code == 200, address
        assert changed.headers["ETag"] != known


def test_not_modified_is_known_from_the_revision_alone(client: Client) -> None:
    for address in PUBLIC:
        seen = client.head(address).headers["ETag"]
        with CaptureQueriesContext(connection) as captured:
            client.get(address, headers={"If-None-Match": f'"other", {seen}'})
        asked = [one["sql"] for one in captured]
        assert asked == ["SELECT number, changed_at FROM programmes_revision"], address


def test_every_address_has_a_tag_of_its_own(client: Client) -> None:
    tags = [tag(client, address) for address in PUBLIC]
    assert len(set(tags)) == len(PUBLIC)
    assert tag(client, "/programmes/?page=1") != tag(client, "/programmes/")


def test_an_address_that_is_wrong_is_never_not_modified(client: Client) -> None:
    seen = tag(client, "/programmes/")
    for wrong in ("/nowhere/", "/programmes/?page=999", "/programmes/no-such-programme/"):
        assert client.get(wrong, headers={"If-None-Match": seen}).status_code == 404
        assert client.get(wrong, headers={"If-None-Match": "*"}).status_code == 404


def test_any_tag_will_do_for_a_star(client: Client) -> None:
    assert client.get("/programmes/", headers={"If-None-Match": "*"}).status_code == 304


def test_the_headers_alone_can_be_not_modified(client: Client) -> None:
    seen = client.head("/programmes/").headers["ETag"]
    assert seen == tag(client, "/programmes/")
    assert client.head("/programmes/", headers={"If-None-Match": seen}).status_code == 304


@pytest.mark.parametrize("header", ["", "nonsense", '"', "W/", '"x' * 500, quote("é")])
def test_a_tag_that_is_none_is_left_aside(client: Client, header: str) -> None:
    assert client.get("/about/data/", headers={"If-None-Match": header}).status_code == 200


def test_what_a_curator_sees_has_no_tag_of_everybodys(client: Client) -> None:
    everybodys = tag(client, "/programmes/")
    client.force_login(get_user_model().objects.create_user("curator", is_staff=True))
    own = client.get("/programmes/", headers={"If-None-Match": everybodys})
    assert own.status_code == 200
    assert own.headers["ETag"] != everybodys
    assert "Last-Modified" not in own.headers


@pytest.fixture
def _another_release(settings: LazySettings) -> Iterator[None]:
    settings.SITE_URL = "https://another.example"
    caching.digest_release.cache_clear()
    yield
    caching.digest_release.cache_clear()


def test_a_new_release_is_not_answered_with_not_modified(
    client: Client, request: pytest.FixtureRequest
) -> None:
    seen = tag(client, "/about/data/")
    request.getfixturevalue("_another_release")
    assert client.get("/about/data/", headers={"If-None-Match": seen}).status_code == 200


def test_while_developing_pages_are_compared_by_their_content(
    client: Client, settings: LazySettings
) -> None:
    by_revision = tag(client, "/about/data/")
    file = tag(client, "/programmes.csv")
    settings.DEBUG = True
    assert tag(client, "/about/data/") != by_revision
    assert tag(client, "/programmes.csv") == file  # no template, and no content before it is sent
    assert client.get("/programmes.csv", headers={"If-None-Match": file}).status_code == 304


# --- The time of the last change ------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/programmes/", "/api/v1/", "/feeds/programmes.rss"])
def test_the_time_of_the_last_change_is_told(client: Client, address: str) -> None:
    moment = datetime.datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=datetime.UTC)
    Revision.objects.update(changed_at=moment)
    assert client.get(address).headers["Last-Modified"] == "Fri, 02 Jan 2026 03:04:05 GMT"


@pytest.mark.parametrize("address", ["/programmes/", "/api/v1/", "/feeds/programmes.rss"])
def test_a_time_alone_is_no_proof_that_nothing_has_changed(client: Client, address: str) -> None:
    told = {"If-Modified-Since": client.get(address).headers["Last-Modified"]}
    assert client.get(address, headers=told).status_code == 200
    told["If-None-Match"] = tag(client, address)
    assert client.get(address, headers=told).status_code == 304


def test_a_restored_backup_with_the_same_number_has_other_tags(client: Client) -> None:
    seen = tag(client, "/programmes/")
    Revision.objects.update(changed_at=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
    assert client.get("/programmes/", headers={"If-None-Match": seen}).status_code == 200


def test_what_is_compressed_by_nature_is_sent_as_it_is(client: Client) -> None:
    response = client.get("/programmes.xlsx", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in response.headers
    assert len(response.getvalue()) == int(response.headers["Content-Length"])


@pytest.mark.parametrize(
    "address", ["/programmes/", "/programmes/jet-net-nl/", "/api/v1/programmes/", "/programmes.csv"]
)
def test_an_answer_is_compressed_for_those_who_can_read_it(client: Client, address: str) -> None:
    plain = client.get(address)
    compressed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert compressed.headers["Content-Encoding"] == "gzip"
    sent, whole = compressed.getvalue(), plain.getvalue()
    assert gzip.decompress(sent) == whole
    assert len(sent) < len(whole) / 2
    assert "Accept-Encoding" in compressed.headers["Vary"]
    assert compressed.headers.get("ETag") == plain.headers.get("ETag")

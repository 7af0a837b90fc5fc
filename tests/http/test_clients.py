"""Programs may ask from any web page, and so often and no more; who asks cannot be forged."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.test import Client

from stemobs.http.clients import find_network

pytestmark = pytest.mark.django_db

API = "/api/v1/countries/NL/"
FILE = "/programmes.csv?country=NL"
PAGE = "/countries/nl/"
FORWARDED = "HTTP_X_FORWARDED_FOR"


@pytest.fixture
def _three_an_hour(settings: LazySettings, tmp_path: Path) -> None:
    """A limit that no test outlasts, counted in a folder of its own."""
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": tmp_path / "cache",
        }
    }
    settings.API_RATE = "3/h"


def statuses(client: Client, *addresses: str, **meta: Any) -> list[int]:
    return [client.get(address, **meta).status_code for address in addresses]


# --- How often ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_three_an_hour")
def test_who_asks_more_often_than_agreed_is_told_when_to_come_back(client: Client) -> None:
    assert statuses(client, API, API, API) == [200, 200, 200]
    refused = client.get(API)
    assert refused.status_code == 429
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["title"] == "Too Many Requests"
    seconds = int(refused.headers["Retry-After"])
    assert 3500 < seconds <= 3600
    assert f"in {seconds} seconds" in refused.json()["detail"]
    assert refused.headers["RateLimit"] == f'"client";r=0;t={seconds}'
    assert refused.headers["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("_three_an_hour")
def test_every_answer_says_how_much_is_left(client: Client) -> None:
    wrong = "/api/v1/programmes/?contry=NL"
    told = [client.get(address).headers for address in (API, wrong, "/api/v1/nowhere/")]
    assert [headers["RateLimit"].partition(";t=")[0] for headers in told] == [
        '"client";r=2', '"client";r=1', '"client";r=0',
    ]  # fmt: skip
    assert {headers["RateLimit-Policy"] for headers in told} == {'"client";q=3;w=3600'}


@pytest.mark.usefixtures("_three_an_hour")
def test_not_modified_counts_and_says_so_too(client: Client) -> None:
    seen = client.get(API).headers["ETag"]
    again = client.get(API, headers={"If-None-Match": seen})
    assert again.status_code == 304
    assert again.headers["RateLimit"].startswith('"client";r=1;')


@pytest.mark.usefixtures("_three_an_hour")
def test_files_and_the_api_share_a_limit_and_pages_have_none(client: Client) -> None:
    assert statuses(client, *[PAGE] * 5) == [200] * 5
    assert statuses(client, API, FILE, API) == [200] * 3
    refused = client.get(FILE)
    assert (refused.status_code, refused.headers["Content-Type"]) == (
        429,
        "text/html; charset=utf-8",
    )
    assert "Too Many Requests" in refused.content.decode()
    assert "RateLimit" not in client.get(PAGE).headers


@pytest.mark.usefixtures("_three_an_hour")
def test_each_client_has_a_limit_of_its_own(client: Client) -> None:
    assert statuses(client, *[API] * 4, REMOTE_ADDR="192.0.2.1")[-1] == 429
    assert statuses(client, API, REMOTE_ADDR="192.0.2.2") == [200]


@pytest.mark.usefixtures("_three_an_hour")
def test_a_made_up_address_is_not_believed_without_a_trusted_proxy(client: Client) -> None:
    answers = [
        client.get(API, **{FORWARDED: f"198.51.100.{number}"}).status_code for number in range(4)
    ]
    assert answers == [200, 200, 200, 429]


@pytest.mark.usefixtures("_three_an_hour")
def test_behind_a_trusted_proxy_the_address_that_it_adds_counts(
    client: Client, settings: LazySettings
) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}

    def ask(passed_on: str) -> int:
        return client.get(API, **{FORWARDED: passed_on}).status_code

    # Whatever the client writes in front of it.
    assert [ask(f"198.51.100.{number}, 192.0.2.1") for number in range(4)] == [200, 200, 200, 429]
    assert ask("192.0.2.1, 192.0.2.2") == 200


@pytest.mark.usefixtures("_three_an_hour")
def test_nobody_is_counted_where_no_address_is_known(client: Client) -> None:
    assert statuses(client, *[API] * 5, REMOTE_ADDR="") == [200] * 5


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("192.0.2.1:5678", "192.0.2.1"),
        ("[2001:db8:1:2::1]:5678", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::1]", "2001:db8:1:2::/64"),
        ("not an address", "not an address"),
        ("[not]:1", "[not]:1"),
    ],
)
def test_an_address_of_today_counts_with_its_network(address: str, counted: str) -> None:
    assert find_network(address) == counted


@pytest.mark.usefixtures("_three_an_hour")
def test_no_address_of_a_client_is_kept(client: Client, tmp_path: Path) -> None:
    client.get(API, REMOTE_ADDR="192.0.2.1")
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert files
    assert not any(b"192.0.2" in file.read_bytes() for file in files)
    assert all(file.parent.stat().st_mode & 0o077 == 0 for file in files)


@pytest.mark.usefixtures("_three_an_hour")
def test_reading_goes_on_where_nothing_can_be_counted(
    client: Client, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # A file where the folder should be, as a full or read-only disk would refuse it.
    (tmp_path / "cache").write_text("")
    assert statuses(client, *[API] * 5) == [200] * 5
    assert "Requests cannot be counted" in caplog.text


@pytest.mark.usefixtures("_three_an_hour")
@pytest.mark.parametrize("content", [b"", b"\x80", bytes(99), b"\x80\x04N.half a count"])
def test_a_count_that_was_half_written_is_begun_anew(
    client: Client, tmp_path: Path, content: bytes
) -> None:
    client.get(API)
    (count,) = tmp_path.rglob("*.djcache")
    count.write_bytes(content)
    answers = statuses(client, *[API] * 5)
    assert set(answers) == {200, 429}
    assert answers[-1] == 429


@pytest.mark.usefixtures("_three_an_hour")
def test_several_machines_can_count_together_in_the_database(
    client: Client, settings: LazySettings
) -> None:
    backend = "django.core.cache.backends.db.DatabaseCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "limits"}}
    call_command("createcachetable")
    assert statuses(client, *[API] * 4) == [200, 200, 200, 429]


def test_without_a_limit_no_answer_speaks_of_one(client: Client) -> None:
    assert not [name for name in client.get(API).headers if name.startswith("RateLimit")]


# --- From any web page ----------------------------------------------------------------------------


@pytest.mark.parametrize("address", [API, FILE, PAGE, "/feeds/programmes.atom", "/api/v1/nowhere/"])
def test_a_script_of_any_page_may_read_what_is_public(client: Client, address: str) -> None:
    headers = client.get(address, headers={"Origin": "https://other.example"}).headers
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in headers
    assert {"ETag", "Link", "RateLimit", "Retry-After"} <= set(
        headers["Access-Control-Expose-Headers"].split(", ")
    )


@pytest.mark.parametrize("address", [API, PAGE])
def test_a_browser_that_asks_first_is_told_that_it_may_read(client: Client, address: str) -> None:
    asked = {"Origin": "https://other.example", "Access-Control-Request-Method": "GET"}
    answer = client.options(address, headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert answer.headers["Access-Control-Allow-Headers"] == "*"


def test_no_other_page_may_read_what_curators_see(client: Client) -> None:
    asked = {"Origin": "https://other.example", "Access-Control-Request-Method": "GET"}
    for answer in (client.get("/admin/login/"), client.options("/admin/login/", headers=asked)):
        assert "Access-Control-Allow-Origin" not in answer.headers

"""Tests of the rate limit (whom it counts, what it answers) and of cross-origin requests."""

import fcntl
import os
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.test import Client

from stemobs.clients import PARTS, CountFiles, add_request, find_network
from stemobs.http.clients import log_untrusted_proxy

pytestmark = [pytest.mark.django_db, pytest.mark.once]

API = "/api/v1/countries/NL/"
FILE = "/programmes.csv?country=NL"
PAGE = "/countries/nl/"
FORWARDED = "HTTP_X_FORWARDED_FOR"


@pytest.fixture
def _limit_of_three_per_hour(settings: LazySettings, tmp_path: Path) -> None:
    """Set a limit of three requests per hour, with an empty cache folder for each test."""
    settings.CACHES = {
        **settings.CACHES,
        "default": {
            "BACKEND": "stemobs.clients.CountFiles",
            "LOCATION": tmp_path / "cache",
        },
    }
    settings.API_RATE = "3/h"


def request_statuses(client: Client, *addresses: str, **meta: Any) -> list[int]:
    return [client.get(address, **meta).status_code for address in addresses]


# --- The rate limit -------------------------------------------------------------------------------


@pytest.mark.usefixtures("_limit_of_three_per_hour")
def test_a_client_over_the_limit_gets_429_with_retry_after(client: Client) -> None:
    assert request_statuses(client, API, API, API) == [200, 200, 200]
    refused = client.get(API)
    assert refused.status_code == 429
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["title"] == "Too Many Requests"
    seconds = int(refused.headers["Retry-After"])
    assert 3500 < seconds <= 3600
    assert f"in {seconds} seconds" in refused.json()["detail"]
    assert refused.headers["RateLimit"] == f'"client";r=0;t={seconds}'
    assert refused.headers["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("_limit_of_three_per_hour")
def test_every_api_answer_shows_the_remaining_requests(client: Client) -> None:
    wrong = "/api/v1/programmes/?contry=NL"
    told = [client.get(address).headers for address in (API, wrong, "/api/v1/nowhere/")]
    assert [headers["RateLimit"].partition(";t=")[0] for headers in told] == [
        '"client";r=2', '"client";r=1', '"client";r=0',
    ]  # fmt: skip
    assert {headers["RateLimit-Policy"] for headers in told} == {'"client";q=3;w=3600'}


@pytest.mark.usefixtures("_limit_of_three_per_hour")
def test_a_304_counts_against_the_limit_and_shows_the_rest(client: Client) -> None:
    seen = client.get(API).headers["ETag"]
    again = client.get(API, headers={"If-None-Match": seen})
    assert again.status_code == 304
    assert again.headers["RateLimit"].startswith('"client";r=1;')


@pytest.mark.usefixtures("_limit_of_three_per_hour")
def test_files_and_the_api_share_a_limit_and_pages_have_none(client: Client) -> None:
    assert request_statuses(client, *[PAGE] * 5) == [200] * 5
    assert request_statuses(client, API, FILE, API) == [200] * 3
    refused = client.get(FILE)
    assert (refused.status_code, refused.headers["Content-Type"]) == (
        429,
        "text/html; charset=utf-8",
    )
    assert "Too Many Requests" in refused.content.decode()
    assert "RateLimit" not in client.get(PAGE).headers


@pytest.mark.usefixtures("_limit_of_three_per_hour")
def test_each_client_has_a_limit_of_its_own(client: Client) -> None:
    assert request_statuses(client, *[API] * 4, REMOTE_ADDR="192.0.2.1")[-1] == 429
    assert request_statuses(client, API, REMOTE_ADDR="192.0.2.2") == [200]


@pytest.mark.usefixtures("_limit_of_three_per_hour")
def test_x_forwarded_for_is_ignored_without_a_trusted_proxy(client: Client) -> None:
    answers = [
        client.get(API, **{FORWARDED: f"198.51.100.{number}"}).status_code for number in range(4)
    ]
    assert answers == [200, 200, 200, 429]


@pytest.mark.usefixtures("_limit_of_three_per_hour")
def test_behind_a_proxy_the_address_that_the_proxy_added_is_counted(
    client: Client, settings: LazySettings
) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}

    def ask(passed_on: str) -> int:
        return client.get(API, **{FORWARDED: passed_on}).status_code

    # What the client itself writes before the proxy's address makes no difference.
    assert [ask(f"198.51.100.{number}, 192.0.2.1") for number in range(4)] == [200, 200, 200, 429]
    assert ask("192.0.2.1, 192.0.2.2") == 200


@pytest.mark.usefixtures("_limit_of_three_per_hour")
def test_requests_without_an_address_are_not_limited(client: Client) -> None:
    assert request_statuses(client, *[API] * 5, REMOTE_ADDR="") == [200] * 5


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
def test_find_network_gives_the_ipv4_address_or_the_ipv6_network(
    address: str, counted: str
) -> None:
    assert find_network(address) == counted


@pytest.mark.usefixtures("_limit_of_three_per_hour")
def test_the_cache_stores_no_address_of_a_client(client: Client, tmp_path: Path) -> None:
    client.get(API, REMOTE_ADDR="192.0.2.1")
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert files
    assert not any(b"192.0.2" in file.read_bytes() for file in files)
    assert all(file.parent.stat().st_mode & 0o077 == 0 for file in files)


def test_many_requests_are_kept_as_a_few_numbers_that_lose_none() -> None:
    counts: list[tuple[float, int]] = []
    for number in range(6_000):
        counts = add_request(counts, number / 100, 60 / PARTS)
    assert len(counts) <= PARTS
    assert sum(count for _first, count in counts) == 6_000
    # After a clock was set back, too, a request counts from when it came.
    assert add_request(counts, 1, 60 / PARTS)[-1] == (1, 1)


@pytest.mark.usefixtures("_limit_of_three_per_hour")
def test_the_count_of_a_client_stays_in_one_file_without_others(
    client: Client, tmp_path: Path
) -> None:
    client.get(API)
    (count,) = (tmp_path / "cache").iterdir()
    first = count.stat().st_ino
    request_statuses(client, API, API, API)
    assert [file.stat().st_ino for file in (tmp_path / "cache").iterdir()] == [first]


def test_nobody_reads_half_of_a_count_while_it_is_written(tmp_path: Path) -> None:
    cache = CountFiles(str(tmp_path), {})
    cache.set("client", [(1.0, 1)])
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    with file.open("r+b") as written, ThreadPoolExecutor() as pool:
        fcntl.flock(written, fcntl.LOCK_EX)
        os.pwrite(written.fileno(), b"half", 0)
        read = pool.submit(cache.get, "client")
        wait([read], timeout=0.2)  # who does not wait for the lock is done by then
        os.pwrite(written.fileno(), whole, 0)
        fcntl.flock(written, fcntl.LOCK_UN)
        assert read.result() == [(1.0, 1)]


@pytest.mark.usefixtures("_limit_of_three_per_hour")
def test_requests_are_answered_if_the_cache_fails(
    client: Client, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # A file in place of the cache's folder makes every write fail, as on a full disk.
    (tmp_path / "cache").write_text("")
    assert request_statuses(client, *[API] * 5) == [200] * 5
    assert "Requests cannot be counted" in caplog.text


@pytest.mark.usefixtures("_limit_of_three_per_hour")
@pytest.mark.parametrize("content", [b"", b"\x80", bytes(99), b"\x80\x04N.half a count"])
def test_a_damaged_cache_file_restarts_the_count(
    client: Client, tmp_path: Path, content: bytes
) -> None:
    client.get(API)
    (count,) = tmp_path.rglob("*.djcache")
    count.write_bytes(content)
    answers = request_statuses(client, *[API] * 5)
    assert set(answers) == {200, 429}
    assert answers[-1] == 429


@pytest.mark.usefixtures("_limit_of_three_per_hour")
def test_the_limit_works_with_a_database_cache(client: Client, settings: LazySettings) -> None:
    backend = "django.core.cache.backends.db.DatabaseCache"
    limits = {"BACKEND": backend, "LOCATION": "limits"}
    settings.CACHES = {**settings.CACHES, "default": limits}
    call_command("createcachetable")
    assert request_statuses(client, *[API] * 4) == [200, 200, 200, 429]


def test_without_a_limit_there_are_no_rate_limit_headers(client: Client) -> None:
    assert not [name for name in client.get(API).headers if name.startswith("RateLimit")]


# --- Cross-origin requests ------------------------------------------------------------------------


@pytest.mark.parametrize("address", [API, FILE, PAGE, "/feeds/programmes.atom", "/api/v1/nowhere/"])
def test_public_answers_allow_every_origin(client: Client, address: str) -> None:
    headers = client.get(address, headers={"Origin": "https://other.example"}).headers
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in headers
    assert {"ETag", "Link", "RateLimit", "Retry-After"} <= set(
        headers["Access-Control-Expose-Headers"].split(", ")
    )


@pytest.mark.parametrize("address", [API, PAGE])
def test_a_preflight_request_is_allowed_to_read(client: Client, address: str) -> None:
    asked = {"Origin": "https://other.example", "Access-Control-Request-Method": "GET"}
    answer = client.options(address, headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert answer.headers["Access-Control-Allow-Headers"] == "*"


def test_the_admin_allows_no_other_origin(client: Client) -> None:
    asked = {"Origin": "https://other.example", "Access-Control-Request-Method": "GET"}
    for answer in (client.get("/admin/login/"), client.options("/admin/login/", headers=asked)):
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.usefixtures("_limit_of_three_per_hour")
@pytest.mark.parametrize(
    "address",
    ["/robots.txt", "/sitemap.xml", "/sitemaps/pages-1.xml", "/favicon.ico", "/health/live"],
)
def test_what_crawlers_and_balancers_ask_for_is_never_limited(client: Client, address: str) -> None:
    assert 429 not in request_statuses(client, *[address] * 5)


@pytest.mark.parametrize("header", [FORWARDED, "HTTP_FORWARDED", "HTTP_X_REAL_IP"])
def test_a_proxy_that_is_not_trusted_is_told_of_once(
    client: Client, caplog: pytest.LogCaptureFixture, header: str
) -> None:
    log_untrusted_proxy.cache_clear()
    request_statuses(client, API, API, **{header: "192.0.2.1"})
    told = [row.getMessage() for row in caplog.records if "TRUSTED_PROXIES" in row.getMessage()]
    assert len(told) == 1

"""Tests of empty values, and of dates and times as RFC 3339 writes them."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "moment",
    [
        "2026-01-01", "2026-01-01t00:00:00z", "2026-01-01T00:00:00.123456789Z",
        "2026-01-01 00:00:00Z", "2026-01-01%2000:00:00+02:00", "2026-01-01T00:00:00%2B02:00",
        "2026-01-01T00:00:00-00:00", "2016-12-31T23:59:60Z", "2016-12-31t23:59:60.5z",
        "2016-12-31T15:59:60-08:00", "2017-01-01T00:59:60+01:00", "0001-01-01T00:00:00Z",
    ],
)  # fmt: skip
def test_a_date_or_time_is_read_as_rfc_3339_writes_it(client: Client, moment: str) -> None:
    for address in ("/api/v1/programmes/", "/api/v1/guides/", "/feeds/programmes.rss"):
        assert client.get(f"{address}?updated_since={moment}").status_code == 200, address


@pytest.mark.parametrize(
    "moment",
    ["2026-01-01T12:00:60Z", "2026-13-01", "2026-01-01T25:00:00Z", "2026-01-01T00:00:61Z", "now"],
)
def test_another_text_is_no_date_or_time(client: Client, moment: str) -> None:
    body = client.get(f"/api/v1/programmes/?updated_since={moment}").json()
    assert [error["parameter"] for error in body["errors"]] == ["updated_since"]


@pytest.mark.parametrize(
    "name",
    [
        "q", "country", "level", "organisation", "status", "running_in", "started_from",
        "updated_since", "sort", "page", "page_size", "cursor", "fields", "facets", "format",
    ],
)  # fmt: skip
def test_the_api_refuses_an_empty_value_by_the_name_of_its_parameter(
    client: Client, name: str
) -> None:
    for value in ("", "%20"):
        body = client.get(f"/api/v1/programmes/?{name}={value}").json()
        (error,) = body["errors"]
        assert (error["parameter"], error["reason"]) == (name, "is empty")


def test_files_and_feeds_refuse_empty_values_and_pages_drop_them(client: Client) -> None:
    assert client.get("/programmes.csv?q=").status_code == 400
    assert client.get("/feeds/programmes.rss?country=").status_code == 400
    assert client.get("/programmes/?q=&country=NL&sort=").headers["Location"] == (
        "/programmes/?country=NL"
    )

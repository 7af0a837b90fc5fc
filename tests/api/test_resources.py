"""Tests of what all resources of the API share: lists, pages, fields, links and refusals."""

import json
import re
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from programmes.models import Country, Reach, Source
from stemobs.api.resources import NumberField, SourceField, build_absolute_url
from stemobs.api.urls import RESOURCES
from stemobs.catalogue.catalogue import get_current_catalogue

pytestmark = pytest.mark.django_db

EVERY = pytest.mark.parametrize("name", list(RESOURCES))


def build_detail_address(client: Client, name: str) -> str:
    row = client.get(f"/api/v1/{name}/?page_size=1").json()["results"][0]
    return f"/api/v1/{name}/{row['code'] if 'code' in row else row['slug']}/"


@EVERY
def test_a_list_and_its_details_answer_with_the_common_fields(client: Client, name: str) -> None:
    answer = client.get(f"/api/v1/{name}/").json()
    assert set(answer) == {"count", "next", "previous", "results"}
    assert len(answer["results"]) == min(25, answer["count"])
    one = client.get(build_detail_address(client, name))
    assert one.status_code == 200
    assert one.headers["Content-Type"] == "application/json"
    assert set(answer["results"][0]) <= set(one.json())


@EVERY
def test_a_list_takes_as_many_queries_for_100_rows_as_for_5(client: Client, name: str) -> None:
    numbers = []
    for size in (5, 100):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/api/v1/{name}/?page_size={size}").status_code == 200
        numbers.append(len(queries))
    assert numbers[0] == numbers[1] <= 16


@EVERY
def test_next_and_previous_use_the_public_address_from_the_settings(
    client: Client, settings: LazySettings, name: str
) -> None:
    settings.SITE_URL = "https://stem.example"
    answer = client.get(f"/api/v1/{name}/?page_size=1").json()
    assert answer["previous"] is None
    assert answer["next"].startswith(f"https://stem.example/api/v1/{name}/?")
    assert parse_qs(urlsplit(answer["next"]).query) == {"page": ["2"], "page_size": ["1"]}
    following = client.get(answer["next"]).json()
    assert following["previous"] == f"https://stem.example/api/v1/{name}/?page_size=1"


@EVERY
@pytest.mark.parametrize("query", ["contry=NL", "page=0", "page_size=101", "page=1&page=2"])
def test_wrong_parameters_of_a_list_are_refused(client: Client, name: str, query: str) -> None:
    response = client.get(f"/api/v1/{name}/?{query}")
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert set(body) == {"type", "title", "status", "detail", "errors"}
    (error,) = body["errors"]
    assert error["parameter"] == query.split("=")[0]
    assert error["parameter"] in body["detail"]


@EVERY
@pytest.mark.parametrize("query", ["page=1", "contry=NL", "facets=all", "=x"])
def test_a_detail_refuses_list_parameters(client: Client, name: str, query: str) -> None:
    response = client.get(f"{build_detail_address(client, name)}?{query}")
    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] == query.split("=")[0]


@EVERY
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
def test_lists_and_details_refuse_every_writing_method(
    client: Client, name: str, method: str
) -> None:
    for path in (f"/api/v1/{name}/", build_detail_address(client, name)):
        response = getattr(client, method)(path)
        assert response.status_code == 405
        assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
        assert response.headers["Content-Type"] == "application/problem+json"


def test_head_is_get_without_a_body_and_options_names_the_methods(client: Client) -> None:
    for path in [
        *(f"/api/v1/{name}/" for name in RESOURCES),
        build_detail_address(client, "guides"),
        "/api/v1/",
    ]:
        got, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("Content-Type", "Link", "Vary", "ETag", "Cache-Control"):
            assert head.headers.get(name) == got.headers.get(name), (path, name)
        options = client.options(path, headers={"Accept": "text/turtle"})
        assert (options.status_code, options.content) == (204, b"")
        assert options.headers["Allow"] == "GET, HEAD, OPTIONS"
        assert "Content-Type" not in options.headers


def test_a_range_header_is_ignored(client: Client) -> None:
    for given in ("bytes=0-9", "bytes=-1", "rows=5-1", "quokka"):
        response = client.get("/api/v1/career-factors/", headers={"Range": given})
        assert response.status_code == 200
        assert response.json()["count"] == 4
        assert "Content-Range" not in response.headers


# --- Fields ---------------------------------------------------------------------------------------


@EVERY
def test_fields_limits_rows_to_the_named_fields(client: Client, name: str) -> None:
    address = f"/api/v1/{name}/"
    rows = client.get(f"{address}?page_size=3").json()["results"]
    names = list(rows[0])
    wanted = [names[-1], names[0].upper(), names[-1]]
    sparse = client.get(f"{address}?page_size=3&fields={','.join(wanted)}").json()
    assert [list(row) for row in sparse["results"]] == [[names[0], names[-1]]] * len(rows)
    assert all(
        row.items() <= full.items() for row, full in zip(sparse["results"], rows, strict=True)
    )
    one = build_detail_address(client, name)
    full = client.get(one).json()
    last = list(full)[-1]
    assert client.get(f"{one}?fields={last}").json() == {last: full[last]}


@EVERY
def test_an_unknown_field_is_refused_with_the_allowed_ones(client: Client, name: str) -> None:
    for address in (f"/api/v1/{name}/", build_detail_address(client, name)):
        response = client.get(f"{address}?fields=password,{name * 50}")
        assert response.status_code == 400
        assert response.headers["Content-Type"] == "application/problem+json"
        first, second = response.json()["errors"]
        assert (first["parameter"], first["value"]) == ("fields", "password")
        assert second["value"] == (name * 50)[:100]
        found = client.get(address).json()
        assert first["allowed"] == list(found["results"][0] if "results" in found else found)


def test_next_and_previous_keep_fields_facets_and_format(client: Client) -> None:
    query = "country=NL&page_size=2&format=json&facets=level&fields=slug,name"
    for start in ("", "&cursor=*"):
        first = client.get(f"/api/v1/programmes/?{query}{start}").json()
        following = client.get(first["next"]).json()
        assert [list(row) for row in following["results"]] == [["slug", "name"]] * 2
        assert list(following["facets"]) == ["level"]
        assert "format=json" in following["next"]
        assert client.get(following["previous"]).json() == {
            **first, "previous": None,
        }  # fmt: skip


def test_cached_rows_with_few_fields_are_not_mixed_with_whole_rows(client: Client) -> None:
    for _time in range(2):
        whole = client.get("/api/v1/programmes/?page_size=1").json()["results"]
        few = client.get("/api/v1/programmes/?page_size=1&fields=name").json()["results"]
        fewer = client.get("/api/v1/programmes/?page_size=1&fields=slug").json()["results"]
        assert few == [{"name": whole[0]["name"]}]
        assert fewer == [{"slug": whole[0]["slug"]}]


# --- Links ----------------------------------------------------------------------------------------


def read_link_header(response: Any) -> dict[str, str]:
    """Return the addresses in the Link header by their relation, such as “next”."""
    return {
        relation: address
        for address, relation in re.findall(r'<([^>]*)>; rel="(\w+)"', response.headers["Link"])
    }


@EVERY
def test_the_link_header_of_a_list_matches_its_body(client: Client, name: str) -> None:
    address = f"/api/v1/{name}/?page_size=2"
    seen = []
    for _page in range(3):
        response = client.get(address)
        body, told = response.json(), read_link_header(response)
        assert told.get("next") == body["next"]
        assert told.get("prev") == body["previous"]
        assert told["first"].endswith(f"/api/v1/{name}/?page_size=2")
        seen += body["results"]
        address = body["next"] or address
    last = client.get(told["last"]).json()
    assert last["next"] is None
    assert len(last["results"]) == (body["count"] - 1) % 2 + 1


def test_links_that_make_a_header_too_long_are_left_out_from_the_last_one(client: Client) -> None:
    codes = [*Country.objects.values_list("code", flat=True)]
    organisations = [*get_current_catalogue().organisations.slugs]
    seen = []
    for number in (0, 5, 10, 20, 40, 80, 160):
        words = [
            *(f"country={code}" for code in codes),
            "organisation=" + ",".join(organisations[:number]),
        ]
        asked = "&".join(words) if number else ""
        response = client.get(f"/api/v1/programmes/?page_size=1&page=2&{asked}".rstrip("&"))
        assert response.status_code in (200, 404)
        told = read_link_header(response) if "Link" in response.headers else {}
        if response.status_code == 200:
            body, seen = response.json(), [*seen, [*told]]
            assert told.get("next", body["next"]) == body["next"]
            possible = [*(["next"] if body["next"] else []), "prev", "first", "last"]
            assert [*told] == possible[: len(told)]
    assert seen[0] == ["next", "prev", "first", "last"]
    assert seen[-1] == []


# --- Forms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "accept",
    [
        "text/turtle", "text/html", "garbage", "/", "a/b/c", "application/json2", ";;;",
        "text/html; charset*=bogus''%41", "application/json;q=0",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/api/v1/programmes/", "/api/v1/programmes/ingenious/"])
def test_an_accept_header_without_a_known_type_is_a_406(
    client: Client, path: str, accept: str
) -> None:
    response = client.get(path, headers={"Accept": accept})
    assert response.status_code == 406
    assert response.headers["Content-Type"] == "application/problem+json"
    assert json.loads(response.content)["status"] == 406


@pytest.mark.parametrize(
    "accept", ["", "*/*", "application/json", "application/*", "text/html, application/json;q=0.1"]
)
def test_an_accept_header_that_allows_json_gets_json(client: Client, accept: str) -> None:
    response = client.get("/api/v1/career-factors/", headers={"Accept": accept} if accept else {})
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"


def test_every_wrong_parameter_is_reported_with_a_reason(client: Client) -> None:
    body = client.get("/api/v1/programmes/?contry=NL&page=0&country=ZZ,XX").json()
    errors = [(error["parameter"], error["value"]) for error in body["errors"]]
    assert sorted(errors) == [
        ("contry", "NL"), ("country", "XX"), ("country", "ZZ"), ("page", "0"),
    ]  # fmt: skip
    assert all(error["reason"] for error in body["errors"])


def test_an_unknown_address_of_the_api_answers_with_problem_details(client: Client) -> None:
    response = client.get("/api/v1/nothing/")
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"


def test_absolute_urls_use_the_site_url_setting(settings: LazySettings) -> None:
    settings.SITE_URL = "https://stem.example"
    assert build_absolute_url("/programmes/") == "https://stem.example/programmes/"


@pytest.mark.parametrize(
    ("value", "number"),
    [("60000.00", 60000), ("59.50", 59.5), ("0", 0), ("9999999999999", 9_999_999_999_999)],
)
def test_a_number_field_drops_empty_decimals(value: str, number: float) -> None:
    told = NumberField().to_representation(Decimal(value))
    assert told == number
    assert isinstance(told, type(number))


def test_a_source_field_has_the_source_and_the_place_in_it() -> None:
    row = Reach(source=Source.objects.get(slug="stem-coalition-entries"), locator="line 286")
    assert SourceField().to_representation(row) == {
        "slug": "stem-coalition-entries",
        "title": row.source.title,
        "url": "",
        "locator": "line 286",
    }


def test_a_source_field_is_null_for_a_fact_without_a_source() -> None:
    assert SourceField().to_representation(Reach()) is None

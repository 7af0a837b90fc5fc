"""What every resource of the API has in common: lists, pages, refusals, how facts are told."""

import json
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from programmes.models import Reach, Source
from programmes.resources import NumberField, SourceField, absolute
from stemobs.api import RESOURCES

pytestmark = pytest.mark.django_db

EVERY = pytest.mark.parametrize("name", list(RESOURCES))


def detail(client: Client, name: str) -> str:
    row = client.get(f"/api/v1/{name}/?page_size=1").json()["results"][0]
    return f"/api/v1/{name}/{row['code'] if 'code' in row else row['slug']}/"


@EVERY
def test_a_list_and_its_details_answer(client: Client, name: str) -> None:
    answer = client.get(f"/api/v1/{name}/").json()
    assert set(answer) == {"count", "next", "previous", "results"}
    assert len(answer["results"]) == min(25, answer["count"])
    one = client.get(detail(client, name))
    assert one.status_code == 200
    assert one.headers["Content-Type"] == "application/json"
    assert set(answer["results"][0]) <= set(one.json())


@EVERY
def test_as_many_queries_serve_a_hundred_rows_as_five(client: Client, name: str) -> None:
    numbers = []
    for size in (5, 100):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/api/v1/{name}/?page_size={size}").status_code == 200
        numbers.append(len(queries))
    assert numbers[0] == numbers[1] <= 16


@EVERY
def test_pages_are_linked_by_the_sites_own_address(
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
def test_a_detail_has_no_parameters(client: Client, name: str, query: str) -> None:
    response = client.get(f"{detail(client, name)}?{query}")
    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] == query.split("=")[0]


@EVERY
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
def test_the_api_can_only_be_read(client: Client, name: str, method: str) -> None:
    for path in (f"/api/v1/{name}/", detail(client, name)):
        response = getattr(client, method)(path)
        assert response.status_code == 405
        assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
        assert response.headers["Content-Type"] == "application/problem+json"


@EVERY
def test_head_and_options_answer(client: Client, name: str) -> None:
    response = client.head(f"/api/v1/{name}/")
    assert (response.status_code, response.content) == (200, b"")
    assert client.options(f"/api/v1/{name}/").status_code == 200


@pytest.mark.parametrize(
    "accept", ["text/turtle", "text/html", "garbage", "/", "a/b/c", "application/json2", ";;;"]
)
@pytest.mark.parametrize("path", ["/api/v1/programmes/", "/api/v1/programmes/ingenious/"])
def test_a_form_that_does_not_exist_is_not_acceptable(
    client: Client, path: str, accept: str
) -> None:
    response = client.get(path, headers={"Accept": accept})
    assert response.status_code == 406
    assert response.headers["Content-Type"] == "application/problem+json"
    assert json.loads(response.content)["status"] == 406


@pytest.mark.parametrize(
    "accept", ["", "*/*", "application/json", "application/*", "text/html, application/json;q=0.1"]
)
def test_json_is_given_to_whoever_takes_it(client: Client, accept: str) -> None:
    response = client.get("/api/v1/career-factors/", headers={"Accept": accept} if accept else {})
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"


def test_a_reason_is_told_for_each_wrong_parameter(client: Client) -> None:
    body = client.get("/api/v1/programmes/?contry=NL&page=0&country=UK,XX").json()
    errors = [(error["parameter"], error["value"]) for error in body["errors"]]
    assert sorted(errors) == [
        ("contry", "NL"), ("country", "UK"), ("country", "XX"), ("page", "0"),
    ]  # fmt: skip
    assert all(error["reason"] for error in body["errors"])


def test_an_address_without_a_resource_is_a_problem_too(client: Client) -> None:
    response = client.get("/api/v1/nothing/")
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"


def test_addresses_are_made_from_the_settings(settings: LazySettings) -> None:
    settings.SITE_URL = "https://stem.example"
    assert absolute("/programmes/") == "https://stem.example/programmes/"


@pytest.mark.parametrize(
    ("value", "number"),
    [("60000.00", 60000), ("59.50", 59.5), ("0", 0), ("9999999999999", 9_999_999_999_999)],
)
def test_a_number_has_no_empty_decimals(value: str, number: float) -> None:
    told = NumberField().to_representation(Decimal(value))
    assert told == number
    assert isinstance(told, type(number))


def test_a_fact_tells_its_source_and_the_place_in_it() -> None:
    row = Reach(source=Source.objects.get(slug="stem-coalition-entries"), locator="line 286")
    assert SourceField().to_representation(row) == {
        "slug": "stem-coalition-entries",
        "title": row.source.title,
        "url": "",
        "locator": "line 286",
    }


def test_a_fact_without_a_source_says_so() -> None:
    assert SourceField().to_representation(Reach()) is None

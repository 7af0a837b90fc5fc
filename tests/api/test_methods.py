"""Tests of the API's methods at every address, and of requests that nobody should send."""

import re
from typing import Any

import pytest
from django.test import Client

from stemobs.api.openapi import whole
from stemobs.api.openapi.words import QUESTIONS, ROWS
from tests.wsgi import ask

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"


def list_addresses() -> list[str]:
    """Return an address of every operation of the description."""
    found = []
    for path, methods in whole.get_description()["paths"].items():
        key = next((str(ROWS[name]) for name in ROWS if f"/{name}/{{" in path), "")
        question = QUESTIONS.get(methods["get"]["operationId"], {})
        query = "&".join(f"{name}={value}" for name, value in question.items())
        found.append(re.sub(r"\{\w+\}", key, path) + f"?{query}" * bool(query))
    return found


ADDRESSES = list_addresses()
LISTS = ["/api/v1/programmes/", "/api/v1/programmes/figures/", "/api/v1/evaluations/",
    "/api/v1/organisations/",
         "/api/v1/sources/", "/api/v1/changes/"]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_method_answers_as_it_should(client: Client, address: str) -> None:
    got, head = client.get(address), client.head(address)
    assert got.status_code == head.status_code == 200
    assert got.getvalue()  # type: ignore[attr-defined] # of files as well
    assert head.getvalue() == b""  # type: ignore[attr-defined]
    compared = {*got.headers} - {"Content-Length", "X-Request-ID"} | {
        "Content-Type",
        "ETag",
        "Vary",
    }
    assert {name: head.headers[name] for name in compared} == {
        name: got.headers[name] for name in compared
    }
    options = client.options(address)
    assert (options.status_code, options.content) == (204, b"")
    assert options.headers["Allow"] == "GET, HEAD, OPTIONS"
    for method in ("post", "put", "patch", "delete", "trace"):
        refused = getattr(client, method)(address)
        assert refused.status_code == 405
        assert refused.headers["Allow"] == "GET, HEAD, OPTIONS"
        assert refused.headers["Content-Type"] == PROBLEM
        assert (refused.content == b"") == (method == "trace") or refused.json()["status"] == 405


def test_a_wrong_method_is_told_before_a_wrong_parameter_or_form(client: Client) -> None:
    for address in ("/api/v1/programmes/?contry=NL", "/api/v1/programmes.csv?format=turtle"):
        refused = client.post(address, headers={"Accept": "text/turtle"})
        assert (refused.status_code, refused.json()["status"]) == (405, 405)
    for address in ("/api", "/api/", "/favicon.ico"):
        refused = client.post(address)
        assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("page_size=0", "page_size"), ("page_size=-1", "page_size"), ("page_size=1e3", "page_size"),
        ("page_size=99999", "page_size"), ("page_size=%D9%A3", "page_size"),
        ("page_size=5&page_size=5", "page_size"), ("page_size=", "page_size"),
        ("cursor=eyJ.x", "cursor"), ("cursor=%2A%2A", "cursor"), ("cursor=*&cursor=*", "cursor"),
        (f"cursor={'x' * 7_000}", "cursor"), ("fields=", "fields"), ("fields=pk", "fields"),
        ("format=turtle", "format"), ("format=json&format=json", "format"), ("format=", "format"),
        ("fields=%00", "fields"), ("cursor=%ED%A0%80", "cursor"), ("page=%00", "page"),
        (f"{'n' * 7_000}=1", "n" * 100), ("PAGE_SIZE=5", "PAGE_SIZE"), ("page[]=1", "page[]"),
    ],
    ids=lambda value: value[:20],
)  # fmt: skip
def test_what_is_wrong_is_named_and_never_a_500(
    client: Client, address: str, query: str, wrong: str
) -> None:
    response = client.get(f"{address}?{query}")
    assert (response.status_code, response.headers["Content-Type"]) == (400, PROBLEM)
    assert [error["parameter"] for error in response.json()["errors"]] == [wrong]


@pytest.mark.parametrize("address", ["/api/v1/programmes/", "/api/v1/programmes/figures/"])
def test_a_form_is_named_in_any_letters_and_refused_only_by_who_refuses_all(
    client: Client, address: str
) -> None:
    assert client.get(f"{address}?format=JSON").headers["Content-Type"] == "application/json"
    for accept in ("*/*;q=0", "application/json;q=0", "application/json;q=0, text/turtle"):
        refused = client.get(address, headers={"Accept": accept})
        assert (refused.status_code, refused.headers["Content-Type"]) == (406, PROBLEM)
    by_ending: Any = client.get("/api/v1/programmes.ndjson", headers={"Accept": "*/*;q=0"})
    assert by_ending.getvalue()


def test_a_missing_slash_leads_on_with_the_query_as_it_came() -> None:
    for address in LISTS:
        answer = ask(address.rstrip("/"), "q=a%20b&country=NL,FI")
        assert answer.status == 301
        assert answer.headers["Location"] == f"{address}?q=a%20b&country=NL,FI"

"""Tests of the formats of the API's programmes: the `format` parameter, Accept, and files."""

import json
from typing import Any

import pytest
from django.test import Client

from tests import builders
from tests.api.asking import one, programmes

pytestmark = pytest.mark.django_db


# --- Forms ----------------------------------------------------------------------------------------

JSON, CSV, NDJSON, JSONLD = (
    "application/json", "text/csv", "application/x-ndjson", "application/ld+json",
)  # fmt: skip
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LIST, ENTRY, FIGURES = (
    "/api/v1/programmes/?country=FI", "/api/v1/programmes/jet-net-nl/",
    "/api/v1/programmes/figures/?country=FI",
)  # fmt: skip


def request_form(client: Client, address: str, form: str = "", accept: str | None = None) -> Any:
    joint = "&" if "?" in address else "?"
    headers = {} if accept is None else {"Accept": accept}
    return client.get(f"{address}{joint}format={form}" if form else address, headers=headers)


def read_media_type(response: Any) -> str:
    assert response.status_code == 200
    assert response.getvalue()  # reads a file to its end, so that it is closed
    return response.headers["Content-Type"].partition(";")[0]


@pytest.mark.parametrize(
    ("address", "forms"),
    [
        (LIST, {"json": JSON, "csv": CSV, "xlsx": XLSX, "ndjson": NDJSON, "jsonld": JSONLD}),
        (ENTRY, {"json": JSON, "jsonld": JSONLD}),
        (FIGURES, {"json": JSON, "csv": CSV, "xlsx": XLSX, "ndjson": NDJSON}),
    ],
)
def test_the_format_parameter_wins_over_the_accept_header(
    client: Client, address: str, forms: dict[str, str]
) -> None:
    for form, kind in forms.items():
        assert read_media_type(request_form(client, address, form)) == kind
        assert read_media_type(request_form(client, address, form.upper(), "text/turtle")) == kind
        assert read_media_type(request_form(client, address, accept=kind)) == kind
        assert (
            read_media_type(request_form(client, address, accept=f"text/turtle, {kind};q=0.1"))
            == kind
        )
        assert "Accept" in client.head(address, {"format": form}).headers["Vary"]
    usual = next(iter(forms.values()))
    for accept in (None, "", "*/*", "text/html, */*;q=0.1", "application/json, text/csv;q=0.9"):
        assert read_media_type(request_form(client, address, accept=accept)) == usual
    wrong = request_form(client, address, "turtle", "text/turtle")
    assert wrong.status_code == 400
    (error,) = wrong.json()["errors"]
    assert (error["parameter"], error["value"]) == ("format", "turtle")
    assert set(error["allowed"]) == set(forms)
    assert request_form(client, address, "json&format=csv").status_code == 400
    refused = request_form(client, address, accept="text/turtle")
    assert refused.status_code == 406
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert usual in refused.json()["detail"]


def test_the_accepted_form_with_the_highest_quality_is_chosen(client: Client) -> None:
    accept = "application/json;q=0.5, text/csv;q=0.9, application/x-ndjson;q=0.7"
    assert read_media_type(request_form(client, LIST, accept=accept)) == CSV
    assert read_media_type(request_form(client, ENTRY, accept=accept)) == JSON


def test_each_form_of_an_answer_has_its_own_etag(client: Client) -> None:
    tags = {
        accept: request_form(client, LIST, accept=accept).headers["ETag"]
        for accept in (JSON, CSV, NDJSON, "*/*")
    }
    assert len({*tags.values()}) == 4
    for accept, tag in tags.items():
        headers = {"Accept": accept, "If-None-Match": tag}
        again = client.get(LIST, headers=headers)
        assert (again.status_code, again.content) == (304, b"")
        assert "Accept" in again.headers["Vary"]
        other = {**headers, "Accept": "text/csv;q=0.5"}
        assert client.get(LIST, headers=other).status_code == 200
    turtle = {"Accept": "text/turtle", "If-None-Match": ", ".join(tags.values())}
    assert client.get(LIST, headers=turtle).status_code == 406


def test_a_file_has_the_whole_selection_and_refuses_page_parameters(client: Client) -> None:
    listed = [row["slug"] for row in programmes(client, "country=NL&page_size=100")["results"]]
    lines = client.get("/api/v1/programmes/?country=NL&format=ndjson").getvalue().splitlines()
    assert [json.loads(line)["slug"] for line in lines] == listed
    for name in ("page=1", "page_size=5", "cursor=*", "fields=slug", "facets=all"):
        for address in (LIST, FIGURES):
            wrong = request_form(client, f"{address}&{name}", "csv")
            assert wrong.status_code == 400
            assert wrong.headers["Content-Type"] == "application/problem+json"
            assert [error["parameter"] for error in wrong.json()["errors"]] == [name.split("=")[0]]


def test_the_bom_parameter_is_accepted_for_csv_only(client: Client) -> None:
    for address in (LIST, FIGURES):
        assert (
            request_form(client, f"{address}&bom=1", "csv").getvalue().startswith(b"\xef\xbb\xbf")
        )
        assert not request_form(client, f"{address}&bom=0", "csv").getvalue().startswith(b"\xef")
        for form, value in (("ndjson", "1"), ("csv", "2"), ("csv", "1,0")):
            wrong = request_form(client, f"{address}&bom={value}", form)
            assert wrong.json()["errors"][0]["parameter"] == "bom"


def test_a_parameter_of_another_form_is_refused_with_an_explanation(client: Client) -> None:
    csv, files = "is for format=csv only", "is not for files, which hold everything"
    counts = "/api/v1/programmes/counts/"
    asked = {
        f"{LIST}&bom=1": ("bom", csv),
        f"{LIST}&bom=1&format=xlsx": ("bom", csv),
        f"{FIGURES}&bom=1&format=ndjson": ("bom", csv),
        f"{LIST}&format=csv&fields=name": ("fields", files),
        f"{FIGURES}&format=csv&page=2": ("page", files),
        f"{FIGURES}&bom=1": ("bom", csv),
        f"{counts}?group_by=kind&page=2": ("page", "is not a parameter of this address"),
        f"{counts}?group_by=kind&bom=1": ("bom", "is not a parameter of this address"),
        counts: ("group_by", "is required"),
        f"{counts}?group_by=,": ("group_by", "is required"),
    }
    for address, (parameter, reason) in asked.items():
        response = client.get(address)
        assert response.status_code == 400, address
        (wrong,) = response.json()["errors"]
        assert wrong["parameter"] == parameter
        assert wrong["reason"].startswith(reason)


def test_head_of_a_file_has_the_headers_of_get(client: Client) -> None:
    for address in (LIST, FIGURES):
        for form in ("csv", "ndjson"):
            got, head = (
                getattr(client, method)(f"{address}&format={form}") for method in ("get", "head")
            )
            assert (head.status_code, head.getvalue()) == (200, b"")
            assert got.getvalue()
            for name in ("Content-Type", "Content-Disposition", "Vary", "ETag"):
                assert head.headers[name] == got.headers[name]


def test_a_programme_as_json_ld_refuses_the_fields_parameter(client: Client) -> None:
    answer = request_form(client, ENTRY, "jsonld").json()
    assert answer["@context"]
    assert answer["name"] == one(client, "jet-net-nl")["name"]
    wrong = request_form(client, f"{ENTRY}?fields=slug", "jsonld")
    assert wrong.json()["errors"][0]["parameter"] == "fields"
    builders.make_programme(slug="quokka", state="draft")
    builders.make_programme(slug="gone", state="withdrawn", withdrawn_reason="Why.")
    for slug, status in (("quokka", 404), ("gone", 410)):
        response = client.get(f"/api/v1/programmes/{slug}/?format=jsonld")
        assert response.status_code == status
        assert response.headers["Content-Type"] == "application/problem+json"

"""Tests that the OpenAPI description is complete and that the API's answers fit it."""

import copy
import io
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.test import Client
from jsonschema import Draft202012Validator

from programmes.models import Programme
from stemobs.api.openapi import whole
from stemobs.api.openapi.errors import ERRORS
from stemobs.api.openapi.redirects import REDIRECTS
from stemobs.api.openapi.words import ROWS
from stemobs.api.programmes import ProgrammeResource
from stemobs.api.urls import RESOURCES, router
from stemobs.exports.files import FIGURE_FORMATS, FORMATS
from stemobs.selection.facets import FACETS
from stemobs.selection.programmes import ProgrammeFilter
from tests.builders import make_programme

DETAILS = 12  # rows checked of each resource: enough for every field to have a value in some row


@pytest.fixture(scope="module")
def description() -> Any:
    return whole.get_description()


def list_operations(description: Any) -> Iterator[tuple[str, Any]]:
    for path, methods in description["paths"].items():
        for operation in methods.values():
            yield path, operation


def get_json_answer(operation: Any) -> Any:
    return operation["responses"]["200"]["content"].get("application/json", {})


def make_validator(description: Any, schema: Any) -> Draft202012Validator:
    """Return a validator for answers that allows no field besides those of the schema."""
    parts = strict(copy.deepcopy(description["components"]))
    whole_schema = {**strict(copy.deepcopy(schema)), "components": parts}
    return Draft202012Validator(whole_schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def strict(schema: Any) -> Any:
    """Return a schema that forbids unknown fields, which the public schema allows."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    told = {name: strict(one) for name, one in schema.items()}
    if isinstance(told.get("properties"), dict) and "object" in told.get("type", ()):
        told.setdefault("additionalProperties", False)
        told.setdefault("required", list(told["properties"]))
    return told


def list_faults(checked: Draft202012Validator, answer: Any) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in checked.iter_errors(answer)]


# --- The description as a whole ------------------------------------------------------------------


def test_the_spectacular_command_validates_the_description_without_warnings() -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=io.StringIO())


@pytest.mark.django_db
def test_the_schema_address_serves_the_description_made_once_per_process(client: Client) -> None:
    response = client.get("/api/v1/schema/")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["ETag"]
    assert response.json() == whole.get_description()
    assert response.json()["openapi"].startswith("3.1")
    assert whole.get_description_json() is whole.get_description_json()


@pytest.mark.django_db
def test_the_description_names_the_public_address_as_server(
    client: Client, settings: LazySettings
) -> None:
    settings.SITE_URL = "http://stem.example"
    told = client.get("/api/v1/schema/").json()
    assert told["servers"] == [{"url": "http://stem.example"}]
    assert "127.0.0.1" not in str(told)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/api/v1/", "/api/v1/schema/"])
def test_the_root_and_the_schema_refuse_unknown_parameters(client: Client, address: str) -> None:
    response = client.get(f"{address}?contry=NL")
    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] == "contry"


def test_the_description_names_licence_contact_and_tags(description: Any) -> None:
    assert description["info"]["license"] == {"name": "CC BY 4.0", "identifier": "CC-BY-4.0"}
    assert description["info"]["contact"]["url"].endswith("/about/")
    groups = {tag["name"] for tag in description["tags"]}
    assert groups == {*RESOURCES, "evaluations", "changes", "api"}
    assert all(tag["description"] for tag in description["tags"])


# --- Operations, parameters and components -------------------------------------------------------


def test_the_description_has_every_route_of_the_api(description: Any) -> None:
    routes = {f"/api/v1/{name}/" for name in RESOURCES}
    routes |= {
        f"/api/v1/{name}/{{{resource.lookup_field}}}/" for name, resource in RESOURCES.items()
    }
    routes.add("/api/v1/programmes/counts/")
    assert len(router.urls) == len(routes)
    lists = ("/api/v1/changes/", "/api/v1/programmes/figures/", "/api/v1/evaluations/")
    files = {f"/api/v1/programmes.{form}" for form in FORMATS}
    files |= {f"/api/v1/programmes/figures.{form}" for form in FIGURE_FORMATS}
    files |= {f"/api/v1/evaluations.{form}" for form in FIGURE_FORMATS}
    files.add("/api/v1/programmes/{slug}.jsonld")
    assert set(description["paths"]) == {*routes, *files, *lists, "/api/v1/", "/api/v1/schema/"}


def test_operation_ids_are_unique_and_valid_python_names(description: Any) -> None:
    names = [operation["operationId"] for _path, operation in list_operations(description)]
    assert len(set(names)) == len(names)
    assert {"programmes_list", "programmes_retrieve", "education_levels_list"} <= set(names)
    assert all(name.isidentifier() for name in names)


def test_every_operation_has_a_description_an_example_and_its_errors(description: Any) -> None:
    for path, operation in list_operations(description):
        assert operation["summary"], path
        assert operation["description"], path
        answer = get_json_answer(operation)
        if answer and path != "/api/v1/schema/":
            assert answer["example"], path
        assert {"400", "414", "429"} <= set(operation["responses"]), path
        assert ("406" in operation["responses"]) == bool(answer), path
        told = {parameter["name"] for parameter in operation["parameters"]}
        assert ("404" in operation["responses"]) == bool({"page", "slug", "code"} & told), path
        assert "ETag" in operation["responses"]["200"]["headers"]
    assert "410" in description["paths"]["/api/v1/programmes/{slug}/"]["get"]["responses"]


def test_every_parameter_has_a_description_and_a_valid_example(description: Any) -> None:
    for path, operation in list_operations(description):
        for parameter in operation.get("parameters", ()):
            assert parameter["description"], (path, parameter["name"])
            if parameter["name"] == "cursor":
                continue  # it excludes `page`, and tools send the examples of all parameters
            schema = {**parameter["schema"], "components": description["components"]}
            assert list_faults(Draft202012Validator(schema), parameter["example"]) == []


@pytest.mark.django_db
def test_the_examples_of_all_parameters_can_be_sent_together(
    client: Client, description: Any
) -> None:
    for path, operation in list_operations(description):
        examples = {
            parameter["name"]: parameter["example"]
            for parameter in operation["parameters"]
            if "example" in parameter
        }
        address = path
        for name in re.findall(r"\{(\w+)\}", path):
            address = address.replace(f"{{{name}}}", str(examples.pop(name)))
        response = client.get(f"{address}?{urlencode(examples, doseq=True)}")
        assert response.status_code == 200, (address, examples)
        assert response.getvalue() is not None  # type: ignore[attr-defined] # closes a file


def test_the_list_of_programmes_describes_every_parameter_of_the_selection(
    description: Any,
) -> None:
    told = description["paths"]["/api/v1/programmes/"]["get"]["parameters"]
    names = [parameter["name"] for parameter in told]
    assert {*names, "fields"} == {*ProgrammeFilter.base_filters, *ProgrammeResource.also}
    facets = next(parameter for parameter in told if parameter["name"] == "facets")
    assert facets["schema"]["items"]["enum"] == ["all", *FACETS]


def test_every_component_and_every_field_has_a_description(description: Any) -> None:
    silent = [
        f"{name}.{field}"
        for name, part in description["components"]["schemas"].items()
        for field, schema in [("", part), *part.get("properties", {}).items()]
        if not schema.get("description")
    ]
    assert silent == []


def test_no_schema_forbids_additional_properties(description: Any) -> None:
    assert "'additionalProperties': False" not in str(description)


# --- Answers compared with their schemas ---------------------------------------------------------


def test_every_example_fits_its_schema(description: Any) -> None:
    for path, operation in list_operations(description):
        answer = get_json_answer(operation)
        if "example" in answer:
            told = answer["example"]
            assert told.get("count", 0) == len(told.get("results", ())), path
            assert (
                list_faults(make_validator(description, answer["schema"]), answer["example"]) == []
            ), path


@pytest.mark.django_db
@pytest.mark.parametrize("name", RESOURCES)
def test_answers_have_exactly_the_fields_of_their_schema(
    client: Client, description: Any, name: str
) -> None:
    paths, resource = description["paths"], RESOURCES[name]
    a_list = make_validator(
        description, get_json_answer(paths[f"/api/v1/{name}/"]["get"])["schema"]
    )
    path = f"/api/v1/{name}/{{{resource.lookup_field}}}/"
    a_row = make_validator(description, get_json_answer(paths[path]["get"])["schema"])
    answer = client.get(f"/api/v1/{name}/?page_size=100").json()
    assert list_faults(a_list, answer) == []
    keys = [row[resource.lookup_field] for row in answer["results"]][:DETAILS]
    for key in [*keys, ROWS[name]]:
        assert list_faults(a_row, client.get(f"/api/v1/{name}/{key}/").json()) == [], key


@pytest.mark.django_db
def test_counts_of_facets_fit_their_schema(client: Client, description: Any) -> None:
    schema = get_json_answer(description["paths"]["/api/v1/programmes/"]["get"])["schema"]
    answer = client.get("/api/v1/programmes/?facets=all&page_size=1").json()
    assert set(answer["facets"]) == set(FACETS)
    assert list_faults(make_validator(description, schema), answer) == []


@pytest.mark.django_db
def test_counts_changes_and_figures_fit_their_schema(client: Client, description: Any) -> None:
    make_programme(slug="gone", state=Programme.State.WITHDRAWN, withdrawn_reason="A mistake.")
    for address in (
        "/api/v1/programmes/counts/?group_by=kind,level",
        "/api/v1/changes/?since=0",
        "/api/v1/programmes/figures/?page_size=100",
        "/api/v1/programmes/figures/?page_size=100&page=4",
        "/api/v1/evaluations/?page_size=100",
    ):
        operation = description["paths"][address.split("?")[0]]["get"]
        answer = client.get(address).json()
        assert answer.get("rows") or answer.get("results")
        assert (
            list_faults(make_validator(description, get_json_answer(operation)["schema"]), answer)
            == []
        )


@pytest.mark.django_db
@pytest.mark.once
def test_each_operation_has_one_form_and_answers_in_it_whatever_is_accepted(
    client: Client, description: Any
) -> None:
    for path, operation in list_operations(description):
        key = next((str(ROWS[name]) for name in ROWS if f"/{name}/{{" in path), "")
        address = re.sub(r"\{\w+\}", key, path)
        if "counts" in path:
            continue  # it needs a parameter
        (kind,) = operation["responses"]["200"]["content"]
        is_file = kind != "application/json"
        for accept in ("*/*", kind, "text/turtle" if is_file else kind):
            response = client.get(address, headers={"Accept": accept})
            assert response.getvalue()  # type: ignore[attr-defined] # of files as well
            assert response.headers["Content-Type"].split(";")[0] == kind, path
        wrong = client.get(f"{address}?format=turtle")
        assert (wrong.status_code, wrong.json()["errors"][0]["parameter"]) == (400, "format")
        assert ("Content-Disposition" in operation["responses"]["200"]["headers"]) == is_file


@pytest.mark.django_db
def test_the_address_of_a_file_and_the_parameter_format_give_the_same(client: Client) -> None:
    for place in ("programmes", "programmes/figures", "evaluations"):
        for form in ("csv", "ndjson"):
            by_ending = client.get(f"/api/v1/{place}.{form}?country=FI")
            by_format = client.get(f"/api/v1/{place}/?country=FI&format={form}")
            assert by_ending.getvalue() == by_format.getvalue()  # type: ignore[attr-defined]
            for name in ("Content-Type", "Content-Disposition", "Vary", "Allow", "Link"):
                assert by_ending.headers.get(name) == by_format.headers.get(name)


# --- Fit for typed clients -----------------------------------------------------------------------


def test_every_field_that_answers_always_hold_is_required(description: Any) -> None:
    only_where_asked = {("ProgrammeList", "facets"), ("Problem", "errors")}
    only_where_asked.add(("WrongParameter", "allowed"))
    left = {
        (name, field)
        for name, part in description["components"]["schemas"].items()
        for field in part.get("properties", ())
        if field not in part.get("required", ())
    }
    assert {(name.replace("RowList", "List"), field) for name, field in left} == only_where_asked


def test_the_parameter_fields_is_described_apart_for_each_list_and_row(description: Any) -> None:
    for path, operation in list_operations(description):
        names = [parameter["name"] for parameter in operation["parameters"]]
        assert "fields" not in names
        content = get_json_answer(operation)
        if operation["operationId"].endswith(("_list", "_retrieve", "_figures")):
            told = operation["x-sparse-fields"]
            row = find_row(description, content["schema"])
            assert told["schema"]["items"]["enum"] == [*row["properties"]], path
            assert "`fields=`" in operation["description"]


def find_row(description: Any, schema: Any) -> Any:
    """Return the schema of the rows of a list, or of the only row."""
    part = description["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return (
        find_row(description, part["properties"]["results"]["items"])
        if ("results" in part["properties"])
        else part
    )


@pytest.mark.django_db
def test_the_examples_match_rows_of_the_catalogue(client: Client, description: Any) -> None:
    for name, key in ROWS.items():
        path = f"/api/v1/{name}/{{{RESOURCES[name].lookup_field}}}/"
        example = get_json_answer(description["paths"][path]["get"])["example"]
        answer = client.get(f"/api/v1/{name}/{key}/").json()
        for field in {"slug", "code", "name", "title", "page"} & set(example):
            assert example[field] == answer[field]


def exceed_rate_limit(client: Client, settings: LazySettings) -> Any:
    settings.API_RATE = "1/min"
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    settings.CACHES = {**settings.CACHES, "default": memory}
    return [client.get("/api/v1/") for _time in range(2)][-1]


@pytest.mark.django_db
def test_every_kind_of_error_fits_its_schema(
    client: Client, description: Any, settings: LazySettings
) -> None:
    parts = description["components"]
    make_programme(
        slug="gone", state=Programme.State.WITHDRAWN, withdrawn_reason="It was a mistake."
    )
    asked = {
        "WrongParameters": client.get("/api/v1/programmes/?contry=NL"),
        "NoSuchRow": client.get("/api/v1/programmes/no-such-programme/"),
        "NoSuchPage": client.get("/api/v1/programmes/?page=999"),
        "MethodNotAllowed": client.post("/api/v1/programmes/"),
        "NotAcceptable": client.get("/api/v1/programmes/", headers={"Accept": "text/turtle"}),
        "Gone": client.get("/api/v1/programmes/gone/"),
        "QueryTooLong": client.get(f"/api/v1/programmes/?q={'x' * 9000}"),
        "TooManyRequests": exceed_rate_limit(client, settings),
    }
    assert set(asked) == set(ERRORS) == set(parts["responses"]) - set(REDIRECTS)
    for name, response in asked.items():
        told = parts["responses"][name]["content"]["application/problem+json"]
        assert response.status_code == ERRORS[name][0], name
        assert response.headers["Content-Type"] == "application/problem+json"
        checked = make_validator(description, told["schema"])
        assert list_faults(checked, response.json()) == list_faults(checked, told["example"]) == []
        for key in ("type", "title", "status"):
            assert response.json()[key] == told["example"][key]

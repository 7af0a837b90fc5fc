"""Tests of /api/v1/docs/: it shows the whole OpenAPI description, and its examples run."""

import contextlib
import io
import shlex
import urllib.request
from collections.abc import Iterator
from email.message import Message
from typing import Any
from urllib.parse import urlsplit
from urllib.response import addinfourl
from xml.etree import ElementTree as ET

import html5lib
import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from stemobs.api.openapi import whole
from stemobs.api.openapi.errors import ERRORS
from stemobs.api.openapi.page import list_parameters
from stemobs.api.openapi.redirects import REDIRECTS
from tests.wsgi import ask

pytestmark = [pytest.mark.django_db, pytest.mark.once]
PAGE = "/api/v1/docs/"


@pytest.fixture
def page(client: Client) -> ET.Element:
    response = client.get(PAGE)
    assert response.status_code == 200
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(response.text)


def text(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def find_by_id(page: ET.Element, name: str) -> ET.Element:
    return next(element for element in page.iter() if element.get("id") == name)


def list_code_examples(page: ET.Element, language: str) -> list[str]:
    found = (e for e in page.iter("code") if e.get("class") == language)
    return ["".join(code.itertext()) for code in found]


def rows(element: ET.Element) -> dict[str, str]:
    """Return the rows of tables by the name in their first cell."""
    return {
        text(next(row.iter("code"))): text(row)
        for row in element.iter("tr")
        if row.find("td") is not None
    }


# --- Contents of the page ------------------------------------------------------------------------


def test_the_page_shows_every_operation_with_parameters_and_errors(page: ET.Element) -> None:
    for path, methods in whole.get_description()["paths"].items():
        operation = methods["get"]
        part = find_by_id(page, operation["operationId"].replace("_", "-"))
        assert operation["summary"] in text(part)
        assert path in text(part)
        shown = rows(part)
        told = list_parameters(operation)
        assert list(shown) == [parameter["name"] for parameter in told]
        for parameter in told:
            assert drop_backticks(parameter["description"]) in shown[parameter["name"]]
        for status in operation["responses"]:
            assert status == "200" or status in text(part)


def drop_backticks(words: str) -> str:
    return " ".join(words.replace("`", "").split())


def test_the_page_describes_every_field_of_answers(page: ET.Element) -> None:
    words = text(page)
    for name, part in whole.get_description()["components"]["schemas"].items():
        for field, schema in part["properties"].items():
            if not name.endswith("List"):
                assert drop_backticks(schema["description"]) in words, (name, field)


def test_the_page_describes_every_error_and_every_redirect_in_a_section_of_its_kind(
    page: ET.Element,
) -> None:
    parts = whole.get_description()["components"]["responses"]
    assert set(parts) == {*ERRORS, *REDIRECTS}
    for name, kinds in (("errors", ERRORS), ("redirects", REDIRECTS)):
        section = find_by_id(page, name)
        told = [
            f"{kind[0]} {drop_backticks(parts[part]['description'])}"
            for part, kind in kinds.items()
        ]
        assert [text(line) for line in section.iter("div") if line.find("dt") is not None] == told


def test_each_operation_leads_to_what_is_said_of_its_redirects_and_errors(page: ET.Element) -> None:
    for operation in whole.list_operations(whole.get_description()):
        part = find_by_id(page, operation["operationId"].replace("_", "-"))
        links = {link.get("href", ""): text(link) for link in part.iter("a")}
        for status, answer in operation["responses"].items():
            if status != "200":
                name = answer["$ref"].rsplit("/", 1)[-1]
                kind = "redirect" if name in REDIRECTS else "error"
                assert links[f"#{kind}-{name}"] == status
                assert find_by_id(page, f"{kind}-{name}") is not None


def test_the_page_is_linked_from_about_data_the_footer_and_the_root(client: Client) -> None:
    assert f'href="{PAGE}"' in client.get("/about/data/").text
    assert f'href="{PAGE}"' in client.get("/").text  # at the foot of every page
    links = client.get("/api/v1/").headers["Link"]
    assert f'{PAGE}>; rel="service-doc"' in links
    assert '/api/v1/schema/>; rel="service-desc"' in links


def test_the_page_takes_one_query_and_answers_304_if_unchanged(
    client: Client,
) -> None:
    first = client.get(PAGE)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(PAGE).status_code == 200
    assert len(captured) == 1
    again = client.get(PAGE, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_the_page_refuses_post_with_problem_details(client: Client) -> None:
    response = client.post(PAGE)
    assert response.status_code == 405
    assert response.headers["Content-Type"] == "application/problem+json"


# --- Examples on the page ------------------------------------------------------------------------


class ApplicationHandler(urllib.request.BaseHandler):
    """A handler of urllib that sends HTTP requests to the application instead of the network."""

    handler_order = 100

    def http_open(self, request: urllib.request.Request) -> Any:
        where = urlsplit(request.full_url)
        headers = {f"HTTP_{k.upper().replace('-', '_')}": v for k, v in request.header_items()}
        answer = ask(where.path, where.query, request.get_method(), **headers)
        told = Message()
        for name, value in answer.headers.items():
            told[name] = value
        response: Any = addinfourl(io.BytesIO(answer.body), told, request.full_url, answer.status)
        response.msg = str(answer.status)
        return response


@pytest.fixture
def site(settings: LazySettings) -> Iterator[str]:
    """The public address; urllib sends requests for it to the application."""
    urllib.request.install_opener(urllib.request.build_opener(ApplicationHandler))
    yield settings.SITE_URL
    urllib.request.install_opener(None)  # type: ignore[arg-type] # the default, made when needed


def run(program: str) -> str:
    """Run an example program from the page, and return its output."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(program, "an example", "exec"), {"__name__": "__main__"})  # noqa: S102 # readers run it, so does the test
    return out.getvalue()


def test_every_python_example_runs_and_prints_something(page: ET.Element, site: str) -> None:
    programs = list_code_examples(page, "python")
    assert len(programs) == len(whole.get_description()["paths"]) + 4
    for program in programs:
        assert site in program
        assert run(program).strip(), program


def test_the_python_examples_of_the_introduction_print_what_the_text_says(
    page: ET.Element, site: str, client: Client
) -> None:
    first, everything, unchanged, wrong = list_code_examples(page, "python")[:4]
    number = client.get("/api/v1/programmes/?country=NL,FI&level=3").json()["count"]
    assert run(first).startswith(f"{number} programmes\n")
    platforms = client.get("/api/v1/platforms/").json()["count"]
    assert len(run(everything).splitlines()) == platforms
    assert run(unchanged) == "304\n"
    assert run(wrong) == "contry is not a parameter of this address\n"


def test_every_curl_example_gets_a_non_empty_answer(page: ET.Element, site: str) -> None:
    lines = list_code_examples(page, "curl")
    assert len(lines) == len(whole.get_description()["paths"]) + 1
    for line in lines:
        program, address = shlex.split(line)
        assert program == "curl"
        with urllib.request.urlopen(address) as answer:  # noqa: S310 # of the page itself
            found = answer.read()
        assert found
        assert b'"results":[]' not in found


def test_examples_use_the_public_address_from_the_settings(
    client: Client, settings: LazySettings
) -> None:
    settings.SITE_URL = "http://stem.example"
    told = client.get(PAGE).text
    assert "curl &#x27;http://stem.example/api/v1/programmes/" in told
    assert "127.0.0.1" not in told

"""Tests that the API redirects as its description says: every way there is, at every operation.

What each way does to an address is tested with what does it, as in tests/http/test_tracking.py.
"""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from programmes.models import Programme
from stemobs.api.openapi import whole
from stemobs.api.openapi.redirects import REDIRECTS
from stemobs.api.openapi.words import ROWS
from tests.builders import make_former_slug, make_programme
from tests.wsgi import Answer, ask

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ROOT = Path(__file__).parent.parent.parent
REDIRECTING = re.compile(
    r"\b(redirect|redirect_for_good|HttpResponse(Permanent)?Redirect|RedirectView\.as_view)\(|drop_empty_parameters"
)


class Way(NamedTuple):
    """A way in which an address of the API comes to redirect, with an example."""

    module: str  # which makes the redirect
    asked: str
    operation: str
    status: int
    location: str


COUNTRY, PROGRAMME = "countries_retrieve", "programmes_retrieve"
WAYS = [
    Way("stemobs.http.addresses.tracking", "/api/v1/?_ke=1", "root", 301, "/api/v1/"),
    Way("stemobs.http.addresses.plain", "/API/v1//Guides/?page=1", "guides_list", 301,
        "/api/v1/guides/?page=1"),
    Way("stemobs.http.addresses.plain", "/api/v1/programmes.csv/?country=FI", "programmes_csv", 301,
        "/api/v1/programmes.csv?country=FI"),
    Way("stemobs.http.addresses.plain", "/api/v1/programmes/Jet-Net-NL/", PROGRAMME, 301,
        "/api/v1/programmes/jet-net-nl/"),
    Way("stemobs.http.addresses.plain", "/api/v1/schema", "schema", 301, "/api/v1/schema/"),
    Way("stemobs.api.vocabularies", "/api/v1/countries/UK/?fields=name", COUNTRY, 301,
        "/api/v1/countries/GB/?fields=name"),
    Way("stemobs.http.addresses.chains", "//api/v1/countries/el?fbclid=1", COUNTRY, 301,
        "/api/v1/countries/GR/"),
    Way("stemobs.api.programmes", "/api/v1/programmes/jet-net-nl/?as_of=TODAY&format=jsonld",
        PROGRAMME, 302, "/api/v1/programmes/jet-net-nl/@REVISION/?format=jsonld"),
]  # fmt: skip
# Of these the description says nothing by an operation: an address without the version, and http
# where the site has https, which is tested below.
NOT_OF_AN_OPERATION = {"stemobs.urls", "django.middleware.security"}


@pytest.fixture(scope="module")
def operations() -> dict[str, Any]:
    """The described operations by their ids."""
    told = whole.list_operations(whole.get_description())
    return {operation["operationId"]: operation for operation in told}


def ask_for(address: str) -> Answer:
    path, _, query = address.partition("?")
    return ask(path, query)


def fits(answer: Answer, operation: Any) -> bool:
    """Whether an operation is described with this redirect: its status, its Location, no body."""
    name = operation["responses"][str(answer.status)]["$ref"].rsplit("/", 1)[-1]
    described = whole.get_description()["components"]["responses"][name]
    headers = set(described["headers"]) - {"RateLimit", "RateLimit-Policy"}
    return "content" not in described and not answer.body and headers <= set(answer.headers)


def test_each_way_to_redirect_is_one_that_its_operation_is_described_with(
    operations: dict[str, Any],
) -> None:
    today = timezone.localdate().isoformat()
    for way in WAYS:
        answer = ask_for(way.asked.replace("TODAY", today))
        assert answer.status == way.status, way
        location = re.sub(r"@\d+", "@REVISION", answer.headers["Location"])
        assert location == way.location
        assert fits(answer, operations[way.operation]), way
        assert ask_for(answer.headers["Location"]).status == 200


def test_no_module_redirects_addresses_of_the_api_in_a_way_that_is_not_listed(
    settings: LazySettings,
) -> None:
    listed = {way.module for way in WAYS} | NOT_OF_AN_OPERATION
    assert {*list_redirecting_modules(settings.MIDDLEWARE)} == listed


def list_redirecting_modules(middleware: list[str]) -> Iterator[str]:
    """Yield the modules before and in the API that make redirects, other people's as well."""
    folder = ROOT / "stemobs"
    files = [*folder.glob("http/**/*.py"), *folder.glob("api/**/*.py"), folder / "urls.py"]
    modules = {".".join(file.relative_to(ROOT).with_suffix("").parts): file for file in files}
    names = {path.rpartition(".")[0] for path in middleware}
    modules |= {name: Path(str(import_module(name).__file__)) for name in names}
    yield from (name for name, file in modules.items() if REDIRECTING.search(file.read_text()))


@pytest.mark.slow
def test_every_operation_leads_from_each_mistyped_form_of_its_address_to_the_plain_one(
    operations: dict[str, Any],
) -> None:
    for operation, address in list_addresses(operations):
        other_end = address.rstrip("/") if address.endswith("/") else f"{address}/"
        capitals, doubled = address.replace("api", "API"), address.replace("/v1", "//v1")
        for mistyped in (f"{address}?gclid=1", other_end, capitals, doubled):
            answer = ask_for(mistyped)
            # The plain form has no capitals at all, and codes of countries are found without.
            location = answer.headers["Location"]
            assert (answer.status, location.lower()) == (301, address.lower())
            assert fits(answer, operation), mistyped


def test_only_an_operation_that_is_described_so_leads_to_the_state_of_a_day(
    operations: dict[str, Any],
) -> None:
    for operation, address in list_addresses(operations):
        answer = ask_for(f"{address}?as_of={timezone.localdate()}")
        assert answer.status == (302 if "302" in operation["responses"] else 400), address


def list_addresses(operations: dict[str, Any]) -> Iterator[tuple[Any, str]]:
    """Yield each operation with an address of it, that of the example row where it is of one."""
    for path, methods in whole.get_description()["paths"].items():
        key = next((str(ROWS[name]) for name in ROWS if f"/{name}/{{" in path), "")
        yield operations[methods["get"]["operationId"]], re.sub(r"\{\w+\}", key, path)


def test_by_http_every_address_leads_to_https_where_the_site_has_it(
    operations: dict[str, Any], settings: LazySettings
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    client = Client()
    for operation, address in list_addresses(operations):
        response = client.get(address)
        assert response.headers["Location"] == f"https://testserver{address}"
        assert str(response.status_code) in operation["responses"]


def test_the_address_without_a_version_leads_to_the_root_for_now() -> None:
    for address in ("/api/", "/api"):
        answer = ask_for(f"{address}?format=json")
        assert (answer.status, answer.headers["Location"]) == (302, "/api/v1/?format=json")


def test_a_former_slug_is_answered_and_a_merged_programme_is_gone_both_without_a_redirect() -> None:
    programme = make_programme(slug="present")
    make_former_slug(programme, "former")
    make_programme(slug="merged", state=Programme.State.WITHDRAWN, merged_into=programme)
    assert json.loads(ask_for("/api/v1/programmes/former/").body)["slug"] == "present"
    assert ask_for("/api/v1/programmes/merged/").status == 410


def test_the_description_has_no_redirect_that_no_way_leads_to(operations: dict[str, Any]) -> None:
    known = {way.status for way in WAYS}
    assert {status for status, _words in REDIRECTS.values()} == known
    told = {status for one in operations.values() for status in one["responses"]}
    assert {status for status in told if status.startswith("3")} == {str(one) for one in known}

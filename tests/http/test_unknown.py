"""Tests of parameters that an address does not have.

API, files, feeds and other addresses for programs answer 400 and name them. Pages are for people,
who may have come by somebody's link: a page is shown as it is without them.
"""

import pytest
from django.conf import LazySettings
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.once]

TWO = "programme=jet-net-nl&programme=tektanken"
FOR_PROGRAMS = [
    "/robots.txt", "/sitemap.xml", "/sitemaps/pages-1.xml", "/.well-known/security.txt",
    "/catalogue.jsonld", "/feeds/programmes.rss", "/feeds/programmes.atom", "/feeds/withdrawn.rss",
    "/programmes.csv", "/programmes.bib", "/programmes.csv-metadata.json",
    "/programmes/figures.csv", "/programmes/figures.csv-metadata.json",
    f"/programmes/compare.csv?{TWO}", f"/programmes/compare.csv-metadata.json?{TWO}",
    f"/programmes/compare.bib?{TWO}", "/programmes/jet-net-nl.jsonld", "/programmes/jet-net-nl.ris",
    "/insights/evidence.csv", "/insights/evidence.svg", "/insights/evidence.bib",
    "/insights/evidence.csv-metadata.json", "/organisations/shell.jsonld",
    "/api/v1/", "/api/v1/docs/", "/api/v1/schema/", "/api/v1/changes/",
    "/api/v1/programmes/", "/api/v1/programmes.csv", "/api/v1/programmes/figures/",
    "/api/v1/programmes/figures.xlsx", "/api/v1/programmes/jet-net-nl/",
    "/api/v1/programmes/jet-net-nl.jsonld", "/api/v1/programmes/counts/?group_by=kind",
    "/api/v1/countries/NL/", "/api/v1/sources/",
    "/search/suggestions/?q=robots",
]  # fmt: skip
FOR_PEOPLE = [
    "/", "/about/", "/about/data/", "/guides/", "/guides/glossary/", "/guides/plan/", "/insights/",
    "/start/", "/start/teacher/", "/guides/obstacles/finder/",
    "/guides/task-force-outcomes/countries/", "/guides/transfer-conditions/worksheet/",
    "/programmes/", f"/programmes/compare/?{TWO}", "/programmes/jet-net-nl/", "/platforms/",
    "/strategies/", "/countries/", "/countries/nl/", "/organisations/", "/organisations/shell/",
    "/search/", "/search/?q=robots",
]  # fmt: skip


def add(address: str, query: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{query}"


@pytest.fixture(autouse=True)
def _contact(settings: LazySettings) -> None:
    settings.SECURITY_CONTACT = "mailto:security@stem.example"


@pytest.mark.parametrize("address", FOR_PROGRAMS)
def test_an_address_for_programs_names_the_parameter_that_it_refuses(
    client: Client, address: str
) -> None:
    for query in ("contry=NL", "contry=", "contry=%3Ci%3E&contry=2"):
        refused = client.get(add(address, query))
        assert refused.status_code == 400
        assert "contry" in refused.text
        is_api = address.startswith("/api/")
        assert is_api or "<i>" not in refused.text
        assert refused.headers["Content-Type"].startswith("application/problem") == is_api
    plain = client.get(address)
    assert (plain.status_code, bool(plain.getvalue())) == (200, True)  # type: ignore[attr-defined]


@pytest.mark.parametrize("address", FOR_PEOPLE)
def test_a_page_is_shown_without_the_parameters_that_it_does_not_have(
    client: Client, address: str
) -> None:
    assert client.get(add(address, "contry=NL")).status_code == 200


@pytest.mark.parametrize("address", [*FOR_PROGRAMS, *FOR_PEOPLE])
def test_tracking_parameters_lead_to_the_address_without_them(client: Client, address: str) -> None:
    response = client.get(add(address, "utm_source=letter&fbclid=x"))
    assert (response.status_code, response.headers["Location"]) == (301, address)

"""Tests that mistyped addresses whose meaning is clear redirect to the plain ones."""

import pytest
from django.test import Client

from tests import builders
from tests.wsgi import ask

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.mark.parametrize(
    ("asked", "plain"),
    [
        ("//programmes/", "/programmes/"),
        ("//programmes", "/programmes/"),
        ("/Programmes", "/programmes/"),
        ("/programmes//JET-NET-NL/", "/programmes/jet-net-nl/"),
        ("/programmes/Jet-Net-NL/", "/programmes/jet-net-nl/"),
        ("/programmes/jet-net-nl.BIB", "/programmes/jet-net-nl.bib"),
        ("/feeds/programmes.rss/", "/feeds/programmes.rss"),
        ("/organisations/SHELL/", "/organisations/shell/"),
        ("/api/v1/programmes/JET-NET-NL/", "/api/v1/programmes/jet-net-nl/"),
        ("/API/v1//programmes", "/api/v1/programmes/"),
        ("/sitemap.xml/", "/sitemap.xml"),
    ],
)
def test_a_mistyped_address_leads_to_the_plain_one_with_its_query(asked: str, plain: str) -> None:
    query = "fields=slug" if "api" in plain else "x=%C3%A9+a&b=%20"
    answer = ask(asked, query)
    assert (answer.status, answer.headers["Location"]) == (301, f"{plain}?{query}")
    assert ask(plain).status in (200, 302)


@pytest.mark.parametrize(
    "path",
    [
        "/programmes/NO-SUCH/", "/api/v1/programmes/NO-SUCH/", "/No/Such/", "//evil.example/",
        "/api/v1/countries/ZZ/", "/programmes/QUOKKA/",
    ],
)  # fmt: skip
def test_an_address_that_leads_nowhere_stays_a_404(path: str) -> None:
    builders.make_programme(slug="quokka", state="draft")
    assert ask(path).status == 404


def test_only_reading_is_redirected(client: Client) -> None:
    assert client.post("//programmes/").status_code in (404, 405)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("/countries/el/", "/countries/gr/"), ("/countries/UK/", "/countries/gb/"),
        ("/countries/NL/", "/countries/nl/"), ("/api/v1/countries/uk/", "/api/v1/countries/GB/"),
        ("/api/v1/countries/EL/", "/api/v1/countries/GR/"),
    ],
)  # fmt: skip
def test_the_unions_codes_of_greece_and_the_united_kingdom_lead_to_them(
    client: Client, asked: str, meant: str
) -> None:
    response = client.get(f"{asked}?format=json")
    assert (response.status_code, response.headers["Location"]) == (301, f"{meant}?format=json")
    assert client.get(meant).status_code == 200


def test_the_unions_codes_select_greece_and_the_united_kingdom(client: Client) -> None:
    for name in ("programmes", "organisations"):
        union, iso = (
            client.get(f"/api/v1/{name}/?country={codes}").json() for codes in ("el,Uk", "GR,GB")
        )
        assert union == iso
    page = client.get("/programmes/?country=UK")
    assert page.context["problems"] == []
    assert page.context["canonical_query"] == "country=GB"
    assert client.get("/feeds/programmes.atom?country=EL").status_code == 200

"""The addresses of the site: those of the public contract exist, and nothing else answers."""

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

pytestmark = pytest.mark.django_db

PROMISED = {
    "home": "/",
    "programmes": "/programmes/",
    "countries": "/countries/",
    "organisations": "/organisations/",
    "platforms": "/platforms/",
    "strategies": "/strategies/",
    "guides": "/guides/",
    "about": "/about/",
    "about-data": "/about/data/",
    "rss": "/feeds/programmes.rss",
    "atom": "/feeds/programmes.atom",
    "withdrawn-rss": "/feeds/withdrawn.rss",
    "withdrawn-atom": "/feeds/withdrawn.atom",
    "api-root": "/api/v1/",
    "health-live": "/health/live",
    "health-ready": "/health/ready",
    "admin:index": "/admin/",
}


@pytest.mark.parametrize(("name", "address"), PROMISED.items(), ids=PROMISED)
def test_a_promised_address_is_where_it_was(name: str, address: str) -> None:
    assert reverse(name) == address


@pytest.mark.parametrize(
    ("name", "address"),
    {
        "programme": "/programmes/some-slug/",
        "country": "/countries/some-slug/",
        "organisation": "/organisations/some-slug/",
        "platform": "/platforms/some-slug/",
        "strategy": "/strategies/some-slug/",
        "guide": "/guides/some-slug/",
        "api-programmes-detail": "/api/v1/programmes/some-slug/",
        "api-countries-detail": "/api/v1/countries/some-slug/",
    }.items(),
)
def test_a_promised_detail_is_where_it_was(name: str, address: str) -> None:
    assert reverse(name, args=["some-slug"]) == address


@pytest.mark.parametrize("ending", ["bib", "ris", "csl.json"])
def test_a_citation_is_where_its_page_is_with_another_ending(ending: str) -> None:
    assert reverse("programmes-citation", args=[ending]) == f"/programmes.{ending}"
    assert reverse("programme-citation", args=["jet", ending]) == f"/programmes/jet.{ending}"
    assert reverse("compare-citation", args=[ending]) == f"/programmes/compare.{ending}"
    assert reverse("insight-citation", args=["gaps", ending]) == f"/insights/gaps.{ending}"


def test_what_is_often_tried_leads_to_what_is_meant(client: Client) -> None:
    meant = {"/api": "/api/v1/", "/api/": "/api/v1/", "/favicon.ico": "/static/mark.svg"}
    for tried, address in meant.items():
        response = client.get(tried)
        assert (response.status_code, response.headers["Location"]) == (302, address)
    assert finders.find("mark.svg")


def test_every_address_has_a_name() -> None:
    def nameless(resolver: URLResolver) -> list[str]:
        found = []
        for entry in resolver.url_patterns:
            if isinstance(entry, URLResolver):
                found += nameless(entry) if entry.app_name != "admin" else []
            elif isinstance(entry, URLPattern) and not entry.name:
                found.append(str(entry.pattern))
        return [pattern for pattern in found if not pattern.startswith("^media/")]

    assert nameless(get_resolver()) == []


@pytest.mark.parametrize(
    "address",
    [
        "/programmes",
        "/about",
        "/countries/nl",
        "/api/v1/programmes",
        "/api/v1/programmes/jet-net-nl",
    ],
)
def test_a_forgotten_slash_is_added(client: Client, address: str) -> None:
    response = client.get(f"{address}?page=1")
    assert response.status_code == 301
    assert response.headers["Location"] == f"{address}/?page=1"


@pytest.mark.parametrize(
    "address",
    ["/programmes/no-such-slug/", "/organisations/no-such-slug/", "/platforms/no-such-slug/",
     "/strategies/no-such-slug/", "/guides/no-such-slug/", "/countries/zz/", "/countries/nld/",
     "/api/v2/", "/.git/config", "/manage.py",
     "/media/no-such-file.png", "/index.php", "/programmes//"],
)  # fmt: skip
def test_what_is_not_there_is_a_404(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "address", ["/static/../manage.py", "/media/../manage.py", "/media/%2E%2E/"]
)
def test_no_address_leads_out_of_a_folder(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code in (400, 404)
    assert "DJANGO_SETTINGS_MODULE" not in response.text


def test_the_api_is_the_only_thing_under_its_prefix_that_answers(client: Client) -> None:
    for address in ("/api/v2/", "/api/v1/nowhere/", "/api/v1/programmes/jet-net-nl/more/"):
        response = client.get(address)
        assert response.status_code == 404
        assert response.headers["Content-Type"] == "application/problem+json"


def test_a_name_that_was_never_given_has_no_address() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("no-such-page")

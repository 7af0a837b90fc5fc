"""Tests of the URL configuration: promised addresses exist, unknown ones answer 404."""

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
    "search": "/search/",
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
def test_an_address_of_the_public_contract_is_unchanged(name: str, address: str) -> None:
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
def test_an_address_of_a_single_entry_is_unchanged(name: str, address: str) -> None:
    assert reverse(name, args=["some-slug"]) == address


@pytest.mark.parametrize("ending", ["bib", "ris", "csl.json"])
def test_citations_have_the_address_of_their_page_with_a_file_ending(ending: str) -> None:
    assert reverse("programmes-citation", args=[ending]) == f"/programmes.{ending}"
    assert reverse("programme-citation", args=["jet", ending]) == f"/programmes/jet.{ending}"
    assert reverse("compare-citation", args=[ending]) == f"/programmes/compare.{ending}"
    assert reverse("insight-citation", args=["gaps", ending]) == f"/insights/gaps.{ending}"


def test_commonly_guessed_addresses_redirect_to_the_right_ones(client: Client) -> None:
    meant = {"/api": "/api/v1/", "/api/": "/api/v1/", "/favicon.ico": "/static/mark.svg"}
    for tried, address in meant.items():
        response = client.get(tried)
        assert (response.status_code, response.headers["Location"]) == (302, address)
    assert finders.find("mark.svg")


def test_every_url_pattern_has_a_name() -> None:
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
def test_an_address_without_its_final_slash_redirects_to_the_one_with_it(
    client: Client, address: str
) -> None:
    response = client.get(f"{address}?page=1")
    assert response.status_code == 301
    assert response.headers["Location"] == f"{address}/?page=1"


@pytest.mark.parametrize(
    "address",
    ["/programmes/no-such-slug/", "/organisations/no-such-slug/", "/platforms/no-such-slug/",
     "/strategies/no-such-slug/", "/guides/no-such-slug/", "/countries/zz/", "/countries/nld/",
     "/api/v2/", "/.git/config", "/manage.py",
     "/media/no-such-file.png", "/index.php"],
)  # fmt: skip
def test_an_unknown_address_answers_404(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "address", ["/static/../manage.py", "/media/../manage.py", "/media/%2E%2E/"]
)
def test_dots_in_an_address_do_not_lead_out_of_a_served_folder(
    client: Client, address: str
) -> None:
    response = client.get(address)
    assert response.status_code in (400, 404)
    assert "DJANGO_SETTINGS_MODULE" not in response.text


def test_an_unknown_address_under_api_answers_404_with_problem_details(client: Client) -> None:
    for address in ("/api/v2/", "/api/v1/nowhere/", "/api/v1/programmes/jet-net-nl/more/"):
        response = client.get(address)
        assert response.status_code == 404
        assert response.headers["Content-Type"] == "application/problem+json"


def test_reversing_an_unknown_url_name_raises_no_reverse_match() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("no-such-page")

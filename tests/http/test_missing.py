"""Tests of 404s: whatever does not exist is told in words for people, never in those of code."""

import re

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.test import Client

from stemobs.api.urls import RESOURCES

pytestmark = [pytest.mark.django_db, pytest.mark.once]

# Every section of the site, with an address in it that leads nowhere, and its list.
MISSING = {
    "/programmes/zzz/": "/programmes/",
    "/programmes/zzz.jsonld": "/programmes/",
    "/programmes/zzz.json": "/programmes/",
    "/programmes/zzz.bib": "/programmes/",
    "/platforms/zzz/": "/platforms/",
    "/countries/zzz/": "/countries/",
    "/countries/q9/": "/countries/",
    "/guides/zzz/": "/guides/",
    "/strategies/zzz/": "/strategies/",
    "/organisations/zzz/": "/organisations/",
    "/organisations/zzz.jsonld": "/organisations/",
    "/organisations/zzz.json": "/organisations/",
    "/insights/zzz/": "/insights/",
    "/insights/zzz.csv": "/insights/",
    "/insights/zzz.svg": "/insights/",
    "/insights/zzz.ris": "/insights/",
    "/feeds/zzz.atom": "/programmes/",
    "/sources/zzz/": "/programmes/",
    "/sitemaps/zzz-1.xml": "/programmes/",
    "/dumps/zzz.zip": "/programmes/",
    "/.well-known/zzz": "/programmes/",
    "/media/zzz.png": "/programmes/",
    "/zzz": "/programmes/",
}
CLASSES = {model.__name__ for model in apps.get_models()}
WORDS_OF_CODE = re.compile(
    r"matches the given query|does ?not ?exist|Http404|Exception|\bNone\b|[a-z]\.py\b"
)


def find_words_of_code(text: str) -> list[str]:
    names = {word for word in re.findall(r"\b[A-Z][a-z]+[A-Z]\w+", text) if word in CLASSES}
    return [*names, *WORDS_OF_CODE.findall(text)]


@pytest.mark.parametrize("debug", [False, True])
def test_a_page_that_does_not_exist_is_told_in_words_and_leads_to_the_list_of_its_kind(
    client: Client, settings: LazySettings, debug: bool
) -> None:
    settings.DEBUG = debug
    for address, list_address in MISSING.items():
        response = client.get(address)
        assert response.status_code == 404, address
        assert find_words_of_code(response.text) == [], address
        assert "We could not find this page" in response.text, address
        ways_on = response.text.partition("Or continue here")[2]
        assert ways_on.index(f'href="{list_address}"') == ways_on.index("href="), address


@pytest.mark.parametrize("debug", [False, True])
def test_a_row_that_the_api_does_not_have_is_told_by_its_kind_and_name(
    client: Client, settings: LazySettings, debug: bool
) -> None:
    settings.DEBUG = debug
    for name in RESOURCES:
        response = client.get(f"/api/v1/{name}/8.5/")
        assert response.status_code == 404, name
        problem = response.json()
        assert find_words_of_code(problem["detail"]) == [], name
        assert re.fullmatch(r"There is no [a-z ]+ 8\.5\.|There is nothing.+", problem["detail"])
    assert (
        client.get("/api/v1/platforms/zzz/").json()["detail"]
        == "There is no national platform zzz."
    )
    assert client.get("/api/v1/countries/zz/").json()["detail"] == "There is no country ZZ."
    detail = client.get("/api/v1/zzz/").json()["detail"]
    assert detail == "There is nothing at this address. Check its spelling."


def test_a_missing_page_of_the_admin_is_told_in_words(admin_client: Client) -> None:
    for address in ("/admin/zzz/", "/admin/programmes/zzz/"):
        response = admin_client.get(address)
        assert response.status_code == 404, address
        assert find_words_of_code(response.text) == [], address

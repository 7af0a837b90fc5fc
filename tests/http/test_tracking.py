"""Tests that tracking parameters are dropped by a redirect, and that nothing else is."""

import pytest
from django.test import Client

from stemobs.addresses import is_tracking
from stemobs.http.caching import PUBLIC
from stemobs.selection.organisations import OrganisationFilter
from stemobs.selection.programmes import PageFilter
from tests.wsgi import ask

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ADDRESSES = (
    "/", "/programmes/", "/programmes/jet-net-nl/", "/countries/", "/programmes.csv",
    "/programmes/jet-net-nl.bib", "/feeds/programmes.rss", "/sitemap.xml", "/robots.txt",
    "/api/v1/", "/api/v1/programmes/", "/api/v1/docs/", "/no/such/page/",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_tracking_parameter_is_dropped_at_every_address(client: Client, address: str) -> None:
    for method in (client.get, client.head):
        response = method(f"{address}?utm_source=x&fbclid=y")
        assert response.status_code == 301
        assert response.headers["Location"] == address
        assert response.headers["Cache-Control"] == PUBLIC


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("b=2&utm_source=x&a=1&a=0", "b=2&a=1&a=0"),
        ("q=a+b%20c&UTM_Medium=x&country=NL,FI", "q=a+b%20c&country=NL,FI"),
        ("utm%5Fsource=x&q=%e9t%C3%A9", "q=%e9t%C3%A9"),
        ("gclid&&q=%22a%22", "&q=%22a%22"),
        ('q="a"|b&fbclid=1', 'q="a"|b'),
        ("q=a&amp;utm_source=x&+fbclid=y", "q=a"),
        ("q=Bèta&msclkid=1", "q=B%C3%A8ta"),
    ],
)
def test_all_else_of_a_query_stays_as_it_is(query: str, kept: str) -> None:
    answer = ask("/programmes/", query)
    assert answer.status == (400 if "%e9" in query else 301)
    if answer.status == 301:
        assert answer.headers["Location"] == f"/programmes/?{kept}"


@pytest.mark.parametrize(
    ("path", "query", "status", "location"),
    [
        ("/programmes", "utm_source=x", 301, "/programmes/"),
        ("//programmes", "fbclid=x&country=NL", 301, "/programmes/?country=NL"),
        ("/programmes//Jet-NET-nl", "gclid", 301, "/programmes/jet-net-nl/"),
        ("/countries/uk", "", 301, "/countries/gb/"),
        ("//Countries/UK", "utm_source=x", 301, "/countries/gb/"),
        ("/api/v1/countries/uk", "gclid=1", 301, "/api/v1/countries/GB/"),
        ("/api/v1/programmes", "gclid=1&foo=1", 301, "/api/v1/programmes/?foo=1"),
        ("/programmes/", "q=&utm_source=x&country=NL", 302, "/programmes/?country=NL"),
        ("/no/such", "&utm_source=x&", 301, "/no/such"),
    ],
)
def test_several_redirects_become_one(path: str, query: str, status: int, location: str) -> None:
    answer = ask(path, query)
    assert (answer.status, answer.headers["Location"]) == (status, location)
    further = ask(*location.partition("?")[::2])
    assert "Location" not in further.headers


@pytest.mark.parametrize(
    ("path", "more"), [("/programmes", ""), ("/Programmes/", "&q="), ("//programmes", "&fbclid=x")]
)
def test_an_address_too_long_to_redirect_to_is_answered_at_once(path: str, more: str) -> None:
    long = "country=NL&" * 100 + "kind=debates"
    answer, plain = ask(path, long + more), ask("/programmes/", long)
    assert answer.status == plain.status == 200
    assert answer.body == plain.body


def test_a_redirect_never_leaves_the_site() -> None:
    hosts = (
        "//evil.example/", "/\\evil.example/", "///evil.example", "//evil.example//programmes",
        "/.//evil.example/", "/\t/evil.example/",
    )  # fmt: skip
    for path in hosts:
        location = ask(path, "utm_source=x").headers["Location"]
        assert location.startswith("/")
        assert not location.startswith(("//", "/\\"))


def test_a_long_address_is_answered_without_a_redirect(client: Client) -> None:
    values = ",".join(["NL"] * 1_000)
    response = client.get(f"/api/v1/programmes/?utm_source=x&country={values}")
    assert response.status_code == 200
    assert response.json()["count"] > 0


def test_the_admin_and_the_probes_of_health_are_left_alone(client: Client) -> None:
    assert client.get("/admin/login/?utm_source=x").status_code == 200
    assert client.get("/health/live?utm_source=x").status_code == 200


def test_unlike_names_and_the_sites_own_are_no_tracking_parameters(client: Client) -> None:
    own = {*PageFilter.base_filters, *OrganisationFilter.base_filters, "fields", "format", "cursor"}
    for name in {*own, "utm", "ref", "source", "campaign", "clid", "contry"}:
        assert not is_tracking(name), name
    assert client.get("/api/v1/programmes/?ref=x").status_code == 400


def test_another_unknown_parameter_is_named_by_pages_and_refused_by_files(client: Client) -> None:
    (problem,) = client.get("/countries/?foo=1").context["problems"]
    assert problem.parameter == "foo"
    for address in ("/sitemap.xml", "/robots.txt", "/sitemaps/pages-1.xml", "/programmes.csv"):
        assert client.get(f"{address}?foo=1").status_code == 400, address

"""Tests that tracking parameters are dropped by a redirect, and that nothing else is."""

import pytest
from django.test import Client

from stemobs.http.addresses.tracking import is_tracking
from stemobs.selection.organisations import OrganisationFilter
from stemobs.selection.programmes import PageFilter
from tests.wsgi import ask

pytestmark = pytest.mark.django_db

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
        assert response.headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("b=2&utm_source=x&a=1&a=0", "b=2&a=1&a=0"),
        ("q=a+b%20c&UTM_Medium=x&country=NL,FI", "q=a+b%20c&country=NL,FI"),
        ("utm%5Fsource=x&q=%e9t%C3%A9", "q=%e9t%C3%A9"),
        ("gclid&&q=%22a%22", "&q=%22a%22"),
        ('q="a"|b&fbclid=1', 'q="a"|b'),
        ("q=Bèta&msclkid=1", "q=B%C3%A8ta"),
    ],
)
def test_all_else_of_a_query_stays_as_it_is(query: str, kept: str) -> None:
    answer = ask("/programmes/", query)
    assert answer.status == (400 if "%e9" in query else 301)
    if answer.status == 301:
        assert answer.headers["Location"] == f"/programmes/?{kept}"


def test_a_redirect_never_leaves_the_site() -> None:
    for path in ("//evil.example/", "/\\evil.example/", "///evil.example"):
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

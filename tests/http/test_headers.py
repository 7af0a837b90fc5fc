"""Tests of the security headers on pages, API, feeds, admin, errors and refused requests."""

import pytest
from django.conf import LazySettings
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.once]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
ADDRESSES = {
    "/": 200,
    "/programmes/": 200,
    "/programmes/jet-net-nl/": 200,
    "/programmes/?page=999": 404,
    "/programmes/?q=%00": 400,
    "/programmes/?q=" + "a" * 9_000: 414,
    "/nowhere/": 404,
    "/api/v1/": 200,
    "/api/v1/programmes/jet-net-nl/": 200,
    "/api/v1/programmes/?contry=NL": 400,
    "/api/v1/nowhere/": 404,
    "/feeds/programmes.rss": 200,
    "/health/live": 200,
    "/admin/": 302,
    "/admin/login/": 200,
    "/programmes": 301,
}


@pytest.mark.parametrize(
    ("address", "status"), ADDRESSES.items(), ids=lambda value: str(value)[:40]
)
def test_every_response_has_the_security_headers(client: Client, address: str, status: int) -> None:
    response = client.get(address)
    assert response.status_code == status
    assert response.headers["Content-Security-Policy"] == POLICY
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "geolocation=()" in response.headers["Permissions-Policy"]


def test_the_content_security_policy_is_the_one_in_the_settings(settings: LazySettings) -> None:
    parts = (f"{name} {' '.join(sources)}" for name, sources in settings.SECURE_CSP.items())
    assert "; ".join(parts) == POLICY


def test_a_400_for_an_unknown_host_has_the_security_headers(client: Client) -> None:
    response = client.get("/programmes/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert response.headers["Content-Security-Policy"] == POLICY
    assert "evil.example" not in response.text


def test_with_https_redirect_an_unknown_host_gets_a_400_with_security_headers(
    settings: LazySettings,
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    response = Client().get("/programmes/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == POLICY


def test_http_is_redirected_and_https_sends_hsts_for_a_year(settings: LazySettings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    client = Client()
    redirected = client.get("/programmes/")
    assert redirected.status_code == 301
    assert redirected.headers["Location"] == "https://testserver/programmes/"
    secure = client.get("/about/", secure=True)
    assert secure.headers["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.parametrize(
    "address",
    ["/", "/programmes/?country=NL", "/programmes/jet-net-nl/", "/about/", "/api/v1/programmes/",
     "/nowhere/", "/feeds/programmes.atom", "/health/ready"],
)  # fmt: skip
def test_public_pages_set_no_cookie(client: Client, address: str) -> None:
    assert not client.get(address).cookies


def test_the_login_page_is_no_store(client: Client) -> None:
    assert "no-store" in client.get("/admin/login/").headers["Cache-Control"]


@pytest.mark.parametrize(
    "address",
    [
        "/programmes/", "/programmes.csv", "/programmes.bib", "/feeds/programmes.atom",
        "/feeds/programmes.rss", "/api/v1/programmes/", "/organisations/",
    ],
)  # fmt: skip
def test_what_was_searched_for_words_is_not_indexed_in_any_form(
    client: Client, address: str
) -> None:
    assert client.get(f"{address}?q=evil").headers["X-Robots-Tag"] == "noindex"
    assert "X-Robots-Tag" not in client.get(address).headers

"""How long an answer may be kept: a minute by everyone, by a curator not at all, an error never."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address", ["/", "/programmes/?country=NL", "/api/v1/programmes/", "/feeds/programmes.rss"]
)
def test_what_everyone_sees_may_be_kept_for_a_minute(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert "Cookie" in response.headers["Vary"]


def test_a_curator_sees_at_once_what_was_saved(client: Client) -> None:
    client.force_login(get_user_model().objects.create_user("curator", is_staff=True))
    assert client.get("/programmes/jet-net-nl/").headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    "address",
    [
        "/nowhere/",
        "/programmes/?page=999",
        "/programmes/?q=%00",
        "/api/v1/nowhere/",
        "/api/v1/programmes/?contry=NL",
    ],
)
def test_no_cache_keeps_an_error(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code >= 400
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ["/admin/", "/admin/login/", "/health/live"])
def test_no_cache_keeps_what_is_for_one_reader_or_one_moment(client: Client, address: str) -> None:
    assert "public" not in client.get(address).headers["Cache-Control"]
    assert "no-store" in client.get(address).headers["Cache-Control"]

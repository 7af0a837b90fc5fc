"""Tests of the input guard: malformed requests that it refuses, and odd ones that it accepts."""

import pytest
from django.test import Client

from stemobs.addresses import TOO_LONG

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.mark.parametrize(
    "address",
    [
        "/programmes/?q=%00",
        "/programmes/?q=a%00b&page=2",
        "/programmes/?%00=a",
        "/programmes/?q=%FF",
        "/programmes/?q=%C3",
        "/programmes/?q=%ED%A0%80",  # half of a surrogate pair
        "/programmes/?q=%C0%80",  # NUL, written too long
        "/programmes/%00/",
        "/api/v1/programmes/?q=%00",
        "/api/v1/programmes/%00/",
    ],
)
def test_nul_and_broken_utf_8_are_a_bad_request(client: Client, address: str) -> None:
    assert client.get(address).status_code == 400


def test_a_query_longer_than_8_kb_is_a_414(client: Client) -> None:
    longest = "contry=" + "N" * (8_000 - len("contry="))
    assert client.get(f"/api/v1/programmes/?{longest}").json()["title"] == "Bad Request"
    refused = client.get(f"/api/v1/programmes/?{longest}L")
    assert refused.status_code == 414
    assert refused.json()["detail"] == str(TOO_LONG)


@pytest.mark.parametrize(
    ("query", "wrong", "value", "reason"),
    [
        (
            "q=%00",
            "q",
            "�",
            "The address contains a character that is not allowed (NUL). Remove it and try again.",
        ),
        (
            "country=NL&q=a+%00b&page=2",
            "q",
            "a �b",
            "The address contains a character that is not allowed (NUL). Remove it and try again.",
        ),
        (
            "%00=a",
            "�",
            "a",
            "The address contains a character that is not allowed (NUL). Remove it and try again.",
        ),
        (
            "q=%ED%A0%80",
            "q",
            "���",
            "The address contains characters that we cannot read: it is not valid UTF-8.",
        ),
        (
            "q=" + "%FF" * 500,
            "q",
            "�" * 100,
            "The address contains characters that we cannot read: it is not valid UTF-8.",
        ),
    ],
)
def test_under_the_api_the_guard_names_the_wrong_parameter(
    client: Client, query: str, wrong: str, value: str, reason: str
) -> None:
    response = client.get(f"/api/v1/programmes/?{query}")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": f"{reason} These parameters are wrong: {wrong}.",
        "errors": [{"parameter": wrong, "value": value, "reason": reason}],
    }


@pytest.mark.parametrize("address", ["/programmes/?q=%00", "/programmes/?q=" + "a" * 9_000])
def test_outside_the_api_the_guard_answers_with_a_page_without_the_input(
    client: Client, address: str
) -> None:
    response = client.get(address)
    assert response.headers["Content-Type"].startswith("text/html")
    assert "STEM Observatory" in response.text
    assert "\x00" not in response.text
    assert "aaaa" not in response.text


@pytest.mark.parametrize("address", ["/programmes/%FF/", "/api/v1/organisations/%C3/"])
def test_a_path_that_is_not_utf_8_is_a_404(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/programmes/bèta/", "/api/v1/programmes/b%C3%A8ta/"])
def test_an_unknown_path_with_accents_is_a_404(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "query", ["q=B%C3%A8ta", "q=Bèta", "q=%F0%9F%8E%93+robots", "q=100%25+robots"]
)
def test_queries_with_accents_emoji_and_percent_signs_are_accepted(
    client: Client, query: str
) -> None:
    assert client.get(f"/api/v1/programmes/?{query}").status_code == 200


def test_an_invalid_percent_encoding_in_a_query_is_accepted(client: Client) -> None:
    assert client.get("/api/v1/programmes/?q=robots%ZZ").status_code == 200


@pytest.mark.parametrize("address", ["/admin/", "/programmes/", "/api/v1/"])
def test_a_quoted_cookie_with_a_nul_is_a_bad_request(client: Client, address: str) -> None:
    response = client.get(address, headers={"Cookie": 'sessionid="aaaaaaaa\\000"'})
    assert response.status_code == 400

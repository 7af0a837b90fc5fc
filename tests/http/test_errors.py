"""Tests of error responses: HTML pages outside /api/, problem details under it."""

import re
from html import unescape
from http import HTTPStatus
from urllib.parse import unquote

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from stemobs.pages.not_found import MOST_LIKELY, read_words
from tests import builders

SECRET = "the password is swordfish"


def raise_error(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(SECRET)


def raise_permission_denied(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied(SECRET)


# This module is also the URL configuration of its tests: the site's URLs and two views that fail.
urlpatterns = [
    path("broken/", raise_error),
    path("forbidden/", raise_permission_denied),
    path("api/broken/", raise_error),
    path("api/forbidden/", raise_permission_denied),
    path("", include("stemobs.urls")),
]
handler400 = "stemobs.http.errors.handle_bad_request"
handler403 = "stemobs.http.errors.handle_permission_denied"
handler404 = "stemobs.http.errors.handle_not_found"
handler500 = "stemobs.http.errors.handle_server_error"

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.urls(__name__)]

FAULTS = {
    400: "/programmes/?q=%00",
    403: "/forbidden/",
    404: "/nowhere/",
    414: "/programmes/?q=" + "a" * 9_000,
    500: "/broken/",
}
API_FAULTS = {
    400: "/api/v1/programmes/?q=%00",
    403: "/api/forbidden/",
    404: "/api/v1/nowhere/",
    414: "/api/v1/programmes/?q=" + "a" * 9_000,
    500: "/api/broken/",
}


@pytest.fixture
def client() -> Client:
    """A test client that returns the 500 page instead of raising the view's exception."""
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(("status", "address"), FAULTS.items(), ids=FAULTS)
def test_an_error_outside_the_api_is_our_page_with_no_store(
    client: Client, status: int, address: str
) -> None:
    response = client.get(address)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert "pages/error/error.html" in [template.name for template in response.templates]
    assert f"Error {status}: {HTTPStatus(status).phrase}" in response.text
    assert f"<title>{HTTPStatus(status).phrase} – STEM Observatory</title>" in response.text
    assert '<a href="/programmes/">' in response.text


@pytest.mark.parametrize(("status", "address"), API_FAULTS.items(), ids=API_FAULTS)
def test_an_error_under_the_api_is_problem_details_with_no_store(
    client: Client, status: int, address: str
) -> None:
    response = client.get(address)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    body = response.json()
    assert (body["type"], body["status"]) == ("about:blank", status)
    assert body["title"] == HTTPStatus(status).phrase
    assert body["detail"]


@pytest.mark.parametrize("address", ["/programmes/", "/programmes/jet-net-nl/", "/about/", "/"])
def test_a_page_answers_delete_with_our_405_page(client: Client, address: str) -> None:
    response = client.delete(address)
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Error 405: Method Not Allowed" in response.text


def test_the_api_answers_post_with_405_problem_details(client: Client) -> None:
    response = client.post("/api/v1/programmes/", {})
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == 405


def test_a_form_without_its_csrf_token_gets_our_403_page() -> None:
    response = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "curator"})
    assert response.status_code == 403
    assert response.headers["Cache-Control"] == "no-store"
    assert "Error 403: Forbidden" in response.text


@pytest.mark.parametrize(
    "address", ["/broken/", "/api/broken/", "/forbidden/", "/api/forbidden/", "/nowhere/"]
)
@pytest.mark.parametrize("debug", [False, True])
def test_an_error_shows_no_internals_of_the_site(
    client: Client, settings: object, address: str, debug: bool
) -> None:
    settings.DEBUG = (
        debug and "broken" not in address
    )  # with DEBUG on, a 500 page shows the traceback on purpose
    text = client.get(address).text
    for inside in (SECRET, "Traceback", "RuntimeError", __file__, "urlpatterns", "DJANGO_SETTINGS"):
        assert inside not in text


def test_the_404_page_does_not_repeat_the_address(client: Client) -> None:
    response = client.get("/%3Cscript%3Ealert(1)%3C/script%3E/")
    assert response.status_code == 404
    assert "alert(1)" not in response.text


@pytest.mark.parametrize(
    ("address", "words"),
    {
        "/programmes/jet-net-holland/": "jet net holland",
        "/organisations/": "",
        "/jetnet_overview.html": "jetnet overview",
        "/B%C3%A8ta/%F0%9F%98%80/": "Bèta",
        "/": "",
        "//%22%3E/": "",
        "/" + "a" * 300: "a" * 200,
    }.items(),
)
def test_read_words_drops_the_section_and_the_file_ending(address: str, words: str) -> None:
    assert read_words(unquote(address)) == words


@pytest.mark.parametrize(
    ("address", "programme"),
    {
        "/programmes/jet-net/": "/programmes/jet-net-nl/",
        "/programmes/jet-net-of-the-wrong-place-xyzzy/": "/programmes/jet-net-nl/",
        "/programmes/Start_Finlnad.php": "/programmes/start-finland/",
    }.items(),
)
def test_the_404_page_suggests_similar_programmes_and_a_search(
    client: Client, address: str, programme: str
) -> None:
    response = client.get(address)
    assert response.status_code == 404
    assert f'href="{programme}"' in response.text
    assert f'value="{read_words(address)}"' in response.text
    assert response.text.count('class="ev') <= MOST_LIKELY


def test_the_404_page_of_a_draft_does_not_suggest_the_draft(client: Client) -> None:
    draft = builders.make_programme(name="Zebrafinch", slug="zebrafinch-x", state="draft")
    response = client.get(draft.get_absolute_url())
    assert response.status_code == 404
    assert "Zebrafinch" not in response.text


@pytest.mark.parametrize(
    "address", ["/nowhere/", "/programmes/%FF%FE/", "/a/" + "b-" * 900, "/۩/ /"]
)
def test_the_404_page_works_without_suggestions_if_the_database_fails(
    client: Client, address: str
) -> None:
    assert client.get(address).status_code == 404
    # Every query fails, as if the database had stopped.
    with connection.execute_wrapper(refuse_query):
        response = client.get(address)
    assert response.status_code == 404
    assert "We could not find this page" in response.text


def refuse_query(*_args: object) -> None:
    raise OperationalError(SECRET)


@pytest.mark.parametrize("address", ["/broken/", "/forbidden/", "/programmes/?q=%00"])
def test_error_pages_work_without_the_database(client: Client, address: str) -> None:
    with connection.execute_wrapper(refuse_query):
        response = client.get(address)
    assert response.status_code in (400, 403, 500)
    assert "pages/error/error.html" in [template.name for template in response.templates]
    assert SECRET not in response.text


def test_the_500_page_is_rendered_without_request_and_context_processors(client: Client) -> None:
    response = client.get("/broken/")
    assert "on our side, not yours" in response.text
    assert "request" not in response.context
    assert "user" not in response.context


def test_a_page_past_the_end_of_a_list_is_a_404_that_names_the_last_page(client: Client) -> None:
    page = client.get("/programmes/?page=999")
    assert page.status_code == 404
    assert "The list ends with page" in page.text
    api = client.get("/api/v1/programmes/?page=999")
    assert api.status_code == 404
    assert "The list ends with page" in api.json()["detail"]


@pytest.mark.parametrize("debug", [False, True])
def test_the_404_past_the_end_of_a_list_links_to_its_first_and_last_page(
    client: Client, settings: object, debug: bool
) -> None:
    settings.DEBUG = debug
    for address in ("/programmes/?sort=name&view=table", "/organisations/?q=a"):
        response = client.get(f"{address}&page=999&contry=NL")
        assert response.status_code == 404
        assert "The list ends with page" in response.text
        links = [unescape(link) for link in re.findall('href="([^"]*page=[^"]*)"', response.text)]
        first, last = (client.get(link).context["page"] for link in links)
        assert (first.number, last.number) == (1, first.paginator.num_pages)
        assert client.get(address).context["page"].paginator.num_pages == last.number
    only = client.get("/programmes/?q=jet-net&page=2").text
    assert "page=1" in only
    assert "Last page" not in only


def test_a_post_without_a_csrf_token_to_a_page_is_a_405_not_a_403(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    for address in ("/", "/programmes/", "/programmes.csv", "/guides/plan/"):
        for method in ("post", "put", "patch"):
            response = getattr(strict, method)(address)
            assert response.status_code == 405
            assert response.headers["Allow"] == "GET, HEAD"
            assert "Error 405: Method Not Allowed" in response.text
    assert strict.post("/nowhere/").status_code == 404


def test_the_api_answers_an_accept_header_for_xml_with_406(client: Client) -> None:
    response = client.get("/api/v1/programmes/", headers={"Accept": "application/xml"})
    assert response.status_code == 406
    assert response.json()["status"] == 406


@pytest.mark.parametrize("address", ["/feeds/programmes.rss", "/feeds/programmes.atom"])
@pytest.mark.parametrize("debug", [False, True])
def test_a_feed_with_an_unknown_parameter_is_a_400_page(
    client: Client, settings: object, address: str, debug: bool
) -> None:
    settings.DEBUG = debug
    response = client.get(f"{address}?contry=NL")
    assert response.status_code == 400
    assert response.headers["Cache-Control"] == "no-store"
    assert "Error 400: Bad Request" in response.text


def test_the_400_of_a_feed_names_the_unknown_parameter(client: Client) -> None:
    assert "contry" in client.get("/feeds/programmes.rss?contry=NL").text


def test_the_heading_of_a_400_page_is_in_plain_words(client: Client) -> None:
    page = client.get("/search/?q=a%00b").text
    assert "We could not understand this request</h1>" in page

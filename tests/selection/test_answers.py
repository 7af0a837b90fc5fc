"""Tests how pages and the API answer odd, wrong and hostile query strings."""

import json
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from programmes.models import Programme
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.selection.facets import FACETS
from stemobs.selection.programmes import SORTS
from tests import chance
from tests.model import PARAMETERS

pytestmark = pytest.mark.django_db


# --- Answers of page and API ----------------------------------------------------------------------


def test_a_mistyped_parameter_is_a_400_of_the_api_and_not_ignored(client: Client) -> None:
    response = client.get("/api/v1/programmes/?contry=NL")
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == 400
    assert "contry" in body["detail"]
    (error,) = body["errors"]
    assert (error["parameter"], error["value"]) == ("contry", "NL")
    assert error["reason"]
    assert set(PARAMETERS) < set(error["allowed"])


def test_a_page_names_the_mistyped_parameter_and_applies_the_rest(client: Client) -> None:
    response = client.get("/programmes/?contry=NL&country=FI")
    assert response.status_code == 200
    assert [problem.parameter for problem in response.context["problems"]] == ["contry"]
    found = client.get("/api/v1/programmes/?country=FI").json()["count"]
    assert response.context["page"].paginator.count == found
    assert "contry" in response.text


WRONG = [
    *(f"{name}=nonsense" for name in PARAMETERS if name != "q"),
    "q=!!!", "q=" + "a" * 201, "sort=name&sort=name", "page=-1", "page=0", "page=" + "9" * 25,
    "page=%D9%A1", "page_size=101", "contry=NL", "country=NL&country=ZZ",
]  # fmt: skip


@pytest.mark.parametrize("query", WRONG)
def test_a_wrong_query_is_a_400_of_the_api_and_a_message_on_the_page(
    client: Client, query: str
) -> None:
    api = client.get(f"/api/v1/programmes/?{query}")
    assert api.status_code == 400
    errors = [error["parameter"] for error in api.json()["errors"]]
    page = client.get(f"/programmes/?{query}")
    assert page.status_code == 200
    assert [problem.parameter for problem in page.context["problems"]] == errors


@pytest.mark.parametrize("path", ["/programmes/", "/api/v1/programmes/"])
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("q=%00", 400), ("q=a%00b", 400), ("%00=a", 400), ("q=%ED%A0%80", 400), ("q=%FF", 400),
        ("q=%C3", 400), ("q=" + "a" * 10_240, 414), ("a" * 10_240, 414),
    ],
)  # fmt: skip
def test_a_query_with_broken_text_or_of_extreme_length_is_refused(
    client: Client, path: str, query: str, status: int
) -> None:
    response = client.get(f"{path}?{query}")
    assert response.status_code == status
    if path.startswith("/api/"):
        assert json.loads(response.content)["status"] == status


def every_value() -> str:
    """Return a query with all values of all facets except organisations, which are too many."""
    catalogue = get_current_catalogue()
    names = [name for name in FACETS if name != "organisation"]
    return "&".join(f"{name}={','.join(FACETS[name].labels(catalogue))}" for name in names)


def test_choosing_all_values_of_all_facets_finds_programmes_with_role_factor_and_evaluation(
    client: Client,
) -> None:
    page = client.get(f"/programmes/?{every_value()}")
    api = client.get(f"/api/v1/programmes/?{every_value()}&facets=all")
    assert (page.status_code, api.status_code) == (200, 200)
    # Roles, factors and designs have no value “not stated”: programmes without them do not match.
    complete = Programme.objects.published().filter(
        partnerships__isnull=False, factors__isnull=False, evaluations__object="programme"
    )
    expected = complete.distinct().count()
    assert api.json()["count"] == page.context["page"].paginator.count == expected


@pytest.mark.parametrize("path", ["/programmes/", "/api/v1/programmes/"])
@pytest.mark.parametrize(
    ("q", "is_right"),
    [
        ("a " * 100, True), ("a " * 97 + "zebra", True), ('"' + "a " * 99, True),
        ('"never closed', True), ('"' * 199, False), ("?!.,;:–", False), ("🚀🎓", False),
        ("robot 🚀", True), ("רובוט לבית ספר", True), ("\u202erobot\u202c", True),
        ("a" * 200, True), ("a " * 200, False), ("ab " * 101, False), ("a" * 5_000, False),
    ],
)  # fmt: skip
def test_an_odd_search_is_answered_or_refused_with_the_name_of_its_parameter(
    client: Client, path: str, q: str, is_right: bool
) -> None:
    response = client.get(path, {"q": q})
    is_api = path.startswith("/api/")
    assert response.status_code == (200 if is_right or not is_api else 400)
    if is_api and not is_right:
        assert [error["parameter"] for error in response.json()["errors"]] == ["q"]
    elif not is_api:
        assert [problem.parameter for problem in response.context["problems"]] == (
            [] if is_right else ["q"]
        )


@pytest.mark.parametrize("path", ["/programmes/", "/api/v1/programmes/", "/organisations/"])
def test_without_any_programme_pages_and_api_answer_200(client: Client, path: str) -> None:
    Programme.objects.update(state=Programme.State.DRAFT)
    for query in ("", "?q=robots", "?country=NL", "?facets=all" if "api" in path else "?page=1"):
        assert client.get(path + query).status_code == 200
    assert client.get("/").status_code == client.get("/about/").status_code == 200


@pytest.mark.parametrize("path", ["/programmes/", "/api/v1/programmes/"])
@pytest.mark.parametrize(
    "query", ["page=99", "page=1000000", "country=NL&page=2", "q=zzzzzz&page=2"]
)
def test_a_page_past_the_end_of_a_list_is_a_404_on_page_and_api(
    client: Client, path: str, query: str
) -> None:
    assert client.get(f"{path}?{query}").status_code == 404


@pytest.mark.parametrize("path", ["/programmes/", "/api/v1/programmes/"])
def test_a_search_without_matches_is_answered_with_200(client: Client, path: str) -> None:
    assert client.get(f"{path}?q=zzzzzz").status_code == 200
    for sort in SORTS:
        assert client.get(f"{path}?q=zzzzzz&sort={sort}").status_code == 200


@pytest.mark.parametrize(
    "path", ["/programmes/", "/programmes/jet-net-nl/", "/organisations/", "/countries/nl/", "/"]
)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_pages_answer_405_to_all_methods_but_get_and_head(
    client: Client, path: str, method: str
) -> None:
    response = getattr(client, method)(path)
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD"}


@pytest.mark.parametrize(
    "path", ["/programmes/", "/api/v1/programmes/", "/api/v1/programmes/ingenious/"]
)
def test_a_head_request_is_answered_without_a_body(client: Client, path: str) -> None:
    response = client.head(path)
    assert response.status_code == 200
    assert response.content == b""


LISTS = st.sampled_from(
    ["/programmes/", "/api/v1/programmes/", "/organisations/", "/api/v1/organisations/"]
)


@given(LISTS, st.lists(st.tuples(st.sampled_from(PARAMETERS), st.binary(max_size=15)), max_size=3))
@chance.steady(60)
def test_random_bytes_in_a_query_never_cause_a_server_error(
    path: str, pairs: list[tuple[str, bytes]]
) -> None:
    query = "&".join(f"{name}={quote(value)}" for name, value in pairs)
    assert Client().get(f"{path}?{query}").status_code in (200, 302, 400, 404)


@given(
    st.sampled_from(["/", "/programmes/", "/organisations/", "/api/v1/", "/api/v1/programmes/"]),
    st.binary(max_size=15),
)
@chance.steady(60)
def test_random_bytes_in_a_path_never_cause_a_server_error(path: str, junk: bytes) -> None:
    status = Client().get(f"{path}{quote(junk, safe='')}/").status_code
    assert status in (200, 301, 302, 400, 404)

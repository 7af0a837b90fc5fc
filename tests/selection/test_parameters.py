"""Tests of the errors for unknown parameters, and of the cutting of long values in errors."""

import pytest
from django.core.exceptions import BadRequest
from django.http import QueryDict
from django.test import Client

from stemobs.selection.parameters import (
    MAX_QUERY,
    MAX_REPEATED,
    Problem,
    list_unknown,
    make_refusal,
    name_wrong,
    refuse_parameters,
)

UNKNOWN = "is not a parameter of this address"


def test_unknown_parameters_are_listed_together_with_the_known_ones() -> None:
    given = QueryDict("contry=NL&country=FI&odd=1&odd=2")
    assert list_unknown(given.items(), ("country", "level")) == [
        Problem("contry", "NL", UNKNOWN, ("country", "level")),
        Problem("odd", "2", UNKNOWN, ("country", "level")),
    ]


def test_the_suggested_parameters_may_be_fewer_than_the_known_ones() -> None:
    assert list_unknown([("odd", "1")], ("known",), allowed=())[0].allowed == ()


def test_long_names_and_values_are_cut_in_problems_and_errors() -> None:
    long = "x" * 1_000
    problem = Problem(long, long, "is wrong")
    assert (problem.parameter, problem.value) == ("x" * MAX_REPEATED,) * 2
    assert name_wrong([long, long]).count("x" * MAX_REPEATED) == 1
    assert "x" * (MAX_REPEATED + 1) not in str(make_refusal([long]))


def test_an_address_that_takes_no_parameters_refuses_any_parameter() -> None:
    refuse_parameters(QueryDict())
    with pytest.raises(BadRequest, match="odd"):
        refuse_parameters(QueryDict("odd=1"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/programmes/?odd=1",
        "/organisations/?odd=1",
        "/insights/?odd=1",
        "/guides/plan/?odd=1",
        "/programmes/compare/?odd=1",
    ],
)
def test_every_page_names_an_unknown_parameter_in_the_same_words(client: Client, path: str) -> None:
    assert "because we don’t recognise it" in client.get(path).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "programmes/?odd=1",
        "programmes/?format=csv&odd=1",
        "programmes/jet-net-nl/?odd=1",
        "changes/?odd=1",
        "?odd=1",
        "schema/?odd=1",
    ],
)
def test_every_api_address_refuses_an_unknown_parameter_in_the_same_words(
    client: Client, path: str
) -> None:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["reason"] == UNKNOWN


@pytest.mark.django_db
def test_the_longest_allowed_search_equals_the_maxlength_of_its_field(client: Client) -> None:
    page = client.get("/programmes/", {"q": "x" * MAX_QUERY}).content.decode()
    assert f'maxlength="{MAX_QUERY}"' in page
    assert "is longer than" not in page
    page = client.get("/programmes/", {"q": "x" * (MAX_QUERY + 1)}).content.decode()
    assert f"is longer than {MAX_QUERY} characters" in page

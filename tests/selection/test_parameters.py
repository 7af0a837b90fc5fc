"""Parameters that an address does not know, and how much of what was asked is repeated."""

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


def test_what_an_address_does_not_know_is_named_with_what_it_knows() -> None:
    given = QueryDict("contry=NL&country=FI&odd=1&odd=2")
    assert list_unknown(given.items(), ("country", "level")) == [
        Problem("contry", "NL", UNKNOWN, ("country", "level")),
        Problem("odd", "2", UNKNOWN, ("country", "level")),
    ]


def test_what_to_give_instead_may_be_less_than_all_that_is_known() -> None:
    assert list_unknown([("odd", "1")], ("known",), allowed=())[0].allowed == ()


def test_only_the_beginning_of_what_is_long_is_repeated() -> None:
    long = "x" * 1_000
    problem = Problem(long, long, "is wrong")
    assert (problem.parameter, problem.value) == ("x" * MAX_REPEATED,) * 2
    assert name_wrong([long, long]).count("x" * MAX_REPEATED) == 1
    assert "x" * (MAX_REPEATED + 1) not in str(make_refusal([long]))


def test_an_address_without_parameters_refuses_any() -> None:
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
def test_every_page_tells_of_an_unknown_parameter_in_the_same_words(
    client: Client, path: str
) -> None:
    assert UNKNOWN in client.get(path).content.decode()


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
def test_every_address_of_the_api_does_so_too(client: Client, path: str) -> None:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["reason"] == UNKNOWN


@pytest.mark.django_db
def test_a_search_may_have_as_many_letters_as_its_fields_take(client: Client) -> None:
    page = client.get("/programmes/", {"q": "x" * MAX_QUERY}).content.decode()
    assert f'maxlength="{MAX_QUERY}"' in page
    assert "is longer than" not in page
    page = client.get("/programmes/", {"q": "x" * (MAX_QUERY + 1)}).content.decode()
    assert f"is longer than {MAX_QUERY} characters" in page

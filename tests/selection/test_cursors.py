"""Tests of paging through the API's lists by cursor, also while rows change, and of bad cursors."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.signing import Signer
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from programmes.models import Programme
from stemobs.api.urls import RESOURCES
from tests import builders

pytestmark = pytest.mark.django_db

SELECTIONS = [
    "", "sort=name", "sort=country", "sort=newest", "sort=oldest", "sort=updated",
    "q=stem", "q=stem&sort=name",
    "country=NL,FI&level=3", "country=none", "q=no+such+word",
]  # fmt: skip


def answers(client: Client, address: str, towards: str = "next") -> Iterator[dict[str, Any]]:
    """Follow the links `next` (or `previous`) from an address to the end, yielding each answer."""
    following: str | None = address
    while following:
        answer = client.get(following).json()
        yield answer
        following = answer[towards]


def walk(client: Client, address: str) -> list[str]:
    found = [row for answer in answers(client, address) for row in answer["results"]]
    return [row["code"] if "code" in row else row["slug"] for row in found]


def address(query: str, size: int, name: str = "programmes") -> str:
    field = "code" if name in ("countries", "education-levels") else "slug"
    return f"/api/v1/{name}/?{query}&page_size={size}&fields={field}".replace("?&", "?")


def wrong(client: Client, query: str) -> list[tuple[str, str]]:
    response = client.get(f"/api/v1/programmes/?{query}")
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    return [(error["parameter"], error["value"]) for error in response.json()["errors"]]


# --- Paging without changes of rows ---------------------------------------------------------------


@pytest.mark.parametrize("query", SELECTIONS)
def test_cursors_give_the_same_rows_as_pages_forwards_and_backwards(
    client: Client, query: str
) -> None:
    by_page = walk(client, address(query, 37))
    parts = list(answers(client, address(f"{query}&cursor=*", 37)))
    assert [row["slug"] for part in parts for row in part["results"]] == by_page
    assert {part["count"] for part in parts} == {len(by_page)}
    assert parts[0]["previous"] is None
    if len(parts) > 1:
        back = [part["results"] for part in answers(client, parts[-1]["previous"], "previous")]
        assert back[::-1] == [part["results"] for part in parts[:-1]]


@pytest.mark.parametrize("name", list(RESOURCES))
def test_every_list_of_the_api_gives_the_same_rows_by_cursor_as_by_page(
    client: Client, name: str
) -> None:
    if name == "sources":
        by_page, by_cursor = address("", 100, name), address("cursor=*", 99, name)
    else:
        by_page, by_cursor = address("", 7, name), address("cursor=*", 9, name)
    if name == "organisations":
        by_page, by_cursor = (one.replace("?", "?type=ngo&") for one in (by_page, by_cursor))
    found = walk(client, by_cursor)
    assert found == walk(client, by_page)
    assert found


def test_page_size_fields_and_facets_may_change_between_two_cursor_requests(client: Client) -> None:
    first = client.get(address("cursor=*", 10)).json()
    following = (
        first["next"].replace("page_size=10", "page_size=3").replace("fields=slug", "facets=level")
    )
    second = client.get(following).json()
    names = walk(client, address("", 100))
    assert [row["slug"] for row in second["results"]] == names[10:13]
    assert second["facets"]


def test_a_cursor_far_into_a_list_takes_no_more_queries_than_one_near_its_start(
    client: Client,
) -> None:
    for name, most in {"programmes": 2, "sources": 4}.items():
        parts = list(answers(client, address("cursor=*", 40, name)))
        for part in (parts[0], parts[2]):
            with CaptureQueriesContext(connection) as queries:
                client.get(part["next"])
            assert len(queries) <= most + 2


# --- Paging while rows change ---------------------------------------------------------------------


def add(rng: random.Random) -> None:
    name = rng.choice("AMZ") + str(rng.random())
    builders.make_programme(name=f"{name} stem", year_start=rng.choice([None, 1999, 2015, 2030]))


def remove(rng: random.Random) -> None:
    pk = rng.choice(list(Programme.objects.published().values_list("pk", flat=True)))
    Programme.objects.filter(pk=pk).update(state="draft")


def rename(rng: random.Random) -> None:
    programme = rng.choice(list(Programme.objects.published()))
    programme.name = rng.choice("AMZ") + programme.name
    programme.save()


WRITES: list[Callable[[random.Random], None]] = [add, remove, rename]


@pytest.mark.parametrize("query", ["", "sort=name", "sort=newest", "sort=updated", "q=stem"])
def test_paging_by_cursor_during_changes_returns_unchanged_rows_exactly_once(
    client: Client, query: str
) -> None:
    rng = random.Random(query)
    before = {row.slug: row.changed_at for row in Programme.objects.published()}
    at_first = set(walk(client, address(query, 100)))
    told: list[str] = []
    for part in answers(client, address(f"{query}&cursor=*", 16)):
        told += [row["slug"] for row in part["results"]]
        for _time in range(2):
            rng.choice(WRITES)(rng)
    stayed = {
        row.slug for row in Programme.objects.published() if before.get(row.slug) == row.changed_at
    }
    assert len(stayed) > 100
    for slug in stayed & at_first:
        assert told.count(slug) == 1


def test_a_cursor_works_after_the_row_that_it_points_to_was_removed(client: Client) -> None:
    names = walk(client, address("sort=name", 100))
    first = client.get(address("sort=name&cursor=*", 5)).json()
    Programme.objects.filter(slug__in=names[3:7]).update(state="draft")
    second = client.get(first["next"]).json()
    assert [row["slug"] for row in second["results"]] == names[7:12]
    back = client.get(second["previous"]).json()
    assert [row["slug"] for row in back["results"]] == names[:3]
    assert back["previous"] is None


def test_a_cursor_whose_following_rows_were_all_removed_has_only_a_previous_link(
    client: Client,
) -> None:
    names = walk(client, address("country=FI&sort=name", 100))
    first = client.get(address("country=FI&sort=name&cursor=*", 2)).json()
    Programme.objects.filter(slug__in=names[2:]).update(state="draft")
    end = client.get(first["next"]).json()
    assert (end["results"], end["next"]) == ([], None)
    assert [row["slug"] for row in client.get(end["previous"]).json()["results"]] == names[:2]
    Programme.objects.filter(slug__in=names).update(state="draft")
    nothing = client.get(first["next"]).json()
    assert (nothing["count"], nothing["results"]) == (0, [])
    assert (nothing["next"], nothing["previous"]) == (None, None)
    Programme.objects.filter(slug__in=names).update(state="published")
    assert [row["slug"] for row in client.get(first["next"]).json()["results"]] == names[2:4]


def test_cursors_work_for_lists_that_are_read_from_the_database(client: Client) -> None:
    names = walk(client, address("", 100, "strategies"))
    first = client.get(address("cursor=*", 3, "strategies")).json()
    builders.make_strategy(slug="before-all", name="!")
    builders.make_strategy(slug="same-name", name="\N{LATIN SMALL LETTER Z WITH CARON}")
    builders.make_strategy(slug="same-name-too", name="\N{LATIN SMALL LETTER Z WITH CARON}")
    found = walk(client, first["next"].replace("page_size=3", "page_size=1"))
    assert [slug for slug in found if slug in names] == names[3:]
    assert set(found) - set(names) == {"same-name", "same-name-too"}


# --- Invalid cursors ------------------------------------------------------------------------------


def test_a_cursor_is_refused_for_another_selection_or_list(client: Client) -> None:
    following = client.get(address("country=NL,FI&cursor=*", 2)).json()["next"]
    word = following.partition("cursor=")[2].partition("&")[0]
    right = client.get(f"/api/v1/programmes/?country=fi&country=nl&cursor={word}")
    assert right.status_code == 200
    for query in ("", "country=NL", "country=NL,FI&sort=name", "country=NL,FI&q=stem"):
        assert wrong(client, f"{query}&cursor={word}") == [("cursor", word[:100])]
    for name in ("organisations", "countries", "sources"):
        assert client.get(f"/api/v1/{name}/?cursor={word}").status_code == 400


def test_a_cursor_that_was_changed_or_made_up_is_refused(client: Client) -> None:
    following = client.get(address("cursor=*", 2)).json()["next"]
    word = following.partition("cursor=")[2].partition("&")[0]
    assert client.get(f"/api/v1/programmes/?cursor={word}").status_code == 200
    payload, _dot, signature = word.rpartition(".")
    for bad in (
        payload, signature, f"{payload}.", f".{signature}", f"{word}A", f"A{word}", word[1:],
        f"{payload[:-1]}.{signature}", f"{payload}.{signature[:-1]}", word.swapcase(), "**", ".",
        "...", "0", "null", "%F0%9F%9A%80", "a" * 5000,
        Signer(sep=".").sign_object([["a"], True, True]),
    ):  # fmt: skip
        ((name, _value),) = wrong(client, f"cursor={bad}")
        assert name == "cursor"


def test_a_cursor_signed_with_another_secret_key_is_refused(
    client: Client, settings: LazySettings
) -> None:
    following = client.get(address("cursor=*", 2)).json()["next"]
    settings.SECRET_KEY = "another" * 10
    assert client.get(following).status_code == 400


def test_a_cursor_is_refused_together_with_a_page_or_another_cursor(client: Client) -> None:
    assert wrong(client, "cursor=*&page=2") == [("page", "2")]
    assert wrong(client, "cursor=*&cursor=x") == [("cursor", "*, x")]
    assert wrong(client, "cursor=*&page_size=1000000") == [("page_size", "1000000")]
    assert client.get("/api/v1/guides/gaps/?cursor=*").status_code == 400


def test_the_same_list_always_has_the_same_short_cursor(client: Client) -> None:
    following = client.get(address("sort=name&cursor=*", 1)).json()["next"]
    again = client.get(address("sort=name&cursor=*", 1)).json()["next"]
    assert following == again, "the same list has the same addresses"
    assert len(following) < 400

"""Tests of the figures of the API: statements of reach and funding in pages, equal to the file."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from partnerships.models import Funding
from programmes.models import Programme, Reach
from stemobs.exports.tables import FIGURES
from tests import builders

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/programmes/figures/"
QUERIES = 6  # the revision, two counts, and the programmes of the page with two kinds of statements


def ask(client: Client, query: str = "") -> dict[str, Any]:
    response = client.get(f"{ADDRESS}?{query}")
    assert response.status_code == 200, response.content
    return response.json()


def follow(client: Client, address: str, key: str = "next") -> list[dict[str, Any]]:
    """Return the rows of all pages from an address on."""
    rows: list[dict[str, Any]] = []
    following: str | None = address
    while following:
        page = client.get(following).json()
        rows += page["results"]
        following = page[key]
    return rows


def read_file(client: Client, query: str) -> list[list[str]]:
    response: Any = client.get(f"/programmes/figures.csv?{query}")
    return list(csv.reader(io.StringIO(response.getvalue().decode())))[1:]


def write_cells(row: dict[str, Any]) -> list[str]:
    return ["" if cell is None else str(cell) for cell in FIGURES.list_cells(row)]


def list_stated(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(row["programme"], row["note"]) for row in rows]


def add_reach(programme: Programme, position: int) -> Reach:
    return builders.make_reach(programme, position=position, note=f"n{position}")


# --- Rows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query", ["", "country=NL", "q=girls&sort=name", "sort=updated", "level=none", "sort=oldest"]
)
def test_the_pages_hold_the_rows_of_the_file_in_its_order(client: Client, query: str) -> None:
    in_file = read_file(client, query)
    for start in ("page_size=100", "page_size=37&cursor=*"):
        rows = follow(client, f"{ADDRESS}?{start}&{query}")
        assert [write_cells(row) for row in rows] == in_file
        assert all([*row] == FIGURES.header for row in rows)
    assert ask(client, query)["count"] == len(in_file)


def test_a_list_of_figures_has_the_envelope_and_links_of_all_lists(client: Client) -> None:
    page = client.get(f"{ADDRESS}?page=2&page_size=5&country=NL")
    told = page.json()
    assert [*told] == ["count", "next", "previous", "results"]
    assert len(told["results"]) == 5
    for relation in ("next", "prev", "first", "last"):
        assert f'rel="{relation}"' in page.headers["Link"]
    assert f'<{told["next"]}>; rel="next"' in page.headers["Link"]
    assert len(ask(client)["results"]) == 25
    sparse = ask(client, "fields=value,programme&page_size=2")
    assert [[*row] for row in sparse["results"]] == [["programme", "value"]] * 2
    assert "fields=value,programme" in sparse["next"]


def test_a_selection_without_figures_is_an_empty_list(client: Client) -> None:
    builders.make_programme(slug="without")
    for query in ("q=xylophonist", "q=xylophonist&cursor=*"):
        told = ask(client, query)
        assert (told["count"], told["next"], told["previous"]) == (0, None, None)
        assert told["results"] == []


@pytest.mark.parametrize("query", ["page_size=100", "page_size=3&page=20", "page_size=1&cursor=*"])
def test_a_page_of_figures_takes_the_same_queries_whatever_its_size(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries, query: str
) -> None:
    with django_assert_max_num_queries(QUERIES):
        ask(client, query)


@pytest.mark.parametrize(
    ("query", "status", "wrong"),
    [
        ("page=0", 400, "page"), ("page=-1", 400, "page"), ("page=1e3", 400, "page"),
        ("page=99999", 404, ""), ("page_size=0", 400, "page_size"), ("cursor=x", 400, "cursor"),
        ("page_size=-1", 400, "page_size"), ("page_size=1e3", 400, "page_size"),
        ("page_size=99999", 400, "page_size"), ("page_size=1&page_size=2", 400, "page_size"),
        ("cursor=*&cursor=*", 400, "cursor"), ("cursor=*&page=1", 400, "page"),
        ("fields=nothing", 400, "fields"), ("facets=all", 400, "facets"), ("z=NL", 400, "z"),
        ("format=JSON", 200, ""), ("format=json&format=csv", 400, "format"),
        ("cursor=", 400, "cursor"),
    ],
)  # fmt: skip
def test_wrong_parameters_of_figures_are_named(
    client: Client, query: str, status: int, wrong: str
) -> None:
    response = client.get(f"{ADDRESS}?{query}")
    assert response.status_code == status
    if wrong:
        assert [error["parameter"] for error in response.json()["errors"]] == [wrong]


def test_figures_answer_head_and_304_like_all_lists(client: Client) -> None:
    got = client.get(ADDRESS)
    head = client.head(ADDRESS)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("Content-Type", "ETag", "Vary", "Cache-Control", "Link", "Allow"):
        assert head.headers[name] == got.headers[name]
    again = client.get(ADDRESS, headers={"If-None-Match": got.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Vary"] == got.headers["Vary"] == "Accept, Accept-Encoding, Cookie"


# --- Cursors --------------------------------------------------------------------------------------


def test_a_cursor_tells_each_row_that_stays_once_whatever_is_added_or_removed(
    client: Client,
) -> None:
    first, second = (builders.make_programme(slug=slug, name=slug) for slug in ("zza", "zzb"))
    for programme in (first, second):
        for position in (1, 3, 5):
            add_reach(programme, position)
    query = "q=zz&sort=name&page_size=2&cursor=*"
    page = ask(client, query)
    assert list_stated(page["results"]) == [("zza", "n1"), ("zza", "n3")]
    Reach.objects.filter(programme=first, position=1).delete()
    add_reach(first, 2)
    add_reach(first, 7)
    before = builders.make_programme(slug="zz", name="zz")
    add_reach(before, 1)
    page = client.get(page["next"]).json()
    assert list_stated(page["results"]) == [("zza", "n5"), ("zza", "n7")]
    back = client.get(page["previous"]).json()
    assert list_stated(back["results"]) == [("zza", "n2"), ("zza", "n3")]
    first.delete()
    rest = follow(client, page["next"])
    assert list_stated(rest) == [("zzb", "n1"), ("zzb", "n3"), ("zzb", "n5")]


def test_funding_follows_reach_within_each_programme(client: Client) -> None:
    programme = builders.make_programme(slug="zza", name="zza")
    builders.make_funding(programme, position=1, note="paid")
    add_reach(programme, 2)
    assert Funding.objects.filter(programme=programme).exists()
    rows = follow(client, f"{ADDRESS}?q=zza&page_size=1&cursor=*")
    assert list_stated(rows) == [("zza", "n2"), ("zza", "paid")]
    rows = follow(client, f"{ADDRESS}?q=zza&page_size=1")
    assert [row["statement"] for row in rows] == ["reach", "funding"]

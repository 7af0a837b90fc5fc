"""Tests of properties that relate several selections to each other, and the page to the API."""

import random
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import assume, given
from hypothesis import strategies as st

from programmes.models import Programme
from stemobs.selection.facets import FACETS
from tests import chance
from tests.model import PARAMETERS, Selection, known_values, ordered, queries, selections
from tests.selection.asking import ask, slugs

pytestmark = pytest.mark.django_db

# --- Properties that relate selections ------------------------------------------------------------


@given(queries(), st.randoms(use_true_random=False))
@chance.steady(25)
def test_the_order_of_parameters_does_not_change_the_result(
    asked: tuple[Selection, str], order: random.Random
) -> None:
    pairs = asked[1].split("&")
    order.shuffle(pairs)
    assert slugs("&".join(pairs)) == slugs(asked[1])


@given(selections(), selections())
@chance.steady(25)
def test_adding_a_parameter_never_adds_matches(first: Selection, second: Selection) -> None:
    more = {name: values for name, values in second.items() if name not in first}
    both = {**more, **first}
    assume(both.get("started_from", ["0"]) <= both.get("started_to", ["9999"]))
    narrowed = slugs(urlencode(both, doseq=True))
    assert set(narrowed) <= set(slugs(urlencode(first, doseq=True)))


@given(selections(), st.sampled_from(PARAMETERS[1:14]), st.data())
@chance.steady(25)
def test_adding_a_value_to_a_parameter_never_removes_matches(
    selection: Selection, name: str, data: st.DataObject
) -> None:
    chosen = data.draw(st.lists(st.sampled_from(known_values(name)), min_size=2, max_size=4))
    fewer = urlencode({**selection, name: chosen[:-1]}, doseq=True)
    more = urlencode({**selection, name: chosen}, doseq=True)
    assert set(slugs(fewer)) <= set(slugs(more))


@given(queries(), st.integers(1, 3), st.integers(1, 100))
@chance.steady(25)
def test_the_canonical_query_finds_the_same_and_is_canonical_itself(
    asked: tuple[Selection, str], page: int, size: int
) -> None:
    found = ask(f"{asked[1]}&page={page}&page_size={size}")
    again = ask(found.query())
    assert again.query() == found.query()
    assert again.parameters == found.parameters
    assert list(again.matches) == list(found.matches)
    names = [name for name, _value in found.parameters]
    assert names == sorted(names, key=PARAMETERS.index)


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        ("", ""),
        ("kind=debates&country=nl&country=FI,nl", "country=FI,NL&kind=debates"),
        ("page=1&sort=evidence", ""),
        ("sort=relevance", ""),
        ("q=robot&sort=relevance", "q=robot"),
        ("q=robot&sort=evidence", "q=robot&sort=evidence"),
        ("sort=NAME&page=2", "sort=name&page=2"),
        ("q=+robot+", "q=robot"),
        ("organisation=pbt", "organisation=ptvt"),
        ("updated_since=2026-11-21", "updated_since=2026-11-21T00%3A00%3A00Z"),
        ("updated_since=2026-11-21T02:00:00%2B02:00", "updated_since=2026-11-21T00%3A00%3A00Z"),
        ("page_size=50&started_from=2010", "started_from=2010&page_size=50"),
    ],
)
def test_queries_with_the_same_meaning_have_the_same_canonical_query(
    query: str, canonical: str
) -> None:
    assert ask(query).query() == canonical


# --- Equal answers of page and API ----------------------------------------------------------------


@given(queries(), st.integers(1, 40), st.integers(1, 3))
@chance.steady(20)
def test_page_and_api_list_the_same_programmes_each_in_its_promised_order(
    asked: tuple[Selection, str], size: int, number: int
) -> None:
    query = f"{asked[1]}&page_size={size}&page={number}"
    page = Client().get(f"/programmes/?{query}")
    api = Client().get(f"/api/v1/programmes/?{query}")
    expected, of_api = ordered(asked[0]), ordered(asked[0], on_pages=False)
    if number > 1 and (number - 1) * size >= len(expected):
        assert (page.status_code, api.status_code) == (404, 404)
        return
    assert (page.status_code, api.status_code) == (200, 200)
    assert api.json()["count"] == page.context["page"].paginator.count == len(expected)
    shown = [row["slug"] for row in api.json()["results"]]
    known = dict(Programme.objects.values_list("pk", "slug"))
    start, stop = (number - 1) * size, number * size
    assert [known[pk] for pk in page.context["page"]] == expected[start:stop]
    assert shown == of_api[start:stop]


@given(queries())
@chance.steady(20)
def test_facet_counts_of_the_api_equal_those_of_the_page(asked: tuple[Selection, str]) -> None:
    answer = Client().get(f"/api/v1/programmes/?{asked[1]}&facets=all&page_size=1").json()
    page = Client().get(f"/programmes/?{asked[1]}&page_size=1&show={','.join(FACETS)}")
    panels = [*page.context["panels"], *page.context["further"]]
    assert len(panels) == len(FACETS)
    for panel in panels:
        shown = [(choice.value, choice.count) for choice in panel.choices]
        rows = answer["facets"][panel.facet.parameter]
        assert [(row["value"], row["count"]) for row in rows] == shown


@given(queries(), st.integers(10, 60))
@chance.steady(20)
def test_the_pages_of_an_api_list_contain_every_match_exactly_once(
    asked: tuple[Selection, str], size: int
) -> None:
    found: list[str] = []
    address = f"/api/v1/programmes/?{asked[1]}&page_size={size}"
    while address:
        answer = Client().get(address).json()
        found += [row["slug"] for row in answer["results"]]
        address = answer["next"]
    assert found == ordered(asked[0], on_pages=False)

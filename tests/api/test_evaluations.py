"""Tests of the evaluations of the API: of a selection in pages, equal to the file."""

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from programmes.models import Evaluation
from stemobs.addresses import build_absolute_url
from stemobs.api.openapi.examples import KNOWN
from stemobs.exports.evaluations import EVALUATIONS
from tests import builders

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/evaluations/"
QUERIES = 7  # the revision, two counts, and the rows of the page with their sources and countries


def ask(client: Client, query: str = "") -> dict[str, Any]:
    response = client.get(f"{ADDRESS}?{query}")
    assert response.status_code == 200, response.content
    return response.json()


def read_file(client: Client, query: str) -> list[dict[str, str]]:
    response: Any = client.get(f"/programmes/evaluations.csv?{query}")
    return list(csv.DictReader(io.StringIO(response.getvalue().decode())))


@pytest.mark.parametrize("query", ["", "country=NL", "finding=no-effect&sort=name", "q=girls"])
def test_the_pages_have_the_rows_of_the_file_in_its_order(client: Client, query: str) -> None:
    rows: list[dict[str, Any]] = []
    following: str | None = f"{ADDRESS}?{query}&page_size=7"
    while following:
        page = client.get(following).json()
        rows += page["results"]
        following = page["next"]
    told = [["" if c is None else str(c) for c in EVALUATIONS.list_cells(row)] for row in rows]
    assert told == [list(row.values()) for row in read_file(client, query)]
    assert page["count"] == len(rows)


def test_all_evaluations_of_published_programmes_are_told(client: Client) -> None:
    builders.make_evaluation(builders.make_programme(state="draft"))
    public = Evaluation.objects.filter(programme__state="published")
    assert ask(client)["count"] == public.count() == len(read_file(client, ""))


def test_an_evaluation_names_all_its_sources(client: Client) -> None:
    (trial,) = [
        row
        for row in ask(client, "q=crest&design=randomised-trial")["results"]
        if row["design"] == "randomised-trial" and row["programme"] == "crest-awards"
    ]
    assert trial["source"].startswith("education-endowment-foundation")
    assert len(trial["further_sources"]) == 1


def test_an_evaluation_has_an_identifier_countries_and_a_page(client: Client) -> None:
    rows = read_file(client, "")
    assert len({row["id"] for row in rows}) == len(rows) > 0
    studies = Evaluation.objects.select_related("programme").prefetch_related(
        "programme__countries"
    )
    known = {f"{one.programme.slug}:{one.position}": one for one in studies}
    for row in rows:
        codes = sorted(country.code for country in known[row["id"]].programme.countries.all())
        assert sorted(filter(None, row["countries"].split("; "))) == codes
        assert row["page"].endswith(f"/programmes/{row['programme']}/")


def test_the_example_of_the_description_is_the_trial_of_crest(client: Client) -> None:
    rows = ask(client, "q=crest&page_size=100")["results"]
    example = KNOWN["ProgrammeEvaluation"]
    assert {**example, "page": build_absolute_url(example["page"])} in rows


def test_the_example_of_a_programme_has_an_evaluation_that_is_true(client: Client) -> None:
    told = client.get("/api/v1/programmes/jet-net-nl/").json()["evaluations"]
    (example,) = KNOWN["Programme"]["evaluations"]
    assert json.loads(json.dumps(example)) in told


def test_wrong_parameters_are_named(client: Client) -> None:
    problem = client.get(f"{ADDRESS}?finding=good&nonsense=1").json()
    assert problem["status"] == 400
    assert {"finding", "nonsense"} <= set(json.dumps(problem).replace('"', " ").split())


@pytest.mark.parametrize("size", [5, 50])
def test_a_page_takes_a_fixed_number_of_queries(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries, size: int
) -> None:
    ask(client)
    with django_assert_max_num_queries(QUERIES):
        ask(client, f"page_size={size}")

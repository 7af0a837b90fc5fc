"""Tests of the API's counts by one or two facets, compared with selections of each value."""

import random
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.http import urlencode

from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.selection.facets import FACETS, ORGANISATION, ROLE
from stemobs.selection.programmes import ProgrammeFilter
from tests import builders, chance

pytestmark = pytest.mark.django_db

SHORT = [name for name in FACETS if name != "organisation"]


def counts(client: Client, query: str) -> dict[str, Any]:
    response = client.get(f"/api/v1/programmes/counts/?{query}")
    assert response.status_code == 200, response.text
    return response.json()


def find_ids(query: str) -> set[int]:
    return set(ProgrammeFilter(QueryDict(query), get_current_catalogue()).matches[:])


def make_random_selection(rng: random.Random) -> dict[str, list[str]]:
    """Return a random selection: values by parameter."""
    names = rng.sample(SHORT, rng.randrange(4))
    chosen = {
        name: rng.sample(list(FACETS[name].labels(get_current_catalogue())), rng.randint(1, 3))
        for name in names
    }
    if rng.random() < 0.3:
        chosen["q"] = [rng.choice(["stem", "girls", "companies visit"])]
    if rng.random() < 0.3:
        chosen["organisation"] = rng.sample(["shell", "ptvt", "european-union", "bmbf"], 2)
    return chosen


def build_cell_query(chosen: dict[str, list[str]], cell: dict[str, str]) -> str:
    """Return the query of programmes that have the values of a cell.

    A cell with an organisation or a role alone also takes the chosen values of the other one, as
    does one with a design or a finding.
    """
    query: dict[str, list[str]] = {name: [value] for name, value in cell.items()}
    for paired in ({"organisation", "role"}, {"design", "finding"}):
        if len(paired & cell.keys()) == 1:
            (other,) = paired - cell.keys()
            query |= {other: chosen[other]} if other in chosen else {}
    return urlencode(query, doseq=True)


@pytest.mark.parametrize("seed", chance.seeds(12))
def test_a_cell_counts_the_programmes_that_its_values_leave_of_the_selection(
    client: Client, seed: int
) -> None:
    rng = random.Random(seed)
    chosen = make_random_selection(rng)
    names = rng.sample([*FACETS], rng.choice([1, 2])) if seed else ["organisation", "role"]
    found = counts(client, urlencode({**chosen, "group_by": ",".join(names)}, doseq=True))
    matched = find_ids(urlencode(chosen, doseq=True))
    assert found["group_by"] == names
    assert found["total"] == len(matched)
    assert [list(found["labels"][name]) for name in names]
    cells = list(product(*(found["labels"][name] for name in names)))
    assert [tuple(row[name] for name in names) for row in found["rows"]] == cells
    for row in rng.sample(found["rows"], min(len(found["rows"]), 60)):
        assert list(row) == [*names, "count"]
        cell = {name: row[name] for name in names}
        assert row["count"] == len(matched & find_ids(build_cell_query(chosen, cell))), (
            chosen,
            cell,
        )


def test_counts_include_empty_cells_and_values_not_stated(client: Client) -> None:
    builders.make_programme(slug="bare", name="Quokka")
    found = counts(client, "group_by=kind,level&q=quokka")
    kinds, levels = (
        list(FACETS[name].labels(get_current_catalogue())) for name in ("kind", "level")
    )
    assert len(found["rows"]) == len(kinds) * len(levels)
    assert {"none", "higher", "vocational"} <= {row["level"] for row in found["rows"]}
    filled = [row for row in found["rows"] if row["count"]]
    assert {"kind": "none", "level": "none", "count": 1} in filled
    assert found["labels"]["level"]["none"] == "Not known yet"


def test_chosen_values_of_a_facet_also_narrow_its_own_counts(client: Client) -> None:
    rows = counts(client, "country=NL&group_by=country")["rows"]
    by_country = {row["country"]: row["count"] for row in rows}
    assert by_country["NL"] == counts(client, "country=NL&group_by=kind")["total"]
    assert by_country["FI"] == len(find_ids("country=NL") & find_ids("country=FI"))


def test_counts_by_organisation_have_the_twenty_largest_of_the_selection(client: Client) -> None:
    rows = counts(client, "country=NL&group_by=ORGANISATION")["rows"]
    assert len(rows) == 20
    numbers = [row["count"] for row in rows]
    assert numbers == sorted(numbers, reverse=True)
    every = ProgrammeFilter(QueryDict("country=NL"), get_current_catalogue()).count_values(
        ORGANISATION
    )
    assert numbers == sorted(every.values(), reverse=True)[:20]
    funders = counts(client, "role=funder&group_by=organisation")["rows"]
    assert funders[0]["count"] == len(
        find_ids(f"role=funder&organisation={funders[0]['organisation']}")
    )


def test_counts_by_organisation_and_role_need_both_in_one_partnership(client: Client) -> None:
    one, other = (builders.make_organisation(slug=slug) for slug in ("one", "other"))
    programme = builders.make_programme(slug="shared", name="Quokka")
    builders.make_partnership(programme, one, role="funder")
    builders.make_partnership(programme, other, role="founder")
    filled = [
        row for row in counts(client, "q=quokka&group_by=role,organisation")["rows"] if row["count"]
    ]
    assert sorted((row["organisation"], row["role"]) for row in filled) == [
        ("one", "funder"), ("other", "founder"),
    ]  # fmt: skip
    assert {ORGANISATION, ROLE} <= {*FACETS.values()}


def test_counts_leave_out_drafts(client: Client) -> None:
    builders.make_programme(state="draft", kinds=[builders.kind("debates")], name="Quokka")
    found = counts(client, "q=quokka&group_by=kind")
    assert found["total"] == 0
    assert {row["count"] for row in found["rows"]} == {0}


def test_repeated_counts_query_only_the_revision_and_vocabularies(client: Client) -> None:
    counts(client, "group_by=kind,level")
    for query in ("group_by=kind,level", "group_by=organisation,country&q=stem"):
        counts(client, query)
        with CaptureQueriesContext(connection) as queries:
            counts(client, query)
        # One query reads the revision. Within a test's transaction vocabularies are not cached, so
        # each facet takes one more.
        assert len(queries) <= 1 + len(query.partition("&")[0].split(",")) + 1


@pytest.mark.parametrize(
    ("query", "problems"),
    [
        ("", [("group_by", "")]),
        ("group_by=", [("group_by", "")]),
        ("group_by=,", [("group_by", "")]),
        ("group_by=kind,kind", [("group_by", "kind,kind")]),
        ("group_by=kind&group_by=KIND", [("group_by", "kind,kind")]),
        ("group_by=kind,level,country", [("group_by", "kind,level,country")]),
        ("group_by=password", [("group_by", "password")]),
        ("group_by=kind,bogus", [("group_by", "bogus")]),
        ("group_by=all", [("group_by", "all")]),
        ("group_by=kind&page=1", [("page", "1")]),
        ("group_by=kind&page_size=5", [("page_size", "5")]),
        ("group_by=kind&cursor=*", [("cursor", "*")]),
        ("group_by=kind&fields=slug", [("fields", "slug")]),
        ("group_by=kind&contry=NL&country=XX", [("contry", "NL"), ("country", "XX")]),
        ("group_by=kind&format=csv", [("format", "csv")]),
    ],
)
def test_a_wrong_group_by_or_parameter_of_counts_is_refused(
    client: Client, query: str, problems: list[tuple[str, str]]
) -> None:
    response = client.get(f"/api/v1/programmes/counts/?{query}")
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    errors = response.json()["errors"]
    assert [(error["parameter"], error["value"]) for error in errors] == problems
    if problems[0][0] == "group_by":
        assert errors[0]["allowed"] == list(FACETS)


def test_a_programme_with_the_slug_counts_or_figures_is_invalid(client: Client) -> None:
    for slug in ("counts", "figures"):
        programme = builders.make_programme()
        programme.slug = slug
        with pytest.raises(Exception, match="Another page has this address"):
            programme.full_clean()

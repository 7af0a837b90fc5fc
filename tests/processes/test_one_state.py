"""Each answer shows one state of the catalogue, even if others commit while it is made."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from tests.servers import Clerk, seeded_site

MATCHING = "stemobs.selection.selection.IndexedFilter.find_matching"
# Paths to ask, each with the function after whose call another process changes the catalogue.
ASKED = (
    ("/", MATCHING),
    ("/programmes/?sort=updated", MATCHING),
    ("/programmes/?q=jet&view=table", MATCHING),
    ("/programmes/jet-net-nl/", "stemobs.pages.programme.find_similar"),
    ("/insights/", "stemobs.pages.insights.get_insights"),
    ("/countries/nl/", MATCHING),
    ("/feeds/programmes.atom", MATCHING),
    ("/programmes.bib", MATCHING),
    ("/api/v1/programmes/?sort=updated&facets=all&page_size=5", MATCHING),
    ("/api/v1/programmes/counts/?group_by=country,level", MATCHING),
    ("/api/v1/programmes/?sort=updated&cursor=*", MATCHING),
)


@pytest.fixture(scope="module")
def clerk(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Iterator[Clerk]:
    """A process of a site with a migrated and seeded database."""
    folder = tmp_path_factory.mktemp("one-state")
    # An answer that is kept is not made, so nothing could happen meanwhile.
    made_anew = {"ANSWERS_KEPT": "0"}
    with (
        seeded_site(folder, django_db_blocker, "http://127.0.0.1") as environment,
        closing(Clerk({**environment, **made_anew})) as one,
    ):
        yield one


def ask_while_others_write(clerk: Clerk, path: str, hook: str) -> list[dict[str, Any]]:
    """Return three answers: before, during and after a change that every list would show."""
    clerk.do("save", slug="jet-net-nl", name="Jet-Net before", year_start=2002)
    steps = [
        ("make", {"slug": "in-between", "name": "Made in between", "countries": ["NL"]}),
        ("save", {"slug": "jet-net-nl", "name": "Jet-Net after", "year_start": 2003}),
        ("catch_up", {}),
    ]
    answers = clerk.do("ask_in_between", path=path, hook=hook, steps=steps)
    clerk.do("remove", slug="in-between")
    return answers


@pytest.mark.parametrize(("path", "hook"), ASKED)
def test_an_answer_has_the_state_in_which_its_request_began(
    clerk: Clerk, path: str, hook: str
) -> None:
    before, between, after = ask_while_others_write(clerk, path, hook)
    assert [one["status"] for one in (before, between, after)] == [200, 200, 200]
    assert remove_times(between["body"]) == remove_times(before["body"])
    assert between["tag"] == before["tag"]
    assert after["tag"] != before["tag"]
    assert after["body"] != before["body"]


def test_the_home_pages_total_linked_data_and_etag_are_of_one_state(clerk: Clerk) -> None:
    revision = clerk.do("catch_up")
    before, between, after = ask_while_others_write(clerk, "/", MATCHING)
    numbers = [find_total(one["body"]) for one in (before, between, after)]
    versions = [find_version(one["body"]) for one in (before, between, after)]
    assert numbers[0] == numbers[1] == numbers[2] - 1
    assert versions[0] == versions[1] < versions[2]
    assert versions[0] > revision
    assert between["tag"] == before["tag"] != after["tag"]


def test_the_total_of_a_list_equals_the_sum_of_its_facet_counts(clerk: Clerk) -> None:
    path = "/api/v1/programmes/?facets=record&page_size=1"
    totals = []
    for one in ask_while_others_write(clerk, path, MATCHING):
        answer = json.loads(one["body"])
        assert sum(choice["count"] for choice in answer["facets"]["record"]) == answer["count"]
        totals.append(answer["count"])
    assert totals[0] == totals[1] == totals[2] - 1


def remove_times(body: str) -> str:
    """Return the text of a feed without the time at which it was built."""
    return re.sub("<lastBuildDate>[^<]+", "", body)


def find_total(page: str) -> int:
    """Return the number of programmes that the home page states."""
    found = re.search(r"([\d,]+)\s+STEM programmes from", page)
    assert found
    return int(found[1].replace(",", ""))


def find_version(page: str) -> int:
    """Return the revision in the linked data of the home page."""
    scripts = re.findall(r'<script type="application/ld\+json">(.+?)</script>', page)
    nodes = [node for script in scripts for node in json.loads(script).get("@graph", ())]
    return next(int(node["version"]) for node in nodes if node["@type"] == "DataCatalog")

"""Tests of the number of database queries that pages, API answers and files take."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.catalogue.states.moments import LATEST
from stemobs.selection.facets import FACETS
from tests.builders import crowded

pytestmark = pytest.mark.django_db


# The most queries that each address may take, whatever the catalogue holds.
QUERIES = {
    "/": 15,
    "/programmes/": 13,
    "/programmes/?country=NL&level=3&q=school": 13,
    "/programmes/jet-net-nl/": 45,
    "/programmes/compare/": 3,
    "/programmes/compare/?programme=jet-net-nl&programme=tektanken": 26,
    "/programmes/compare.csv?programme=jet-net-nl&programme=tektanken": 24,
    "/organisations/": 2,
    "/organisations/shell/": 14,
    "/countries/": 3,
    "/countries/nl/": 34,
    "/platforms/": 3,
    "/platforms/luma-centre-finland/": 12,
    "/strategies/": 3,
    "/strategies/techniekpact-nl/": 16,
    "/guides/": 2,
    "/guides/obstacles/": 12,
    "/guides/initiative-kinds/": 9,
    "/guides/good-practice/": 9,
    "/guides/plan/": 2,
    "/guides/plan/?c4-girls=not-yet&g2-curriculum=partly": 5,
    "/guides/obstacles/finder/": 2,
    "/guides/obstacles/finder/?obstacle=resources,support,geography,goals,partners,schedules": 5,
    "/guides/task-force-outcomes/countries/": 7,
    "/guides/transfer-conditions/worksheet/": 12,
    "/guides/transfer-conditions/worksheet/?idea=jet-net-nl..tektanken&time=partly": 16,
    "/start/": 1,
    "/start/company/": 1,
    "/start/company/?country=SK&time=day": 20,
    "/start/teacher/?country=EE&level=3": 28,
    "/about/": 9,
    "/about/data/": 1,
    "/api/v1/docs/": 1,
    "/evidence/": 7,
    "/search/": 26,
    "/search/?q=girls": 44,
    "/search/?q=girls&type=findings": 30,
    "/search/suggestions/?q=girls": 44,
    "/insights/": 16,
    "/insights/gaps/": 3,
    "/insights/timeline/": 11,
    "/insights/organisations/": 4,
    "/api/v1/programmes/": 12,
    "/api/v1/programmes/jet-net-nl/": 41,
    "/feeds/programmes.rss": 2,
    "/feeds/withdrawn.atom": 2,
    "/programmes.bib?country=NL": 1,
    "/programmes/jet-net-nl.ris": 2,
    "/insights/gaps.csl.json": 3,
}


def count_queries(client: Client, address: str) -> int:
    """Return the number of queries of a page whose cards and answers are not cached yet."""
    client.get("/about/data/")  # loads every vocabulary, so that its queries are not counted
    get_current_catalogue().cards.clear()
    get_current_catalogue().marked_cards.clear()
    get_current_catalogue().answers.clear()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize(("address", "most"), QUERIES.items(), ids=QUERIES)
def test_a_page_stays_within_its_limit_of_queries(client: Client, address: str, most: int) -> None:
    assert count_queries(client, address) <= most


@pytest.mark.parametrize("query", ["", "?country=NL&level=3&q=school", "?sort=updated&page=2"])
@pytest.mark.parametrize("path", ["/programmes/", "/api/v1/programmes/"])
def test_a_list_shown_before_takes_one_query_for_the_revision(
    client: Client, path: str, query: str
) -> None:
    client.get(path + query)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path + query).status_code == 200
    asked = [one["sql"] for one in captured]
    assert asked == [LATEST]


def test_the_page_about_data_documents_every_facet_and_its_values(client: Client) -> None:
    page = client.get("/about/data/").text
    for name, facet in FACETS.items():
        assert f'<th scope="row"><code>{name}</code></th>' in page
        for value in {} if facet.limit else facet.labels(get_current_catalogue()):
            assert f"<code>{value}</code>" in page


def test_a_programme_takes_as_many_queries_with_many_facts_as_with_few(
    client: Client,
) -> None:
    few, many = crowded(1), crowded(40)
    assert count_queries(client, many.get_absolute_url()) == count_queries(
        client, few.get_absolute_url()
    )
    api = "/api/v1/programmes/{}/"
    assert count_queries(client, api.format(many.slug)) == count_queries(
        client, api.format(few.slug)
    )


@pytest.mark.parametrize(
    "address",
    [
        "/programmes/",
        "/programmes/?country=NL,BE,DE",
        "/organisations/",
        "/api/v1/programmes/",
        "/api/v1/programmes/?facets=all",
        "/api/v1/organisations/",
        "/api/v1/platforms/",
        "/api/v1/strategies/",
        "/api/v1/guides/",
    ],
)
def test_a_list_takes_as_many_queries_for_100_rows_as_for_5(client: Client, address: str) -> None:
    query = dict(parse_qsl(urlsplit(address).query))
    path = urlsplit(address).path
    counts = []
    for size in (5, 100):
        get_current_catalogue().cards.clear()
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path, {**query, "page_size": size}).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]

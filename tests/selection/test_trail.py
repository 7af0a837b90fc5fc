"""Tests of the way from a record back to its list, and on to the neighbours in it."""

from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.selection.programmes import PageFilter
from stemobs.selection.trail import write_trail

pytestmark = pytest.mark.django_db


def write(query: str) -> str:
    return write_trail(PageFilter(QueryDict(query), get_current_catalogue()))


def list_slugs(client: Client, query: str) -> list[str]:
    found = client.get(f"/api/v1/programmes/?{query}&page_size=100&sort=name").json()["results"]
    return [row["slug"] for row in found]


def test_an_address_carries_the_selection_but_neither_page_nor_size() -> None:
    query = "open_to=companies&country=SK&page=2&page_size=5&sort=name"
    assert write(query) == "?list=country%3DSK%26open_to%3Dcompanies%26sort%3Dname"
    assert write("page=2&view=map&sort=name") == ""


def test_next_and_previous_lead_through_a_list_to_both_ends(client: Client) -> None:
    query = "country=NL&sort=name"
    slugs = list_slugs(client, "country=NL")
    address, walked = f"/programmes/{slugs[0]}/{write(query)}", []
    assert client.get(address).context["trail"].previous is None
    while address:
        trail = client.get(address).context["trail"]
        walked.append(urlsplit(address).path.split("/")[2])
        assert (trail.position, trail.total) == (len(walked), len(slugs))
        address = trail.next.url if trail.next else ""
    assert walked == slugs
    assert trail.previous.url == f"/programmes/{slugs[-2]}/{write(query)}"


def test_the_way_back_leads_to_the_page_of_the_list_that_has_the_record(client: Client) -> None:
    pk = PageFilter(QueryDict("status=active"), get_current_catalogue()).matches[27]
    entry = get_current_catalogue().programmes.entries[pk]
    trail = client.get(f"/programmes/{entry.slug}/{write('status=active')}").context["trail"]
    assert parse_qs(urlsplit(trail.back).query) == {"status": ["active"], "page": ["2"]}
    assert client.get(trail.back).status_code == 200


def test_a_record_outside_the_list_leads_back_without_a_position(client: Client) -> None:
    page = client.get(f"/programmes/jet-net-nl/{write('country=SK')}")
    trail = page.context["trail"]
    assert (trail.position, trail.previous, trail.next) == (0, None, None)
    assert f"Back to the {trail.total} results" in " ".join(page.text.split())


@pytest.mark.parametrize(
    "given", ["contry=SK", "country=ZZ", "country=", "q=" + "a" * 300, "page=0", "started_from=x"]
)
def test_a_mistyped_list_is_left_out_and_said_so(client: Client, given: str) -> None:
    page = client.get(f"/programmes/jet-net-nl/?list={quote(given, safe='')}")
    assert page.status_code == 200
    told = page.text.partition('class="trail')[2].partition("</nav>")[0]
    assert "We ignored part of this link" in told
    assert f"<code>{given.split('=')[0]}" in told or "<code>list=" in told
    assert told.count("<a ") == 1
    assert "?list" not in page.text.partition("</head>")[0]


def test_a_list_that_finds_nothing_shows_no_way_back(client: Client) -> None:
    page = client.get("/programmes/jet-net-nl/?list=country%3DSK%26country%3DSK%26q%3Dxyzxyzxyz")
    assert page.context["trail"].total == 0
    assert 'class="trail' not in page.text


@pytest.mark.parametrize("odd", ["q%3D%2500", "q%3D%25FF", "%26" * 1100, "q%3Da" * 500])
def test_what_nobody_can_read_is_left_out_of_the_way_back(client: Client, odd: str) -> None:
    page = client.get(f"/programmes/jet-net-nl/?list=country%3DNL%26{odd}")
    assert page.status_code == 200
    trail = page.context["trail"]
    assert trail.problems
    assert parse_qs(urlsplit(trail.back).query) in ({"country": ["NL"]}, {})


def test_odd_lists_are_never_faults(client: Client) -> None:
    for given in ("%00", "q%3D%2500", "%26%26", "%3D", "list%3Dlist%253D", "page%3D99", "?", "x"):
        assert client.get(f"/programmes/jet-net-nl/?list={given}").status_code in (200, 400)


def test_a_record_in_a_list_takes_one_query_more(client: Client) -> None:
    counts = []
    for query in ("", write("country=NL")):
        client.get("/programmes/jet-net-nl/")
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/programmes/jet-net-nl/{query}")
        counts.append(len(captured))
    assert counts[1] <= counts[0] + 1

"""Tests of the home page: numbers equal the database and the lists they link to; no drafts."""

import re
from collections import Counter
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import html5lib
import pytest
from django.test import Client

from partnerships.models import Lineage, Obstacle
from programmes.models import Programme
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.entries.lineage import list_journeys
from stemobs.insights import maps
from stemobs.pages.home import MOST_NEWS, MOST_OBSTACLES
from tests import builders
from tests.model import is_own_programme

pytestmark = pytest.mark.django_db

SVG_LINK = "{http://www.w3.org/2000/svg}a"


def page(client: Client, address: str = "/") -> ET.Element:
    return html5lib.parse(
        client.get(address).text, treebuilder="etree", namespaceHTMLElements=False
    )


def plain(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def with_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [e for e in root.iter() if name in (e.get("class") or "").split()]


def count_listed_programmes(client: Client, address: str) -> int:
    """Return the total number of programmes that the list at this address has."""
    return client.get(address).context["page"].paginator.count


def count_programmes_by_country() -> Counter[str]:
    """Count the own programmes of each country by its name, from the database."""
    rows = filter(is_own_programme, Programme.objects.published().prefetch_related("countries"))
    return Counter(country.name for row in rows for country in row.countries.all())


def read_map_links(client: Client) -> dict[str, str]:
    """Return the addresses of the map's links by their labels."""
    (drawn,) = with_class(page(client), "map")
    return {a.get("aria-label", ""): a.get("href", "") for a in drawn.iter(SVG_LINK)}


# --- The map -------------------------------------------------------------------------------------


def test_the_map_links_every_country_with_its_number_of_programmes(client: Client) -> None:
    told = {
        f"{name}: {number} programme" + ("" if number == 1 else "s")
        for name, number in count_programmes_by_country().items()
    }
    assert read_map_links(client).keys() == told


def test_the_links_of_the_map_are_sorted_by_number_of_programmes(client: Client) -> None:
    numbers = [int(re.findall(r"(\d+) programme", words)[0]) for words in read_map_links(client)]
    assert numbers == sorted(numbers, reverse=True)


def test_the_list_beside_the_map_has_the_same_numbers_as_the_map(client: Client) -> None:
    (listed,) = with_class(page(client), "hero-list")
    told = {plain(next(li.iter("a"))): int(plain(li).split()[-2]) for li in listed.iter("li")}
    assert told == count_programmes_by_country()


def test_drafts_and_withdrawn_programmes_are_not_on_the_map(client: Client) -> None:
    before = read_map_links(client)
    andorra = builders.country("AD")
    for state in (Programme.State.DRAFT, Programme.State.REVIEW, Programme.State.WITHDRAWN):
        builders.make_programme(state=state, countries=[andorra], withdrawn_reason="For a test.")
    assert read_map_links(client) == before
    builders.make_programme(countries=[andorra])
    assert read_map_links(client)["Andorra: 1 programme"] == "/countries/ad/"


def test_the_note_on_boundaries_is_beside_the_map(client: Client) -> None:
    (note,) = with_class(page(client), "map-note")
    assert "Boundaries imply no position" in plain(note)
    assert "UNSCR 1244/1999" in plain(note)


# --- Ideas that travelled ------------------------------------------------------------------------


def make_pair(relation: str, origin: str = "MT", target: str = "CY") -> tuple[Programme, Programme]:
    first = builders.make_programme(countries=[builders.country(origin)], year_start=1990)
    second = builders.make_programme(countries=[builders.country(target)], year_start=1995)
    builders.make_lineage(from_programme=first, to_programme=second, relation=relation)
    return first, second


@pytest.mark.parametrize("relation", Lineage.Relation.values)
def test_only_adapted_inspired_and_derived_programmes_count_as_journeys(relation: str) -> None:
    first, second = make_pair(relation)
    ends = {(one.origin.pk, one.target.pk) for one in list_journeys(get_current_catalogue())}
    assert ((first.pk, second.pk) in ends) is (relation in ("adapted-as", "inspired"))
    assert ((second.pk, first.pk) in ends) is (relation == "derived-from")


def test_lineage_within_one_country_is_no_journey() -> None:
    before = len(list_journeys(get_current_catalogue()))
    make_pair("adapted-as", "MT", "MT")
    assert len(list_journeys(get_current_catalogue())) == before


def test_two_lineage_rows_for_the_same_pair_make_one_journey_with_the_known_year() -> None:
    first, second = make_pair("adapted-as")
    builders.make_lineage(
        from_programme=second, to_programme=first, relation="derived-from", year=1996
    )
    (one,) = [one for one in list_journeys(get_current_catalogue()) if one.origin.pk == first.pk]
    assert (one.target.pk, one.year, one.countries) == (second.pk, 1996, ("MT", "CY"))


def test_a_journey_to_a_draft_is_not_shown(client: Client) -> None:
    first, second = make_pair("adapted-as")
    arc = maps.draw_arc("MT", "CY")
    assert arc in client.get("/").text
    Programme.objects.filter(pk=second.pk).update(state=Programme.State.DRAFT)
    text = client.get("/").text
    assert arc not in text
    assert first.slug not in text.partition('id="travel"')[2].partition("</section>")[0]


def test_the_home_page_draws_the_programme_that_was_adapted_most_often(client: Client) -> None:
    assert client.get("/").context["idea"].name == Programme.objects.get(slug="jet-net-nl").title
    other = builders.make_programme(countries=[builders.country("MT")], year_start=1990)
    for code in ("AT", "BE", "CZ", "DE", "EE"):
        target = builders.make_programme(countries=[builders.country(code)])
        builders.make_lineage(from_programme=other, to_programme=target, relation="adapted-as")
    context = client.get("/").context
    assert context["idea"].pk == other.pk
    assert len(context["idea_targets"]) == 5


def test_the_number_of_travelled_ideas_equals_the_length_of_their_list(client: Client) -> None:
    root = page(client)
    (numbers,) = with_class(root, "ledger-row")
    last = list(numbers.iter("a"))[-1]
    (listed,) = with_class(root, "journeys")
    assert last.get("href") == "#travel"
    assert int(plain(next(last.iter("b")))) == len(listed.findall("li"))


# --- Numbers with links --------------------------------------------------------------------------


def read_numbered_links(root: ET.Element, name: str) -> dict[str, int]:
    """Return the addresses of links to the list of programmes, with the number beside each."""
    found = {}
    for block in with_class(root, name):
        for row in block.iter("li"):
            address = next(row.iter("a")).get("href", "")
            if urlsplit(address).path == "/programmes/":
                found[address] = int(re.findall(r"\d+", plain(row))[0])
    return found


@pytest.mark.parametrize("name", ["ledger-row", "quad", "gaps"])
def test_a_number_on_the_home_page_equals_the_length_of_the_list_it_links_to(
    client: Client, name: str
) -> None:
    found = read_numbered_links(page(client), name)
    assert found
    for address, number in found.items():
        assert count_listed_programmes(client, address) == number, address


def test_the_number_beside_a_kind_equals_the_length_of_its_list(client: Client) -> None:
    (tags,) = with_class(page(client), "kinds")
    for a in tags.iter("a"):
        assert count_listed_programmes(client, a.get("href", "")) == int(plain(a).split()[-1])


def test_the_home_page_shows_the_obstacles_with_the_largest_shares(client: Client) -> None:
    shown = client.get("/").context["obstacles"]
    shares = sorted(Obstacle.objects.values_list("share", flat=True), reverse=True)
    assert [obstacle.share for obstacle in shown] == shares[:MOST_OBSTACLES]


def test_the_latest_published_changes_are_in_the_news(client: Client) -> None:
    programme = builders.make_programme(name="Brand new")
    draft = builders.make_programme(name="Not yet out", state=Programme.State.DRAFT)
    shown = client.get("/").context["news"]
    assert len(shown) == MOST_NEWS
    assert shown[0] == programme
    assert draft not in shown
    (log,) = with_class(page(client), "log")
    assert "Brand new Added" in plain(log)


# --- Without programmes or obstacles -------------------------------------------------------------


def test_without_a_published_programme_numbers_are_0_and_empty_sections_are_hidden(
    client: Client,
) -> None:
    Programme.objects.update(state=Programme.State.WITHDRAWN, withdrawn_reason="For a test.")
    Lineage.objects.all().delete()
    root = page(client)
    (numbers,) = with_class(root, "ledger-row")
    assert [plain(b) for b in numbers.iter("b")] == ["0"] * 4
    for name in ("hero-list", "k-dot", "quad", "travelled", "log", "gaps"):
        assert not with_class(root, name), name
    assert read_map_links(client) == {}
    assert "No programme is on record yet" in plain(root)


def test_the_home_page_works_without_obstacles(client: Client) -> None:
    Obstacle.objects.all().delete()
    assert client.get("/").status_code == 200
    assert not with_class(page(client), "swatch")

"""The home page: every number live, each leading to what it counts; nothing that is not public."""

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


def total_of(client: Client, address: str) -> int:
    """Return how many programmes an address of the list shows."""
    return client.get(address).context["page"].paginator.count


def by_country() -> Counter[str]:
    """Count published programmes by country, row by row."""
    rows = Programme.objects.published().prefetch_related("countries")
    return Counter(country.name for row in rows for country in row.countries.all())


def dots(client: Client) -> dict[str, str]:
    """Return what the links of the map say, and where they lead."""
    (drawn,) = with_class(page(client), "map")
    return {a.get("aria-label", ""): a.get("href", "") for a in drawn.iter(SVG_LINK)}


# --- The map -------------------------------------------------------------------------------------


def test_the_map_links_every_country_with_its_number_of_programmes(client: Client) -> None:
    told = {
        f"{name}: {number} programme" + ("" if number == 1 else "s")
        for name, number in by_country().items()
    }
    assert dots(client).keys() == told


def test_the_links_of_the_map_come_in_the_order_of_their_numbers(client: Client) -> None:
    numbers = [int(re.findall(r"(\d+) programme", words)[0]) for words in dots(client)]
    assert numbers == sorted(numbers, reverse=True)


def test_the_list_beside_the_map_says_the_same(client: Client) -> None:
    (listed,) = with_class(page(client), "hero-list")
    told = {plain(next(li.iter("a"))): int(plain(li).split()[-2]) for li in listed.iter("li")}
    told.pop("No list of countries")
    assert told == by_country()


def test_a_draft_and_a_withdrawn_programme_are_not_on_the_map(client: Client) -> None:
    before = dots(client)
    andorra = builders.country("AD")
    for state in (Programme.State.DRAFT, Programme.State.REVIEW, Programme.State.WITHDRAWN):
        builders.make_programme(state=state, countries=[andorra], withdrawn_reason="For a test.")
    assert dots(client) == before
    builders.make_programme(countries=[andorra])
    assert dots(client)["Andorra: 1 programme"] == "/countries/ad/"


def test_the_note_on_boundaries_stands_by_the_map(client: Client) -> None:
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
def test_only_ideas_that_were_taken_up_are_journeys(relation: str) -> None:
    first, second = make_pair(relation)
    ends = {(one.origin.pk, one.target.pk) for one in list_journeys(get_current_catalogue())}
    assert ((first.pk, second.pk) in ends) is (relation in ("adapted-as", "inspired"))
    assert ((second.pk, first.pk) in ends) is (relation == "derived-from")


def test_an_idea_that_stays_in_its_country_is_no_journey() -> None:
    before = len(list_journeys(get_current_catalogue()))
    make_pair("adapted-as", "MT", "MT")
    assert len(list_journeys(get_current_catalogue())) == before


def test_what_both_ends_tell_is_one_journey_with_the_year_that_one_of_them_knows() -> None:
    first, second = make_pair("adapted-as")
    builders.make_lineage(
        from_programme=second, to_programme=first, relation="derived-from", year=1996
    )
    (one,) = [one for one in list_journeys(get_current_catalogue()) if one.origin.pk == first.pk]
    assert (one.target.pk, one.year, one.countries) == (second.pk, 1996, ("MT", "CY"))


def test_a_draft_takes_no_part_in_a_journey(client: Client) -> None:
    first, second = make_pair("adapted-as")
    arc = maps.draw_arc("MT", "CY")
    assert arc in client.get("/").text
    Programme.objects.filter(pk=second.pk).update(state=Programme.State.DRAFT)
    text = client.get("/").text
    assert arc not in text
    assert first.slug not in text.partition('id="travel"')[2].partition("</section>")[0]


def test_the_idea_that_is_drawn_is_the_one_most_others_were_made_from(client: Client) -> None:
    assert client.get("/").context["idea"].name == Programme.objects.get(slug="jet-net-nl").title
    other = builders.make_programme(countries=[builders.country("MT")], year_start=1990)
    for code in ("AT", "BE", "CZ", "DE", "EE"):
        target = builders.make_programme(countries=[builders.country(code)])
        builders.make_lineage(from_programme=other, to_programme=target, relation="adapted-as")
    context = client.get("/").context
    assert context["idea"].pk == other.pk
    assert len(context["idea_targets"]) == 5


def test_the_number_of_ideas_leads_to_a_list_with_that_many(client: Client) -> None:
    root = page(client)
    (numbers,) = with_class(root, "ledger-row")
    last = list(numbers.iter("a"))[-1]
    (listed,) = with_class(root, "journeys")
    assert last.get("href") == "#travel"
    assert int(plain(next(last.iter("b")))) == len(listed.findall("li"))


# --- Numbers that lead somewhere -----------------------------------------------------------------


def numbered_links(root: ET.Element, name: str) -> dict[str, int]:
    """Return where links to the list lead, with the number that stands by each."""
    found = {}
    for block in with_class(root, name):
        for row in block.iter("li"):
            address = next(row.iter("a")).get("href", "")
            if urlsplit(address).path == "/programmes/":
                found[address] = int(re.findall(r"\d+", plain(row))[0])
    return found


@pytest.mark.parametrize("name", ["ledger-row", "quad", "gaps"])
def test_a_number_is_that_of_the_list_that_it_leads_to(client: Client, name: str) -> None:
    found = numbered_links(page(client), name)
    assert found
    for address, number in found.items():
        assert total_of(client, address) == number, address


def test_the_number_by_a_kind_is_that_of_its_list(client: Client) -> None:
    (tags,) = with_class(page(client), "kinds")
    for a in tags.iter("a"):
        assert total_of(client, a.get("href", "")) == int(plain(a).split()[-1])


def test_the_obstacles_are_those_named_most_often(client: Client) -> None:
    shown = client.get("/").context["obstacles"]
    shares = sorted(Obstacle.objects.values_list("share", flat=True), reverse=True)
    assert [obstacle.share for obstacle in shown] == shares[:MOST_OBSTACLES]


def test_what_changed_last_is_new_on_the_record(client: Client) -> None:
    programme = builders.make_programme(name="Brand new")
    draft = builders.make_programme(name="Not yet out", state=Programme.State.DRAFT)
    shown = client.get("/").context["news"]
    assert len(shown) == MOST_NEWS
    assert shown[0] == programme
    assert draft not in shown
    (log,) = with_class(page(client), "log")
    assert "Brand new Added" in plain(log)


# --- Little and nothing --------------------------------------------------------------------------


def test_without_a_programme_the_numbers_are_0_and_the_rest_is_hidden(client: Client) -> None:
    Programme.objects.update(state=Programme.State.WITHDRAWN, withdrawn_reason="For a test.")
    Lineage.objects.all().delete()
    root = page(client)
    (numbers,) = with_class(root, "ledger-row")
    assert [plain(b) for b in numbers.iter("b")] == ["0"] * 4
    for name in ("hero-list", "k-dot", "quad", "travelled", "log", "gaps"):
        assert not with_class(root, name), name
    assert dots(client) == {}
    assert "No programme is on record yet" in plain(root)


def test_without_obstacles_the_page_still_stands(client: Client) -> None:
    Obstacle.objects.all().delete()
    assert client.get("/").status_code == 200
    assert not with_class(page(client), "swatch")

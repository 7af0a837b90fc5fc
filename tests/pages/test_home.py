"""Tests of the home page: numbers equal the database and the lists they link to; no drafts."""

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import html5lib
import pytest
from django.conf import LazySettings
from django.core.exceptions import ValidationError
from django.test import Client

from partnerships.models import Lineage
from programmes.models import InitiativeKind, Programme
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.entries.lineage import list_journeys
from stemobs.insights import maps
from tests import builders
from tests.model import is_own_programme
from tests.pictures import make_large

pytestmark = pytest.mark.django_db

SVG = "{http://www.w3.org/2000/svg}"
SVG_LINK = f"{SVG}a"
NOON = datetime(2026, 5, 14, 12, tzinfo=UTC)


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
    note = with_class(page(client), "map-note")[-1]
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
    assert arc not in client.get("/").text
    assert first.pk not in {one.origin.pk for one in list_journeys(get_current_catalogue())}


def test_the_number_of_travelled_ideas_equals_the_length_of_their_list(client: Client) -> None:
    (numbers,) = with_class(page(client), "ledger-row")
    last = list(numbers.iter("a"))[-1]
    assert last.get("href") == "/insights/timeline/"
    listed = client.get(last.get("href", "")).context["insight"].table
    assert int(plain(next(last.iter("b")))) == len(listed)


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


@pytest.mark.parametrize("name", ["ledger-row", "kind-tiles", "quad", "gaps"])
def test_a_number_on_the_home_page_equals_the_length_of_the_list_it_links_to(
    client: Client, name: str
) -> None:
    found = read_numbered_links(page(client), name)
    assert found
    for address, number in found.items():
        assert count_listed_programmes(client, address) == number, address


def test_the_kinds_of_activity_have_their_pictograms_and_a_way_for_the_undecided(
    client: Client,
) -> None:
    (tiles,) = with_class(page(client), "kind-tiles")
    drawn = [use.get("href", "").rpartition("#")[2] for use in tiles.iter(f"{SVG}use")]
    kinds = InitiativeKind.objects.values_list("slug", flat=True)
    assert sorted(drawn[:-1]) == sorted(f"k-{slug}" for slug in kinds)
    assert list(tiles.iter("a"))[-1].get("href") == "/start/"


# --- The story ------------------------------------------------------------------------------------


def read_story(client: Client) -> str:
    """Return the words of the story on the home page; "" without one."""
    return " ".join(plain(found) for found in with_class(page(client), "story"))


def test_the_story_of_the_fixtures_says_when_it_was_chosen_and_last_heard_of(
    client: Client,
) -> None:
    told = read_story(client)
    assert "chosen by our editors, November 2026" in told
    assert "We last heard of it in 2022. We found no evaluation." in told
    assert "Read about MyMachine Slovakia" in told
    (drawing,) = with_class(page(client), "drawing")
    assert len(list(drawing.iter(f"{SVG}svg"))) == 3


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": "completed", "year_end": 2019}, "It ended in 2019."),
        ({"status": "completed"}, "It has ended."),
        ({"status": "active", "status_as_of": 2024}, "We last heard of it in 2024."),
        ({"status": "unknown"}, "We don’t know whether it still runs."),
    ],
)
def test_a_story_tells_when_its_programme_ended_or_was_last_heard_of(
    client: Client, fields: dict[str, Any], words: str
) -> None:
    builders.make_story(builders.make_programme(**fields))
    assert words in read_story(client)


def test_a_story_of_something_evaluated_tells_the_strongest_finding(client: Client) -> None:
    programme = builders.make_programme()
    builders.make_evaluation(programme, design="randomised-trial", result="no-effect", year=2019)
    builders.make_story(programme)
    assert "A randomised trial (2019) found no effect." in read_story(client)


def test_the_story_chosen_last_is_told_and_the_others_are_listed(client: Client) -> None:
    story = builders.make_story(builders.make_programme(), title="A newer story")
    told = read_story(client)
    assert "A newer story" in told.partition("Earlier stories")[0]
    assert "A child draws a machine" in told.partition("Earlier stories")[2]
    story.is_published = False
    story.save()
    assert "A newer story" not in read_story(client)
    assert "Earlier stories" not in read_story(client)


@pytest.mark.parametrize("state", ["draft", "review", "withdrawn"])
def test_a_story_goes_with_its_programme_and_takes_the_section_along(
    client: Client, state: str
) -> None:
    Programme.objects.filter(slug="mymachine-slovakia").update(
        state=state, withdrawn_reason="For a test."
    )
    assert read_story(client) == ""


def test_a_picture_of_the_programme_takes_the_place_of_the_drawing(
    client: Client, settings: LazySettings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    programme = builders.make_programme(**make_large(logo_credit=""))
    steps = "One: a\nTwo: b\nThree: c"
    builders.make_story(programme, drawing="invention", steps=steps)
    root = page(client)
    (image,) = list(with_class(root, "picture")[0].iter("img"))
    assert (image.get("alt"), image.get("src")) == ("Red above blue", programme.logo.shown_url)
    assert "Picture: CC BY 4.0" in read_story(client)
    assert not with_class(root, "drawing")


def test_a_story_without_picture_and_drawing_shows_the_pictogram(client: Client) -> None:
    builders.make_story(builders.make_programme(kinds=[builders.kind("debates")]))
    (story,) = with_class(page(client), "story")
    assert "#k-debates" in ET.tostring(story, encoding="unicode")


def test_a_drawing_needs_a_line_with_a_colon_for_each_of_its_parts() -> None:
    story = builders.make_story(builders.make_programme(), drawing="invention", steps="One: a\nTwo")
    with pytest.raises(ValidationError, match="three lines"):
        story.full_clean()
    story.steps = "One: a\nTwo: b\nThree: c: d"
    story.full_clean()
    assert story.list_steps()[2] == ("Three", "c: d")


# --- What changed last ----------------------------------------------------------------------------


def set_days(programmes: Any, added: str, changed: str = "") -> None:
    """Set the days on which programmes were entered and changed last."""
    days = [datetime.fromisoformat(f"{day}T12:00+00:00") for day in (added, changed or added)]
    programmes.update(created_at=days[0], changed_at=days[1])


def read_days(client: Client) -> list[str]:
    return [plain(one) for one in with_class(page(client), "day")]


def test_an_import_is_one_line_with_the_countries_that_have_most(client: Client) -> None:
    Programme.objects.update(created_at=NOON, changed_at=NOON)
    (told,) = read_days(client)
    assert told.startswith("14 May 2026 205 records added Germany 17, Netherlands 16, ")
    assert "and 39 more countries New findings" in told
    assert told.endswith("All findings")


def test_few_programmes_are_named_and_changes_stand_on_the_day_of_the_last(
    client: Client,
) -> None:
    Programme.objects.update(created_at=NOON, changed_at=NOON)
    new, changed = builders.make_programme(name="Brand new"), builders.make_programme(name="Older")
    builders.make_programme(name="Not yet out", state=Programme.State.DRAFT)
    set_days(Programme.objects.filter(pk=new.pk), "2026-06-02")
    set_days(Programme.objects.filter(pk=changed.pk), "2026-05-20", "2026-06-02")
    days = read_days(client)
    assert days[0] == "2 June 2026 1 record added Brand new Changed Older"
    assert days[1] == "20 May 2026 1 record added Older"
    assert days[2].startswith("14 May 2026 205 records added")
    assert len(days) == 3


def test_what_was_found_of_added_programmes_is_told_with_what_did_not_work_first(
    client: Client,
) -> None:
    for name, result in (("Apple", "positive"), ("Berry", "mixed"), ("Cherry", "no-effect")):
        row = builders.make_programme(name=name)
        builders.make_evaluation(row, design="randomised-trial", result=result, year=2020)
        set_days(Programme.objects.filter(pk=row.pk), "2100-01-01")
    told = read_days(client)[0]
    assert "New findings Cherry: Randomised trial: no effect found (2020). Apple: " in told
    assert "Berry:" not in told


def test_of_many_changed_programmes_three_are_named(client: Client) -> None:
    set_days(Programme.objects.all(), "2026-05-14", "2026-06-02")
    assert read_days(client)[0].endswith("and 202 more")


# --- Without programmes or obstacles -------------------------------------------------------------


def test_without_a_published_programme_numbers_are_0_and_empty_sections_are_hidden(
    client: Client,
) -> None:
    Programme.objects.update(state=Programme.State.WITHDRAWN, withdrawn_reason="For a test.")
    Lineage.objects.all().delete()
    root = page(client)
    (numbers,) = with_class(root, "ledger-row")
    assert [plain(b) for b in numbers.iter("b")] == ["0"] * 4
    for name in ("hero-list", "quad", "story", "day", "gaps"):
        assert not with_class(root, name), name
    assert read_map_links(client) == {}
    assert "We have no programme yet" in plain(root)

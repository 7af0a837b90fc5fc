"""Figures of a catalogue that is empty, level, hostile or large: true, and within the picture."""

import re
from xml.etree import ElementTree as ET

import html5lib
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from partnerships.models import Lineage
from programmes.models import CareerFactor, InitiativeKind, Programme
from stemobs.catalogue.catalogue import current
from stemobs.insights.insights import FIGURES, MOST_NAMED, MOST_SPANS, figure
from stemobs.insights.shapes import Figure
from tests import builders

pytestmark = pytest.mark.django_db

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert(1)</script> & \"quoted\" 'single' ]]> برنامج العلوم"
REVISION = "SELECT number, changed_at FROM programmes_revision"


@pytest.fixture(autouse=True)
def no_answers_of_other_tests() -> None:
    current().answers.clear()


def shown(slug: str, by: str = "level") -> Figure:
    return figure(current(), slug, by)


def root_of(client: Client, address: str) -> ET.Element:
    text = client.get(address).text
    return html5lib.parse(text, treebuilder="etree", namespaceHTMLElements=False)


def plain(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def by_key(slug: str) -> dict[str, int]:
    """Return the numbers of a figure with bars or squares, without the zeros."""
    return {row.key: row.count for row in shown(slug).drawing.rows if row.count}


def withdraw(but: Programme | None = None) -> None:
    """Leave the catalogue empty, or with one programme."""
    others = Programme.objects.exclude(pk=but.pk) if but else Programme.objects.all()
    others.update(state=Programme.State.WITHDRAWN, withdrawn_reason="For a test.")


# --- Files ---------------------------------------------------------------------------------------


def picture(client: Client, slug: str) -> ET.Element:
    response = client.get(f"/insights/{slug}.svg")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("image/svg+xml")
    # The site made it itself: nothing foreign is parsed.
    return ET.fromstring(response.content)  # noqa: S314


@pytest.mark.parametrize("slug", FIGURES)
def test_nothing_of_a_picture_lies_outside_it(client: Client, slug: str) -> None:
    root = picture(client, slug)
    width, height = map(float, root.get("viewBox", "").split()[2:])
    for element in root.findall(f"{SVG}text"):
        assert 0 <= float(element.get("x", 0)) <= width
        assert 0 <= float(element.get("y", 0)) <= height


@pytest.mark.slow
def test_hostile_names_are_text_in_pages_and_pictures(client: Client) -> None:
    partner = builders.make_organisation(name=HOSTILE)
    other = builders.make_organisation(name=f"=1+1 {HOSTILE}")
    for _number in range(30):
        programme = builders.make_programme(name=HOSTILE[:60], year_start=2001)
        builders.make_partnership(programme, partner)
        builders.make_partnership(programme, other)
    country = builders.country
    first = builders.make_programme(name=HOSTILE, year_start=2001, countries=[country("NL")])
    second = builders.make_programme(name=HOSTILE, year_start=2003, countries=[country("BE")])
    builders.make_lineage(
        from_programme=second, to_programme=first, relation="derived-from", year=2002
    )
    InitiativeKind.objects.filter(slug="debates").update(name=HOSTILE)
    for slug in FIGURES:
        picture(client, slug)
        assert "<script>alert" not in client.get(f"/insights/{slug}.svg").text
        assert "<script>alert" not in client.get(f"/insights/{slug}/").text
    assert "&lt;script&gt;" in client.get("/insights/organisations.svg").text
    assert "&lt;script&gt;" in client.get("/insights/timeline.svg").text
    assert "<script>alert" not in client.get("/insights/").text


# --- Few and many --------------------------------------------------------------------------------


@pytest.mark.slow
def test_an_empty_catalogue_claims_nothing(client: Client) -> None:
    withdraw()
    client.get("/insights/")
    for slug in FIGURES:
        told = shown(slug)
        assert client.get(f"/insights/{slug}/").status_code == 200
        picture(client, slug)
        if slug != "obstacles":
            # No superlative of nothing, and no “every” of nothing.
            assert "most often" not in told.finding, told.finding
            assert "least often" not in told.finding, told.finding
            assert "Every" not in told.finding, told.finding
            assert not told.finding.startswith("0 of 0"), told.finding


@pytest.mark.slow
def test_a_single_programme_is_told_in_the_singular(client: Client) -> None:
    only = builders.make_programme(levels=[builders.level(1)])
    withdraw(but=only)
    for slug in FIGURES:
        told = shown(slug)
        assert client.get(f"/insights/{slug}/").status_code == 200
        picture(client, slug)
        for text in (told.finding, told.subject, told.note):
            assert not re.search(r"(?<! of )\b1 programmes", text), text
            assert " 1 organisations" not in text, text


def test_what_is_level_is_not_called_most_or_least() -> None:
    only = builders.make_programme(factors=list(CareerFactor.objects.all()))
    withdraw(but=only)
    assert "least" not in shown("factors").finding


def test_a_change_shows_at_once(client: Client) -> None:
    client.get("/insights/levels/")
    number = by_key("levels")["1"]
    builders.make_programme(levels=[builders.level(1)])
    assert by_key("levels")["1"] == number + 1
    assert "of 144 programmes" in client.get("/insights/levels/").text


def test_a_timeline_draws_no_more_than_can_be_read_and_says_how_many_it_leaves_out(
    client: Client,
) -> None:
    origin = builders.make_programme(year_start=1990, countries=[builders.country("NL")])
    for _number in range(MOST_SPANS + 5):
        made = builders.make_programme(year_start=2000, countries=[builders.country("BE")])
        builders.make_lineage(
            from_programme=made, to_programme=origin, relation="derived-from", year=2000
        )
    drawn = shown("timeline")
    assert len(drawn.drawing.bars) == MOST_SPANS
    assert f"The {MOST_SPANS} earliest are drawn." in drawn.note


def test_a_timeline_names_what_it_leaves_out_and_why(client: Client) -> None:
    Lineage.objects.all().delete()
    strategy = builders.make_strategy(name="A pact")
    strategy.countries.add(builders.country("BE"))
    origin = builders.make_programme(year_start=1990, countries=[builders.country("NL")])
    builders.make_lineage(from_programme=origin, to_strategy=strategy, relation="inspired")
    for number in range(MOST_NAMED + 2):
        made = builders.make_programme(name=f"Made {number}", countries=[builders.country("BE")])
        builders.make_lineage(from_programme=origin, to_programme=made, relation="inspired")
    note = shown("timeline").note
    assert "no start year is recorded: Made 0, Made 1, Made 2, Made 3, Made 4 and 2 more." in note
    assert "Not drawn, as only programmes are: A pact." in note


# --- Addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/insights/", "/insights/gaps/", "/insights/gaps.csv"])
def test_figures_are_only_read(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405


def test_the_state_of_the_switch_goes_with_files_and_citation(client: Client) -> None:
    text = client.get("/insights/gaps/?by=factor").text
    assert "/insights/gaps.csv?by=factor" in text
    assert "/insights/gaps.svg?by=factor" in text
    assert text.count("/insights/gaps/?by=factor") >= 2
    lines = client.get("/insights/gaps.csv?by=factor").getvalue().decode().splitlines()
    assert lines[0] == "kind,factor,programmes"


def test_figures_by_another_facet_are_linked_by_all_figures_too(client: Client) -> None:
    text = client.get("/insights/?by=factor").text
    assert "/insights/gaps.csv?by=factor" in text


@pytest.mark.parametrize("slug", FIGURES)
def test_a_figure_says_when_and_at_which_revision_it_was_made(client: Client, slug: str) -> None:
    text = plain(root_of(client, f"/insights/{slug}/"))
    assert f"revision {current().revision}" in text
    assert shown(slug).finding in text


def test_figures_that_were_shown_before_are_not_made_again(client: Client) -> None:
    for address in ("/insights/", "/insights/gaps/", "/insights/timeline.svg"):
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        assert [one["sql"] for one in captured] == [REVISION]

"""Insights of unusual catalogues: empty, with one programme, with hostile names, or very large."""

import re
from xml.etree import ElementTree as ET

import html5lib
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from partnerships.models import Lineage
from programmes.models import CareerFactor, InitiativeKind, Programme
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.catalogue.states.moments import LATEST
from stemobs.insights.insights import INSIGHTS, MOST_NAMED, MOST_SPANS, get_insight
from stemobs.insights.shapes import Insight
from tests import builders

pytestmark = pytest.mark.django_db

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert(1)</script> & \"quoted\" 'single' ]]> برنامج العلوم"


@pytest.fixture(autouse=True)
def forget_kept_insights() -> None:
    get_current_catalogue().answers.clear()


def find_insight(slug: str, by: str = "level") -> Insight:
    return get_insight(get_current_catalogue(), slug, by)


def parse_page(client: Client, address: str) -> ET.Element:
    text = client.get(address).text
    return html5lib.parse(text, treebuilder="etree", namespaceHTMLElements=False)


def join_text(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def read_numbers(slug: str) -> dict[str, int]:
    """Return the numbers above 0 of an insight with bars or squares, by key."""
    return {row.key: row.count for row in find_insight(slug).drawing.rows if row.count}


def withdraw_programmes(but: Programme | None = None) -> None:
    """Withdraw all programmes, or all but one."""
    others = Programme.objects.exclude(pk=but.pk) if but else Programme.objects.all()
    others.update(state=Programme.State.WITHDRAWN, withdrawn_reason="For a test.")


# --- Files ---------------------------------------------------------------------------------------


def read_svg(client: Client, slug: str) -> str:
    """Return the text of an SVG file, which is well-formed."""
    response = client.get(f"/insights/{slug}.svg")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("image/svg+xml")
    parse_file(response.text)
    return response.text


def parse_file(text: str) -> ET.Element:
    # Parsing is safe, because the site made the file itself.
    return ET.fromstring(text)  # noqa: S314


@pytest.mark.parametrize("slug", INSIGHTS)
def test_every_text_of_an_svg_file_begins_within_its_view_box(client: Client, slug: str) -> None:
    root = parse_file(read_svg(client, slug))
    width, height = map(float, root.get("viewBox", "").split()[2:])
    for element in root.findall(f"{SVG}text"):
        assert 0 <= float(element.get("x", 0)) <= width
        assert 0 <= float(element.get("y", 0)) <= height


@pytest.mark.slow
def test_hostile_names_are_escaped_in_pages_and_svg_files(client: Client) -> None:
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
    files = {slug: read_svg(client, slug) for slug in INSIGHTS}
    for slug, drawn in files.items():
        assert "<script>alert" not in drawn
        assert "<script>alert" not in client.get(f"/insights/{slug}/").text
    assert "&lt;script&gt;" in files["organisations"]
    assert "&lt;script&gt;" in files["timeline"]
    assert "<script>alert" not in client.get("/insights/").text


# --- Few and many --------------------------------------------------------------------------------


@pytest.mark.slow
def test_findings_about_an_empty_catalogue_have_no_superlatives(client: Client) -> None:
    withdraw_programmes()
    client.get("/insights/")
    for slug in INSIGHTS:
        told = find_insight(slug)
        for ending in ("/", ".csv"):
            assert client.get(f"/insights/{slug}{ending}").status_code == 200
        read_svg(client, slug)
        if slug != "obstacles":
            # Where there are no programmes, “most often” or “every programme” would be false.
            assert "most often" not in told.finding, told.finding
            assert "least often" not in told.finding, told.finding
            assert "Every" not in told.finding, told.finding
            assert not told.finding.startswith("0 of 0"), told.finding


@pytest.mark.slow
def test_insights_about_one_programme_use_the_singular(client: Client) -> None:
    only = builders.make_programme(levels=[builders.level(1)])
    withdraw_programmes(but=only)
    for slug in INSIGHTS:
        told = find_insight(slug)
        # Files of few programmes are those of none, and of many.
        assert client.get(f"/insights/{slug}/").status_code == 200
        for text in (told.finding, told.subject, told.note):
            assert not re.search(r"(?<! of )\b1 programmes", text), text
            assert " 1 organisations" not in text, text


def test_no_factor_is_called_least_common_if_all_have_the_same_number() -> None:
    only = builders.make_programme(factors=list(CareerFactor.objects.all()))
    withdraw_programmes(but=only)
    assert "least" not in find_insight("factors").finding


def test_a_new_programme_is_counted_on_the_next_request(client: Client) -> None:
    client.get("/insights/levels/")
    number = read_numbers("levels")["1"]
    builders.make_programme(levels=[builders.level(1)])
    assert read_numbers("levels")["1"] == number + 1
    total = Programme.objects.published().count()
    assert f"of {total} records" in client.get("/insights/levels/").text


def test_the_timeline_draws_only_the_earliest_spans_and_its_note_says_so(
    client: Client,
) -> None:
    origin = builders.make_programme(year_start=1990, countries=[builders.country("NL")])
    for _number in range(MOST_SPANS + 5):
        made = builders.make_programme(year_start=2000, countries=[builders.country("BE")])
        builders.make_lineage(
            from_programme=made, to_programme=origin, relation="derived-from", year=2000
        )
    drawn = find_insight("timeline")
    assert len(drawn.drawing.bars) == MOST_SPANS
    assert f"Only the {MOST_SPANS} earliest are drawn." in drawn.note


def test_the_note_of_the_timeline_names_what_is_not_drawn_and_why(client: Client) -> None:
    Lineage.objects.all().delete()
    strategy = builders.make_strategy(name="A pact")
    strategy.countries.add(builders.country("BE"))
    origin = builders.make_programme(year_start=1990, countries=[builders.country("NL")])
    builders.make_lineage(from_programme=origin, to_strategy=strategy, relation="inspired")
    for number in range(MOST_NAMED + 2):
        made = builders.make_programme(name=f"Made {number}", countries=[builders.country("BE")])
        builders.make_lineage(from_programme=origin, to_programme=made, relation="inspired")
    note = find_insight("timeline").note
    assert "know the start year: Made 0, Made 1, Made 2, Made 3, Made 4 and 2 more." in note
    assert "Left out, because only programmes are drawn: A pact." in note


# --- Addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/insights/", "/insights/gaps/", "/insights/gaps.csv"])
def test_an_insight_cannot_be_posted_to(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405


def test_links_to_files_and_citation_keep_the_facet_chosen_for_the_matrix(client: Client) -> None:
    text = client.get("/insights/gaps/?by=factor").text
    assert "/insights/gaps.csv?by=factor" in text
    assert "/insights/gaps.svg?by=factor" in text
    assert text.count("/insights/gaps/?by=factor") >= 2
    lines = client.get("/insights/gaps.csv?by=factor").getvalue().decode().splitlines()
    assert lines[0] == "kind,factor,programmes"


def test_the_page_of_all_insights_links_to_files_by_the_chosen_facet(client: Client) -> None:
    text = client.get("/insights/?by=factor").text
    assert "/insights/gaps.csv?by=factor" in text


@pytest.mark.parametrize("slug", INSIGHTS)
def test_the_page_of_an_insight_shows_its_finding_and_the_revision(
    client: Client, slug: str
) -> None:
    text = join_text(parse_page(client, f"/insights/{slug}/"))
    assert f"revision {get_current_catalogue().revision}" in text
    assert find_insight(slug).finding in text


def test_a_second_request_for_an_insight_asks_the_database_only_for_the_revision(
    client: Client,
) -> None:
    for address in ("/insights/", "/insights/gaps/", "/insights/timeline.svg"):
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        assert [one["sql"] for one in captured] == [LATEST]

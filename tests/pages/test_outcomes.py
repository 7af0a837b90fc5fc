"""Tests of Estonia and Portugal beside each other: aligned topics, words for what is missing."""

import html5lib
import pytest
from django.test import Client

from partnerships.models import Guide, GuideItem, NationalPlatform
from programmes.models import Country
from stemobs.pages.outcomes import GUIDES, LESSONS, TOPICS, WHOLE
from tests.pages.walk import page_of, plain

pytestmark = pytest.mark.django_db
PAGE = "/guides/task-force-outcomes/countries/"


def read_table(client: Client) -> dict[str, list[str]]:
    """Return the cells of each row of the table by its heading."""
    text = client.get(PAGE).text
    root = html5lib.parse(text, treebuilder="etree", namespaceHTMLElements=False)
    rows = root.find(".//table/tbody").iter("tr")
    return {plain(row.find("th")): [plain(cell) for cell in row.iter("td")] for row in rows}


def test_every_item_of_both_guides_stands_in_one_row(client: Client) -> None:
    for code, guide in GUIDES.items():
        slugs = set(GuideItem.objects.filter(guide__slug=guide).values_list("slug", flat=True))
        placed = [slug for _name, items in TOPICS for slug in items[code]]
        assert set(placed) == slugs
        assert len(placed) == len(set(placed))
    lessons = GuideItem.objects.filter(guide__slug=WHOLE, slug__in=LESSONS)
    assert lessons.count() == len(LESSONS)


def test_the_topics_are_aligned_in_the_order_of_events(client: Client) -> None:
    table = read_table(client)
    assert list(table)[:-1] == [str(name) for name, _items in TOPICS]
    assert all(len(cells) == 2 for cells in table.values())
    estonia, portugal = table["The meeting"]
    assert "Held at a hotel" in estonia
    assert "Held at the Ministry of Education" in portugal
    estonia, portugal = table["What came of it"]
    assert "Success (2014)." in estonia
    assert "Not yet (2014)." in portugal


def test_each_cell_names_its_country_for_narrow_screens(client: Client) -> None:
    for cells in read_table(client).values():
        assert [cell.split()[0] for cell in cells] == ["Estonia", "Portugal"]


def test_only_active_platforms_are_told_and_a_country_without_one_says_so(client: Client) -> None:
    estonia, portugal = list(read_table(client).values())[-1]
    names = NationalPlatform.objects.filter(countries__code="EE", status="active")
    assert all(platform.name in estonia for platform in names)
    assert portugal == "Portugal None known"


def test_a_part_that_a_guide_does_not_have_is_said_to_be_missing(client: Client) -> None:
    GuideItem.objects.filter(guide__slug=GUIDES["PT"], slug="letter").delete()
    estonia, portugal = read_table(client)["The official letter"]
    assert "Estonian Research Council" in estonia
    assert "The report tells nothing of it." in portugal
    GuideItem.objects.filter(guide__slug=GUIDES["EE"], slug="letter").delete()
    assert "The official letter" not in read_table(client)


def test_without_the_guide_to_the_outcomes_the_page_is_not_there(client: Client) -> None:
    Guide.objects.filter(slug=WHOLE).delete()
    assert client.get(PAGE).status_code == 404


def test_the_cautions_of_all_three_guides_stand_on_the_page(client: Client) -> None:
    text = " ".join(page_text(client).split())
    for guide in Guide.objects.filter(slug__in=[WHOLE, *GUIDES.values()]):
        assert guide.caution in text


def page_text(client: Client) -> str:
    root = html5lib.parse(client.get(PAGE).text, treebuilder="etree", namespaceHTMLElements=False)
    return plain(root)


@pytest.mark.parametrize("slug", [WHOLE, *GUIDES.values()])
def test_the_guides_lead_to_the_page_and_back(client: Client, slug: str) -> None:
    assert PAGE in page_of(client, f"/guides/{slug}/").links
    links = {link.partition("#")[0] for link in page_of(client, PAGE).links}
    assert f"/guides/{slug}/" in links
    assert f"/countries/{Country.objects.get(code='EE').code.lower()}/" in links


def test_an_unknown_parameter_is_told_and_a_nul_and_a_post_are_refused(client: Client) -> None:
    response = client.get(f"{PAGE}?country=EE")
    assert response.status_code == 200
    assert "we don’t recognise it" in response.text
    assert client.get(f"{PAGE}?x=%00").status_code == 400
    assert client.post(PAGE).status_code == 405

"""Tests of the page of a programme: signals, the way in, its parts, studies, sources."""

import re
from typing import Any

import html5lib
import pytest
from django.conf import settings
from django.test import Client
from django.utils.html import strip_tags

from programmes.models import Programme, Unit
from stemobs.curation.subjects import find_subject, name_row
from stemobs.entries.entry import Entry
from stemobs.entries.history.differences import FACTS
from stemobs.entries.loading import load_facts
from tests import builders

pytestmark = pytest.mark.django_db

PARTS = ["what", "works", "takes", "organisations", "lineage", "from"]


def read_page(client: Client, programme: Programme) -> str:
    return client.get(programme.get_absolute_url()).text


def list_parts(page: str) -> list[str]:
    """Return the anchors of the parts of a page, in their order."""
    return re.findall(r'<section class="part" id="(\w+)"', page)


# --- Parts ----------------------------------------------------------------------------------------


def test_a_name_alone_makes_three_signals_and_no_empty_part(client: Client) -> None:
    page = read_page(client, builders.make_programme(summary="It is."))
    assert page.count('class="say"') == 3
    assert list_parts(page) == ["takes", "from"]
    assert page.count("not known yet") + page.count("Not known yet") <= 3


def test_a_source_of_two_figures_is_named_once_behind_them(client: Client) -> None:
    programme, source = builders.make_programme(), builders.make_source()
    for slug in ("students", "teachers"):
        builders.make_reach(programme, 60, unit=Unit.objects.get(slug=slug), source=source)
    sentence = read_page(client, programme).partition("Newest figures:")[2].partition("</p>")[0]
    assert "60 teachers" in sentence
    assert sentence.count('aria-label="Source 1"') == 1


def test_a_long_record_has_all_six_parts_in_their_order(client: Client) -> None:
    page = client.get("/programmes/jet-net-nl/").text
    assert list_parts(page) == PARTS
    contents = page.partition('class="contents"')[2].partition("</nav>")[0]
    assert re.findall(r'href="#(\w+)"', contents) == PARTS


def test_every_heading_of_a_part_lets_readers_say_that_it_is_wrong(
    client: Client,
) -> None:
    page = client.get("/programmes/jet-net-nl/").text
    link = r'href="[^"]*=jet-net-nl&amp;fact=([a-z]+)"[^>]*>\s*Wrong or out of date\?'
    assert re.findall(link, page) == PARTS


def test_every_row_of_facts_lets_readers_say_that_it_is_wrong(client: Client) -> None:
    programme = builders.crowded(2)
    for audience in ("schools", "companies"):
        builders.make_way_in(programme, audience=audience, time="A day")
        builders.make_contact(programme, office=f"Office for {audience}")
    builders.make_assessment(programme)
    page = read_page(client, programme)
    rows = {
        name_row(row, kind)
        for kind in FACTS
        for row in getattr(programme, kind).all()
        if kind != "citations"
    }
    asked = re.findall(r'&amp;fact=(\w+-\d+)"', page)
    assert sorted(asked) == sorted(rows)
    for fact in asked[::4]:
        told = find_subject(programme.slug, fact).told
        assert told
        assert told in client.get(f"/suggest/?programme={programme.slug}&fact={fact}").text


def test_no_record_says_not_known_yet_more_than_three_times(client: Client) -> None:
    for programme in Programme.objects.published().order_by("taking_part", "name")[:12]:
        page = read_page(client, programme).lower()
        # The drawing of when programmes ran says of each bar whether its end is known.
        assert len(re.findall("(?<!end )not known yet", page)) <= 3, programme.slug


def test_every_number_leads_to_its_source_and_every_source_back(client: Client) -> None:
    page = client.get("/programmes/crest-awards/").text
    marks = re.findall(r'href="#(source-\d+)" aria-label="[^"]+" id="(r[^"]+)"', page)
    assert len({anchor for _source, anchor in marks}) == len(marks) > 20
    backs = set(re.findall(r'<a href="#(r\d+-\w+)"', page))
    assert backs == {anchor for _source, anchor in marks}
    assert {source for source, _anchor in marks} <= set(re.findall(r'<li id="([^"]+)"', page))


def test_our_reading_says_beside_the_fact_on_what_it_rests(client: Client) -> None:
    programme = builders.make_programme(kinds=[builders.kind("debates")])
    builders.make_citation(programme, field="kinds", basis="inferred", evidence="from its name.")
    head = read_page(client, programme).partition('class="rec-meta"')[2].partition("</header>")[0]
    assert re.search(r"<summary>our reading</summary>\s*<span>From its name.</span>", head)


def test_without_any_page_readers_are_asked_where_to_start(client: Client) -> None:
    page = read_page(client, builders.make_programme())
    assert re.search(r'&amp;fact=website"\s+rel="nofollow">Tell us where to start', page)


# --- Head -----------------------------------------------------------------------------------------


def head(client: Client, **fields: Any) -> str:
    """Return the line below the summary of a programme with these facts, as text."""
    text = client.get(builders.make_programme(**fields).get_absolute_url()).text
    words = strip_tags(text.partition('class="rec-meta"')[2].partition("</header>")[0])
    return " ".join(words.split())


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "We don’t know whether it still runs"),
        ({"status": "planned"}, "Announced; we don’t know whether it runs yet"),
        ({"status": "active", "status_as_of": 2024}, "Running, last confirmed in 2024 our reading"),
        ({"status": "active"}, "Running our reading"),
        ({"status": "completed", "year_end": 2019, "status_as_of": 2020}, "Ended in 2019"),
        ({"status": "completed", "status_as_of": 2020}, "Ended our reading"),
    ],
)
def test_the_page_states_the_status_of_a_programme_with_its_year(
    client: Client, fields: dict[str, Any], told: str
) -> None:
    assert told in head(client, **fields)


def test_the_page_shows_a_summary_once_and_with_its_source_number(client: Client) -> None:
    programme = builders.make_programme(summary="Visits to quarries.")
    builders.make_citation(programme, field="summary", source=builders.make_source())
    main = client.get(programme.get_absolute_url()).text.partition("<main")[2]
    assert main.count("Visits to quarries.") == 1
    assert re.search(r"Visits to quarries\.\s*<sup", main)


def test_the_page_offers_links_to_compare_cite_and_share(client: Client) -> None:
    programme = builders.make_programme(website="https://example.org/")
    text = client.get(programme.get_absolute_url()).text
    assert f'href="/programmes/compare/?programme={programme.slug}"' in text
    assert 'href="#cite"' in text
    address = f"{settings.SITE_URL}{programme.get_absolute_url()}"
    assert f'value="{address}"' in text


def test_links_lead_inside_what_is_folded_so_that_browsers_open_it(client: Client) -> None:
    for slug in ("jet-net-nl", "stem-teacher-academy", "crest-awards"):
        text = client.get(f"/programmes/{slug}/").text
        page = html5lib.parse(text, namespaceHTMLElements=False)
        assert not page.findall(".//main//details[@id]"), slug
        places = {one.get("id") for one in page.iter() if one.get("id")}
        assert {"cite", "sources", "facts", "reach"} <= places


def test_the_page_of_a_draft_has_no_link_to_compare(admin_client: Client) -> None:
    draft = builders.make_programme(state=Programme.State.DRAFT)
    assert "compare/?programme" not in admin_client.get(draft.get_absolute_url()).text


def test_the_page_draws_a_timeline_of_a_programme_and_its_origin(client: Client) -> None:
    nl, dk = builders.country("NL"), builders.country("DK")
    first = builders.make_programme(name="Origin", year_start=2002, countries=[nl])
    second = builders.make_programme(name="Copy", year_start=2012, countries=[dk])
    builders.make_lineage(
        from_programme=second, to_programme=first, relation="derived-from", year=2012
    )
    builders.make_lineage(
        from_programme=first,
        to_programme=builders.make_programme(
            name="Hidden", year_start=2005, state=Programme.State.DRAFT
        ),
    )
    for programme in (first, second):
        family = client.get(programme.get_absolute_url()).context["family"]
        assert [bar.span.name for bar in family.bars] == ["Origin", "Copy"]
        assert [(origin.name, year) for origin, year in family.bars[1].origins] == [
            ("Origin", 2012)
        ]


@pytest.mark.parametrize("years", [(2002, None), (None, 2012), (None, None)])
def test_no_timeline_is_drawn_if_fewer_than_two_programmes_have_a_start_year(
    client: Client, years: tuple[int | None, int | None]
) -> None:
    first, second = (builders.make_programme(year_start=year) for year in years)
    builders.make_lineage(from_programme=second, to_programme=first, relation="derived-from")
    response = client.get(first.get_absolute_url())
    assert not response.context["family"]
    assert 'class="tl"' not in response.text
    assert second.name in response.text


# --- Studies --------------------------------------------------------------------------------------


def read_studies(client: Client, programme: Programme) -> list[str]:
    """Return the cards of studies on a programme's page, as HTML."""
    page = client.get(programme.get_absolute_url()).text
    cards = page.partition('studies sm">')[2].partition("</ul>")[0]
    return cards.split("<li>")[1:]


def test_the_trial_of_crest_stands_before_the_matched_study_in_cards_of_one_kind(
    client: Client,
) -> None:
    crest = Programme.objects.get(slug="crest-awards")
    trial, matched = read_studies(client, crest)[:2]
    assert "#f-no-effect" in trial
    assert "Randomised trial" in trial
    assert "#f-positive" in matched
    assert "Paid for by the programme" in matched
    page = client.get(crest.get_absolute_url()).text
    assert page.index("found no effect on progress") < page.index("had found half a grade")


def test_every_source_of_a_study_has_a_number_in_its_card(client: Client) -> None:
    programme = builders.make_programme()
    row = builders.make_evaluation(programme, finding="It works.", source=builders.make_source())
    further = [builders.make_source() for _number in range(2)]
    row.further_sources.set(further)
    (card,) = read_studies(client, programme)
    assert all(f'href="#source-{number}"' in card for number in (1, 2, 3))
    told = Entry(load_facts(Programme.objects.get(pk=programme.pk)))
    assert {*further, row.source} == set(told.numbered.sources.values())


def test_a_study_of_an_event_is_told_in_a_line_and_is_no_card(client: Client) -> None:
    programme = builders.make_programme()
    builders.make_evaluation(programme, object="event", finding="All were glad.")
    page = client.get(programme.get_absolute_url()).text
    assert read_studies(client, programme) == []
    assert page.index("Not studies of the programme itself") < page.index("All were glad.")
    assert "We found no evaluation of the programme itself." in page


def test_of_more_than_four_studies_the_rest_are_lines(client: Client) -> None:
    programme = builders.make_programme()
    for number in range(6):
        builders.make_evaluation(programme, year=2000 + number, finding=f"Study {number}.")
    cards = read_studies(client, programme)
    assert ["Study 5." in cards[0], len(cards)] == [True, 4]
    assert "Study 0." in client.get(programme.get_absolute_url()).text

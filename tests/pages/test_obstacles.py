"""Tests of the obstacle finder: choices in the query, responses, programmes, the caution."""

import re

import pytest
from django.test import Client

from partnerships.models import Obstacle
from programmes.models import Programme
from stemobs.pages.obstacles import SHOWING
from tests import builders
from tests.pages.walk import page_of, section

pytestmark = pytest.mark.django_db
FINDER = "/guides/obstacles/finder/"


def test_all_eleven_obstacles_can_be_chosen_and_nothing_is_answered_yet(client: Client) -> None:
    text = client.get(FINDER).text
    assert text.count('name="obstacle"') == Obstacle.objects.count() == 11
    assert " checked" not in text
    assert 'id="help"' not in text


def test_the_guide_leads_to_the_finder_and_back(client: Client) -> None:
    assert FINDER in page_of(client, "/guides/obstacles/").links
    assert "/guides/obstacles/" in page_of(client, FINDER).links


def test_a_chosen_obstacle_shows_its_response_programmes_and_help(client: Client) -> None:
    text = client.get(FINDER, {"obstacle": "partners"}).text
    told = section(text, "partners")
    assert "It matches one school with one local employer." in told
    assert "Our reading: we looked for “matches”" in told
    levels = section(text, "help")
    names = ("Operational", "Tactical", "Strategic")
    assert [levels.index(f"{name}:") for name in names] == sorted(
        levels.index(f"{name}:") for name in names
    )
    assert "So the report ties no recommendation to a single one." in text
    assert "#interwoven" in text


def test_an_obstacle_without_a_response_says_so(client: Client) -> None:
    Obstacle.objects.filter(slug="schedules").update(response="")
    told = section(client.get(FINDER, {"obstacle": "schedules"}).text, "schedules")
    assert "The report documents no response to this obstacle." in told
    assert "We know of no text of a running programme that shows one." in told


def test_the_caution_stands_on_the_page_before_anything_is_chosen(client: Client) -> None:
    assert "one can cause another" in client.get(FINDER).text


def test_every_word_that_is_searched_belongs_to_an_obstacle_and_finds_a_sentence(
    client: Client,
) -> None:
    slugs = set(Obstacle.objects.values_list("slug", flat=True))
    assert SHOWING.keys() <= slugs
    answers = client.get(FINDER, {"obstacle": ",".join(SHOWING)}).context["answers"]
    assert [answer.obstacle.slug for answer in answers if not answer.shown] == []
    for answer in answers:
        for one in answer.shown:
            assert answer.words.lower() in one.sentence.lower()
            assert one.programme.status == Programme.Status.ACTIVE


def test_the_list_that_is_linked_has_as_many_programmes_as_the_page_says(client: Client) -> None:
    answers = client.get(FINDER, {"obstacle": ",".join(SHOWING)}).context["answers"]
    for answer in answers:
        listed = client.get(f"/api/v1/programmes/?{answer.query}&page_size=1").json()
        assert listed["count"] == answer.number


def test_a_programme_that_ended_is_not_shown(client: Client) -> None:
    text = "It matches zebras with schools."
    builders.make_programme(description=text, status="completed")
    assert text not in client.get(FINDER, {"obstacle": "partners"}).text
    builders.make_programme(description=text, status="active")
    assert text in client.get(FINDER, {"obstacle": "partners"}).text


def test_the_choice_is_kept_in_one_order_whatever_order_it_was_made_in(client: Client) -> None:
    one = client.get(f"{FINDER}?obstacle=schedules&obstacle=PARTNERS,partners").text
    assert f'{FINDER}?obstacle=partners,schedules"' in one
    assert one.count(" checked") == 2
    assert 'content="noindex"' in one


@pytest.mark.parametrize(
    ("query", "words"),
    {
        "obstacle=money": ["obstacle=money", "is not one of its values"],
        "obstacle=" + "9" * 400: ["is not one of its values"],
        "obstacles=partners": ["obstacles=partners", "we don’t recognise it"],
        "obstacle=%3Cb%3E": ["&lt;b&gt;", "is not one of its values"],
    }.items(),
)
def test_a_wrong_parameter_is_reported_and_ignored(
    client: Client, query: str, words: list[str]
) -> None:
    response = client.get(f"{FINDER}?{query}")
    assert response.status_code == 200
    assert all(word in response.text for word in words)
    assert not re.search(" checked", response.text)


def test_an_empty_choice_is_no_fault_and_a_nul_and_a_post_are_refused(client: Client) -> None:
    assert "left out" not in client.get(f"{FINDER}?obstacle=", follow=True).text
    assert client.get(f"{FINDER}?obstacle=%00").status_code == 400
    assert client.post(FINDER).status_code == 405

"""Tests of what is loaded for the cards of programmes in lists."""

from collections.abc import Callable
from typing import Any

import pytest

from programmes.models import Programme, TakingPart
from stemobs.entries.cards import describe_length, describe_time, describe_whereabouts
from stemobs.entries.findings import tell_in_short
from stemobs.entries.ways_in import describe_openings

pytestmark = pytest.mark.django_db


def test_for_cards_loads_everything_on_a_card_in_twelve_queries(
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    for number in (1, 143):
        with django_assert_max_num_queries(12):
            for row in Programme.objects.published().for_cards()[:number]:
                assert row.evidence
                assert tell_in_short(row.evaluations.all())
                shown = [*row.countries.all(), *row.levels.all(), *row.kinds.all()]
                shown += [describe_openings(row), describe_whereabouts(row), describe_length(row)]
                assert shown


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"status": "active", "year_start": 1998, "status_as_of": 2023},
         "since 1998, last confirmed in 2023"),
        ({"status": "active", "status_as_of": 2023}, "last confirmed in 2023"),
        ({"status": "active"}, ""),
        ({"status": "unknown", "year_start": 2011, "status_as_of": 2012}, "began in 2011"),
        ({"status": "completed", "year_start": 2016, "year_end": 2022}, "2016 to 2022"),
        ({"status": "completed", "year_start": 2016, "year_end": 2016}, "2016"),
        ({"status": "completed", "year_end": 2020}, "ended in 2020"),
        ({"status": "completed", "year_start": 2016}, "began in 2016"),
        ({"status": "planned", "year_start": 2027}, "planned for 2027"),
        ({"status": "planned"}, "planned"),
    ],
)  # fmt: skip
def test_the_time_of_a_programme_is_told_in_words(facts: dict[str, Any], words: str) -> None:
    assert describe_time(Programme(**facts)) == words


def test_a_card_leaves_out_an_organiser_and_a_year_that_are_not_known() -> None:
    programme = Programme.objects.create(
        slug="x", name="X", summary="X.", scope="eu-wide", status="active"
    )
    assert describe_whereabouts(programme) == "Europe-wide"
    assert describe_length(programme) == "How long it takes is not known yet"


def make_timed(duration: str, **times: str) -> Programme:
    """Return a programme with the times of ways in, by audience."""
    programme = Programme.objects.create(slug="x", name="X", summary="X.", duration=duration)
    for place, (audience, time) in enumerate(times.items()):
        TakingPart.objects.create(programme=programme, audience=audience, time=time, position=place)
    return programme


LONG = "by the end of 2021, and the equipment delivered by 1 September 2022"


@pytest.mark.parametrize(
    ("duration", "times", "words"),
    [
        ("long-term", {}, "Long-term"),
        ("", {"families": "a week", "schools": "one day; a week before"}, "One day"),
        ("weeks", {"companies": "One day for grading", "volunteers": "An hour"}, "Weeks"),
        ("", {"companies": "One day for grading"}, "How long it takes is not known yet"),
        ("weeks", {"schools": LONG}, "Weeks"),
        ("", {"schools": LONG}, "See its record for the time"),
    ],
)
def test_the_length_is_the_time_of_those_who_take_part_else_in_general(
    duration: str, times: dict[str, str], words: str
) -> None:
    assert describe_length(make_timed(duration, **times)) == words


def test_how_long_an_ended_programme_ran_is_no_time_that_it_takes() -> None:
    programme = Programme.objects.create(
        slug="x", name="X", summary="X.", status="completed", year_start=2016, year_end=2022
    )
    assert describe_length(programme) == "How long it takes is not known yet"

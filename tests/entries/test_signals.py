"""Tests of the three signals on top of a record: each rule with what it tells."""

from typing import Any

import pytest

from programmes.models import Audience, Programme, Unit
from stemobs.entries.entry import Entry
from stemobs.entries.findings import LONGEST_SENTENCE, count_words
from stemobs.entries.loading import load_facts
from stemobs.entries.signals.for_whom import name_actors
from stemobs.entries.signals.signals import list_gaps, make_signals, tell_reach
from stemobs.entries.signals.told import LONGEST_LINE, MOST_SENTENCES
from tests import builders

pytestmark = pytest.mark.django_db

WHOM, WORKS, TAKES = range(3)
TRIAL = {"design": "randomised-trial", "result": "no-effect", "year": 2019}
LONG = "that word word word word word word word word word word word"


def read(programme: Programme) -> Entry:
    return Entry(load_facts(Programme.objects.get(pk=programme.pk)))


def tell(programme: Programme, which: int) -> tuple[str, str]:
    """Return the line and the further sentences of a signal."""
    signal = make_signals(read(programme))[which]
    return str(signal.line), " ".join(map(str, signal.more))


def make_for(audiences: str, **fields: Any) -> Programme:
    programme = builders.make_programme(**fields)
    programme.audiences.set(Audience.objects.filter(slug__in=audiences.split()))
    return programme


@pytest.mark.parametrize(
    ("audiences", "levels", "countries", "fields", "line", "more"),
    [
        (
            "students",
            [],
            "GB",
            {"age_min": 3, "age_max": 19},
            "Pupils aged 3 to 19 in the United Kingdom.",
            "",
        ),
        (
            "students teachers",
            [2],
            "LV",
            {},
            "Lower secondary pupils in Latvia.",
            "Also for teachers.",
        ),
        ("students", [2, 3], "EE FI", {}, "Secondary pupils in Estonia and Finland.", ""),
        (
            "students",
            [1, 2, 3],
            "EE FI NL",
            {},
            "Pupils from primary school to upper secondary school in 3 countries.",
            "",
        ),
        ("students", [6], "", {"scope": "eu-wide"}, "Pupils at university across Europe.", ""),
        ("girls", [], "SK", {"age_min": 15}, "Girls aged 15 and over in Slovakia.", ""),
        ("students girls children", [], "", {"age_max": 9}, "Pupils aged up to 9.", ""),
        ("teachers", [1], "EE", {}, "Teachers in Estonia.", ""),
        ("companies schools teachers", [], "", {}, "Companies and schools.", "Also for teachers."),
        ("", [1], "", {}, "Primary pupils.", ""),
        ("", [], "NL", {}, "For whom is not known yet.", ""),
    ],
)
def test_for_whom_tells_people_age_or_level_and_place(
    audiences: str, levels: list[int], countries: str, fields: dict[str, Any], line: str, more: str
) -> None:
    programme = make_for(
        audiences,
        levels=[builders.level(code) for code in levels],
        countries=[builders.country(code) for code in countries.split()],
        **fields,
    )
    assert tell(programme, WHOM) == (line, more)


def test_an_opening_stands_for_an_audience_that_nobody_names() -> None:
    programme = builders.make_programme(status="active")
    builders.make_way_in(programme, audience="schools", source=builders.make_source())
    assert tell(programme, WHOM)[0] == "Open to schools. The age is not known yet."


@pytest.mark.parametrize(
    ("studies", "line", "more"),
    [
        ([], "We found no evaluation.", "That does not mean it doesn’t work."),
        (
            [{**TRIAL, "headline": "no effect on marks", "sample": "180 schools"}],
            "A randomised trial in 180 schools (2019) found no effect on marks.",
            "",
        ),
        (
            [{**TRIAL, "headline": "no effect on what pupils know", "sample": "180 small schools"}],
            "A randomised trial (2019) found no effect on what pupils know.",
            "",
        ),
        (
            [{**TRIAL, "headline": LONG, "independence": "commissioned"}],
            "A randomised trial (2019) found no effect.",
            f"It found {LONG}. Paid for by the programme.",
        ),
        (
            [{"design": "outcome-survey", "result": "not-on-record", "year": 2020}],
            "It was evaluated (survey of outcomes, 2020).",
            "We know of no result about its effects.",
        ),
    ],
)
def test_whether_it_works_is_told_in_a_line_and_what_follows(
    studies: list[dict[str, Any]], line: str, more: str
) -> None:
    programme = builders.make_programme()
    for fields in studies:
        builders.make_evaluation(programme, **fields)
    assert tell(programme, WORKS) == (line, more)


@pytest.mark.parametrize(
    ("ways", "line", "more"),
    [
        ([], "Time and cost are not known yet.", ""),
        ([{"time": "One day"}], "One day.", "The cost is not known yet."),
        ([{"cost": "Free"}], "Free for schools.", "How long it takes is not known yet."),
        (
            [{"time": "One day", "cost": "Free; travel is paid"}],
            "One day.",
            "Free; travel is paid.",
        ),
        (
            [{"audience": "companies", "time": "A week"}, {"time": "One day; a film before"}],
            "One day.",
            "A film before. The cost is not known yet.",
        ),
        (
            [{"audience": "companies", "time": "A week"}],
            "For companies: A week.",
            "The cost is not known yet.",
        ),
        (
            [{"audience": "companies", "cost": "A fee"}],
            "Money, for companies: A fee.",
            "How long it takes is not known yet.",
        ),
    ],
)
def test_what_it_takes_tells_time_first_and_then_money(
    ways: list[dict[str, Any]], line: str, more: str
) -> None:
    programme = builders.make_programme()
    for fields in ways:
        builders.make_way_in(programme, **{"audience": "schools", **fields})
    assert tell(programme, TAKES) == (line, more)


@pytest.mark.parametrize(
    ("cost", "told"),
    [
        ("SEK 15,000 once. " + "word " * 30, "Money: SEK 15,000 once."),
        ("word " * 40, "It costs something: see below."),
        ("Free of charge", "Free of charge."),
        ("None; books are given", "It costs nothing; books are given."),
    ],
)
def test_a_known_cost_is_never_said_to_be_not_known(cost: str, told: str) -> None:
    programme = builders.make_programme()
    builders.make_way_in(programme, audience="schools", time="One day", cost=cost.strip())
    assert tell(programme, TAKES) == ("One day.", told)


@pytest.mark.parametrize(
    ("cost", "told"),
    [
        ("Free", "It was free for schools."),
        ("Free; tea too", "It was free; tea too."),
        ("None", "It cost nothing."),
        ("A fee", "Money, while it ran: A fee."),
    ],
)
def test_of_what_ended_time_and_cost_are_told_in_the_past(cost: str, told: str) -> None:
    programme = builders.make_programme(status="completed")
    builders.make_way_in(programme, audience="schools", time="One day", cost=cost)
    assert tell(programme, TAKES) == ("While it ran: One day.", told)


@pytest.mark.parametrize(
    ("audiences", "audience", "whom"),
    [
        ("girls", "schools", "girls"),
        ("girls teachers", "schools", "schools"),
        ("students", "others", "pupils"),
        ("parents", "others", "those who take part"),
    ],
)
def test_what_is_free_is_free_for_those_who_join(audiences: str, audience: str, whom: str) -> None:
    programme = make_for(audiences)
    builders.make_way_in(programme, audience=audience, cost="Free")
    assert tell(programme, TAKES)[0] == f"Free for {whom}."


def test_a_second_study_is_told_before_what_the_first_cannot_tell() -> None:
    programme = builders.make_programme()
    for year, result in ((2019, "positive"), (2012, "no-effect")):
        builders.make_evaluation(
            programme, design="before-after", independence="independent", year=year, result=result
        )
    line, more = tell(programme, WORKS)
    assert line == "Two independent studies disagree."
    assert more == (
        "An independent before-and-after study (2019) found a positive result. "
        "An independent before-and-after study (2012) had found no effect."
    )


def test_a_duration_is_told_where_no_way_in_tells_the_time() -> None:
    programme = builders.make_programme(duration="hours-days")
    assert tell(programme, TAKES)[0] == "Time and cost are not known yet."
    builders.make_citation(programme, field="duration", source=builders.make_source())
    assert tell(programme, TAKES)[0] == "Hours or days."


def test_every_record_has_three_short_signals_with_no_slot_unfilled() -> None:
    for programme in map(load_facts, Programme.objects.published()):
        signals = make_signals(Entry(programme))
        assert len(signals) == 3
        for signal in signals:
            assert count_words(signal.line.text) <= LONGEST_LINE, signal.line
            assert len(signal.more) <= MOST_SENTENCES
            for told in (signal.line, *signal.more):
                assert count_words(told.text) <= LONGEST_SENTENCE, told
                assert told.text.endswith(".")
                assert not set("{}") & set(told.text)


@pytest.mark.parametrize(
    ("audiences", "heading"),
    [
        ("students teachers", "What pupils do"),
        ("vet-students companies", "What students do"),
        ("teachers schools", "What teachers do"),
        ("parents", "What families do"),
        ("policy-makers", "What happens"),
    ],
)
def test_a_heading_names_who_acts(audiences: str, heading: str) -> None:
    assert name_actors(make_for(audiences)) == heading


def test_reach_is_told_with_the_time_of_each_figure() -> None:
    programme = builders.make_programme()
    assert tell_reach(read(programme)) is None
    builders.make_reach(programme, 20, year_to=2010)
    builders.make_reach(programme, 60, year_to=2020, year_from=2020)
    assert "60 students" in str(tell_reach(read(programme)))
    assert "20 students" not in str(tell_reach(read(programme)))


def test_reach_tells_of_people_first_and_names_the_unit_of_every_figure() -> None:
    programme = builders.make_programme()
    units = Unit.objects.in_bulk(["countries", "teachers"], field_name="slug")
    builders.make_reach(
        programme, 22, unit=units["countries"], unit_detail="with an office", year_from=2019
    )
    builders.make_reach(programme, 9, unit=units["countries"], year_to=2011, unit_detail="at first")
    builders.make_reach(programme, 5, unit=units["teachers"])
    told = str(tell_reach(read(programme)))
    assert told.index("5 teachers") < told.index("22 countries (with an office, ")
    assert "9 countries" not in told


def test_gaps_name_only_what_nobody_says() -> None:
    programme = builders.make_programme(year_start=2010)
    builders.make_way_in(programme, audience="schools", time="One day", cost="Free")
    builders.make_reach(programme)
    assert list_gaps(read(programme)) == ["who pays for it", "who runs it"]

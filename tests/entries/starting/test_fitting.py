"""Which programmes fit somebody who wants to take part, and in which order."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from programmes.models import EducationLevel, Programme, TakingPart
from stemobs.entries.starting.fitting import MOST_OFFERS, Fit, Offer, Seeker, find_fitting
from tests import builders

pytestmark = pytest.mark.django_db
ACTIVE, COMPLETED = Programme.Status.ACTIVE, Programme.Status.COMPLETED
# A country of the catalogue without programmes, so that a test sees only what it made.
HOME, NEAR = "CU", "KG"


@pytest.fixture(autouse=True)
def _only_made_programmes() -> None:
    Programme.objects.update(state=Programme.State.DRAFT)


def make_open(
    name: str, code: str = HOME, audience: str = "companies", levels: Any = (), **fields: Any
) -> Programme:
    """Make a running programme with an open way in; `way` has further fields of it."""
    way = fields.pop("way", {})
    rows = EducationLevel.objects.filter(code__in=levels)
    programme = builders.make_programme(
        **{
            "name": name,
            "status": ACTIVE,
            "countries": [builders.country(code)] if code else [],
            "levels": list(rows),
            **fields,
        }
    )
    builders.make_way_in(programme, audience=audience, **way)
    return programme


def list_names(offers: list[Offer]) -> list[str]:
    return [offer.programme.name for offer in offers]


def ask(audiences: tuple[str, ...] = ("companies",), **seeker: Any) -> Fit:
    return find_fitting(Seeker(audiences, HOME, **seeker), [NEAR])


class TestWhatFits:
    """Only what runs, is public and has an open way in for the audience."""

    def test_a_running_programme_with_an_open_way_in_fits(self) -> None:
        make_open("Ours")
        assert list_names(ask().here) == ["Ours"]

    @pytest.mark.parametrize(
        "fields",
        [
            {"status": COMPLETED},
            {"status": Programme.Status.UNKNOWN},
            {"status": Programme.Status.PLANNED},
            {"state": Programme.State.DRAFT},
            {"state": Programme.State.WITHDRAWN, "withdrawn_reason": "Twice."},
            {"record_type": Programme.RecordType.STRATEGY},
            {"audience": "schools"},
            {"way": {"is_open": False}},
        ],
    )
    def test_what_ended_is_hidden_or_is_for_others_never_fits(self, fields: dict[str, Any]) -> None:
        make_open("Not this", **fields)
        fit = ask()
        assert (fit.here, fit.beyond, fit.first) == ([], [], None)

    def test_a_closed_way_in_beside_an_open_one_is_not_offered(self) -> None:
        one = make_open("Both")
        builders.make_way_in(one, audience="companies", is_open=False, how="It was closed.")
        (offer,) = ask().here
        assert offer.way.how == "Write to the office."

    def test_at_most_three_are_offered_and_none_beyond_then(self) -> None:
        for number in range(MOST_OFFERS + 2):
            make_open(f"Ours {number}")
        make_open("Theirs", NEAR)
        fit = ask()
        assert (len(fit.here), fit.beyond) == (MOST_OFFERS, [])


class TestLevels:
    """A level that is not known is not a level that is not covered."""

    def test_another_level_does_not_fit_and_an_unknown_one_comes_last(self) -> None:
        make_open("A unknown")
        make_open("B right", levels=[3])
        make_open("C wrong", levels=[1])
        offers = ask(levels=frozenset({3})).here
        assert list_names(offers) == ["B right", "A unknown"]
        assert [offer.names_level for offer in offers] == [True, False]

    def test_vocational_programmes_fit_at_any_level(self) -> None:
        make_open("A unknown")
        make_open("School", levels=[3])
        make_open("Trade", levels=[2], is_vocational=True)
        offers = ask(is_vocational=True).here
        assert list_names(offers) == ["Trade", "A unknown"]
        assert [offer.names_level for offer in offers] == [True, False]


class TestTime:
    """What takes longer is counted, and what names no time is kept."""

    def test_what_takes_longer_is_left_out_and_counted(self) -> None:
        make_open("Year", way={"time": "One school year"})
        make_open("Day", way={"time": "One day"})
        make_open("Unknown")
        fit = ask(hours=8)
        assert list_names(fit.here) == ["Day", "Unknown"]
        assert fit.too_long == 1

    def test_without_a_limit_all_fit(self) -> None:
        make_open("Year", way={"time": "One school year"})
        fit = ask()
        assert (list_names(fit.here), fit.too_long) == (["Year"], 0)


class TestOrder:
    """The fuller the way in, the earlier; an office to ask counts too."""

    def test_what_tells_more_of_the_way_in_comes_first(self) -> None:
        make_open("A bare")
        make_open("B full", way={"time": "One day", "cost": "Free", "when": "In May"})
        make_open("C without words", way={"how": "", "who_may_join": "Firms"})
        assert list_names(ask().here) == ["B full", "A bare", "C without words"]

    def test_what_runs_in_many_countries_comes_after_what_is_nearer(self) -> None:
        many = [builders.country(code) for code in (HOME, NEAR, "JP")]
        make_open("A wide", countries=many, way={"time": "One day"})
        make_open("B ours")
        assert list_names(ask().here) == ["B ours", "A wide"]

    def test_of_equals_the_one_with_an_office_comes_first(self) -> None:
        make_open("A")
        with_office = make_open("B")
        builders.make_contact(with_office)
        assert list_names(ask().here) == ["B", "A"]

    def test_the_strongest_evidence_comes_first_if_asked_for(self) -> None:
        make_open("A", way={"time": "One day"})
        builders.make_evaluation(make_open("B"), independence="independent")
        assert list_names(ask().here) == ["A", "B"]
        assert list_names(ask(by_evidence=True).here) == ["B", "A"]

    def test_a_teacher_s_own_way_in_comes_before_that_of_the_school(self) -> None:
        one = make_open("One", audience="schools", way={"time": "A day", "cost": "Free"})
        builders.make_way_in(one, audience="teachers", how="Come to the course.")
        (offer,) = ask(("teachers", "schools")).here
        assert offer.way.audience == TakingPart.Audience.TEACHERS


class TestBeyond:
    """Others fill up what is missing at home."""

    def test_europe_wide_ones_come_before_those_of_neighbours(self) -> None:
        make_open("Near", NEAR)
        make_open("Wide", "", scope=Programme.Scope.EU_WIDE)
        make_open("Reaching", "NL", also_reaches=[builders.country(HOME)])
        make_open("Far", "NL")
        fit = ask()
        assert fit.here == []
        assert list_names(fit.beyond) == ["Reaching", "Wide", "Near"]
        assert fit.first == fit.beyond[0]

    def test_one_that_runs_at_home_and_beyond_is_named_once(self) -> None:
        make_open(
            "Both", countries=[builders.country(HOME), builders.country(NEAR)],
            scope=Programme.Scope.EU_WIDE,
        )  # fmt: skip
        fit = ask()
        assert (list_names(fit.here), fit.beyond) == (["Both"], [])


class TestPage:
    """The page to open is the programme's own, else that of its office."""

    def test_the_office_s_page_stands_in_for_a_missing_website(self) -> None:
        one = make_open("One")
        builders.make_contact(one, url="https://office.example/")
        (offer,) = ask().here
        assert offer.page == "https://office.example/"
        Programme.objects.filter(pk=one.pk).update(website="https://own.example/")
        (offer,) = ask().here
        assert offer.page == "https://own.example/"

    def test_without_either_there_is_none(self) -> None:
        make_open("One")
        (offer,) = ask().here
        assert offer.page == ""


def test_the_number_of_queries_does_not_grow_with_the_programmes() -> None:
    counts = []
    for number in (1, 12):
        for _one in range(number):
            builders.make_contact(make_open("One", levels=[3]))
        Programme.objects.filter(name="One").update(scope=Programme.Scope.NATIONAL)
        with CaptureQueriesContext(connection) as captured:
            find_fitting(Seeker(("companies",), HOME, frozenset({3})), [NEAR])
        counts.append(len(captured))
    assert counts[1] <= counts[0]

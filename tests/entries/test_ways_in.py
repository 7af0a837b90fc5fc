"""Tests of what “open to” means, of the page to open first, and of offices to ask."""

from typing import Any

import pytest

from programmes.models import Programme, Source
from stemobs.entries.ways_in import (
    describe_openings,
    find_best_page,
    list_not_known,
    list_offices,
    list_openings,
    list_ways_in,
)
from tests import builders

pytestmark = pytest.mark.django_db


def make_running(**fields: Any) -> Programme:
    return builders.make_programme(**{"status": "active", **fields})


def make_page(name: str, **fields: Any) -> Source:
    return builders.make_source(publisher=name, url=f"https://{name.split()[0]}.example/", **fields)


class TestOpenings:
    """Whom a programme is open to."""

    def test_a_running_programme_is_open_to_those_of_whom_a_source_says_how_they_join(self) -> None:
        one = make_running()
        builders.make_way_in(one, audience="companies")
        builders.make_way_in(one, audience="schools")
        assert list_openings(one) == ["schools", "companies"]
        assert describe_openings(one) == "Open to schools and companies"

    @pytest.mark.parametrize("status", ["completed", "unknown", "planned"])
    def test_what_is_not_known_to_run_is_open_to_nobody(self, status: str) -> None:
        one = make_running(status=status)
        builders.make_way_in(one)
        assert list_openings(one) == []

    def test_a_way_in_that_is_closed_or_has_no_source_is_no_opening(self) -> None:
        one = make_running()
        builders.make_way_in(one, audience="schools", is_open=False)
        way = builders.make_way_in(one, audience="companies")
        way.source = None
        way.save()
        assert list_openings(one) == []
        assert describe_openings(one) == "How to join is not known yet"

    @pytest.mark.parametrize(
        ("status", "words"),
        [
            ("completed", ""),
            ("unknown", "Not known whether it still runs"),
            ("planned", "Not open yet"),
        ],
    )
    def test_words_instead_of_an_opening_tell_the_reason(self, status: str, words: str) -> None:
        assert describe_openings(make_running(status=status)) == words

    def test_where_all_whom_sources_name_are_shut_out_it_is_said(self) -> None:
        one = make_running()
        for audience in ("schools", "companies"):
            builders.make_way_in(one, audience=audience, is_open=False)
        assert describe_openings(one) == "Not open to anyone new, as far as we know"

    def test_schools_and_companies_of_whom_nothing_is_known_are_named(self) -> None:
        one = make_running()
        assert list_not_known(one) == ["schools", "companies"]
        builders.make_way_in(one, audience="companies", is_open=False)
        assert list_not_known(one) == ["schools"]

    def test_ways_in_stand_together_by_audience(self) -> None:
        one = make_running()
        for audience in ("others", "schools", "others"):
            builders.make_way_in(one, audience=audience)
        assert [(way.label, len(way.rows)) for way in list_ways_in(one)] == [
            ("Schools", 1),
            ("Others", 2),
        ]


class TestBestPage:
    """The page to open first."""

    def test_the_website_comes_before_any_source(self) -> None:
        one = make_running(website="https://one.example/")
        builders.make_citation(one, source=builders.make_source())
        page = find_best_page(one)
        assert page is not None
        assert (page.url, page.source) == ("https://one.example/", None)

    def test_without_a_website_it_is_a_page_of_those_who_run_it(self) -> None:
        one = make_running(name="Robots for All")
        runner, partner = (
            builders.make_organisation(name="Acme"),
            builders.make_organisation(name="Bolt"),
        )
        builders.make_partnership(one, runner, role="coordinator")
        builders.make_partnership(one, partner, role="partner")
        news = make_page("Daily News", kind="news")
        other = make_page("Somebody", kind="page")
        of_partner = make_page("Bolt Ltd", kind="news")
        of_runner = make_page("Acme Foundation", kind="news")
        for expected in (news, other, of_partner, of_runner):
            builders.make_citation(one, source=expected)
            page = find_best_page(Programme.objects.get(pk=one.pk))
            assert page is not None
            assert page.source == expected

    def test_of_equals_it_is_the_source_named_first(self) -> None:
        one = make_running()
        first = make_page("Somebody", kind="page")
        builders.make_citation(one, source=first)
        builders.make_citation(one, source=make_page("Else", kind="page"))
        page = find_best_page(one)
        assert page is not None
        assert page.source == first

    def test_without_an_address_anywhere_there_is_none(self) -> None:
        one = make_running()
        builders.make_citation(one, source=builders.make_source(url="", link_state="absent"))
        assert find_best_page(one) is None

    @pytest.mark.data
    def test_every_record_of_the_catalogue_ends_at_a_page_to_open(self) -> None:
        without = [one.slug for one in Programme.objects.published() if find_best_page(one) is None]
        assert without == []


class TestOffices:
    """Offices to ask about the programmes of a country."""

    def test_offices_of_programmes_with_an_opening_come_first_and_ended_ones_never(self) -> None:
        ended = builders.make_contact(make_running(status="completed", name="A ended")).programme
        closed = builders.make_contact(make_running(name="B closed")).programme
        opening = builders.make_contact(make_running(name="C open")).programme
        builders.make_way_in(opening)
        ids = [ended.pk, closed.pk, opening.pk]
        assert [row.programme for row in list_offices(ids, 5)] == [opening, closed]
        assert len(list_offices(ids, 1)) == 1

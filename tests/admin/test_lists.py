"""Tests of the admin's list of programmes: search, columns, filters and actions."""

from datetime import date, timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from programmes.models import (
    Citation,
    Programme,
)
from tests.admin.curating import (
    State,
    act,
    listed,
    make_complete_programme,
    text_of,
)
from tests.admin.forms import address
from tests.builders import (
    country,
    kind,
    level,
    make_citation,
    make_evaluation,
    make_name,
    make_programme,
    make_ready,
)

pytestmark = pytest.mark.django_db


# --- The list -------------------------------------------------------------------------------------


def test_the_list_takes_as_many_queries_for_30_programmes_as_for_3(admin_client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            page = admin_client.get(address(Programme), {"q": "zebra"})
        assert len(listed(page)) == number
        return len(captured)

    number = 3
    for _n in range(3):
        make_complete_programme(summary="Zebra")
    queries()  # fills the cache of content types, so that its queries are not counted
    with_three = queries()
    number = 30
    for _n in range(27):
        make_complete_programme(summary="Zebra")
    assert queries() == with_three


@pytest.mark.parametrize("typed", ["beta", "BÈTA zebra", "zebra b", '"beta techniek"', "beta-tech"])
def test_search_ignores_accents_and_case(admin_client: Client, typed: str) -> None:
    programme = make_programme(name="Zébra", slug="beta-tech-nl")
    make_name(programme, "Bèta Techniek")
    make_programme(name="Zébra")
    found = listed(admin_client.get(address(Programme), {"q": typed}))
    assert programme in found
    assert all("b" in str(p.__dict__).casefold() for p in found)


def test_search_needs_every_word_and_finds_quoted_phrases_whole(admin_client: Client) -> None:
    programme = make_programme(name="Zebra Techniek")
    for typed, expected in [("techniek zebra", 1), ('"techniek zebra"', 0), ("zebra lion", 0)]:
        found = listed(admin_client.get(address(Programme), {"q": typed}))
        assert found.count(programme) == expected


def test_the_list_names_the_missing_facts_of_a_programme(admin_client: Client) -> None:
    bare = make_programme(summary="Zebra")
    complete = make_complete_programme(summary="Zebra")
    page = admin_client.get(address(Programme), {"q": "zebra"})
    assert text_of(page, bare, "missing").endswith(
        "start year, level, country, kind, reach, funding, evaluation"
    )
    assert text_of(page, complete, "missing").endswith("nothing")


def test_a_country_is_not_missing_from_a_europe_wide_programme(admin_client: Client) -> None:
    programme = make_programme(summary="Zebra", scope="eu-wide")
    page = admin_client.get(address(Programme), {"q": "zebra"})
    assert "country" not in text_of(page, programme, "missing")
    assert text_of(page, programme, "where") == "Europe-wide"


def test_a_missing_fact_declared_not_available_is_marked(admin_client: Client) -> None:
    programme = make_programme(summary="Zebra")
    basis = Citation.Basis.DECLARED_NOT_AVAILABLE
    make_citation(programme, field="funding", basis=basis)
    page = admin_client.get(address(Programme), {"q": "zebra"})
    assert "funding (not published)" in text_of(page, programme, "missing")


def test_the_list_shows_last_check_evidence_and_number_of_sources(admin_client: Client) -> None:
    old = make_complete_programme(summary="Zebra", verified_on=date(2020, 3, 4))
    new = make_programme(summary="Zebra")
    page = admin_client.get(address(Programme), {"q": "zebra"})
    assert ">4 Mar 2020</a>" in text_of(page, old, "verified")
    assert "never" in text_of(page, new, "verified")
    assert text_of(page, old, "evidence_step") == "Reported by the programme"
    assert text_of(page, new, "evidence_step") == "No evaluation found"
    assert (text_of(page, old, "sources"), text_of(page, new, "sources")) == ("1", "0")


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("verified", ["never", "long ago", "yesterday"]),
        ("-missing", ["never", "long ago", "yesterday"]),
        ("evidence_step", ["yesterday", "long ago", "never"]),
    ],
)
def test_the_list_sorts_by_last_check_missing_facts_and_evidence(
    admin_client: Client, column: str, expected: list[str]
) -> None:
    never = make_programme(name="never", summary="Zebra")
    long_ago = make_programme(
        name="long ago", summary="Zebra", verified_on=date(2001, 1, 1), year_start=2001
    )
    make_evaluation(long_ago)
    yesterday = make_complete_programme(
        name="yesterday", summary="Zebra", verified_on=timezone.localdate()
    )
    make_evaluation(yesterday, independence="independent")
    order = admin.site._registry[Programme].list_display.index(column.strip("-")) + 1
    sign = "-" if column.startswith("-") else ""
    page = admin_client.get(address(Programme), {"q": "zebra", "o": f"{sign}{order}"})
    assert [p.name for p in listed(page)] == expected
    assert never in listed(page)


def test_the_database_sorts_neither_a_search_nor_the_list_by_missing_facts(
    admin_client: Client,
) -> None:
    bare = make_programme(name="Zebra", summary="Zebra")
    make_complete_programme(name="A zebra")
    draft = make_programme(name="The zebra", state=State.DRAFT)
    for asked, expected in [
        ({"q": "zebra", "state__exact": "published", "levels__isnull": "True"}, [bare]),
        ({"q": "zebra", "o": "-4", "levels__isnull": "True"}, [draft, bare]),
    ]:
        with CaptureQueriesContext(connection) as captured:
            assert listed(admin_client.get(address(Programme), asked)) == expected
        assert not [one["sql"] for one in captured if "LIMIT 50" in one["sql"]]


@pytest.mark.parametrize(
    "missing", ["year_start", "levels", "countries", "kinds", "reach", "funding", "evaluation"]
)
def test_the_missing_filter_finds_programmes_that_lack_a_fact(
    admin_client: Client, missing: str
) -> None:
    bare = make_programme(summary="Zebra")
    make_complete_programme(summary="Zebra")
    page = admin_client.get(address(Programme), {"q": "zebra", "missing": missing})
    assert listed(page) == [bare]


def test_the_verified_filter_finds_programmes_by_age_of_the_last_check(
    admin_client: Client,
) -> None:
    today = timezone.localdate()
    never = make_programme(name="A", summary="Zebra")
    old = make_programme(name="B", summary="Zebra", verified_on=today - timedelta(days=400))
    new = make_programme(name="C", summary="Zebra", verified_on=today)

    def found(choice: str) -> list[Programme]:
        return listed(admin_client.get(address(Programme), {"q": "zebra", "verified": choice}))

    assert found("due") == [never, old]
    assert found("never") == [never]
    assert found("recently") == [new]


def test_the_evidence_filter_finds_programmes_by_strongest_evaluation(admin_client: Client) -> None:
    none = make_programme(summary="Zebra")
    reported = make_programme(summary="Zebra")
    make_evaluation(reported)
    monitored = make_programme(summary="Zebra")
    make_evaluation(monitored, design="indicators")
    independent = make_programme(summary="Zebra")
    make_evaluation(independent, design="outcome-survey", independence="independent")
    steps = {
        "none": none,
        "reported": reported,
        "monitored": monitored,
        "independent": independent,
    }
    for step, programme in steps.items():
        page = admin_client.get(address(Programme), {"q": "zebra", "evidence": step})
        assert listed(page) == [programme]


def test_several_filters_can_be_combined(admin_client: Client) -> None:
    programme = make_complete_programme(summary="Zebra")
    asked = {
        "q": "zebra",
        "verified": "never",
        "evidence": "reported",
        "levels__id__exact": level(3).pk,
        "countries__id__exact": country("NL").pk,
        "kinds__id__exact": kind("company-visits").pk,
        "state__exact": "published",
    }
    page = admin_client.get(address(Programme), asked)
    assert listed(page) == [programme]
    assert "Reported by the programme (1)" in page.content.decode()
    assert listed(admin_client.get(address(Programme), {**asked, "missing": "levels"})) == []


@pytest.mark.parametrize("name", ["missing", "verified", "evidence"])
def test_a_filter_with_an_unknown_value_is_ignored(admin_client: Client, name: str) -> None:
    make_programme(summary="Zebra")
    page = admin_client.get(address(Programme), {"q": "zebra", name: "nonsense"})
    assert len(listed(page)) == 1


def test_filters_show_the_number_of_programmes_of_each_choice(admin_client: Client) -> None:
    make_programme(summary="Zebra")
    make_complete_programme(summary="Zebra")
    html = admin_client.get(address(Programme), {"q": "zebra"}).content.decode()
    assert "start year (1)" in html
    assert "Published (2)" in html


# --- Actions --------------------------------------------------------------------------------------


def test_no_action_on_many_programmes_says_that_somebody_checked_them(admin_client: Client) -> None:
    programme = make_programme()
    act(admin_client, "mark_verified", programme)
    programme.refresh_from_db()
    assert programme.verified_on is None
    assert "erified today" not in admin_client.get(address(Programme)).content.decode()


def test_the_review_action_changes_drafts_only(admin_client: Client) -> None:
    draft = make_programme(state=State.DRAFT)
    published = make_programme(name="Public", state=State.PUBLISHED)
    page = act(admin_client, "send_to_review", draft, published)
    draft.refresh_from_db()
    published.refresh_from_db()
    assert (draft.state, published.state) == (State.REVIEW, State.PUBLISHED)
    assert "Not changed, because of their state: Public (Published)." in page.content.decode()


def test_the_publish_action_changes_drafts_and_reviews_but_not_withdrawn(
    admin_client: Client,
) -> None:
    draft, reviewed = make_ready(), make_ready(state=State.REVIEW)
    withdrawn = make_programme(state=State.WITHDRAWN, withdrawn_reason="A duplicate.")
    before = draft.changed_at
    act(admin_client, "publish", draft, reviewed, withdrawn)
    for programme in (draft, reviewed, withdrawn):
        programme.refresh_from_db()
    assert (draft.state, reviewed.state) == (State.PUBLISHED, State.PUBLISHED)
    assert withdrawn.state == State.WITHDRAWN
    assert draft.changed_at > before


def test_the_list_has_no_action_that_deletes_programmes(admin_client: Client) -> None:
    html = admin_client.get(address(Programme)).content.decode()
    assert "delete_selected" not in html

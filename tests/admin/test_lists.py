"""The list of programmes in the admin: what needs work, filters, actions."""

from datetime import date, timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
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
)

pytestmark = pytest.mark.django_db


# --- The list -------------------------------------------------------------------------------------


def test_the_list_takes_as_many_queries_for_thirty_as_for_three(admin_client: Client) -> None:
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
    queries()  # fills the cache of content types
    with_three = queries()
    number = 30
    for _n in range(27):
        make_complete_programme(summary="Zebra")
    assert queries() == with_three


@pytest.mark.parametrize("typed", ["beta", "BÈTA zebra", "zebra b", '"beta techniek"', "beta-tech"])
def test_search_minds_neither_accents_nor_case(admin_client: Client, typed: str) -> None:
    programme = make_programme(name="Zébra", slug="beta-tech-nl")
    make_name(programme, "Bèta Techniek")
    make_programme(name="Zébra")
    found = listed(admin_client.get(address(Programme), {"q": typed}))
    assert programme in found
    assert all("b" in str(p.__dict__).casefold() for p in found)


def test_search_needs_every_word_and_a_phrase_as_a_whole(admin_client: Client) -> None:
    programme = make_programme(name="Zebra Techniek")
    for typed, expected in [("techniek zebra", 1), ('"techniek zebra"', 0), ("zebra lion", 0)]:
        found = listed(admin_client.get(address(Programme), {"q": typed}))
        assert found.count(programme) == expected


def test_missing_facts_are_named(admin_client: Client) -> None:
    bare = make_programme(summary="Zebra")
    complete = make_complete_programme(summary="Zebra")
    page = admin_client.get(address(Programme), {"q": "zebra"})
    assert text_of(page, bare, "missing").endswith(
        "start year, level, country, kind, reach, funding, evaluation"
    )
    assert text_of(page, complete, "missing").endswith("nothing")


def test_a_europe_wide_programme_needs_no_country(admin_client: Client) -> None:
    programme = make_programme(summary="Zebra", scope="eu-wide")
    page = admin_client.get(address(Programme), {"q": "zebra"})
    assert "country" not in text_of(page, programme, "missing")
    assert text_of(page, programme, "where") == "Europe-wide"


def test_what_a_source_declares_not_available_is_marked(admin_client: Client) -> None:
    programme = make_programme(summary="Zebra")
    basis = Citation.Basis.DECLARED_NOT_AVAILABLE
    make_citation(programme, field="funding", basis=basis)
    page = admin_client.get(address(Programme), {"q": "zebra"})
    assert "funding (declared not available)" in text_of(page, programme, "missing")


def test_the_list_tells_verification_evidence_and_sources(admin_client: Client) -> None:
    old = make_complete_programme(summary="Zebra", verified_on=date(2020, 3, 4))
    new = make_programme(summary="Zebra")
    page = admin_client.get(address(Programme), {"q": "zebra"})
    assert text_of(page, old, "verified") == "4 Mar 2020"
    assert "never" in text_of(page, new, "verified")
    assert text_of(page, old, "evidence_step") == "Reported by the programme"
    assert text_of(page, new, "evidence_step") == "No evaluation on record"
    assert (text_of(page, old, "sources"), text_of(page, new, "sources")) == ("1", "0")


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("verified", ["never", "long ago", "yesterday"]),
        ("-missing", ["never", "long ago", "yesterday"]),
        ("evidence_step", ["yesterday", "long ago", "never"]),
    ],
)
def test_the_list_sorts_by_what_needs_work(
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
    make_evaluation(yesterday, conducted_by="independent")
    order = admin.site._registry[Programme].list_display.index(column.strip("-")) + 1
    sign = "-" if column.startswith("-") else ""
    page = admin_client.get(address(Programme), {"q": "zebra", "o": f"{sign}{order}"})
    assert [p.name for p in listed(page)] == expected
    assert never in listed(page)


@pytest.mark.parametrize(
    "missing", ["year_start", "levels", "countries", "kinds", "reach", "funding", "evaluation"]
)
def test_a_filter_finds_what_lacks_a_fact(admin_client: Client, missing: str) -> None:
    bare = make_programme(summary="Zebra")
    make_complete_programme(summary="Zebra")
    page = admin_client.get(address(Programme), {"q": "zebra", "missing": missing})
    assert listed(page) == [bare]


def test_a_filter_finds_what_was_not_verified_for_a_year(admin_client: Client) -> None:
    today = timezone.localdate()
    never = make_programme(name="A", summary="Zebra")
    old = make_programme(name="B", summary="Zebra", verified_on=today - timedelta(days=400))
    new = make_programme(name="C", summary="Zebra", verified_on=today)

    def found(choice: str) -> list[Programme]:
        return listed(admin_client.get(address(Programme), {"q": "zebra", "verified": choice}))

    assert found("due") == [never, old]
    assert found("never") == [never]
    assert found("recently") == [new]


def test_a_filter_finds_the_step_of_evidence(admin_client: Client) -> None:
    none = make_programme(summary="Zebra")
    reported = make_programme(summary="Zebra")
    make_evaluation(reported)
    monitored = make_programme(summary="Zebra")
    make_evaluation(monitored, approach="indicators")
    independent = make_programme(summary="Zebra")
    make_evaluation(independent, approach="outcomes", conducted_by="independent")
    steps = {
        "none": none,
        "reported": reported,
        "monitored": monitored,
        "independent": independent,
    }
    for step, programme in steps.items():
        page = admin_client.get(address(Programme), {"q": "zebra", "evidence": step})
        assert listed(page) == [programme]


def test_filters_go_together(admin_client: Client) -> None:
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
def test_a_filter_with_a_made_up_value_changes_nothing(admin_client: Client, name: str) -> None:
    make_programme(summary="Zebra")
    page = admin_client.get(address(Programme), {"q": "zebra", name: "nonsense"})
    assert len(listed(page)) == 1


def test_filters_show_how_many_each_choice_has(admin_client: Client) -> None:
    make_programme(summary="Zebra")
    make_complete_programme(summary="Zebra")
    html = admin_client.get(address(Programme), {"q": "zebra"}).content.decode()
    assert "start year (1)" in html
    assert "Published (2)" in html


# --- Actions --------------------------------------------------------------------------------------


def test_an_action_marks_programmes_as_verified_today(admin_client: Client) -> None:
    programmes = [make_programme(), make_programme()]
    page = act(admin_client, "mark_verified", *programmes)
    for programme in programmes:
        programme.refresh_from_db()
        assert programme.verified_on == timezone.localdate()
    assert "2 programmes are marked as verified today." in page.content.decode()
    assert LogEntry.objects.filter(object_id=str(programmes[0].pk)).count() == 1


def test_drafts_are_sent_to_review_and_others_stay_as_they_are(admin_client: Client) -> None:
    draft = make_programme(state=State.DRAFT)
    published = make_programme(name="Public", state=State.PUBLISHED)
    page = act(admin_client, "send_to_review", draft, published)
    draft.refresh_from_db()
    published.refresh_from_db()
    assert (draft.state, published.state) == (State.REVIEW, State.PUBLISHED)
    assert "Left as they were: Public (Published)." in page.content.decode()


def test_publishing_takes_drafts_and_reviewed_entries_but_nothing_withdrawn(
    admin_client: Client,
) -> None:
    draft = make_programme(state=State.DRAFT)
    reviewed = make_programme(state=State.REVIEW)
    withdrawn = make_programme(state=State.WITHDRAWN, withdrawn_reason="A duplicate.")
    before = draft.changed_at
    act(admin_client, "publish", draft, reviewed, withdrawn)
    for programme in (draft, reviewed, withdrawn):
        programme.refresh_from_db()
    assert (draft.state, reviewed.state) == (State.PUBLISHED, State.PUBLISHED)
    assert withdrawn.state == State.WITHDRAWN
    assert draft.changed_at > before


def test_programmes_are_not_deleted_by_the_dozen(admin_client: Client) -> None:
    html = admin_client.get(address(Programme)).content.decode()
    assert "delete_selected" not in html

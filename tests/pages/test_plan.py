"""Tests of the planner: answers in the query, the plan made from them, and wrong parameters."""

import re

import pytest
from django.test import Client
from django.utils.html import escape

from partnerships.models import Criterion, CriterionAssessment
from programmes.models import Programme
from tests import builders

pytestmark = pytest.mark.django_db

PLAN = "/guides/plan/"
MET = CriterionAssessment.Verdict.MET


def result(text: str) -> str:
    """Return the HTML of the plan on the page; "" if there is none."""
    return text.partition('id="plan"')[2].partition("<form")[0]


def test_without_answers_the_planner_shows_questions_and_no_plan(client: Client) -> None:
    text = client.get(PLAN).text
    assert result(text) == ""
    assert text.count('type="radio"') == 3 * Criterion.objects.count() == 36
    assert " checked" not in text


def test_the_groups_of_questions_are_in_the_order_of_the_report(client: Client) -> None:
    text = client.get(PLAN).text
    groups = [Criterion.objects.filter(group=group).count() for group in Criterion.Group.values]
    assert groups == [3, 4, 5]
    labels = [str(label) for label in Criterion.Group.labels]
    assert sorted(labels, key=text.index) == labels


def test_the_plan_lists_criteria_not_met_before_those_met_in_part(client: Client) -> None:
    text = result(
        client.get(
            PLAN, {"g1-clear-outcomes": "partly", "c4-girls": "not-yet", "g2-curriculum": "yes"}
        ).text
    )
    names = ["Encourage girls", "Clear outcomes that pupils can reach", "In line with the STEM"]
    assert sorted(names, key=text.index) == names
    assert len(re.findall("<h4", text)) == 2


def test_a_criterion_not_met_shows_programmes_that_meet_it_and_the_evidence(
    client: Client,
) -> None:
    text = result(client.get(PLAN, {"g2-curriculum": "not-yet"}).text)
    rows = CriterionAssessment.objects.filter(verdict=MET, criterion__slug="g2-curriculum")
    for row in rows.select_related("programme")[:3]:
        assert row.programme.get_absolute_url() in text
        assert escape(row.evidence) in text
    assert rows


def test_the_plan_shows_at_most_three_programmes_per_criterion(client: Client) -> None:
    criterion = Criterion.objects.get(slug="c1-paths")
    for number in range(5):
        programme = builders.make_programme(name=f"Path {number}")
        builders.make_assessment(programme, criterion=criterion, verdict=MET, evidence="It does.")
    text = result(client.get(PLAN, {"c1-paths": "partly"}).text)
    assert len(re.findall(r"Path \d", text)) == 3


def test_a_criterion_met_only_by_a_draft_says_that_no_programme_meets_it(client: Client) -> None:
    draft = builders.make_programme(state=Programme.State.DRAFT, name="Zebrafinch")
    criterion = Criterion.objects.get(slug="c1-paths")
    builders.make_assessment(draft, criterion=criterion, verdict=MET, evidence="It does.")
    text = client.get(PLAN, {"c1-paths": "not-yet"}).text
    assert "records was assessed against this criterion." in text
    assert "Zebrafinch" not in text


def test_answers_are_kept_in_the_form_and_in_the_canonical_address(client: Client) -> None:
    text = client.get(f"{PLAN}?c4-girls=not-yet&g1-clear-outcomes=YES").text
    assert text.count(" checked") == 2
    assert f'{PLAN}?g1-clear-outcomes=yes&amp;c4-girls=not-yet"' in text
    assert 'content="noindex"' in text


def test_the_planner_sets_no_cookie_and_stores_nothing_in_the_session(client: Client) -> None:
    response = client.get(PLAN, {"c4-girls": "not-yet"})
    assert not response.cookies
    assert not client.session.keys()


@pytest.mark.parametrize(
    ("query", "words"),
    {
        "c4-girls=maybe": ["c4-girls=maybe", "is not one of its values"],
        "c4-gilrs=yes": ["c4-gilrs=yes", "we don’t recognise it"],
        "c4-girls=yes&c4-girls=partly": ["may be given once only"],
        "c4-girls=" + "9" * 400: ["is not one of its values"],
        "%3Cb%3E=%3Cscript%3E": ["&lt;b&gt;=&lt;script&gt;"],
    }.items(),
)
def test_a_wrong_parameter_of_the_planner_is_reported_and_ignored(
    client: Client, query: str, words: list[str]
) -> None:
    response = client.get(f"{PLAN}?{query}")
    assert response.status_code == 200
    assert all(word in response.text for word in words)
    assert result(response.text) == ""


def test_the_planner_refuses_a_nul_and_a_post(client: Client) -> None:
    assert client.get(f"{PLAN}?c4-girls=%00").status_code == 400
    assert client.post(PLAN).status_code == 405


def test_the_planner_says_whose_words_its_questions_are(client: Client) -> None:
    text = client.get(PLAN).text
    assert "from a European report, in our own words" in text
    assert "in the words of" not in text

"""The planner: twelve questions in the address, and a plan that says who shows how."""

import re

import pytest
from django.test import Client

from partnerships.models import Criterion, CriterionAssessment
from programmes.models import Programme
from tests import builders

pytestmark = pytest.mark.django_db

PLAN = "/guides/plan/"
MET = CriterionAssessment.Verdict.MET


def result(text: str) -> str:
    """Return the part of the page that is the plan."""
    return text.partition('id="plan"')[2].partition("<form")[0]


def test_without_answers_the_planner_only_asks(client: Client) -> None:
    text = client.get(PLAN).text
    assert result(text) == ""
    assert text.count('type="radio"') == 3 * Criterion.objects.count() == 36
    assert " checked" not in text


def test_the_questions_stand_in_the_groups_of_the_report(client: Client) -> None:
    text = client.get(PLAN).text
    groups = [Criterion.objects.filter(group=group).count() for group in Criterion.Group.values]
    assert groups == [3, 4, 5]
    labels = [str(label) for label in Criterion.Group.labels]
    assert sorted(labels, key=text.index) == labels


def test_what_is_not_met_stands_before_what_is_met_in_part(client: Client) -> None:
    text = result(
        client.get(
            PLAN, {"g1-clear-outcomes": "partly", "c4-girls": "not-yet", "g2-curriculum": "yes"}
        ).text
    )
    names = ["Encourage girls", "Clear outcomes that pupils can reach", "In line with the STEM"]
    assert sorted(names, key=text.index) == names
    assert len(re.findall("<h4", text)) == 2


def test_a_criterion_that_is_not_met_names_who_meets_it_and_what_that_rests_on(
    client: Client,
) -> None:
    text = result(client.get(PLAN, {"c4-girls": "not-yet"}).text)
    assert "/programmes/jet-net-nl/" in text
    assert "Female role models are named among the activities" in text


def test_at_most_three_programmes_are_named(client: Client) -> None:
    criterion = Criterion.objects.get(slug="c1-paths")
    for number in range(5):
        programme = builders.make_programme(name=f"Path {number}")
        builders.make_assessment(programme, criterion=criterion, verdict=MET, evidence="It does.")
    text = result(client.get(PLAN, {"c1-paths": "partly"}).text)
    assert len(re.findall(r"Path \d", text)) == 3


def test_a_criterion_that_nobody_meets_says_so_and_names_no_draft(client: Client) -> None:
    draft = builders.make_programme(state=Programme.State.DRAFT, name="Zebrafinch")
    criterion = Criterion.objects.get(slug="c1-paths")
    builders.make_assessment(draft, criterion=criterion, verdict=MET, evidence="It does.")
    text = client.get(PLAN, {"c1-paths": "not-yet"}).text
    assert "No programme on record shows this yet" in text
    assert "Zebrafinch" not in text


def test_the_answers_stay_in_the_form_and_in_the_canonical_address(client: Client) -> None:
    text = client.get(f"{PLAN}?c4-girls=not-yet&g1-clear-outcomes=YES").text
    assert text.count(" checked") == 2
    assert f'{PLAN}?g1-clear-outcomes=yes&amp;c4-girls=not-yet"' in text
    assert 'content="noindex"' in text


def test_the_planner_sets_no_cookie_and_keeps_nothing(client: Client) -> None:
    response = client.get(PLAN, {"c4-girls": "not-yet"})
    assert not response.cookies
    assert not client.session.keys()


@pytest.mark.parametrize(
    ("query", "words"),
    {
        "c4-girls=maybe": ["c4-girls=maybe", "is not one of its values"],
        "c4-gilrs=yes": ["c4-gilrs=yes", "is not a parameter of this address"],
        "c4-girls=yes&c4-girls=partly": ["may be given once only"],
        "c4-girls=" + "9" * 400: ["is not one of its values"],
        "%3Cb%3E=%3Cscript%3E": ["&lt;b&gt;=&lt;script&gt;"],
    }.items(),
)
def test_what_is_wrong_in_the_address_is_named_and_left_out(
    client: Client, query: str, words: list[str]
) -> None:
    response = client.get(f"{PLAN}?{query}")
    assert response.status_code == 200
    assert all(word in response.text for word in words)
    assert result(response.text) == ""


def test_a_nul_or_another_method_is_refused(client: Client) -> None:
    assert client.get(f"{PLAN}?c4-girls=%00").status_code == 400
    assert client.post(PLAN).status_code == 405

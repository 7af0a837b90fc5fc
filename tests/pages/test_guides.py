"""Tests of guides: example programmes for terms, obstacles, contents and links between guides."""

import re
from itertools import pairwise

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from partnerships.models import Criterion, CriterionAssessment, Guide, GuideItem, Obstacle
from programmes.models import CareerFactor, InitiativeKind, Programme
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.entries.examples import MOST_SHOWN, find_examples
from stemobs.selection.programmes import ProgrammeFilter
from tests import builders

pytestmark = pytest.mark.django_db

MET = CriterionAssessment.Verdict.MET


def get_guide_text(client: Client, slug: str) -> str:
    response = client.get(f"/guides/{slug}/")
    assert response.status_code == 200
    return response.text


# --- Example programmes for a term ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "parameter"), [(InitiativeKind, "kind"), (CareerFactor, "factor")]
)
def test_examples_of_a_term_are_the_first_of_its_selection_that_stand_for_no_other(
    model: type[InitiativeKind], parameter: str
) -> None:
    catalogue = get_current_catalogue()
    taken: set[int] = set()
    for one in sorted(find_examples(model.objects.all(), catalogue), key=lambda one: one.number):
        query = f"{parameter}={one.term.slug}"
        matches = list(ProgrammeFilter(QueryDict(query), catalogue).matches)
        assert one.query == query
        assert one.number == len(matches)
        shown = [example.programme.pk for example in one.shown]
        assert shown == [pk for pk in matches if pk not in taken][:MOST_SHOWN]
        taken.update(shown)


def test_examples_of_a_criterion_are_published_programmes_assessed_as_meeting_it() -> None:
    for one in find_examples(Criterion.objects.all(), get_current_catalogue()):
        rows = CriterionAssessment.objects.filter(criterion=one.term, verdict=MET)
        rows = rows.filter(programme__in=Programme.objects.published())
        assert one.number == rows.count()
        assert len(one.shown) == min(one.number, MOST_SHOWN)
        told = {row.programme_id: row.evidence for row in rows}
        assert all(told[example.programme.pk] == example.evidence for example in one.shown)


def test_drafts_and_programmes_that_meet_a_criterion_in_part_are_no_examples() -> None:
    criterion = Criterion.objects.get(slug="c1-paths")
    draft = builders.make_programme(state=Programme.State.DRAFT)
    partly = builders.make_programme()
    builders.make_assessment(draft, criterion=criterion, verdict=MET, evidence="Drafted.")
    builders.make_assessment(partly, criterion=criterion, verdict="partly", evidence="In part.")
    assert find_examples([criterion], get_current_catalogue())[0].shown == []
    met = builders.make_programme()
    builders.make_assessment(met, criterion=criterion, verdict=MET, evidence="Met.")
    assert [
        one.programme for one in find_examples([criterion], get_current_catalogue())[0].shown
    ] == [met]


def test_finding_examples_takes_three_queries_however_many_terms() -> None:
    catalogue = get_current_catalogue()
    counts = []
    for criteria in (list(Criterion.objects.all())[1:2], list(Criterion.objects.all())):
        with CaptureQueriesContext(connection) as captured:
            find_examples(criteria, catalogue)
        counts.append(len(captured))
    assert counts == [3, 3]


def test_the_guide_to_kinds_counts_and_links_the_programmes_of_each(client: Client) -> None:
    text = get_guide_text(client, "initiative-kinds")
    for kind in InitiativeKind.objects.all():
        number = get_current_catalogue().programme_count("kind", kind.slug)
        link = re.search(rf'href="/programmes/\?kind={kind.slug}">\s*([^<]+)<', text)
        assert (link is not None) == bool(number)
        assert link is None or str(number) in link[1]


def test_the_guide_to_criteria_shows_the_evidence_of_assessments(client: Client) -> None:
    text = get_guide_text(client, "good-practice")
    shown = CriterionAssessment.objects.filter(verdict=MET, criterion__slug="g2-curriculum")
    assert any(escape(row.evidence) in text for row in shown)


def test_the_guide_says_how_many_records_were_assessed_where_none_meets_a_criterion(
    client: Client,
) -> None:
    total = Programme.objects.published().count()
    text = " ".join(get_guide_text(client, "good-practice").split())
    for criterion in Criterion.objects.exclude(assessments__verdict=MET):
        number = criterion.assessments.count()
        words = f"{number or 'None'} of {'' if number else 'our '}{total} records w"
        assert words in text.partition(f'id="{criterion.slug}"')[2].partition("</section>")[0]
    assert 'href="/guides/plan/"' in text


def test_an_item_shows_its_programmes_with_country_and_evidence(client: Client) -> None:
    programme = builders.make_programme(countries=[builders.country("NL")], name="Rocket School")
    guide = builders.make_guide()
    builders.make_guide_item(guide, [programme])
    text = get_guide_text(client, guide.slug)
    line = text.partition("Rocket School")[2][:600]
    assert "Netherlands" in line
    assert "No evaluation found" in line


# --- Obstacles -----------------------------------------------------------------------------------


def test_the_guide_shows_summed_shares_by_family_with_a_note_on_rounding(
    client: Client,
) -> None:
    text = get_guide_text(client, "obstacles")
    total = 0
    for family, label in Obstacle.Family.choices:
        share = sum(Obstacle.objects.filter(family=family).values_list("share", flat=True))
        assert re.search(rf'<b>{label}</b>\s*<span class="num">{share}%</span>', text)
        total += share
    assert f"add up to {total}% because of rounding" in text


def test_the_guide_to_obstacles_ends_with_recommendations_for_three_levels(client: Client) -> None:
    text = get_guide_text(client, "obstacles").partition('id="help"')[2]
    levels = ["Operational", "Tactical", "Strategic"]
    assert sorted(levels, key=text.index) == levels
    assert "/guides/recommendations-levels/#r9-tactical" in text


def test_every_item_of_the_guide_to_obstacles_has_its_anchor_once(client: Client) -> None:
    text = get_guide_text(client, "obstacles")
    for item in GuideItem.objects.filter(guide__slug="obstacles"):
        assert text.count(f'id="{item.slug}"') == 1


# --- Contents and links between guides -----------------------------------------------------------


def test_only_a_long_guide_has_a_list_of_contents(client: Client) -> None:
    assert "In this guide" in get_guide_text(client, "stakeholder-meeting-rules")
    assert "In this guide" not in get_guide_text(client, "platform-levels")


def test_the_contents_of_a_very_long_guide_list_only_its_groups(client: Client) -> None:
    contents = (
        get_guide_text(client, "works-cited").partition("In this guide")[2].partition("</nav>")[0]
    )
    groups = GuideItem.objects.filter(guide__slug="works-cited").values_list("group", flat=True)
    assert contents.count("<li>") == len(set(groups))


@pytest.mark.parametrize("group", Guide.Group.values)
def test_a_guide_links_to_the_previous_and_next_guide_of_its_group(
    client: Client, group: str
) -> None:
    guides = list(Guide.objects.filter(group=group))
    for before, after in pairwise(guides):
        assert f'rel="next" href="{after.get_absolute_url()}"' in get_guide_in_one_line(
            client, before
        )
        assert f'rel="prev" href="{before.get_absolute_url()}"' in get_guide_in_one_line(
            client, after
        )
    assert 'rel="prev"' not in get_guide_in_one_line(client, guides[0])
    assert 'rel="next"' not in get_guide_in_one_line(client, guides[-1])


def get_guide_in_one_line(client: Client, guide: Guide) -> str:
    return " ".join(get_guide_text(client, guide.slug).split())


def test_the_list_of_guides_links_to_every_group_guide_and_the_planner(client: Client) -> None:
    text = client.get("/guides/").text
    for guide in Guide.objects.all():
        assert f'href="{guide.get_absolute_url()}"' in text
        assert f'href="#{guide.group}"' in text
        assert f'id="{guide.group}"' in text
    assert 'href="/guides/plan/"' in text


def test_the_list_of_guides_begins_with_first_steps_and_ends_with_the_archive(
    client: Client,
) -> None:
    text = client.get("/guides/").text.partition("<main")[2].partition("</main>")[0]
    heads = re.findall(r"<h2[^>]*>(?:\s*<a[^>]*>)?\s*([^<]+?)\s*<", text)
    assert heads[0] == "Start here"
    assert heads[-1] == "Archive 2013–14"
    assert text.index("/start/teacher/") < text.index("/guides/initiative-kinds/")
    archive = text.partition('id="task-force"')[2]
    for guide in Guide.objects.all():
        assert guide.is_archived == (f'href="{guide.get_absolute_url()}"' in archive), guide
    assert "Archive 2013–14" in get_guide_text(client, "task-force")
    assert "Archive 2013–14" not in get_guide_text(client, "national-platform")


def test_a_guide_with_the_slug_of_the_planner_is_invalid() -> None:
    guide = Guide(slug="plan", title="Plan", group="practice", summary="A plan.")
    with pytest.raises(ValidationError, match="Another page has this address"):
        guide.full_clean()

"""Tests of the worksheet: ideas that travelled, the eight conditions, answers in the address."""

from urllib.parse import quote

import pytest
from django.test import Client

from partnerships.models import GuideItem, Lineage
from programmes.models import Programme
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.entries.lineage import list_journeys
from stemobs.pages.worksheet import CONDITIONS, GUIDE, MOST_LETTERS, QUESTIONS, name_journey
from tests import builders
from tests.pages.walk import page_of, section

pytestmark = pytest.mark.django_db
SHEET = "/guides/transfer-conditions/worksheet/"
JET_NET = "jet-net-nl..tektanken"


class TestIdea:
    """An idea that travelled, from the rows of lineage."""

    def test_every_journey_on_record_can_be_chosen(self, client: Client) -> None:
        journeys = list_journeys(get_current_catalogue())
        names = [name_journey(one) for one in journeys]
        assert len(set(names)) == len(names) > 5
        text = client.get(SHEET).text
        assert all(f'value="{name}"' in text for name in names)

    def test_a_chosen_journey_shows_what_stayed_and_what_changed(self, client: Client) -> None:
        text = client.get(SHEET, {"idea": JET_NET}).text
        shared = client.get(SHEET, {"idea": JET_NET}).context["shared"]
        both, origin, target = (
            set(Programme.objects.get(slug=slug).kinds.values_list("name", flat=True))
            for slug in ("jet-net-nl", "jet-net-nl", "tektanken")
        )
        assert set(shared[0].both) == both & target
        assert set(shared[0].origin) == origin - target
        assert set(shared[0].target) == target - origin
        assert f'<option value="{JET_NET}" selected>' in " ".join(text.split())

    def test_ends_that_are_no_programmes_are_not_compared(self, client: Client) -> None:
        strategy = builders.make_strategy(name="A strategy")
        strategy.countries.set([builders.country("FI")])
        origin = Programme.objects.get(slug="jet-net-nl")
        row = builders.make_lineage(
            from_programme=origin, relation=Lineage.Relation.INSPIRED, to_strategy=strategy
        )
        assert row.pk
        text = client.get(SHEET, {"idea": f"jet-net-nl..{strategy.slug}"}).text
        assert "we cannot compare their records" in text

    def test_without_any_journey_the_rest_of_the_sheet_stays(self, client: Client) -> None:
        Lineage.objects.all().delete()
        text = client.get(SHEET).text
        assert 'name="idea"' not in text
        assert 'name="core"' in text


class TestAnswers:
    """Answers are kept in the address, escaped and bounded."""

    def test_the_conditions_are_the_eight_of_the_guide(self, client: Client) -> None:
        items = GuideItem.objects.filter(guide__slug=GUIDE, group=CONDITIONS)
        text = client.get(SHEET).text
        assert items.count() == 8
        assert text.count('type="radio"') == 3 * 8
        assert all(f'name="{item.slug}"' in text for item in items)
        assert 'id="result"' not in text

    def test_every_question_has_the_guide_s_words_on_it(self, client: Client) -> None:
        questions = client.get(SHEET).context["questions"]
        assert [question.name for question in questions] == list(QUESTIONS)
        assert all(question.item for question in questions)

    def test_answers_stay_in_the_form_and_in_the_address(self, client: Client) -> None:
        text = client.get(SHEET, {"core": "Firms & schools", "time": "PARTLY"}).text
        assert "Firms &amp; schools</textarea>" in text
        assert text.count(" checked") == 1
        assert f'{SHEET}?time=partly&amp;core=Firms+%26+schools"' in text
        assert 'content="noindex"' in text

    def test_what_is_missing_is_listed_before_what_is_there_in_part(self, client: Client) -> None:
        answers = {"time": "partly", "leadership": "not-yet", "resources": "yes"}
        told = section(client.get(SHEET, answers).text, "result")
        names = ["Leadership that motivates", "Enough time"]
        assert sorted(names, key=told.index) == names
        assert "Enough resources" not in told

    def test_html_in_an_answer_is_escaped(self, client: Client) -> None:
        text = client.get(SHEET, {"place": '</textarea><script>alert("x")</script>'}).text
        assert "<script>alert" not in text
        assert "&lt;/textarea&gt;&lt;script&gt;" in text

    def test_an_answer_of_the_greatest_length_is_kept(self, client: Client) -> None:
        lines = "é\r\n" * (MOST_LETTERS // 2)
        response = client.get(SHEET, dict.fromkeys(QUESTIONS, lines))
        assert response.status_code == 200
        longest = "&".join(f"{name}={quote('学' * MOST_LETTERS)}" for name in QUESTIONS)
        assert len(longest) < 8_000
        assert client.get(f"{SHEET}?{longest}").status_code == 200

    def test_a_longer_answer_is_refused_by_name_and_can_be_shortened(self, client: Client) -> None:
        text = "x" * (MOST_LETTERS + 1)
        response = client.get(SHEET, {"core": text, "place": "Here"})
        assert response.status_code == 400
        assert f"is longer than {MOST_LETTERS} characters" in response.text
        assert "<code>core=" in response.text
        assert f"{text}</textarea>" in response.text
        assert "Here</textarea>" in response.text

    def test_it_sets_no_cookie(self, client: Client) -> None:
        assert not client.get(SHEET, {"core": "Firms"}).cookies


@pytest.mark.parametrize(
    ("query", "words"),
    {
        "idea=no..where": ["idea=no..where", "is not one of its values"],
        "time=maybe": ["time=maybe", "is not one of its values"],
        "time=yes&time=partly": ["may be given once only"],
        "cores=x": ["cores=x", "we don’t recognise it"],
        "%3Cb%3E=%3Cscript%3E": ["&lt;b&gt;=&lt;script&gt;"],
    }.items(),
)
def test_a_wrong_parameter_is_reported_and_ignored(
    client: Client, query: str, words: list[str]
) -> None:
    response = client.get(f"{SHEET}?{query}")
    assert response.status_code == 200
    assert all(word in response.text for word in words)
    assert 'id="result"' not in response.text


def test_fields_that_were_left_empty_are_no_fault(client: Client) -> None:
    response = client.get(SHEET, dict.fromkeys(["idea", *QUESTIONS], ""), follow=True)
    assert response.status_code == 200
    assert "left out" not in response.text


def test_a_nul_and_a_post_are_refused(client: Client) -> None:
    assert client.get(f"{SHEET}?core=%00").status_code == 400
    assert client.post(SHEET).status_code == 405


def test_the_guide_leads_to_the_worksheet_and_back(client: Client) -> None:
    assert SHEET in page_of(client, "/guides/transfer-conditions/").links
    assert "/guides/transfer-conditions/" in page_of(client, f"{SHEET}?idea={JET_NET}").links

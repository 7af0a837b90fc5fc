"""Tests of the first-step guides: choices in the query, answers, checklists, wrong parameters."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from partnerships.models import Guide, GuideItem, Obstacle
from partnerships.models.research import Criterion
from programmes.models import Programme, TakingPart
from stemobs.pages.start import LEVELS, STARTERS, TIMES
from tests import builders
from tests.pages.walk import page_of, section

pytestmark = pytest.mark.django_db
COMPANY = "/start/company/"
EACH = pytest.mark.parametrize("slug", STARTERS)


class TestWay:
    """Who somebody is, then where: at most four pages lead to an end."""

    def test_the_first_page_leads_to_the_four_guides(self, client: Client) -> None:
        links = page_of(client, "/start/").links
        assert {f"/start/{slug}/" for slug in STARTERS} <= links
        assert len(STARTERS) == 4

    def test_home_guides_and_footer_lead_to_it(self, client: Client) -> None:
        assert "/start/" in page_of(client, "/").links
        assert "/start/" in page_of(client, "/guides/").links
        assert "/start/" in page_of(client, "/about/").links

    @EACH
    def test_a_guide_asks_for_country_and_level_and_answers_nothing_yet(
        self, client: Client, slug: str
    ) -> None:
        text = client.get(f"/start/{slug}/").text
        assert 'name="country"' in text
        assert 'name="level"' in text
        assert ('name="time"' in text) == (slug == "company")
        assert 'id="checklist"' not in text

    @EACH
    def test_the_second_page_has_page_office_checklist_and_programmes(
        self, client: Client, slug: str
    ) -> None:
        address = f"/start/{slug}/?country=SK"
        found = page_of(client, address)
        text = client.get(address).text
        assert re.search(r"<dt>1\. Open</dt>\s*<dd>\s*<a href=", text)
        assert re.search(r"<dt>2\. Ask</dt>\s*<dd>\s*<(a href|b)", text)
        assert len(re.findall('type="checkbox"', text)) >= 7
        shown = found.links - {"/programmes/compare/"}
        shown = {link for link in shown if re.fullmatch(r"/programmes/[\w-]+/", link)}
        assert 1 <= len(shown) <= 3

    def test_the_answer_stays_in_the_address(self, client: Client) -> None:
        text = client.get(f"{COMPANY}?time=DAY&country=uk&level=3").text
        assert f'{COMPANY}?country=GB&amp;level=3&amp;time=day"' in text
        assert text.count(" selected") == 2
        assert text.count(" checked") == 1
        assert 'content="noindex"' in text

    def test_it_sets_no_cookie_and_has_no_account(self, client: Client) -> None:
        response = client.get(f"{COMPANY}?country=SK")
        assert not response.cookies
        assert "password" not in response.text


class TestAnswer:
    """What somebody is told, also where little or nothing is known."""

    def test_only_running_programmes_with_an_open_way_in_are_shown(self, client: Client) -> None:
        for code in ("SK", "NL", "PT"):
            context = client.get(COMPANY, {"country": code}).context
            for offer in [*context["fit"].here, *context["fit"].beyond]:
                assert offer.programme.status == Programme.Status.ACTIVE
                assert offer.way.is_open
                assert offer.way.audience == TakingPart.Audience.COMPANIES

    def test_a_small_firm_in_slovakia_with_a_day_finds_a_day_to_host(self, client: Client) -> None:
        text = client.get(COMPANY, {"country": "SK", "time": "day"}).text
        assert "Girl’s Day Slovakia" in text or "Girl&#x27;s Day Slovakia" in text
        assert "What is realistic with a day" in text
        assert "takes longer" in text or "take longer" in text or "Time" in text

    def test_what_takes_longer_is_told_and_linked(self, client: Client) -> None:
        one = builders.make_programme(status="active", countries=[builders.country("CU")])
        builders.make_way_in(one, audience="companies", time="One school year")
        text = client.get(COMPANY, {"country": "CU", "time": "hours"}).text
        assert "1 more programme in your country takes longer than that." in text
        assert 'href="?country=CU&amp;time=more"' in text
        assert one.name not in section(text, "answer")
        assert one.name in client.get(COMPANY, {"country": "CU", "time": "more"}).text

    def test_what_gives_no_time_what_is_over_and_what_is_of_a_region_is_said(
        self, client: Client
    ) -> None:
        fields = {"scope": "regional", "region": "Havana", "duration": "one-off"}
        one = builders.make_programme(status="active", countries=[builders.country("CU")], **fields)
        builders.make_way_in(one, audience="companies", how="Give prizes.", when="In May 2021")
        told = section(client.get(COMPANY, {"country": "CU", "time": "hours"}).text, "answer")
        assert "We know of no offer in Cuba for an hour or two." in told
        assert "they ask for money or gifts, not for your time" in told
        assert "Only in: Havana" in told
        assert "These dates are of 2021 and are over." in told
        assert "The programme itself: one-off" in told

    def test_an_unknown_time_is_said_to_be_unknown(self, client: Client) -> None:
        one = builders.make_programme(status="active", countries=[builders.country("CU")])
        builders.make_way_in(one, audience="companies")
        told = section(client.get(COMPANY, {"country": "CU", "time": "hours"}).text, "answer")
        assert one.name in told
        assert "Time Not known yet" in told

    def test_a_country_without_a_programme_and_office_says_so(self, client: Client) -> None:
        Programme.objects.update(state=Programme.State.DRAFT)
        told = section(client.get("/start/teacher/", {"country": "CU"}).text, "answer")
        assert "We know of no running programme in Cuba" in told
        assert "We know of no office in Cuba to ask yet." in told
        assert "Beyond" not in told

    def test_what_is_beyond_stands_under_a_heading_of_its_own(self, client: Client) -> None:
        told = section(client.get("/start/teacher/", {"country": "CU"}).text, "answer")
        assert "Beyond Cuba" in told
        assert told.index("We know of no running programme") < told.index("Beyond Cuba")

    def test_a_policy_maker_gets_the_country_s_page_and_platform(self, client: Client) -> None:
        text = client.get("/start/policy-maker/", {"country": "EE"}).text
        told = section(text, "answer")
        assert '<a href="/countries/ee/">Estonia</a>' in text
        assert "2. Ask Estonian Research Council" in told

    def test_an_office_stands_once_and_a_country_with_its_article(self, client: Client) -> None:
        answer = client.get("/start/teacher/", {"country": "NL"})
        told = section(answer.text, "answer")
        assert "Programmes that fit in the Netherlands" in told
        assert "Who else to ask in the Netherlands" in told
        leading = {platform.organisation for platform in answer.context["platforms"]}
        assert leading
        assert leading.isdisjoint(answer.context["coordinators"])

    def test_a_policy_maker_sees_the_strongest_evidence_first(self, client: Client) -> None:
        offers = client.get("/start/policy-maker/", {"country": "NL"}).context["fit"].here
        steps = [offer.programme.evidence for offer in offers]
        assert steps == sorted(steps, key=["independent", "monitored", "reported", "none"].index)

    def test_the_rules_are_told(self, client: Client) -> None:
        text = client.get(COMPANY, {"country": "SK"}).text
        assert "How we chose" in text
        assert "What ended is never shown." in text
        assert "What names a longer time than you have is left out." in text


class TestChecklists:
    """Short, in our own words, each line with the guide that it rests on."""

    @EACH
    def test_every_guide_that_a_checklist_links_has_the_part(self, slug: str) -> None:
        template = Path(settings.BASE_DIR) / "templates" / STARTERS[slug].checklist
        text = " ".join(template.read_text().split())
        links = re.findall(r'slug="([\w-]+)" anchor="([\w-]*)"', text)
        assert len(links) == text.count("check.html") >= 7
        parts = {*GuideItem.objects.values_list("guide__slug", "slug")}
        for guide, model in (("good-practice", Criterion), ("obstacles", Obstacle)):
            parts |= {(guide, term) for term in model.objects.values_list("slug", flat=True)}
        for guide, anchor in links:
            assert Guide.objects.filter(slug=guide).exists()
            assert not anchor or (guide, anchor) in parts

    @EACH
    def test_sentences_are_short(self, slug: str) -> None:
        template = Path(settings.BASE_DIR) / "templates" / STARTERS[slug].checklist
        for words in re.findall(r'_\("([^"]+)"\)', template.read_text()):
            assert len(words.split()) <= 20, words


class TestWrongParameters:
    """What is wrong is said and left out; nothing is an error of the server."""

    @pytest.mark.parametrize(
        ("query", "words"),
        {
            "country=XX": ["country=XX", "is not one of its values"],
            "country=none": ["is not one of its values"],
            "country=SK&country=CZ": ["may be given once only"],
            "country=SK&level=7": ["level=7", "is not one of its values"],
            "country=SK&time=week": ["time=week", "is not one of its values"],
            "country=" + "9" * 400: ["is not one of its values"],
            "cuontry=SK": ["cuontry=SK", "we don’t recognise it"],
            "%3Cb%3E=%3Cscript%3E": ["&lt;b&gt;=&lt;script&gt;"],
        }.items(),
    )
    def test_a_wrong_parameter_is_reported_and_ignored(
        self, client: Client, query: str, words: list[str]
    ) -> None:
        response = client.get(f"{COMPANY}?{query}")
        assert response.status_code == 200
        assert all(word in response.text for word in words)

    def test_only_a_company_is_asked_for_its_time(self, client: Client) -> None:
        text = client.get("/start/teacher/?country=SK&time=day").text
        assert "time=day</code>" in text
        assert "we don’t recognise it" in text

    def test_the_list_of_guides_takes_no_parameter(self, client: Client) -> None:
        response = client.get("/start/?country=SK")
        assert response.status_code == 200
        assert "we don’t recognise it" in response.text

    def test_fields_that_were_left_empty_are_no_fault(self, client: Client) -> None:
        response = client.get(f"{COMPANY}?country=&level=&time=", follow=True)
        assert response.redirect_chain == [(COMPANY, 302)]
        assert "left out" not in response.text
        assert "Choose your country" not in response.text

    def test_without_a_country_it_is_asked_for(self, client: Client) -> None:
        text = client.get(f"{COMPANY}?country=&level=2", follow=True).text
        assert "Choose your country" in text
        assert 'id="answer"' not in text

    def test_a_nul_and_a_post_are_refused(self, client: Client) -> None:
        assert client.get(f"{COMPANY}?country=%00").status_code == 400
        assert client.post(COMPANY).status_code == 405

    def test_an_unknown_guide_is_not_there(self, client: Client) -> None:
        assert client.get("/start/minister/").status_code == 404


@EACH
@pytest.mark.parametrize("level", LEVELS)
def test_every_level_answers(client: Client, slug: str, level: str) -> None:
    assert client.get(f"/start/{slug}/", {"country": "LV", "level": level}).status_code == 200


@pytest.mark.parametrize("time", TIMES)
def test_every_choice_of_time_has_words_on_what_is_realistic(client: Client, time: str) -> None:
    page_of(client, f"{COMPANY}?country=SK&time={time}")
    assert "Realistic" in client.get(COMPANY, {"country": "SK", "time": time}).text

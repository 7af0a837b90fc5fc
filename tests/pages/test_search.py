"""Tests of the search over everything: groups, suggestions, wrong input, the state it shows.

A plain scan of the database says what has to be found, with the meaning of words that lists have.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from partnerships.models import (
    Criterion,
    Guide,
    GuideItem,
    NationalPlatform,
    Obstacle,
    Organisation,
    Strategy,
)
from programmes.models import CareerFactor, Country, Evaluation, InitiativeKind, Programme
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.insights.insights import get_insights
from stemobs.pages.search import Everything, index_guides
from stemobs.selection.everything import GROUPS
from tests import builders, chance, model
from tests.loose import Loose
from tests.model import ELSEWHERE, Text, full_words

pytestmark = pytest.mark.django_db


def ask(q: str) -> Everything:
    search = Everything(QueryDict(urlencode({"q": q})), get_current_catalogue())
    assert search.problems == []
    return search


def find(q: str) -> dict[str, set[str]]:
    """Return the slugs that a search finds, by group."""
    search = ask(q)
    return {
        group: {search.indexes[group].entries[pk].slug for pk in found.matched}
        for group, found in search.found.items()
    }


# --- A plain scan of everything -------------------------------------------------------------------


class Row(NamedTuple):
    """Something to find: its slug, its names, its other texts, and the values that words mean."""

    slug: str
    names: list[Text]
    texts: list[Text]
    values: dict[str, set[str]]


def make_row(slug: str, names: list[str], texts: list[str], **values: set[str]) -> Row:
    return Row(slug, [*map(full_words, names)], [*map(full_words, texts)], values)


def read_countries() -> Iterator[Row]:
    for one in Country.objects.all():
        names = [one.name, *ELSEWHERE.get(one.code, [])]
        yield make_row(one.code, names, [one.note], country={one.code})


def read_organisations() -> Iterator[Row]:
    for one in Organisation.objects.select_related("country").prefetch_related("names"):
        names = [one.name, one.slug, *(other.name for other in one.names.all())]
        country = {one.country.code if one.country else "none"}
        yield make_row(one.slug, names, [], country=country, type={one.type})


def read_guides() -> Iterator[Row]:
    terms: dict[str, Any] = {
        "initiative-kinds": InitiativeKind, "career-factors": CareerFactor,
        "obstacles": Obstacle, "criteria": Criterion,
    }  # fmt: skip
    for guide in Guide.objects.all():
        yield make_row(f"{guide.slug}#", [guide.title], [guide.summary])
        for term in terms[guide.vocabulary].objects.all() if guide.vocabulary else ():
            yield make_row(f"{guide.slug}#{term.slug}", [term.name], [term.description])
    for item in GuideItem.objects.select_related("guide").prefetch_related("countries"):
        codes = {country.code for country in item.countries.all()}
        slug = f"{item.guide.slug}#{item.slug}"
        yield make_row(slug, [item.heading], [item.text], country=codes)


def read_findings() -> Iterator[Row]:
    for one in Evaluation.objects.select_related("programme"):
        of = one.programme
        if one.object != "programme" or one.result == "not-on-record" or of.state != "published":
            continue
        countries = of.countries.all()
        texts = [one.finding, one.method, one.sample, of.name, of.short_name]
        texts += [one.get_design_display(), one.get_result_display()]
        texts += [country.name for country in countries]
        codes = {country.code for country in countries}
        yield make_row(str(one.pk), [one.headline], texts, country=codes)


def read_platforms() -> Iterator[Row]:
    for one in NationalPlatform.objects.all():
        yield make_initiative_row(one, one.mandate)


def read_strategies() -> Iterator[Row]:
    for one in Strategy.objects.all():
        yield make_initiative_row(one, one.summary)


def make_initiative_row(one: NationalPlatform | Strategy, told: str) -> Row:
    countries = one.countries.all()
    texts = [told, one.note, one.region, *(country.name for country in countries)]
    codes = {country.code for country in countries} or {"none"}
    return make_row(one.slug, [one.name, one.native_names], texts, country=codes)


def read_insights() -> Iterator[Row]:
    for one in get_insights(get_current_catalogue()):
        yield make_row(one.slug, [one.name, one.finding], [one.subject, one.note])


READERS = {
    "countries": read_countries, "organisations": read_organisations, "guides": read_guides,
    "platforms": read_platforms, "strategies": read_strategies,
    "findings": read_findings, "insights": read_insights,
}  # fmt: skip


@pytest.fixture(scope="module")
def everything(django_db_setup: None, django_db_blocker: Any) -> dict[str, list[Row]]:
    with django_db_blocker.unblock():
        return {group: list(read()) for group, read in READERS.items()}


def scan(rows: list[Row], q: str) -> set[str]:
    """Return the slugs of the rows that have every word of a search, in whichever form."""
    known = frozenset(word for row in rows for text in row.names + row.texts for word in text)
    loose = Loose(model.others(), re.findall(r"[^\W_]+", q), q[-1].isalnum(), known)
    tests = model.parts_of(q)
    return {
        row.slug
        for row in rows
        if model.tier(row.names, row.texts, tests) is not None
        or loose.tier(row.names, row.texts, row.values) is not None
    }


@chance.steady(8)
@given(data=st.data())
def test_a_group_holds_exactly_what_a_plain_scan_finds(
    everything: dict[str, list[Row]], data: st.DataObject
) -> None:
    group = data.draw(st.sampled_from(sorted(READERS)))
    rows = everything[group]
    row = data.draw(st.sampled_from(rows))
    words = sorted({word for text in row.names + row.texts for word in text})
    q = " ".join(data.draw(st.lists(st.sampled_from(words), min_size=1, max_size=2)))
    q = q[: data.draw(st.integers(2, len(q)))].strip() if len(q) > 2 else q
    assert find(q)[group] == scan(rows, q)


def test_the_programmes_found_are_those_of_their_list(client: Client) -> None:
    for q in ("girls robots", "esto", "jetnet"):
        listed = client.get("/programmes/", {"q": q}).context["selection"]
        assert [*ask(q).found["programmes"].matches] == [*listed.matches]


@pytest.mark.parametrize(
    ("q", "group", "slug"),
    [
        ("esto", "countries", "EE"),
        ("Niederlande", "countries", "NL"),
        ("holland", "countries", "NL"),
        ("jetnet", "programmes", "jet-net-nl"),
        ("maths", "programmes", "crest-awards"),
        ("PTvT", "organisations", "ptvt"),
        ("round table", "guides", "country-estonia#"),
        ("travelled", "insights", "timeline"),
        ("STEM Agenda 2030", "strategies", "stem-agenda-2030-flanders"),
        ("Delta Plan", "strategies", "deltaplan-beta-techniek"),
        ("Flanders", "strategies", "stem-agenda-2030-flanders"),
        ("Flemish STEM Platform", "platforms", "flemish-stem-platform"),
    ],
)
def test_words_find_what_they_mean(q: str, group: str, slug: str) -> None:
    assert slug in find(q)[group]


# --- The page -------------------------------------------------------------------------------------


def show(client: Client, **parameters: Any) -> Any:
    response = client.get("/search/", parameters)
    assert response.status_code == 200
    return response


def test_the_best_group_comes_first_and_the_others_in_their_order(client: Client) -> None:
    for q, first in (("esto", "countries"), ("siemens stiftung", "organisations")):
        groups = [group.kind for group in show(client, q=q).context["groups"]]
        assert groups[0] == first
        order = [*GROUPS]
        assert groups[1:] == [kind for kind in order if kind in groups[1:]]


@pytest.mark.parametrize("q", ["jet-net", "Jet-Net", "crest", "technology pact"])
def test_what_begins_with_the_words_comes_first_in_its_group(client: Client, q: str) -> None:
    groups = {group.kind: group.results for group in show(client, q=q).context["groups"]}
    names = [result.name.casefold() for result in groups["programmes"]]
    assert names[0].startswith(q.casefold())
    assert len({result.url for result in groups["programmes"]}) == len(names)


def test_all_results_of_a_group_are_as_many_as_it_says(client: Client) -> None:
    groups = show(client, q="girls").context["groups"]
    assert {"programmes", "guides"} <= {group.kind for group in groups if group.has_more}
    for group in groups:
        assert client.get(group.url).context["page"].paginator.count == group.count
        assert len(group.results) == min(group.count, 4)


def test_searched_words_are_marked_and_html_in_them_is_escaped(client: Client) -> None:
    assert "<mark>Estonia</mark>" in show(client, q="estonia").text
    assert "<script>x" not in show(client, q="<script>x</script>").text


def test_a_guide_leads_to_the_part_that_has_the_words(client: Client) -> None:
    parts = index_guides(get_current_catalogue())[1]
    some = Guide.objects.exclude(vocabulary="").values_list("slug", flat=True)
    for slug in (*some, "country-estonia"):
        page = client.get(f"/guides/{slug}/").text
        anchors = [part.anchor for part in parts if part.slug == slug and part.anchor]
        assert [anchor for anchor in anchors if f'id="{anchor}"' not in page] == []


def test_a_finding_leads_to_what_its_record_says_of_studies(client: Client) -> None:
    results = show(client, q="girls", type="findings").context["results"]
    page, _mark, anchor = results[0].url.partition("#")
    assert f'id="{anchor}"' in client.get(page).text


def test_without_words_the_page_says_what_can_be_found(client: Client) -> None:
    page = show(client)
    told = {way.name: way.text for way in page.context["ways"]}
    assert told["Programmes"].startswith(f"{Programme.objects.published().count()} ")
    assert told["Guides"].startswith(f"{Guide.objects.count()} ")
    assert "noindex" not in page.text
    assert "noindex" in show(client, q="girls").text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("Estonai", "Estonia"), ("tehcniekpact", "techniekpact"), ("jet-net zzzzzz", "jet-net")],
)
def test_a_search_that_finds_nothing_offers_one_that_does(
    client: Client, typed: str, meant: str
) -> None:
    page = show(client, q=typed)
    assert page.context["selection"].suggestion.casefold() == meant.casefold()
    assert find(meant)


def test_nothing_found_is_said_with_ways_on(client: Client) -> None:
    page = show(client, q="zzzzzz qqqqqq")
    assert "Nothing found" in page.text
    assert 'href="/programmes/"' in page.text
    assert 'href="/evidence/"' in page.text


def test_a_town_of_the_records_is_found_with_or_without_its_accents() -> None:
    found = find("Zilina")["organisations"]
    assert "university-of-zilina" in found
    assert found == find("Žilina")["organisations"]


def test_a_town_that_no_record_names_leads_to_the_countries(client: Client) -> None:
    page = show(client, q="Sevilla").text
    assert re.search(r'town or a region.*?<a href="/countries/">Choose your country', page, re.S)


# --- Wrong input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"q": "a" * 201}, "is longer than 200 characters"),
        ({"q": "!?"}, "has no letter and no digit"),
        ({"q": "girls", "type": "people"}, "is not one of its values"),
        ({"q": "girls", "kind": "x"}, "(<code>kind=x</code>) because we don’t recognise it"),
        ({"q": ["a", "b"]}, "may be given once only"),
    ],
)
def test_a_wrong_parameter_is_named_and_left_out(
    client: Client, parameters: dict[str, Any], told: str
) -> None:
    assert told in show(client, **parameters).text
    assert client.get("/search/suggestions/", parameters).status_code == 400


def test_a_page_past_the_end_does_not_exist(client: Client) -> None:
    assert client.get("/search/?q=girls&type=guides&page=9").status_code == 404


# --- Suggestions ----------------------------------------------------------------------------------


def test_suggestions_are_links_to_the_best_results_in_a_list_box(client: Client) -> None:
    response = client.get("/search/suggestions/?q=esto")
    assert "<html" not in response.text
    links = re.findall(r'role="option"\s+id="([\w-]+)"[^>]*href="([^"]+)"', response.text)
    assert len({name for name, _url in links}) == len(links) == response.context["number"]
    shown = [result.url for g in show(client, q="esto").context["groups"] for result in g.results]
    assert {url for _name, url in links} <= {*shown}
    assert 'role="listbox"' in response.text


def test_where_nothing_is_found_it_is_said_and_there_is_no_list_box(client: Client) -> None:
    text = client.get("/search/suggestions/?q=zzzzzz").text
    assert "listbox" not in text
    assert 'data-said="No suggestions."' in text


# --- State ----------------------------------------------------------------------------------------


def test_drafts_and_unknown_results_are_never_found() -> None:
    programme = builders.make_programme(name="Quokka rally", slug="quokka-rally")
    finding = {"headline": "that quokkas like robots", "result": "positive"}
    study = builders.make_evaluation(programme, **finding)
    assert find("quokkas")["findings"] == {str(study.pk)}
    Evaluation.objects.filter(pk=study.pk).update(result="not-on-record", headline="")
    assert "findings" not in find("quokka")
    Evaluation.objects.filter(pk=study.pk).update(**finding)
    Programme.objects.filter(pk=programme.pk).update(state="draft")
    assert find("quokka") == {}


def test_words_for_designs_and_results_find_the_findings_of_such_studies() -> None:
    studies = Evaluation.objects.exclude(result="not-on-record").filter(object="programme")
    for q, fields in (("randomised", {"design": "randomised-trial"}),
                      ("matched comparison", {"design": "matched-comparison"}),
                      ("positive", {"result": "positive"})):  # fmt: skip
        wanted = {str(pk) for pk in studies.filter(**fields).values_list("pk", flat=True)}
        assert wanted
        assert wanted <= find(q)["findings"]


def test_a_new_name_of_a_strategy_is_found_at_once(client: Client) -> None:
    strategy = Strategy.objects.earliest("pk")
    Strategy.objects.filter(pk=strategy.pk).update(name="Quokka accord")
    assert find("quokka") == {"strategies": {strategy.slug}}
    assert show(client, q="quokka").context["groups"][0].results[0].url == (
        strategy.get_absolute_url()
    )


def test_what_ended_is_not_told_as_running_since(client: Client) -> None:
    (first, *_others) = show(client, q="teknikspanarna").context["groups"][0].results
    assert "since" not in first.text.partition(". ")[0]


def test_a_new_guide_is_found_at_once() -> None:
    builders.make_guide(slug="quokkas", title="Care of quokkas", summary="None.")
    assert find("quokkas") == {"guides": {"quokkas#"}}


def test_a_search_itself_asks_nothing_of_the_database() -> None:
    catalogue = get_current_catalogue()
    Everything(QueryDict("q=girls"), catalogue).found  # noqa: B018
    with CaptureQueriesContext(connection) as captured:
        assert Everything(QueryDict("q=robots and girls"), catalogue).found
    assert len(captured) == 0


def test_a_known_answer_is_not_sent_again(client: Client) -> None:
    for address in ("/search/?q=esto", "/search/suggestions/?q=esto"):
        tag = client.get(address).headers["ETag"]
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 304

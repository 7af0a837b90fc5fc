"""Tests of texts on particular pages, of canonical addresses, and of wrong parameters."""

import re

import html5lib
import pytest
from django.conf import LazySettings
from django.test import Client

from partnerships.models import Guide, Organisation
from programmes.models import EvidenceStep, Field, Programme
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.entries.lineage import list_journeys
from tests import builders
from tests.model import is_own_programme
from tests.pages.walk import (
    plain,
    section,
)

pytestmark = pytest.mark.django_db


# --- What particular pages say --------------------------------------------------------------------


def test_jet_net_shows_every_differing_company_count_with_its_source(client: Client) -> None:
    text = client.get("/programmes/jet-net-nl/").text
    differences = section(text, "differences")
    programme = Programme.objects.get(slug="jet-net-nl")
    point = next(d for d in programme.discrepancies.all() if "compan" in d.about.lower())
    assert len(point.claims.all()) >= 4
    for claim in point.claims.all():
        assert re.search(re.escape(claim.statement) + r"\s*\[\d+\]", differences), claim
    assert "sources differ" in section(text, "reach")


def test_stem_at_home_says_that_its_impact_was_declared_not_available(client: Client) -> None:
    impact = section(client.get("/programmes/stem-at-home/").text, "takes")
    assert "Not published, as the source says: impact" in impact
    assert re.search(r"\[\d+\]", impact)


def test_the_teacher_academy_shows_both_of_its_end_years(client: Client) -> None:
    differences = section(client.get("/programmes/stem-teacher-academy/").text, "differences")
    programme = Programme.objects.get(slug="stem-teacher-academy")
    point = next(d for d in programme.discrepancies.all() if d.field == Field.YEAR_END)
    years = {
        year for claim in point.claims.all() for year in re.findall(r"\b20\d\d\b", claim.statement)
    }
    assert len(years) >= 2
    assert all(year in differences for year in years)


@pytest.mark.data
def test_every_reach_figure_has_the_number_of_its_source(client: Client) -> None:
    for programme in Programme.objects.published().exclude(reach=None).distinct()[:40]:
        reach = section(client.get(programme.get_absolute_url()).text, "reach")
        rows = programme.reach.exclude(source=None).count()
        assert len(re.findall(r"\[\d+\]", reach)) >= rows, programme


def test_the_numbers_on_the_home_page_equal_counts_from_the_database(client: Client) -> None:
    response = client.get("/")
    published = Programme.objects.published()
    with_evidence = published.with_evidence()
    root = html5lib.parse(response.text, treebuilder="etree", namespaceHTMLElements=False)
    numbers = next(e for e in root.iter("ul") if e.get("class") == "ledger-row")
    assert [next(item.iter("b")).text for item in numbers.iter("li")] == [
        str(published.count()),
        str(with_evidence.filter(evidence=EvidenceStep.INDEPENDENT).count()),
        str(with_evidence.filter(evidence=EvidenceStep.NONE).count()),
        str(len(list_journeys(get_current_catalogue()))),
    ]
    own = [one for one in published.prefetch_related("countries") if is_own_programme(one)]
    countries = {country for one in own for country in one.countries.all()}
    told = plain(root)
    assert f" STEM programmes from {len(countries)} countries" in told


def test_no_list_mentions_a_draft(client: Client) -> None:
    name = "Zebrafinch Laboratory"
    nl = builders.country("NL")
    organisation = Organisation.objects.get(slug="shell")
    draft = builders.make_programme(name=name, state=Programme.State.DRAFT, countries=[nl],
                                    is_highlighted=True)  # fmt: skip
    builders.make_partnership(draft, organisation)
    builders.make_story(draft)
    guide = Guide.objects.first()
    builders.make_guide_item(guide, [draft])
    for address in (
        "/",
        "/programmes/",
        "/programmes/?q=zebrafinch",
        "/programmes/?country=NL&page_size=100",
        "/countries/",
        "/countries/nl/",
        "/organisations/shell/",
        "/about/",
        guide.get_absolute_url(),
        "/feeds/programmes.rss",
    ):
        text = client.get(address).text
        assert name not in text, address
        assert draft.slug not in text, address
    assert client.get(draft.get_absolute_url()).status_code == 404


# --- Canonical addresses and wrong input ----------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "told"),
    {
        "level=3&country=nl": "country=NL&level=3",
        "country=NL,FI": "country=FI,NL",
        "country=NL&country=FI&page=1": "country=FI,NL",
        "sort=evidence": "",
        "q=robots&sort=relevance": "q=robots",
        "sort=name&page=2": "",
        "q=+robots+": "q=robots",
        "contry=NL": "",
        "country=NL&level=99": "country=NL",
    }.items(),
)
def test_one_selection_has_one_canonical_address(
    client: Client, settings: LazySettings, asked: str, told: str
) -> None:
    root = html5lib.parse(
        client.get(f"/programmes/?{asked}").text, treebuilder="etree", namespaceHTMLElements=False
    )
    links = [link.get("href") for link in root.iter("link") if link.get("rel") == "canonical"]
    assert links == [f"{settings.SITE_URL}/programmes/" + (f"?{told}" if told else "")]


def test_a_start_range_in_the_wrong_order_is_reported_and_ignored(client: Client) -> None:
    response = client.get("/programmes/?started_from=2020&started_to=2010&country=NL")
    assert [one.parameter for one in response.context["problems"]] == ["started_from", "started_to"]
    assert response.context["canonical_query"] == "country=NL"
    assert "is later than 2010 in started_to" in response.text


@pytest.mark.parametrize(
    ("query", "words"),
    {
        "contry=NL": ["contry"],
        "country=XX": ["XX"],
        "level=9": ["9"],
        "started_from=soon": ["soon"],
        "sort=best": ["best"],
        "q=%21": ["!"],
        "page=zero": ["zero"],
        "type=%3Cscript%3E": ["&lt;script&gt;"],
    }.items(),
)
def test_a_wrong_parameter_of_the_list_is_reported_and_ignored(
    client: Client, query: str, words: list[str]
) -> None:
    response = client.get(f"/programmes/?{query}")
    assert response.status_code == 200
    name = query.partition("=")[0]
    problems = response.context["problems"]
    assert [problem.parameter for problem in problems] == [name]
    main = response.text.partition("<main")[2]
    told = "because we don’t recognise it" if problems[0].is_foreign else problems[0].reason
    assert all(word in main for word in [*words, str(told)])
    assert response.context["page"].paginator.count == Programme.objects.published().count()

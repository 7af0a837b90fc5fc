"""Tests of JSON-LD and JSON of programmes and organisations, and of content negotiation."""

import json

import pytest
from django.test import Client
from rdflib import RDF, SDO, Namespace, URIRef

from partnerships.models import Lineage, Organisation
from programmes.models import Programme
from tests import builders
from tests.graphs import read, told

pytestmark = pytest.mark.django_db

NEWER = Namespace(str(SDO))  # schema.org including terms that rdflib does not know yet
PAGE = "/programmes/jet-net-nl/"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


def test_json_ld_of_a_programme_has_names_partners_sources_and_lineage(
    client: Client, settings: pytest.FixtureRequest
) -> None:
    response = client.get("/programmes/jet-net-nl.jsonld")
    assert (response.status_code, response["Content-Type"]) == (200, "application/ld+json")
    graph = read(response.content)
    page = f"{settings.SITE_URL}{PAGE}"
    this = URIRef(f"{page}#this")
    one = Programme.objects.get(slug="jet-net-nl")
    assert told(graph, this, SDO.sameAs) == {one.website}
    assert {row.name for row in one.names.all()} <= told(graph, this, SDO.alternateName)
    for role, predicate in (("founder", SDO.founder), ("funder", SDO.funder)):
        rows = one.partnerships.filter(role=role).select_related("organisation")
        assert told(graph, this, predicate, SDO.name) == {row.organisation.name for row in rows}
    cited = told(graph, URIRef(page), SDO.citation, SDO.name)
    assert {row.source.title for row in one.citations.exclude(source=None)} <= cited
    derived = Lineage.objects.filter(to_programme=one, relation="adapted-as").count()
    assert derived <= len(told(graph, this, SDO.isBasedOn))
    figures = list(graph.subjects(NEWER.observationAbout, this))
    assert len(figures) == one.reach.count()


def test_json_ld_gives_a_qualified_figure_as_minimum_or_maximum(client: Client) -> None:
    programme = builders.make_programme()
    for qualifier, value, most in (("exact", 5, None), ("over", 4500, None), ("nearly", 70, None),
                                   ("range", 20, 30), ("about", 600, None)):  # fmt: skip
        builders.make_reach(programme, value, qualifier=qualifier, value_max=most)
    data = client.get(f"/programmes/{programme.slug}.jsonld").json()
    numbers = ("value", "minValue", "maxValue")
    assert [
        {name: figure[name] for name in numbers if name in figure}
        for figure in data["@reverse"]["observationAbout"]
    ] == [{"value": 5}, {"minValue": 4500}, {"maxValue": 70}, {"minValue": 20, "maxValue": 30}, {}]


def test_json_ld_gives_a_former_partner_as_a_role_with_an_end_date(client: Client) -> None:
    programme, organisation = builders.make_programme(), builders.make_organisation()
    builders.make_partnership(programme, organisation, "former-partner", until=2019)
    (role,) = client.get(f"/programmes/{programme.slug}.jsonld").json()["member"]
    assert (role["@type"], role["roleName"], role["endDate"]) == ("Role", "Former partner", "2019")
    assert role["member"]["name"] == organisation.name


def test_json_ld_leaves_out_facts_that_are_not_known(client: Client) -> None:
    programme = builders.make_programme()

    def empty(value: object) -> bool:
        if isinstance(value, dict):
            return not value or any(map(empty, value.values()))
        return value in (None, "", []) or (isinstance(value, list) and any(map(empty, value)))

    data = client.get(f"/programmes/{programme.slug}.jsonld").json()
    assert not empty(data)
    assert "startDate" not in data
    assert "areaServed" not in data


def test_json_ld_of_an_organisation_has_its_type_and_names(
    client: Client, settings: pytest.FixtureRequest
) -> None:
    graph = read(client.get("/organisations/shell.jsonld").content)
    this = URIRef(f"{settings.SITE_URL}/organisations/shell/#this")
    shell = Organisation.objects.get(slug="shell")
    assert (this, RDF.type, SDO.Corporation) in graph
    assert told(graph, this, SDO.name) == {shell.name}
    assert told(graph, this, SDO.alternateName) == {row.name for row in shell.names.all()}


@pytest.mark.parametrize("ending", ["jsonld", "json"])
def test_data_of_moved_draft_and_withdrawn_programmes_answer_like_their_page(
    client: Client, ending: str
) -> None:
    one, draft = builders.make_programme(), builders.make_programme(state=Programme.State.DRAFT)
    gone = builders.make_programme(state=Programme.State.WITHDRAWN, withdrawn_reason="Wrong.")
    merged = builders.make_programme(state=Programme.State.WITHDRAWN, merged_into=one)
    builders.make_former_slug(one, "old-address")
    builders.make_former_slug(draft, "old-draft")
    for slug, status in (("old-address", 301), (merged.slug, 301), (draft.slug, 404),
                         ("old-draft", 404), ("nothing", 404), (gone.slug, 410)):  # fmt: skip
        response = client.get(f"/programmes/{slug}.{ending}")
        assert response.status_code == status, slug
        if status == 301:
            assert response["Location"] == f"/programmes/{one.slug}.{ending}"
    assert client.get(f"/programmes/{one.slug}.{ending}?fields=name").status_code == 400
    assert client.get("/organisations/nothing." + ending).status_code == 404


def test_the_json_of_a_page_redirects_to_the_api(client: Client) -> None:
    for page, api in (
        ("/programmes/jet-net-nl.json", "/api/v1/programmes/jet-net-nl/"),
        ("/organisations/shell.json", "/api/v1/organisations/shell/"),
    ):
        response = client.get(page)
        assert (response.status_code, response["Location"]) == (302, api)
        assert client.get(api).status_code == 200


@pytest.mark.parametrize(
    ("accept", "ending"),
    {
        "": "", "*/*": "", BROWSER: "", "text/html": "", "application/xhtml+xml": "",
        "application/ld+json": "jsonld",
        "application/ld+json, text/html;q=0.9": "jsonld",
        "text/html, application/ld+json;q=0.9": "",
        "application/json": "json",
        "application/json, text/plain, */*": "json",
        "application/ld+json;q=0": "", "text/turtle": "", "nonsense": "", ";;q=,/,": "",
        "text/html; a*=no-such-encoding''x": "", "text/html; q=nan": "",
        "*/*" + "," * 4000: "",
    }.items(),
)  # fmt: skip
def test_a_page_redirects_to_data_if_the_accept_header_prefers_it(
    client: Client, accept: str, ending: str
) -> None:
    response = client.get(PAGE, headers={"Accept": accept})
    assert "Accept" in response["Vary"].split(", ")
    if ending:
        assert response.status_code == 303
        assert response["Location"] == f"/programmes/jet-net-nl.{ending}"
    else:
        assert response.status_code == 200
        assert response["Content-Type"].startswith("text/html")


def test_the_etag_of_a_page_does_not_match_the_data_of_the_same_programme(client: Client) -> None:
    tag = client.get(PAGE)["ETag"]
    assert client.get(PAGE, headers={"If-None-Match": tag}).status_code == 304
    for kind in ("application/ld+json", "application/json"):
        headers = {"If-None-Match": tag, "Accept": kind}
        assert client.get(PAGE, headers=headers).status_code == 303
    data = client.get("/programmes/jet-net-nl.jsonld")
    assert data["ETag"] != tag
    again = {"If-None-Match": data["ETag"]}
    assert client.get("/programmes/jet-net-nl.jsonld", headers=again).status_code == 304


def test_markup_in_a_name_is_escaped_in_pages_and_json_ld(client: Client) -> None:
    name = '</script><script>alert(1)</script><!--"\u2028'
    programme = builders.make_programme(name=name)
    programme.refresh_from_db()
    organisation = builders.make_organisation(name=name)
    builders.make_partnership(programme, organisation)
    for page in (programme.get_absolute_url(), organisation.get_absolute_url()):
        assert "<script>alert" not in client.get(page).text
    assert (
        json.loads(client.get(f"/programmes/{programme.slug}.jsonld").content)["name"]
        == programme.name
    )

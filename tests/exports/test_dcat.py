"""The description of the data at /catalogue.jsonld, parsed by rdflib."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from pyshacl import validate
from rdflib import DCAT, DCTERMS, RDF, Graph, URIRef

from programmes.models import Programme
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.publisher import LICENCE_ADDRESS as LICENCE
from tests.graphs import read, told

pytestmark = pytest.mark.django_db


def test_the_description_lists_data_sets_with_licence_and_files_that_exist(
    client: Client, settings: LazySettings
) -> None:
    response = client.get("/catalogue.jsonld")
    assert (response.status_code, response["Content-Type"]) == (200, "application/ld+json")
    graph = read(response.content)
    home = f"{settings.SITE_URL}/catalogue.jsonld"
    (catalogue,) = graph.subjects(RDF.type, DCAT.Catalog)
    assert str(catalogue) == f"{home}#catalogue"
    assert told(graph, catalogue, DCTERMS.license) == {LICENCE}
    assert told(graph, catalogue, URIRef(f"{DCAT}version")) == {
        str(get_current_catalogue().revision)
    }
    datasets = set(graph.objects(catalogue, DCAT.dataset))
    assert {str(one) for one in datasets} == {
        f"{home}#{name}"
        for name in ("programmes", "figures", "evaluations", "field-studies", "organisations")
    }
    for one in datasets:
        for predicate in (DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCTERMS.modified):
            assert told(graph, one, predicate)
        forms = set(graph.objects(one, DCAT.distribution))
        assert forms
        for form in forms:
            assert told(graph, form, DCTERMS.license) == {LICENCE}
            for address in told(graph, form, DCAT.accessURL):
                path = address.removeprefix(settings.SITE_URL)
                assert client.head(path).status_code == 200, address
    (service,) = graph.objects(catalogue, DCAT.service)
    assert (service, RDF.type, DCAT.DataService) in graph
    assert URIRef(f"{home}#programmes") in set(graph.objects(service, DCAT.servesDataset))
    for predicate in (DCAT.endpointURL, DCAT.endpointDescription):
        (address,) = told(graph, service, predicate)
        assert client.get(address.removeprefix(settings.SITE_URL)).status_code == 200


def test_the_home_page_and_the_data_page_link_to_the_description(client: Client) -> None:
    for page in ("/", "/about/data/"):
        assert '<link rel="describedby"' in client.get(page).text
        assert 'href="/catalogue.jsonld"' in client.get(page).text
    assert client.get("/catalogue.jsonld?x=1").status_code == 400


SHAPES = Path(__file__).parent / "recommended.ttl"


@pytest.mark.parametrize("contact", ["", "mailto:desk@stem.example", "https://stem.example/desk"])
def test_every_property_that_dcat_ap_recommends_is_given(
    client: Client, settings: LazySettings, contact: str
) -> None:
    settings.SECURITY_CONTACT = contact
    graph = read(client.get("/catalogue.jsonld").content)
    conforms, _report, text = validate(graph, shacl_graph=Graph().parse(SHAPES))
    assert conforms, text


def test_a_catalogue_without_entries_gives_no_dates_that_nobody_stated(client: Client) -> None:
    Programme.objects.all().update(state=Programme.State.DRAFT)
    text = client.get("/catalogue.jsonld").text
    assert "dct:issued" not in text
    assert "dct:temporal" not in text

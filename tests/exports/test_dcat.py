"""The description of the data at /catalogue.jsonld, parsed by rdflib."""

import pytest
from django.conf import LazySettings
from django.test import Client
from rdflib import DCAT, DCTERMS, RDF, URIRef

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
        f"{home}#{name}" for name in ("programmes", "figures", "organisations")
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

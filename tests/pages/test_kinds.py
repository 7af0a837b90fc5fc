"""Checks one page of each kind for faults in its HTML; test_site.py checks all pages."""

import pytest
from django.test import Client

from partnerships.models import Guide, NationalPlatform, Strategy
from tests.pages.walk import page_of

pytestmark = pytest.mark.django_db

KINDS = (
    "/", "/programmes/", "/programmes/?page=2", "/programmes/?q=school&country=NL&level=3",
    "/programmes/?q=no+such+word+anywhere", "/programmes/?country=NL&view=table",
    "/programmes/?level=1&view=map", "/programmes/?view=timeline&sort=oldest",
    "/programmes/compare/", "/programmes/compare/?programme=jet-net-nl&programme=tektanken",
    "/programmes/jet-net-nl/", "/programmes/stem-at-home/", "/organisations/",
    "/organisations/?type=university&country=NL", "/organisations/shell/", "/countries/",
    "/countries/nl/", "/countries/va/", "/platforms/", "/strategies/", "/guides/",
    "/guides/plan/", "/guides/plan/?g1-clear-outcomes=not-yet&c4-girls=partly", "/insights/",
    "/insights/gaps/", "/insights/timeline/", "/about/", "/about/data/", "/api/v1/docs/",
)  # fmt: skip

# Those that no test of sending asks.
FILES = (
    "/programmes/jet-net-nl.bib", "/programmes/jet-net-nl.ris", "/programmes/jet-net-nl.jsonld",
    "/programmes/compare.csv?programme=jet-net-nl&programme=tektanken", "/catalogue.jsonld",
    "/insights/gaps.csv", "/insights/timeline.svg", "/evidence/field-studies.csv",
    "/feeds/programmes.rss", "/feeds/findings.atom", "/feeds/withdrawn.rss", "/sitemap.xml",
)  # fmt: skip


@pytest.mark.parametrize("address", KINDS)
def test_a_page_of_each_kind_has_no_fault(client: Client, address: str) -> None:
    page_of(client, address)


@pytest.mark.parametrize("model", [NationalPlatform, Strategy, Guide])
def test_the_page_of_the_first_row_of_a_model_has_no_fault(
    client: Client, model: type[NationalPlatform | Strategy | Guide]
) -> None:
    page_of(client, model.objects.all()[0].get_absolute_url())


@pytest.mark.parametrize("address", FILES)
def test_a_file_of_each_kind_has_content(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert len(response.getvalue()) > 200

"""What reference managers and other programs read in the head of pages that can be cited."""

import re

import html5lib
import pytest
from django.conf import LazySettings
from django.test import Client

from programmes.models import Programme
from tests import builders

pytestmark = pytest.mark.django_db

CITABLE = (
    "/programmes/jet-net-nl/", "/programmes/", "/programmes/?country=NL", "/insights/gaps/",
    "/insights/gaps/?by=factor", "/programmes/compare/?programme=jet-net-nl&programme=tektanken",
)  # fmt: skip


@pytest.mark.parametrize("address", CITABLE)
def test_a_page_that_can_be_cited_has_metadata_and_links_to_its_citation_files(
    client: Client, address: str
) -> None:
    text = client.get(address).text
    head = html5lib.parse(text, treebuilder="etree", namespaceHTMLElements=False).find("head")
    metas = {one.get("name"): one.get("content") for one in head.iter("meta")}
    files = {
        one.get("type"): one.get("href")
        for one in head.iter("link")
        if one.get("rel") == "alternate"
    }
    (item,) = client.get(files["application/vnd.citationstyles.csl+json"]).json()
    day = "/".join(f"{part:02}" for part in item["issued"]["date-parts"][0])
    assert metas["citation_title"] == item["title"]
    assert metas["citation_public_url"] == item["URL"]
    assert metas["citation_online_date"] == day
    assert metas["citation_language"] == item["language"]
    for media_type in ("application/x-bibtex", "application/x-research-info-systems"):
        response = client.get(files[media_type])
        assert response.status_code == 200
        assert response.headers["Content-Type"].startswith(media_type)


def test_a_title_with_signs_of_html_stays_one_text_in_the_metadata(client: Client) -> None:
    one = builders.make_programme(name='A "b" <c> & d')
    text = client.get(one.get_absolute_url()).text
    assert 'content="A &quot;b&quot; &lt;c&gt; &amp; d"' in text


def test_the_link_header_of_a_programme_says_how_to_cite_it_and_where_its_data_are(
    client: Client,
) -> None:
    link = client.get("/programmes/jet-net-nl/").headers["Link"]
    found = re.findall(r'<([^>]+)>; rel="([a-z-]+)"', link)
    assert ("/programmes/jet-net-nl/", "cite-as") in found
    assert {relation for _address, relation in found} == {
        "cite-as", "type", "license", "describedby",
    }  # fmt: skip
    for address, relation in found:
        if relation == "describedby":
            assert client.get(address).status_code == 200


def test_the_link_header_stays_short_whatever_host_and_slug_are_called(
    client: Client, settings: LazySettings
) -> None:
    settings.SITE_URL = f"https://{'.'.join(['a' * 60] * 4)}.example"
    one = builders.make_programme(slug="x" * Programme._meta.get_field("slug").max_length)
    assert len(client.get(one.get_absolute_url()).headers["Link"]) <= 1_500


def test_a_draft_says_nothing_to_reference_managers(admin_client: Client) -> None:
    draft = builders.make_programme(state=Programme.State.DRAFT)
    response = admin_client.get(draft.get_absolute_url())
    assert "citation_title" not in response.text
    assert "Link" not in response.headers

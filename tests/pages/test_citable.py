"""What reference managers and other programs read in the head of pages that can be cited."""

import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import html5lib
import pytest
from django.conf import LazySettings
from django.test import Client

from partnerships.models import Organisation, OrganisationName
from programmes.models import Country, Programme
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.exports.citations import PROGRAMME_FILES, cite_fixed_page
from stemobs.exports.files import FORMATS
from stemobs.exports.signposts import write_link_header
from tests import builders

pytestmark = pytest.mark.django_db

# Pages of every kind; the only ones that cannot be cited are forms and errors.
CITABLE = (
    "/", "/about/", "/about/data/", "/programmes/", "/programmes/?country=NL",
    "/programmes/jet-net-nl/", "/programmes/compare/?programme=jet-net-nl&programme=tektanken",
    "/organisations/", "/organisations/?type=company&q=shell", "/organisations/shell/",
    "/countries/", "/countries/nl/", "/platforms/", "/platforms/pbt-ptvt-nl/", "/strategies/",
    "/strategies/deltaplan-beta-techniek/", "/guides/", "/guides/glossary/", "/guides/plan/",
    "/guides/obstacles/finder/", "/guides/task-force-outcomes/countries/", "/start/",
    "/guides/transfer-conditions/worksheet/",
    "/start/company/?country=SK&time=day",
    "/insights/", "/insights/gaps/", "/insights/gaps/?by=factor",
)  # fmt: skip
LINK = re.compile(r'<([^>]+)>; rel="([a-z-]+)"(?:; type="([^"]+)")?')


def read_links(header: str) -> list[tuple[str, str, str]]:
    """Return the address, the relation and the media type of every link of a header."""
    links = LINK.findall(header)
    assert len(links) == header.count("rel=")
    return links


def find_of(links: list[tuple[str, str, str]], relation: str) -> list[str]:
    return [address for address, one, _kind in links if one == relation]


def strip_host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}{parts.query and '?'}{parts.query}"


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


@pytest.mark.parametrize("address", CITABLE)
def test_the_link_header_says_how_a_page_is_cited_and_where_its_data_are(
    client: Client, address: str
) -> None:
    links = read_links(client.get(address).headers["Link"])
    (cited,) = find_of(links, "cite-as")
    assert client.get(cited).status_code == 200
    relations = {relation for _address, relation, _kind in links}
    assert relations >= {"cite-as", "type", "license", "author", "linkset", "describedby"}
    for target, relation, kind in links:
        if relation in {"describedby", "alternate", "item", "linkset"}:
            answer = client.head(target)
            assert answer.status_code == 200, target
            assert answer.headers["Content-Type"].partition(";")[0] == kind


@pytest.mark.parametrize("address", CITABLE)
def test_the_link_set_of_a_page_has_all_its_links_with_absolute_addresses(
    client: Client, settings: LazySettings, address: str
) -> None:
    links = read_links(client.get(address).headers["Link"])
    (path,) = find_of(links, "linkset")
    answer = client.get(path)
    assert answer.headers["Content-Type"] == "application/linkset+json"
    (told,) = answer.json()["linkset"]
    assert told.pop("anchor").startswith(f"{settings.SITE_URL}/")
    found = {
        (strip_host(one["href"]) if settings.SITE_URL in one["href"] else one["href"], name)
        for name, targets in told.items()
        for one in targets
    }
    assert found == {(target, name) for target, name, _kind in links if name != "linkset"}


def measure_head(response: Any) -> int:
    return sum(len(f"{name}: {value}\r\n") for name, value in response.headers.items())


def test_the_head_stays_short_whatever_host_slug_and_query_are_called(
    client: Client, settings: LazySettings
) -> None:
    settings.SITE_URL = f"https://{'.'.join(['a' * 60] * 4)}.example"
    one = builders.make_programme(slug="x" * Programme._meta.get_field("slug").max_length)
    codes = ",".join(Country.objects.values_list("code", flat=True))
    for address in (
        one.get_absolute_url(), f"/programmes/?country={codes}", f"/organisations/?q={'x' * 200}",
    ):  # fmt: skip
        response = client.get(address)
        assert measure_head(response) < 3_500
        links = read_links(response.headers["Link"])
        assert find_of(links, "cite-as")
        assert client.get(find_of(links, "linkset")[0]).status_code == 200


def test_where_the_links_of_a_page_are_too_long_its_header_leads_to_its_link_set() -> None:
    whole = cite_fixed_page("home", get_current_catalogue().moment)
    files = tuple(
        file._replace(address=f"/programmes/{'x' * 200}.{number}")
        for number, file in enumerate(whole.files)
    )
    header = write_link_header(replace(whole, files=files * 2))
    assert len(header) < 500
    assert len(find_of(read_links(header), "linkset")) == 1
    assert not find_of(read_links(header), "alternate")


def test_files_of_citations_answer_for_other_names_and_wrong_addresses_like_pages(
    client: Client,
) -> None:
    assert client.get("/countries/el.bib").headers["Location"] == "/countries/gr.bib"
    assert client.get("/countries/NL.ris").headers["Location"] == "/countries/nl.ris"
    alias = OrganisationName.objects.exclude(slug__in=Organisation.objects.values("slug"))
    other = alias.exclude(slug="").select_related("organisation")[0]
    moved = client.get(f"/organisations/{other.slug}.csl.json")
    assert (moved.status_code, moved.headers["Location"]) == (
        301, f"/organisations/{other.organisation.slug}.csl.json",
    )  # fmt: skip
    for address in (
        "/organisations/nobody.bib", "/platforms/nobody.ris", "/strategies/nobody.csl.json",
        "/guides/nobody.linkset.json", "/countries/zz.bib",
    ):  # fmt: skip
        assert client.get(address).status_code == 404
    for address in ("/guides.bib?x=1", "/countries/nl.ris?x=1", "/organisations.bib?nothing=1"):
        assert client.get(address).status_code == 400


def test_citations_link_to_the_files_that_there_are() -> None:
    assert {name: FORMATS[name].media_type for name in PROGRAMME_FILES} == PROGRAMME_FILES


def test_a_draft_says_nothing_to_reference_managers(admin_client: Client) -> None:
    draft = builders.make_programme(state=Programme.State.DRAFT)
    response = admin_client.get(draft.get_absolute_url())
    assert "citation_title" not in response.text
    assert "Link" not in response.headers

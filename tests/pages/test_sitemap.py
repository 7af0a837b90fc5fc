"""Tests of what crawlers read: the sitemap, robots.txt, and meta elements of pages."""

import struct
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import html5lib
import pytest
from django.conf import LazySettings
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.dateparse import parse_datetime

from partnerships.models import Guide, Organisation
from programmes.models import Country, Programme
from stemobs.pages import sitemap
from tests import builders
from tests.graphs import read

pytestmark = pytest.mark.django_db

XMLNS = {"s": sitemap.NAMESPACE}


# --- The sitemap and robots.txt ------------------------------------------------------------------


def read_sitemap_file(client: Client, address: str) -> list[tuple[str, str]]:
    """Return the addresses in a sitemap file with their dates of change."""
    response = client.get(urlsplit(address).path)
    assert (response.status_code, response["Content-Type"]) == (200, sitemap.XML)
    # The XML comes from this site, so it is safe to parse.
    root = ET.fromstring(response.content)  # noqa: S314
    return [
        (entry.findtext("s:loc", "", XMLNS), entry.findtext("s:lastmod", "", XMLNS))
        for entry in root
    ]


def read_whole_sitemap(client: Client) -> dict[str, str]:
    parts = [address for address, _changed in read_sitemap_file(client, "/sitemap.xml")]
    found = [entry for part in parts for entry in read_sitemap_file(client, part)]
    assert len(found) == len(dict(found))
    return dict(found)


def test_the_sitemap_lists_every_public_page_once_with_its_public_address(
    client: Client, settings: LazySettings
) -> None:
    settings.SITE_URL = "https://stem.example"
    found = read_whole_sitemap(client)
    assert all(address.startswith("https://stem.example/") for address in found)
    kinds = Counter(urlsplit(address).path.split("/")[1] for address in found)
    assert kinds["programmes"] == Programme.objects.published().count() + 1
    assert kinds["organisations"] == Organisation.objects.count() + 1
    assert kinds["countries"] == Country.objects.count() + 1
    # The list, and four pages of tools: planner, obstacle finder, worksheet, two countries.
    assert kinds["guides"] == Guide.objects.count() + 5
    assert kinds["start"] == 5
    changed = Programme.objects.get(slug="jet-net-nl").changed_at
    told = parse_datetime(found["https://stem.example/programmes/jet-net-nl/"])
    assert told == changed.replace(microsecond=0)


def test_an_address_of_each_kind_in_the_sitemap_answers_200(client: Client) -> None:
    some = {}
    for address in read_whole_sitemap(client):
        path = urlsplit(address).path
        some.setdefault((path.split("/")[1], path.count("/")), path)
    assert len(some) > 12
    assert {path: client.get(path).status_code for path in some.values()} == dict.fromkeys(
        some.values(), 200
    )


def test_sitemap_files_take_few_queries(client: Client) -> None:
    client.get("/sitemaps/pages-1.xml")
    for address, most in (
        ("/sitemap.xml", 1),
        ("/sitemaps/programmes-1.xml", 1),
        ("/sitemaps/organisations-1.xml", 2),
        ("/sitemaps/pages-1.xml", 5),
    ):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        assert len(captured) <= most, address


def test_a_sitemap_that_is_too_long_is_split_into_files(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemap, "MOST", 50)
    parts = [
        urlsplit(address).path for address, _changed in read_sitemap_file(client, "/sitemap.xml")
    ]
    assert "/sitemaps/programmes-3.xml" in parts
    assert all(len(read_sitemap_file(client, p)) <= 50 for p in parts if "pages" not in p)
    assert len(read_whole_sitemap(client)) > 500


@pytest.mark.parametrize(
    "name", ["programmes-0", "programmes-2", "programmes-99999999999999999999", "nothing-1", "x"]
)
def test_a_sitemap_file_that_does_not_exist_is_a_404(client: Client, name: str) -> None:
    assert client.get(f"/sitemaps/{name}.xml").status_code == 404


def test_robots_txt_allows_pages_and_disallows_long_queries(
    client: Client, settings: LazySettings
) -> None:
    settings.SITE_URL = "https://stem.example"
    response = client.get("/robots.txt")
    assert response["Content-Type"].startswith("text/plain")
    lines = response.text.splitlines()
    assert lines[-1] == "Sitemap: https://stem.example/sitemap.xml"
    rules = [line.removeprefix("Disallow: ") for line in lines if line.startswith("Disallow: ")]
    assert "/admin/" in rules
    assert "/" not in rules
    assert {"/*?*&*&", "/*?*list=", "/*?*show=", "/suggest/?"} <= {*rules}


# --- Heads of pages ------------------------------------------------------------------------------

PAGES = (
    "/", "/programmes/", "/programmes/?country=NL&level=3", "/programmes/jet-net-nl/",
    "/programmes/compare/", "/organisations/", "/organisations/shell/", "/countries/",
    "/countries/nl/", "/platforms/", "/platforms/luma-centre-finland/", "/strategies/",
    "/strategies/techniekpact-nl/", "/guides/", "/guides/obstacles/", "/guides/plan/", "/about/",
    "/start/", "/start/teacher/", "/guides/obstacles/finder/",
    "/guides/task-force-outcomes/countries/", "/guides/transfer-conditions/worksheet/",
    "/about/data/", "/insights/", "/insights/gaps/", "/api/v1/docs/",
)  # fmt: skip
GENERAL = "An open catalogue of partnerships between schools and industry for STEM education"


def head(client: Client, address: str) -> ET.Element:
    text = client.get(address).text
    return html5lib.parse(text, treebuilder="etree", namespaceHTMLElements=False).find("head")


def read_meta_elements(element: ET.Element) -> dict[str, str]:
    named = (
        (e.get("property") or e.get("name"), e.get("content", "")) for e in element.iter("meta")
    )
    return {name: content for name, content in named if name}


@pytest.mark.slow
def test_a_page_of_each_kind_has_open_graph_description_and_json_ld(
    client: Client, settings: LazySettings
) -> None:
    descriptions: dict[str, str] = {}
    for address in PAGES:
        element = head(client, address)
        said = read_meta_elements(element)
        title = "".join(element.find("title").itertext())
        assert title == f"{said['og:title']} – STEM Observatory"
        assert said["og:url"] == settings.SITE_URL + address
        assert said["og:description"] == said["description"]
        assert "robots" not in said, address
        assert 40 <= len(said["description"]) <= 220, address
        assert address == "/" or not said["description"].startswith(GENERAL), address
        assert descriptions.setdefault(said["description"], address) in (
            address, "/programmes/", "/programmes/?country=NL&level=3",
        ), address  # fmt: skip
        scripts = [e.text for e in element.iter("script") if e.get("type") == "application/ld+json"]
        assert scripts, address
        for script in scripts:
            assert len(read(script)) > 2


def test_the_open_graph_image_has_the_stated_size_and_is_small(
    client: Client,
) -> None:
    said = read_meta_elements(head(client, "/"))
    path = urlsplit(said["og:image"]).path
    file = Path(finders.find(path.removeprefix("/static/")))
    data = file.read_bytes()
    assert struct.unpack(">II", data[16:24]) == (
        int(said["og:image:width"]),
        int(said["og:image:height"]),
    )
    assert len(data) < 60_000
    assert said["og:image:alt"]


def test_errors_and_hidden_programmes_are_noindex_without_open_graph_and_json_ld(
    client: Client, admin_client: Client
) -> None:
    draft = builders.make_programme(state=Programme.State.DRAFT)
    gone = builders.make_programme(
        state=Programme.State.WITHDRAWN, withdrawn_reason="It never was."
    )
    for visitor, address in (
        (client, "/nothing/at/all/"),
        (client, "/suggest/"),
        (client, gone.get_absolute_url()),
        (admin_client, draft.get_absolute_url()),
    ):
        element = head(visitor, address)
        said = read_meta_elements(element)
        assert said["robots"] == "noindex", address
        assert not [name for name in said if name.startswith("og:")], address
        assert "ld+json" not in ET.tostring(element, encoding="unicode")


def test_drafts_and_withdrawn_programmes_are_not_in_the_sitemap(client: Client) -> None:
    hidden = [
        builders.make_programme(state=Programme.State.DRAFT),
        builders.make_programme(state=Programme.State.WITHDRAWN, withdrawn_reason="Wrong."),
    ]
    told = "\n".join(read_whole_sitemap(client))
    assert [row.slug for row in hidden if f"/{row.slug}/" in told] == []


def test_a_part_of_the_sitemap_without_pages_is_left_out(client: Client) -> None:
    Programme.objects.update(state=Programme.State.DRAFT)
    files = [address for address, _changed in read_sitemap_file(client, "/sitemap.xml")]
    names = [address.rpartition("/")[2] for address in files]
    assert "pages-1.xml" in names
    assert "programmes-1.xml" not in names
    assert client.get("/sitemaps/programmes-1.xml").status_code == 404

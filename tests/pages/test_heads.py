"""Tests of what tabs, results of search engines and text browsers show: titles, robots, words."""

import re
import subprocess
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import html5lib
import pytest
from django.conf import LazySettings
from django.test import Client

from tests import builders

pytestmark = pytest.mark.django_db

FOREIGN = "buy cheap tickets at evil-shop.example"
ASKED = "q=buy+cheap+tickets+at+evil-shop.example"


def read_page(client: Client, address: str) -> ET.Element:
    response = client.get(address)
    return html5lib.parse(response.text, treebuilder="etree", namespaceHTMLElements=False)


def read_head(client: Client, address: str) -> dict[str, str]:
    """Return the title, the canonical address and the meta elements of a page."""
    head = read_page(client, address).find("head")
    named = {
        one.get("property") or one.get("name") or "": one.get("content", "")
        for one in head.iter("meta")
    }
    links = {one.get("rel", ""): one.get("href", "") for one in head.iter("link")}
    title = "".join(head.find("title").itertext())
    return {**named, "title": title, "canonical": links.get("canonical", "")}


# --- The way to each section ---------------------------------------------------------------------

# Every section, and a page in it, with the link of the header that is marked there.
SECTIONS = {
    "/programmes/": "/programmes/",
    "/programmes/jet-net-nl/": "/programmes/",
    "/countries/": "/countries/",
    "/countries/nl/": "/countries/",
    "/platforms/": "/countries/",
    "/strategies/": "/countries/",
    "/organisations/": "/countries/",
    "/organisations/shell/": "/countries/",
    "/evidence/": "/evidence/",
    "/guides/": "/guides/",
    "/guides/obstacles/": "/guides/",
    "/start/": "/guides/",
    "/start/teacher/": "/guides/",
    "/about/data/": "/about/data/",
    "/insights/": "/about/data/",
    "/insights/gaps/": "/about/data/",
    "/about/": "/about/data/",
    "/api/v1/docs/": "/about/data/",
    "/search/": "/search/",
}


def find_header(client: Client, address: str) -> ET.Element:
    return next(read_page(client, address).iter("header"))


@pytest.mark.parametrize(("address", "marked"), SECTIONS.items())
def test_the_header_marks_the_section_of_a_page(client: Client, address: str, marked: str) -> None:
    links = [a for a in find_header(client, address).iter("a") if a.get("aria-current")]
    assert [a.get("href") for a in links] == [marked]


def test_every_section_is_two_steps_from_the_header(client: Client) -> None:
    first = {a.get("href", "") for a in find_header(client, "/guides/").iter("a")}
    near = set(first)
    for address in first:
        main = next(read_page(client, address).iter("main"))
        near |= {a.get("href", "") for a in main.iter("a")}
    lists = {address for address in SECTIONS if address.strip("/").count("/") == 0}
    assert lists | {"/about/data/", "/api/v1/docs/"} <= near


# --- Titles --------------------------------------------------------------------------------------


def test_things_of_different_kinds_with_one_name_have_titles_that_tell_them_apart(
    client: Client,
) -> None:
    things = [
        builders.make_programme(name="Quokka", slug="quokka"),
        builders.make_organisation(name="Quokka", slug="quokka"),
    ]
    titles = [read_head(client, thing.get_absolute_url())["title"] for thing in things]
    assert titles == [
        "Quokka (programme) – STEM Observatory",
        "Quokka (organisation) – STEM Observatory",
    ]


@pytest.mark.parametrize("place", ["/programmes/", "/organisations/"])
@pytest.mark.parametrize("also", ["", "&country=NL", "&sort=name&page_size=5", "&contry=NL"])
def test_words_of_the_address_are_not_in_the_head_of_a_list(
    client: Client, place: str, also: str
) -> None:
    head = read_head(client, f"{place}?{ASKED}{also}")
    for name in ("title", "og:title", "description", "og:description"):
        assert "evil" not in head[name], name
    assert head["robots"] == "noindex"


@pytest.mark.parametrize(
    "address",
    [
        "/programmes/?q=robots",
        "/organisations/?q=shell",
        "/programmes/?organisation=government-of-the-netherlands&kind=stem-support-materials",
        f"/programmes/?{FOREIGN.replace(' ', '+')}=1",
        "/programmes/?country=NL&country=Evil",
        "/organisations/?type=evil",
        "/guides/plan/?g1-clear-outcomes=not-yet",
        "/evil/",
    ],
)
def test_what_anybody_can_make_up_is_not_indexed(client: Client, address: str) -> None:
    head = read_head(client, address)
    assert head["robots"] == "noindex"
    assert "evil" not in head["title"].lower()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("country=NL&sort=name", "country=NL"),
        ("view=map", ""),
        ("level=1&view=table&sort=newest&page=2", "level=1"),
        ("view=table&page=2", "page=2"),
        ("page_size=10&page=3", ""),
        ("country=FI&country=BE", "country=BE,FI"),
    ],
)
def test_a_list_is_indexed_without_order_view_and_size(
    client: Client, settings: LazySettings, asked: str, told: str
) -> None:
    head = read_head(client, f"/programmes/?{asked}")
    assert head["canonical"] == f"{settings.SITE_URL}/programmes/{'?' if told else ''}{told}"
    assert head["og:url"] == head["canonical"]
    assert "robots" not in head


def test_every_form_keeps_browsers_from_filling_in_what_was_there_before(client: Client) -> None:
    for address in (
        "/", "/programmes/", "/organisations/", "/programmes/compare/", "/guides/plan/", "/zzz/",
    ):  # fmt: skip
        forms = [*read_page(client, address).iter("form")]
        assert forms
        assert {form.get("autocomplete") for form in forms} == {"off"}, address


# --- Words for text browsers ---------------------------------------------------------------------

PAGES = (
    "/", "/programmes/", "/programmes/?q=schol", "/programmes/?country=NL&view=table",
    "/programmes/?view=map", "/programmes/?view=timeline", "/programmes/?q=zzzz&country=NL",
    "/programmes/?contry=NL", "/programmes/jet-net-nl/", "/programmes/stem-at-home/",
    "/programmes/compare/?programme=jet-net-nl&programme=stem-teacher-academy",
    "/programmes/compare/", "/organisations/", "/organisations/shell/", "/countries/",
    "/countries/nl/", "/countries/va/", "/platforms/", "/platforms/luma-centre-finland/",
    "/strategies/", "/strategies/techniekpact-nl/", "/guides/", "/guides/obstacles/",
    "/guides/initiative-kinds/", "/guides/glossary/", "/guides/plan/",
    "/guides/plan/?g1-clear-outcomes=not-yet&c4-girls=yes", "/insights/", "/insights/gaps/",
    "/about/", "/about/data/", "/api/v1/docs/", "/zzz/",
)  # fmt: skip
INLINE = {
    "a", "abbr", "b", "bdi", "button", "cite", "code", "em", "i", "label", "q", "small", "span",
    "strong", "time",
}  # fmt: skip
WITHIN_WORDS = {"mark", "wbr"}  # these may stand in the middle of a word
UNREAD = {"svg", "script", "style", "template", "select"}


def read_pieces(element: ET.Element) -> Iterator[str]:
    """Yield the texts of a page; "\\0" is the edge of an inline element, "\\n" of others."""
    name = str(element.tag).rpartition("}")[2]
    edge = "\0" if name in INLINE else "" if name in WITHIN_WORDS else "\n"
    yield edge
    if name not in UNREAD:
        yield element.text or ""
        for child in element:
            yield from read_pieces(child)
            yield child.tail or ""
    yield edge


@pytest.mark.parametrize("address", PAGES)
def test_words_of_neighbours_do_not_run_together(client: Client, address: str) -> None:
    text = "".join(read_pieces(read_page(client, address).find("body")))
    assert sorted(set(re.findall(r"[\w.]+\0+\w+", text))) == []


def show_as_text(client: Client, address: str) -> str:
    """Return a page as the text browser w3m shows it."""
    return subprocess.run(
        ["w3m", "-T", "text/html", "-I", "UTF-8", "-O", "UTF-8", "-cols", "80", "-dump"],
        input=client.get(address).text, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


@pytest.mark.parametrize("address", ["/programmes/", "/organisations/", "/programmes/?view=map"])
def test_a_text_browser_shows_no_false_alarm_and_leads_to_the_results(
    client: Client, address: str
) -> None:
    shown = show_as_text(client, address)
    assert "could not be updated" not in shown
    assert "Try again" not in shown
    assert "Skip to results" in "\n".join(shown.splitlines()[:3])
    assert not re.search(r"\d(companies|schools|pupils|programmes|organisations)", shown)
    assert 'id="count"' in client.get(address).text


def test_words_of_drawings_stand_apart_in_text_browsers(client: Client) -> None:
    for address in ("/insights/", "/insights/network/", "/", "/countries/nl/"):
        assert not re.search(r"</text>(<[^>]+>)*<text\b", client.get(address).text), address

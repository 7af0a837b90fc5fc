"""Every public page: sound HTML, links that lead somewhere, facts with sources, nothing empty.

The whole site is walked once; the tests then look at what was found.
"""

from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, urldefrag, urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.http import QueryDict
from django.test import Client
from pytest_django import DjangoDbBlocker

from programmes.models import Programme
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.exports.citations import FORMATS as CITATIONS
from stemobs.selection.organisations import OrganisationFilter
from stemobs.selection.programmes import PageFilter, ProgrammeFilter
from tests.pages.walk import (
    CHECKS,
    Site,
    addresses,
    look,
)

# Once: PostgreSQL gives the same rows. One page of each kind is looked at on both.
pytestmark = [pytest.mark.django_db, pytest.mark.data]


# What reads the query of a list; the API, feeds and files take one without a view.
FILTERS = {"/programmes/": PageFilter, "/organisations/": OrganisationFilter}


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Site:
    with django_db_blocker.unblock():
        client = Client()
        return {address: look(client, address) for address in addresses()}


def test_every_public_address_answers(site: Site) -> None:
    assert len(site) > 500
    assert {page.address: page.status for page in site.values() if page.status != 200} == {}


@pytest.mark.parametrize("what", ["HTML errors", *CHECKS])
def test_no_page_has(site: Site, what: str) -> None:
    found = {page.address: page.faults[what][:3] for page in site.values() if page.faults[what]}
    assert not found, f"{len(found)} pages, such as {dict(list(found.items())[:5])}"


def test_every_title_ends_with_the_name_of_the_site(site: Site) -> None:
    assert [a for a, page in site.items() if not page.title.endswith(" – STEM Observatory")] == []
    assert [a for a, page in site.items() if page.title.startswith("–") or "  " in page.title] == []


def test_no_two_things_share_a_title(site: Site) -> None:
    titles: dict[str, list[str]] = {}
    for page in site.values():
        if "?" not in page.address:
            titles.setdefault(page.title, []).append(urlsplit(page.address).path)
    # A body and the platform or the entry about it may have one name; two of one sort may not.
    for title, paths in titles.items():
        sorts = [path.split("/")[1] for path in paths]
        assert len(sorts) == len(set(sorts)), (title, paths)


def internal_links(site: Site) -> dict[str, str]:
    """Return every link inside the site with one page that has it."""
    links: dict[str, str] = {}
    for page in site.values():
        for link in page.links:
            if not urlsplit(link).netloc and not link.startswith("mailto:"):
                links.setdefault(link, page.address)
    return links


def test_every_link_leads_somewhere(site: Site, client: Client) -> None:
    broken = {}
    targets = {urldefrag(link).url: page for link, page in internal_links(site).items()}
    for target, page in sorted(targets.items()):
        if target not in site and not is_asked(target):
            response = client.get(target)
            response.close()  # what a file holds is not read here
            if response.status_code not in (200, 301, 302):
                broken[target] = (response.status_code, page)
    assert broken == {}


def test_every_link_to_a_comparison_names_programmes_that_can_be_compared(
    site: Site, client: Client
) -> None:
    slugs = set(Programme.objects.published().values_list("slug", flat=True))
    targets = sorted(link for link in internal_links(site) if is_comparison(link))
    assert targets
    for target in targets:
        asked = parse_qsl(urlsplit(target).query)
        assert {value for name, value in asked if name == "programme"} <= slugs, target
    for target in targets[:: max(1, len(targets) // 10)]:
        assert client.get(target).status_code == 200, target


def test_every_link_to_a_citation_is_a_file(site: Site, client: Client) -> None:
    targets = sorted(link for link in internal_links(site) if is_citation(link))
    assert len(targets) > 3 * Programme.objects.published().count()
    for target in targets[:: len(targets) // 40]:
        assert "attachment" in client.get(target).headers["Content-Disposition"], target


def is_citation(address: str) -> bool:
    return urlsplit(address).path.endswith(tuple(CITATIONS))


def is_asked(address: str) -> bool:
    """Whether other tests follow links like this one, which are very many."""
    return is_selection(address) or is_comparison(address) or is_citation(address)


def is_comparison(address: str) -> bool:
    return address.startswith("/programmes/compare") and "?" in address


def test_every_link_to_a_selection_is_one_that_the_catalogue_understands(
    site: Site, client: Client
) -> None:
    targets = {urldefrag(link).url: page for link, page in internal_links(site).items()}
    selections = sorted(target for target in targets if is_selection(target) and target not in site)
    assert selections
    faults = {}
    for target in selections:
        path, _mark, query = target.partition("?")
        kind = FILTERS.get(path, ProgrammeFilter)
        also = ("facets",) if path.startswith("/api/") else ()
        if problems := kind(QueryDict(query), get_current_catalogue(), also).problems:
            faults[target] = (problems, targets[target])
    assert faults == {}
    for target in selections[:: max(1, len(selections) // 25)]:
        assert client.get(target).status_code == 200, (target, targets[target])


def is_selection(address: str) -> bool:
    lists = ("/programmes/?", "/organisations/?", "/api/v1/programmes/?", "/feeds/programmes.")
    return address.startswith(lists) and "?" in address


def test_every_fragment_exists_in_its_page(site: Site, client: Client) -> None:
    missing = {}
    for link, page in internal_links(site).items():
        target, fragment = urldefrag(link)
        if not fragment:
            continue
        if target not in site:
            site[target] = look(client, target)
        if fragment not in site[target].ids:
            missing[link] = page
    assert missing == {}


def test_every_file_that_a_page_loads_exists(site: Site) -> None:
    missing = {}
    loaded = {link: page.address for page in site.values() for link in page.resources}
    for link, page in loaded.items():
        target, fragment = urldefrag(link)
        if target.startswith("/static/") and not has_part(target, fragment):
            missing[link] = page
    assert missing == {}
    assert any(link.endswith(".css") for link in loaded)


@cache
def has_part(address: str, fragment: str) -> bool:
    file = finders.find(address.removeprefix("/static/"))
    return bool(file) and (not fragment or f'id="{fragment}"' in Path(file).read_text())

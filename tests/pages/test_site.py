"""Checks of every public page: valid HTML, accessible names, working links, unique titles.

A fixture requests all pages once; the tests then examine what it found.
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
from tests import chance
from tests.pages.walk import (
    CHECKS,
    Site,
    list_public_addresses,
    look,
)

# These checks run on SQLite only, because PostgreSQL has the same rows. test_kinds.py checks a page
# of each kind on both databases.
pytestmark = [pytest.mark.django_db, pytest.mark.data]


# The filters that read the query of a page. Any other address uses ProgrammeFilter, without a view.
FILTERS = {"/programmes/": PageFilter, "/organisations/": OrganisationFilter}


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Site:
    with django_db_blocker.unblock():
        client = Client()
        return {address: look(client, address) for address in list_public_addresses()}


def test_every_public_page_answers_200(site: Site) -> None:
    assert len(site) > 300
    assert {page.address: page.status for page in site.values() if page.status != 200} == {}


@pytest.mark.parametrize("what", ["HTML errors", *CHECKS])
def test_no_page_has_faults_of_a_kind(site: Site, what: str) -> None:
    found = {page.address: page.faults[what][:3] for page in site.values() if page.faults[what]}
    assert not found, f"{len(found)} pages, such as {dict(list(found.items())[:5])}"


def test_every_title_ends_with_the_name_of_the_site(site: Site) -> None:
    assert [a for a, page in site.items() if not page.title.endswith(" – STEM Observatory")] == []
    assert [a for a, page in site.items() if page.title.startswith("–") or "  " in page.title] == []


def test_no_two_pages_share_a_title(site: Site) -> None:
    titles: dict[str, str] = {}
    for address, page in site.items():
        if "?" not in address:
            assert titles.setdefault(page.title, address) == address, page.title


def count_records(site: Site) -> int:
    """Return of how many published programmes the page was walked."""
    paths = {one.get_absolute_url() for one in Programme.objects.published()}
    return len(paths & site.keys())


def list_internal_links(site: Site) -> dict[str, str]:
    """Return every link to an address of this site, with one page that has the link."""
    links: dict[str, str] = {}
    for page in site.values():
        for link in page.links:
            if not urlsplit(link).netloc and not link.startswith("mailto:"):
                links.setdefault(link, page.address)
    return links


def test_no_internal_link_is_broken(site: Site, client: Client) -> None:
    broken = {}
    targets = {urldefrag(link).url: page for link, page in list_internal_links(site).items()}
    others = [one for one in sorted(targets) if one not in site and not is_checked_elsewhere(one)]
    for target in chance.thin(others, 8):
        response = client.get(target)
        response.close()  # so that a file is not left open; its content is not read
        if response.status_code not in (200, 301, 302):
            broken[target] = (response.status_code, targets[target])
    assert broken == {}


def test_links_to_comparisons_name_only_published_programmes(site: Site, client: Client) -> None:
    slugs = set(Programme.objects.published().values_list("slug", flat=True))
    targets = sorted(link for link in list_internal_links(site) if is_comparison(link))
    assert targets
    for target in targets:
        asked = parse_qsl(urlsplit(target).query)
        assert {value for name, value in asked if name == "programme"} <= slugs, target
    for target in targets[:: max(1, len(targets) // 10)]:
        assert client.get(target).status_code == 200, target


def test_links_to_citations_answer_with_a_file(site: Site, client: Client) -> None:
    targets = sorted(link for link in list_internal_links(site) if is_citation(link))
    assert len(targets) > 3 * count_records(site)
    for target in targets[:: len(targets) // 40]:
        assert "attachment" in client.get(target).headers["Content-Disposition"], target


def test_links_to_the_form_for_suggestions_choose_what_it_is_about(
    site: Site, client: Client
) -> None:
    targets = sorted(link for link in list_internal_links(site) if is_form(link))
    assert len(targets) > 3 * count_records(site)
    for target in targets[:: len(targets) // 40]:
        form = client.get(target)
        assert form.status_code == 200, target
        (chosen,) = {"programme", "about"} & {*dict(parse_qsl(urlsplit(target).query))}
        assert f'name="{chosen}"' in form.text, target


def is_citation(address: str) -> bool:
    return urlsplit(address).path.endswith(tuple(CITATIONS))


def is_checked_elsewhere(address: str) -> bool:
    """Whether other tests check a sample of links of this kind, because there are so many."""
    kinds = (is_selection, is_comparison, is_citation, is_form)
    return any(is_kind(address) for is_kind in kinds)


def is_form(address: str) -> bool:
    return address.startswith("/suggest/?")


def is_comparison(address: str) -> bool:
    return address.startswith("/programmes/compare") and "?" in address


def test_links_to_selections_have_no_wrong_parameter(site: Site, client: Client) -> None:
    targets = {urldefrag(link).url: page for link, page in list_internal_links(site).items()}
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


def test_the_target_of_every_link_with_a_fragment_exists(site: Site, client: Client) -> None:
    missing = {}
    links = {link: page for link, page in list_internal_links(site).items() if "#" in link}
    elsewhere = sorted({urldefrag(link).url for link in links} - site.keys())
    examined = {*site, *chance.thin(elsewhere, 8)}
    for link, page in links.items():
        target, fragment = urldefrag(link)
        if target not in examined:
            continue
        if target not in site:
            site[target] = look(client, target)
        if fragment not in site[target].ids:
            missing[link] = page
    assert missing == {}


def test_every_static_file_that_a_page_loads_exists(site: Site) -> None:
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

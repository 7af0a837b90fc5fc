"""Tests of /about/: coverage numbers equal the database, contact, contents, and no cookies."""

import re

import pytest
from django.conf import LazySettings
from django.test import Client

from programmes.models import EUROPE, Citation, Country, Field, Programme, Source
from stemobs.pages.about import SECTIONS
from tests import builders
from tests.model import is_own_programme

pytestmark = pytest.mark.django_db


def read_coverage(client: Client) -> dict[str, tuple[int, int]]:
    """Return (number, whole) of each coverage line by the words of the line."""
    return {str(line.words): (line.number, line.whole) for line in get_coverage_lines(client)}


def get_coverage_lines(client: Client) -> list:
    return client.get("/about/").context["coverage"]


def test_the_contents_list_links_to_every_section_of_the_page(client: Client) -> None:
    text = client.get("/about/").text
    found = re.findall(r'<section id="([a-z]+)"', text)
    assert found == [anchor for anchor, _words in SECTIONS]
    assert all(f'href="#{anchor}"' in text for anchor in found)


def test_the_coverage_numbers_equal_counts_from_the_database(client: Client) -> None:
    published = Programme.objects.published()
    total = published.count()
    told = read_coverage(client)
    europe = Country.objects.filter(code__in=EUROPE)
    own = [one.pk for one in published.prefetch_related("countries") if is_own_programme(one)]
    placed = europe.filter(programmes__in=own).distinct()
    words = "Countries of Europe with a programme of their own"
    assert told[words] == (placed.count(), europe.count()) == (placed.count(), len(EUROPE))
    nowhere = published.filter(countries=None).count()
    assert told["Records whose sources name no country"] == (nowhere, total)
    rows = Citation.objects.filter(source__slug="ingenious-synthesis-report", field=Field.ENTRY)
    resting = rows.filter(programme__in=published).values("programme").distinct().count()
    assert told["Records that rest on the report of the inGenious project"] == (resting, total)


def test_a_programme_in_several_of_the_five_leading_countries_counts_once(client: Client) -> None:
    words = "Records in the five countries with most of them"
    before = read_coverage(client)[words][0]
    countries = [builders.country(code) for code in ("DE", "NL", "GB")]
    builders.make_programme(countries=countries)
    assert read_coverage(client)[words][0] == before + 1


def test_the_numbers_of_sources_by_kind_add_up_to_all_sources(client: Client) -> None:
    context = client.get("/about/").context
    assert sum(number for _kind, number in context["kinds"]) == Source.objects.count()


@pytest.mark.parametrize(
    ("contact", "shown"),
    [
        ("mailto:hello@example.org", '<a href="mailto:hello@example.org" rel="noopener">hello@'),
        ("https://example.org/contact", 'href="https://example.org/contact"'),
    ],
)
def test_the_page_shows_the_contact_from_the_settings_twice(
    client: Client, settings: LazySettings, contact: str, shown: str
) -> None:
    settings.SECURITY_CONTACT = contact
    assert client.get("/about/").text.count(shown) == 2
    settings.SECURITY_CONTACT = ""
    assert "Write to:" not in client.get("/about/").text


@pytest.mark.parametrize("address", ["/", "/about/", "/programmes/?q=robots", "/guides/plan/"])
def test_a_page_sets_no_cookie_and_its_footer_says_so(client: Client, address: str) -> None:
    response = client.get(address)
    assert not response.cookies
    assert 'href="/about/#privacy">No cookies, no tracking</a>' in " ".join(response.text.split())
    assert 'href="/about/#accessibility"' in response.text

"""The page about the catalogue: numbers that are those of the rows, promises that hold."""

import re

import pytest
from django.conf import LazySettings
from django.test import Client

from programmes.models import EUROPE, Citation, Country, Field, Programme, Source
from stemobs.pages.about import SECTIONS
from tests import builders

pytestmark = pytest.mark.django_db


def lines(client: Client) -> dict[str, tuple[int, int]]:
    """Return the numbers of the coverage by their words."""
    return {str(line.words): (line.number, line.whole) for line in coverage_of(client)}


def coverage_of(client: Client) -> list:
    return client.get("/about/").context["coverage"]


def test_the_contents_lead_to_every_section(client: Client) -> None:
    text = client.get("/about/").text
    found = re.findall(r'<section id="([a-z]+)"', text)
    assert found == [anchor for anchor, _words in SECTIONS]
    assert all(f'href="#{anchor}"' in text for anchor in found)


def test_the_coverage_is_that_of_the_rows(client: Client) -> None:
    published = Programme.objects.published()
    total = published.count()
    told = lines(client)
    europe = Country.objects.filter(code__in=EUROPE)
    placed = europe.filter(programmes__in=published).distinct()
    words = "Countries of Europe with a programme on record"
    assert told[words] == (placed.count(), europe.count()) == (placed.count(), len(EUROPE))
    nowhere = published.filter(countries=None).count()
    assert told["Programmes whose sources name no country"] == (nowhere, total)
    rows = Citation.objects.filter(source__slug="ingenious-synthesis-report", field=Field.ENTRY)
    resting = rows.filter(programme__in=published).values("programme").distinct().count()
    assert told["Programmes that rest on the report of the inGenious project"] == (resting, total)


def test_the_five_countries_with_most_count_each_programme_once(client: Client) -> None:
    words = "Programmes in the five countries with most of them"
    before = lines(client)[words][0]
    countries = [builders.country(code) for code in ("DE", "NL", "GB")]
    builders.make_programme(countries=countries)
    assert lines(client)[words][0] == before + 1


def test_the_kinds_of_sources_add_up_to_all_sources(client: Client) -> None:
    context = client.get("/about/").context
    assert sum(number for _kind, number in context["kinds"]) == Source.objects.count()


@pytest.mark.parametrize(
    ("contact", "shown"),
    [
        ("", "has not named an address"),
        ("mailto:hello@example.org", '<a href="mailto:hello@example.org" rel="noopener">hello@'),
        ("https://example.org/contact", 'href="https://example.org/contact"'),
    ],
)
def test_the_contact_is_the_one_that_is_set_and_none_is_invented(
    client: Client, settings: LazySettings, contact: str, shown: str
) -> None:
    settings.SECURITY_CONTACT = contact
    assert client.get("/about/").text.count(shown) == 2


@pytest.mark.parametrize("address", ["/", "/about/", "/programmes/?q=robots", "/guides/plan/"])
def test_readers_get_no_cookie_and_every_page_says_so(client: Client, address: str) -> None:
    response = client.get(address)
    assert not response.cookies
    assert 'href="/about/#privacy">No cookies, no tracking</a>' in " ".join(response.text.split())
    assert 'href="/about/#accessibility"' in response.text

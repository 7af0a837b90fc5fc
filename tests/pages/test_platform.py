"""Tests of the page of a platform: its sources, the page to open, whom to ask, what is missing."""

from xml.etree.ElementTree import Element

import html5lib
import pytest
from django.test import Client

from partnerships.models import NationalPlatform
from tests import builders
from tests.pages.walk import plain

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def make_sourced(**fields: str) -> NationalPlatform:
    """Return a platform with two sources of the entry, one with an address."""
    platform = builders.make_platform(mandate="Brings schools and firms together.", **fields)
    for address in ("", "https://hub.example/about/"):
        source = builders.make_source(url=address)
        builders.make_statement(platform=platform, source=source, kind="source", text="")
    return platform


def read_page(client: Client, platform: NationalPlatform) -> Element:
    return html5lib.parse(client.get(platform.get_absolute_url()).text, namespaceHTMLElements=False)


def test_facts_name_the_sources_of_the_whole_entry(client: Client) -> None:
    platform = make_sourced(status="active", coalition_role="member")
    tree = read_page(client, platform)
    marks = [a for a in tree.iter("a") if a.get("aria-label") == "Sources 1–2"]
    # the mandate, what it is, its level, its status, its role
    assert len(marks) == 5
    assert {a.get("href") for a in marks} == {"#sources"}


def test_the_website_of_its_organisation_is_the_page_to_open(client: Client) -> None:
    platform = make_sourced()
    platform.organisation = builders.make_organisation(name="Hub", website="https://hub.example/")
    platform.save()
    text = plain(read_page(client, platform))
    assert "Visit website hub.example" in text
    assert "Who to ask Hub" in text


def test_without_a_website_a_page_of_its_sources_is_offered_and_gaps_are_told_once(
    client: Client,
) -> None:
    text = plain(read_page(client, make_sourced()))
    assert "Best page we know" in text
    assert text.count("Not known yet: whom to ask, who mandated it and its role") == 1

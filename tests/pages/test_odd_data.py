"""Tests of pages with missing facts, odd names, markup in texts, and very many facts."""

import re
from html import unescape
from typing import Any

import pytest
from django.db.models import URLField
from django.test import Client

from partnerships.models import Organisation
from programmes.models import Country, Programme, Source
from tests import builders
from tests.builders import crowded
from tests.pages.walk import (
    page_of,
    section,
)

# `once`: run on SQLite only, not on PostgreSQL, because pages do not depend on the database.
pytestmark = [pytest.mark.django_db, pytest.mark.once]


# Lists on which every programme in the Netherlands appears.
LISTS = ("/programmes/?sort=updated", "/countries/nl/", "/countries/")


def test_a_programme_without_facts_has_a_page_without_faults(client: Client) -> None:
    programme = builders.make_programme()
    page_of(client, programme.get_absolute_url())
    page_of(client, "/programmes/?sort=updated")
    page_of(client, "/programmes/?country=none&level=none")
    text = client.get(programme.get_absolute_url()).text
    assert "Not known yet" in text


def test_other_records_without_facts_have_pages_without_faults(client: Client) -> None:
    for row in (
        builders.make_organisation(),
        builders.make_platform(),
        builders.make_strategy(),
        builders.make_guide(),
    ):
        page_of(client, row.get_absolute_url())
    for address in ("/organisations/", "/platforms/", "/strategies/", "/guides/"):
        assert client.get(address).status_code == 200
    country = Country.objects.create(code="QQ", name="Nowhere")
    page_of(client, f"/countries/{country.code.lower()}/")


def test_pages_of_a_catalogue_without_published_programmes_have_no_faults(client: Client) -> None:
    Programme.objects.update(state=Programme.State.WITHDRAWN, withdrawn_reason="For a test.")
    for address in (
        "/",
        "/programmes/",
        "/countries/",
        "/countries/nl/",
        "/about/",
        "/organisations/",
        "/organisations/shell/",
        "/guides/",
    ):
        page_of(client, address)
    gone = client.get("/programmes/jet-net-nl/")
    assert gone.status_code == 410
    assert "For a test." in gone.text


ODD_NAMES = {
    "200 letters without a break": "Donaudampfschifffahrtsgesellschaft" * 5 + "x" * 30,
    "200 letters": ("A programme with a name that takes every letter it can get " * 4)[
        :200
    ].strip(),
    "right to left": "برنامج العلوم والتكنولوجيا للمدارس والصناعة",
    "many scripts": "Наука и індустрія · Επιστήμη · 科学 · კლდე · ß æ ð ő",
    "emoji and joiners": "👩🏽‍🔬 Lab ‮reversed‬ \u200b",
    "markup": "<b>Bold</b> & \"quoted\" 'single' </title></h1><script>alert(1)</script>",
    "a template": "{{ settings.SECRET_KEY }} {% debug %}",
}


def make_highlighted_programme(name: str) -> Programme:
    """Make the only highlighted programme, with a coordinator of the same name."""
    Programme.objects.update(is_highlighted=False)
    programme = builders.make_programme(
        name=name, short_name=name[:60], is_highlighted=True, countries=[builders.country("NL")]
    )
    builders.make_partnership(programme, builders.make_organisation(name=name), "coordinator")
    builders.make_story(programme, title=name[:120], text=name)
    return programme


@pytest.mark.slow
def test_odd_names_are_shown_unchanged_on_pages_without_faults(client: Client) -> None:
    made = []
    for name in ODD_NAMES.values():
        programme = make_highlighted_programme(name)
        programme.refresh_from_db()  # what is stored is cleaned
        made.append(programme.slug)
        partner = programme.partnerships.get().organisation
        for address in ("/", programme.get_absolute_url(), partner.get_absolute_url()):
            page_of(client, address)
        page = client.get(programme.get_absolute_url()).text
        shown = re.search("<h1[^>]*>(.*?)</h1>", page, flags=re.DOTALL)
        assert shown
        assert " ".join(unescape(shown[1]).split()) == " ".join(programme.name.split())
    compared = ("&".join(f"programme={slug}" for slug in some) for some in (made[:4], made[4:]))
    for address in (*LISTS, *(f"/programmes/compare/?{query}" for query in compared)):
        page_of(client, address)


def test_a_programme_with_forty_of_each_fact_has_a_page_without_faults(client: Client) -> None:
    programme = crowded(40)
    page_of(client, programme.get_absolute_url())
    page_of(client, f"/programmes/compare/?programme=jet-net-nl&programme={programme.slug}")
    page_of(client, "/programmes/?sort=updated")
    text = client.get(programme.get_absolute_url()).text
    assert section(text, "reach").count("[") >= 40
    for country in programme.countries.all():
        assert country.name in text


MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"
SAFE = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;"


def fill_with_markup(row: Any) -> None:
    """Put markup into every text field of a row that has no choices of its own.

    Addresses stay different, because no two sources may have the same.
    """
    for column in row._meta.concrete_fields:
        kind = column.get_internal_type()
        if (
            kind in ("CharField", "TextField")
            and not column.choices
            # A lineage row may have only one target, and what is retracted is not shown.
            and column.name not in ("to_text", "retracted_because")
            and (column.max_length or 999) >= 60
        ):
            start = "https://example.org/" if isinstance(column, URLField) else ""
            setattr(row, column.attname, f"{start}{MARKUP}{row.pk if start else ''}")
    row.save()


def test_markup_in_any_text_of_a_programme_is_escaped(client: Client) -> None:
    programme = crowded(1)
    programme.evaluations.update(result="mixed")  # only a known result may have a headline
    builders.make_assessment(programme, verdict="met", evidence="x")
    guide = builders.make_guide()
    builders.make_guide_item(guide, [programme])
    for name in (
        "names",
        "citations",
        "reach",
        "funding",
        "evaluations",
        "documents",
        "partnerships",
        "discrepancies",
        "assessments",
        "lineage",
        "guide_items",
    ):
        for row in getattr(programme, name).all():
            fill_with_markup(row)
    for row in (
        programme,
        *(claim for d in programme.discrepancies.all() for claim in d.claims.all()),
    ):
        fill_with_markup(row)
    for row in (
        *Source.objects.filter(slug__startswith="made-"),
        *Organisation.objects.filter(slug__startswith="made-"),
        guide,
    ):
        fill_with_markup(row)
    pages = [
        programme.get_absolute_url(),
        f"/programmes/compare/?programme=jet-net-nl&programme={programme.slug}",
        "/programmes/?sort=updated",
        guide.get_absolute_url(),
        *(row.organisation.get_absolute_url() for row in programme.partnerships.all()),
    ]
    for address in pages:
        page_of(client, address)
        text = client.get(address).text
        assert SAFE in text
        assert "<script>alert" not in text
        assert "<img src=x" not in text


def test_markup_in_any_text_of_a_platform_strategy_or_country_is_escaped(client: Client) -> None:
    platform, strategy = builders.make_platform(), builders.make_strategy()
    country = builders.country("NL")
    for row in (platform, strategy):
        row.countries.add(country)
        name = row._meta.model_name.removeprefix("national")
        fill_with_markup(builders.make_statement(**{name: row}))
        fill_with_markup(row)
    fill_with_markup(country)
    for address in (
        platform.get_absolute_url(),
        strategy.get_absolute_url(),
        "/platforms/",
        "/strategies/",
        "/countries/",
        "/countries/nl/",
        "/programmes/?country=NL",
    ):
        page_of(client, address)
        text = client.get(address).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text, address

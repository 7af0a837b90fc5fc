"""Tests how much work it is to enter a programme: the keystroke-level model on the real form."""

import pytest
from django.test import Client

from partnerships.models import Organisation
from programmes.models import Audience
from tests.admin.entering import Curator
from tests.builders import country, kind, level

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def forget(*names: str) -> None:
    """Let organisations be unknown to the catalogue."""
    for row in Organisation.objects.filter(name__in=names):
        Organisation.objects.filter(pk=row.pk).update(name=f"Another {row.pk}")
        row.names.all().delete()


def find_audience(slug: str) -> Audience:
    return Audience.objects.get(slug=slug)


def enter_what_it_is(curator: Curator, name: str, website: str, summary: str) -> None:
    curator.type("name", name)
    curator.paste("website", website)
    curator.type("summary", summary)


def test_a_simple_programme_takes_25_fields_and_4_minutes_at_most(admin_client: Client) -> None:
    forget("Thermo Fisher Scientific Baltics")
    curator = Curator(admin_client)
    curator.open()
    curator.paste_sources(
        ("https://example.lt/en/education-for-schoolchildren", "Education for schoolchildren"),
        ("https://example.org/mobile-bioclass/", "Mobile Bioclass in Lithuanian schools"),
    )
    curator.read("citations")
    enter_what_it_is(
        curator,
        "Mobile Bioclass Again",
        "https://example.lt/en/education-for-schoolchildren",
        "Takes a biology laboratory by van to Lithuanian schools, free of charge. Pupils from "
        "grade 9 work on DNA with real instruments.",
    )
    curator.tick("kinds", kind("science-ambassadors").pk, kind("stem-support-materials").pk)
    curator.choose("scope", "national")
    curator.pick("countries", "Lith", [country("LT").pk])
    curator.tick("levels", level(2).pk, level(3).pk)
    curator.tick("audiences", find_audience("students").pk, find_audience("schools").pk)
    curator.add("taking_part")
    curator.choose("taking_part-0-audience", "schools")
    curator.type("taking_part-0-how", "Receive the van, which visits schools on a regular basis.")
    curator.type("year_start", "2011")
    curator.choose("status", "active")
    curator.choose("duration", "hours-days")
    curator.write_lines("reach", "over 100 schools, 2011–2014, since the start [2]")
    curator.read("reach")
    curator.write_lines(
        "partnerships",
        "Vilnius University Life Sciences Center, coordinator [1]",
        "Thermo Fisher Scientific Baltics, founder",
        "Vilnius University, founder",
    )
    curator.read("partnerships")
    curator.choose("partnerships-1-new_type", "company")
    programme = curator.save()

    assert (programme.citations.count(), programme.reach.count()) == (2, 1)
    assert programme.slug == "mobile-bioclass-again"
    assert programme.partnerships.filter(source__title="Education for schoolchildren").count() == 3
    assert curator.fields <= 25
    assert curator.minutes <= 4


def test_a_large_programme_takes_60_fields_and_8_minutes_at_most(admin_client: Client) -> None:
    new = {
        "ESET Foundation": "foundation",
        "Dell": "company",
        "Embassy of the United States in Slovakia": "government",
        "Košice IT Valley": "association",
    }
    forget(*new)
    curator = Curator(admin_client)
    curator.open()
    curator.paste_sources(
        ("https://example.sk/o-girls-day/", "About Girl's Day"),
        ("https://example.sk/2017", "Girl's Day 2017"),
        ("https://example.sk/e-noviny-2015", "Kariérny projekt pre dievčatá"),
        ("https://example.sk/women-and-girls-in-it", "Women and girls in IT"),
        ("https://example.sk/dakujeme", "Ďakujeme, bez vás by sme to nedali"),
    )
    curator.read("citations")
    enter_what_it_is(
        curator,
        "Girl's Day Slovakia Again",
        "https://example.sk/",
        "Opens IT companies and universities all over Slovakia to girls aged 15 to 19 for a day "
        "in April, with talks, workshops and work samples.",
    )
    curator.choose("record_type", "event")
    curator.tick("kinds", kind("company-visits").pk, kind("talks-by-professionals").pk)
    curator.choose("scope", "national")
    curator.pick("countries", "Slovak", [country("SK").pk])
    curator.tick("levels", level(3).pk)
    curator.tick("audiences", find_audience("girls").pk)
    curator.add("taking_part")
    curator.choose("taking_part-0-audience", "schools")
    curator.type("taking_part-0-how", "Have girls register online, or come as a group.")
    curator.add("taking_part")
    curator.choose("taking_part-1-audience", "companies")
    curator.type("taking_part-1-how", "Offer a programme, which the map lists, and host the girls.")
    curator.type("year_start", "2014")
    curator.choose("status", "active")
    curator.choose("duration", "one-off")
    curator.write_lines(
        "reach",
        "nearly 500 students (girls), 2014, each year [3]",
        "over 1,000 students, 2017 [2]",
        "nearly 1,900 students, 2022 [4]",
    )
    curator.read("reach")
    curator.write_lines(
        "partnerships",
        "Aj Ty v IT, coordinator [1]",
        "ESET Foundation, funder [5]",
        "Dell, sponsor",
        "Embassy of the United States in Slovakia, funder",
        "Košice IT Valley, partner [2]",
        "European Commission, funder [5]",
    )
    curator.read("partnerships")
    for row, name in enumerate(new, 1):
        curator.choose(f"partnerships-{row}-new_type", new[name])
    curator.write_lines(
        "funding",
        "EUR 3,000 a year in 2015 from ESET Foundation [5]",
        "EUR 2,650 a year in 2015 from Embassy of the United States in Slovakia",
        "EUR 500 a year in 2015 from Dell",
    )
    curator.read("funding")
    programme = curator.save()

    assert sorted(programme.funding.values_list("organisation__name", "source_type")) == [
        ("Dell", "private"),
        ("ESET Foundation", "foundation"),
        ("Embassy of the United States in Slovakia", "public"),
    ]
    assert (programme.citations.count(), programme.reach.count()) == (5, 3)
    assert programme.partnerships.filter(organisation__name__in=new).count() == 4
    assert curator.fields <= 60
    assert curator.minutes <= 8

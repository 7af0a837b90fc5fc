"""Counts and bases of the catalogue's own content, held against the fixtures read anew."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from django.utils.html import strip_tags

from programmes.models import Programme

pytestmark = pytest.mark.data

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"


@cache
def read_fixtures() -> list[dict[str, Any]]:
    texts = (path.read_text(encoding="utf-8") for path in sorted(FIXTURES.rglob("*.yaml")))
    return [row for text in texts for row in yaml.load(text, Loader=yaml.CSafeLoader)]


def fields_of(model: str) -> Iterator[dict[str, Any]]:
    return (row["fields"] for row in read_fixtures() if row["model"] == model)


# --- Bases ----------------------------------------------------------------------------------------


def test_no_duration_is_without_a_source_or_a_reason() -> None:
    citations = [one for one in fields_of("programmes.citation") if one["field"] == "duration"]
    known = {
        one["programme"][0]
        for one in citations
        if (one["basis"] == "stated" and one.get("source")) or one.get("evidence")
    }
    timed = {one["slug"] for one in fields_of("programmes.programme") if one.get("duration")}
    assert timed
    assert timed - known == set()


def test_every_citation_says_its_basis_and_every_inference_its_reason() -> None:
    citations = list(fields_of("programmes.citation"))
    assert [one for one in citations if not one.get("basis")] == []
    inferred = [one for one in citations if one["basis"] == "inferred"]
    assert [one for one in inferred if not (one.get("evidence") or one.get("source"))] == []


def test_agreements_strategies_and_portals_have_no_duration() -> None:
    networks = {"agreement", "strategy", "resource-portal"}
    rows = fields_of("programmes.programme")
    assert [
        one["slug"] for one in rows if one["record_type"] in networks and one.get("duration")
    ] == []


# --- Counts ---------------------------------------------------------------------------------------


def is_programme(one: dict[str, Any]) -> bool:
    if one["record_type"] in ("strategy", "agreement"):
        return False
    return (one["record_type"], one["status"]) != ("project", "completed")


def records_of(code: str, shared: bool = False) -> list[dict[str, Any]]:
    """Return the records of a country that are its own, or those of three or more countries."""
    rows = (one for one in fields_of("programmes.programme") if [code] in one.get("countries", []))
    return [one for one in rows if (len(one["countries"]) >= 3) is shared]


def read_words(client: Client, address: str) -> str:
    main = client.get(address).text.partition("<main")[2].partition("</main>")[0]
    return " ".join(strip_tags(main).split())


@pytest.mark.django_db
def test_home_says_how_many_records_and_how_many_programmes_there_are(client: Client) -> None:
    rows = list(fields_of("programmes.programme"))
    programmes = [one for one in rows if is_programme(one)]
    told = read_words(client, "/")
    assert f"{len(programmes)} STEM programmes from" in told
    assert f"{len(rows)} records with their sources, {len(programmes)} of them programmes" in told
    assert f"{len(rows)} records: {len(programmes)} programmes" in read_words(client, "/about/")


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["PT", "NL", "EE", "MT", "BE"])
def test_a_country_counts_its_own_programmes_apart_from_european_ones(
    client: Client, code: str
) -> None:
    own = [one for one in records_of(code) if is_programme(one)]
    shared = records_of(code, shared=True)
    told = read_words(client, f"/countries/{code.lower()}/")
    running = sum(one["status"] == "active" for one in own)
    assert (
        f"We list {len(own)} programmes of its own ({running} running when last heard of)." in told
    )
    assert re.search(rf"{len(shared)} European ones? (also )?took part here", told) or not shared


@pytest.mark.django_db
def test_two_ended_projects_and_an_agreement_are_no_programmes_of_portugal(client: Client) -> None:
    ended = {"ingenious", "nptf", "engineering-made-in-portugal"}
    here = {one["slug"] for one in [*records_of("PT"), *records_of("PT", shared=True)]}
    assert ended < here
    assert f"We list {len(here - ended)} programmes of its own" in read_words(
        client, "/countries/pt/"
    )


def test_stem_at_home_is_europe_wide_and_in_no_country() -> None:
    (one,) = [row for row in fields_of("programmes.programme") if row["slug"] == "stem-at-home"]
    assert (one["scope"], one.get("countries", [])) == ("eu-wide", [])


@pytest.mark.django_db
def test_the_technology_pact_as_programme_and_as_strategy_say_so_of_each_other(
    client: Client,
) -> None:
    (one,) = [
        row
        for row in fields_of("partnerships.strategy")
        if row.get("programme") == ["techniekpact"]
    ]
    assert f'href="/strategies/{one["slug"]}/"' in client.get("/programmes/techniekpact/").text
    assert 'href="/programmes/techniekpact/"' in client.get(f"/strategies/{one['slug']}/").text


# --- Order ----------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "?country=NL", "?country=PT", "?kind=teacher-cpd"])
def test_what_ended_comes_after_the_rest_in_a_list_without_an_order_of_its_own(
    client: Client, query: str
) -> None:
    status = {one["slug"]: one["status"] for one in fields_of("programmes.programme")}
    slugs = {one.pk: one.slug for one in Programme.objects.all()}
    page = client.get(f"/programmes/{query}").context["page"]
    ended = [status[slugs[pk]] == "completed" for pk in page.paginator.object_list]
    assert ended == sorted(ended)
    assert any(ended)


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["nl", "gb", "de", "dk", "pt"])
def test_a_country_proposes_to_compare_only_own_programmes_that_have_not_ended(
    client: Client, code: str
) -> None:
    fit = {
        one["slug"]
        for one in records_of(code.upper())
        if is_programme(one) and one["status"] != "completed"
    }
    assert set(client.get(f"/countries/{code}/").context["compared"]) <= fit


@pytest.mark.django_db
def test_what_is_worth_a_closer_look_runs_as_long_as_something_does(client: Client) -> None:
    shown = client.get("/").context["highlighted"]
    ended = [one.status == "completed" for one in shown]
    assert ended == sorted(ended)


# --- Platforms ------------------------------------------------------------------------------------


def platforms_of(standing: str) -> list[dict[str, Any]]:
    rows = fields_of("partnerships.nationalplatform")
    return [one for one in rows if one["standing"] == standing]


@pytest.mark.django_db
def test_portugal_has_no_platform_but_an_attempt_that_came_to_nothing(client: Client) -> None:
    assert [one for one in platforms_of("platform") if ["PT"] in one.get("countries", [])] == []
    words = "We know of no national STEM platform here. An attempt in 2013 came to nothing."
    assert words in read_words(client, "/countries/pt/")
    row = client.get("/countries/").context["rows"]
    assert [one.platforms for one in row if one.country.code == "PT"] == [0]


@pytest.mark.django_db
def test_the_list_of_platforms_counts_only_those_that_act_or_acted_as_one(client: Client) -> None:
    context = client.get("/platforms/").context
    acting, everything = platforms_of("platform"), fields_of("partnerships.nationalplatform")
    assert len(context["acting"]) == len(acting)
    assert len(context["acting"]) + len(context["others"]) == len(list(everything))
    answers = client.get("/api/v1/platforms/?page_size=100").json()["results"]
    assert {one["slug"] for one in answers if one["standing"] == "platform"} == {
        one["slug"] for one in acting
    }


# --- Words about trust ----------------------------------------------------------------------------

FILING = re.compile(r"\blines? \d|plain-text|status field|field is empty|in the copy", re.I)


def test_no_text_for_readers_speaks_of_lines_or_of_our_copies() -> None:
    texts = [
        (row["model"], name, value)
        for row in read_fixtures()
        for name, value in row["fields"].items()
        if isinstance(value, str) and name not in ("locator", "curators_note")
    ]
    assert [one for one in texts if FILING.search(one[2])] == []


@pytest.mark.django_db
@pytest.mark.parametrize("address", [
    "/programmes/jet-net-nl/", "/programmes/stem-at-home/", "/guides/obstacles/",
    "/guides/good-practice/", "/strategies/techniekpact-nl/", "/platforms/jet-net-platform-nl/",
    "/programmes/compare/?programme=jet-net-nl&programme=tektanken", "/about/",
])  # fmt: skip
def test_pages_show_no_line_numbers_no_confidence_and_no_mark_that_all_records_have(
    client: Client, address: str
) -> None:
    text = client.get(address).text.partition("<main")[2]
    assert FILING.findall(text) == []
    told = " ".join(strip_tags(text).lower().split())
    for words in ("confidence", "not yet checked by a curator", "link not checked"):
        assert words not in told


@pytest.mark.django_db
def test_the_api_keeps_the_locators_of_editors(client: Client) -> None:
    answer = client.get("/api/v1/programmes/jet-net-nl/").json()
    assert any("line" in row["source"]["locator"] for row in answer["reach"] if row["source"])


def test_no_record_was_checked_by_an_import() -> None:
    rows = fields_of("programmes.programme")
    assert [one["slug"] for one in rows if one.get("verified_on")] == []


def test_a_document_without_an_address_is_missing_not_unchecked() -> None:
    rows = (one for one in fields_of("programmes.document") if not one.get("url"))
    assert {one["link_state"] for one in rows} == {"missing-in-source"}

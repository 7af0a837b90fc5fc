"""Tests of the API's programmes (fields, figures, money, facets), vocabularies and sources."""

import json
from typing import Any

import pytest
from django.conf import LazySettings
from django.db.models import Model
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from programmes.models import (
    Audience,
    CareerFactor,
    Country,
    EducationLevel,
    InitiativeKind,
    Programme,
    Source,
    Unit,
)
from stemobs.selection.facets import FACETS
from tests import builders
from tests.api.asking import one, programmes
from tests.pictures import make_large

pytestmark = pytest.mark.django_db


ROW = [
    "slug", "name", "record_type", "summary", "page", "scope", "countries", "levels",
    "is_vocational", "kinds", "factors", "audiences", "duration", "status", "status_as_of",
    "year_start", "year_end", "evidence", "open_to", "website", "reach", "verified_on",
    "changed_at",
    "countries_basis", "levels_basis", "kinds_basis", "factors_basis", "audiences_basis",
    "duration_basis", "status_basis", "year_start_basis", "year_end_basis",
]  # fmt: skip
DETAIL = [
    *ROW, "language", "short_name", "names", "description", "objectives", "activities",
    "best_page", "taking_part", "contacts", "also_reaches", "countries_note", "region",
    "site_levels", "age_min", "age_max",
    "languages", "focuses", "sectors", "year_start_detail", "year_end_detail", "bases", "impact",
    "reach_text", "funding_text", "key_statement", "is_highlighted", "highlighted_summary",
    "highlighted_impact", "evaluation_note", "note", "confidence", "logo", "evaluations",
    "funding", "partnerships", "assessments", "discrepancies", "documents", "citations",
    "lineage", "verified_sources", "created_at",
]  # fmt: skip
REACH = [
    "text", "value", "value_max", "qualifier", "unit", "unit_detail", "period", "period_type",
    "year_from", "year_to", "note", "source", "anchor", "earlier",
]  # fmt: skip
FUNDING = [
    "text", "source_type", "organisation", "amount", "amount_max", "qualifier", "currency",
    "basis", "basis_detail", "period", "year_from", "year_to", "note", "source", "anchor",
    "earlier",
]  # fmt: skip
SOURCE = ["slug", "title", "url", "locator"]
BASES = {"stated", "inferred", "declared-not-available", "not-stated"}


# --- Fields ---------------------------------------------------------------------------------------


def test_the_list_has_all_published_programmes_with_the_documented_fields(client: Client) -> None:
    first, *others = (programmes(client, f"page_size=100&page={page}") for page in (1, 2, 3))
    rows = [row for answer in (first, *others) for row in answer["results"]]
    assert first["count"] == len(rows) == Programme.objects.published().count()
    assert all(list(row) == ROW for row in rows)
    assert all(list(figure) == REACH for row in rows for figure in row["reach"])


@pytest.mark.data
def test_every_programme_has_the_documented_fields_and_a_currency_per_amount(
    client: Client,
) -> None:
    for slug in Programme.objects.published().values_list("slug", flat=True):
        answer = one(client, slug)
        assert list(answer) == DETAIL, slug
        assert answer["language"] == "en"
        assert set(answer["bases"].values()) <= BASES
        assert all(list(row) == FUNDING for row in answer["funding"])
        for row in answer["funding"]:
            assert (row["amount"] is None) == (row["currency"] == ""), slug
            assert row["source"], slug


def test_a_row_of_the_list_has_the_same_values_as_the_detail(client: Client) -> None:
    for row in programmes(client, "page_size=10")["results"]:
        assert row.items() <= one(client, row["slug"]).items()


def test_the_sources_of_all_kinds_of_facts_have_the_same_fields(client: Client) -> None:
    answer = one(client, "jet-net-nl")
    facts = ("reach", "funding", "evaluations", "partnerships", "documents", "citations")
    for name in facts:
        assert answer[name], name
        assert all(list(row["source"]) == SOURCE for row in answer[name] if row["source"]), name
    claims = [claim for point in answer["discrepancies"] for claim in point["claims"]]
    assert {tuple(claim["source"]) for claim in claims} == {tuple(SOURCE)}
    assert {tuple(row["source"]) for row in answer["lineage"] if row["source"]} == {tuple(SOURCE)}


def test_facts_have_the_documented_fields(client: Client) -> None:
    programme = builders.make_programme(slug="full")
    organisation = builders.make_organisation(slug="who")
    builders.make_name(programme, "Vol", kind="native", language="nl")
    builders.make_partnership(programme, organisation)
    builders.make_evaluation(programme)
    builders.make_document(programme)
    builders.make_citation(programme, source=builders.make_source())
    builders.make_assessment(programme)
    builders.make_claim(builders.make_discrepancy(programme))
    builders.make_lineage(from_programme=programme, to_text="Elsewhere")
    answer = one(client, "full")
    keys = {name: list(answer[name][0]) for name in (
        "names", "partnerships", "evaluations", "documents", "citations", "assessments",
        "discrepancies", "lineage",
    )}  # fmt: skip
    assert keys == {
        "names": ["name", "kind", "language"],
        "partnerships": ["organisation", "name", "role", "since", "until", "note", "source"],
        "evaluations": [
            "object", "design", "independence", "evaluator", "commissioner", "year", "sample",
            "result", "method", "headline", "finding", "note", "source", "further_sources",
        ],
        "documents": ["title", "type", "language", "year", "url", "link_state", "note", "source"],
        "citations": ["field", "basis", "evidence", "confidence", "source"],
        "assessments": ["criterion", "verdict", "evidence", "source"],
        "discrepancies": ["field", "about", "note", "claims"],
        "lineage": ["subject", "relation", "target", "year", "note", "source"],
    }  # fmt: skip
    (line,) = answer["lineage"]
    assert line["subject"] == {"type": "programme", "slug": "full", "name": programme.name}
    assert line["target"] == {"type": "text", "slug": "", "name": "Elsewhere"}
    assert answer["partnerships"][0]["organisation"] == "who"
    assert list(answer["discrepancies"][0]["claims"][0]) == [
        "statement", "is_shown", "source", "figure",
    ]  # fmt: skip


def test_objectives_activities_and_languages_are_lists(client: Client) -> None:
    builders.make_programme(
        slug="lists", objectives="One\nTwo", activities="Three", languages="en, fr"
    )
    answer = one(client, "lists")
    assert answer["objectives"] == ["One", "Two"]
    assert answer["activities"] == ["Three"]
    assert answer["languages"] == ["en", "fr"]
    builders.make_programme(slug="bare")
    bare = one(client, "bare")
    assert (bare["objectives"], bare["activities"], bare["languages"]) == ([], [], [])
    assert bare["logo"] is None


def test_a_curators_note_is_not_in_the_api(client: Client) -> None:
    builders.make_programme(slug="noted", curators_note="quokka", withdrawn_reason="quokka")
    assert "quokka" not in json.dumps(one(client, "noted"))


def test_a_logo_has_its_url_text_alternative_credit_licence_and_size(
    client: Client, settings: LazySettings, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.SITE_URL = "https://stem.example"
    made = builders.make_programme(slug="pictured", **make_large())
    assert one(client, "pictured")["logo"] == {
        "url": f"https://stem.example/media/{made.logo.name}", "alt": "Red above blue",
        "credit": "Cog Club", "licence": "CC BY 4.0", "width": 800, "height": 400,
    }  # fmt: skip


# --- Figures and money ----------------------------------------------------------------------------


def test_a_figure_is_a_number_with_its_qualifier_unit_period_and_source(client: Client) -> None:
    (figure,) = [row for row in one(client, "jet-net-nl")["reach"] if row["value"] == 60000]
    assert figure["text"] == "about 60,000 students"
    assert (figure["qualifier"], figure["unit"]) == ("about", "students")
    assert figure["period_type"] == "annual"
    assert figure["source"]["slug"] == "stem-coalition-entries"
    assert figure["source"]["locator"] == "line 323"


def test_every_figure_has_a_unit_a_qualifier_and_a_source(client: Client) -> None:
    units = set(Unit.objects.values_list("slug", flat=True))
    for page in (1, 2):
        for row in programmes(client, f"page_size=100&page={page}")["results"]:
            for figure in row["reach"]:
                assert figure["unit"] in units
                assert figure["qualifier"]
                assert figure["source"]["slug"]
                assert isinstance(figure["value"], int | float)


def test_a_range_has_value_and_value_max(client: Client) -> None:
    programme = builders.make_programme(slug="ranged")
    builders.make_reach(programme, 20, value_max=30, qualifier="range")
    (figure,) = one(client, "ranged")["reach"]
    assert (figure["value"], figure["value_max"]) == (20, 30)
    assert figure["text"] == "20 to 30 students"


def test_funding_has_amount_currency_and_words(client: Client) -> None:
    money = {
        (row["qualifier"], row["amount"], row["currency"], row["basis"], row["text"])
        for row in one(client, "jet-net-nl")["funding"]
    }
    assert ("exact", 1_600_000, "EUR", "annual", "EUR\u00a01.6\u00a0million") in money
    assert ("over", 6_000_000, "EUR", "annual", "over EUR\u00a06\u00a0million") in money
    assert ("exact", None, "", "", "Amount not known yet") in money


# --- Facets ---------------------------------------------------------------------------------------


def test_facets_are_in_the_answer_only_if_asked_for(client: Client) -> None:
    assert "facets" not in programmes(client)
    assert list(programmes(client, "facets=level,COUNTRY")["facets"]) == ["level", "country"]
    assert list(programmes(client, "facets=level&facets=kind")["facets"]) == ["level", "kind"]
    assert list(programmes(client, "facets=all")["facets"]) == list(FACETS)
    assert list(programmes(client, "facets=level,all")["facets"]) == list(FACETS)
    assert "facets" not in programmes(client, "facets=")


def test_a_facet_lists_values_with_labels_and_counts(client: Client) -> None:
    rows = programmes(client, "facets=country")["facets"]["country"]
    assert all(list(row) == ["value", "label", "count"] for row in rows)
    dutch = programmes(client, "country=NL")["count"]
    assert {"value": "NL", "label": "Netherlands", "count": dutch} in rows
    assert rows[-1]["value"] == "none"
    assert rows[-1]["label"] == "Not known yet"


def test_the_organisation_facet_lists_its_twenty_largest_values(client: Client) -> None:
    assert len(programmes(client, "facets=organisation")["facets"]["organisation"]) == 20


@pytest.mark.parametrize("query", ["facets=bogus", "facets=country,bogus", "facets=all,bogus"])
def test_an_unknown_facet_is_refused_with_the_allowed_ones(client: Client, query: str) -> None:
    response = client.get(f"/api/v1/programmes/?{query}")
    if query.startswith("facets=all"):
        return
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert (error["parameter"], error["value"]) == ("facets", "bogus")
    assert error["allowed"] == ["all", *FACETS]


def test_the_list_of_organisations_refuses_facets(client: Client) -> None:
    assert client.get("/api/v1/organisations/?facets=all").status_code == 400


def test_the_next_page_keeps_the_selection_and_the_facets(client: Client) -> None:
    query = "country=NL&page_size=2&facets=level"
    following = client.get(programmes(client, query)["next"]).json()
    assert following["facets"] == programmes(client, query)["facets"]
    assert following["count"] == programmes(client, "country=NL")["count"]
    back = client.get(following["previous"]).json()
    assert back == programmes(client, query)
    only = programmes(client, "facets=level")
    assert "facets=level" in only["next"]


def test_a_list_with_all_facets_takes_at_most_seven_queries(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for size in (5, 100):
        with django_assert_max_num_queries(7):
            client.get(f"/api/v1/programmes/?facets=all&page_size={size}")


def test_a_programme_takes_at_most_41_queries(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for slug in ("jet-net-nl", "centres-of-expertise-nl", "childrens-university-obuda"):
        with django_assert_max_num_queries(41):
            one(client, slug)


# --- Vocabularies and sources ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "model", "keys"),
    [
        ("countries", Country, "code name in_eu in_eea is_candidate note programme_count page"),
        ("education-levels", EducationLevel, "code name short_name description"),
        ("initiative-kinds", InitiativeKind, "slug name description mechanism factors source"),
        ("career-factors", CareerFactor, "slug name description question source"),
        ("audiences", Audience, "slug name description"),
        (
            "sources", Source,
            "slug title publisher kind url language published recorded_on archived_url"
            " link_state note",
        ),
    ],
)  # fmt: skip
def test_vocabularies_have_the_documented_fields(
    client: Client, name: str, model: type[Model], keys: str
) -> None:
    answer = client.get(f"/api/v1/{name}/?page_size=100").json()
    assert answer["count"] == model._default_manager.count()
    assert all(list(row) == keys.split() for row in answer["results"])


def test_a_country_is_found_by_its_code_in_small_letters(
    client: Client, settings: LazySettings
) -> None:
    settings.SITE_URL = "https://stem.example"
    answer = client.get("/api/v1/countries/nl/").json()
    assert answer["code"] == "NL"
    assert answer["page"] == "https://stem.example/countries/nl/"
    assert answer["programme_count"] == programmes(client, "country=NL")["count"]


def test_every_country_counts_its_published_programmes(client: Client) -> None:
    for row in client.get("/api/v1/countries/?page_size=100").json()["results"]:
        own = Country.objects.get(code=row["code"]).programmes.filter(state="published")
        assert row["programme_count"] == own.count()


@pytest.mark.parametrize("code", ["9", "-1", "3.0", "three", "%D9%A3"])
def test_an_unknown_education_level_is_a_404(client: Client, code: str) -> None:
    assert client.get(f"/api/v1/education-levels/{code}/").status_code == 404


def test_a_kind_of_initiative_has_the_slugs_of_its_factors(client: Client) -> None:
    for kind in InitiativeKind.objects.prefetch_related("factors"):
        answer = client.get(f"/api/v1/initiative-kinds/{kind.slug}/").json()
        assert answer["factors"] == [factor.slug for factor in kind.factors.all()]
        assert answer["source"]["locator"]

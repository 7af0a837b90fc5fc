"""The API's programmes, vocabularies and sources: shapes, figures, the hidden and the moved."""

import json
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from programmes.models import Country, InitiativeKind, Programme, Unit
from stemobs.selection.facets import FACETS
from tests import builders

pytestmark = pytest.mark.django_db

ROW = [
    "slug", "name", "record_type", "summary", "page", "scope", "countries", "levels",
    "is_vocational", "kinds", "factors", "audiences", "duration", "status", "status_as_of",
    "year_start", "year_end", "evidence", "reach", "verified_on", "changed_at",
]  # fmt: skip
DETAIL = [
    *ROW, "language", "short_name", "names", "description", "objectives", "activities",
    "website", "also_reaches", "countries_note", "region", "site_levels", "age_min", "age_max",
    "languages", "focuses", "sectors", "year_start_detail", "year_end_detail", "bases", "impact",
    "reach_text", "funding_text", "key_statement", "is_highlighted", "highlighted_summary",
    "highlighted_impact", "evaluation_note", "note", "confidence", "logo", "evaluations",
    "funding", "partnerships", "assessments", "discrepancies", "documents", "citations",
    "lineage", "created_at",
]  # fmt: skip
REACH = [
    "text", "value", "value_max", "qualifier", "unit", "unit_detail", "period", "period_type",
    "year_from", "year_to", "note", "source",
]  # fmt: skip
FUNDING = [
    "text", "source_type", "organisation", "amount", "amount_max", "qualifier", "currency",
    "basis", "basis_detail", "period", "year_from", "year_to", "note", "source",
]  # fmt: skip
SOURCE = ["slug", "title", "url", "locator"]
BASES = {"stated", "inferred", "declared-not-available", "not-stated"}


def programmes(client: Client, query: str = "") -> dict[str, Any]:
    return client.get(f"/api/v1/programmes/?{query}").json()


def one(client: Client, slug: str) -> dict[str, Any]:
    return client.get(f"/api/v1/programmes/{slug}/").json()


# --- Shapes ---------------------------------------------------------------------------------------


def test_the_list_has_every_published_programme_in_rows_of_fixed_shape(client: Client) -> None:
    first, second = (programmes(client, f"page_size=100&page={page}") for page in (1, 2))
    rows = first["results"] + second["results"]
    assert first["count"] == len(rows) == 143
    assert all(list(row) == ROW for row in rows)
    assert all(list(figure) == REACH for row in rows for figure in row["reach"])


def test_every_detail_has_the_documented_shape_and_no_amount_lacks_its_currency(
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


def test_a_row_of_the_list_says_the_same_as_the_detail(client: Client) -> None:
    for row in programmes(client, "page_size=10")["results"]:
        assert row.items() <= one(client, row["slug"]).items()


def test_every_fact_has_its_source_in_the_same_shape(client: Client) -> None:
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
            "approach", "conducted_by", "evaluator", "year", "method", "finding", "note", "source",
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
    assert list(answer["discrepancies"][0]["claims"][0]) == ["statement", "is_shown", "source"]


def test_lists_within_an_entry_come_as_lists(client: Client) -> None:
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


def test_a_curators_note_is_not_told(client: Client) -> None:
    builders.make_programme(slug="noted", curators_note="quokka", withdrawn_reason="quokka")
    assert "quokka" not in json.dumps(one(client, "noted"))


def test_a_logo_comes_with_its_address_text_and_licence(
    client: Client, settings: LazySettings, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.SITE_URL = "https://stem.example"
    logo = SimpleUploadedFile("cog.png", b"not checked here")
    builders.make_programme(slug="pictured", logo=logo, logo_alt="A cog", logo_licence="CC0-1.0")
    assert one(client, "pictured")["logo"] == {
        "url": "https://stem.example/media/logos/cog.png", "alt": "A cog", "licence": "CC0-1.0",
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


def test_a_range_has_two_ends(client: Client) -> None:
    programme = builders.make_programme(slug="ranged")
    builders.make_reach(programme, 20, value_max=30, qualifier="range")
    (figure,) = one(client, "ranged")["reach"]
    assert (figure["value"], figure["value_max"]) == (20, 30)
    assert figure["text"] == "20 to 30 students"


def test_money_carries_its_currency_as_stated(client: Client) -> None:
    money = {
        (row["qualifier"], row["amount"], row["currency"], row["basis"], row["text"])
        for row in one(client, "jet-net-nl")["funding"]
    }
    assert ("exact", 1_600_000, "EUR", "annual", "EUR\u00a01.6\u00a0million") in money
    assert ("over", 6_000_000, "EUR", "annual", "over EUR\u00a06\u00a0million") in money
    assert ("exact", None, "", "", "Amount not stated") in money


# --- Facets ---------------------------------------------------------------------------------------


def test_facets_are_counted_only_where_asked(client: Client) -> None:
    assert "facets" not in programmes(client)
    assert list(programmes(client, "facets=level,COUNTRY")["facets"]) == ["level", "country"]
    assert list(programmes(client, "facets=level&facets=kind")["facets"]) == ["level", "kind"]
    assert list(programmes(client, "facets=all")["facets"]) == list(FACETS)
    assert list(programmes(client, "facets=level,all")["facets"]) == list(FACETS)
    assert "facets" not in programmes(client, "facets=")


def test_a_facet_gives_values_labels_and_counts(client: Client) -> None:
    rows = programmes(client, "facets=country")["facets"]["country"]
    assert all(list(row) == ["value", "label", "count"] for row in rows)
    dutch = programmes(client, "country=NL")["count"]
    assert {"value": "NL", "label": "Netherlands", "count": dutch} in rows
    assert rows[-1]["value"] == "none"
    assert rows[-1]["label"] == "Not stated"


def test_the_organisation_facet_gives_its_twenty_largest(client: Client) -> None:
    assert len(programmes(client, "facets=organisation")["facets"]["organisation"]) == 20


@pytest.mark.parametrize("query", ["facets=bogus", "facets=country,bogus", "facets=all,bogus"])
def test_an_unknown_facet_is_refused_with_those_that_exist(client: Client, query: str) -> None:
    response = client.get(f"/api/v1/programmes/?{query}")
    if query.startswith("facets=all"):
        return
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert (error["parameter"], error["value"]) == ("facets", "bogus")
    assert error["allowed"] == ["all", *FACETS]


def test_only_programmes_have_facets(client: Client) -> None:
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


def test_a_list_and_all_its_facets_take_a_fixed_number_of_queries(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for size in (5, 100):
        with django_assert_max_num_queries(7):
            client.get(f"/api/v1/programmes/?facets=all&page_size={size}")


def test_a_detail_takes_a_fixed_number_of_queries(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for slug in ("jet-net-nl", "centres-of-expertise-nl", "childrens-university-obuda"):
        with django_assert_max_num_queries(36):
            one(client, slug)


# --- Forms ----------------------------------------------------------------------------------------

JSON, CSV, NDJSON, JSONLD = (
    "application/json", "text/csv", "application/x-ndjson", "application/ld+json",
)  # fmt: skip
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LIST, ENTRY, FIGURES = (
    "/api/v1/programmes/?country=FI", "/api/v1/programmes/jet-net-nl/",
    "/api/v1/programmes/figures/?country=FI",
)  # fmt: skip


def ask_for(client: Client, address: str, form: str = "", accept: str | None = None) -> Any:
    joint = "&" if "?" in address else "?"
    headers = {} if accept is None else {"Accept": accept}
    return client.get(f"{address}{joint}format={form}" if form else address, headers=headers)


def media_type(response: Any) -> str:
    assert response.status_code == 200
    assert response.getvalue()  # reads a file to its end, which closes it
    return response.headers["Content-Type"].partition(";")[0]


@pytest.mark.parametrize(
    ("address", "forms"),
    [
        (LIST, {"json": JSON, "csv": CSV, "xlsx": XLSX, "ndjson": NDJSON, "jsonld": JSONLD}),
        (ENTRY, {"json": JSON, "jsonld": JSONLD}),
        (FIGURES, {"csv": CSV, "xlsx": XLSX, "ndjson": NDJSON}),
    ],
)
def test_the_address_decides_on_the_form_else_what_is_accepted(
    client: Client, address: str, forms: dict[str, str]
) -> None:
    for form, kind in forms.items():
        assert media_type(ask_for(client, address, form)) == kind
        assert media_type(ask_for(client, address, form.upper(), "text/turtle")) == kind
        assert media_type(ask_for(client, address, accept=kind)) == kind
        assert media_type(ask_for(client, address, accept=f"text/turtle, {kind};q=0.1")) == kind
        assert "Accept" in client.head(address, {"format": form}).headers["Vary"]
    usual = next(iter(forms.values()))
    for accept in (None, "", "*/*", "text/html, */*;q=0.1", "application/json, text/csv;q=0.9"):
        if address != FIGURES or accept is None or "json" not in accept:
            assert media_type(ask_for(client, address, accept=accept)) == usual
    wrong = ask_for(client, address, "turtle", "text/turtle")
    assert wrong.status_code == 400
    (error,) = wrong.json()["errors"]
    assert (error["parameter"], error["value"]) == ("format", "turtle")
    assert set(error["allowed"]) == set(forms)
    assert ask_for(client, address, "json&format=csv").status_code == 400
    refused = ask_for(client, address, accept="text/turtle")
    assert refused.status_code == 406
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert usual in refused.json()["detail"]


def test_weights_decide_between_forms(client: Client) -> None:
    accept = "application/json;q=0.5, text/csv;q=0.9, application/x-ndjson;q=0.7"
    assert media_type(ask_for(client, LIST, accept=accept)) == CSV
    assert media_type(ask_for(client, ENTRY, accept=accept)) == JSON


def test_each_form_of_an_answer_has_its_own_tag(client: Client) -> None:
    tags = {
        accept: ask_for(client, LIST, accept=accept).headers["ETag"]
        for accept in (JSON, CSV, NDJSON, "*/*")
    }
    assert len({*tags.values()}) == 4
    for accept, tag in tags.items():
        headers = {"Accept": accept, "If-None-Match": tag}
        again = client.get(LIST, headers=headers)
        assert (again.status_code, again.content) == (304, b"")
        assert "Accept" in again.headers["Vary"]
        other = {**headers, "Accept": "text/csv;q=0.5"}
        assert client.get(LIST, headers=other).status_code == 200
    turtle = {"Accept": "text/turtle", "If-None-Match": ", ".join(tags.values())}
    assert client.get(LIST, headers=turtle).status_code == 406


def test_a_file_holds_the_whole_selection_and_takes_no_page(client: Client) -> None:
    listed = [row["slug"] for row in programmes(client, "country=NL&page_size=100")["results"]]
    lines = client.get("/api/v1/programmes/?country=NL&format=ndjson").getvalue().splitlines()
    assert [json.loads(line)["slug"] for line in lines] == listed
    for name in ("page=1", "page_size=5", "cursor=*", "fields=slug", "facets=all"):
        for address in (LIST, FIGURES):
            wrong = ask_for(client, f"{address}&{name}", "csv")
            assert wrong.status_code == 400
            assert wrong.headers["Content-Type"] == "application/problem+json"
            assert [error["parameter"] for error in wrong.json()["errors"]] == [name.split("=")[0]]


def test_a_byte_order_mark_is_for_csv_only(client: Client) -> None:
    for address in (LIST, FIGURES):
        assert ask_for(client, f"{address}&bom=1", "csv").getvalue().startswith(b"\xef\xbb\xbf")
        assert not ask_for(client, f"{address}&bom=0", "csv").getvalue().startswith(b"\xef")
        for form, value in (("ndjson", "1"), ("csv", "2"), ("csv", "1,0")):
            wrong = ask_for(client, f"{address}&bom={value}", form)
            assert wrong.json()["errors"][0]["parameter"] == "bom"


def test_a_parameter_in_the_wrong_company_is_told_where_it_belongs(client: Client) -> None:
    csv, files = "is for format=csv only", "is not for files, which hold everything"
    counts = "/api/v1/programmes/counts/"
    asked = {
        f"{LIST}&bom=1": ("bom", csv),
        f"{LIST}&bom=1&format=xlsx": ("bom", csv),
        f"{FIGURES}&bom=1&format=ndjson": ("bom", csv),
        f"{LIST}&format=csv&fields=name": ("fields", files),
        f"{FIGURES}&page=2": ("page", files),
        f"{counts}?group_by=kind&page=2": ("page", "is not a parameter of this address"),
        f"{counts}?group_by=kind&bom=1": ("bom", "is not a parameter of this address"),
        counts: ("group_by", "is required"),
        f"{counts}?group_by=,": ("group_by", "is required"),
    }
    for address, (parameter, reason) in asked.items():
        response = client.get(address)
        assert response.status_code == 400, address
        (wrong,) = response.json()["errors"]
        assert wrong["parameter"] == parameter
        assert wrong["reason"].startswith(reason)


def test_the_head_of_a_file_is_that_of_the_file(client: Client) -> None:
    for address in (LIST, FIGURES):
        for form in ("csv", "ndjson"):
            got, head = (
                getattr(client, method)(f"{address}&format={form}") for method in ("get", "head")
            )
            assert (head.status_code, head.getvalue()) == (200, b"")
            assert got.getvalue()
            for name in ("Content-Type", "Content-Disposition", "Vary", "ETag"):
                assert head.headers[name] == got.headers[name]


def test_an_entry_as_linked_data_has_no_fields_to_choose(client: Client) -> None:
    answer = ask_for(client, ENTRY, "jsonld").json()
    assert answer["@context"]
    assert answer["name"] == one(client, "jet-net-nl")["name"]
    wrong = ask_for(client, f"{ENTRY}?fields=slug", "jsonld")
    assert wrong.json()["errors"][0]["parameter"] == "fields"
    builders.make_programme(slug="quokka", state="draft")
    builders.make_programme(slug="gone", state="withdrawn", withdrawn_reason="Why.")
    for slug, status in (("quokka", 404), ("gone", 410)):
        response = client.get(f"/api/v1/programmes/{slug}/?format=jsonld")
        assert response.status_code == status
        assert response.headers["Content-Type"] == "application/problem+json"


# --- What is hidden -------------------------------------------------------------------------------


@pytest.fixture
def draft(request: pytest.FixtureRequest) -> Programme:
    """A programme that nobody may see, tied to everything that the public may see."""
    draft = builders.make_programme(
        slug="quokka-draft", name="Quokka draft", state=request.param,
        countries=[builders.country("NL")], levels=[builders.level(3)],
        kinds=[builders.kind("debates")], is_highlighted=True,
    )  # fmt: skip
    organisation = builders.make_organisation(slug="tied", name="Tied")
    builders.make_partnership(draft, organisation)
    builders.make_funding(draft, organisation=organisation, note="Quokka money")
    builders.make_former_slug(draft, "quokka-old")
    public = builders.make_programme(slug="public", name="Public")
    builders.make_partnership(public, organisation)
    strategy = builders.make_strategy(slug="tied-strategy", name="Tied", programme=draft)
    platform = builders.make_platform(slug="tied-platform", name="Tied")
    platform.programmes.set([draft])
    builders.make_guide_item(builders.make_guide(slug="tied-guide"), [draft])
    for end in ({"to_programme": public}, {"to_strategy": strategy}, {"to_platform": platform}):
        builders.make_lineage(from_programme=draft, **end)
    builders.make_lineage(from_programme=public, to_programme=draft)
    builders.make_lineage(from_strategy=strategy, to_programme=draft)
    gone = builders.make_programme(
        slug="gone", name="Gone", state=Programme.State.WITHDRAWN, merged_into=draft
    )
    builders.make_former_slug(gone, "gone-old")
    return draft


ADDRESSES = [
    "/", "/programmes/?page_size=100", "/programmes/?q=quokka", "/programmes/?country=NL",
    "/programmes/public/", "/programmes/gone/", "/organisations/?q=tied", "/organisations/tied/",
    "/countries/", "/countries/nl/", "/platforms/", "/platforms/tied-platform/", "/strategies/",
    "/strategies/tied-strategy/", "/guides/", "/guides/tied-guide/", "/about/",
    "/feeds/programmes.rss", "/feeds/programmes.atom", "/feeds/withdrawn.rss",
    "/feeds/withdrawn.atom", "/programmes.bib?q=quokka", "/programmes/gone.ris",
    "/api/v1/programmes/?page_size=100&facets=all", "/api/v1/programmes/?page_size=100&page=2",
    "/api/v1/programmes/public/", "/api/v1/programmes/gone/", "/api/v1/organisations/tied/",
    "/api/v1/platforms/tied-platform/", "/api/v1/platforms/?page_size=100",
    "/api/v1/strategies/tied-strategy/", "/api/v1/strategies/?page_size=100",
    "/api/v1/guides/tied-guide/", "/api/v1/countries/NL/", "/api/v1/changes/?page_size=100",
    "/api/v1/programmes/counts/?group_by=organisation", "/api/v1/programmes/?format=ndjson",
    "/api/v1/programmes/figures/", "/api/v1/programmes/public/?format=jsonld",
]  # fmt: skip


@pytest.mark.parametrize("draft", ["draft", "review"], indirect=True)
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_draft_is_named_nowhere(client: Client, draft: Programme, address: str) -> None:
    response = client.get(address)
    assert response.status_code in (200, 410)
    text = (
        response.getvalue().decode().replace("q=quokka", "").replace('value="quokka"', "").lower()
    )
    assert "quokka-" not in text
    assert "quokka draft" not in text
    assert "quokka money" not in text


@pytest.mark.parametrize("draft", ["draft", "review"], indirect=True)
@pytest.mark.parametrize(
    "address",
    [
        "/programmes/quokka-draft/", "/programmes/quokka-old/",
        "/api/v1/programmes/quokka-draft/", "/api/v1/programmes/quokka-old/",
    ],
)  # fmt: skip
def test_a_draft_and_its_former_address_are_a_404(
    client: Client, draft: Programme, address: str
) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("draft", ["draft"], indirect=True)
def test_a_draft_is_not_counted(client: Client, draft: Programme) -> None:
    answer = programmes(client, "facets=all")
    assert answer["count"] == 144, "the 143 and the public one that the fixture adds"
    in_nl = {row["value"]: row["count"] for row in answer["facets"]["country"]}["NL"]
    assert in_nl == programmes(client, "country=NL")["count"]
    assert client.get("/api/v1/countries/NL/").json()["programme_count"] == in_nl
    assert client.get("/api/v1/organisations/tied/").json()["programme_count"] == 1
    assert programmes(client, "organisation=tied")["count"] == 1
    assert programmes(client, "q=quokka")["count"] == 0


@pytest.mark.parametrize("draft", ["draft"], indirect=True)
def test_a_curator_sees_a_draft_which_no_cache_may_keep(client: Client, draft: Programme) -> None:
    client.force_login(get_user_model().objects.create_superuser("curator"))
    response = client.get("/programmes/quokka-draft/")
    assert response.status_code == 200
    assert response.context["is_public"] is False
    assert "no-store" in response.headers["Cache-Control"]
    assert client.get("/api/v1/programmes/quokka-draft/").status_code == 404


def test_a_user_without_the_permission_sees_no_draft(client: Client) -> None:
    builders.make_programme(slug="secret", state=Programme.State.DRAFT)
    client.force_login(get_user_model().objects.create_user("somebody"))
    assert client.get("/programmes/secret/").status_code == 404


# --- What has gone or moved -----------------------------------------------------------------------


def test_a_withdrawn_entry_is_gone_with_its_reason(client: Client) -> None:
    reason = "It never took place."
    builders.make_programme(slug="old", name="Quokka", state="withdrawn", withdrawn_reason=reason)
    page = client.get("/programmes/old/")
    assert page.status_code == 410
    assert reason in page.text
    api = client.get("/api/v1/programmes/old/")
    assert api.status_code == 410
    assert api.headers["Content-Type"] == "application/problem+json"
    assert api.json()["detail"] == reason
    assert programmes(client, "q=quokka")["count"] == 0
    assert programmes(client)["count"] == 143


def test_a_merged_entry_leads_to_the_one_that_took_over(client: Client) -> None:
    successor = builders.make_programme(slug="new")
    builders.make_programme(slug="old", state="withdrawn", merged_into=successor)
    page = client.get("/programmes/old/")
    assert (page.status_code, page.headers["Location"]) == (301, "/programmes/new/")
    api = client.get("/api/v1/programmes/old/")
    assert api.status_code == 410
    assert "new" in api.json()["detail"]


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_an_entry_merged_into_what_is_not_public_is_only_gone(client: Client, state: str) -> None:
    successor = builders.make_programme(slug="quokka", state=state, withdrawn_reason="Gone too.")
    builders.make_programme(slug="old", state="withdrawn", merged_into=successor)
    for path in ("/programmes/old/", "/api/v1/programmes/old/"):
        response = client.get(path)
        assert response.status_code == 410
        assert "quokka" not in response.text
    assert client.get("/api/v1/programmes/old/").json()["detail"]


def test_a_former_address_leads_to_the_entry(client: Client) -> None:
    builders.make_former_slug(builders.make_programme(slug="new"), "old")
    page = client.get("/programmes/old/")
    assert (page.status_code, page.headers["Location"]) == (301, "/programmes/new/")
    assert one(client, "old")["slug"] == "new"


def test_an_address_in_use_is_not_given_to_its_former_owner(client: Client) -> None:
    former = builders.make_programme(slug="new", name="Aardvark")
    builders.make_former_slug(former, "same")
    builders.make_programme(slug="same", name="Zebra")
    assert client.get("/programmes/same/").context["programme"].name == "Zebra"
    assert one(client, "same")["name"] == "Zebra"


def test_a_former_address_of_a_withdrawn_entry_is_gone_too(client: Client) -> None:
    gone = builders.make_programme(slug="gone", state="withdrawn", withdrawn_reason="A duplicate.")
    builders.make_former_slug(gone, "older")
    assert client.get("/programmes/older/", follow=True).status_code == 410
    assert client.get("/api/v1/programmes/older/").status_code == 410


@pytest.mark.parametrize("slug", ["nobody", "a" * 500, "%20", "é", "jet-net-nl.json", "..", "🚀"])
def test_a_programme_that_is_not_there_is_a_404(client: Client, slug: str) -> None:
    for path in (f"/programmes/{slug}/", f"/api/v1/programmes/{slug}/"):
        assert client.get(path).status_code == 404


# --- Vocabularies and sources ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "number", "keys"),
    [
        ("countries", 58, "code name in_eu in_eea is_candidate note programme_count page"),
        ("education-levels", 9, "code name short_name description"),
        ("initiative-kinds", 11, "slug name description mechanism factors source"),
        ("career-factors", 4, "slug name description question source"),
        ("audiences", 22, "slug name description"),
        (
            "sources", 467,
            "slug title publisher kind url language published recorded_on archived_url"
            " link_state note",
        ),
    ],
)  # fmt: skip
def test_vocabularies_have_the_documented_fields(
    client: Client, name: str, number: int, keys: str
) -> None:
    answer = client.get(f"/api/v1/{name}/?page_size=100").json()
    assert answer["count"] == number
    assert all(list(row) == keys.split() for row in answer["results"])


def test_a_country_is_found_in_small_letters_too(client: Client, settings: LazySettings) -> None:
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
def test_a_level_that_isced_does_not_have_is_a_404(client: Client, code: str) -> None:
    assert client.get(f"/api/v1/education-levels/{code}/").status_code == 404


def test_a_kind_tells_the_factors_that_it_works_on(client: Client) -> None:
    for kind in InitiativeKind.objects.prefetch_related("factors"):
        answer = client.get(f"/api/v1/initiative-kinds/{kind.slug}/").json()
        assert answer["factors"] == [factor.slug for factor in kind.factors.all()]
        assert answer["source"]["locator"]

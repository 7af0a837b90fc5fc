"""Tests of the API's organisations, platforms, strategies, obstacles, criteria and guides."""

import datetime

import pytest
from django.conf import LazySettings
from django.test import Client

from partnerships.models import Organisation
from programmes.models import Programme
from tests import builders

pytestmark = pytest.mark.django_db

ORGANISATION = {
    "slug", "name", "names", "type", "is_type_inferred", "country", "is_country_inferred",
    "programme_count", "page",
}  # fmt: skip
INITIATIVE = {
    "slug", "name", "native_names", "level", "countries", "region", "year_start",
    "year_start_detail", "year_end", "year_end_detail", "status", "status_as_of", "confidence",
    "note", "page", "statements", "changed_at",
}  # fmt: skip
STATEMENT = {
    "kind", "text", "value", "qualifier", "unit", "currency", "period", "year_from", "year_to",
    "note", "source", "earlier",
}  # fmt: skip
GUIDE = {"slug", "title", "group", "vocabulary", "summary", "caution", "source", "page"}
ITEM = {
    "slug", "group", "heading", "text", "value", "locator", "programmes", "organisations",
    "platforms", "strategies", "countries",
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "row", "detail"),
    [
        (
            "organisations/ptvt", ORGANISATION,
            {"website", "note", "parent", "successor", "partnerships", "sources", "changed_at"},
        ),
        (
            "strategies/estonian-technology-pact",
            INITIATIVE | {"type", "summary", "owners", "implementing_body", "programme"}, set(),
        ),
        (
            "platforms/luma-centre-finland",
            INITIATIVE | {
                "organisation", "mandate", "mandated_by", "coalition_role", "programmes",
                "strategies", "standing",
            },
            set(),
        ),
        (
            "obstacles/lack-of-resources",
            {"slug", "name", "family", "share", "description", "response", "source"}, set(),
        ),
        (
            "criteria/encourages-girls",
            {"slug", "name", "group", "description", "source"}, set(),
        ),
        ("guides/gaps", GUIDE, {"items", "changed_at"}),
    ],
)  # fmt: skip
def test_lists_and_details_have_exactly_the_documented_fields(
    client: Client, path: str, row: set[str], detail: set[str]
) -> None:
    name = path.split("/")[0]
    rows = client.get(f"/api/v1/{name}/?page_size=100").json()["results"]
    assert all(set(answer) == row for answer in rows)
    found = client.get(f"/api/v1/{path}/")
    if found.status_code == 404:
        found = client.get(f"/api/v1/{name}/{rows[0]['slug']}/")
    assert set(found.json()) == row | detail


def test_the_page_field_uses_the_public_address_from_the_settings(
    client: Client, settings: LazySettings
) -> None:
    settings.SITE_URL = "https://stem.example"
    for name in ("organisations", "strategies", "platforms", "guides"):
        row = client.get(f"/api/v1/{name}/?page_size=1").json()["results"][0]
        assert row["page"] == f"https://stem.example/{name}/{row['slug']}/"
    following = client.get("/api/v1/organisations/?page_size=1&type=ngo").json()["next"]
    assert following == "https://stem.example/api/v1/organisations/?type=ngo&page=2&page_size=1"


def test_an_alias_redirects_on_pages_and_is_answered_by_the_api(client: Client) -> None:
    page = client.get("/organisations/pbt/")
    assert page.status_code == 301
    assert page.headers["Location"] == "/organisations/ptvt/"
    assert client.get("/api/v1/organisations/pbt/").json()["slug"] == "ptvt"


def test_a_slug_wins_over_the_same_alias_of_another_organisation(client: Client) -> None:
    builders.make_organisation(slug="same", name="Zebra")
    other = builders.make_organisation(name="Aardvark")
    builders.make_organisation_name(other, slug="same")
    assert client.get("/organisations/same/").status_code == 200
    assert client.get("/api/v1/organisations/same/").json()["name"] == "Zebra"


@pytest.mark.parametrize("slug", ["nobody", "a" * 500, "é", "%20"])
def test_an_unknown_organisation_is_a_404(client: Client, slug: str) -> None:
    for path in (f"/organisations/{slug}/", f"/api/v1/organisations/{slug}/"):
        assert client.get(path).status_code == 404


def test_an_organisation_has_its_roles_with_their_sources(client: Client) -> None:
    rows = client.get("/api/v1/organisations/shell/").json()["partnerships"]
    founder = next(row for row in rows if row["programme"] == "jet-net-nl")
    assert set(founder) == {"programme", "name", "role", "since", "until", "note", "source"}
    assert founder["role"] == "founder"
    assert set(founder["source"]) == {"slug", "title", "url", "locator"}


def test_names_of_an_organisation_have_kind_language_and_years(client: Client) -> None:
    names = client.get("/api/v1/organisations/ptvt/").json()["names"]
    assert names
    assert set(names[0]) == {"name", "slug", "kind", "language", "since", "until"}


def test_figures_of_strategies_have_qualifier_source_and_unit_or_currency(client: Client) -> None:
    rows = client.get("/api/v1/strategies/?page_size=100").json()["results"]
    figures = [s for row in rows for s in row["statements"] if s["value"] is not None]
    assert figures
    for figure in figures:
        assert set(figure) == STATEMENT
        assert figure["qualifier"]
        assert bool(figure["unit"]) != bool(figure["currency"])
        assert figure["source"]["slug"]


def test_native_names_are_a_list_of_language_and_name(client: Client) -> None:
    builders.make_strategy(slug="bilingual", native_names="nl: Pact; fr: Pacte: le vrai")
    assert client.get("/api/v1/strategies/bilingual/").json()["native_names"] == [
        {"language": "nl", "name": "Pact"},
        {"language": "fr", "name": "Pacte: le vrai"},
    ]
    builders.make_strategy(slug="plain")
    assert client.get("/api/v1/strategies/plain/").json()["native_names"] == []


def test_the_eleven_obstacles_have_shares_that_add_up_to_101(client: Client) -> None:
    rows = client.get("/api/v1/obstacles/").json()["results"]
    assert len(rows) == 11
    assert sum(row["share"] for row in rows) == 101


def test_there_are_twelve_criteria(client: Client) -> None:
    assert client.get("/api/v1/criteria/").json()["count"] == 12


def test_a_guide_has_its_items_with_the_records_they_name(client: Client) -> None:
    programme = builders.make_programme(slug="named")
    guide = builders.make_guide(slug="made")
    item = builders.make_guide_item(guide, [programme], value="5 %", locator="line 1")
    item.countries.set([builders.country("NL")])
    (answer,) = client.get("/api/v1/guides/made/").json()["items"]
    assert set(answer) == ITEM
    assert answer["programmes"] == ["named"]
    assert answer["countries"] == ["NL"]


@pytest.mark.parametrize("state", ["draft", "review", "withdrawn"])
def test_no_other_resource_names_an_unpublished_programme(client: Client, state: str) -> None:
    hidden = builders.make_programme(slug="hidden", state=state, withdrawn_reason="Gone.")
    organisation = builders.make_organisation(slug="in-it")
    builders.make_partnership(hidden, organisation)
    builders.make_strategy(slug="same-thing", programme=hidden)
    platform = builders.make_platform(slug="with-it")
    platform.programmes.set([hidden])
    guide = builders.make_guide(slug="naming-it")
    builders.make_guide_item(guide, [hidden])
    assert client.get("/api/v1/organisations/in-it/").json()["partnerships"] == []
    assert client.get("/api/v1/organisations/in-it/").json()["programme_count"] == 0
    assert client.get("/api/v1/strategies/same-thing/").json()["programme"] is None
    assert client.get("/api/v1/platforms/with-it/").json()["programmes"] == []
    assert client.get("/api/v1/guides/naming-it/").json()["items"][0]["programmes"] == []


def test_the_programme_count_of_an_organisation_counts_published_programmes(client: Client) -> None:
    rows = client.get("/api/v1/organisations/?page_size=100").json()["results"]
    for row in rows[:20]:
        own = Organisation.objects.get(slug=row["slug"]).partnerships
        published = own.filter(programme__state=Programme.State.PUBLISHED)
        assert row["programme_count"] == published.values("programme").distinct().count()


@pytest.mark.parametrize("name", ["organisations", "platforms", "strategies", "guides"])
def test_updated_since_selects_rows_changed_since_a_moment(client: Client, name: str) -> None:
    address = f"/api/v1/{name}/?fields=slug"
    every = client.get(address).json()["count"]
    made = getattr(builders, f"make_{name.removesuffix('s').replace('strategie', 'strategy')}")()
    later = made.changed_at + datetime.timedelta(microseconds=1)
    since = made.changed_at.isoformat().replace("+00:00", "Z")
    found = client.get(f"{address}&updated_since={since}&cursor=*").json()
    assert found["results"] == [{"slug": made.slug}]
    assert client.get(f"{address}&updated_since={later.isoformat()[:26]}").json()["count"] == 0
    answer = client.get(f"{address}&updated_since=1990-01-01&page_size=1").json()
    assert answer["count"] == every + 1
    assert "updated_since=1990-01-01T00%3A00%3A00Z" in answer["next"]
    wrong = client.get(f"{address}&updated_since=yesterday")
    assert wrong.status_code == 400
    assert wrong.json()["errors"][0]["parameter"] == "updated_since"

"""Tests of the selection of organisations: search by any name, filters by type and country."""

from collections import Counter

import pytest
from django.http import QueryDict
from django.test import Client

from partnerships.models import Organisation
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.selection.organisations import SEAT, TYPE, OrganisationFilter
from tests import builders

pytestmark = pytest.mark.django_db


def ask(query: str) -> OrganisationFilter:
    return OrganisationFilter(QueryDict(query), get_current_catalogue())


def slugs(query: str) -> list[str]:
    known = dict(Organisation.objects.values_list("pk", "slug"))
    return [known[pk] for pk in ask(query).matches[:]]


@pytest.mark.parametrize("q", ["pbt", "PTvT", "platform beta", "Bèta Techniek", "talent"])
def test_an_organisation_is_found_by_any_of_its_names(q: str) -> None:
    assert "ptvt" in slugs(f"q={q}")


def test_an_organisation_is_found_by_joined_and_split_words_and_its_country() -> None:
    builders.make_organisation(slug="quokka-works", name="QuokkaWorks & WallabyNet")
    for q in ("quokka works", "quokkaworks", "wallaby net", "wallabyn", "quok kaworks"):
        assert slugs(f"q={q}") == ["quokka-works"], q
    finnish = slugs("country=FI")
    for q in ("Finland", "Finnland", "Suomi", "Suomessa", "Φινλανδία", "An Fhionlainn"):
        assert {*finnish} <= {*slugs(f"q={q}")}, q
    assert {*slugs("type=company")} <= {*slugs("q=empresas")}


def test_an_organisation_is_found_by_its_slug() -> None:
    builders.make_organisation(slug="quokka-works", name="Other")
    assert slugs("q=quokka") == ["quokka-works"]


def test_a_search_finds_only_organisations_with_all_words_sorted_by_name() -> None:
    builders.make_organisation(slug="some", name="Aardvark quokka")
    builders.make_organisation(slug="all", name="Quokka wallaby")
    builders.make_organisation_name(Organisation.objects.get(slug="some"), name="Wallaby")
    assert slugs("q=quokka wallaby") == ["some", "all"]
    assert slugs("q=quokka wallaby zebra") == []


def test_organisations_without_a_search_are_sorted_by_name() -> None:
    names = dict(Organisation.objects.values_list("slug", "name"))
    found = [names[slug].casefold() for slug in slugs("")]
    assert len(found) == len(names)
    ascii_only = [name for name in found if name.isascii()]
    assert ascii_only == sorted(ascii_only)


def test_names_with_accents_are_sorted_among_names_without() -> None:
    for name in ("Ca", "Čb", "cc"):
        builders.make_organisation(slug=f"x-{name[-1]}", name=name)
    assert [slug for slug in slugs("") if slug.startswith("x-")] == ["x-a", "x-b", "x-c"]


def test_type_and_country_filter_organisations_and_have_counts() -> None:
    rows = list(Organisation.objects.select_related("country"))
    dutch = [row for row in rows if row.country and row.country.code == "NL"]
    foundations = {row.slug for row in dutch if row.type in ("stem-platform", "company")}
    found = ask("country=nl&type=stem-platform,company")
    assert set(slugs("country=nl&type=stem-platform,company")) == foundations != set()
    assert found.count_values(TYPE) == Counter(row.type for row in dutch)
    chosen = [row for row in rows if row.type in ("stem-platform", "company")]
    seats = Counter(row.country.code if row.country else "none" for row in chosen)
    assert found.count_values(SEAT) == seats


def test_country_none_finds_organisations_without_a_country() -> None:
    without = set(Organisation.objects.filter(country=None).values_list("slug", flat=True))
    assert set(slugs("country=none")) == without != set()


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("type=person", "type"), ("country=ZZ", "country"), ("kind=debates", "kind"),
        ("q=!!!", "q"), ("page=0", "page"), ("sort=name", "sort"), ("type=none", "type"),
    ],
)  # fmt: skip
def test_a_wrong_query_is_a_400_of_the_api_and_a_message_on_the_page(
    client: Client, query: str, parameter: str
) -> None:
    answer = client.get(f"/api/v1/organisations/?{query}")
    assert answer.status_code == 400
    assert [error["parameter"] for error in answer.json()["errors"]] == [parameter]
    page = client.get(f"/organisations/?{query}")
    assert page.status_code == 200
    assert [problem.parameter for problem in page.context["problems"]] == [parameter]


@pytest.mark.parametrize("query", ["", "q=stem", "type=company&country=NL,none", "page=2"])
def test_page_and_api_list_the_same_organisations(client: Client, query: str) -> None:
    api = client.get(f"/api/v1/organisations/?{query}&page_size=20").json()
    page = client.get(f"/organisations/?{query}&page_size=20").context
    assert [row["slug"] for row in api["results"]] == [row.slug for row, _count in page["rows"]]
    assert api["count"] == page["page"].paginator.count


def test_the_canonical_query_is_sorted_and_leaves_out_defaults() -> None:
    assert ask("page=1&type=ngo&country=nl,FI&q=a").query() == "q=a&type=ngo&country=FI,NL"

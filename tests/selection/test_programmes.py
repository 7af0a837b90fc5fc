"""Tests of the selection of programmes: against the reference model (tests/model.py), and rules."""

import datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given

from partnerships.models import Partnership
from programmes.models import Programme
from stemobs.selection.facets import FACETS
from stemobs.selection.programmes import SORTS
from tests import builders, chance
from tests.model import OTHERWISE, PARAMETERS, Selection, counted, ordered, queries
from tests.model import SORTS as ORDERS
from tests.selection.asking import ask, slugs

pytestmark = pytest.mark.django_db

STEADY = chance.steady(50)

# --- Comparison with the reference model ----------------------------------------------------------


def test_the_reference_model_and_the_code_have_the_same_parameters() -> None:
    assert list(ask("").filters) == PARAMETERS
    assert list(FACETS) == PARAMETERS[1 : PARAMETERS.index("running_in")]
    assert sorted(SORTS) == ORDERS


@given(queries())
@STEADY
def test_a_selection_finds_the_same_programmes_in_the_same_order_as_the_model(
    asked: tuple[Selection, str],
) -> None:
    selection, query = asked
    assert slugs(query) == ordered(selection)


@pytest.mark.parametrize("search", chance.thin(OTHERWISE, 3))
def test_other_forms_of_the_words_find_the_same_programmes_as_in_the_model(search: str) -> None:
    assert slugs(urlencode({"q": search})) == ordered({"q": [search]})


@given(queries())
@STEADY
def test_facet_counts_of_any_selection_agree_with_the_reference_model(
    asked: tuple[Selection, str],
) -> None:
    selection, query = asked
    found = ask(query)
    for name, facet in FACETS.items():
        assert found.count_values(facet) == counted(selection, name), name


@pytest.mark.parametrize("parameter", PARAMETERS[1:16])
def test_choosing_a_value_finds_as_many_programmes_as_its_count_says(parameter: str) -> None:
    counts = ask("").count_values(FACETS[parameter])
    assert counts
    for value, number in counts.items():
        assert len(ask(urlencode({parameter: value})).matches) == number, value


@pytest.mark.parametrize("search", ["beta", "BÈTA", "Bèta", "be\u0300ta"])
def test_search_ignores_case_and_accents(search: str) -> None:
    assert slugs(urlencode({"q": search})) == slugs("q=beta")
    assert "vo-ho-netwerken" in slugs("q=beta")


def test_obuda_finds_óbuda() -> None:
    assert "childrens-university-obuda" in slugs("q=obuda")
    assert slugs("q=obuda") == slugs(urlencode({"q": "Óbuda"}))


def test_a_search_of_two_words_finds_programmes_with_both() -> None:
    both = set(slugs("q=teachers+girls+"))
    assert both == set(slugs("q=girls+")) & set(slugs("q=teachers+")) != set()


def test_programmes_with_the_search_in_their_name_come_first() -> None:
    assert slugs("q=jet-net")[0] in ("jet-net-nl", "basque-jet-net-pilot")
    assert "vo-ho-netwerken" not in slugs("q=jet-net")[:2]


def test_the_alias_of_an_organisation_finds_the_same_programmes_as_its_slug() -> None:
    assert slugs("organisation=pbt") == slugs("organisation=ptvt") != []


def test_a_chosen_organisation_and_role_must_belong_to_one_partnership() -> None:
    programme = builders.make_programme(slug="two-partners")
    first, second = builders.make_organisation(), builders.make_organisation()
    builders.make_partnership(programme, first, Partnership.Role.FOUNDER)
    builders.make_partnership(programme, second, Partnership.Role.FUNDER)
    assert slugs(f"organisation={first.slug}&role=founder") == ["two-partners"]
    assert slugs(f"organisation={first.slug}&role=funder") == []
    assert slugs(f"organisation={first.slug},{second.slug}&role=funder") == ["two-partners"]
    found = ask(f"organisation={first.slug}&role=funder")
    assert found.count_values(FACETS["role"]) == {"founder": 1}
    assert found.count_values(FACETS["organisation"])[second.slug] == 1
    assert first.slug not in found.count_values(FACETS["organisation"])


def test_an_organisation_slug_takes_precedence_over_an_equal_alias() -> None:
    own = builders.make_organisation(slug="same")
    other = builders.make_organisation()
    builders.make_organisation_name(other, slug="same")
    builders.make_partnership(builders.make_programme(slug="of-own"), own)
    builders.make_partnership(builders.make_programme(slug="of-other"), other)
    assert slugs("organisation=same") == ["of-own"]


def test_the_value_none_finds_programmes_without_the_fact() -> None:
    bare = builders.make_programme(slug="bare")
    for parameter in ("country", "level", "kind", "audience", "duration", "funding", "evidence"):
        assert bare.slug in slugs(f"{parameter}=none"), parameter


def test_level_higher_finds_the_same_as_levels_5_to_8() -> None:
    assert set(slugs("level=higher")) == set(slugs("level=5,6,7,8"))


def test_level_vocational_finds_only_programmes_marked_as_vocational() -> None:
    builders.make_programme(slug="vocational", is_vocational=True, levels=[builders.level(3)])
    builders.make_programme(slug="general", levels=[builders.level(3)])
    assert {"vocational"} <= set(slugs("level=vocational"))
    assert "general" not in slugs("level=vocational")


@pytest.mark.parametrize(
    ("fields", "years"),
    [
        ({"year_start": 2010, "year_end": 2012}, {2010, 2011, 2012}),
        ({"year_start": 2010, "year_end": 2010}, {2010}),
        ({"year_start": 2010, "status": "active", "status_as_of": 2012}, {2010, 2011, 2012}),
        ({"year_start": 2010, "status": "active"}, set()),
        ({"year_start": 2010, "status": "completed", "status_as_of": 2012}, set()),
        ({"year_start": 2010}, set()),
        ({"year_end": 2012}, {2012}),
        ({"status": "active", "status_as_of": 2011}, {2011}),
        ({}, set()),
    ],
)
def test_running_in_finds_only_programmes_known_to_have_run_in_that_year(
    fields: dict[str, Any], years: set[int]
) -> None:
    builders.make_programme(slug="dated", **fields)
    found = {year for year in range(2008, 2015) if "dated" in slugs(f"running_in={year}")}
    assert found == years


def test_programmes_without_start_year_come_last_in_newest_and_oldest_order() -> None:
    for query in ("sort=newest", "sort=oldest"):
        found = list(ask(query).matches)
        known = Programme.objects.in_bulk(found)
        years = [known[pk].year_start for pk in found]
        assert None in years
        assert years.index(None) == sum(year is not None for year in years)


def test_programmes_with_the_same_name_are_sorted_by_slug() -> None:
    for slug in ("same-b", "same-a", "same-c"):
        builders.make_programme(slug=slug, name="Same name")
    for sort in SORTS:
        found = [slug for slug in slugs(f"sort={sort}") if slug.startswith("same-")]
        if sort != "updated":
            assert found == ["same-a", "same-b", "same-c"], sort


def test_the_default_order_is_best_match_with_a_search_else_the_strongest_evidence() -> None:
    assert slugs("") == slugs("sort=evidence")
    assert slugs("q=teacher") == slugs("q=teacher&sort=relevance")
    assert slugs("q=teacher") != slugs("q=teacher&sort=evidence")


def test_sort_relevance_without_a_search_means_the_default_order() -> None:
    assert ask("sort=relevance").order == "evidence"
    assert "relevance" not in ask("").sorts
    assert "relevance" in ask("q=robot").sorts


def test_updated_since_accepts_a_date_a_time_and_a_time_zone() -> None:
    programme = builders.make_programme(slug="changed")
    moment = datetime.datetime(2040, 6, 1, 12, 0, tzinfo=datetime.UTC)
    Programme.objects.filter(pk=programme.pk).update(changed_at=moment)
    assert slugs("updated_since=2040-06-01") == ["changed"]
    assert slugs("updated_since=2040-06-01T12:00:00Z") == ["changed"]
    assert slugs("updated_since=2040-06-01T14:00:00%2B02:00") == ["changed"]
    assert slugs("updated_since=2040-06-01T14:00:00+02:00") == ["changed"]
    assert slugs("updated_since=2040-06-01T12:00:01Z") == []

"""Tests of the facets of programmes and organisations: their values and counts."""

from typing import Any

import pytest
from django.http import QueryDict
from pyroaring import BitMap

from partnerships.models import Organisation
from programmes.models import Programme
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.selection.facets import COUNTRY, FACETS
from stemobs.selection.organisations import SEAT, TYPE, OrganisationFilter
from stemobs.selection.programmes import ProgrammeFilter
from tests import builders

pytestmark = pytest.mark.django_db

WITH_NOT_STATED = [
    "country",
    "level",
    "kind",
    "audience",
    "duration",
    "funding",
    "open_to",
    "language",
]


def counts(facet: str, *rows: Any) -> dict[str, int]:
    """Return the counts of a facet's values among these rows only."""
    catalogue = get_current_catalogue()
    is_programme = isinstance(rows[0], Programme)
    index = catalogue.programmes if is_programme else catalogue.organisations
    return index.count_values(facet, BitMap([row.pk for row in rows]))


def select(query: str) -> ProgrammeFilter:
    return ProgrammeFilter(QueryDict(query), get_current_catalogue())


def everything() -> ProgrammeFilter:
    return select("")


def slugs_of(query: str) -> list[str]:
    selection = select(query)
    return [selection.index.entries[pk].slug for pk in selection.matches[:]]


def test_facets_are_in_the_order_of_the_public_contract() -> None:
    assert list(FACETS) == [
        "country", "level", "kind", "factor", "audience", "organisation", "role", "status",
        "duration", "evidence", "finding", "design", "funding", "record", "scope", "open_to",
        "language",
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "number"), [
    ("country", 59), ("level", 12), ("kind", 12), ("factor", 4), ("audience", 23), ("role", 15),
    ("status", 4), ("duration", 5), ("evidence", 4), ("finding", 6), ("design", 11),
    ("funding", 9), ("record", 11), ("scope", 5), ("open_to", 8), ("language", 36),
])  # fmt: skip
def test_each_facet_has_the_expected_number_of_values(name: str, number: int) -> None:
    assert len(FACETS[name].labels(get_current_catalogue())) == number


def test_every_organisation_that_readers_may_see_is_a_value_of_its_facet() -> None:
    slugs = set(Organisation.objects.values_list("slug", flat=True))
    assert set(FACETS["organisation"].labels(get_current_catalogue())) == slugs


def test_facets_of_facts_that_may_be_missing_have_the_value_not_stated() -> None:
    named = {name for name, facet in FACETS.items() if facet.none_label}
    assert named == {*WITH_NOT_STATED, "finding"}
    labels = [FACETS[name].labels(get_current_catalogue())["none"] for name in WITH_NOT_STATED]
    assert set(labels) == {"Not known yet", "No way in known"}


@pytest.mark.parametrize("name", list(FACETS))
def test_counts_contain_only_known_values_and_no_zeros(name: str) -> None:
    found = everything().count_values(FACETS[name])
    assert 0 not in found.values()
    assert set(found) <= set(FACETS[name].labels(get_current_catalogue()))
    assert get_current_catalogue().programmes.count_values(name, BitMap()) == {}


def test_a_renamed_country_has_its_new_name_in_facet_labels_and_search() -> None:
    before = COUNTRY.labels(get_current_catalogue())["NL"]
    country = builders.country("NL")
    country.name = "Kingdom of Tulips"
    country.save()
    assert before == "Netherlands"
    assert COUNTRY.labels(get_current_catalogue())["NL"] == "Kingdom of Tulips"
    found = ProgrammeFilter(QueryDict("q=tulips"), get_current_catalogue())
    assert len(found.matches) == everything().count_values(COUNTRY)["NL"]


def test_a_language_that_no_record_had_is_a_value_of_its_facet_at_once() -> None:
    language = FACETS["language"]
    assert "gl" not in language.labels(get_current_catalogue())
    programme = builders.make_programme(languages="gl, es")
    assert language.labels(get_current_catalogue())["gl"] == "Galician"
    assert slugs_of("language=gl") == [programme.slug]


def test_a_programme_counts_once_for_each_value_it_has() -> None:
    both = builders.make_programme(countries=[builders.country("NL"), builders.country("FI")])
    bare = builders.make_programme()
    assert counts("country", both, bare) == {"NL": 1, "FI": 1, "none": 1}


def test_a_programme_with_two_rows_of_the_same_value_counts_once() -> None:
    programme = builders.make_programme()
    for role in ("founder", "funder"):
        builders.make_partnership(programme, Organisation.objects.get(slug="ptvt"), role)
    builders.make_funding(programme)
    builders.make_funding(programme)
    assert counts("organisation", programme) == {"ptvt": 1}
    assert counts("role", programme) == {"founder": 1, "funder": 1}
    assert counts("funding", programme) == {"public": 1}


def test_higher_and_vocational_are_counted_beside_the_levels() -> None:
    both = builders.make_programme(
        levels=[builders.level(3), builders.level(6), builders.level(7)], is_vocational=True
    )
    vocational = builders.make_programme(is_vocational=True)
    assert counts("level", both, vocational) == {
        "3": 1, "6": 1, "7": 1, "higher": 1, "vocational": 2, "none": 1,
    }  # fmt: skip


def test_a_programme_without_evaluation_counts_as_evidence_none() -> None:
    bare, counted = builders.make_programme(), builders.make_programme()
    builders.make_evaluation(counted)
    assert counts("evidence", bare, counted) == {"none": 1, "reported": 1}


def test_only_evaluations_of_the_programme_itself_count_as_designs_and_findings() -> None:
    bare, of_event, tried = (builders.make_programme() for _number in range(3))
    builders.make_evaluation(of_event, object="event", design="audit", result="negative")
    builders.make_evaluation(tried, design="randomised-trial", result="no-effect")
    builders.make_evaluation(tried, design="satisfaction", result="positive")
    assert counts("finding", bare, of_event, tried) == {"none": 2, "no-effect": 1, "positive": 1}
    assert counts("design", bare, of_event, tried) == {"randomised-trial": 1, "satisfaction": 1}


def test_a_chosen_design_and_a_chosen_finding_meet_in_one_evaluation() -> None:
    tried = builders.make_programme(name="Zyzzyva", slug="tried")
    builders.make_evaluation(tried, design="randomised-trial", result="no-effect")
    builders.make_evaluation(tried, design="satisfaction", result="positive")
    assert slugs_of("q=zyzzyva&design=randomised-trial&finding=no-effect") == ["tried"]
    assert slugs_of("q=zyzzyva&design=randomised-trial&finding=positive") == []
    assert slugs_of("q=zyzzyva&design=randomised-trial,satisfaction&finding=positive") == ["tried"]


def test_findings_are_counted_in_evaluations_of_the_chosen_design_only() -> None:
    tried = builders.make_programme(name="Zyzzyva")
    builders.make_evaluation(tried, design="randomised-trial", result="no-effect")
    builders.make_evaluation(tried, design="satisfaction", result="positive")
    chosen = select("q=zyzzyva&design=randomised-trial")
    assert chosen.count_values(FACETS["finding"]) == {"no-effect": 1}
    assert select("q=zyzzyva&finding=positive").count_values(FACETS["design"]) == {
        "satisfaction": 1
    }


@pytest.mark.parametrize(
    ("typed", "value"), [("nl", "NL"), ("Nl", "NL"), ("NONE", "none"), ("none", "none")]
)
def test_a_country_code_may_be_written_in_small_letters(typed: str, value: str) -> None:
    assert COUNTRY.normalise(typed) == SEAT.normalise(typed) == value


def test_organisations_are_counted_by_type_and_country() -> None:
    one = builders.make_organisation(country=builders.country("NL"))
    other = builders.make_organisation(type=Organisation.Type.NGO)
    assert counts("type", one, other) == {"company": 1, "ngo": 1}
    assert counts("country", one, other) == {"NL": 1, "none": 1}


@pytest.mark.parametrize("facet", [TYPE, SEAT])
def test_choosing_a_value_finds_as_many_organisations_as_its_count_says(facet: Any) -> None:
    found = OrganisationFilter(QueryDict(), get_current_catalogue()).count_values(facet)
    assert found
    for value, number in found.items():
        chosen = OrganisationFilter(
            QueryDict(f"{facet.parameter}={value}"), get_current_catalogue()
        )
        assert len(chosen.matches) == number, value

"""The facets: their values, the conditions that values stand for, and their counts."""

import pytest

from partnerships.filters import SEAT, TYPE
from partnerships.models import Organisation
from programmes.facets import COUNTRY, EVIDENCE, FACETS, FUNDING, LEVEL, ORGANISATION, ROLE, Facet
from programmes.models import Programme
from tests import builders

pytestmark = pytest.mark.django_db

WITH_NOT_STATED = ["country", "level", "kind", "audience", "duration", "funding"]


def counts(facet: Facet, *programmes: Programme) -> dict[str, int]:
    return facet.counts(Programme.objects.filter(pk__in=[row.pk for row in programmes]))


def test_facets_stand_in_the_order_of_the_contract() -> None:
    assert list(FACETS) == [
        "country", "level", "kind", "factor", "audience", "organisation", "role", "status",
        "duration", "evidence", "funding", "record", "scope",
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "number"), [
    ("country", 59), ("level", 12), ("kind", 12), ("factor", 4), ("audience", 23), ("role", 15),
    ("status", 4), ("duration", 5), ("evidence", 4), ("funding", 9), ("record", 11), ("scope", 5),
    ("organisation", 361),
])  # fmt: skip
def test_a_facet_knows_every_value_that_may_be_asked_for(name: str, number: int) -> None:
    assert len(FACETS[name].labels()) == number


def test_not_stated_is_a_value_where_a_fact_can_be_missing() -> None:
    assert [name for name, facet in FACETS.items() if facet.none_label] == WITH_NOT_STATED
    assert all(FACETS[name].labels()["none"] == "Not stated" for name in WITH_NOT_STATED)


@pytest.mark.parametrize("name", list(FACETS))
def test_a_value_finds_exactly_the_programmes_that_its_count_promises(name: str) -> None:
    facet = FACETS[name]
    everything = Programme.objects.all()
    for value, number in facet.counts(everything).items():
        assert everything.filter(pk__in=facet.matching([value])).count() == number, value


@pytest.mark.parametrize("name", list(FACETS))
def test_values_without_programmes_are_left_out_and_no_value_is_unknown(name: str) -> None:
    facet = FACETS[name]
    found = facet.counts(Programme.objects.published())
    assert 0 not in found.values()
    assert set(found) <= set(facet.labels())
    assert facet.counts(Programme.objects.none()) == {}


def test_a_programme_counts_once_for_each_value_it_has() -> None:
    both = builders.make_programme(countries=[builders.country("NL"), builders.country("FI")])
    bare = builders.make_programme()
    assert counts(COUNTRY, both, bare) == {"NL": 1, "FI": 1, "none": 1}


def test_two_rows_of_one_value_count_once() -> None:
    programme = builders.make_programme()
    for role in ("founder", "funder"):
        builders.make_partnership(programme, Organisation.objects.get(slug="ptvt"), role)
    builders.make_funding(programme)
    builders.make_funding(programme)
    assert counts(ORGANISATION, programme) == {"ptvt": 1}
    assert counts(ROLE, programme) == {"founder": 1, "funder": 1}
    assert counts(FUNDING, programme) == {"public": 1}


def test_higher_and_vocational_are_counted_beside_the_levels() -> None:
    both = builders.make_programme(
        levels=[builders.level(3), builders.level(6), builders.level(7)], is_vocational=True
    )
    vocational = builders.make_programme(is_vocational=True)
    assert counts(LEVEL, both, vocational) == {
        "3": 1, "6": 1, "7": 1, "higher": 1, "vocational": 2, "none": 1,
    }  # fmt: skip


def test_only_what_the_rows_narrow_to_is_counted() -> None:
    programme = builders.make_programme()
    first, second = builders.make_organisation(), builders.make_organisation()
    builders.make_partnership(programme, first, "founder")
    builders.make_partnership(programme, second, "funder")
    among = Programme.objects.filter(pk=programme.pk)
    assert ROLE.counts(among, ORGANISATION.condition([first.slug])) == {"founder": 1}
    assert ORGANISATION.counts(among, ROLE.condition(["funder"])) == {second.slug: 1}


def test_no_evaluation_is_a_step_of_the_evidence_and_not_a_missing_fact() -> None:
    bare, counted = builders.make_programme(), builders.make_programme()
    builders.make_evaluation(counted)
    assert counts(EVIDENCE, bare, counted) == {"none": 1, "reported": 1}
    found = Programme.objects.filter(pk__in=EVIDENCE.matching(["none"]))
    assert bare in found
    assert counted not in found


def test_values_are_alternatives() -> None:
    dutch = builders.make_programme(countries=[builders.country("NL")])
    nowhere = builders.make_programme()
    finnish = builders.make_programme(countries=[builders.country("FI")])
    found = Programme.objects.filter(pk__in=COUNTRY.matching(["NL", "none"]))
    assert {dutch, nowhere} <= set(found)
    assert finnish not in found


def test_no_value_at_all_matches_nothing() -> None:
    assert not Programme.objects.filter(pk__in=COUNTRY.matching([])).exists()


@pytest.mark.parametrize(
    ("typed", "value"), [("nl", "NL"), ("Nl", "NL"), ("NONE", "none"), ("none", "none")]
)
def test_a_country_may_be_written_in_small_letters(typed: str, value: str) -> None:
    assert COUNTRY.normalise(typed) == SEAT.normalise(typed) == value


def test_organisations_are_counted_by_type_and_country() -> None:
    one = builders.make_organisation(country=builders.country("NL"))
    other = builders.make_organisation(type=Organisation.Type.NGO)
    among = Organisation.objects.filter(pk__in=[one.pk, other.pk])
    assert TYPE.counts(among) == {"company": 1, "ngo": 1}
    assert SEAT.counts(among) == {"NL": 1, "none": 1}

"""Tests of the entry of a programme: bases, numbered sources, figures, lineage."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from partnerships.models import Criterion, Lineage
from programmes.models import Citation, Field, Programme, Unit
from stemobs.entries.entry import (
    INVERSE,
    VALUES,
    Entry,
    NumberedSources,
    has_differing_figures,
)
from stemobs.entries.loading import RELATIONS, SOURCED, load_facts
from tests import builders

pytestmark = pytest.mark.django_db


def entry(programme: Programme) -> Entry:
    return Entry(load_facts(Programme.objects.get(pk=programme.pk)))


def entry_of(slug: str) -> Entry:
    return entry(Programme.objects.get(slug=slug))


# --- Bases of the parts of an entry ---------------------------------------------------------------


@pytest.mark.parametrize("field", list(VALUES))
def test_an_empty_part_of_an_entry_has_the_basis_not_stated(field: str) -> None:
    assert entry(builders.make_programme()).basis(field) == "not-stated"


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("ages", {"age_min": 0}),
        ("ages", {"age_max": 12}),
        ("year_start", {"year_start": 2010}),
        ("year_end", {"year_end": 2010}),
        ("status", {"status": "planned"}),
        ("impact", {"impact": "More of it."}),
        ("objectives", {"objectives": "One."}),
        ("countries", {"countries_note": "The whole continent."}),
        ("languages", {"languages": "en"}),
        ("activities", {"activities": "One."}),
        ("description", {"description": "What happens."}),
    ],
)
def test_a_value_without_a_citation_of_its_own_is_our_reading(
    field: str, values: dict[str, Any]
) -> None:
    told = entry(builders.make_programme(**values))
    assert told.basis(field) == "inferred"
    assert told.explain_reading(field) == "our reading of the sources of this record"


def test_a_citation_of_the_entry_as_a_whole_makes_no_value_stated() -> None:
    programme = builders.make_programme(levels=[builders.level(3)])
    builders.make_citation(programme, source=builders.make_source())
    assert entry(programme).basis("levels") == "inferred"


def test_a_value_with_a_citation_of_its_own_has_that_basis() -> None:
    programme = builders.make_programme(
        levels=[builders.level(3)], kinds=[builders.kind("debates")]
    )
    builders.make_citation(programme, field="levels", source=builders.make_source())
    builders.make_citation(programme, field="kinds", basis="inferred", evidence="From its name.")
    told = entry(programme)
    assert (told.basis("levels"), told.explain_reading("levels")) == ("stated", "")
    assert (told.basis("kinds"), told.explain_reading("kinds")) == ("inferred", "From its name.")


def test_a_duration_without_a_citation_is_not_known_at_all() -> None:
    programme = builders.make_programme(duration="long-term")
    assert entry(programme).basis("duration") == "not-stated"
    builders.make_citation(programme, field="duration", basis="inferred", evidence="A day.")
    assert entry(programme).basis("duration") == "inferred"


def test_rows_that_name_their_source_are_stated_and_others_are_our_reading() -> None:
    programme = builders.make_programme(kinds=[builders.kind("debates")])
    builders.make_reach(programme, source=builders.make_source())
    builders.make_funding(programme, source=None)
    bases = entry(programme).bases
    assert (bases["reach"], bases["funding"], bases["kinds"]) == ("stated", "inferred", "inferred")


@pytest.mark.parametrize("basis", ["inferred", "declared-not-available"])
@pytest.mark.parametrize("is_filled", [True, False])
def test_a_citation_can_set_the_basis_to_inferred_or_declared_not_available(
    basis: str, is_filled: bool
) -> None:
    programme = builders.make_programme(impact="More." if is_filled else "")
    builders.make_citation(programme, field=Field.IMPACT)
    builders.make_citation(programme, field=Field.IMPACT, basis=basis)
    assert entry(programme).basis("impact") == basis


def test_a_citation_for_an_empty_part_leaves_the_basis_not_stated() -> None:
    programme = builders.make_programme()
    builders.make_citation(programme, field=Field.IMPACT, basis=Citation.Basis.STATED)
    assert entry(programme).basis("impact") == "not-stated"


def test_the_impact_of_stem_at_home_is_declared_not_available() -> None:
    assert entry_of("stem-at-home").basis("impact") == "declared-not-available"


# --- Sources --------------------------------------------------------------------------------------


def test_sources_of_the_whole_entry_are_numbered_first_and_each_source_once() -> None:
    programme = builders.make_programme()
    first, second, third, fourth = (builders.make_source() for _number in range(4))
    builders.make_reach(programme, source=third)
    builders.make_citation(programme, field=Field.IMPACT, source=fourth)
    builders.make_citation(programme, source=first, locator="p. 1")
    builders.make_citation(programme, source=second)
    builders.make_citation(programme, source=first, locator="p. 9")
    claim = builders.make_claim(builders.make_discrepancy(programme), source=builders.make_source())
    told = entry(programme)
    assert list(told.numbers) == [first.pk, second.pk, fourth.pk, third.pk, claim.source_id]
    assert [number for number, _source, _places in told.numbered_sources] == [1, 2, 3, 4, 5]
    places = {source: at for _number, source, at in told.numbered_sources}
    assert places[first] == ["p. 1", "p. 9"]
    assert places[second] == places[third] == []


def test_every_source_of_every_programme_has_a_number() -> None:
    for programme in map(load_facts, Programme.objects.published()):
        told = Entry(programme)
        assert [number for number, *_rest in told.numbered_sources] == [
            *range(1, len(told.numbers) + 1)
        ]
        rows = [*programme.citations.all(), *programme.reach.all(), *programme.funding.all()]
        assert {row.source_id for row in rows if row.source_id} <= set(told.numbers)


def test_facts_without_a_source_have_no_number() -> None:
    programme = builders.make_programme()
    reach = builders.make_reach(programme)
    assert NumberedSources([reach]).numbers == {}
    assert entry(programme).numbered_sources == []


# --- Figures --------------------------------------------------------------------------------------


def test_figures_are_grouped_by_unit_in_the_order_of_their_positions() -> None:
    programme = builders.make_programme()
    teachers = Unit.objects.get(slug="teachers")
    builders.make_reach(programme, 20, unit=teachers)
    builders.make_reach(programme, 100)
    builders.make_reach(programme, 30, unit=teachers, year_from=2020, year_to=2020)
    groups = [(unit, len(rows), d) for unit, rows, d in entry(programme).reach_by_unit]
    assert groups == [("teachers", 2, False), ("students", 1, False)]


def test_the_figures_for_companies_in_jet_net_are_marked_as_differing() -> None:
    by_unit = {unit: d for unit, _rows, d in entry_of("jet-net-nl").reach_by_unit}
    assert by_unit["companies"] is True
    assert by_unit["students"] is False


@pytest.mark.parametrize(
    ("first", "second", "is_different"),
    [
        ({}, {}, False),
        ({"value": 1}, {"value": 2}, True),
        ({"qualifier": "over"}, {"qualifier": "about"}, True),
        ({"value": 1, "year_from": 2010}, {"value": 2, "year_from": 2011}, False),
        ({"value": 1, "year_to": 2010}, {"value": 2, "year_to": 2011}, False),
        ({"value": 1, "unit_detail": "a"}, {"value": 2, "unit_detail": "b"}, False),
        ({"value": 1, "period_type": "annual"}, {"value": 2}, False),
    ],
)
def test_figures_differ_only_if_thing_and_time_are_the_same(
    first: dict[str, Any], second: dict[str, Any], is_different: bool
) -> None:
    programme = builders.make_programme()
    rows = [builders.make_reach(programme, **fields) for fields in (first, second)]
    assert has_differing_figures(rows) is is_different


def test_headline_figures_are_at_most_four_one_per_unit_without_percentages() -> None:
    programme = builders.make_programme()
    for unit in ("percent", "students", "teachers", "schools", "companies", "countries"):
        builders.make_reach(programme, 10, unit=Unit.objects.get(slug=unit))
    chosen = [row.unit.slug for row, _differs in entry(programme).headline_figures]
    assert chosen == ["students", "teachers", "schools", "companies"]


def test_headline_figures_show_the_newest_figure_of_a_unit() -> None:
    programme = builders.make_programme()
    builders.make_reach(programme, 10, year_to=2010)
    newest = builders.make_reach(programme, 20, year_to=2020)
    builders.make_reach(programme, 15)
    assert [row for row, _differs in entry(programme).headline_figures] == [newest]


def test_headline_figures_show_the_first_of_two_figures_of_the_same_year() -> None:
    programme = builders.make_programme()
    first = builders.make_reach(programme, 10)
    builders.make_reach(programme, 20)
    assert entry(programme).headline_figures == [(first, True)]


# --- Lineage --------------------------------------------------------------------------------------


def test_a_lineage_relation_has_a_label_of_its_own_at_each_end() -> None:
    parent, child = builders.make_programme(name="Parent"), builders.make_programme(name="Child")
    builders.make_lineage(from_programme=parent, relation="adapted-as", to_programme=child)
    assert [(r.label, r.other) for r in entry(parent).relations] == [("Adapted as", child)]
    assert [(r.label, r.other) for r in entry(child).relations] == [("Derived from", parent)]


def test_a_relation_recorded_at_both_ends_is_listed_once() -> None:
    parent, child = builders.make_programme(), builders.make_programme()
    builders.make_lineage(from_programme=parent, relation="adapted-as", to_programme=child)
    builders.make_lineage(from_programme=child, relation="derived-from", to_programme=parent)
    for one, other in ((parent, child), (child, parent)):
        assert [relation.other for relation in entry(one).relations] == [other]


def test_the_other_end_of_a_relation_can_be_a_strategy_a_platform_or_a_text() -> None:
    programme = builders.make_programme()
    strategy, platform = builders.make_strategy(), builders.make_platform()
    builders.make_lineage(from_programme=programme, to_strategy=strategy, year=2001)
    builders.make_lineage(from_programme=programme, to_platform=platform, year=2002)
    builders.make_lineage(from_programme=programme, to_text="Elsewhere", year=2003)
    builders.make_lineage(from_strategy=strategy, to_programme=programme, year=2004)
    others = [relation.other for relation in entry(programme).relations]
    assert others == [strategy, platform, "Elsewhere"]


def test_every_lineage_relation_has_an_inverse_label() -> None:
    assert set(INVERSE) == set(Lineage.Relation)


def test_a_relation_with_a_draft_is_listed_only_in_the_draft_itself() -> None:
    programme = builders.make_programme()
    draft = builders.make_programme(state=Programme.State.DRAFT)
    builders.make_lineage(from_programme=programme, to_programme=draft)
    builders.make_lineage(from_programme=draft, to_programme=programme)
    assert entry(programme).relations == []
    assert [relation.other for relation in entry(draft).relations] == [programme]


def test_relations_of_jet_net_include_its_danish_and_basque_versions() -> None:
    others = {getattr(r.other, "slug", r.other) for r in entry_of("jet-net-nl").relations}
    assert {"tektanken", "basque-jet-net-pilot"} <= others


# --- Queries --------------------------------------------------------------------------------------


def test_all_facts_of_a_programme_load_in_at_most_34_queries_however_many_it_has(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    programme = Programme.objects.get(slug="jet-net-nl")
    with django_assert_max_num_queries(34):
        told = Entry(load_facts(programme))
        assert told.bases
        assert told.reach_by_unit
        assert told.headline_figures
        assert told.numbered_sources
        assert told.relations


def test_loading_gives_the_rows_that_prefetching_gives() -> None:
    relations = [*RELATIONS, *(f"{owner}__source" for owner in SOURCED)]
    for plain in Programme.objects.prefetch_related(*relations)[:40]:
        loaded = load_facts(Programme.objects.get(pk=plain.pk))
        for name in RELATIONS:
            rows = list(getattr(loaded, name).all())
            assert rows == list(getattr(plain, name).all())
            if name in SOURCED:
                assert all("source" in row._state.fields_cache for row in rows)
                assert all(row.programme is loaded for row in rows)
                sources = [row.source for row in getattr(plain, name).all()]
                assert [row.source for row in rows] == sources


# --- Funding shares and criteria -----------------------------------


def test_an_amount_has_a_share_only_among_comparable_amounts() -> None:
    programme = builders.make_programme()
    like = {"currency": "EUR", "basis": "annual", "period": "2015"}
    small, large = (
        builders.make_funding(programme, amount=amount, **like) for amount in (1_600_000, 6_400_000)
    )
    for other in (
        {"currency": "DKK"}, {"basis": "total"}, {"basis_detail": "each school"},
        {"year_to": 2016}, {"period": "2016"}, {"period": ""}, {"basis": ""},
    ):  # fmt: skip
        for _time in range(1 + ("" in other.values())):
            builders.make_funding(programme, amount=5_000_000, **{**like, **other})
    builders.make_funding(programme, source_type="in-kind")
    shares = {row: share for row, share in entry(programme).contributions if share}
    assert shares == {small: 25, large: 100}


def test_amounts_of_zero_have_no_share() -> None:
    programme = builders.make_programme()
    for _time in range(2):
        builders.make_funding(programme, amount=0, currency="EUR")
    assert [share for _row, share in entry(programme).contributions] == [None, None]


def test_all_criteria_are_listed_by_group_once_one_of_them_is_assessed() -> None:
    programme = builders.make_programme()
    assert entry(programme).criteria == []
    criterion = Criterion.objects.get(slug="s2-job-skills")
    row = builders.make_assessment(programme, criterion=criterion)
    groups = entry(programme).criteria
    assert [len(group.criteria) for group in groups] == [3, 4, 5]
    assert [group.assessed for group in groups] == [[], [row], []]
    assert criterion not in groups[1].unassessed
    assert sum(len(group.unassessed) for group in groups) == 11

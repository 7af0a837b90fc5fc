"""Tests of the comparison of programmes: chosen slugs, rows, and what tells a difference."""

from itertools import combinations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from programmes.models import Programme, Unit
from stemobs.entries.comparison import (
    MOST_READ,
    ChosenProgrammes,
    Comparison,
    choose_programmes,
    compare_programmes,
)
from stemobs.entries.topics import ComparedRow
from tests import builders, chance
from tests.builders import (
    country,
    kind,
    make_assessment,
    make_citation,
    make_evaluation,
    make_former_slug,
    make_funding,
    make_lineage,
    make_organisation,
    make_partnership,
    make_programme,
    make_reach,
)

pytestmark = pytest.mark.django_db

State = Programme.State
HOSTILE = "<script>alert(1)</script>\"'&"


def slugs(choice: ChosenProgrammes) -> list[str]:
    return [programme.slug for programme in choice.programmes]


def refused(choice: ChosenProgrammes) -> dict[str, str]:
    return {problem.value: problem.reason for problem in choice.problems}


def compared(*programmes: Programme) -> Comparison:
    return compare_programmes(
        choose_programmes(programme.slug for programme in programmes).programmes
    )


def row(comparison: Comparison, key: str) -> ComparedRow:
    return next(row for row in comparison.rows if row.key == key)


def told(comparison: Comparison, key: str) -> list[list[str]]:
    """Return the lines of each cell of a row as texts."""
    return [[str(line) for line in cell.lines] for cell in row(comparison, key).cells]


# --- Choosing the programmes to compare ----------------------------------------------------------


def test_programmes_are_compared_in_the_order_of_the_given_slugs() -> None:
    wanted = ["tektanken", "jet-net-nl", "techkwadraat"]
    assert slugs(choose_programmes(wanted)) == wanted
    assert slugs(choose_programmes(reversed(wanted))) == wanted[::-1]


def test_a_programme_given_twice_is_compared_once() -> None:
    choice = choose_programmes(["jet-net-nl", "tektanken", "jet-net-nl"])
    assert slugs(choice) == ["jet-net-nl", "tektanken"]
    assert choice.problems == []


def test_only_the_first_four_programmes_are_compared_and_the_rest_are_problems() -> None:
    programmes = [make_programme() for _number in range(6)]
    choice = choose_programmes(one.slug for one in programmes)
    assert choice.programmes == programmes[:4]
    assert list(refused(choice)) == [one.slug for one in programmes[4:]]
    assert all("at most four" in reason for reason in refused(choice).values())


@pytest.mark.parametrize("state", [State.DRAFT, State.REVIEW])
def test_the_slug_of_a_draft_has_the_same_problem_as_an_unknown_slug(state: str) -> None:
    draft = make_programme(state=state, slug="secret")
    make_former_slug(draft, "secret-before")
    choice = choose_programmes(["secret", "secret-before", "never-was", "jet-net-nl"])
    assert slugs(choice) == ["jet-net-nl"]
    assert list(refused(choice)) == ["secret", "secret-before", "never-was"]
    assert len(set(refused(choice).values())) == 1


def test_a_withdrawn_programme_has_the_problem_that_it_was_withdrawn() -> None:
    gone = make_programme(state=State.WITHDRAWN, withdrawn_reason="A duplicate.")
    choice = choose_programmes([gone.slug])
    assert choice.programmes == []
    assert refused(choice) == {gone.slug: "was withdrawn from the catalogue"}


def test_a_merged_programme_is_replaced_by_its_successor_which_is_compared_once() -> None:
    successor = make_programme()
    gone = make_programme(state=State.WITHDRAWN, merged_into=successor)
    make_former_slug(gone, "long-ago")
    choice = choose_programmes([gone.slug, "long-ago", successor.slug])
    assert choice.programmes == [successor]
    assert choice.replaced == [(gone, successor)]
    assert choice.problems == []


def test_a_programme_merged_into_a_draft_has_the_problem_that_it_was_withdrawn() -> None:
    gone = make_programme(state=State.WITHDRAWN, merged_into=make_programme(state=State.DRAFT))
    assert refused(choose_programmes([gone.slug])) == {
        gone.slug: "was withdrawn from the catalogue"
    }


def test_a_former_slug_chooses_its_programme() -> None:
    programme = make_programme()
    make_former_slug(programme, "once")
    choice = choose_programmes(["once", programme.slug])
    assert choice.programmes == [programme]
    assert (choice.problems, choice.replaced) == ([], [])


@pytest.mark.parametrize(
    "value",
    ["x" * 10_000, "a b", "nul\x00", "\ud800", "é", "../../etc", HOSTILE, "%00", "-1", "9" * 400],
    ids=range(10),
)
def test_a_value_that_is_no_slug_is_a_problem_and_left_out(value: str) -> None:
    choice = choose_programmes(["jet-net-nl", value])
    assert slugs(choice) == ["jet-net-nl"]
    assert list(refused(choice)) == [value[:100]]


def test_of_very_many_slugs_only_the_first_are_looked_up() -> None:
    values = [f"value-{number}" for number in range(1000)]
    with CaptureQueriesContext(connection) as captured:
        choice = choose_programmes(["jet-net-nl", *values])
    assert slugs(choice) == ["jet-net-nl"]
    assert len(choice.problems) == MOST_READ
    assert choice.problems[-1].reason == "and all that follows was not read"
    assert len(captured) < 25


def test_comparing_four_programmes_takes_as_many_queries_as_two() -> None:
    full = [filled(number) for number in range(4)]
    counts = []
    for some in (full[:2], full):
        with CaptureQueriesContext(connection) as captured:
            compared(*some)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 24


def filled(number: int) -> Programme:
    """Make a programme with rows of every kind of fact that is compared."""
    programme = make_programme(countries=[country("NL")], kinds=[kind("debates")])
    for _time in range(1 + number):
        make_reach(programme, 10 + number)
        make_funding(programme, amount=100 + number, currency="EUR")
        make_evaluation(programme, finding="It works.")
        make_partnership(programme, make_organisation(), "coordinator")
        make_lineage(from_programme=programme, to_programme=make_programme())
    make_assessment(programme)
    make_citation(programme, field="impact")
    return programme


# --- Rows of a comparison ------------------------------------------------------------------------


@pytest.mark.data
def test_every_row_has_a_cell_with_text_for_every_programme() -> None:
    chosen = Programme.objects.published().order_by("name")
    for first in range(0, len(chosen), 4):
        some = chosen[first : first + 4]
        comparison = compared(*some)
        assert len({row.key for row in comparison.rows}) == len(comparison.rows)
        for one in comparison.rows:
            assert [cell.programme for cell in one.cells] == list(some)
            assert all(str(cell).strip() for cell in one.cells), one.key


@pytest.mark.slow
def test_differing_rows_agree_with_a_simple_comparison_of_values() -> None:
    chosen = list(Programme.objects.published().with_evidence().order_by("pk")[:12])
    plain = {
        "kinds": lambda p: {one.name for one in p.kinds.all()},
        "audiences": lambda p: {one.name for one in p.audiences.all()},
        "countries": lambda p: {c.name for c in p.countries.all()} or {p.countries_note} - {""},
        "duration": lambda p: {p.get_duration_display()} - {""},
        "record": lambda p: {p.get_record_type_display()},
    }
    for pair in chance.thin(combinations(chosen, 2), 3):
        comparison = compared(*pair)
        for key, value in plain.items():
            found, values = row(comparison, key), [value(programme) for programme in pair]
            known = [one for one in values if one]
            assert [{line.text for line in cell.lines} for cell in found.cells] == values
            assert found.differs == (len(known) == 2 and known[0] != known[1])
            assert found.is_partial == (len(known) == 1)


def test_figures_in_a_shared_unit_have_a_row_and_all_others_one_together() -> None:
    first, second = make_programme(), make_programme()
    units = {slug: Unit.objects.get(slug=slug) for slug in ("students", "schools", "teachers")}
    make_reach(first, 4500, unit=units["students"], qualifier="over", year_from=2016, year_to=2016)
    make_reach(first, 20, unit=units["schools"], qualifier="range", value_max=30)
    make_reach(second, 300, unit=units["teachers"], unit_detail="in pairs", period_type="annual")
    make_reach(second, 7, unit=units["students"])
    comparison = compared(first, second)
    assert [one.key for one in comparison.rows if one.key.startswith("reach")] == [
        "reach-students", "reach",
    ]  # fmt: skip
    assert told(comparison, "reach-students") == [["over 4,500 (2016)"], ["7 (undated)"]]
    assert told(comparison, "reach") == [
        ["20 to 30 schools (undated)"],
        ["300 teachers (in pairs, a year)"],
    ]
    (line,) = row(comparison, "reach-students").cells[0].lines
    assert line.url == f"{first.get_absolute_url()}#reach"


def test_figures_stand_newest_first_and_are_not_added_up() -> None:
    first, second = make_programme(), make_programme()
    for value, year in ((5, 2001), (900, 2020), (20, None)):
        make_reach(first, value, year_from=year, year_to=year)
    make_reach(second, 1000)
    assert told(compared(first, second), "reach-students") == [
        ["900 (2020)", "5 (2001)", "20 (undated)"],
        ["1,000 (undated)"],
    ]


def test_without_figures_one_row_says_not_known_yet() -> None:
    comparison = compared(make_programme(), make_programme())
    assert [str(cell) for cell in row(comparison, "reach").cells] == ["Not known yet"] * 2
    assert not comparison.has_figures


def test_a_part_declared_not_available_is_worded_differently_from_not_known_yet() -> None:
    declared, silent = make_programme(), make_programme()
    make_citation(declared, field="impact", basis="declared-not-available")
    cells = row(compared(declared, silent), "impact").cells
    assert [str(cell) for cell in cells] == ["Not published", "Not known yet"]


def test_amounts_keep_currency_qualifier_basis_and_time() -> None:
    programme, other = make_programme(), make_programme()
    make_funding(programme, amount=6_000_000, currency="DKK", qualifier="over", basis="annual")
    make_funding(programme, source_type="in-kind")
    comparison = compared(programme, other)
    assert told(comparison, "amounts") == [["over DKK\u00a06\u00a0million (a year, undated)"], []]
    assert told(comparison, "payers") == [["Public", "In kind"], []]


def test_lineage_is_shown_at_both_ends_and_leaves_out_drafts() -> None:
    first, second = make_programme(name="First"), make_programme(name="Second")
    make_lineage(from_programme=first, to_programme=second, relation="adapted-as", year=2012)
    make_lineage(from_programme=first, to_programme=make_programme(state=State.DRAFT))
    assert told(compared(first, second), "lineage") == [
        ["Second (Adapted as, 2012)"],
        ["First (Derived from, 2012)"],
    ]


def test_options_of_a_list_row_contain_each_term_of_any_programme_once() -> None:
    first = make_programme(kinds=[kind("debates"), kind("company-visits")])
    second = make_programme(kinds=[kind("company-visits"), kind("internships")])
    kinds = row(compared(first, second), "kinds")
    assert sorted(kinds.options) == sorted(
        kind(slug).name for slug in ("debates", "company-visits", "internships")
    )


def test_a_study_is_told_with_result_design_year_payer_and_headline() -> None:
    first, second = make_programme(status="active"), make_programme(status="completed")
    make_evaluation(
        first, design="randomised-trial", result="no-effect", independence="commissioned",
        year=2019, headline="no effect on progress in science",
    )  # fmt: skip
    comparison = compared(first, second)
    assert told(comparison, "evidence") == [
        [
            "No effect found (Randomised trial, 2019, paid for by the programme."
            " No effect on progress in science)"
        ],
        [],
    ]
    assert [str(cell) for cell in row(comparison, "companies").cells] == [
        "How a company joins is not known yet", "It has ended",
    ]  # fmt: skip


def test_rows_that_tell_no_difference_are_the_same_or_unknown() -> None:
    first = make_programme(summary="Same.", duration="weeks", countries=[country("NL")])
    second = make_programme(summary="Same.", duration="one-off")
    for one in (first, second):  # a duration is shown only if something is cited for it
        builders.make_citation(one, field="duration", source=builders.make_source())
    comparison = compared(first, second)
    kept = {one.key for one in comparison.keep_differences().rows}
    same = {one.key for one in comparison.same_rows}
    unknown = {one.key for one in comparison.unknown_rows}
    assert {"duration", "countries"} <= kept
    assert "summary" in same
    assert "evidence" in kept  # always shown, here with “No evaluation found” twice
    assert "criteria" in same
    assert {"reach", "schools", "open"} <= unknown
    assert kept | same | unknown == {one.key for one in comparison.rows}
    assert len(kept) + len(same) + len(unknown) == len(comparison.rows)


def test_what_all_programmes_share_is_named_and_nothing_else() -> None:
    first = make_programme(kinds=[kind("debates"), kind("company-visits")])
    second = make_programme(kinds=[kind("company-visits")], countries=[country("NL")])
    assert compared(first, second).shared == [kind("company-visits").name]

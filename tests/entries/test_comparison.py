"""Tests of the comparison of programmes: chosen slugs, rows, differences, the page and its file."""

import csv
import io
from collections.abc import Iterable
from itertools import combinations
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from programmes.models import Country, Programme, Unit
from stemobs.entries.comparison import (
    MOST_READ,
    ChosenProgrammes,
    Comparison,
    choose_programmes,
    compare_programmes,
)
from stemobs.entries.findings import tell_in_short
from stemobs.entries.topics import ComparedRow
from tests import builders
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


def page(client: Client, *values: str, **others: str) -> Any:
    query = urlencode([*(("programme", value) for value in values), *others.items()])
    response = client.get(f"/programmes/compare/?{query}")
    assert response.status_code == 200
    return response


def problems(response: Any) -> dict[str, tuple[str, str]]:
    return {one.value: (one.parameter, one.reason) for one in response.context["problems"]}


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
        "evidence": lambda p: {tell_in_short(p.evaluations.all())},
        "kinds": lambda p: {one.name for one in p.kinds.all()},
        "audiences": lambda p: {one.name for one in p.audiences.all()},
        "countries": lambda p: {c.name for c in p.countries.all()} or {p.countries_note} - {""},
        "duration": lambda p: {p.get_duration_display()} - {""},
        "record": lambda p: {p.get_record_type_display()},
    }
    for pair in combinations(chosen, 2):
        comparison = compared(*pair)
        for key, value in plain.items():
            found, values = row(comparison, key), [value(programme) for programme in pair]
            known = [one for one in values if one]
            assert [{line.text for line in cell.lines} for cell in found.cells] == values
            assert found.differs == (len(known) == 2 and known[0] != known[1])
            assert found.is_partial == (len(known) == 1)


def test_there_is_a_row_for_every_unit_of_a_figure_of_any_programme() -> None:
    first, second = make_programme(), make_programme()
    units = {slug: Unit.objects.get(slug=slug) for slug in ("students", "schools", "teachers")}
    make_reach(first, 4500, unit=units["students"], qualifier="over", year_from=2016, year_to=2016)
    make_reach(first, 20, unit=units["schools"], qualifier="range", value_max=30)
    make_reach(second, 300, unit=units["teachers"], unit_detail="in pairs", period_type="annual")
    comparison = compared(first, second)
    assert {one.key for one in comparison.rows if one.key.startswith("reach")} == {
        "reach-students", "reach-schools", "reach-teachers",
    }  # fmt: skip
    assert told(comparison, "reach-students") == [["over 4,500 (2016)"], []]
    assert told(comparison, "reach-schools") == [["20 to 30 (undated)"], []]
    assert told(comparison, "reach-teachers") == [[], ["300 (in pairs, a year)"]]
    (line,) = row(comparison, "reach-students").cells[0].lines
    assert line.url == f"{first.get_absolute_url()}#reach"


def test_figures_keep_their_order_and_are_not_added_up() -> None:
    first, second = make_programme(), make_programme()
    for value in (5, 900, 20):
        make_reach(first, value)
    make_reach(second, 1000)
    comparison = compared(first, second)
    figures = told(comparison, "reach-students")
    assert figures == [["5 (undated)", "900 (undated)", "20 (undated)"], ["1,000 (undated)"]]


def test_without_figures_one_row_says_not_recorded() -> None:
    comparison = compared(make_programme(), make_programme())
    assert [str(cell) for cell in row(comparison, "reach").cells] == ["Not recorded"] * 2


def test_a_part_declared_not_available_is_worded_differently_from_not_recorded() -> None:
    declared, silent = make_programme(), make_programme()
    make_citation(declared, field="impact", basis="declared-not-available")
    cells = row(compared(declared, silent), "impact").cells
    assert [str(cell) for cell in cells] == ["Declared not available by its source", "Not recorded"]


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


def test_keep_differences_leaves_out_rows_that_are_the_same() -> None:
    first = make_programme(summary="Same.", duration="weeks", countries=[country("NL")])
    second = make_programme(summary="Same.", duration="one-off")
    for one in (first, second):  # a duration is shown only if something is cited for it
        builders.make_citation(one, field="duration", source=builders.make_source())
    kept = {one.key for one in compared(first, second).keep_differences().rows}
    assert {"duration", "countries"} <= kept
    assert not kept & {"summary", "status", "evidence", "reach"}


def test_keep_differences_of_equal_programmes_leaves_no_row(client: Client) -> None:
    first, second = make_programme(), make_programme()
    assert compared(first, second).keep_differences().groups == ()
    response = page(client, first.slug, second.slug, differences="only")
    assert "In everything that is recorded they are the same" in response.text


# --- The page of a comparison --------------------------------------------------------------------


def test_the_page_without_programmes_explains_how_to_choose(client: Client) -> None:
    response = page(client)
    assert "Choose two to four programmes" in response.text
    assert "<table" not in response.text
    assert 'action="/programmes/"' in response.text


def test_the_page_with_one_programme_suggests_others_to_compare(client: Client) -> None:
    response = page(client, "jet-net-nl")
    assert "One programme is chosen" in response.text
    assert "programme=jet-net-nl&amp;programme=stem-teacher-academy" in response.text
    assert "they differ" not in response.text


def test_links_to_remove_a_programme_keep_the_choice_of_rows(client: Client) -> None:
    response = page(client, "jet-net-nl", "tektanken", "techkwadraat", differences="only")
    text = response.text
    assert '"?programme=tektanken&amp;programme=techkwadraat&amp;differences=only"' in text
    assert '"?programme=jet-net-nl&amp;programme=tektanken&amp;differences=only"' in text
    assert text.count("Remove<") == 3


def test_the_page_marks_differing_and_partly_recorded_rows_in_words(client: Client) -> None:
    text = page(client, "jet-net-nl", "tektanken").text
    assert "(they differ)" in text
    assert "(recorded for some only)" in text


def test_the_canonical_address_has_only_the_compared_programmes_in_order(
    client: Client,
) -> None:
    gone = make_programme(
        state=State.WITHDRAWN, merged_into=Programme.objects.get(slug="tektanken")
    )
    text = page(client, "techkwadraat", gone.slug, "nowhere", differences="only", x="1").text
    assert '/programmes/compare/?programme=techkwadraat&amp;programme=tektanken">' in text


def test_the_page_names_a_merged_programme_and_its_successor(client: Client) -> None:
    successor = make_programme(name="New <b>name</b>")
    gone = make_programme(name="Old name", state=State.WITHDRAWN, merged_into=successor)
    text = page(client, gone.slug, "jet-net-nl").text
    assert "“Old name” was merged into “New &lt;b&gt;name&lt;/b&gt;”" in text


@pytest.mark.parametrize(
    ("query", "named"),
    {
        "programme=jet-net-nl&programme=nowhere": {"nowhere": "programme"},
        "programme=jet-net-nl,tektanken,nowhere": {"nowhere": "programme"},
        "programme=jet-net-nl&country=NL": {"NL": "country"},
        "programme=jet-net-nl&differences=all": {"all": "differences"},
        "programme=jet-net-nl&differences=only&differences=no": {"only, no": "differences"},
        f"programme={'x' * 1000}": {"x" * 100: "programme"},
        f"{'y' * 500}=1": {"1": "y" * 100},
        "programme=": {},
        "programme=%3Cscript%3E": {"<script>": "programme"},
    }.items(),
    ids=lambda value: str(value)[:40],
)
def test_wrong_values_in_the_address_are_named_and_left_out(
    client: Client, query: str, named: dict[str, str]
) -> None:
    response = client.get(f"/programmes/compare/?{query}")
    assert response.status_code == 200
    assert {value: told[0] for value, told in problems(response).items()} == named
    assert "<script>" not in response.text
    # The file has no place for such words, so it refuses what the page leaves out.
    status = client.get(f"/programmes/compare.csv?{query}").status_code
    assert status == (400 if named else 200)


@pytest.mark.parametrize(
    ("query", "status"),
    [(f"programme={'x' * 10_000}", 414), ("programme=%00", 400), ("programme=%ED%A0%80", 400)],
    ids=["very long", "NUL", "no text"],
)
def test_queries_too_long_or_with_broken_text_are_refused(
    client: Client, query: str, status: int
) -> None:
    for path in ("/programmes/compare/", "/programmes/compare.csv"):
        assert client.get(f"{path}?{query}").status_code == status


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
@pytest.mark.parametrize("path", ["/programmes/compare/", "/programmes/compare.csv"])
def test_page_and_file_answer_405_to_writing_methods(
    client: Client, path: str, method: str
) -> None:
    assert getattr(client, method)(path).status_code == 405


def test_a_head_request_for_the_page_answers_200(client: Client) -> None:
    assert client.head("/programmes/compare/?programme=jet-net-nl").status_code == 200


@pytest.mark.parametrize(
    "name",
    ["برنامج العلوم والتكنولوجيا", "x" * 200, "Long word " * 20, HOSTILE, "{% debug %}{{ x }}"],
    ids=["right to left", "one long word", "long", "markup", "template"],
)
def test_an_odd_name_is_shown_unchanged_and_escaped(client: Client, name: str) -> None:
    programme = make_programme(name=name.strip(), summary=name, countries_note=name)
    text = page(client, programme.slug, "jet-net-nl").text
    assert "<script>alert" not in text
    column = text.partition("c-name")[2].partition("</a>")[0].partition(">")[2]
    escaped = name.strip().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert column.strip() == escaped.replace('"', "&quot;").replace("'", "&#x27;")


def test_many_figures_and_countries_are_shown_in_part_with_a_link_to_all(
    client: Client,
) -> None:
    programme = make_programme(countries=Country.objects.all()[:12])
    for number in range(40):
        make_reach(programme, number + 1)
    text = page(client, programme.slug, "jet-net-nl").text
    assert "and 32 more" in text
    assert f'href="{programme.get_absolute_url()}#reach"' in text
    assert "and 4 more" in text
    assert len(told(compared(programme), "reach-students")[0]) == 40


# --- The CSV file of a comparison ----------------------------------------------------------------


def lines(response: Any) -> list[list[str]]:
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(response.content.decode(), newline="")))


def rows_of(file: Iterable[list[str]]) -> dict[str, list[str]]:
    return {cells[1]: cells[2:] for cells in file}


def test_the_csv_file_has_a_line_per_row_and_a_column_per_programme(
    client: Client,
) -> None:
    query = "programme=jet-net-nl&programme=tektanken"
    file = lines(client.get(f"/programmes/compare.csv?{query}"))
    shown = client.get(f"/programmes/compare/?{query}").context["comparison"]
    assert file[0][2:] == [programme.name for programme in shown.programmes]
    assert {len(cells) for cells in file} == {4}
    assert [cells[1] for cells in file[2:]] == [str(row.label) for row in shown.rows]
    assert rows_of(file)["Evidence"] == [
        "Indicators tracked: no effect found (2007)", "No evaluation found",
    ]  # fmt: skip


def test_the_csv_file_with_differences_only_has_fewer_lines(client: Client) -> None:
    query = "programme=jet-net-nl&programme=tektanken"
    every = lines(client.get(f"/programmes/compare.csv?{query}"))
    some = lines(client.get(f"/programmes/compare.csv?{query}&differences=only"))
    assert 2 < len(some) < len(every)
    assert all(cells in every for cells in some)


def test_lines_of_the_csv_file_end_with_crlf(client: Client) -> None:
    content = client.get("/programmes/compare.csv?programme=jet-net-nl").content
    assert content.count(b"\r\n") >= 20
    assert content.endswith(b"\r\n")


@pytest.mark.parametrize("text", ["=1+1", "+SUM(A1)", "-2+3+cmd", "@SUM"])
def test_no_cell_of_the_csv_file_can_be_read_as_a_formula(client: Client, text: str) -> None:
    programme = make_programme(name=f"{text} name", summary=text, impact=text)
    file = lines(client.get(f"/programmes/compare.csv?programme={programme.slug}"))
    assert file[0][2].startswith("'")
    assert not any(
        cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cells in file for cell in cells
    )

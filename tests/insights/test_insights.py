"""Insights: their numbers equal counts of the rows in plain Python; their links and files."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable
from html import unescape
from itertools import product
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.http import QueryDict
from django.test import Client

from partnerships.models import Lineage, Obstacle, Partnership
from programmes.models import CareerFactor, EducationLevel, InitiativeKind, Programme
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.insights.insights import INSIGHTS, choose_scale, get_insight
from stemobs.selection.programmes import ProgrammeFilter
from tests import builders

pytestmark = pytest.mark.django_db


def list_programmes() -> list[Programme]:
    related = ("levels", "kinds", "factors", "funding", "evaluations", "reach", "partnerships")
    return list(Programme.objects.published().prefetch_related(*related))


def read_table(slug: str, by: str = "level") -> dict[Any, int]:
    """Return the numbers of an insight's table by the key in front of each."""
    rows = get_insight(get_current_catalogue(), slug, by).table
    return {row[1] if len(row) == 3 and slug != "gaps" else row[:-1]: row[-1] for row in rows}


def count_members(values: Iterable[Iterable[Any]]) -> Counter[Any]:
    return Counter(value for some in values for value in set(some))


# --- The numbers ----------------------------------------------------------------------------------


def test_numbers_of_levels_equal_those_counted_from_programmes() -> None:
    right = count_members(
        [str(level.code) for level in one.levels.all()] or ["none"] for one in list_programmes()
    )
    codes = [str(code) for code in EducationLevel.objects.values_list("code", flat=True)]
    assert read_table("levels") == {code: right[code] for code in [*codes, "none"]}


def test_numbers_of_durations_equal_those_counted_from_programmes() -> None:
    right = Counter(one.duration or "none" for one in list_programmes())
    assert read_table("duration") == {
        key: right[key] for key in [*Programme.Duration.values, "none"]
    }


def test_numbers_of_career_factors_equal_those_counted_from_programmes() -> None:
    right = count_members(
        [factor.slug for factor in one.factors.all()] for one in list_programmes()
    )
    assert read_table("factors") == {
        one.slug: right[one.slug] for one in CareerFactor.objects.all()
    }


def test_numbers_of_evidence_steps_equal_those_counted_from_evaluations() -> None:
    def step(one: Programme) -> str:
        rows = one.evaluations.filter(object="programme")
        if any(row.independence == "independent" for row in rows):
            return "independent"
        measuring = {
            "randomised-trial", "matched-comparison", "before-after", "outcome-survey",
            "indicators", "audit",
        }  # fmt: skip
        if any(row.design in measuring for row in rows):
            return "monitored"
        return "reported" if rows else "none"

    right = Counter(map(step, list_programmes()))
    assert read_table("evidence") == dict(right)


def list_matrix_columns(one: Programme, by: str) -> list[str]:
    if by == "factor":
        return [factor.slug for factor in one.factors.all()]
    codes = {level.code for level in one.levels.all()}
    higher = ["higher"] if codes & {5, 6, 7, 8} else []
    vocational = ["vocational"] if one.is_vocational else []
    return [*map(str, codes - {5, 6, 7, 8}), *higher, *vocational]


@pytest.mark.parametrize("by", ["level", "factor"])
def test_the_matrix_of_gaps_equals_the_one_counted_from_programmes(by: str) -> None:
    right = Counter(
        pair
        for one in list_programmes()
        for pair in product([kind.slug for kind in one.kinds.all()], list_matrix_columns(one, by))
    )
    factors = CareerFactor.objects.values_list("slug", flat=True)
    columns = ["0", "1", "2", "3", "4", "higher", "vocational"] if by == "level" else factors
    kinds = InitiativeKind.objects.values_list("slug", flat=True)
    expected = {(kind, column): right[kind, column] for kind in kinds for column in columns}
    assert read_table("gaps", by) == expected
    empty = sum(not number for number in expected.values())
    finding = get_insight(get_current_catalogue(), "gaps", by).finding
    words = f"no record for {empty} of {len(expected)} " if empty else "We know of a record"
    assert words in finding


def test_combinations_of_payers_equal_those_counted_from_funding() -> None:
    payers = get_insight(get_current_catalogue(), "funding").columns[:-1]
    sets = [frozenset(row.source_type for row in one.funding.all()) for one in list_programmes()]
    right = Counter(tuple(int(payer in some) for payer in payers) for some in sets if some)
    assert {
        row[:-1]: row[-1] for row in get_insight(get_current_catalogue(), "funding").table
    } == right
    # The value “Public and private” means two payers, so it does not count as a single one.
    alone = sum(len(some) == 1 and some != {"mixed"} for some in sets)
    known = sum(bool(some) for some in sets)
    finding = get_insight(get_current_catalogue(), "funding").finding
    assert finding.startswith(f"Of the {known} records whose funders we know, {alone} ")


def test_numbers_of_missing_facts_equal_those_counted_from_programmes() -> None:
    right = {
        "year_start": sum(one.year_start is None for one in list_programmes()),
        "level": sum(not one.levels.all() for one in list_programmes()),
        "kind": sum(not one.kinds.all() for one in list_programmes()),
        "funding": sum(not one.funding.all() for one in list_programmes()),
        "evidence": sum(
            not any(row.counts for row in one.evaluations.all()) for one in list_programmes()
        ),
    }
    got = {
        row[1]: row[2]
        for row in get_insight(get_current_catalogue(), "coverage").table
        if row[1] in right
    }
    assert got == right


def test_the_insight_on_organisations_has_those_in_most_programmes() -> None:
    pairs = Partnership.objects.filter(programme__state="published")
    right = Counter(
        slug for slug, _programme in set(pairs.values_list("organisation__slug", "programme"))
    )
    drawn = get_insight(get_current_catalogue(), "organisations")
    numbers = [row[2] for row in drawn.table]
    assert numbers == sorted(right.values(), reverse=True)[: len(numbers)]
    assert all(right[row[0]] == row[2] for row in drawn.table)
    assert drawn.finding.startswith(f"{sum(n > 1 for n in right.values())} ")


def test_obstacles_have_the_shares_that_the_report_gives() -> None:
    shares = dict(Obstacle.objects.values_list("slug", "share"))
    assert {
        row[1]: row[2] for row in get_insight(get_current_catalogue(), "obstacles").table
    } == shares
    assert (
        f"add up to {sum(shares.values())}%"
        in get_insight(get_current_catalogue(), "obstacles").note
    )


def test_every_idea_that_travelled_has_two_different_countries() -> None:
    rows = get_insight(get_current_catalogue(), "timeline").table
    assert rows
    assert all(row[1] != row[3] for row in rows)
    titles = {one.title for one in list_programmes()}
    told = {str(row.subject) for row in Lineage.objects.all()} | titles
    assert {row[0] for row in rows} <= told | {str(row.target) for row in Lineage.objects.all()}


@pytest.mark.parametrize("slug", INSIGHTS)
def test_an_insight_begins_with_what_it_shows_and_what_it_does_not_show(
    client: Client, slug: str
) -> None:
    explanation = get_insight(get_current_catalogue(), slug).explanation
    assert str(explanation.shows).startswith("This shows ")
    assert str(explanation.limits).startswith("It does not show ")
    assert [str(text).count(".") for text in explanation] == [1, 1]
    head = client.get(f"/insights/{slug}/").text.partition("</h1>")[2].partition("</header>")[0]
    assert f"{explanation.shows} {explanation.limits}" in unescape(head)


# --- Links from numbers ---------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["level", "factor"])
def test_every_cell_of_the_matrix_links_to_as_many_programmes_as_its_number(
    client: Client, by: str
) -> None:
    page = client.get(f"/insights/gaps/?by={by}").text
    cells = re.findall(r'<a class="num"\s+href="/programmes/\?([^"]*)"[^>]*>(\d+)</a>', page)
    assert len(cells) == sum(number > 0 for number in read_table("gaps", by).values())
    for query, number in cells:
        data = QueryDict(query.replace("&amp;", "&"))
        assert len(ProgrammeFilter(data, get_current_catalogue()).matches) == int(number)


@pytest.mark.parametrize("slug", ["levels", "duration", "factors", "coverage", "evidence"])
def test_every_number_with_a_query_has_as_many_matching_programmes(
    client: Client, slug: str
) -> None:
    for row in get_insight(get_current_catalogue(), slug).drawing.rows:
        if row.query:
            found = ProgrammeFilter(QueryDict(row.query), get_current_catalogue()).matches
            assert len(found) == row.count


# --- Files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", INSIGHTS)
def test_the_csv_file_has_the_rows_of_the_insight(client: Client, slug: str) -> None:
    response = client.get(f"/insights/{slug}.csv")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    head, *rows = csv.reader(io.StringIO(response.getvalue().decode()))
    shown = get_insight(get_current_catalogue(), slug)
    assert tuple(head) == shown.columns
    assert len(rows) == len(shown.table)
    assert [row[-1] for row in rows] == [
        "" if row[-1] is None else str(row[-1]) for row in shown.table
    ]


@pytest.mark.parametrize("slug", INSIGHTS)
def test_an_svg_file_has_the_finding_as_title_and_names_source_and_licence(
    client: Client, slug: str
) -> None:
    response = client.get(f"/insights/{slug}.svg")
    assert response.headers["Content-Type"] == "image/svg+xml"
    assert "script-src" not in response.headers["Content-Security-Policy"]
    # Parsing is safe, because the site made the file itself.
    root = ET.fromstring(response.content)  # noqa: S314
    space = "{http://www.w3.org/2000/svg}"
    shown = get_insight(get_current_catalogue(), slug)
    assert root.find(f"{space}title").text == shown.finding
    texts = ["".join(text.itertext()) for text in root.iter(f"{space}text")]
    assert any("STEM Observatory" in text and "CC BY 4.0" in text for text in texts)


ODD = ("<script>alert(1)</script>", "برنامج العلوم", "=1+1", "x" * 150)


@pytest.mark.parametrize("name", ODD)
def test_odd_names_of_programmes_are_escaped_in_pages_and_svg_files(
    client: Client, name: str
) -> None:
    pair = [builders.make_programme(name=name, year_start=1900 + year) for year in (1, 2)]
    for number in range(30):
        partner = builders.make_organisation(name=f"{name} {number}")
        for programme in pair:
            builders.make_partnership(programme, partner, "partner")
    for address in ("/insights/", "/insights/organisations/"):
        assert "<script>alert" not in client.get(address).text
    # Parsing is safe, because the site made the file itself and escaped the hostile names.
    ET.fromstring(client.get("/insights/organisations.svg").content)  # noqa: S314


# --- Few programmes and wrong addresses -----------------------------------------------------------


def test_a_draft_changes_no_insight(client: Client) -> None:
    before = {slug: get_insight(get_current_catalogue(), slug).table for slug in INSIGHTS}
    draft = builders.make_programme(name="Quokka secrets", state="draft", duration="weeks")
    builders.make_partnership(draft, builders.make_organisation(name="Quokka Ltd"), "partner")
    assert {slug: get_insight(get_current_catalogue(), slug).table for slug in INSIGHTS} == before
    assert "Quokka" not in client.get("/insights/").text


@pytest.mark.parametrize(
    "address", ["/insights/nope/", "/insights/nope.csv", "/insights/nope.bib?by=x"]
)
def test_an_unknown_insight_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("ending", ["csv", "svg", "bib"])
@pytest.mark.parametrize(("query", "wrong"), [("by=x", "by"), ("foo=1", "foo")])
def test_a_file_of_an_insight_refuses_a_wrong_parameter_and_names_it(
    client: Client, ending: str, query: str, wrong: str
) -> None:
    response = client.get(f"/insights/gaps.{ending}?{query}")
    assert response.status_code == 400
    assert f"These parameters are wrong: {wrong}." in response.text


@pytest.mark.parametrize("query", ["by=x", "by=", "cntry=NL", "by=level&by=zzz"])
@pytest.mark.parametrize("path", ["/insights/", "/insights/gaps/"])
def test_an_insight_page_names_a_wrong_parameter_but_is_shown(
    client: Client, path: str, query: str
) -> None:
    page = client.get(f"{path}?{query}")
    assert page.status_code == 200
    assert f"<code>{query.split('&')[-1].split('=')[0]}" in page.text


@pytest.mark.parametrize(
    ("total", "each"),
    [(0, 1), (143, 1), (200, 1), (201, 2), (1_000, 5), (1_001, 10), (100_000, 500)],
)
def test_a_square_stands_for_more_programmes_if_there_are_many(total: int, each: int) -> None:
    assert choose_scale(total) == each


def test_an_insight_is_kept_until_the_catalogue_changes(client: Client) -> None:
    first = get_insight(get_current_catalogue(), "evidence")
    shared = get_current_catalogue()
    assert get_insight(shared, "evidence") is get_insight(shared, "evidence")
    builders.make_programme(name="One more")
    assert get_insight(get_current_catalogue(), "evidence").table != first.table

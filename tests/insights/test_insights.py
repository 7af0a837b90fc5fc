"""What the figures say is what the rows say: each is counted once more in plain Python."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable
from itertools import product
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.http import QueryDict
from django.test import Client

from partnerships.models import Lineage, Obstacle, Partnership
from programmes.models import CareerFactor, EducationLevel, InitiativeKind, Programme
from stemobs.catalogue.catalogue import current
from stemobs.insights.insights import FIGURES, figure, scale
from stemobs.selection.programmes import ProgrammeFilter
from tests import builders

pytestmark = pytest.mark.django_db


def programmes() -> list[Programme]:
    related = ("levels", "kinds", "factors", "funding", "evaluations", "reach", "partnerships")
    return list(Programme.objects.published().prefetch_related(*related))


def table(slug: str, by: str = "level") -> dict[Any, int]:
    """Return a figure's numbers by what stands before them."""
    rows = figure(current(), slug, by).table
    return {row[1] if len(row) == 3 and slug != "gaps" else row[:-1]: row[-1] for row in rows}


def counted(values: Iterable[Iterable[Any]]) -> Counter[Any]:
    return Counter(value for some in values for value in set(some))


# --- The numbers ----------------------------------------------------------------------------------


def test_levels_are_those_of_the_rows() -> None:
    right = counted(
        [str(level.code) for level in one.levels.all()] or ["none"] for one in programmes()
    )
    codes = [str(code) for code in EducationLevel.objects.values_list("code", flat=True)]
    assert table("levels") == {code: right[code] for code in [*codes, "none"]}


def test_durations_are_those_of_the_rows() -> None:
    right = Counter(one.duration or "none" for one in programmes())
    assert table("duration") == {key: right[key] for key in [*Programme.Duration.values, "none"]}


def test_factors_are_those_of_the_rows() -> None:
    right = counted([factor.slug for factor in one.factors.all()] for one in programmes())
    assert table("factors") == {one.slug: right[one.slug] for one in CareerFactor.objects.all()}


def test_evidence_is_that_of_the_evaluations() -> None:
    def step(one: Programme) -> str:
        rows = one.evaluations.all()
        if any(row.conducted_by == "independent" for row in rows):
            return "independent"
        tracked = {"indicators", "outcomes", "comparison"}
        if any(row.approach in tracked for row in rows):
            return "monitored"
        return "reported" if rows else "none"

    right = Counter(map(step, programmes()))
    assert table("evidence") == dict(right)


def columns_of(one: Programme, by: str) -> list[str]:
    if by == "factor":
        return [factor.slug for factor in one.factors.all()]
    codes = {level.code for level in one.levels.all()}
    higher = ["higher"] if codes & {5, 6, 7, 8} else []
    vocational = ["vocational"] if one.is_vocational else []
    return [*map(str, codes - {5, 6, 7, 8}), *higher, *vocational]


@pytest.mark.parametrize("by", ["level", "factor"])
def test_the_matrix_is_that_of_the_rows(by: str) -> None:
    right = Counter(
        pair
        for one in programmes()
        for pair in product([kind.slug for kind in one.kinds.all()], columns_of(one, by))
    )
    factors = CareerFactor.objects.values_list("slug", flat=True)
    columns = ["0", "1", "2", "3", "4", "higher", "vocational"] if by == "level" else factors
    kinds = InitiativeKind.objects.values_list("slug", flat=True)
    expected = {(kind, column): right[kind, column] for kind in kinds for column in columns}
    assert table("gaps", by) == expected
    empty = sum(not number for number in expected.values())
    finding = figure(current(), "gaps", by).finding
    assert finding.startswith(f"{empty} of {len(expected)} " if empty else "No combination")


def test_payers_are_combined_as_in_the_rows() -> None:
    payers = figure(current(), "funding").columns[:-1]
    sets = [frozenset(row.source_type for row in one.funding.all()) for one in programmes()]
    right = Counter(tuple(int(payer in some) for payer in payers) for some in sets if some)
    assert {row[:-1]: row[-1] for row in figure(current(), "funding").table} == right
    # “Public and private” is one value, and two payers.
    alone = sum(len(some) == 1 and some != {"mixed"} for some in sets)
    known = sum(bool(some) for some in sets)
    assert figure(current(), "funding").finding.startswith(f"{alone} of {known} ")


def test_what_is_missing_is_what_the_rows_lack() -> None:
    right = {
        "year_start": sum(one.year_start is None for one in programmes()),
        "level": sum(not one.levels.all() for one in programmes()),
        "kind": sum(not one.kinds.all() for one in programmes()),
        "funding": sum(not one.funding.all() for one in programmes()),
        "evidence": sum(not one.evaluations.all() for one in programmes()),
    }
    got = {row[1]: row[2] for row in figure(current(), "coverage").table if row[1] in right}
    assert got == right


def test_organisations_are_those_in_most_programmes() -> None:
    pairs = Partnership.objects.filter(programme__state="published")
    right = Counter(
        slug for slug, _programme in set(pairs.values_list("organisation__slug", "programme"))
    )
    drawn = figure(current(), "organisations")
    numbers = [row[2] for row in drawn.table]
    assert numbers == sorted(right.values(), reverse=True)[: len(numbers)]
    assert all(right[row[0]] == row[2] for row in drawn.table)
    assert drawn.finding.startswith(f"{sum(n > 1 for n in right.values())} ")


def test_obstacles_are_those_of_the_report() -> None:
    shares = dict(Obstacle.objects.values_list("slug", "share"))
    assert {row[1]: row[2] for row in figure(current(), "obstacles").table} == shares
    assert f"add up to {sum(shares.values())}%" in figure(current(), "obstacles").note


def test_ideas_that_travelled_crossed_a_border() -> None:
    rows = figure(current(), "timeline").table
    assert rows
    assert all(row[1] != row[3] for row in rows)
    titles = {one.title for one in programmes()}
    told = {str(row.subject) for row in Lineage.objects.all()} | titles
    assert {row[0] for row in rows} <= told | {str(row.target) for row in Lineage.objects.all()}


# --- What a number leads to -----------------------------------------------------------------------


@pytest.mark.parametrize("by", ["level", "factor"])
def test_every_cell_opens_as_many_programmes_as_it_says(client: Client, by: str) -> None:
    page = client.get(f"/insights/gaps/?by={by}").text
    cells = re.findall(r'<a class="num"\s+href="/programmes/\?([^"]*)"[^>]*>(\d+)</a>', page)
    assert len(cells) == sum(number > 0 for number in table("gaps", by).values())
    for query, number in cells:
        data = QueryDict(query.replace("&amp;", "&"))
        assert len(ProgrammeFilter(data, current()).matches) == int(number)


@pytest.mark.parametrize("slug", ["levels", "duration", "factors", "coverage", "evidence"])
def test_every_number_with_a_link_opens_as_many_programmes(client: Client, slug: str) -> None:
    for row in figure(current(), slug).drawing.rows:
        if row.query:
            found = ProgrammeFilter(QueryDict(row.query), current()).matches
            assert len(found) == row.count


# --- Files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", FIGURES)
def test_the_file_holds_the_numbers_of_the_page(client: Client, slug: str) -> None:
    response = client.get(f"/insights/{slug}.csv")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    head, *rows = csv.reader(io.StringIO(response.getvalue().decode()))
    shown = figure(current(), slug)
    assert tuple(head) == shown.columns
    assert len(rows) == len(shown.table)
    assert [row[-1] for row in rows] == [
        "" if row[-1] is None else str(row[-1]) for row in shown.table
    ]


@pytest.mark.parametrize("slug", FIGURES)
def test_a_picture_stands_alone_and_says_what_it_shows(client: Client, slug: str) -> None:
    response = client.get(f"/insights/{slug}.svg")
    assert response.headers["Content-Type"] == "image/svg+xml"
    assert "script-src" not in response.headers["Content-Security-Policy"]
    # The site made it itself: nothing foreign is parsed.
    root = ET.fromstring(response.content)  # noqa: S314
    space = "{http://www.w3.org/2000/svg}"
    shown = figure(current(), slug)
    assert root.find(f"{space}title").text == shown.finding
    texts = ["".join(text.itertext()) for text in root.iter(f"{space}text")]
    assert any("STEM Observatory" in text and "CC BY 4.0" in text for text in texts)


ODD = ("<script>alert(1)</script>", "برنامج العلوم", "=1+1", "x" * 150)


@pytest.mark.parametrize("name", ODD)
def test_odd_names_are_text_in_pages_and_files(client: Client, name: str) -> None:
    pair = [builders.make_programme(name=name, year_start=1900 + year) for year in (1, 2)]
    for number in range(30):
        partner = builders.make_organisation(name=f"{name} {number}")
        for programme in pair:
            builders.make_partnership(programme, partner, "partner")
    for address in ("/insights/", "/insights/organisations/"):
        assert "<script>alert" not in client.get(address).text
    # The site made it itself, with hostile names as text.
    ET.fromstring(client.get("/insights/organisations.svg").content)  # noqa: S314


# --- Little, nothing, wrong -----------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.slow
def test_an_almost_empty_catalogue_has_sound_figures(client: Client, number: int) -> None:
    Programme.objects.update(state="draft")
    for _one in range(number):
        builders.make_programme(name="Alone")
    page = client.get("/insights/")
    assert page.status_code == 200
    for slug in FIGURES:
        for ending in ("/", ".csv", ".svg"):
            assert client.get(f"/insights/{slug}{ending}").status_code == 200


def test_drafts_are_in_no_figure(client: Client) -> None:
    before = {slug: figure(current(), slug).table for slug in FIGURES}
    draft = builders.make_programme(name="Quokka secrets", state="draft", duration="weeks")
    builders.make_partnership(draft, builders.make_organisation(name="Quokka Ltd"), "partner")
    assert {slug: figure(current(), slug).table for slug in FIGURES} == before
    assert "Quokka" not in client.get("/insights/").text


@pytest.mark.parametrize(
    "address", ["/insights/nope/", "/insights/nope.csv", "/insights/nope.bib?by=x"]
)
def test_what_is_not_there_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("ending", ["csv", "svg", "bib"])
@pytest.mark.parametrize(("query", "wrong"), [("by=x", "by"), ("foo=1", "foo")])
def test_a_file_refuses_what_it_does_not_know(
    client: Client, ending: str, query: str, wrong: str
) -> None:
    response = client.get(f"/insights/gaps.{ending}?{query}")
    assert response.status_code == 400
    assert f"These parameters are wrong: {wrong}." in response.text


@pytest.mark.parametrize("query", ["by=x", "by=", "cntry=NL", "by=level&by=zzz"])
@pytest.mark.parametrize("path", ["/insights/", "/insights/gaps/"])
def test_what_is_wrong_in_the_address_is_named(client: Client, path: str, query: str) -> None:
    page = client.get(f"{path}?{query}")
    assert page.status_code == 200
    assert f"<code>{query.split('&')[-1].split('=')[0]}" in page.text


@pytest.mark.parametrize(
    ("total", "each"),
    [(0, 1), (143, 1), (200, 1), (201, 2), (1_000, 5), (1_001, 10), (100_000, 500)],
)
def test_few_squares_are_drawn_of_many_programmes(total: int, each: int) -> None:
    assert scale(total) == each


def test_figures_are_counted_once_for_each_state(client: Client) -> None:
    first = figure(current(), "evidence")
    shared = current()
    assert figure(shared, "evidence") is figure(shared, "evidence")
    builders.make_programme(name="One more")
    assert figure(current(), "evidence").table != first.table

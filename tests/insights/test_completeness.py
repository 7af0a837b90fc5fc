"""How complete the catalogue is: counted in all and by country, in JSON, as a table and a page."""

import json
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from programmes.models import Citation, Contact, Evaluation, Field, Programme, TakingPart
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.insights.completeness import (
    PARTS,
    CompletenessRow,
    Part,
    list_completeness,
    name_columns,
)
from stemobs.selection.facets import FACETS, RECORD
from tests import builders

pytestmark = pytest.mark.django_db
STATED, INFERRED = Citation.Basis.STATED, Citation.Basis.INFERRED


def read_row(code: str = "") -> CompletenessRow:
    rows = list_completeness(get_current_catalogue())
    return next(row for row in rows if row.code == code)


def read_number(name: str, code: str = "") -> int:
    return int(read_row(code).as_dict()[name])


def test_the_numbers_of_all_programmes_equal_counts_from_the_database() -> None:
    published = Programme.objects.published()
    told = read_row().as_dict()
    assert told["programmes"] == published.count()
    assert told["description"] == published.exclude(description="").count()
    assert told["website"] == published.exclude(website="").count()
    ways = TakingPart.objects.filter(programme__in=published, is_open=True)
    assert told["way_in"] == ways.values("programme").distinct().count()
    for audience in ("schools", "companies"):
        number = ways.filter(audience=audience).values("programme").distinct().count()
        assert told[f"way_in_{audience}"] == number
    contacts = Contact.objects.filter(programme__in=published)
    assert told["contact"] == contacts.values("programme").distinct().count()
    studies = Evaluation.objects.filter(programme__in=published, object="programme")
    assert told["evaluation"] == studies.values("programme").distinct().count()


def test_a_programme_counts_in_each_of_its_countries_and_once_in_all() -> None:
    before = [read_number("programmes", code) for code in ("", "NL", "FI")]
    builders.make_programme(countries=[builders.country("NL"), builders.country("FI")])
    after = [read_number("programmes", code) for code in ("", "NL", "FI")]
    assert [new - old for old, new in zip(before, after, strict=True)] == [1, 1, 1]


def test_a_programme_of_three_countries_is_no_country_s_own() -> None:
    before = [read_number("own", code) for code in ("", "NL")]
    codes = ("NL", "FI", "DE")
    builders.make_programme(countries=[builders.country(code) for code in codes])
    assert [read_number("own", code) for code in ("", "NL")] == before
    builders.make_programme(countries=[builders.country(code) for code in codes[:2]])
    assert [read_number("own", code) for code in ("", "NL")] == [one + 1 for one in before]


def test_a_closed_way_in_and_a_draft_do_not_count() -> None:
    before = read_row().as_dict()
    builders.make_way_in(builders.make_programme(), audience="schools", is_open=False)
    draft = builders.make_programme(state=Programme.State.DRAFT, website="https://x.example/")
    builders.make_way_in(draft, audience="schools")
    builders.make_contact(draft)
    after = read_row().as_dict()
    for name in ("way_in", "way_in_school", "contact", "website"):
        assert after[name] == before[name], name
    assert after["programmes"] == before["programmes"] + 1


@pytest.mark.parametrize(
    ("fields", "cited", "read"),
    [
        ({"basis": STATED, "sourced": True}, 1, 0),
        ({"basis": STATED, "sourced": False}, 0, 0),
        ({"basis": INFERRED, "sourced": False}, 0, 1),
        ({"basis": INFERRED, "sourced": True}, 0, 1),
    ],
)
def test_a_value_is_cited_by_a_source_of_its_own_or_is_our_reading(
    fields: dict[str, Any], cited: int, read: int
) -> None:
    one = builders.make_programme(description="It does.", languages="")
    before = read_row()
    source = builders.make_source() if fields.pop("sourced") else None
    for field in (Field.DESCRIPTION, Field.LANGUAGES):  # there is no value to cite in the second
        builders.make_citation(one, field=field, source=source, **fields)
    after = read_row()
    assert (after.cited - before.cited, after.read - before.read) == (cited, read)
    assert after.values == before.values


def test_a_value_with_two_citations_counts_once() -> None:
    one = builders.make_programme(description="It does.")
    before = read_row()
    for basis in (STATED, STATED, INFERRED):
        builders.make_citation(
            one, field=Field.DESCRIPTION, basis=basis, source=builders.make_source()
        )
    after = read_row()
    assert (after.cited - before.cited, after.read - before.read) == (1, 0)


def test_a_part_leads_to_a_list_only_where_a_parameter_has_its_value() -> None:
    assert Part("x", "", "record", "project").write_query("NL") == "country=NL&record=project"
    assert Part("x", "", "record", "project").write_query("") == "record=project"
    assert not Part("x", "", "record", "parade").write_query("NL")
    assert not Part("x", "", "no-such-parameter", "project").write_query("NL")
    assert not Part("x", "").write_query("NL")
    assert RECORD.parameter in FACETS


def test_every_list_that_is_linked_has_as_many_programmes_as_the_cell_says(client: Client) -> None:
    for code in ("", "NL", "EE"):
        linked = [cell for cell in read_row(code).cells if cell.query]
        assert linked
        for cell in linked:
            answer = client.get(f"/api/v1/programmes/?{cell.query}&page_size=1")
            assert answer.json()["count"] == cell.number, cell


def test_counting_takes_four_queries_whatever_the_number_of_programmes() -> None:
    catalogue = get_current_catalogue()
    catalogue.list_terms(builders.country("NL").__class__, "code")
    catalogue.answers.clear()
    with CaptureQueriesContext(connection) as captured:
        list_completeness(catalogue)
    assert len(captured) == 4


def test_an_empty_catalogue_has_one_row_of_zeros() -> None:
    Programme.objects.update(state=Programme.State.DRAFT)
    (row,) = list_completeness(get_current_catalogue())
    numbers = {value for value in row.as_dict().values() if isinstance(value, int)}
    assert numbers == {0}


def test_the_command_prints_a_line_for_each_country_with_as_many_numbers_as_columns(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("facts")
    legend, _empty, table = capsys.readouterr().out.partition("\n\n")
    columns = len(list(name_columns()))
    assert len(legend.splitlines()) == columns
    lines = table.strip().splitlines()[1:]
    assert len(lines) == len(list_completeness(get_current_catalogue()))
    for line in lines:
        assert re.search(rf"\S(?: +\d+){{{columns}}}$", line), line


def test_the_command_prints_the_same_numbers_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("facts", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told[0]["country"] is None
    assert told == [row.as_dict() for row in list_completeness(get_current_catalogue())]


def test_the_page_about_coverage_shows_the_same_numbers(client: Client) -> None:
    text = " ".join(client.get("/about/").text.split())
    part = text.partition('id="complete"')[2]
    row = read_row("EE")
    assert f'href="/programmes/?country=EE">{row.programmes}</a>' in part
    assert f"{row.cited} of {row.values}" in part
    for one in PARTS:
        assert part.count(str(one.words)) >= 2

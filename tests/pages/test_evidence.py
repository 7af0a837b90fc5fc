"""Tests of the page “What was found”: its numbers, its matrix, and what it lists."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import html5lib
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from partnerships.models import FieldStudy
from programmes.models import Evaluation, Programme
from tests import builders
from tests.pages.walk import plain

pytestmark = pytest.mark.django_db

PAGE = "/evidence/"


def read_page(client: Client) -> Any:
    response = client.get(PAGE)
    assert response.status_code == 200
    return html5lib.parse(response.content.decode(), namespaceHTMLElements=False)


def list_number_links(page: Any) -> Iterator[tuple[int, str]]:
    """Yield the number and the address of every link whose text is a number."""
    for link in page.iter("a"):
        text = "".join(link.itertext()).strip()
        if re.fullmatch(r"[\d,]+", text) and link.get("href").startswith("/programmes/"):
            yield int(text.replace(",", "")), link.get("href")


def count_listed(client: Client, href: str) -> int:
    return client.get(href.replace("/programmes/", "/api/v1/programmes/")).json()["count"]


class TestMatrix:
    """The matrix of designs and results."""

    def test_every_number_opens_a_list_of_that_length(self, client: Client) -> None:
        links = list(list_number_links(read_page(client)))
        assert len(links) > 30
        for number, href in links:
            assert number == count_listed(client, href) > 0, href

    def test_a_zero_is_no_link(self, client: Client) -> None:
        cells = [cell for cell in read_page(client).iter("td") if "q0" in cell.get("class", "")]
        assert cells
        assert all("".join(cell.itertext()) == "0" and not len(cell) for cell in cells)

    def test_rows_and_columns_hold_each_programme_of_the_database_once_a_cell(
        self, client: Client
    ) -> None:
        matrix = client.get(PAGE).context["matrix"]
        for row in matrix.rows:
            for result, cell in zip(matrix.results, row.cells, strict=True):
                rows = Evaluation.objects.filter(
                    object="programme", design=row.design.key, result=result.key
                )
                assert cell.count == rows.values("programme").distinct().count()
        of_itself = Programme.objects.filter(evaluations__object="programme").distinct()
        assert matrix.evaluated.count == of_itself.count()

    def test_totals_are_no_less_than_any_cell_and_no_more_than_the_sum(
        self, client: Client
    ) -> None:
        matrix = client.get(PAGE).context["matrix"]
        columns = zip(*(row.cells for row in matrix.rows), strict=True)
        lines = [(row.design.count, row.cells) for row in matrix.rows]
        lines += [(one.count, cells) for one, cells in zip(matrix.results, columns, strict=True)]
        for total, cells in lines:
            counts = [cell.count for cell in cells]
            assert max(counts) <= total <= sum(counts)

    def test_a_study_of_an_event_is_in_no_cell(self, client: Client) -> None:
        before = client.get(PAGE).context["matrix"].evaluated.count
        builders.make_evaluation(builders.make_programme(), object="event", design="audit")
        assert client.get(PAGE).context["matrix"].evaluated.count == before


class TestLists:
    """The lists of null, negative and mixed results."""

    def test_null_and_negative_results_stand_open_with_the_trial_of_crest_first(
        self, client: Client
    ) -> None:
        listed = [found.row for found in client.get(PAGE).context["no_gain"]]
        rows = Evaluation.objects.filter(object="programme", result__in=("no-effect", "negative"))
        assert {row.pk for row in listed} == set(rows.values_list("pk", flat=True))
        assert listed[0].programme.slug == "crest-awards"
        folded = [*read_page(client).iter("details")]
        assert not any(
            "crest-awards" in link.get("href") for one in folded for link in one.iter("a")
        )

    def test_all_mixed_results_are_told_and_most_are_folded(self, client: Client) -> None:
        context = client.get(PAGE).context
        rows = Evaluation.objects.filter(object="programme", result="mixed")
        told = [*context["mixed"], *context["more_mixed"]]
        assert [len(context["mixed"]), len(told)] == [5, rows.count()]

    def test_what_is_long_is_folded_below_lines_that_say_how_much_it_is(
        self, client: Client
    ) -> None:
        page = read_page(client)
        folded = [plain(one) for one in page.iter("summary")]
        for words in ("more mixed evaluation", "more stud", "source"):
            assert any(re.search(rf"^\d+ {words}", line) for line in folded)

    def test_every_result_has_its_own_mark_and_words(self, client: Client) -> None:
        page = client.get(PAGE).content.decode()
        for result in Evaluation.Result:
            assert f"#f-{result.value}" in page
            assert str(result.label) in page

    def test_hidden_programmes_are_not_told(self, client: Client) -> None:
        draft = builders.make_programme(name="Hidden thing", state="draft")
        builders.make_evaluation(draft, result="no-effect", headline="no effect")
        assert "Hidden thing" not in client.get(PAGE).content.decode()


class TestStudiesOfTheField:
    """Studies of many schemes together."""

    def test_what_only_follows_numbers_shows_no_result_of_a_scheme(self) -> None:
        followed = FieldStudy.objects.filter(design="indicators")
        assert {study.result for study in followed} == {"not-on-record"}

    def test_all_of_them_are_told_with_a_number_for_every_source(self, client: Client) -> None:
        page = client.get(PAGE).content.decode()
        assert FieldStudy.objects.count() == 15
        for study in FieldStudy.objects.prefetch_related("further_sources"):
            assert escape(study.title) in page
            for source in (study.source, *study.further_sources.all()):
                assert escape(source.title) in page
        assert 'href="#source-1"' in page
        assert 'id="source-1"' in page

    def test_they_count_for_no_programme_and_stand_in_no_cell(self, client: Client) -> None:
        before = [row.cells for row in client.get(PAGE).context["matrix"].rows]
        FieldStudy.objects.create(
            slug="more", title="One more", design="audit", result="negative", finding="Nothing."
        )
        answer = client.get(PAGE)
        assert [row.cells for row in answer.context["matrix"].rows] == before
        assert "One more" in answer.content.decode()


def test_without_evaluations_the_page_says_that_none_was_found(client: Client) -> None:
    Evaluation.objects.all().delete()
    page = client.get(PAGE).content.decode()
    assert "We found no evaluation." in page
    assert 'class="heat' not in page


def count_queries_with(client: Client, number: int) -> int:
    for _number in range(number):
        builders.make_evaluation(
            builders.make_programme(), result="no-effect", headline="no effect"
        )
    client.get(PAGE)
    with CaptureQueriesContext(connection) as queries:
        client.get(PAGE)
    return len(queries)


def test_the_number_of_queries_does_not_grow_with_evaluations(client: Client) -> None:
    assert count_queries_with(client, 1) == count_queries_with(client, 30)


def test_an_unknown_parameter_is_named_and_the_rest_is_shown(client: Client) -> None:
    response = client.get(f"{PAGE}?nonsense=1")
    assert response.status_code == 200
    assert "<code>nonsense=1</code>" in response.text
    assert 'id="h-matrix"' in response.text


@pytest.mark.parametrize("address", [PAGE, "/about/data/"])
def test_pages_of_data_show_how_to_cite_them_with_files(client: Client, address: str) -> None:
    (cited,) = re.findall(r"<section[^>]*id=\"cite\".*?</section>", client.get(address).text, re.S)
    assert f"{address.rstrip(chr(47))}.bib" in cited


def test_the_header_leads_to_the_page_and_the_footer_to_the_insights(client: Client) -> None:
    page = read_page(client)
    headers, footers = ([*page.iter(name)] for name in ("header", "footer"))
    in_header = {link.get("href") for link in headers[0].iter("a")}
    in_footer = {link.get("href") for link in footers[-1].iter("a")}
    assert PAGE in in_header
    assert "/insights/" not in in_header
    assert {PAGE, "/insights/"} <= in_footer


def test_the_studies_of_the_field_are_a_file_too(client: Client) -> None:
    response: Any = client.get("/evidence/field-studies.csv")
    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode())))
    known = FieldStudy.objects.all()
    assert [row["id"] for row in rows] == [study.slug for study in known]
    assert [row["result"] for row in rows] == [study.result for study in known]
    assert client.get("/evidence/field-studies.csv?country=NL").status_code == 400
    assert 'href="/evidence/field-studies.csv"' in client.get("/evidence/").text

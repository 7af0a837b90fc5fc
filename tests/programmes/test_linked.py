"""Facts as linked data, read by an independent reader; and no text that gets out of its script."""

import json

import html5lib
import pytest
from rdflib import RDF, SDO, URIRef

from programmes.catalogue import current
from programmes.linked import document, names_of, of_row, to_script
from programmes.models import Programme
from programmes.rows import read_rows
from tests.graphs import read, told

pytestmark = pytest.mark.django_db


def test_every_programme_of_a_list_says_as_linked_data_what_the_database_says() -> None:
    catalogue = current()
    rows = read_rows(catalogue, list(catalogue.programmes.entries))
    graph = read(document(*(of_row(row, names_of(catalogue)) for row in rows.values())))
    published = Programme.objects.published().prefetch_related("countries", "levels", "audiences")
    assert len(rows) == len(published) > 100
    for programme in published:
        this = URIRef(f"{rows[programme.pk]['page']}#this")
        assert (this, RDF.type, None) in graph
        assert told(graph, this, SDO.name) == {programme.name}
        assert told(graph, this, SDO.description) == {programme.summary}
        for predicate, year in (
            (SDO.startDate, programme.year_start),
            (SDO.endDate, programme.year_end),
        ):
            assert told(graph, this, predicate) == ({str(year)} if year else set())
        for path, terms in (
            ((SDO.areaServed, SDO.name), programme.countries),
            ((SDO.educationalLevel, SDO.name), programme.levels),
            ((SDO.audience, SDO.audienceType), programme.audiences),
        ):
            assert told(graph, this, *path) == {term.name for term in terms.all()}


@pytest.mark.parametrize(
    "text",
    [
        "</script><script>alert(1)</script>",
        "<!-- <script>",
        "]]>",
        "&lt;/script&gt;",
        "line\u2028separator\u2029",
        'quote " and \\ backslash',
    ],
)
def test_no_text_closes_the_script_that_holds_it(text: str) -> None:
    page = f"<!doctype html><title>x</title>{to_script({'name': text})}<p>after"
    root = html5lib.parse(page, treebuilder="etree", namespaceHTMLElements=False)
    (script,) = root.iter("script")
    assert json.loads(script.text) == {"name": text}
    assert root.find("body/p").text == "after"
    assert not set("<>&\u2028\u2029") & set(script.text)

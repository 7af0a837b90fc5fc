"""Linked data of entries, parsed by rdflib; and no text that can close its script element."""

import json
from functools import partial
from typing import Any

import html5lib
import pytest
from django.conf import LazySettings
from rdflib import RDF, SDO, Namespace, URIRef

from partnerships.models import Guide, NationalPlatform, Organisation, Strategy
from programmes.models import Programme
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.entries.entry import Entry
from stemobs.entries.loading import load_facts
from stemobs.exports.linked.nodes import build_page_url, make_jsonld_document, write_script
from stemobs.exports.linked.partners import (
    describe_guide,
    describe_organisation,
    describe_platform,
    describe_strategy,
)
from stemobs.exports.linked.programmes import describe_entry, describe_programme_row
from stemobs.exports.linked.terms import list_term_names
from stemobs.exports.rows import read_rows
from tests.graphs import read, told

pytestmark = pytest.mark.django_db

NEWER = Namespace(str(SDO))  # for terms of schema.org that rdflib does not know yet
ROLES = {
    "coordinator": SDO.organizer, "founder": SDO.founder, "funder": SDO.funder,
    "sponsor": SDO.sponsor, "partner": SDO.member,
}  # fmt: skip
# Properties of which an entry has more values than a row of a list.
LONGER = {"keywords", "mainEntityOfPage"}


@pytest.mark.data
def test_linked_data_of_every_programme_agree_with_the_database(settings: LazySettings) -> None:
    catalogue = get_current_catalogue()
    names, rows = (
        list_term_names(catalogue),
        read_rows(catalogue, list(catalogue.programmes.entries)),
    )
    entries = [Entry(programme) for programme in map(load_facts, Programme.objects.published())]
    assert len(entries) > 100
    nodes = [describe_entry(entry, names) for entry in entries]
    for entry, whole in zip(entries, nodes, strict=True):
        # The node of a list row must be a part of the node of the entry.
        row = describe_programme_row(rows[entry.programme.pk], names)
        assert row == {name: whole[name] for name in row} | {
            name: row[name] for name in LONGER & row.keys()
        }
    graph = read(make_jsonld_document(*nodes))
    for programme in (entry.programme for entry in entries):
        page = URIRef(f"{settings.SITE_URL}{programme.get_absolute_url()}")
        this = URIRef(f"{page}#this")
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
        assert told(graph, this, SDO.sameAs) == ({programme.website} - {""})
        assert told(graph, this, SDO.alternateName) >= {row.name for row in programme.names.all()}
        assert told(graph, page, SDO.dateModified) == {
            programme.changed_at.isoformat(timespec="seconds").replace("+00:00", "Z")
        }
        cited = told(graph, page, SDO.citation, SDO.name)
        assert cited >= {row.source.title for row in programme.citations.all() if row.source}
        figures = list(graph.subjects(NEWER.observationAbout, this))
        assert len(figures) == len(programme.reach.all())
        for role, predicate in ROLES.items():
            rows = [row for row in programme.partnerships.all() if row.role == role]
            assert told(graph, this, predicate, SDO.name) >= {
                row.organisation.name for row in rows if not (row.since or row.until)
            }


@pytest.mark.parametrize(
    ("make", "model"),
    [
        (describe_organisation, Organisation),
        (describe_platform, NationalPlatform),
        (describe_strategy, Strategy),
        (partial(describe_guide, terms=()), Guide),
    ],
)
def test_linked_data_of_every_partner_and_guide_have_its_name(make: Any, model: Any) -> None:
    rows = list(model.objects.all())
    assert rows
    graph = read(make_jsonld_document(*map(make, rows)))
    for row in rows:
        this = URIRef(f"{build_page_url(row)}#this")
        assert (this, RDF.type, None) in graph
        assert str(row) in told(graph, this, SDO.name)


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
def test_no_text_within_a_json_ld_script_can_close_the_script(text: str) -> None:
    page = f"<!doctype html><title>x</title>{write_script({'name': text})}<p>after"
    root = html5lib.parse(page, treebuilder="etree", namespaceHTMLElements=False)
    (script,) = root.iter("script")
    assert json.loads(script.text) == {"name": text}
    assert root.find("body/p").text == "after"
    assert not set("<>&\u2028\u2029") & set(script.text)

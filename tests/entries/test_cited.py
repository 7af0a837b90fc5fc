"""Which facts rest on which sources, and against how many of these a record counts as checked."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from partnerships.models import Funding, Partnership
from programmes.models import Programme, Reach
from stemobs.curation.verifying import note_check
from stemobs.entries.cited.facts import SourcesChecked
from stemobs.entries.cited.reading import read_cited
from stemobs.entries.entry import Entry
from stemobs.entries.loading import load_facts
from tests.builders import (
    crowded,
    make_citation,
    make_claim,
    make_discrepancy,
    make_evaluation,
    make_funding,
    make_lineage,
    make_organisation,
    make_partnership,
    make_programme,
    make_reach,
    make_source,
)
from tests.catalogue.marks import begin_another_transaction, number

pytestmark = pytest.mark.django_db


def read_entry(programme: Programme) -> Entry:
    return Entry(load_facts(Programme.objects.get(pk=programme.pk)))


def check_all(programme: Programme) -> None:
    note_check(programme, None, {one.digest for one in read_entry(programme).cited})


def count(programme: Programme) -> tuple[int, int] | None:
    return read_entry(programme).checked


def test_facts_read_in_two_queries_are_the_same_as_those_of_the_record_page() -> None:
    odd = crowded(2)
    make_reach(odd, Decimal("0.10"), value_max=Decimal("7.25"), qualifier="range", note="é ☃")
    make_funding(odd, amount=Decimal("12345678901.50"), currency="EUR", source=make_source())
    make_lineage(from_programme=make_programme(), to_programme=odd, source=make_source())
    make_lineage(from_programme=odd, to_programme=make_programme(state="draft"))
    fullest = Programme.objects.published().filter(citations__gt=0).order_by("-pk").distinct()[:5]
    for one in (odd, *fullest):
        with CaptureQueriesContext(connection) as queries:
            facts = read_cited(one)
        asked = [query for query in queries if "cited_row" in query["sql"]]
        assert len(asked) == 2
        entry = read_entry(one)
        assert {f.key: f.digest for f in facts} == {f.key: f.digest for f in entry.cited}
        assert {f.source.pk for f in facts} == {*entry.numbers}


def test_a_record_counts_as_checked_against_the_sources_whose_facts_are_as_they_were() -> None:
    programme, one, another = make_programme(), make_source(), make_source()
    figure = make_reach(programme, 40, source=one)
    evaluation = make_evaluation(programme, source=another, finding="It helps.")
    evaluation.further_sources.add(one)
    partner = make_partnership(programme, make_organisation(), source=another)
    make_citation(programme, field="status", source=another)
    claim = make_claim(make_discrepancy(programme), source=another)
    assert count(programme) is None
    check_all(programme)
    assert count(programme) == SourcesChecked(2, 2)
    changes: list[tuple[Any, dict[str, Any], tuple[int, int]]] = [
        (Reach.objects.filter(pk=figure.pk), {"value": 41}, (1, 2)),
        (Reach.objects.filter(pk=figure.pk), {"value": 40}, (2, 2)),
        (Reach.objects.filter(pk=figure.pk), {"locator": "p. 7"}, (1, 2)),
        (Reach.objects.filter(pk=figure.pk), {"locator": "", "position": 30000}, (2, 2)),
        (Partnership.objects.filter(pk=partner.pk), {"until": 2024}, (1, 2)),
        (Partnership.objects.filter(pk=partner.pk), {"until": None}, (2, 2)),
        (Programme.objects.filter(pk=programme.pk), {"status": "completed"}, (1, 2)),
        (Programme.objects.filter(pk=programme.pk), {"status": "unknown"}, (2, 2)),
        (Programme.objects.filter(pk=programme.pk), {"summary": "New."}, (2, 2)),
        (type(claim).objects.filter(pk=claim.pk), {"statement": "85"}, (1, 2)),
        (type(claim).objects.filter(pk=claim.pk), {"source": None}, (2, 2)),
    ]
    for rows, change, expected in changes:
        rows.update(**change)
        assert count(programme) == expected, change


def test_what_was_added_later_was_not_checked() -> None:
    programme, source = make_programme(), make_source()
    make_citation(programme, source=source)
    check_all(programme)
    added = make_reach(programme, 9, source=source)
    assert count(programme) == (0, 1)
    Reach.objects.filter(pk=added.pk).update(
        retracted_because="Misread.", retracted_on="2026-11-01"
    )
    assert count(programme) == (1, 1)
    make_funding(programme, amount=5, currency="EUR", source=make_source())
    assert count(programme) == (1, 2)
    Programme.objects.filter(pk=programme.pk).update(summary="Another.")
    assert count(programme) == (0, 2)
    Funding.objects.filter(programme=programme).delete()
    assert count(programme) == (0, 1)


def test_readers_are_told_of_a_check_as_it_stands_now_and_as_it_stood_then(client: Client) -> None:
    programme = make_programme()
    make_citation(programme, source=make_source())
    check_all(programme)
    page, api = programme.get_absolute_url(), f"/api/v1/programmes/{programme.slug}/"
    assert "against 1 of 1 source" in client.get(page).text
    told = client.get(api).json()
    assert told["verified_sources"] == {"checked": 1, "of": 1}
    revision = number()
    begin_another_transaction()
    make_reach(programme, 9, source=make_source())
    assert "against 1 of 2 sources" in client.get(page).text
    assert client.get(f"{api}@{revision}/").json()["verified_sources"] == {"checked": 1, "of": 1}
    Programme.objects.filter(pk=programme.pk).update(summary="Another.")
    assert "and changed since" in client.get(page).text
    Programme.objects.filter(pk=programme.pk).update(checked_facts="")
    assert client.get(api).json()["verified_sources"] is None

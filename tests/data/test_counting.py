"""Counts and bases of the catalogue's own content, held against the fixtures read anew."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.data

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"


@cache
def read_fixtures() -> list[dict[str, Any]]:
    texts = (path.read_text(encoding="utf-8") for path in sorted(FIXTURES.rglob("*.yaml")))
    return [row for text in texts for row in yaml.load(text, Loader=yaml.CSafeLoader)]


def fields_of(model: str) -> Iterator[dict[str, Any]]:
    return (row["fields"] for row in read_fixtures() if row["model"] == model)


# --- Bases ----------------------------------------------------------------------------------------


def test_no_duration_is_without_a_source_or_a_reason() -> None:
    citations = [one for one in fields_of("programmes.citation") if one["field"] == "duration"]
    known = {
        one["programme"][0]
        for one in citations
        if (one["basis"] == "stated" and one.get("source")) or one.get("evidence")
    }
    timed = {one["slug"] for one in fields_of("programmes.programme") if one.get("duration")}
    assert timed
    assert timed - known == set()


def test_every_citation_says_its_basis_and_every_inference_its_reason() -> None:
    citations = list(fields_of("programmes.citation"))
    assert [one for one in citations if not one.get("basis")] == []
    inferred = [one for one in citations if one["basis"] == "inferred"]
    assert [one for one in inferred if not (one.get("evidence") or one.get("source"))] == []


def test_agreements_strategies_and_portals_have_no_duration() -> None:
    networks = {"agreement", "strategy", "resource-portal"}
    rows = fields_of("programmes.programme")
    assert [
        one["slug"] for one in rows if one["record_type"] in networks and one.get("duration")
    ] == []

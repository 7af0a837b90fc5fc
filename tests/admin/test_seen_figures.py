"""Another number over a figure that readers have seen: the form asks what has happened to it."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client

from partnerships.models import Funding, Statement
from programmes.models import Programme, Reach, Unit
from tests.admin.forms import Open, address, errors_on, filled_in, new_row, save
from tests.builders import (
    make_claim,
    make_discrepancy,
    make_funding,
    make_programme,
    make_publishable,
    make_reach,
    make_source,
    make_statement,
    make_strategy,
    make_suggestion,
)

pytestmark = pytest.mark.django_db


def make_seen(value: Any = 40, **fields: Any) -> Reach:
    """Make a figure of 2019 in a published programme."""
    programme = make_programme()
    make_publishable(programme)
    when = {"period": "2019", "year_from": 2019, "year_to": 2019}
    return make_reach(programme, value, **{"source": make_source(), **when, **fields})


def list_reach(programme: Programme) -> list[tuple[int, str]]:
    """Return what figures say, each with what became of it."""
    rows = programme.reach.order_by("pk")
    return [(int(row.value), row.retracted_because or word_successor(row)) for row in rows]


def word_successor(row: Reach) -> str:
    return f"now {row.superseded_by.value:.0f}" if row.superseded_by else ""


# --- The question ---------------------------------------------------------------------------------


def test_another_number_asks_and_nothing_typed_is_lost(admin_client: Client) -> None:
    figure = make_seen()
    form = Open(admin_client, figure.programme)
    page = form.send({"reach-0-value": "55", "reach-0-note": "As typed.", "summary": "Mine."})
    assert page.status_code == 200
    told = errors_on(page)
    assert "Not saved yet: you changed a figure that readers have seen." in told
    assert 'href="#ask-reach-0"' in told
    assert 'id="ask-reach-0"' in told
    assert "exactly" not in told
    assert "“40 students, 2019”" in told
    assert "55 students, 2019" in told
    assert list_reach(figure.programme) == [(40, "")]
    values = filled_in(page)
    assert (values["reach-0-value"], values["reach-0-note"]) == ("55", "As typed.")
    assert values["summary"] == "Mine."
    assert form.send({}).status_code == 200

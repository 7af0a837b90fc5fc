"""Helpers for tests of the admin: a programme with all facts, rows of a list, and actions."""

from typing import Any

from django.contrib import admin
from django.test import Client

from programmes.models import BulkChange, Import, Programme, ProposedMerger, Task, WebLink
from tests.admin.forms import address
from tests.builders import (
    country,
    kind,
    level,
    make_citation,
    make_claim,
    make_discrepancy,
    make_evaluation,
    make_funding,
    make_lineage,
    make_name,
    make_organisation,
    make_partnership,
    make_programme,
    make_reach,
    make_source,
    make_suggestion,
)

REGISTERED = [
    model
    for model in admin.site._registry
    if model._meta.app_label in ("programmes", "partnerships")
    # These have no forms, or pages of their own with their own tests.
    and model not in (BulkChange, Import, ProposedMerger, Task, WebLink)
]
State = Programme.State


def make_complete_programme(**fields: Any) -> Programme:
    """Make a programme that has every fact expected by the list's column of missing facts."""
    programme = make_programme(
        year_start=2002,
        countries=[country("NL")],
        levels=[level(3)],
        kinds=[kind("company-visits")],
        **fields,
    )
    source = make_source()
    make_citation(programme, source=source)
    make_reach(programme, source=source)
    make_funding(programme, source=source)
    make_evaluation(programme, source=source)
    make_partnership(programme, make_organisation())
    make_name(programme, f"Alias of {programme}")
    discrepancy = make_discrepancy(programme)
    make_claim(discrepancy, statement="over 100", source=source)
    make_claim(discrepancy, statement="85", source=source)
    make_lineage(from_programme=programme, to_text="Something else")
    make_suggestion(programme)
    return programme


def listed(response: Any) -> list[Programme]:
    return list(response.context["cl"].result_list)


def text_of(response: Any, row: Any, column: str) -> str:
    """Return the text of a row's cell in a column of the list."""
    model_admin = response.context["cl"].model_admin
    (shown,) = [found for found in listed(response) if found.pk == row.pk]
    return str(getattr(model_admin, column)(shown))


def act(client: Client, action: str, *programmes: Programme, drawn: str = "") -> Any:
    """Run an action of the list; `drawn` is what a list says of its records for four eyes."""
    chosen = [programme.pk for programme in programmes]
    data = {"action": action, "_selected_action": chosen, "drawn": drawn}
    return client.post(address(Programme), data, follow=True)

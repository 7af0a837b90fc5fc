"""Helpers that take a bulk change through its pages, as a curator does."""

from typing import Any

from django.test import Client
from django.urls import reverse

from programmes.models import BulkChange, Programme
from tests.admin.curating import address


def tick(client: Client, *records: Programme, query: str = "", **fields: Any) -> BulkChange:
    """Begin a bulk change of what is ticked in the list; return it."""
    chosen = [record.pk for record in records]
    data = {"action": "change_many", "_selected_action": chosen, **fields}
    response = client.post(f"{address(Programme)}{query}", data)
    batch = BulkChange.objects.latest("pk")
    assert response["Location"] == find_page(batch, "what")
    return batch


def find_page(batch: BulkChange, step: str) -> str:
    return reverse(f"admin:programmes_bulkchange_{step}", args=[batch.pk])


def choose(client: Client, batch: BulkChange, what: str, **sent: Any) -> Any:
    """Choose what is changed, and to what; return the preview."""
    picked = {"what": what, "records": sent.pop("records", "ticked")}
    assert client.post(find_page(batch, "what"), picked)["Location"] == find_page(batch, "which")
    return client.post(find_page(batch, "which"), sent, follow=True)


def confirm(client: Client, batch: BulkChange, preview: Any = None, **fields: Any) -> Any:
    """Confirm what a preview shows, by default what it shows now."""
    page = preview or client.get(find_page(batch, "preview"))
    sent = {"_plan": page.context["marks"], "reason": "The report says so.", **fields}
    return client.post(find_page(batch, "preview"), sent, follow=True)


def decide(client: Client, batch: BulkChange, button: str, page: Any = None, **fields: Any) -> Any:
    """Press a button on the page of what came of it, by default as that page is now."""
    shown = page or client.get(find_page(batch, "batch"))
    sent = {"_plan": shown.context["marks"], button: "1", **fields}
    return client.post(find_page(batch, "batch"), sent, follow=True)

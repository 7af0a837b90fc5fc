"""Helpers that request programmes from the API."""

from typing import Any

from django.test import Client


def programmes(client: Client, query: str = "") -> dict[str, Any]:
    return client.get(f"/api/v1/programmes/?{query}").json()


def one(client: Client, slug: str) -> dict[str, Any]:
    return client.get(f"/api/v1/programmes/{slug}/").json()

"""Helpers that write, read and decide drafts of changes as people do in the admin."""

from typing import Any

from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.urls import reverse

from programmes.models import ChangeDraft, Edit, Programme, Revision, Version
from stemobs.admin.drafts.pages import find_draft_address


def read_messages(response: Any) -> str:
    return " ".join(str(one) for one in get_messages(response.wsgi_request))


def find_draft(programme: Programme) -> ChangeDraft:
    return ChangeDraft.objects.filter(programme=programme).latest("pk")


def decide(client: Client, programme: Programme, button: str, **fields: Any) -> Any:
    """Press a button on the page of a draft, as that page is now."""
    page = client.get(find_draft_address(programme))
    assert page.status_code == 200
    turn = page.context["draft"].turn
    return client.post(find_draft_address(programme), {"_turn": turn, button: "1", **fields})


def read_lines(client: Client, programme: Programme) -> list[tuple[str, str, str]]:
    """Return what the page of a draft says that it changes: the kind, what, and both in words."""
    page = client.get(find_draft_address(programme))
    return [
        (line.kind, line.name, " ".join(f"{one.kind}:{one.text}" for one in line.pieces))
        for line in page.context["outcome"].lines
    ]


def count_all() -> dict[str, Any]:
    """Return what any write to the catalogue would change."""
    return {
        "revision": Revision.objects.get().number,
        "edits": Edit.objects.count(),
        "versions": Version.objects.count(),
        "rows": read_rows(),
    }


def read_rows() -> dict[str, list[Any]]:
    """Return the rows of a programme's tables that a form writes."""
    tables = (
        "programmes_programme", "programmes_reach", "programmes_citation", "programmes_source",
        "partnerships_organisation", "partnerships_partnership", "django_admin_log",
    )  # fmt: skip
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608  # these tables
            found[table] = cursor.fetchall()
    return found


def read_public(client: Client, programme: Programme) -> list[bytes]:
    """Return what readers get of a programme, with its ETags."""
    paths = [
        programme.get_absolute_url(), f"/api/v1/programmes/{programme.slug}/", "/programmes/",
        "/api/v1/programmes/?facets=all", "/programmes.csv", "/api/v1/changes/",
        reverse("programme-history", args=[programme.slug]),
    ]  # fmt: skip
    answers = [client.get(path) for path in paths]
    assert {one.status_code for one in answers} == {200}
    return [one.getvalue() + one.headers.get("ETag", "").encode() for one in answers]

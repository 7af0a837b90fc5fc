"""Helpers that take a partner's file through the steps of an import as people do in the admin."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from programmes.models import Import

HEADER = "Name;Country;Website;Coordinator;Number of students;Data year"


def write_file(*rows: str, header: str = HEADER) -> bytes:
    return "\r\n".join([header, *rows, ""]).encode()


def upload(client: Client, content: bytes, name: str = "partner.csv", **fields: Any) -> Any:
    """Send a file as a partner's; return the answer."""
    data = {"file": SimpleUploadedFile(name, content), "sender": "STEM Hub", **fields}
    return client.post(reverse("admin:programmes_import_add"), data)


def take_in(client: Client, *rows: str, header: str = HEADER, **fields: Any) -> Import:
    """Upload a file with these rows; return the import."""
    response = upload(client, write_file(*rows, header=header), **fields)
    assert response.status_code == 302, response.context["form"].errors
    return Import.objects.latest("pk")


def find_step(sheet: Import, step: str) -> str:
    return reverse(f"admin:programmes_import_{step}", args=[sheet.pk])


def answer(client: Client, sheet: Import, step: str, /, **fields: Any) -> Any:
    """Send the page of a step as it is now, with some answers."""
    turn = Import.objects.values_list("turn", flat=True).get(pk=sheet.pk)
    names = {name.replace("__", ":"): value for name, value in fields.items()}
    return client.post(find_step(sheet, step), {"_turn": turn, **names})


def map_columns(client: Client, sheet: Import, **others: str) -> Any:
    """Go on from the page of columns, each of them as is proposed there."""
    page = client.get(find_step(sheet, "columns"))
    chosen = {
        f"column:{one.place}": one.target for one, _values, _chosen in page.context["columns"]
    }
    return answer(client, sheet, "columns", **{**chosen, **others})


def read_fates(client: Client, sheet: Import) -> dict[int, str]:
    """Return what becomes of each row, as the page of rows says it."""
    page = client.get(find_step(sheet, "rows"))
    return {row.plan.line: str(row.plan.fate) for row in page.context["rows"]}


def list_questions(client: Client, sheet: Import) -> dict[str, Any]:
    page = client.get(find_step(sheet, "rows"))
    return {one.key: one for one, *_more in page.context["questions"]}


def confirm(client: Client, sheet: Import) -> Any:
    """Make the drafts that the page of confirming shows."""
    page = client.get(find_step(sheet, "confirm"))
    return answer(client, sheet, "confirm", _plan=page.context["digest"], _make="1")


def make_drafts(client: Client, *rows: str) -> Import:
    """Take a file with these rows to its drafts."""
    sheet = take_in(client, *rows)
    map_columns(client, sheet)
    confirm(client, sheet)
    sheet.refresh_from_db()
    return sheet


def decide(client: Client, sheet: Import, button: str, *rows: Any, **fields: Any) -> Any:
    """Press a button on the page of a batch for these rows, as it is now."""
    page = client.get(find_step(sheet, "batch"))
    data = {"drawn": page.context["drawn"], "chosen": [row.pk for row in rows], button: "1"}
    return client.post(find_step(sheet, "batch"), {**data, **fields})


def open_row(client: Client, row: Any) -> Any:
    return client.get(reverse("admin:programmes_import_row", args=[row.sheet_id, row.pk]))

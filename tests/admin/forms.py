"""Helpers that fill in and send the admin's forms as a browser would."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.files import File
from django.db.models import Model
from django.forms import BoundField
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse


def address(row_or_model: Any, page: str = "changelist") -> str:
    """Return the address of a model's list, or with a row and "change" of the row's form."""
    meta = row_or_model._meta
    ids = [row_or_model.pk] if isinstance(row_or_model, Model) else []
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=ids)


def filled_in(response: Any) -> dict[str, Any]:
    """Return the data of the form on a page as a browser would send them unchanged."""
    data = {"_seen": response.context["seen"]}
    if "turn" in response.context:  # of the draft that the form shows
        data["_turn"] = response.context["turn"]
    for form in forms_on(response):
        for field in form:
            value = sent(field)
            if value is not None and value is not False and value != []:
                data[field.html_name] = value
    return data


def forms_on(response: Any) -> Iterator[Iterable[BoundField]]:
    yield response.context["adminform"].form
    for rows in response.context["inline_admin_formsets"]:
        yield rows.formset.management_form
        yield from rows.formset.forms


def sent(field: BoundField) -> Any:
    value = field.value()
    if isinstance(value, File):
        return None  # a stored file stays unless another one is chosen
    if isinstance(value, list | tuple):
        return [getattr(item, "pk", item) for item in value]
    return getattr(value, "pk", value)


def save(client: Client, row: Model, changes: dict[str, Any]) -> Any:
    """Request the form of a row, change some fields, and send it; return the response."""
    page = client.get(address(row, "change"))
    return client.post(address(row, "change"), {**filled_in(page), **changes})


def delete(client: Client, row: Model) -> HttpResponse:
    """Request the page that asks whether to delete a row, and say yes; return the response."""
    page = client.get(address(row, "delete"))
    data = {"post": "yes", "_seen": page.context["seen"]}
    return client.post(address(row, "delete"), data)


def new_row(prefix: str, number: int, **fields: Any) -> dict[str, Any]:
    """Return the form data of a new inline row; `number` is how many rows there are already."""
    row = {f"{prefix}-{number}-{name}": value for name, value in fields.items()}
    return {f"{prefix}-TOTAL_FORMS": number + 1, **row}


def errors_on(response: Any) -> str:
    """Return all error messages of a form that was refused, in one text."""
    assert response.status_code in (200, 409), "The form was saved, so there are no errors to read."
    rows = response.context["inline_admin_formsets"]
    messages = [
        response.context["adminform"].form.errors,
        *(form.errors for inline in rows for form in inline.formset.forms),
        *(inline.formset.non_form_errors() for inline in rows),
    ]
    return " ".join(map(str, messages))


class Open:
    """A form that somebody has open: sent with changes, or again with answers to its questions."""

    def __init__(self, client: Client, row: Model) -> None:
        self.client = client
        self.address = address(row, "change")
        self.page: Any = client.get(self.address)
        self.data = filled_in(self.page)

    def send(self, changes: dict[str, Any]) -> Any:
        """Send the form; if it comes back, it holds what the browser would show and send again."""
        self.data |= changes
        self.page = self.client.post(self.address, self.data)
        if self.page.status_code != 302:
            self.data = {**filled_in(self.page), **self.read_hidden()}
        return self.page

    def read_hidden(self) -> dict[str, str]:
        html = self.page.content.decode()
        return dict(re.findall(r'<input type="hidden"\s+name="(\S+-_was)"\s+value="(\w+)">', html))

    def read_answers(self, answer: str) -> dict[str, str]:
        """Return the fields that choose an answer to every question, as the page offers it."""
        html = self.page.content.decode()
        pattern = rf'<input type="radio"\s+name="(\S+-_choice)"\s+value="({answer}:\w+)">'
        return dict(re.findall(pattern, html))

    def answer(self, answer: str) -> Any:
        return self.send(self.read_answers(answer))

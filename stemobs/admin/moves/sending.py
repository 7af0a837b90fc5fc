"""Sends the form of a record with one thing changed, from a page of its own."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from programmes.models import Programme
from stemobs.admin.record.sending import list_hindrances, make_request, write_stored_form


def send_form(
    page: Any, request: HttpRequest, record: Programme, changes: Mapping[str, str], reason: str
) -> list[str]:
    """Save the form of a record with some fields changed; return what is wrong, [] if it is saved.

    Raise Refused if its user may not do that.
    """
    again = make_request(request, reason)
    sent, _formsets = write_stored_form(page, again, record)
    sent.data["_save"] = "1"
    for name, value in changes.items():
        sent.data[name] = value
    again.POST = sent.data
    response = page.changeform_view(again, str(record.pk))
    return [] if response.status_code == 302 else list_hindrances(response)

"""Sends the form of a record with one thing changed, from a page of its own.

So what such a page does is merged, checked and kept as a draft by the same rules as in the form.
"""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.timezone import now

from programmes.models import Programme
from stemobs.admin.drafts.pages import MUST_DRAFT
from stemobs.admin.importing.filling import fill_in_rows, make_request
from stemobs.admin.merging.base import FIELD, make_base, write_base
from stemobs.admin.merging.values import Sent, list_fields, read_stored


def send_form(
    page: Any, request: HttpRequest, record: Programme, changes: Mapping[str, str], reason: str
) -> list[str]:
    """Save the form of a record with some fields changed; return what is wrong, [] if it is saved.

    Raise Refused if its user may not do that.
    """
    again = make_request(request)
    del again.__dict__[MUST_DRAFT]
    again.__dict__["reason"] = reason
    form = page.make_stored_form(again, record)
    sent = Sent(QueryDict(mutable=True), MultiValueDict())
    sent.set_all(list_fields(form), "", read_stored(form))
    formsets = [formset for formset, _inline in page.list_stored_rows(again, record)]
    for formset in formsets:
        fill_in_rows(sent, formset, [])
    sent.data[FIELD] = write_base(record, make_base(now().isoformat(), form, formsets))
    sent.data["_save"] = "1"
    for name, value in changes.items():
        sent.data[name] = value
    again.POST = sent.data
    response = page.changeform_view(again, str(record.pk))
    return [] if response.status_code == 302 else list_wrong(response)


def list_wrong(response: HttpResponse) -> list[str]:
    """Return what keeps a form from being saved, in words."""
    context: Mapping[str, Any] = getattr(response, "context_data", None) or {}
    problems = [*context.get("problems", ()), *context.get("faults", ())]
    return list(dict.fromkeys(one.text for one in problems)) or [
        str(told) for told in context.get("refusals", ())
    ]

"""Sends the form of a record that no browser has sent: as it is stored, with something changed.

So what a partner's file, a check or a page of its own changes is merged, asked about, checked and
kept as a draft by the same rules as whatever is typed.
"""

import copy
from typing import Any, NamedTuple

from django.contrib.messages.storage.base import BaseStorage
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.timezone import now

from programmes.models import Programme
from stemobs.admin.drafts.pages import MUST_DRAFT
from stemobs.admin.merging.base import FIELD, make_base, write_base
from stemobs.admin.merging.values import Sent, list_fields, read_stored

STATE_OF_FORM = (
    "locked", "merge", "reading", "edit", "faults", "before", "choices", "drafted", "tried",
)  # fmt: skip
NUMBERED = ("reach", "funding")


class NoMessages(BaseStorage):
    """Takes the messages of forms that nobody sees."""

    def _get(self, *args: Any, **kwargs: Any) -> tuple[list[Any], bool]:
        return [], True

    def _store(self, messages: Any, response: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return []


class StoredForm(NamedTuple):
    """The form of a record as it is stored: what it would send, and the formsets below it."""

    sent: Sent
    formsets: list[Any]


def make_request(
    request: HttpRequest, reason: str = "", *, must_draft: bool = False
) -> HttpRequest:
    """Return a request by which a form is sent that no browser has sent, for this reason.

    What it changes of a published record waits for a second person if it must, or by the settings.
    """
    again = copy.copy(request)
    for name in (*STATE_OF_FORM, MUST_DRAFT):
        again.__dict__.pop(name, None)
    again.method, again.GET = "POST", QueryDict()
    again.__dict__ |= {"_files": MultiValueDict(), "csrf_processing_done": True}
    again.__dict__["_messages"] = NoMessages(again)
    if reason:
        again.__dict__["reason"] = reason
    if must_draft:
        again.__dict__[MUST_DRAFT] = True
    return again


def write_stored_form(page: Any, request: HttpRequest, record: Programme) -> StoredForm:
    """Return the form of a record as it is stored now; `page` is the admin of programmes."""
    form = page.make_stored_form(request, record)
    sent = Sent(QueryDict(mutable=True), MultiValueDict())
    sent.set_all(list_fields(form), "", read_stored(form))
    formsets = [formset for formset, _inline in page.list_stored_rows(request, record)]
    for formset in formsets:
        fill_in_rows(sent, formset, [])
    sent.data[FIELD] = write_base(record, make_base(now().isoformat(), form, formsets))
    return StoredForm(sent, formsets)


def fill_in_rows(sent: Sent, formset: Any, added: list[dict[str, str]]) -> None:
    """Put the stored rows of a formset into a form, and behind them those that are added."""
    prefix, stored = formset.prefix, formset.initial_forms
    sent.data[f"{prefix}-TOTAL_FORMS"] = str(len(stored) + len(added))
    sent.data[f"{prefix}-INITIAL_FORMS"] = str(len(stored))
    for number, row in enumerate(stored):
        sent.set_all(list_fields(row), f"{prefix}-{number}-", read_stored(row))
        sent.data[f"{prefix}-{number}-id"] = str(row.instance.pk)
    for number, told in enumerate(added, len(stored)):
        filled = {"qualifier": "exact", **told} if prefix in NUMBERED else told
        for name, value in filled.items():
            sent.data[f"{prefix}-{number}-{name}"] = str(value)


def list_hindrances(response: HttpResponse) -> list[str]:
    """Return what keeps a form from being saved, in words; each once."""
    context: Any = getattr(response, "context_data", None) or {}
    problems = [*context.get("problems", ()), *context.get("faults", ())]
    told = [str(one.text) for one in problems] or [str(one) for one in context.get("refusals", ())]
    return list(dict.fromkeys(told))

"""What a draft holds: the form of a record as somebody filled it in, to be sent again."""

import copy
import re
import secrets
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict

from programmes.models import ChangeDraft
from programmes.pictures.storing import read_stored
from stemobs.admin.lists import ID
from stemobs.admin.merging.base import FIELD, Base, write_base
from stemobs.admin.merging.questions import CHOICE, KEY
from stemobs.admin.merging.values import Sent
from stemobs.admin.record.reading import ADD, LINES, READ, SHOW
from stemobs.admin.rights.drawn import FIELD as DRAWN
from stemobs.curation.drafts import PICTURE

TURN = "_turn"  # the field that says which turn of a draft a form shows
SEND = "_send"  # the button that sends a draft to review
# What a form has besides what it holds.
ASIDE = {
    *("csrfmiddlewaretoken", FIELD, DRAWN, TURN, SEND, READ, ADD, SHOW),
    *("_save", "_continue", "_addanother", "_saveasnew"),
}
ROW = re.compile(r"(?P<prefix>\w+)-(?P<number>[0-9]{1,6})-\w+")
MOST_ROWS = 10**6  # more than any form has
Document = dict[str, list[str]]


def write_document(data: QueryDict) -> Document:
    """Return what a form holds, with a key for each new row, by which it is known later."""
    kept = {
        name: list(told)
        for name, told in data.lists()
        if name not in ASIDE and not name.endswith(CHOICE) and not name.startswith(LINES)
    }
    for row in sorted(list_new_rows(kept)):
        key = kept.setdefault(f"{row}-{KEY}", [""])
        if not key[-1]:
            key[:] = [f"new{secrets.token_hex(6)}"]
    return kept


def list_new_rows(kept: Document) -> set[str]:
    """Return the prefixes of the rows in a form that are not stored yet."""
    found = (ROW.fullmatch(name) for name in kept)
    return {
        row[0].rpartition("-")[0]
        for row in found
        if row and int(row["number"]) >= count_stored(kept, row["prefix"])
    }


def count_stored(kept: Document, prefix: str) -> int:
    told = kept.get(f"{prefix}-INITIAL_FORMS", [""])[-1]
    return int(told) if ID.fullmatch(told) else MOST_ROWS


def send_again(request: HttpRequest, draft: ChangeDraft, button: str) -> HttpRequest:
    """Return a request that sends the form of a draft, as its author did, by a button."""
    again = copy.copy(request)
    for name in ("locked", "merge", "reading", "edit", "faults", "before", "choices"):
        again.__dict__.pop(name, None)
    sent: Any = Sent.of(draft.form).data
    sent[FIELD] = write_base(draft.programme, Base(**draft.opened))
    sent[button] = "1"
    again.method, again.POST = "POST", sent
    # Where Django keeps files, and that it has looked for a token: the browser sent none of this.
    again.__dict__ |= {"_files": MultiValueDict(list_files(draft)), "csrf_processing_done": True}
    again.__dict__["draft"] = draft
    return again


def list_files(draft: ChangeDraft) -> dict[str, list[Any]]:
    picture = read_stored(draft.picture)
    return {PICTURE: [picture]} if picture else {}

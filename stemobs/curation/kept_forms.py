"""What somebody sent who is not signed in any more: kept while they sign in, to be sent again."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.core import signing
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError

KEPT = "kept"  # the field of the form to sign in
KEPT_FOR = 24 * 60 * 60  # seconds
LONGEST_KEPT = 700_000  # characters, so that a form with it is not too large to be read
# A text of words that is longer than this, or has several lines, is shown to be read and copied.
LONG_TEXT = 60
# The field that Django's own forms send against forgery; a form gets another value.
CSRF_FIELD = "csrfmiddlewaretoken"
NEVER_REPEATED = "password"  # a part of the names of such fields
# What was sent cannot be read, or only in part.
UNREADABLE = (
    BadRequest,
    SuspiciousOperation,
    MultiPartParserError,
    RequestDataTooBig,
    OSError,
)


class SentField(NamedTuple):
    """A field of a form as it was sent; a field with several values is there several times."""

    name: str
    value: str

    @property
    def is_long(self) -> bool:
        is_of_words = len(self.value) > LONG_TEXT and " " in self.value
        return is_of_words or "\n" in self.value or "\r" in self.value


@dataclass(frozen=True)
class KeptForm:
    """A form that was not taken, with the address that it was sent to."""

    address: str
    fields: list[SentField]
    files: list[str]  # names of files, which cannot be kept

    @property
    def has_password(self) -> bool:
        return any(NEVER_REPEATED in one.name.lower() for one in self.fields)


def read_form(request: HttpRequest) -> KeptForm | None:
    """Return the form that was sent; None if it cannot be read."""
    try:
        fields = [
            SentField(name, value)
            for name, values in request.POST.lists()
            for value in values
            if name != CSRF_FIELD
        ]
        chosen = (file for _name, files in request.FILES.lists() for file in files)
        files = sorted({file.name for file in chosen if file.name})
    except UNREADABLE:
        return None
    return KeptForm(request.get_full_path(), fields, files)


def write_kept(form: KeptForm) -> str:
    """Return a form as text, signed; "" if there is nothing in it, a password, or too much."""
    if form.has_password or not form.fields:
        return ""
    told: list[Any] = [form.address, form.fields, form.files]
    text = signing.dumps(told, salt=__name__, compress=True)
    return text if len(text) <= LONGEST_KEPT else ""


def read_kept(request: HttpRequest) -> tuple[str, KeptForm | None]:
    """Return what was kept in a form to sign in: as text, and as the form; "" and None if none."""
    text = request.POST.get(KEPT, "")
    try:
        address, fields, files = signing.loads(text, salt=__name__, max_age=KEPT_FOR)
    except signing.BadSignature:
        return "", None
    return text, KeptForm(address, [SentField(*one) for one in fields], files)

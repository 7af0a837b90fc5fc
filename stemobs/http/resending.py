"""What the page of a failed form needs, so that the form can be sent again as it was filled in."""

from typing import Any, NamedTuple

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.middleware.csrf import get_token

from stemobs.addresses import ADMIN

# A text that is longer than this, or has several lines, is shown to be read and copied.
LONG_TEXT = 60
# The field that Django's own forms send against forgery; a form gets another value.
CSRF_FIELD = "csrfmiddlewaretoken"
NEVER_REPEATED = "password"  # a part of the names of such fields


class SentField(NamedTuple):
    """A field of a form as it was sent; a field with several values is there several times."""

    name: str
    value: str

    @property
    def is_long(self) -> bool:
        return len(self.value) > LONG_TEXT or "\n" in self.value or "\r" in self.value


def describe_resending(request: HttpRequest) -> dict[str, Any]:
    """Return the context of the page of a failed form: its address and fields, and its files.

    A form with a password is not repeated: its fields are left out.
    """
    address = request.get_full_path()
    try:
        fields = list_sent_fields(request)
        chosen = (file for _name, files in request.FILES.lists() for file in files)
        files = sorted({file.name for file in chosen if file.name})
    # What was sent cannot be read, or only in part.
    except (BadRequest, SuspiciousOperation, MultiPartParserError, RequestDataTooBig, OSError):
        return {"resend_to": address}
    if any(NEVER_REPEATED in field.name.lower() for field in fields):
        return {"resend_to": address}
    # Readers get no cookie, and their one form needs no token.
    token = get_token(request) if request.path.startswith(ADMIN) else ""
    return {"resend_to": address, "sent": fields, "sent_files": files, "csrf_token": token}


def list_sent_fields(request: HttpRequest) -> list[SentField]:
    return [
        SentField(name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != CSRF_FIELD
    ]

"""What the page of a failed form needs, so that the form can be sent again as it was filled in."""

from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token

from stemobs.addresses import ADMIN
from stemobs.curation.kept_forms import read_form


def describe_resending(request: HttpRequest) -> dict[str, Any]:
    """Return the context of the page of a failed form: its address and fields, and its files.

    A form with a password is not repeated: its fields are left out.
    """
    form = read_form(request)
    if form is None or form.has_password:
        return {"resend_to": request.get_full_path()}
    # Readers get no cookie, and their one form needs no token.
    token = get_token(request) if request.path.startswith(ADMIN) else ""
    told = {"sent": form.fields, "sent_files": form.files}
    return {"resend_to": form.address, **told, "csrf_token": token}

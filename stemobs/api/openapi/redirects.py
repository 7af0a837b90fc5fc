"""The redirects in the OpenAPI description: one component for each kind.

Most are made before any view runs, by `stemobs/http/addresses/`, whatever else the request says.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from stemobs.api.openapi.fields import Schema
from stemobs.api.openapi.headers import list_redirect_headers

# By the name of the component: HTTP status, and when it is answered.
REDIRECTS: dict[str, tuple[int, Any]] = {
    "Moved": (
        301,
        _(
            "`Location` has the plain form of this address, for good. The address had capitals, a "
            "slash too many or too few, a tracking parameter such as `utm_source`, `UK` or `EL` "
            "for a country, or no https. Whatever else is wrong is told there."
        ),
    ),
    "StateOfADay": (
        302,
        _(
            "`as_of` names a day. `Location` has the address of the record as it was at the end of "
            "that day."
        ),
    ),
}


def describe_redirects(*, has_states: bool) -> dict[str, Any]:
    """Return the redirects that an operation can answer, by status."""
    names = ["Moved", *(["StateOfADay"] if has_states else [])]
    return {str(REDIRECTS[name][0]): {"$ref": f"#/components/responses/{name}"} for name in names}


def describe_components() -> dict[str, Schema]:
    """Return an OpenAPI response for every kind of redirect, by name; none has a body."""
    return {
        name: {"description": str(words), "headers": list_redirect_headers()}
        for name, (_status, words) in REDIRECTS.items()
    }

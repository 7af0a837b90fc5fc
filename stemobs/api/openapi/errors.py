"""The error responses in the OpenAPI description: one component for each kind of error."""

from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemobs.addresses import TOO_LONG
from stemobs.api.openapi.fields import Schema, describe_record
from stemobs.api.openapi.headers import list_error_headers
from stemobs.api.openapi.words import PARTS
from stemobs.api.problems import CONTENT_TYPE, make_problem_details
from stemobs.selection.parameters import MAX_REPEATED, list_unknown, name_wrong

# By the name of the component: HTTP status, when the error occurs, and an example of `detail`.
ERRORS: dict[str, tuple[int, Any, Any]] = {
    "WrongParameters": (
        400,
        gettext_lazy("A parameter does not exist, or its value is wrong. `errors` names each one."),
        "",  # `wrong_parameter` makes the example, with its detail
    ),
    "NoSuchRow": (
        404,
        gettext_lazy("There is no such row."),
        "There is no programme no-such-programme.",
    ),
    "NoSuchPage": (
        404,
        gettext_lazy("The list ends before this page."),
        "The list ends with page 6.",
    ),
    "MethodNotAllowed": (
        405,
        gettext_lazy("The API is read-only. `Allow` names the methods that work."),
        "Method “POST” not allowed.",
    ),
    "NotAcceptable": (
        406,
        gettext_lazy("This address has none of the content types that you asked for."),
        "This address answers in these forms: application/json.",
    ),
    "Gone": (
        410,
        gettext_lazy("The record was withdrawn. `detail` says why."),
        "Merged into jet-net-nl.",
    ),
    "QueryTooLong": (
        414,
        gettext_lazy("The query is too long."),
        TOO_LONG,
    ),
    "TooManyRequests": (
        429,
        gettext_lazy("This client has asked too often. `Retry-After` says when to ask again."),
        "Too many requests. Ask again in 12 seconds.",
    ),
}


ALWAYS = (
    "WrongParameters", "MethodNotAllowed", "NotAcceptable", "QueryTooLong", "TooManyRequests",
)  # fmt: skip
BY_ACTION = {"list": ("NoSuchPage",), "retrieve": ("NoSuchRow",)}


def describe_responses(action: str, resource: str, ending: str) -> dict[str, Any]:
    """Return the errors that an operation can answer, by status.

    The address of a file has one form and no pages, so that neither can be missing.
    """
    gone = ("Gone",) if (action, resource) == ("retrieve", "programmes") else ()
    # The list of changes has a cursor but no page numbers, so no page of it can be missing.
    has_none = resource == "changes" or (action == "list" and ending)
    missing = () if has_none else BY_ACTION.get(action, ())
    names = [name for name in ALWAYS if not (ending and name == "NotAcceptable")]
    statuses = {name: str(ERRORS[name][0]) for name in (*names, *missing, *gone)}
    return {
        status: {"$ref": f"#/components/responses/{name}"}
        for name, status in sorted(statuses.items(), key=lambda pair: pair[1])
    }


def describe_components() -> dict[str, Schema]:
    """Return an OpenAPI response with an example for every kind of error, by name."""
    return {name: describe_answer(*one) for name, one in ERRORS.items()}


def describe_answer(status: int, words: Any, detail: Any) -> dict[str, Any]:
    example = make_problem_details(status, str(detail)) if status != 400 else wrong_parameter()
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": str(words),
        "headers": list_error_headers(status),
        "content": {CONTENT_TYPE: {"schema": schema, "example": example}},
    }


def wrong_parameter() -> dict[str, Any]:
    """Return problem details for a mistyped parameter, as an example."""
    wrong = list_unknown([("contry", "NL")], ("q", "country"))
    detail = name_wrong(one.parameter for one in wrong)
    return make_problem_details(400, detail, [one.as_dict() for one in wrong])


def describe_schemas() -> dict[str, Schema]:
    """Return the schemas of problem details and of one wrong parameter."""
    text = {"type": "string"}
    statuses = sorted({status for status, _words, _detail in ERRORS.values()})
    wrong = describe_record(
        str(PARTS["WrongParameter"]),
        parameter={**text, "description": _("Its name.")},
        value={
            **text,
            "description": _("What it was given, at most {most} characters.").format(
                most=MAX_REPEATED
            ),
        },
        reason={**text, "description": _("Why that cannot be.")},
        allowed={
            "type": "array",
            "items": text,
            "description": _("What could stand there instead, where the list is short."),
        },
    )
    wrong["required"].remove("allowed")
    whole = describe_record(
        str(PARTS["Problem"]),
        type={"type": "string", "description": _("Always about:blank: the status says it all.")},
        title={**text, "description": _("The status in words.")},
        status={
            "type": "integer",
            "enum": statuses,
            "description": ", ".join(f"{one} {HTTPStatus(one).phrase}" for one in statuses),
        },
        detail={**text, "description": _("What happened.")},
        errors={
            "type": "array",
            "items": {"$ref": "#/components/schemas/WrongParameter"},
            "description": _("Each wrong parameter, where parameters are wrong."),
        },
    )
    whole["required"].remove("errors")
    return {"Problem": whole, "WrongParameter": wrong}

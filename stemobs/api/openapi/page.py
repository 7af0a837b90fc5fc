"""The contents of the page /api/v1/docs/, read from the OpenAPI description."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst, slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stemobs.addresses import build_absolute_url
from stemobs.api.openapi import whole
from stemobs.api.openapi.errors import ERRORS
from stemobs.api.openapi.fields import Schema
from stemobs.api.openapi.redirects import REDIRECTS
from stemobs.api.openapi.words import API, QUESTIONS, SPARSE_FIELDS
from stemobs.api.problems import CONTENT_TYPE
from stemobs.exports.files import FORMATS


@dataclass(frozen=True)
class FieldLine:
    """A line of a table of parameters or fields: name, type, meaning and example."""

    name: str
    kind: SafeString
    words: SafeString
    example: str = ""
    is_in_lists: bool = True


@dataclass(frozen=True)
class OtherAnswer:
    """A redirect or an error that an operation can answer: its status and when it occurs."""

    status: str
    name: str
    words: SafeString


@dataclass(frozen=True)
class Operation:
    """One operation on the page: its path, parameters, other answers and examples of its use."""

    anchor: str
    summary: str
    words: SafeString
    path: str
    parameters: list[FieldLine]
    redirects: list[OtherAnswer]
    errors: list[OtherAnswer]
    types: list[str]
    example: str
    curl: str
    python: str


@dataclass(frozen=True)
class OperationGroup:
    """The operations of one resource, and the fields of their answers."""

    name: str
    anchor: str
    words: SafeString
    operations: list[Operation]
    fields: list[FieldLine]


@dataclass(frozen=True)
class ApiGuide:
    """Everything that the page shows: resources, shared parts, other answers, code examples."""

    groups: list[OperationGroup]
    parts: list[OperationGroup]
    redirects: list[OtherAnswer]
    errors: list[OtherAnswer]
    problem: str
    snippets: dict[str, str]


def get_guide() -> ApiGuide:
    """Return the contents of the page in the active language."""
    return make_guide(get_language(), settings.SITE_URL)


@cache
def make_guide(language: str, site: str) -> ApiGuide:
    told = whole.get_description()
    wrong = told["components"]["responses"]["WrongParameters"]
    groups = [describe_group(told, tag) for tag in told["tags"]]
    return ApiGuide(
        groups=groups,
        parts=list(list_parts(told)),
        redirects=[describe_other(name, *one) for name, one in REDIRECTS.items()],
        errors=[describe_other(name, *one[:2]) for name, one in ERRORS.items()],
        problem=format_json(wrong["content"][CONTENT_TYPE]["example"]),
        snippets=write_snippets(site),
    )


def describe_group(told: Schema, tag: dict[str, str]) -> OperationGroup:
    found = [
        describe_operation(told, path, methods["get"])
        for path, methods in told["paths"].items()
        if tag["name"] in methods["get"]["tags"]
    ]
    name = tag["name"]
    if name == API:
        return OperationGroup(_("The API itself"), name, format_words(""), found, [])
    title = capfirst(name.replace("-", " "))
    return OperationGroup(
        title, name, format_words(tag["description"]), found, list(list_row_fields(told, name))
    )


def describe_operation(told: Schema, path: str, one: dict[str, Any]) -> Operation:
    answer = one["responses"]["200"]["content"]
    known = answer.get("application/json", {}).get("example")
    address = build_example_url(path, one)
    return Operation(
        anchor=slugify(one["operationId"].replace("_", "-")),
        summary=one["summary"],
        words=format_words(one["description"]),
        path=path,
        parameters=[describe_parameter(each) for each in list_parameters(one)],
        redirects=list_others(one, REDIRECTS),
        errors=list_others(one, ERRORS),
        types=list(answer),
        example=format_json(known) if known else "",
        curl=f"curl '{address}'",
        python=write_python_example(address, known)
        if "application/json" in answer
        else write_file_example(address, *answer),
    )


def list_others(one: dict[str, Any], kinds: Mapping[str, Any]) -> list[OtherAnswer]:
    """Return what an operation can answer of these redirects or errors."""
    names = (answer.get("$ref", "").rsplit("/", 1)[-1] for answer in one["responses"].values())
    return [describe_other(name, *kinds[name][:2]) for name in names if name in kinds]


def describe_other(name: str, status: int, words: Any) -> OtherAnswer:
    return OtherAnswer(str(status), name, format_words(str(words)))


# --- Parameters and fields ------------------------------------------------------------------------


def list_parameters(one: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parameters of an operation, and `fields` after them."""
    return [*one.get("parameters", ()), *([one[SPARSE_FIELDS]] if SPARSE_FIELDS in one else [])]


def describe_parameter(one: dict[str, Any]) -> FieldLine:
    example = one.get("example", "")
    text = str(example[0] if isinstance(example, list) else example)
    return FieldLine(
        one["name"], describe_kind(one["schema"]), format_words(one["description"]), text
    )


def list_row_fields(told: Schema, name: str) -> Iterator[FieldLine]:
    """Yield the fields of one row of a resource, each marked if lists have it too."""
    schemas = told["components"]["schemas"]
    detail, row = (schemas[part] for part in find_components(told, name))
    for field, schema in detail["properties"].items():
        yield describe_field(field, schema, field in row["properties"])


def find_components(told: Schema, name: str) -> tuple[str, str]:
    """Return the names of two components of a resource: its detail and a row of its list."""
    answers = [
        methods["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        for path, methods in told["paths"].items()
        if path.startswith(f"/{settings.API_PATH}{name}/")
        and methods["get"]["operationId"].endswith(("_list", "_retrieve"))
    ]
    listed, *details = (answer.rsplit("/", 1)[-1] for answer in answers)
    row = told["components"]["schemas"][listed]["properties"]["results"]["items"]["$ref"]
    name = row.rsplit("/", 1)[-1]
    return details[0] if details else name, name


def list_parts(told: Schema) -> Iterator[OperationGroup]:
    """Yield the components that are nested in answers, such as a source or a reach figure."""
    names = (tag["name"] for tag in told["tags"] if tag["name"] != API)
    rows = {part for name in names for part in find_components(told, name)}
    for name, schema in told["components"]["schemas"].items():
        if name not in rows and not name.endswith("List"):
            lines = [describe_field(field, one) for field, one in schema["properties"].items()]
            yield OperationGroup(
                name, f"part-{slugify(name)}", format_words(schema["description"]), [], lines
            )


def describe_field(name: str, schema: Schema, is_in_lists: bool = True) -> FieldLine:
    words = schema.get("description", "")
    return FieldLine(name, describe_kind(schema), format_words(words), is_in_lists=is_in_lists)


def describe_kind(schema: Schema) -> SafeString:
    """Return the type of a schema in words, such as “list of text”, with links to components."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return format_html('<a href="#part-{}">{}</a>', slugify(name), name)
    for key in ("oneOf", "anyOf"):
        if key in schema:
            either = dict.fromkeys(describe_kind(one) for one in schema[key])
            return format_html_join(_(" or "), "{}", ((kind,) for kind in either))
    if schema.get("type") == "array":
        return format_html(_("list of {}"), describe_kind(schema["items"]))
    told = schema.get("type", "string")
    kinds = [told] if isinstance(told, str) else told
    return format_html_join(_(" or "), "{}", ((name_kind(kind, schema),) for kind in kinds))


def name_kind(kind: str, schema: Schema) -> str:
    if schema.get("maxLength") == 0:
        return _("empty text")
    names = {
        "string": _("text"),
        "integer": _("whole number"),
        "number": _("number"),
        "boolean": _("yes or no"),
        "object": _("object"),
        "null": _("null"),
        "date": _("date"),
        "date-time": _("time"),
        "uri": _("address"),
    }
    return names[schema["format"]] if kind == "string" and "format" in schema else names[kind]


def format_words(text: str) -> SafeString:
    """Return a text as HTML in which `words` in backticks become <code> elements."""
    pieces = text.split("`")
    return format_html_join(
        "",
        "{}",
        ((format_html("<code>{}</code>", p) if i % 2 else p,) for i, p in enumerate(pieces)),
    )


# --- Examples -------------------------------------------------------------------------------------


def format_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def build_example_url(path: str, one: dict[str, Any]) -> str:
    """Return a complete address with which to try an operation."""
    for each in one.get("parameters", ()):
        if each["in"] == "path":
            path = path.replace(f"{{{each['name']}}}", str(each["example"]))
    question = QUESTIONS.get(one["operationId"], {})
    query = urlencode(question)
    return build_absolute_url(f"{path}{'?' if query else ''}{query}")


READ = """import json
from urllib.request import urlopen

with urlopen("{address}") as answer:
    {name} = json.load(answer)
"""


def write_python_example(address: str, example: Any) -> str:
    """Return a Python program that requests an address and prints a field of the answer."""
    if example and "results" in example:
        key = find_telling_field(example["results"][0])
        show = f'\nfor row in page["results"]:\n    print(row["{key}"])'
        return READ.format(address=address, name="page") + show
    key = find_telling_field(example) if example else "openapi"
    return READ.format(address=address, name="found") + f'\nprint(found["{key}"])'


FILE = """from urllib.request import urlopen

with urlopen("{address}") as answer:
    lines = answer.read().decode().splitlines()

for line in lines[:3]:
    print(line)"""


BINARY = """from urllib.request import urlopen

with urlopen("{address}") as answer:
    file = answer.read()

print("A file of", len(file), "bytes")"""


def write_file_example(address: str, kind: str) -> str:
    """Return a Python program that downloads a file and prints its first lines, or its size."""
    return (BINARY if kind == FORMATS["xlsx"].media_type else FILE).format(address=address)


def find_telling_field(row: dict[str, Any]) -> str:
    """Return the field to print as an example: `name`, else `title`, else the first field."""
    return next((key for key in ("name", "title") if key in row), next(iter(row)))


def write_snippets(site: str) -> dict[str, str]:
    """Return the code examples of the introductory sections, with the address of this site."""
    return {name: text.replace("SITE", site) for name, text in SNIPPETS.items()}


SNIPPETS = {
    "first": "curl 'SITE/api/v1/programmes/?country=NL&level=3&fields=slug,name'",
    "first_python": """import json
from urllib.parse import urlencode
from urllib.request import urlopen

query = urlencode({"country": ["NL", "FI"], "level": 3, "fields": "slug,name"}, doseq=True)
with urlopen(f"SITE/api/v1/programmes/?{query}") as answer:
    page = json.load(answer)

print(page["count"], "programmes")
for programme in page["results"]:
    print(programme["slug"], programme["name"])""",
    "everything": """import json
from urllib.request import urlopen

address = "SITE/api/v1/platforms/?cursor=*&page_size=20&fields=slug,name"
while address:
    with urlopen(address) as answer:
        page = json.load(answer)
    for platform in page["results"]:
        print(platform["slug"], platform["name"])
    address = page["next"]""",
    "unchanged": """from urllib.error import HTTPError
from urllib.request import Request, urlopen

address = "SITE/api/v1/programmes/jet-net-nl/"
with urlopen(address) as answer:
    tag = answer.headers["ETag"]

try:
    urlopen(Request(address, headers={"If-None-Match": tag}))
    print("It has changed.")
except HTTPError as error:
    print(error.status)  # 304: what you have still holds""",
    "wrong": """import json
from urllib.error import HTTPError
from urllib.request import urlopen

try:
    urlopen("SITE/api/v1/programmes/?contry=NL")
except HTTPError as error:
    for fault in json.load(error)["errors"]:
        print(fault["parameter"], fault["reason"])""",
}

"""The complete OpenAPI 3.1 description, generated once per process, language and site."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, override
from drf_spectacular.generators import SchemaGenerator

from stemobs.addresses import build_absolute_url
from stemobs.api.openapi import errors, redirects
from stemobs.api.openapi.examples import make_example
from stemobs.api.openapi.fields import Schema
from stemobs.api.openapi.headers import HEADERS
from stemobs.api.openapi.words import ABOUT, API
from stemobs.encoding import to_json


def complete_description(result: Schema, **given: Any) -> Schema:
    """Complete the generated description with title, servers, tags, redirects, errors, examples.

    drf-spectacular calls this as its last step.
    """
    site = settings.SITE_URL
    result["info"] |= {
        "description": str(ABOUT),
        "contact": {"name": result["info"]["title"], "url": f"{site}/about/"},
    }
    result["servers"] = [{"url": site}]
    result["externalDocs"] = {"url": build_absolute_url(reverse("api-docs"))}
    result["security"] = []  # no key
    result["paths"] = dict(sorted(result["paths"].items(), key=stands_beside_rows))
    result["tags"] = list(list_tags(result))
    result["components"]["schemas"] |= errors.describe_schemas()
    responses = redirects.describe_components() | errors.describe_components()
    result["components"] |= {"responses": responses, "headers": HEADERS}
    for operation in list_operations(result):
        add_example(operation, result["components"]["schemas"])
    return result


def stands_beside_rows(path: tuple[str, Schema]) -> bool:
    """Whether a path is neither a list nor one row of it, and so comes after these."""
    return not path[1]["get"]["operationId"].endswith(("_list", "_retrieve"))


def list_operations(description: Schema) -> Iterator[dict[str, Any]]:
    for path in description["paths"].values():
        yield from path.values()


def list_tags(description: Schema) -> Iterator[dict[str, str]]:
    """Yield the tags that group operations, the tag of the API itself last.

    The description of a tag is that of its first operation.
    """
    words: dict[str, str] = {}
    for one in list_operations(description):
        words.setdefault(one["tags"][0], one["description"])
    for name in sorted(words, key=lambda name: name == API):
        yield {"name": name, "description": words[name]}


def add_example(operation: dict[str, Any], parts: dict[str, Schema]) -> None:
    """Add an example answer to an operation, unless it only answers with files."""
    content = operation["responses"]["200"]["content"]
    if "application/json" in content:
        answer = content["application/json"]
        answer["example"] = make_example(answer["schema"], parts)


def get_description() -> Schema:
    """Return the OpenAPI description in the active language."""
    return make_description(get_language(), settings.SITE_URL)


def get_description_json() -> bytes:
    return write_description(get_language(), settings.SITE_URL)


@cache
def make_description(language: str, site: str) -> Schema:
    with override(language):
        return SchemaGenerator().get_schema(request=None, public=True)


@cache
def write_description(language: str, site: str) -> bytes:
    return to_json(make_description(language, site))

"""The description of the API as a whole, OpenAPI 3.1: made once in each process."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, override
from drf_spectacular.generators import SchemaGenerator

from stemobs.addresses import absolute
from stemobs.api.openapi import errors
from stemobs.api.openapi.examples import example_of
from stemobs.api.openapi.fields import Schema
from stemobs.api.openapi.headers import HEADERS
from stemobs.api.openapi.words import ABOUT, API
from stemobs.encoding import to_json


def complete(result: Schema, **given: Any) -> Schema:
    """Add to the description what no single operation knows: the last step of making it."""
    site = settings.SITE_URL
    result["info"] |= {
        "description": str(ABOUT),
        "contact": {"name": result["info"]["title"], "url": f"{site}/about/"},
    }
    result["servers"] = [{"url": site}]
    result["externalDocs"] = {"url": absolute(reverse("api-docs"))}
    result["tags"] = list(tags(result))
    result["components"]["schemas"] |= errors.schemas()
    result["components"] |= {"responses": errors.components(), "headers": HEADERS}
    for operation in operations(result):
        add_example(operation, result["components"]["schemas"])
    return result


def operations(description: Schema) -> Iterator[dict[str, Any]]:
    for path in description["paths"].values():
        yield from path.values()


def tags(description: Schema) -> Iterator[dict[str, str]]:
    """Yield the groups of operations, resources first, with what their first one says."""
    words: dict[str, str] = {}
    for one in operations(description):
        words.setdefault(one["tags"][0], one["description"])
    for name in sorted(words, key=lambda name: name == API):
        yield {"name": name, "description": words[name]}


def add_example(operation: dict[str, Any], parts: dict[str, Schema]) -> None:
    """Show what the operation answers, unless it is a file."""
    content = operation["responses"]["200"]["content"]
    if "application/json" in content:
        answer = content["application/json"]
        answer["example"] = example_of(answer["schema"], parts)


def description() -> Schema:
    """Return the description in the language in force."""
    return made(get_language(), settings.SITE_URL)


def as_json() -> bytes:
    return written(get_language(), settings.SITE_URL)


@cache
def made(language: str, site: str) -> Schema:
    with override(language):
        return SchemaGenerator().get_schema(request=None, public=True)


@cache
def written(language: str, site: str) -> bytes:
    return to_json(made(language, site))

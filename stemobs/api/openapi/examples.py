"""Example answers of the OpenAPI description, built from shortened records in examples.json.

A field that examples.json does not have gets a plain value of its type.
"""

import json
from pathlib import Path
from typing import Any

from stemobs.addresses import build_absolute_url
from stemobs.api.openapi.fields import Schema

# Example records by the name of their component. Addresses on this site are paths without a host.
KNOWN = json.loads((Path(__file__).parent / "examples.json").read_text())
NOTHING = object()
BY_TYPE = {"string": "", "integer": 0, "number": 0, "boolean": False, "null": None}


def make_example(schema: Schema, parts: dict[str, Schema], known: Any = NOTHING) -> Any:
    """Return an example that fits a schema.

    `known` is the part of a record that the example should show, NOTHING where there is none.
    `parts` has the schemas of components by name.
    """
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        own = KNOWN.get(name.removesuffix("Row"), known) if known is NOTHING else known
        return make_example(parts[name], parts, own)
    for kind in ("allOf", "oneOf", "anyOf"):
        if kind in schema:
            return None if known is None else make_example(schema[kind][0], parts, known)
    kind = choose_type(schema)
    if kind == "object":
        return make_composite(schema, parts, known)
    if kind == "array":
        rows = [make_example(schema["items"], parts)] if known is NOTHING else known
        return [make_example(schema["items"], parts, row) for row in rows]
    return make_simple(schema, known)


def choose_type(schema: Schema) -> str:
    kinds = schema.get("type", "string")
    return kinds if isinstance(kinds, str) else kinds[0]


def make_composite(schema: Schema, parts: dict[str, Schema], known: Any) -> Any:
    if known is None:
        return None
    values = {} if known is NOTHING else known
    if "properties" not in schema:
        return values
    named = schema["properties"]
    more = values if "additionalProperties" in schema else {}
    made = {name: value for name, value in more.items() if name not in named} | {
        name: make_example(one, parts, values.get(name, NOTHING))
        for name, one in named.items()
        if name in values or name in schema.get("required", ())
    }
    # The example of a list holds all its rows, so `count` must be their number.
    return made | ({"count": len(made["results"])} if "results" in made else {})


def make_simple(schema: Schema, known: Any) -> Any:
    if known is NOTHING:
        kinds = schema.get("type", "string")
        first = None if not isinstance(kinds, str) else BY_TYPE[kinds]
        if schema.get("format") == "uri" and isinstance(kinds, str):
            return build_absolute_url("/")
        return schema.get("example", schema.get("const", schema.get("enum", [first])[0]))
    if schema.get("format") == "uri" and str(known).startswith("/"):
        return build_absolute_url(known)
    return known

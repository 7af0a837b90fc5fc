"""Examples of answers: taken from the catalogue, shortened, completed where a field is new."""

import json
from pathlib import Path
from typing import Any

from stemobs.addresses import absolute
from stemobs.api.openapi.fields import Schema

# What some details answer, by component; addresses on this site without the site.
KNOWN = json.loads((Path(__file__).parent / "examples.json").read_text())
NOTHING = object()
BY_TYPE = {"string": "", "integer": 0, "number": 0, "boolean": False, "null": None}


def example_of(schema: Schema, parts: dict[str, Schema], known: Any = NOTHING) -> Any:
    """Return an answer that fits a schema, made of what is known."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        own = KNOWN.get(name.removesuffix("Row"), known) if known is NOTHING else known
        return example_of(parts[name], parts, own)
    for kind in ("allOf", "oneOf", "anyOf"):
        if kind in schema:
            return None if known is None else example_of(schema[kind][0], parts, known)
    kind = type_of(schema)
    if kind == "object":
        return whole(schema, parts, known)
    if kind == "array":
        rows = [example_of(schema["items"], parts)] if known is NOTHING else known
        return [example_of(schema["items"], parts, row) for row in rows]
    return simple(schema, known)


def type_of(schema: Schema) -> str:
    kinds = schema.get("type", "string")
    return kinds if isinstance(kinds, str) else kinds[0]


def whole(schema: Schema, parts: dict[str, Schema], known: Any) -> Any:
    if known is None:
        return None
    values = {} if known is NOTHING else known
    if "properties" not in schema:
        return values
    named = schema["properties"]
    more = values if "additionalProperties" in schema else {}
    made = {name: value for name, value in more.items() if name not in named} | {
        name: example_of(one, parts, values.get(name, NOTHING))
        for name, one in named.items()
        if name in values or name in schema.get("required", ())
    }
    # A list that is shown whole has as many rows as it says.
    return made | ({"count": len(made["results"])} if "results" in made else {})


def simple(schema: Schema, known: Any) -> Any:
    if known is NOTHING:
        kinds = schema.get("type", "string")
        first = None if not isinstance(kinds, str) else BY_TYPE[kinds]
        return schema.get("example", schema.get("const", schema.get("enum", [first])[0]))
    if schema.get("format") == "uri" and str(known).startswith("/"):
        return absolute(known)
    return known

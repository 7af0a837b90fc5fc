"""The OpenAPI descriptions of parameters, generated from the filters that read them."""

from collections.abc import Iterable
from functools import singledispatch
from typing import Any

from drf_spectacular.drainage import warn

from stemobs.api.negotiation import FORMAT
from stemobs.api.openapi.fields import Schema, explain_values
from stemobs.api.openapi.words import ALTERNATIVES, KEYS, MISSING, PARAMETERS, ROWS
from stemobs.catalogue.documents import NONE
from stemobs.selection.facets import FACETS, Facet
from stemobs.selection.parameters import (
    MAX_QUERY,
    FacetFilter,
    MomentFilter,
    NumberFilter,
    OptionFilter,
    SearchFilter,
)


@singledispatch
def describe_schema(parameter: Any) -> Schema:
    """Return the schema of a filter's values; text unless a kind of filter is registered below."""
    return {"type": "string"}


@describe_schema.register
def _describe_search(parameter: SearchFilter) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": MAX_QUERY}


@describe_schema.register
def _describe_number(parameter: NumberFilter) -> Schema:
    low, high = find_field(parameter).bounds
    return {"type": "integer", "minimum": low, "maximum": high}


@describe_schema.register
def _describe_moment(parameter: MomentFilter) -> Schema:
    kinds = ("date", "date-time")
    return {"anyOf": [{"type": "string", "format": kind} for kind in kinds]}


@describe_schema.register
def _describe_option(parameter: OptionFilter) -> Schema:
    return {"type": "string", "enum": list(find_field(parameter).options)}


def find_field(parameter: Any) -> Any:
    """Return the form field of a filter; as Any, because its limits depend on its kind."""
    return parameter.field


@describe_schema.register
def _describe_facet(parameter: FacetFilter) -> Schema:
    values = list_closed_values(parameter.facet)
    return allow_several({"type": "string", "enum": values} if values else {"type": "string"})


def allow_several(one: Schema) -> Schema:
    return {"type": "array", "items": one}


def list_closed_values(facet: Facet) -> list[str]:
    """Return the values of a facet that are fixed in code; empty for a vocabulary's terms."""
    closed = facet.closed
    return [*closed, *facet.special, *([NONE] if facet.none_label else [])] if closed else []


# Tools send the examples of all parameters together, and `cursor` excludes `page`.
WITHOUT_EXAMPLE = ("cursor",)


def describe_parameter(name: str, schema: Schema, labels: Any = None) -> dict[str, Any]:
    """Return the OpenAPI object of a query parameter, with its meaning and an example."""
    if name not in PARAMETERS:
        warn(f"nobody says what the parameter {name} means")
        return {"in": "query", "name": name, "schema": schema}
    said = PARAMETERS[name]
    is_list = schema.get("type") == "array"
    told: dict[str, Any] = {
        "in": "query",
        "name": name,
        "description": " ".join(list_words(str(said.text), schema, labels)),
        "schema": schema,
    }
    if name not in WITHOUT_EXAMPLE:
        told["example"] = choose_example(said.example, schema)
    return {**told, "style": "form", "explode": True} if is_list else told


def choose_example(value: Any, schema: Schema) -> Any:
    """Return the given example if the schema allows it, else the first allowed value.

    The example for `fields` is not right everywhere: resources have different fields.
    """
    if schema.get("type") != "array":
        values = schema.get("enum")
        return value if not values or value in values else values[0]
    values = schema["items"].get("enum")
    return [value] if not values or value in values else values[:1]


def list_words(text: str, schema: Schema, labels: Any) -> Iterable[str]:
    yield text
    is_list = schema.get("type") == "array"
    values = (schema["items"] if is_list else schema).get("enum")
    if values and labels:
        yield explain_values(values, labels)
    if is_list and labels is not None:
        yield str(ALTERNATIVES)


def describe_filter(name: str, parameter: Any) -> dict[str, Any]:
    """Return the OpenAPI object of a parameter that selects rows."""
    told = describe_parameter(name, describe_schema(parameter), find_labels(parameter))
    facet = getattr(parameter, "facet", None)
    if facet and facet.none_label:
        told["description"] += f" {MISSING}"
    return told


def find_labels(parameter: Any) -> dict[str, Any]:
    if isinstance(parameter, OptionFilter):
        return dict(find_field(parameter).options)
    facet = getattr(parameter, "facet", None)
    return {**(facet.closed or {}), **facet.special} if facet else {}


LISTS = ("facets", "fields", "group_by")


def describe_surface(name: str, view: Any) -> dict[str, Any]:
    """Return the OpenAPI object of a parameter that shapes the answer, such as `fields`."""
    values = {
        "facets": ["all", *FACETS],
        "group_by": [*FACETS],
        "bom": ["0", "1"],
        "fields": list(getattr(view, "known_fields", ())) if name == "fields" else [],
        FORMAT: ["json"],  # other forms have other schemas: each is an operation of its own
    }.get(name)
    one = {"type": "string", "enum": values} if values else {"type": "string"}
    schema = allow_several(one) if name in LISTS else one
    if name == "group_by":
        schema |= {"minItems": 1, "maxItems": 2, "uniqueItems": True}
    told = describe_parameter(name, schema)
    if name == FORMAT:
        told["description"] += f" {explain_values(values or (), {})}"
    return {**told, "required": True} if name == "group_by" else told


def describe_key(name: str, resource: str, is_number: bool) -> dict[str, Any]:
    """Return the OpenAPI object of the path parameter that names a row (slug or code)."""
    number = {"type": "integer", "minimum": 0, "maximum": 8}
    return {
        "in": "path",
        "name": name,
        "required": True,
        "description": str(KEYS[name]),
        "schema": number if is_number else {"type": "string"},
        "example": ROWS[resource],
    }

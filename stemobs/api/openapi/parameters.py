"""How the parameters of lists are described: from the filters that read them."""

from collections.abc import Iterable
from functools import singledispatch
from typing import Any

from drf_spectacular.drainage import warn

from stemobs.api.negotiation import FORMAT
from stemobs.api.openapi.fields import Schema, named
from stemobs.api.openapi.words import ALTERNATIVES, KEYS, MISSING, PARAMETERS, ROWS
from stemobs.catalogue.index import NONE
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
def schema_of(parameter: Any) -> Schema:
    """Return what a parameter takes."""
    return {"type": "string"}


@schema_of.register
def _search(parameter: SearchFilter) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": MAX_QUERY}


@schema_of.register
def _number(parameter: NumberFilter) -> Schema:
    low, high = field_of(parameter).bounds
    return {"type": "integer", "minimum": low, "maximum": high}


@schema_of.register
def _moment(parameter: MomentFilter) -> Schema:
    kinds = ("date", "date-time")
    return {"anyOf": [{"type": "string", "format": kind} for kind in kinds]}


@schema_of.register
def _option(parameter: OptionFilter) -> Schema:
    return {"type": "string", "enum": list(field_of(parameter).options)}


def field_of(parameter: Any) -> Any:
    """Return what reads a parameter, with the limits of its own kind."""
    return parameter.field


@schema_of.register
def _facet(parameter: FacetFilter) -> Schema:
    values = closed_list(parameter.facet)
    return several({"type": "string", "enum": values} if values else {"type": "string"})


def several(one: Schema) -> Schema:
    return {"type": "array", "items": one}


def closed_list(facet: Facet) -> list[str]:
    """Return the values of a facet that only a release can change; none of a vocabulary."""
    closed = facet.closed
    return [*closed, *facet.special, *([NONE] if facet.none_label else [])] if closed else []


def described(name: str, schema: Schema, labels: Any = None) -> dict[str, Any]:
    """Return a parameter in a query with what it means and an example."""
    if name not in PARAMETERS:
        warn(f"nobody says what the parameter {name} means")
        return {"in": "query", "name": name, "schema": schema}
    said = PARAMETERS[name]
    is_list = schema.get("type") == "array"
    told: dict[str, Any] = {
        "in": "query",
        "name": name,
        "description": " ".join(words(str(said.text), schema, labels)),
        "schema": schema,
        "example": example(said.example, schema),
    }
    return {**told, "style": "form", "explode": True} if is_list else told


def example(value: Any, schema: Schema) -> Any:
    """Return a value that is right here: fields have other names in other resources."""
    if schema.get("type") != "array":
        values = schema.get("enum")
        return value if not values or value in values else values[0]
    values = schema["items"].get("enum")
    return [value] if not values or value in values else values[:1]


def words(text: str, schema: Schema, labels: Any) -> Iterable[str]:
    yield text
    is_list = schema.get("type") == "array"
    values = (schema["items"] if is_list else schema).get("enum")
    if values and labels:
        yield named(values, labels)
    if is_list and labels is not None:
        yield str(ALTERNATIVES)


def of_filter(name: str, parameter: Any) -> dict[str, Any]:
    """Return the description of one of a selection's own parameters."""
    told = described(name, schema_of(parameter), labels_of(parameter))
    facet = getattr(parameter, "facet", None)
    if facet and facet.none_label:
        told["description"] += f" {MISSING}"
    return told


def labels_of(parameter: Any) -> dict[str, Any]:
    if isinstance(parameter, OptionFilter):
        return dict(field_of(parameter).options)
    facet = getattr(parameter, "facet", None)
    return {**(facet.closed or {}), **facet.special} if facet else {}


LISTS = ("facets", "fields", "group_by")


def of_surface(name: str, view: Any) -> dict[str, Any]:
    """Return the description of a parameter that says how a selection is told."""
    values = {
        "facets": ["all", *FACETS],
        "group_by": [*FACETS],
        "bom": ["0", "1"],
        "fields": list(getattr(view, "known_fields", ())) if name == "fields" else [],
        FORMAT: [str(renderer.format) for renderer in view.get_renderers()],
    }.get(name)
    one = {"type": "string", "enum": values} if values else {"type": "string"}
    schema = several(one) if name in LISTS else one
    if name == "group_by":
        schema |= {"minItems": 1, "maxItems": 2, "uniqueItems": True}
    told = described(name, schema)
    if name == FORMAT:
        told["description"] += f" {named(values or (), {})}"
    return {**told, "required": True} if name == "group_by" else told


def of_key(name: str, resource: str, is_number: bool) -> dict[str, Any]:
    """Return the description of the part of an address that names a row."""
    number = {"type": "integer", "minimum": 0, "maximum": 8}
    return {
        "in": "path",
        "name": name,
        "required": True,
        "description": str(KEYS[name]),
        "schema": number if is_number else {"type": "string"},
        "example": ROWS[resource],
    }

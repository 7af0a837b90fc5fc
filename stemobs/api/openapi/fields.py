"""Schemas of the fields of answers: type, nullability, description and allowed values."""

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from drf_spectacular.drainage import warn
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.plumbing import append_meta
from rest_framework import serializers

from programmes.models import EvidenceStep
from stemobs.api.openapi.words import ANSWERS, FIELDS, PARTS

Schema = dict[str, Any]

STRING: Schema = {"type": "string"}
EMPTY: Schema = {"type": "string", "maxLength": 0}
ADDRESS: Schema = {"type": "string", "format": "uri"}
# Keys of a schema that limit what can be written; they mean nothing for answers.
ABOUT_WRITING = {
    "readOnly", "title", "default", "pattern",
    "maxLength", "minLength", "maximum", "minimum",
}  # fmt: skip


def describe_record(words: str, **properties: Schema) -> Schema:
    """Return the schema of an object in which all of these properties are required."""
    described = {name: add_usual_words(name, schema) for name, schema in properties.items()}
    return {
        "type": "object",
        "description": words,
        "properties": described,
        "required": list(properties),
    }


def add_usual_words(name: str, schema: Schema) -> Schema:
    """Return a schema with the usual description of a field of this name, if it has none."""
    return schema if "description" in schema else {**schema, "description": str(FIELDS[name])}


def allow_empty(schema: Schema) -> Schema:
    return {"anyOf": [schema, EMPTY]}


def explain_values(values: Iterable[str], labels: Mapping[str, Any]) -> str:
    """Return a sentence that lists values with their labels."""
    told = [f"`{value}` ({labels[value]})" if value in labels else f"`{value}`" for value in values]
    return f"{_('Values:')} {', '.join(told)}."


class LinkFieldExtension(OpenApiSerializerFieldExtension):
    """Describes a LinkField as a URI."""

    target_class = "stemobs.api.resources.LinkField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Schema:
        return dict(ADDRESS)


class NumberFieldExtension(OpenApiSerializerFieldExtension):
    """Describes a NumberField as a number, although Django stores a decimal."""

    target_class = "stemobs.api.resources.NumberField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Schema:
        return {"type": "number"}


class SourceFieldExtension(OpenApiSerializerFieldExtension):
    """Describes a SourceField as the component Reference, because nearly every fact has one."""

    target_class = "stemobs.api.resources.SourceField"

    def get_name(self) -> str:
        return "Reference"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Schema:
        return describe_record(
            str(PARTS["Reference"]),
            slug={**STRING, "description": _("Slug of the source.")},
            title={**STRING, "description": _("Title of the source.")},
            url=allow_empty(ADDRESS),
            locator=STRING,
        )


def describe_field(serializer: serializers.BaseSerializer, name: str, schema: Schema) -> Schema:
    """Return the schema of a serializer's field in answers, with a description."""
    field = find_model_field(serializer, name)
    if name == "page":
        told = dict(ADDRESS)
    elif name == "evidence" and field is None:
        told = {**STRING, "enum": EvidenceStep.values}
    else:
        told = drop_writing_rules(schema)
    if is_nullable(field) and not takes_null(told):
        told = append_meta(told, {"nullable": True})
    told["description"] = find_words(serializer, name, field, told)
    return told


def drop_writing_rules(schema: Schema) -> Schema:
    """Return a schema without the keys that only limit what can be written."""
    told = {key: value for key, value in schema.items() if key not in ABOUT_WRITING}
    if told.get("format") == "int64":
        del told["format"]
    if "items" in told:
        told["items"] = drop_writing_rules(told["items"])
    for name, one in told.get("properties", {}).items():
        told["properties"][name] = add_usual_words(name, one)
    if "allOf" in told:
        return told["allOf"][0]
    one, *others = told.get("oneOf", [told])
    if EMPTY in others:
        return allow_empty(ADDRESS) if one.get("format") == "uri" else dict(STRING)
    return {"oneOf": [drop_writing_rules(one), *others]} if others else told


def find_model_field(serializer: Any, name: str) -> Any:
    """Return the model's field that a serializer's field shows; None if there is none."""
    source = serializer.fields[name].source
    meta = serializer.Meta.model._meta
    try:
        return meta.get_field(name if source == "*" else source)
    except FieldDoesNotExist:
        return None


def is_nullable(field: Any) -> bool:
    return isinstance(field, models.Field) and field.null


def takes_null(schema: Schema) -> bool:
    kinds = [schema, *schema.get("oneOf", ()), *schema.get("anyOf", ())]
    return any("null" in kind.get("type", ()) for kind in kinds)


def find_words(serializer: Any, name: str, field: Any, schema: Schema) -> str:
    """Return the description of a field, with the meanings of its values.

    A field without a description causes a warning, which the tests treat as an error.
    """
    part = type(serializer).__name__.removesuffix("Serializer")
    own = ANSWERS.get(f"{part}.{name}") or ANSWERS.get(name)
    said = own or getattr(field, "help_text", None) or FIELDS.get(name)
    label = getattr(field, "verbose_name", "") if isinstance(field, models.Field) else ""
    if not (said or label):
        warn(f"nobody says what {type(serializer).__name__}.{name} means")
    words = str(said or f"{capfirst(str(label))}.")
    values = [value for value in schema.get("enum", ()) if value]
    choices = EvidenceStep.choices if name == "evidence" else getattr(field, "choices", None) or ()
    return f"{words} {explain_values(values, dict(choices))}" if values else words


def find_part_words(serializer: Any) -> str:
    """Return the description of a component: the docstring of its serializer or of its model."""
    own = inspect.getdoc(type(serializer)) if type(serializer).__doc__ else ""
    model = serializer.Meta.model.__doc__ or ""
    return " ".join((own or model).split())

"""`manage.py describe_data`: print the data dictionary, made from the models, as Markdown."""

import inspect
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import models
from django.utils.text import capfirst

APPS = ("programmes", "partnerships")
HEAD = ("| field | type | meaning |", "| --- | --- | --- |")


class Command(BaseCommand):
    help = "Print every model and field as Markdown; docs/data.md ends with it."

    def handle(self, *args: Any, **options: Any) -> None:
        for label in APPS:
            for model in apps.get_app_config(label).get_models():
                self.stdout.write("\n".join(describe_model(model)))


def describe_model(model: type[models.Model]) -> Iterator[str]:
    """Yield a model's section: heading, docstring, natural key, fields, constraints."""
    key = ", ".join(f"`{name}`" for name in getattr(model, "natural_key_fields", ()))
    yield f"\n### {model.__name__}\n"
    yield inspect.getdoc(model) or ""
    yield f"\nNatural key: {key or 'none'}.\n"
    yield from HEAD
    fields = [*model._meta.concrete_fields, *model._meta.many_to_many]
    yield from (describe_field(field) for field in fields if not field.primary_key)
    yield ""
    for constraint in model._meta.constraints:
        yield f"- `{constraint.name}`: {constraint.violation_error_message}"


def describe_field(field: models.Field) -> str:
    """Return a field as a row of a Markdown table: name, type, meaning.

    The meaning is made of the field's label, help text and choices.
    """
    related = field.related_model
    kind = field.get_internal_type().removesuffix("Field")
    kind = f"{kind} to {related.__name__}" if related else kind
    label = capfirst(str(field.verbose_name))
    hint = f" {field.help_text}" if field.help_text else ""
    values = ", ".join(f"`{value}`" for value, _label in field.flatchoices)
    choices = f" One of {values}." if values else ""
    return f"| `{field.name}` | {kind} | {label}.{hint}{choices} |"

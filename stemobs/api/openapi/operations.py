"""The OpenAPI description of each operation, generated from the view that answers it."""

from collections.abc import Iterable
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from rest_framework import serializers

from stemobs.api.negotiation import FORMAT
from stemobs.api.openapi import fields, headers, others, parameters
from stemobs.api.openapi.errors import describe_responses
from stemobs.api.openapi.fields import Schema, describe_record
from stemobs.api.openapi.others import OTHERS, OtherOperation
from stemobs.api.openapi.words import API, PARTS, ROWS
from stemobs.api.resources import ListResource, Resource
from stemobs.exports.files import FORMATS

TEXT = {"type": "string"}
FILES: dict[str, Schema] = {
    FORMATS["csv"].media_type: TEXT,
    FORMATS["ndjson"].media_type: TEXT,
    FORMATS["jsonld"].media_type: {"type": "object"},
    FORMATS["xlsx"].media_type: {"type": "string", "format": "binary"},
}


class OperationSchema(AutoSchema):
    """Describes one operation of the API for drf-spectacular, which makes one per view."""

    view: Any  # a Resource or a DescribedView

    @property
    def resource(self) -> str:
        """Return the first part of the path, which names the resource; "" for the API's root."""
        return next(iter(self._tokenize_path()), "")

    @property
    def other(self) -> OtherOperation | None:
        """Return the description of an operation that does not answer with a model's rows.

        None for the usual lists and details of a resource.
        """
        return OTHERS.get(self.get_operation_id())

    @property
    def model(self) -> Any:
        return self.view.serializer_class.Meta.model._meta

    @property
    def names(self) -> Any:
        """Return the plural noun for the rows of the list, such as “programmes”."""
        return self.model.verbose_name_plural if self.view.serializer_class else self.resource

    @property
    def action(self) -> str:
        return getattr(self.view, "action", "")

    @property
    def is_list(self) -> bool:
        return isinstance(self.view, ListResource) and self.action == "list"

    # --- Names and texts --------------------------------------------------------------------------

    def get_operation_id(self) -> str:
        parts = [part.replace("-", "_") for part in self._tokenize_path()] or ["root"]
        return "_".join([*parts, self.action] if self.action in ("list", "retrieve") else parts)

    def get_tags(self) -> list[str]:
        return [self.resource if isinstance(self.view, ListResource) else API]

    def get_summary(self) -> str:
        if self.other:
            return str(self.other.summary)
        if not isinstance(self.view, ListResource):
            return str(self.view.summary)
        if self.is_list:
            return _("List {names}").format(names=self.names)
        return _("Get one {name}").format(name=self.model.verbose_name)

    # The type stubs give this method a path and a method name, as in the framework's own generator.
    def get_description(self) -> str:  # type: ignore[override]
        if self.action == "retrieve":
            return _("Everything that the catalogue tells of one {name}.").format(
                name=self.model.verbose_name
            )
        told = getattr(self.view, self.action).__doc__ if self.other and self.action else None
        return " ".join((told or type(self.view).__doc__ or "").split())

    def get_auth(self) -> list[Any]:
        return []  # drf-spectacular leaves an empty list out; `whole` says that there is no key

    # --- Parameters -------------------------------------------------------------------------------

    def _get_parameters(self) -> list[dict[str, Any]]:
        if self.other and self.other.filterset:
            return self.list_selection_parameters(self.other.filterset, self.other.also)
        if self.is_list:
            bom = ["bom"] if "csv" in self.formats else []
            return self.list_selection_parameters(
                self.view.filterset_class, [*self.view.also, *bom]
            )
        if not isinstance(self.view, Resource):
            return [parameters.describe_surface(FORMAT, self.view)]
        is_number = self.view.lookup_value_regex == "[0-8]"
        return [
            parameters.describe_key(self.view.lookup_field, self.resource, is_number),
            parameters.describe_surface("fields", self.view),
            parameters.describe_surface(FORMAT, self.view),
        ]

    def list_selection_parameters(
        self, filterset: Any, also: Iterable[str]
    ) -> list[dict[str, Any]]:
        """Return the parameters of a selection, and those in `also`, such as `fields`."""
        filters = filterset.base_filters
        own = [parameters.describe_filter(name, one) for name, one in filters.items()]
        return [*own, *(parameters.describe_surface(name, self.view) for name in also)]

    # --- Responses --------------------------------------------------------------------------------

    @property
    def formats(self) -> dict[str, str]:
        """Return the content types of the operation by the values of `format`."""
        return {str(one.format): str(one.media_type) for one in self.view.get_renderers()}

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        answer = {
            "description": self.word_answer(),
            "headers": headers.list_answer_headers(self.is_list, len(self.formats) > 1),
            "content": {
                kind: {"schema": self.describe_answer() if name == "json" else FILES[kind]}
                for name, kind in self.formats.items()
            },
        }
        return {"200": answer, **describe_responses(self.action, self.resource)}

    def word_answer(self) -> str:
        if self.other:
            return str(self.other.summary)
        if self.is_list:
            return _("One page of the list.")
        return capfirst(str(self.model.verbose_name)) if self.resource in ROWS else _("The answer.")

    def describe_answer(self) -> Schema:
        if not isinstance(self.view, ListResource):
            return self.view.answer_schema
        if self.other and self.other.answer:
            return self.add_component("Counts", self.other.answer())
        if self.is_list:
            return self.add_component(f"{self.name_row()}List", self.describe_page())
        return self.describe_sparse_row(self.view.serializer_class)

    def describe_sparse_row(self, serializer: Any) -> Schema:
        """Return the schema of a row in which no field is required.

        The parameter `fields` can leave out any of them.
        """
        component = self.resolve_serializer(serializer, "response")
        component.schema.pop("required", None)
        return component.ref

    def add_component(self, name: str, schema: Schema) -> Schema:
        """Return a reference to a component, which is registered if it is new."""
        component = ResolvedComponent(name, ResolvedComponent.SCHEMA, schema, object=name)
        self.registry.register_on_missing(component)
        return component.ref

    def name_row(self) -> str:
        serializer = self.view.serializer_class
        return serializer.__name__.removesuffix("Serializer") if serializer else "Change"

    def describe_row(self) -> Schema:
        """Return the schema of one row of the list."""
        serializer = self.view.list_serializer_class or self.view.serializer_class
        return (
            self.describe_sparse_row(serializer)
            if serializer
            else self.add_component("Change", others.describe_change())
        )

    def describe_page(self) -> Schema:
        """Return the schema of a list: one page of rows, and links to its neighbours."""
        neighbour = {"type": ["string", "null"], "format": "uri"}
        page = describe_record(
            _("One page of a list of {names}.").format(names=self.names),
            **({} if self.view.serializer_class else others.describe_changes()),
            count={"type": "integer", "minimum": 0, "description": _("How many rows there are.")},
            next={**neighbour, "description": _("Address of the next page; null on the last.")},
            previous={
                **neighbour,
                "description": _("Address of the page before; null on the first."),
            },
            results={
                "type": "array",
                "items": self.describe_row(),
                "description": _("The rows of this page."),
            },
        )
        if "facets" in self.view.also:
            page["properties"]["facets"] = self.describe_facets()
        return page

    def describe_facets(self) -> Schema:
        words = {"description": _("How many rows it would leave.")}
        choice = describe_record(
            str(PARTS["Choice"]),
            value={"type": "string", "description": _("What to ask for.")},
            label={"type": "string", "description": _("What it is called.")},
            count={"type": "integer", "minimum": 0, **words},
        )
        return {
            "type": "object",
            "description": _("For each facet asked for by `facets`, its choices."),
            "additionalProperties": {
                "type": "array",
                "items": self.add_component("Choice", choice),
            },
        }

    # --- Fields -----------------------------------------------------------------------------------

    def _postprocess_serializer_schema(
        self, schema: Schema, serializer: serializers.BaseSerializer, direction: Any
    ) -> Schema:
        """Return a serializer's schema for answers: every field is described and required."""
        told = {
            name: fields.describe_field(serializer, name, one)
            for name, one in schema["properties"].items()
        }
        return {
            **schema,
            "description": fields.find_part_words(serializer),
            "properties": told,
            "required": list(told),
        }

"""The OpenAPI description of each operation, generated from the view that answers it."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from rest_framework import serializers

from stemobs.api.negotiation import FORMAT
from stemobs.api.openapi import fields, headers, parameters
from stemobs.api.openapi.errors import describe_responses
from stemobs.api.openapi.fields import Schema, describe_record
from stemobs.api.openapi.others import OTHERS, OtherOperation
from stemobs.api.openapi.redirects import describe_redirects
from stemobs.api.openapi.words import (
    ALSO_FILES,
    API,
    PARTS,
    ROWS,
    SPARSE,
    SPARSE_FIELDS,
    STATES,
)
from stemobs.api.resources import ListResource, Resource
from stemobs.exports.files import FORMATS, CsvFilter, FileFilter

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
        return next(iter(self._tokenize_path()), "").partition(".")[0]

    @property
    def ending(self) -> str:
        """Return the ending of a file's address, such as “csv”; "" for other addresses."""
        return getattr(self.view, "ending", "")

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
        if self.view.serializer_class:
            return self.model.verbose_name_plural
        return self._tokenize_path()[-1].partition(".")[0]

    @property
    def action(self) -> str:
        return getattr(self.view, "action", "")

    @property
    def is_list(self) -> bool:
        return isinstance(self.view, ListResource) and self.action == "list"

    # --- Names and texts --------------------------------------------------------------------------

    def get_operation_id(self) -> str:
        own = [part.partition(".")[0].replace("-", "_") for part in self._tokenize_path()]
        parts = [part for part in own if part] or ["root"]
        # What stands below a resource, such as `programmes/figures`, is told by its own name.
        is_plain = len(parts) == 1 and not (self.ending and self.is_list)
        action = [self.action] if is_plain and self.action in ("list", "retrieve") else []
        return "_".join([*parts, *action, *filter(None, [self.ending])])

    def get_tags(self) -> list[str]:
        return [self.resource if isinstance(self.view, ListResource) else API]

    def get_summary(self) -> str:
        if self.ending:
            return self.name_file()
        if self.other:
            return str(self.other.summary)
        if not isinstance(self.view, ListResource):
            return str(self.view.summary)
        if self.is_list:
            return _("List {names}").format(names=self.names)
        return _("Get one {name}").format(name=self.model.verbose_name)

    def name_file(self) -> str:
        what = self.names if self.is_list else _("one programme")
        return _("Get {what} as {form}").format(what=what, form=FORMATS[self.ending].name)

    def get_description(self) -> str:  # type: ignore[override]  # the stubs have the generator's form
        words = [self.tell_what(), *self.tell_of_others()]
        return " ".join(map(str, words))

    def tell_of_others(self) -> Iterator[Any]:
        """Yield what an operation answers besides what its schema says."""
        if self.ending:
            yield FORMATS[self.ending].purpose
        elif len(self.view.get_renderers()) > 1:
            yield ALSO_FILES
        if not self.ending and self.has_fields:
            yield SPARSE
        if self.has_states:
            yield STATES

    def tell_what(self) -> str:
        if self.action == "retrieve":
            return _("Everything that the catalogue tells of one {name}.").format(
                name=self.model.verbose_name
            )
        told = getattr(self.view, self.action).__doc__ if self.other and self.action else None
        return " ".join((told or type(self.view).__doc__ or "").split())

    def get_auth(self) -> list[Any]:
        return []  # drf-spectacular leaves an empty list out; `whole` says that there is no key

    @property
    def has_states(self) -> bool:
        """Whether `as_of` leads to the state of a day."""
        return not self.ending and (self.resource, self.action) == ("programmes", "retrieve")

    # --- Parameters -------------------------------------------------------------------------------

    @property
    def has_fields(self) -> bool:
        """Whether `fields` can leave out parts of the answer."""
        return self.is_list or (isinstance(self.view, Resource) and self.action == "retrieve")

    def get_extensions(self) -> Schema:
        """Return the description of `fields`, which is no usual parameter.

        An answer of chosen fields lacks others that the schema promises to who does not choose.
        """
        if self.ending or not self.has_fields:
            return {}
        return {SPARSE_FIELDS: parameters.describe_surface("fields", self.view)}

    def _get_parameters(self) -> list[dict[str, Any]]:
        form = [] if self.ending else [FORMAT]
        if self.is_list and self.ending:
            of_form = CsvFilter if self.ending == "csv" else FileFilter
            return self.list_selection_parameters(of_form, form)
        if self.other and self.other.filterset:
            return self.list_selection_parameters(self.other.filterset, self.other.also)
        if self.is_list:
            also = [name for name in self.view.also if name != "fields"]
            return self.list_selection_parameters(self.view.filterset_class, also)
        if not isinstance(self.view, Resource):
            return [parameters.describe_surface(FORMAT, self.view)]
        is_number = self.view.lookup_value_regex == "[0-8]"
        return [
            parameters.describe_key(self.view.lookup_field, self.resource, is_number),
            *(parameters.describe_surface(name, self.view) for name in form),
        ]

    def list_selection_parameters(
        self, filterset: Any, also: Iterable[str]
    ) -> list[dict[str, Any]]:
        """Return the parameters of a selection, and those in `also`, such as `fields`."""
        filters = filterset.base_filters
        own = [parameters.describe_filter(name, one) for name, one in filters.items()]
        return [*own, *(parameters.describe_surface(name, self.view) for name in also)]

    # --- Responses --------------------------------------------------------------------------------

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        answer = {
            "description": self.word_answer(),
            "headers": headers.list_answer_headers(self.is_list, bool(self.ending)),
            "content": self.describe_content(),
        }
        return {
            "200": answer,
            **describe_redirects(has_states=self.has_states),
            **describe_responses(self.action, self.resource, self.ending),
        }

    def describe_content(self) -> Schema:
        """Return the one form of the answer: each file is an operation of its own."""
        if self.ending:
            kind = FORMATS[self.ending].media_type
            return {kind: {"schema": FILES[kind]}}
        return {"application/json": {"schema": self.describe_answer()}}

    def word_answer(self) -> str:
        if self.ending:
            return self.name_file()
        if self.other and not self.is_list:
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
        serializer: Any = self.view.serializer_class
        return self.resolve_serializer(serializer, "response").ref

    def add_component(self, name: str, schema: Schema) -> Schema:
        """Return a reference to a component, which is registered if it is new."""
        component = ResolvedComponent(name, ResolvedComponent.SCHEMA, schema, object=name)
        self.registry.register_on_missing(component)
        return component.ref

    def name_row(self) -> str:
        serializer = self.view.serializer_class
        if self.other and self.other.row:
            return self.other.row.name
        return serializer.__name__.removesuffix("Serializer")

    def describe_row(self) -> Schema:
        """Return the schema of one row of the list."""
        if self.other and self.other.row:
            return self.add_component(self.other.row.name, self.other.row.describe())
        serializer = self.view.list_serializer_class or self.view.serializer_class
        return self.resolve_serializer(serializer, "response").ref

    def describe_page(self) -> Schema:
        """Return the schema of a list: one page of rows, and links to its neighbours."""
        neighbour = {"type": ["string", "null"], "format": "uri"}
        page = describe_record(
            _("One page of a list of {names}.").format(names=self.names),
            **(self.other.more() if self.other and self.other.more else {}),
            count={"type": "integer", "minimum": 0, "description": _("The number of all rows.")},
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

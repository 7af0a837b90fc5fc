"""Base classes of the API's resources: lists by page or cursor, sparse fields, common fields."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rest_framework import serializers, status, viewsets
from rest_framework.exceptions import APIException
from rest_framework.mixins import RetrieveModelMixin
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from programmes.models import Sourced, list_figures
from stemobs.addresses import MAX_QUERY_BYTES, TOO_LONG, NothingThere, build_absolute_url
from stemobs.api.negotiation import FORMAT, WrongSelection
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.states.moments import hold_one_state
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.encoding import FastJSONRenderer, to_json
from stemobs.entries.cards import get_or_make
from stemobs.exports.rows import drop_empty_decimals
from stemobs.selection import cursors
from stemobs.selection.cursors import START, Cursor
from stemobs.selection.lists import Ordered, StoredRows
from stemobs.selection.parameters import (
    Problem,
    SingleField,
    find_empty,
    list_unknown,
    make_problem,
    shorten,
)
from stemobs.selection.selection import PAGE_SIZE, SelectionFilter

LONGEST_CURSOR = 1_000  # characters of an address that the cursor of another page may take


def read_words(request: Request, name: str) -> list[str]:
    """Return the words of a parameter: `fields=slug,name`, or `fields=slug&fields=name`."""
    values = ",".join(request.query_params.getlist(name)).split(",")
    return list(dict.fromkeys(value.strip().lower() for value in values if value.strip()))


class ReadOnlyView(APIView):
    """Base of all views of the API; it answers OPTIONS with the allowed methods and no body."""

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return Response(status=204)  # every response of the framework has an Allow header


class SelectionTooLong(APIException):
    """The 414 error for a selection whose next page would have too long an address."""

    status_code = status.HTTP_414_REQUEST_URI_TOO_LONG


class ListPart(NamedTuple):
    """The rows of one page of a list, the total, and the parameters of the neighbouring pages."""

    rows: Any
    total: int
    neighbours: Mapping[str, dict[str, str]]  # by IANA link relation, such as “next”


class ListResource(ReadOnlyView, viewsets.GenericViewSet):
    """A list that is read by page or by cursor; unknown parameters are errors."""

    filterset_class: type[SelectionFilter] = SelectionFilter
    list_serializer_class: type[serializers.BaseSerializer] | None = None
    # The formats of each action, the default first; an action that is not listed answers in JSON.
    forms: Mapping[str, Sequence[type[FastJSONRenderer]]] = {}
    # The ending of an address such as `programmes.csv`, which decides the format; else "".
    ending: str = ""
    # The parameters of the list besides those of the selection.
    also: tuple[str, ...] = ("cursor", "fields", FORMAT)

    def get_renderers(self) -> list[BaseRenderer]:
        forms = self.forms.get(self.action or "")
        # Errors, as of a wrong method, are JSON whatever the ending.
        if forms is None:
            return [FastJSONRenderer()]
        return [form() for form in forms if self.ending in ("", form.format)]

    def get_format_suffix(self, **kwargs: Any) -> str | None:
        return self.ending or None

    @property
    def choosing(self) -> tuple[str, ...]:
        """Return the name of the parameter that chooses the format, if the address does not."""
        return () if self.ending else (FORMAT,)

    @cached_property
    def catalogue(self) -> Catalogue:
        """Return the state of the catalogue from which the whole answer is made."""
        return get_request_catalogue(self.request)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        selection = self.select(request)
        # Every page is refused or none: without page and cursor, the address is the same for all.
        if len(self.build_url(selection, {})) > MAX_QUERY_BYTES - LONGEST_CURSOR:
            raise SelectionTooLong(str(TOO_LONG))
        part = self.read_part(selection)
        addresses = {
            relation: self.build_url(selection, parameters)
            for relation, parameters in part.neighbours.items()
        }
        links = ", ".join(f'<{address}>; rel="{rel}"' for rel, address in addresses.items())
        return Response(self.build_answer(selection, part, addresses), headers={"Link": links})

    def build_answer(
        self, selection: Any, part: ListPart, addresses: Mapping[str, str]
    ) -> dict[str, Any]:
        """Return the body of a list: the total, the addresses of neighbouring pages, the rows."""
        return {
            "count": part.total,
            "next": addresses.get("next"),
            "previous": addresses.get("prev"),
            "results": self.list_results(part.rows),
        }

    # --- Reading the query ------------------------------------------------------------------------

    def select(self, request: Request) -> SelectionFilter:
        """Return the selection of the query; raise WrongSelection if any parameter is wrong."""
        selection = self.filterset_class(request.query_params, self.catalogue, also=self.also)
        problems = [*selection.problems, *self.find_problems(request)]
        if problems:
            raise WrongSelection(problems)
        return selection

    def find_problems(self, request: Request) -> Sequence[Problem]:
        """Return the errors in parameters that the selection does not check: fields, cursor."""
        empty = find_empty("fields", request.query_params.getlist("fields"))
        problems = [*empty, *self.find_wrong_fields(request)]
        if "cursor" in request.query_params and "page" in request.query_params:
            reason = _("cannot be given together with a cursor")
            problems.append(Problem("page", request.query_params["page"], reason))
        return problems

    @property
    def known_fields(self) -> tuple[str, ...]:
        """Return the names of the fields that the answer's rows have."""
        shown: Any = self.get_serializer_class()
        if self.action == "list":
            shown = self.list_serializer_class or shown
        return tuple(shown.Meta.fields)

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """Return the fields that `fields` asks for, in the order of the resource.

        An empty tuple means all fields.
        """
        asked = read_words(self.request, "fields")
        return tuple(name for name in self.known_fields if name in asked)

    def find_wrong_fields(self, request: Request) -> Sequence[Problem]:
        reason = _("is not a field of this resource")
        return [
            Problem("fields", name, reason, self.known_fields)
            for name in read_words(request, "fields")
            if name not in self.known_fields
        ]

    def keep_asked_fields(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a row with only the fields that `fields` asks for."""
        return {name: row[name] for name in self.fields} if self.fields else row

    # --- Finding the rows -------------------------------------------------------------------------

    def find_matches(self, selection: SelectionFilter) -> Ordered[Any]:
        """Return all rows or ids that the selection matches, in its order."""
        return StoredRows(selection.narrow_rows(self.get_queryset()))

    def read_part(self, selection: SelectionFilter) -> ListPart:
        matches = self.find_matches(selection)
        if "cursor" not in self.request.query_params:
            return self.take_page(selection, matches)
        with hold_one_state(connection):
            return self.take_window(selection, matches)

    def take_page(self, selection: SelectionFilter, matches: Ordered[Any]) -> ListPart:
        page = selection.current_page(PAGE_SIZE, matches)
        last = page.paginator.num_pages
        # The most important first: of links too long for a header the last are left out.
        numbers = {"next": page.number + 1, "prev": page.number - 1, "first": 1, "last": last}
        neighbours = {
            relation: {"page": str(number)} if number > 1 else {}
            for relation, number in numbers.items()
            if 1 <= number <= last
        }
        return ListPart(page.object_list, page.paginator.count, neighbours)

    def take_window(self, selection: SelectionFilter, matches: Ordered[Any]) -> ListPart:
        about = self.describe_list(selection)
        size = selection.values["page_size"] or PAGE_SIZE
        found = cursors.take_window(matches, self.read_cursor(about), size)
        ends = {"next": found.following, "prev": found.previous}
        neighbours = {
            relation: {"cursor": cursors.write_cursor(end, about)}
            for relation, end in ends.items()
            if end
        }
        return ListPart(found.rows, len(matches), neighbours | {"first": {"cursor": START}})

    def describe_list(self, selection: SelectionFilter) -> str:
        """Return the text that ties a cursor to this list, this selection and this order."""
        return f"{self.request.path}?{selection.query('page', 'page_size')}"

    def read_cursor(self, about: str) -> Cursor | None:
        """Return the cursor of the query, None for the start of the list.

        Raise WrongSelection if the cursor belongs to another list or selection.
        """
        try:
            word = SingleField().clean(self.request.query_params.getlist("cursor")) or START
        except ValidationError as error:
            raise WrongSelection([make_problem("cursor", error)]) from error
        found = None if word == START else cursors.read_cursor(word, about)
        if word != START and not found:
            reason = _("is not a cursor of this selection; begin with {start}").format(start=START)
            raise WrongSelection([Problem("cursor", word, reason)])
        return found

    # --- The answer -------------------------------------------------------------------------------

    def list_results(self, rows: Any) -> Sequence[Any]:
        """Return the rows of one page as the answer holds them."""
        return [self.keep_asked_fields(row) for row in self.serialise_rows(rows)]

    def serialise_rows(self, rows: Any) -> Sequence[Any]:
        serializer_class = self.list_serializer_class or self.get_serializer_class()
        context = self.get_serializer_context()
        return serializer_class(rows, many=True, context=context).data

    def build_url(self, selection: SelectionFilter, neighbour: Mapping[str, str]) -> str:
        """Return the address of a neighbouring page, with the same selection, fields and format."""
        page = {name: value for name, value in neighbour.items() if name == "page"}
        own = {name: value for name, value in neighbour.items() if name != "page"} | self.manner
        query = "&".join(filter(None, [selection.query("page", **page), urlencode(own, safe=",*")]))
        return build_absolute_url(f"{self.request.path}?{query}" if query else self.request.path)

    @property
    def manner(self) -> dict[str, str]:
        """Return the query's parameters that shape the answer: `fields`, `format`, `facets`."""
        asked = {name: read_words(self.request, name) for name in self.also if name != "cursor"}
        return {name: ",".join(words) for name, words in asked.items() if words}


class Resource(RetrieveModelMixin, ListResource):
    """A resource with a list, and with one address per row that accepts no selection."""

    lookup_field = "slug"
    lookup_value_regex = r"[^/]+"

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        unknown = list_unknown(request.query_params.items(), ("fields", *self.choosing))
        empty = find_empty("fields", request.query_params.getlist("fields"))
        if problems := [*unknown, *empty, *self.find_wrong_fields(request)]:
            raise WrongSelection(problems)
        return Response(self.describe_row(self.get_object()))

    def get_object(self) -> Any:
        try:
            return super().get_object()
        except Http404:
            raise self.make_missing() from None

    def make_missing(self) -> NothingThere:
        """Return the 404 for a row that does not exist, worded with what was asked."""
        kind = self.get_queryset().model._meta.verbose_name
        asked = shorten(self.kwargs[self.lookup_field])
        return NothingThere(_("There is no {kind} {asked}.").format(kind=kind, asked=asked))

    def describe_row(self, row: Any) -> Mapping[str, Any]:
        """Return the answer for one row."""
        return self.keep_asked_fields(self.get_serializer(row).data)


class IndexedResource(Resource):
    """A resource whose lists are selected and sorted by the index in memory."""

    def find_matches(self, selection: Any) -> Ordered[int]:
        return selection.matches

    def list_results(self, rows: Any) -> Sequence[Any]:
        """Return the rows of one page as JSON, from memory where they were made before."""
        # Rows with chosen fields serve few readers. They have a store of their own, so that they do
        # not push out the whole rows that many readers share.
        store = self.catalogue.marked_cards if self.fields else self.catalogue.cards
        kind = (type(self), get_language(), self.fields)
        return [*get_or_make(store, kind, rows, self.write_rows).values()]

    def write_rows(self, ids: Collection[int]) -> dict[int, orjson.Fragment]:
        """Return rows by id as JSON fragments that go into an answer as they are."""
        rows = self.read_rows(ids).items()
        return {pk: orjson.Fragment(to_json(self.keep_asked_fields(row))) for pk, row in rows}

    def read_rows(self, ids: Collection[int]) -> Mapping[int, Any]:
        """Return the serialised rows by id; an id without a row is left out."""
        rows = self.get_queryset().in_bulk(ids)
        return dict(zip(rows, self.serialise_rows(list(rows.values())), strict=True))


class LinkField(serializers.Field):
    """The public address of a row's page."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)

    def to_representation(self, value: Any) -> str:
        return build_absolute_url(value.get_absolute_url())


class StandingFigures(serializers.ListSerializer):
    """A list of figures with only those that stand; each knows its earlier ones."""

    def to_representation(self, data: Any) -> list[Any]:
        return super().to_representation(list_figures(data.all()))


class SourceField(serializers.Field):
    """The source of a fact: the source's slug, title and URL, and the place in it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)

    def to_representation(self, value: Sourced) -> dict[str, str] | None:
        if value.source is None:
            return None
        return {
            "slug": value.source.slug,
            "title": value.source.title,
            "url": value.source.url,
            "locator": value.locator,
        }


def make_slugs_field(key: str = "slug") -> serializers.SlugRelatedField:
    """Return a field that names related rows by their slug or code."""
    return serializers.SlugRelatedField(slug_field=key, many=True, read_only=True)


class NumberField(serializers.Field):
    """A number without empty decimals: 60000, not 60000.00."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, value: Decimal) -> int | float | None:
        return drop_empty_decimals(value)

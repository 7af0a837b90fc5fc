"""What every resource of the API has in common: lists, pages, errors, and how facts are told."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

import orjson
from django.conf import settings
from django.core.paginator import Page
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rest_framework import serializers, status, viewsets
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from programmes.cards import kept
from programmes.catalogue import Catalogue, catalogue_of
from programmes.models import Sourced
from programmes.parameters import Problem
from programmes.rendering import to_json
from programmes.rows import number
from programmes.selection import SelectionFilter

PAGE_SIZE = 25


class WrongSelection(APIException):
    """A request with wrong or unknown parameters; `errors` says which, and why."""

    status_code = status.HTTP_400_BAD_REQUEST

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.errors = [problem.as_dict() for problem in problems]
        parameters = ", ".join(dict.fromkeys(error["parameter"] for error in self.errors))
        super().__init__(_("These parameters are wrong: {names}.").format(names=parameters))


def absolute(path: str) -> str:
    """Return the public address of a path on this site."""
    return f"{settings.SITE_URL}{path}"


class Resource(viewsets.ReadOnlyModelViewSet):
    """A list with pages and a detail; both refuse parameters that they do not know."""

    filterset_class: type[SelectionFilter] = SelectionFilter
    list_serializer_class: type[serializers.BaseSerializer] | None = None
    lookup_field = "slug"
    lookup_value_regex = r"[^/]+"

    @cached_property
    def catalogue(self) -> Catalogue:
        """Return one and the same state of the catalogue for all of an answer."""
        return catalogue_of(self.request)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        selection = self.select(request)
        page = selection.current_page(PAGE_SIZE, self.matches(selection))
        return Response(self.answer(selection, page))

    def matches(self, selection: SelectionFilter) -> Sequence[Any]:
        """Return everything that the selection asks for, in order."""
        # A queryset is sequence enough for a paginator.
        return self.get_queryset()  # type: ignore[return-value]

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if request.query_params:
            reason = _("is not a parameter of this address")
            raise WrongSelection(
                Problem(name[:100], str(value)[:100], reason)
                for name, value in request.query_params.items()
            )
        return super().retrieve(request, *args, **kwargs)

    def select(self, request: Request) -> SelectionFilter:
        """Return the selection that was asked for; raise WrongSelection if anything is wrong."""
        selection = self.filterset_class(request.query_params, self.catalogue)
        if selection.problems:
            raise WrongSelection(selection.problems)
        return selection

    def answer(self, selection: SelectionFilter, page: Page) -> dict[str, Any]:
        """Return one page of a list: how many there are, its neighbours, its rows."""
        numbers = (
            page.number + 1 if page.has_next() else None,
            page.number - 1 if page.has_previous() else None,
        )
        following, previous = (self.address(selection, number) for number in numbers)
        return {
            "count": page.paginator.count,
            "next": following,
            "previous": previous,
            "results": self.results(page.object_list),
        }

    def results(self, rows: Any) -> Sequence[Any]:
        """Return what a list tells of the rows of one page."""
        serializer_class = self.list_serializer_class or self.get_serializer_class()
        context = self.get_serializer_context()
        return serializer_class(rows, many=True, context=context).data

    def address(self, selection: SelectionFilter, number: int | None) -> str | None:
        """Return the address of another page of the same selection."""
        if number is None:
            return None
        replaced = {"page": str(number)} if number > 1 else {}
        query = selection.query("page", **replaced)
        return absolute(f"{self.request.path}?{query}" if query else self.request.path)


class IndexedResource(Resource):
    """A resource whose lists the index answers."""

    def matches(self, selection: Any) -> Sequence[int]:
        return selection.matches

    def results(self, rows: Any) -> Sequence[Any]:
        """Return what a list tells of the rows of one page, made once while nothing changes."""
        return kept(self.catalogue.cards, (type(self), get_language()), rows, self.written)

    def written(self, ids: Collection[int]) -> dict[int, orjson.Fragment]:
        """Return rows as JSON, ready to be put into an answer."""
        return {pk: orjson.Fragment(to_json(row)) for pk, row in self.told(ids).items()}

    def told(self, ids: Collection[int]) -> Mapping[int, Any]:
        """Return what a list tells of some rows, by id."""
        serializer_class = self.list_serializer_class or self.get_serializer_class()
        rows = self.get_queryset().in_bulk(ids)
        context = self.get_serializer_context()
        told = serializer_class(list(rows.values()), many=True, context=context).data
        return dict(zip(rows, told, strict=True))


class LinkField(serializers.Field):
    """The public address of a row's page."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)

    def to_representation(self, value: Any) -> str:
        return absolute(value.get_absolute_url())


class SourceField(serializers.Field):
    """Where a fact stands: the source's slug, title and address, and the place in it."""

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


def slugs(key: str = "slug") -> serializers.SlugRelatedField:
    """Return a field that names related rows by their slug or code."""
    return serializers.SlugRelatedField(slug_field=key, many=True, read_only=True)


class NumberField(serializers.Field):
    """A number without empty decimals: 60000, not 60000.00."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, value: Decimal) -> int | float | None:
        return number(value)

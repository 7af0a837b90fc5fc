"""Lists and pickers of the admin that answer fast: what they show is worked out for a page."""

import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.text import smart_split, unescape_string_literal

from stemobs.admin.finding.known import Register
from stemobs.text import fold

MOST_PICKED = 500  # rows that a picker leads through; who wants others types more
MOST_COUNTED = 1_000  # rows that a list may have if each choice of its filters shows its number


def read_words(text: str) -> list[str]:
    """Return the words of a search, folded (case, accents); a quoted phrase counts as one word."""
    pieces = (
        unescape_string_literal(piece) if piece[0] in "\"'" and piece[0] == piece[-1] else piece
        for piece in smart_split(text)
    )
    return [fold(piece) for piece in pieces]


def count_rows(model: Any, column: str, counted: str = "pk", where: Q | None = None) -> Any:
    """Return an expression for how many rows of a model refer to a row by a column.

    If `counted` names another column, its different values are counted.
    """
    rows = model._base_manager.filter(where or Q(), **{column: OuterRef("pk")}).order_by()
    numbers = rows.values(column).annotate(number=Count(counted, distinct=counted != "pk"))
    return Coalesce(Subquery(numbers.values("number")), 0)


class FindsRows(admin.ModelAdmin):
    """Searches names and texts without regard for case and accents; pickers rank what they find.

    What the columns of a list tell beyond those of the table is worked out for the rows of a page.
    """

    show_full_result_count = False

    @cached_property
    def register(self) -> Register:
        return Register(self.model, self.search_fields, self.model._meta.ordering)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[Any, bool]:
        """Return the rows whose search fields together contain every word; ranked for a picker."""
        words = read_words(search_term)
        if is_picker(request):
            ids = self.register.look_up().rank(search_term, MOST_PICKED)
            return PickedRows(self.model, ids), False
        if not words:
            return queryset, False
        # Django calls this again for the counts of every filter, so the result is kept.
        found = request.__dict__.setdefault("_found", {})
        if search_term not in found:
            found[search_term] = self.register.look_up().find(words)
        return queryset.filter(pk__in=select_ids(found[search_term])), False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return QuickList

    def list_derived(self) -> dict[str, Any]:
        """Return the expressions that columns of the list show or are sorted by, by name."""
        return {}

    def derive(self, queryset: QuerySet) -> QuerySet:
        """Add to rows what the columns of the list show."""
        return queryset.annotate(**self.list_derived())


def select_ids(ids: Sequence[int]) -> RawSQL:
    """Return SQL that selects ids; as one parameter, because Django looks at each of many."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", [ids])  # ids are a parameter
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(ids)])  # the same


def is_picker(request: HttpRequest) -> bool:
    return bool(request.resolver_match and request.resolver_match.url_name == "autocomplete")


class PickedRows(Sequence[Any]):
    """The rows that a picker offers, in their order; those of a page are read when it is shown."""

    def __init__(self, model: Any, ids: Sequence[int]) -> None:
        self.model = model
        self.ids = ids

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, part: Any) -> Any:
        ids = self.ids[part] if isinstance(part, slice) else [self.ids[part]]
        rows = self.model._default_manager.in_bulk(ids)
        found = [rows[pk] for pk in ids if pk in rows]
        return found if isinstance(part, slice) else found[0]


class QuickList(ChangeList):
    """A list that finds the rows of a page first, and then what its columns tell of them."""

    model_admin: Any  # one that finds rows

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Each choice of a filter shows its number at once if that is quickly counted."""
        super().__init__(*args, **kwargs)
        if self.root_queryset.order_by()[: MOST_COUNTED + 1].count() <= MOST_COUNTED:
            self.add_facets, self.is_facets_optional = True, False

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> QuerySet:
        """Return the rows that are listed; none twice, without comparing all their texts."""
        rows = super().get_queryset(request, *args, **kwargs)
        if not rows.query.distinct:
            return rows
        ids = rows.order_by().values("pk")
        ids.query.distinct = False
        return self.root_queryset.filter(pk__in=ids).order_by(*rows.query.order_by)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[Any]:
        derived = self.model_admin.list_derived()
        return [sort_by(one, derived) for one in super().get_ordering(request, queryset)]

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        ids = list(self.result_list.values_list("pk", flat=True))
        joined = self.apply_select_related(self.root_queryset.filter(pk__in=ids).order_by())
        rows = {row.pk: row for row in self.model_admin.derive(joined)}
        self.result_list = [rows[pk] for pk in ids if pk in rows]


def sort_by(one: Any, derived: dict[str, Any]) -> Any:
    """Return what to sort by, a derived column as its expression."""
    name = one.removeprefix("-") if isinstance(one, str) else ""
    if name not in derived:
        return one
    return derived[name].desc() if one.startswith("-") else derived[name].asc()


class UsedOnly(admin.RelatedFieldListFilter):
    """Offers the values that some row of the list has, and asks for each whether there is one."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        ordering = self.field_admin_ordering(field, request, model_admin)
        used = model_admin.model._base_manager.filter(**{self.field_path: OuterRef("pk")})
        return field.get_choices(
            include_blank=False, ordering=ordering, limit_choices_to=Q(Exists(used))
        )

"""Lists and pickers of the admin that answer fast: what they show is worked out for a page."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import lookup_spawns_duplicates
from django.contrib.admin.views.main import ChangeList
from django.db import connection
from django.db.models import (
    BooleanField,
    Count,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.text import smart_split, unescape_string_literal

from stemobs.admin.finding.known import Register
from stemobs.text import fold

MOST_PICKED = 500  # rows that a picker leads through; who wants others types more
MOST_COUNTED = 1_000  # rows that a list may have if each choice of its filters shows its number
IS_CHOSEN = "__id__exact"  # ends the parameters of filters by a related row
FEW = 1_000  # found rows, up to which the database is asked which of them a filter lets through


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
    kept_number: Any = None  # a number of each row that is kept too, to sort the list by it

    @cached_property
    def register(self) -> Register:
        ordering = self.model._meta.ordering
        return Register(self.model, self.search_fields, ordering, self.kept_number)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[Any, bool]:
        """Return the rows whose search fields together contain every word; ranked for a picker."""
        words = read_words(search_term)
        if is_picker(request):
            ids = self.register.look_up().rank(search_term, MOST_PICKED)
            return PickedRows(self.model, ids), False
        request.__dict__["filtered"] = queryset  # the rows of a list before they are searched
        if not words:
            return queryset, False
        # Django calls this again for the counts of every filter, so the result is kept.
        found = request.__dict__.setdefault("_found", {})
        if search_term not in found:
            found[search_term] = self.register.look_up().find(words)
        return queryset.filter(IsAmong(found[search_term])), False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return QuickList

    def list_derived(self) -> dict[str, Any]:
        """Return the expressions that columns of the list show or are sorted by, by name."""
        return {}

    def derive(self, queryset: QuerySet) -> QuerySet:
        """Add to rows what the columns of the list show."""
        return queryset.annotate(**self.list_derived())


class IsAmong(Func):
    """Whether a row has one of some ids; as one parameter, because Django looks at each of many."""

    output_field = BooleanField()

    def __init__(self, ids: Iterable[int]) -> None:
        listed = ",".join(map(str, ids))
        is_array = connection.vendor == "postgresql"
        super().__init__(F("pk"), Value(f"{{{listed}}}" if is_array else f"[{listed}]"))

    def as_sqlite(self, *args: Any, **kwargs: Any) -> Any:
        joiner, template = " IN (SELECT value FROM json_each(", "%(expressions)s))"
        return self.as_sql(*args, arg_joiner=joiner, template=template, **kwargs)

    def as_postgresql(self, *args: Any, **kwargs: Any) -> Any:
        template = "%(expressions)s::bigint[])"
        return self.as_sql(*args, arg_joiner=" = ANY(", template=template, **kwargs)


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


class KnownIds(list[int]):
    """The ids of the rows of a list, in their order; Django leads through them as through rows."""

    def _clone(self) -> "KnownIds":
        return self


class QuickList(ChangeList):
    """A list that finds the rows of a page first, and then what its columns tell of them."""

    model_admin: Any  # one that finds rows
    sorted_by: list[Any]

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
        if self.has_each_once():
            rows.query.distinct = False
            return rows
        ids = rows.order_by().values("pk")
        ids.query.distinct = False
        return self.root_queryset.filter(pk__in=ids).order_by(*rows.query.order_by)

    def has_each_once(self) -> bool:
        """Return whether all filters that join other rows look for a chosen one of these."""
        joining = (
            name
            for name in self.get_filters_params()
            if lookup_spawns_duplicates(self.lookup_opts, name)
        )
        return all(name.endswith(IS_CHOSEN) and name.count("__") == 2 for name in joining)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[Any]:
        derived = self.model_admin.list_derived()
        self.sorted_by = [*dict.fromkeys(super().get_ordering(request, queryset))]
        return [sort_by(one, derived) for one in self.sorted_by]

    def get_results(self, request: HttpRequest) -> None:
        rows = self.queryset
        self.queryset = self.find_known(request) or rows
        super().get_results(request)
        self.queryset = rows
        found = self.result_list
        ids = found if isinstance(found, list) else [*found.values_list("pk", flat=True)]
        joined = self.apply_select_related(self.root_queryset.filter(pk__in=ids).order_by())
        rows = {row.pk: row for row in self.model_admin.derive(joined)}
        self.result_list = [rows[pk] for pk in ids if pk in rows]

    # What is known without the database

    def find_known(self, request: HttpRequest) -> KnownIds | None:
        """Return the ids of all rows of the list in their order, if the process knows it."""
        register = self.model_admin.register
        found = request.__dict__.get("_found", {}).get(self.query) if self.query else None
        first, *rest = self.sorted_by
        if (*self.sorted_by,) == register.ordering and found is not None:
            return self.filter_known(request, found)
        number = getattr(first, "expression", None)
        if number is None or number is not register.number or (*rest,) != register.ordering:
            return None
        ids = register.look_up().sort_by_number(first.descending)
        wanted = None if found is None else {*found}
        return self.filter_known(request, [pk for pk in ids if wanted is None or pk in wanted])

    def filter_known(self, request: HttpRequest, ids: list[int]) -> KnownIds:
        """Return those of some ids that the filters of the list let through."""
        rows = request.__dict__["filtered"].order_by()
        if not rows.query.where:
            return KnownIds(ids)
        if len(ids) <= FEW:
            rows = rows.filter(IsAmong(ids))
        rows.query.distinct = False
        passed = {*rows.values_list("pk", flat=True)}
        return KnownIds(pk for pk in ids if pk in passed)


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

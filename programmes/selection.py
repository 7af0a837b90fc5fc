"""What every selection has in common: how it reads an address, and what is wrong in it."""

import datetime
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Self
from urllib.parse import urlencode

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, QueryDict
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import is_naive, make_aware
from django.utils.translation import gettext as _

from partnerships.models import Organisation
from programmes.facets import Facet
from programmes.text import Search, fold, parse

MAX_PAGE_SIZE = 100
MAX_PAGE = 1_000_000
YEARS = (1800, 2100)


@dataclass(frozen=True)
class Problem:
    """One wrong part of a request: which parameter, what it was given, why that cannot be."""

    parameter: str
    value: str
    reason: str
    allowed: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it as the API's `errors` list holds it."""
        return {key: value for key, value in asdict(self).items() if value or key != "allowed"}


def wrong(value: str, reason: str, allowed: Iterable[str] = ()) -> ValidationError:
    params = {"value": value[:100], "allowed": tuple(allowed)}
    return ValidationError(reason, code="invalid", params=params)


def problem_of(parameter: str, error: ValidationError) -> Problem:
    """Return the problem that a field reported with `wrong()`."""
    params = error.params or {}
    return Problem(parameter, params["value"], str(error.message), params["allowed"])


class ValuesWidget(forms.Widget):
    """Reads every value that a parameter has in the address."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return data.getlist(name)


class FacetField(forms.Field):
    """The values of a facet: `country=NL&country=FI` and `country=NL,FI` mean the same."""

    widget = ValuesWidget

    def __init__(self, *, facet: Facet, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.facet = facet

    def clean(self, value: list[str]) -> list[str]:
        given = [part.strip() for item in value for part in item.split(",") if part.strip()]
        if not given:
            return []
        values = [self.facet.normalise(item) for item in given]
        known = self.known(values)
        if errors := [
            wrong(raw, _("is not one of its values"), self.allowed())
            for raw, item in zip(given, values, strict=True)
            if item not in known
        ]:
            raise ValidationError(errors)
        return sorted({known[item] for item in values})

    def known(self, values: Iterable[str]) -> Mapping[str, str]:
        """Return the values that exist, each with the value it stands for."""
        return {value: value for value in self.facet.labels()}

    def allowed(self) -> list[str]:
        return list(self.facet.labels())


class OrganisationField(FacetField):
    """Slugs of organisations; the slug of another name stands for the organisation."""

    def known(self, values: Iterable[str]) -> Mapping[str, str]:
        values = list(values)
        found = Organisation.objects.filter(Q(slug__in=values) | Q(names__slug__in=values))
        rows = found.values_list("slug", "names__slug")
        own = {slug: slug for slug, _name in rows}
        return {name: slug for slug, name in rows if name} | own

    def allowed(self) -> list[str]:
        return []


class SingleField(forms.Field):
    """A parameter that takes one value."""

    widget = ValuesWidget

    def clean(self, value: list[str]) -> Any:
        given = [item.strip() for item in value if item.strip()]
        if not given:
            return None
        if len(given) > 1:
            raise wrong(", ".join(given), _("may be given once only"))
        return self.read(given[0])

    def read(self, text: str) -> Any:
        return text


class WholeNumberField(SingleField):
    """A whole number between two bounds."""

    def __init__(self, *, bounds: tuple[int, int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bounds = bounds

    def read(self, text: str) -> int:
        low, high = self.bounds
        # isascii: int() would also take other scripts' digits; 9 digits: no endless numbers.
        if not (text.isascii() and text.isdigit() and len(text) <= 9 and low <= int(text) <= high):
            reason = _("is not a whole number from {low} to {high}").format(low=low, high=high)
            raise wrong(text, reason)
        return int(text)


class MomentField(SingleField):
    """A date or a time in ISO 8601, read as UTC; a time without zone is UTC."""

    def read(self, text: str) -> datetime.datetime:
        # A plus sign that was not encoded arrives as a space.
        moment = self.parse(text.replace(" ", "+"))
        if moment is None:
            raise wrong(text, _("is not a date or time in ISO 8601, such as 2026-11-21"))
        return moment

    def parse(self, text: str) -> datetime.datetime | None:
        try:
            day = parse_date(text)
            midnight = datetime.time.min
            moment = datetime.datetime.combine(day, midnight) if day else parse_datetime(text)
            if moment is None or is_naive(moment):
                return moment and make_aware(moment, datetime.UTC)
            return moment.astimezone(datetime.UTC)
        # OverflowError: in UTC it would lie before year 1 or after 9999.
        except (ValueError, OverflowError):
            return None


class SearchField(SingleField):
    """What to search for: 1 to 200 characters with at least one letter or digit."""

    def read(self, text: str) -> str:
        if len(text) > 200:
            raise wrong(text, _("is longer than 200 characters"))
        if not parse(text):
            raise wrong(text, _("has no letter and no digit"))
        return text


class OptionField(SingleField):
    """One of a few words."""

    def __init__(self, *, options: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.options = options

    def read(self, text: str) -> str:
        if text.lower() not in self.options:
            raise wrong(text, _("is not one of its values"), self.options)
        return text.lower()


class FacetFilter(django_filters.Filter):
    """Narrows programmes to those that have one of the chosen values."""

    field_class = FacetField

    def __init__(self, facet: Facet) -> None:
        super().__init__(facet.parameter, label=facet.label, facet=facet)
        self.facet = facet

    def filter(self, queryset: QuerySet, value: list[str]) -> QuerySet:
        return queryset.filter(pk__in=self.facet.matching(value)) if value else queryset


class OrganisationFilter(FacetFilter):
    field_class = OrganisationField


class SearchFilter(django_filters.Filter):
    field_class = SearchField


class YearFilter(django_filters.Filter):
    field_class = WholeNumberField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, bounds=YEARS, **kwargs)

    def filter(self, queryset: QuerySet, value: int | None) -> QuerySet:
        return queryset if value is None else super().filter(queryset, value)


class NumberFilter(django_filters.Filter):
    field_class = WholeNumberField


class MomentFilter(django_filters.Filter):
    field_class = MomentField


class OptionFilter(django_filters.Filter):
    field_class = OptionField


@dataclass(frozen=True)
class Chip:
    """A chosen value, and the query without it."""

    parameter: str
    name: str
    text: str
    query: str


@dataclass(frozen=True)
class Choice:
    """A value of a facet with its count; `most` is the largest count in the facet."""

    value: str
    label: str
    count: int
    is_chosen: bool
    most: int

    @property
    def share(self) -> int:
        """Return the count as a share of the largest, in steps of 5 from 0 to 100."""
        return round(20 * self.count / self.most) * 5 if self.most else 0


@dataclass(frozen=True)
class Panel:
    """A facet as a page shows it: choices with programmes, and the names of those without."""

    facet: Facet
    choices: list[Choice]
    missing: list[str]

    @property
    def chosen(self) -> int:
        return sum(choice.is_chosen for choice in self.choices)


class SelectionFilter(django_filters.FilterSet):
    """Base of every selection: checks each parameter and refuses unknown ones.

    `also` names parameters that belong to the surface that asks, such as a page's `view`.
    """

    # What rows are sorted by as people read it; empty where the model's own order will do.
    sort_columns: tuple[str, ...] = ()

    page = NumberFilter(bounds=(1, MAX_PAGE), method="leave")
    page_size = NumberFilter(bounds=(1, MAX_PAGE_SIZE), method="leave")

    @classmethod
    def get_filters(cls) -> OrderedDict[str, django_filters.Filter]:
        filters = super().get_filters()
        for name in ("page", "page_size"):
            filters.move_to_end(name)
        return filters

    def __init__(self, data: QueryDict, queryset: QuerySet, also: Iterable[str] = ()) -> None:
        super().__init__(data, queryset)
        self.asked = data
        self.rows = queryset
        self.also = tuple(also)

    @classmethod
    def lenient(
        cls, data: QueryDict, queryset: QuerySet, also: Iterable[str] = ()
    ) -> tuple[Self, list[Problem]]:
        """Return the selection without its wrong parts, and what was wrong."""
        selection = cls(data, queryset, also)
        problems = selection.problems
        if not problems:
            return selection, []
        right = data.copy()
        for problem in problems:
            right.setlist(problem.parameter, selection.kept(problem.parameter, problems))
        return cls(right, queryset, also), problems

    def kept(self, parameter: str, problems: Iterable[Problem]) -> list[str]:
        """Return the values of a parameter that nothing was wrong with."""
        bad = {problem.value for problem in problems if problem.parameter == parameter}
        facet = isinstance(self.filters.get(parameter), FacetFilter)
        given = ",".join(self.asked.getlist(parameter)).split(",") if facet else []
        return [value for value in given if value.strip()[:100] not in bad]

    @cached_property
    def problems(self) -> list[Problem]:
        """Return everything that is wrong with the request; empty if all is well."""
        known = [*self.filters, *self.also]
        unknown = [
            Problem(name[:100], value[:100], _("is not a parameter of this address"), tuple(known))
            for name in self.asked
            if name not in known
            for value in self.asked.getlist(name)[:1]
        ]
        errors = [
            problem_of(name, error)
            for name, errors in self.form.errors.as_data().items()
            for error in errors
        ]
        return unknown + errors

    @cached_property
    def values(self) -> dict[str, Any]:
        """Return the checked value of every parameter; ask only when there are no problems."""
        if not self.form.is_valid():
            raise ValueError(self.form.errors)
        return self.form.cleaned_data

    def narrowed(self, without: str = "") -> QuerySet:
        """Return the rows that match every parameter but one."""
        queryset = self.rows
        for name, value in self.values.items():
            if name != without:
                queryset = self.filters[name].filter(queryset, value)
        return queryset

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        return self.narrowed()

    def leave(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        """Let a parameter pass that does not narrow, such as the page."""
        return queryset

    @cached_property
    def parameters(self) -> list[tuple[str, str]]:
        """Return the canonical parameters: the contract's order, values sorted, no defaults."""
        return [
            (name, item) for name, value in self.values.items() for item in self.texts(name, value)
        ]

    def texts(self, name: str, value: Any) -> list[str]:
        if value in (None, []) or (name == "page" and value == 1):
            return []
        if isinstance(value, datetime.datetime):
            return [value.isoformat().replace("+00:00", "Z")]
        return value if isinstance(value, list) else [str(value)]

    def query(self, *leave_out: str, **replaced: str) -> str:
        """Return the canonical query, some parameters left out, some replaced."""
        gone = {*leave_out, *replaced}
        pairs = [pair for pair in self.parameters if pair[0] not in gone]
        return urlencode([*pairs, *replaced.items()])

    @property
    def chips(self) -> list["Chip"]:
        """Return what was chosen, each with the query that remains without it."""
        chips = []
        for name, value in self.parameters:
            if name in ("sort", "page", "page_size"):
                continue
            rest = [p for p in self.parameters if p != (name, value) and p[0] != "page"]
            facet = self.facets.get(name)
            text = facet.labels().get(value, value) if facet else value
            chips.append(Chip(name, str(self.filters[name].label), str(text), urlencode(rest)))
        return chips

    def panel(self, facet: Facet) -> "Panel":
        """Return a facet with the choices that the selection leaves, and their counts."""
        chosen = self.values[facet.parameter]
        counts = self.counts(facet)
        most = max(counts.values(), default=0)
        labels = facet.labels()
        choices = [
            Choice(value, str(label), counts.get(value, 0), value in chosen, most)
            for value, label in labels.items()
            if counts.get(value) or value in chosen
        ]
        if facet.limit:
            choices.sort(key=lambda choice: (not choice.is_chosen, -choice.count, choice.label))
            choices = choices[: max(facet.limit, len(chosen))]
        missing = [str(label) for value, label in labels.items() if value not in {*counts, *chosen}]
        return Panel(facet, choices, [] if facet.limit else missing)

    def ordered(self) -> list[int]:
        """Return the ids of the matching rows in the order in force.

        Names are sorted here and not by the database, whose alphabet depends on its kind.
        """
        if not self.sort_columns:
            return list(self.narrowed().values_list("pk", flat=True))
        rows = self.with_sort_columns(self.narrowed()).values("pk", *self.sort_columns)
        return [row["pk"] for row in sorted(rows, key=self.sort_key)]

    def with_sort_columns(self, rows: QuerySet) -> QuerySet:
        """Return the rows, unordered, with every column that they are sorted by."""
        return rows.order_by()

    def sort_key(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return what a row is sorted by: the tier of its match, then its columns folded."""
        values = (row[column] for column in self.sort_columns)
        read = (fold(value) if isinstance(value, str) else value for value in values)
        return (self.found.get(row["pk"], 0), *read)

    def current_page(self, default_size: int, rows: QuerySet | None = None) -> Page:
        """Return the page that was asked for, with its rows; raise Http404 for one past the end.

        `rows` is where to load them from, with everything that is going to be shown.
        """
        paginator = Paginator(self.ordered(), self.values["page_size"] or default_size)
        number = self.values["page"] or 1
        if number > paginator.num_pages:
            reason = _("The list ends with page {last}.").format(last=paginator.num_pages)
            raise Http404(reason)
        page = paginator.page(number)
        loaded = (self.rows if rows is None else rows).in_bulk(list(page.object_list))
        page.object_list = [loaded[pk] for pk in page.object_list]
        return page

    @property
    def facets(self) -> dict[str, Facet]:
        return {n: f.facet for n, f in self.filters.items() if isinstance(f, FacetFilter)}

    @cached_property
    def found(self) -> dict[int, int]:
        """Return the ids that the search finds, each with its tier: 0 is the best match."""
        return {}

    @cached_property
    def searched(self) -> Search:
        return parse(self.values.get("q") or "")

    def filter_search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(pk__in=self.found)

    def counts(self, facet: Facet) -> dict[str, int]:
        """Return how many rows each value would give with everything else as it is."""
        return facet.counts(self.narrowed(without=facet.parameter))

"""How the public asks: the selection, its parameters checked once for pages, API and the rest."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Lower
from django.http import QueryDict
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import is_naive, make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partnerships.models import Organisation
from programmes.facets import FACETS, ORGANISATION, ROLE, Facet
from programmes.index import search
from programmes.models import EvidenceStep, Programme
from programmes.text import Search, parse

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


class ValuesWidget(forms.Widget):
    """Reads every value that a parameter has in the address."""

    def value_from_datadict(self, data: QueryDict, files: Any, name: str) -> list[str]:
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
    """A date or a time in ISO 8601; a time without zone is UTC."""

    def read(self, text: str) -> datetime.datetime:
        # A plus sign that was not encoded arrives as a space.
        moment = self.parse(text.replace(" ", "+"))
        if moment is None:
            raise wrong(text, _("is not a date or time in ISO 8601, such as 2026-11-21"))
        return make_aware(moment, datetime.UTC) if is_naive(moment) else moment

    def parse(self, text: str) -> datetime.datetime | None:
        try:
            day = parse_date(text)
            midnight = datetime.time.min
            return datetime.datetime.combine(day, midnight) if day else parse_datetime(text)
        except ValueError:
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


class SelectionFilter(django_filters.FilterSet):
    """Base of every selection: checks each parameter and refuses unknown ones.

    `also` names parameters that belong to the surface that asks, such as a page's `view`.
    """

    page = NumberFilter(bounds=(1, MAX_PAGE), method="leave")
    page_size = NumberFilter(bounds=(1, MAX_PAGE_SIZE), method="leave")

    def __init__(self, data: QueryDict, queryset: QuerySet, also: Iterable[str] = ()) -> None:
        super().__init__(data, queryset)
        self.also = tuple(also)

    @classmethod
    def lenient(
        cls, data: QueryDict, queryset: QuerySet, also: Iterable[str] = ()
    ) -> tuple["SelectionFilter", list[Problem]]:
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
        given = ",".join(self.data.getlist(parameter)).split(",") if facet else []
        return [value for value in given if value.strip()[:100] not in bad]

    @cached_property
    def problems(self) -> list[Problem]:
        """Return everything that is wrong with the request; empty if all is well."""
        known = [*self.filters, *self.also]
        unknown = [
            Problem(name[:100], value[:100], _("is not a parameter of this address"), tuple(known))
            for name in self.data
            if name not in known
            for value in self.data.getlist(name)[:1]
        ]
        errors = [
            Problem(name, error.params["value"], str(error.message), error.params["allowed"])
            for name, errors in self.form.errors.as_data().items()
            for error in errors
        ]
        return unknown + errors

    @cached_property
    def values(self) -> dict[str, Any]:
        """Return the checked value of every parameter; ask only when there are no problems."""
        assert self.form.is_valid(), self.form.errors
        return self.form.cleaned_data

    def narrowed(self, without: str = "") -> QuerySet:
        """Return the rows that match every parameter but one."""
        queryset = self.queryset
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
            (name, item)
            for name, value in self.values.items()
            for item in self.texts(name, value)
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


SORTS = {
    "relevance": gettext_lazy("Best match"),
    "name": gettext_lazy("Name"),
    "newest": gettext_lazy("Newest start"),
    "oldest": gettext_lazy("Oldest start"),
    "evidence": gettext_lazy("Strongest evidence"),
    "updated": gettext_lazy("Last changed"),
}
EVIDENCE_RANK = Case(
    *(
        When(evidence=step, then=Value(rank))
        for rank, step in enumerate(EvidenceStep.values)
    ),
    output_field=IntegerField(),
)
BY_NAME = (Lower("name"), "slug")
NAME_PATHS = ("name", "short_name", "names__name")
TEXT_PATHS = (
    "summary",
    "description",
    "objectives",
    "activities",
    "impact",
    "reach_text",
    "funding_text",
    "key_statement",
    "region",
    "countries__name",
    "kinds__name",
    "audiences__name",
    "partnerships__organisation__name",
    "partnerships__organisation__names__name",
)


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


class ProgrammeFilter(SelectionFilter):
    """The selection of programmes, with the parameters of the public contract, in its order."""

    q = SearchFilter(label=gettext_lazy("Search"), method="filter_search")
    running_in = YearFilter(label=gettext_lazy("Running in"), method="filter_running")
    started_from = YearFilter("year_start", "gte", label=gettext_lazy("Started in or after"))
    started_to = YearFilter("year_start", "lte", label=gettext_lazy("Started in or before"))
    updated_since = MomentFilter("changed_at", "gte", label=gettext_lazy("Changed since"))
    sort = OptionFilter(label=gettext_lazy("Sort by"), options=SORTS, method="leave")

    base_order = (
        "q", *FACETS, "running_in", "started_from", "started_to", "updated_since",
        "sort", "page", "page_size",
    )  # fmt: skip

    @classmethod
    def get_filters(cls) -> dict[str, django_filters.Filter]:
        filters = {**super().get_filters()}
        for name, facet in FACETS.items():
            filters[name] = OrganisationFilter(facet) if facet is ORGANISATION else FacetFilter(facet)
        return {name: filters[name] for name in cls.base_order}

    @cached_property
    def searched(self) -> Search:
        return parse(self.values["q"] or "")

    @cached_property
    def found(self) -> list[int]:
        """Return the ids that the search finds, best first, the newest start first among equals."""
        newest_first = self.queryset.order_by(F("year_start").desc(nulls_last=True), *BY_NAME)
        return search(self.searched, newest_first, NAME_PATHS, TEXT_PATHS)

    @property
    def sort(self) -> str:
        """Return the order in force: best match with a search, else strongest evidence."""
        chosen = self.values["sort"]
        if chosen == "relevance" and not self.searched:
            chosen = None
        return chosen or ("relevance" if self.searched else "evidence")

    def narrowed(self, without: str = "") -> QuerySet:
        """Narrow; an organisation and a role must be those of one and the same partnership."""
        roles = self.values["role"]
        organisations = self.values["organisation"] if without != "organisation" else []
        if not (roles and organisations) or without == "role":
            return super().narrowed(without)
        both = Programme.objects.filter(
            ORGANISATION.condition(organisations), ROLE.condition(roles)
        ).order_by()
        return super().narrowed(without).filter(pk__in=both.values("pk"))

    def ordered(self) -> QuerySet:
        """Return the matching programmes in the order in force; unknown years come last."""
        programmes = self.narrowed()
        match self.sort:
            case "relevance":
                places = [When(pk=pk, then=Value(n)) for n, pk in enumerate(self.found)]
                return programmes.order_by(
                    Case(*places, default=Value(0), output_field=IntegerField())
                )
            case "newest":
                return programmes.order_by(F("year_start").desc(nulls_last=True), *BY_NAME)
            case "oldest":
                return programmes.order_by(F("year_start").asc(nulls_last=True), *BY_NAME)
            case "updated":
                return programmes.order_by("-changed_at", *BY_NAME)
            case "name":
                return programmes.order_by(*BY_NAME)
        return programmes.with_evidence().order_by(EVIDENCE_RANK, *BY_NAME)

    def counts(self, facet: Facet) -> dict[str, int]:
        """Return how many programmes each value would give with everything else as it is."""
        return facet.counts(self.narrowed(without=facet.parameter))

    @property
    def chips(self) -> list["Chip"]:
        """Return what was chosen, each with the query that remains without it."""
        chips = []
        for name, value in self.parameters:
            if name in ("sort", "page", "page_size"):
                continue
            rest = [pair for pair in self.parameters if pair not in ((name, value), ("page", value))]
            rest = [pair for pair in rest if pair[0] != "page"]
            facet = FACETS.get(name)
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
        missing = [str(label) for value, label in labels.items() if value not in counts]
        return Panel(facet, choices, [] if facet.limit else missing)

    def filter_search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(pk__in=self.found)

    def filter_running(self, queryset: QuerySet, name: str, value: int) -> QuerySet:
        """Keep what is known to have run that year: an unknown end is not “until today”."""
        started = Q(year_start__lte=value) | Q(year_start=None)
        still_running = Q(year_end__gte=value) | Q(
            year_end=None, status=Programme.Status.ACTIVE, status_as_of__gte=value
        )
        only_year_known = Q(year_start=None) & ~Q(year_end=value) & ~Q(status_as_of=value)
        return queryset.filter(started & still_running).exclude(only_year_known)

    def texts(self, name: str, value: Any) -> list[str]:
        default = "relevance" if self.values["q"] else "evidence"
        return [] if name == "sort" and value == default else super().texts(name, value)



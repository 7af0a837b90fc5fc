"""Fields and filters that parse and check the query parameters of pages and the API."""

import datetime
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

import django_filters
from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import is_naive, localdate, make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.programmes import YEARS
from stemobs.selection.facets import ORGANISATION, Facet
from stemobs.text import drop_invisible, parse_search

MAX_QUERY = 200  # the longest allowed search, in characters
EMPTY = gettext_noop("is empty")
FOREIGN = gettext_noop("is not a parameter of this address")
# How many characters of a date and time stand before the time: “2026-11-21T”.
BEHIND_DAY = 11
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
LEAP = re.compile(r"(?<=^\d\d:\d\d:)60(\.\d+)?")
MAX_REPEATED = 100  # how many characters of a wrong name or value an error message repeats


@dataclass(frozen=True)
class Problem:
    """An error in a request: the parameter, the value given, the reason, and the allowed values.

    Long names and values are cut, so that an answer does not repeat them in full.
    """

    parameter: str
    value: str
    reason: str
    allowed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # A frozen dataclass forbids plain assignment.
        object.__setattr__(self, "parameter", shorten(self.parameter))
        object.__setattr__(self, "value", shorten(self.value))

    @property
    def given(self) -> str:
        """What stands in the address: “country=XX”, or the name alone without a value."""
        return f"{self.parameter}={self.value}" if self.value else self.parameter

    @property
    def is_foreign(self) -> bool:
        """Whether the address knows no parameter of this name."""
        return self.reason == _(FOREIGN)

    def as_dict(self) -> dict[str, Any]:
        """Return the problem as an item of the API's `errors` list; empty `allowed` is left out."""
        return {key: value for key, value in asdict(self).items() if value or key != "allowed"}


def find_empty(parameter: str, values: Iterable[str]) -> list[Problem]:
    """Return a problem if any of the values is empty: who gives a parameter must give a value."""
    return [] if all(map(str.strip, values)) else [Problem(parameter, "", _(EMPTY))]


def shorten(asked: str) -> str:
    """Cut a name or value from a request to the length that an answer repeats."""
    return asked[:MAX_REPEATED]


def make_error(value: str, reason: str, allowed: Iterable[str] = ()) -> ValidationError:
    params = {"value": shorten(value), "allowed": tuple(allowed)}
    return ValidationError(reason, code="invalid", params=params)


def make_problem(parameter: str, error: ValidationError) -> Problem:
    """Return a problem for a validation error that a field made with `make_error()`."""
    params = error.params or {}
    return Problem(parameter, params["value"], str(error.message), params["allowed"])


def write_query(pairs: Iterable[tuple[str, str]]) -> str:
    """Return a query string in which the values of one parameter are joined by commas.

    So an address is about as short as a reader would write it; `urlencode` makes three characters
    of each comma.
    """
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return urlencode({name: ",".join(some) for name, some in values.items()}, safe=",")


def list_unknown(
    given: Iterable[tuple[str, Any]],
    known: Collection[str],
    allowed: Iterable[str] | None = None,
) -> list[Problem]:
    """Return a problem for each given pair (name, value) whose name the address does not know.

    `allowed` are the parameter names that the problems suggest; by default all known ones.
    """
    instead = tuple(known if allowed is None else allowed)
    return [
        Problem(name, str(value), _(FOREIGN), instead) for name, value in given if name not in known
    ]


def name_wrong(names: Iterable[str]) -> str:
    """Return an error message that names the wrong parameters, each of them once."""
    told = ", ".join(dict.fromkeys(map(shorten, names)))
    return _("These parameters are wrong: {names}.").format(names=told)


def make_refusal(names: Iterable[str]) -> BadRequest:
    """Return a BadRequest whose message names the wrong parameters, for files and feeds."""
    return BadRequest(name_wrong(names))


def make_refusal_of(name: str, error: ValidationError) -> BadRequest:
    """Return a BadRequest that says what is wrong with the value of a parameter of a page."""
    reason = make_problem(name, error).reason
    return BadRequest(_("{name} {reason}.").format(name=name, reason=reason))


def refuse_parameters(given: Collection[str]) -> None:
    """Raise BadRequest if an address that takes no parameters is given any."""
    if given:
        raise make_refusal(given)


class ValuesField(forms.Field):
    """Field for any number of values; `country=NL&country=FI` means the same as `country=NL,FI`."""

    def clean(self, value: list[str]) -> list[str]:
        return [part.strip() for item in value for part in item.split(",")]


class SingleField(forms.Field):
    """Field for at most one value; it is an error to give several."""

    def clean(self, value: list[str]) -> Any:
        given = [item.strip() for item in value]
        if not given:
            return None
        if len(given) > 1:
            raise make_error(", ".join(given), _("may be given once only"))
        if not given[0]:
            raise make_error("", _(EMPTY))
        return self.read(given[0])

    def read(self, text: str) -> Any:
        return text


class WholeNumberField(SingleField):
    """Field for a whole number between two bounds, which are included."""

    def __init__(self, *, bounds: tuple[int, int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bounds = bounds

    def read(self, text: str) -> int:
        low, high = self.bounds
        # isascii: int() also accepts digits of other scripts. Nine digits at most, because
        # converting very long numbers is slow.
        if not (text.isascii() and text.isdigit() and len(text) <= 9 and low <= int(text) <= high):
            reason = _("is not a whole number from {low} to {high}").format(low=low, high=high)
            raise make_error(text, reason)
        return int(text)


class MomentField(SingleField):
    """Field for a date or time in ISO 8601 or RFC 3339, converted to UTC; without a zone it is UTC.

    RFC 3339 allows small letters, a space before the time, and the second 60 of a leap second.
    """

    def read(self, text: str) -> datetime.datetime:
        # A plus sign that was not percent-encoded in the address arrives as a space. The space
        # after the day stands between day and time.
        day, time = text[:BEHIND_DAY].upper(), text[BEHIND_DAY:].upper().replace(" ", "+")
        moment = self.parse_leap_second(day, time) if LEAP.search(time) else self.parse(day + time)
        if moment is None:
            raise make_error(text, _("is not a date or time in ISO 8601, such as 2026-11-21"))
        return moment

    def parse_leap_second(self, day: str, time: str) -> datetime.datetime | None:
        """Return the moment after a leap second, which ends a day in UTC; None at other times."""
        moment = self.parse(day + LEAP.sub("59", time))
        if moment is None or (moment.hour, moment.minute) != (23, 59):
            return None
        return moment + datetime.timedelta(seconds=1) if moment.year < YEARS[1] else None

    def parse(self, text: str) -> datetime.datetime | None:
        try:
            day = parse_date(text)
            midnight = datetime.time.min
            moment = datetime.datetime.combine(day, midnight) if day else parse_datetime(text)
            if moment is None or is_naive(moment):
                return moment and make_aware(moment, datetime.UTC)
            return moment.astimezone(datetime.UTC)
        # OverflowError: converted to UTC, the time is before year 1 or after year 9999.
        except (ValueError, OverflowError):
            return None


class DayField(SingleField):
    """Field for a day that has begun, as YYYY-MM-DD."""

    def read(self, text: str) -> datetime.date:
        try:
            day = datetime.date.fromisoformat(text) if DAY.fullmatch(text) else None
        except ValueError:
            day = None
        if day is None:
            raise make_error(text, _("is not a day, such as 2026-11-21"))
        if day > localdate():
            raise make_error(text, _("is a day that has not come yet"))
        return day


class SearchField(SingleField):
    """Field for a search text: at most MAX_QUERY characters, with at least one letter or digit."""

    def read(self, text: str) -> str:
        if len(text) > MAX_QUERY:
            raise make_error(text, _("is longer than {most} characters").format(most=MAX_QUERY))
        if not parse_search(text):
            raise make_error(text, _("has no letter and no digit"))
        return drop_invisible(text)


class OptionField(SingleField):
    """Field for one of a fixed set of words, in capital or small letters."""

    def __init__(self, *, options: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.options = options

    def read(self, text: str) -> str:
        if text.lower() not in self.options:
            raise make_error(text, _("is not one of its values"), self.options)
        return text.lower()


class Parameter(django_filters.Filter):
    """Base of the filters that read one query parameter."""

    def read(self, given: list[str], catalogue: Catalogue) -> Any:
        """Return the parsed value of a parameter; raise ValidationError if it is not allowed."""
        return self.field.clean(given)


class FacetFilter(Parameter):
    """Parameter that takes values of a facet; unknown values are errors."""

    field_class = ValuesField

    def __init__(self, facet: Facet) -> None:
        super().__init__(facet.parameter, label=facet.label)
        self.facet = facet

    def read(self, given: list[str], catalogue: Catalogue) -> list[str]:
        parts = super().read(given, catalogue)
        if not parts:
            return []
        known = {
            part: self.find_known_value(self.facet.normalise(part), catalogue) for part in parts
        }
        unknown = [part for part, value in known.items() if value is None]
        if unknown:
            reason, allowed = _("is not one of its values"), self.list_allowed(catalogue)
            raise ValidationError(
                [make_error(part, reason if part else _(EMPTY), allowed) for part in unknown]
            )
        return sorted({value for value in known.values() if value is not None})

    def find_known_value(self, value: str, catalogue: Catalogue) -> str | None:
        """Return the value of the facet that the given text means; None if it means none."""
        value = self.facet.list_retired(catalogue).get(value) or value
        return value if value in self.facet.labels(catalogue) else None

    def list_allowed(self, catalogue: Catalogue) -> list[str]:
        return list(self.facet.labels(catalogue))


class OrganisationFacetFilter(FacetFilter):
    """Parameter that takes slugs of organisations, also the slugs of their other names."""

    def __init__(self) -> None:
        super().__init__(ORGANISATION)

    def find_known_value(self, value: str, catalogue: Catalogue) -> str | None:
        index = catalogue.organisations
        if value in index.slugs:
            return value
        known_as = index.find_with_value("alias", [value])
        return index.entries[known_as.min()].slug if known_as else None

    def list_allowed(self, catalogue: Catalogue) -> list[str]:
        return []  # there are too many organisations to list in an error


class SearchFilter(Parameter):
    """Parameter for a search text."""

    field_class = SearchField


class NumberFilter(Parameter):
    """Parameter for a whole number."""

    field_class = WholeNumberField


class YearFilter(NumberFilter):
    """Parameter for a year."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(bounds=YEARS, **kwargs)


class MomentFilter(Parameter):
    """Parameter for a date, with or without a time."""

    field_class = MomentField


class OptionFilter(Parameter):
    """Parameter for one of a fixed set of words."""

    field_class = OptionField

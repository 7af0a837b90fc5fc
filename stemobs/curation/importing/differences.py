"""What a row of a partner's file says that its record does not say already."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from programmes.models import Programme
from stemobs.curation.importing.drafting import Fact, RowFacts
from stemobs.curation.importing.organisations import PartnerFound
from stemobs.curation.reading.places import reduce_address
from stemobs.text import fold

# What is read with the records that a file is about.
READ_WITH = (
    "countries", "levels", "kinds", "audiences", "names", "reach__unit", "funding",
    "partnerships", "citations__source",
)  # fmt: skip
KEYS: Mapping[str, Callable[[Any], str]] = {
    "countries": lambda one: str(one.code),
    "levels": lambda one: str(one.code),
    "kinds": lambda one: str(one.slug),
    "audiences": lambda one: str(one.slug),
}
OF_FIGURE = ("qualifier", "year_from", "year_to")
UNKNOWN_STATUS = Programme.Status.UNKNOWN


def find_differences(record: Programme, facts: RowFacts) -> tuple[RowFacts, dict[str, str]]:
    """Return what a record would get by a row, and what it says now of the fields that it sets."""
    fields = dict(find_new_fields(record, facts.fields))
    was = {name: write_value(getattr(record, name)) for name in fields}
    if fields.get("status") and record.status == UNKNOWN_STATUS:
        was["status"] = ""
    known = {fold(record.name), *(fold(one.name) for one in record.names.all())}
    left = replace(
        facts,
        fields=fields,
        terms=find_new_terms(record, facts.terms),
        names=[one for one in facts.names if fold(one) not in known],
        reach=[one for one in facts.reach if not any(map(match_reach(one), record.reach.all()))],
        funding=[
            one for one in facts.funding if not any(map(match_sum(one), record.funding.all()))
        ],
        partners=find_new_partners(record, facts.partners),
        addresses=find_new_addresses(record, facts.addresses),
        note="",
    )
    return left, was


def find_new_fields(record: Programme, fields: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """Yield the fields that a record does not say so; how far it reaches is the curators' word."""
    for name, value in fields.items():
        was = write_value(getattr(record, name))
        is_same = was == value
        if name == "website":
            is_same = reduce_address(was) == reduce_address(value)
        elif name == "region":
            is_same = fold(was) == fold(value)
        elif name == "languages":
            is_same = {*value.split(", ")} <= {one.strip() for one in was.split(",")}
        if not is_same and name != "scope":
            yield name, value


def write_value(value: Any) -> str:
    """Return a field as a row says it: nothing for what is not known."""
    return "" if value in (None, False) else str(value)


def find_new_terms(record: Programme, terms: Mapping[str, list[str]]) -> dict[str, list[str]]:
    found = {}
    for relation, keys in terms.items():
        had = {KEYS[relation](one) for one in getattr(record, relation).all()}
        if new := [key for key in keys if key not in had]:
            found[relation] = new
    return found


def match_reach(told: Fact) -> Callable[[Any], bool]:
    """Return what says whether a stored figure is the one that a row tells.

    Figures that were replaced or retracted count as well: a file must not bring them back.
    """

    def is_same(row: Any) -> bool:
        return (
            row.unit.slug == told.get("unit")
            and is_number(row.value, told.get("value"))
            and is_number(row.value_max, told.get("value_max"))
            and is_alike(row, told)
        )

    return is_same


def match_sum(told: Fact) -> Callable[[Any], bool]:
    def is_same(row: Any) -> bool:
        return (
            row.currency == told.get("currency", "")
            and is_number(row.amount, told.get("amount"))
            and is_number(row.amount_max, told.get("amount_max"))
            and is_alike(row, told)
        )

    return is_same


def is_alike(row: Any, told: Fact) -> bool:
    """Whether a figure is as exact as a row says, and of the same years, if the row names any."""
    for name in OF_FIGURE:
        value = told.get(name, "")
        if value and write_value(getattr(row, name)) != str(value):
            return False
    return True


def is_number(stored: Decimal | None, told: Any) -> bool:
    if stored is None or not told:
        return stored is None and not told
    try:
        return stored == Decimal(str(told))
    except InvalidOperation:
        return False


def find_new_partners(
    record: Programme, partners: Iterable[tuple[PartnerFound, str]]
) -> list[tuple[PartnerFound, str]]:
    """Return who takes part by a row and not by the record; who is “partner” may be more there."""
    had = {(one.organisation_id, one.role) for one in record.partnerships.all()}
    takes_part = {pk for pk, _role in had}
    return [
        (one, role)
        for one, role in partners
        if (one.pk, role) not in had and not (role == "partner" and one.pk in takes_part)
    ]


def find_new_addresses(record: Programme, addresses: Iterable[str]) -> list[str]:
    cited = (one.source.url for one in record.citations.all() if one.source)
    had = {reduce_address(url) for url in cited if url}
    return [one for one in addresses if reduce_address(one) not in had]

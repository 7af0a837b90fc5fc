"""Which columns hold addresses of the web, which addresses stand there, and in which rows.

The columns are those of the models that are made for addresses, so a new one is among them.
Addresses of drafts count too: only curators learn what was found.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models
from django.db.models import Q

from programmes.models import Source

APPS = ("programmes", "partnerships")
# The pattern of addresses by which the Web Archive lists its copies of a page.
ARCHIVE = "https://web.archive.org/web/*/{}"


class AddressColumn(NamedTuple):
    """A column of addresses."""

    model: type[models.Model]
    name: str


class Naming(NamedTuple):
    """A row that names an address: the row, and the record in whose form it stands."""

    row: Any
    record: Any
    column: AddressColumn


@cache
def list_columns() -> tuple[AddressColumn, ...]:
    """Return all columns of addresses, of all models."""
    return tuple(
        AddressColumn(model, field.name)
        for app in APPS
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.URLField)
    )


def read_addresses() -> set[str]:
    """Return each address that stands in some row, once."""
    found: set[str] = set()
    for model, name in list_columns():
        rows = model._base_manager.exclude(**{name: ""}).order_by()
        found.update(rows.values_list(name, flat=True).distinct().iterator(chunk_size=2_000))
    return found - {""}  # what is no address of the web reads as empty


def find_namings(addresses: Iterable[str]) -> dict[str, list[Naming]]:
    """Return the rows that name some addresses, in one query for each column."""
    wanted = [*addresses]
    found: defaultdict[str, list[Naming]] = defaultdict(list)
    for column in list_columns():
        owner = find_owner(column.model)
        rows = column.model._base_manager.filter(**{f"{column.name}__in": wanted}).order_by("pk")
        for row in rows.select_related(owner) if owner else rows:
            record = getattr(row, owner) if owner else row
            found[getattr(row, column.name)].append(Naming(row, record, column))
    return found


def find_owner(model: type[models.Model]) -> str:
    """Return the name of the key that leads from a fact to its record; "" if it is a record."""
    return "programme" if any(one.name == "programme" for one in model._meta.fields) else ""


def find_archived(addresses: Iterable[str]) -> dict[str, str]:
    """Return the copies that curators have noted of addresses, by address."""
    sources = Source.objects.filter(~Q(archived_url=""), url__in=[*addresses])
    return dict(sources.values_list("url", "archived_url"))


def offer_archive(address: str, archived: str = "") -> str:
    """Return where copies of a page are: the one that curators have noted, or the Web Archive."""
    return archived or ARCHIVE.format(address)

"""What the catalogue knows already, as plain data, for reading what a partner's file says."""

from collections.abc import Iterable
from typing import Any

from programmes.models import (
    Audience,
    Country,
    EducationLevel,
    InitiativeKind,
    RememberedColumn,
    Unit,
)
from stemobs.curation.importing.columns.settling import is_unsettled
from stemobs.curation.importing.shapes import FileColumn, KnownTerms
from stemobs.text import fold

LONGEST_NAME = 200  # letters of a column's name that are remembered


def read_terms() -> KnownTerms:
    """Return the words of the vocabularies, by which cells are understood."""
    levels = EducationLevel.objects.values_list("code", "name")
    units: Any = Unit.objects.get_queryset()
    return KnownTerms(
        units=dict(units.offered().values_list("slug", "name")),
        countries=dict(Country.objects.values_list("code", "name")),
        levels={str(code): name for code, name in levels},
        kinds=dict(InitiativeKind.objects.offered().values_list("slug", "name")),
        audiences=dict(Audience.objects.offered().values_list("slug", "name")),
        merged_units=dict(units.retired.exclude(into="").values_list("slug", "into")),
    )


def name_column(name: str) -> str:
    """Return the name of a column as it is remembered."""
    return fold(name)[:LONGEST_NAME]


def read_remembered(names: Iterable[str]) -> dict[str, str]:
    """Return what columns with these names became in earlier files, by their folded names."""
    wanted = {name_column(name) for name in names}
    rows = RememberedColumn.objects.filter(name__in=wanted)
    return dict(rows.values_list("name", "target"))


def remember_columns(columns: Iterable[FileColumn]) -> None:
    """Keep what each column of a file became, with its unit, for the next such column.

    What nobody has confirmed is not kept: the next file would take it for sure.
    """
    for column in columns:
        name = name_column(column.name)
        if name and not is_unsettled(column):
            told = f"{column.target}:{column.unit}" if column.unit else column.target
            RememberedColumn.objects.update_or_create(name=name, defaults={"target": told})

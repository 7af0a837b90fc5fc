"""How each value of an entry is known: as its own citations say, else it is our reading.

A value is stated only where a source is cited for that very value.
"""

from collections.abc import Collection
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from programmes.models import Citation, Field, Programme

NOT_STATED = "not-stated"
OUR_READING = _("our reading of the sources of this record")

BASIS_WORDS = {
    Citation.Basis.STATED: _("stated"),
    Citation.Basis.INFERRED: _("inferred"),
    Citation.Basis.DECLARED_NOT_AVAILABLE: _("not published"),
    NOT_STATED: _("not known yet"),
}

# The columns and relations that hold the value of each part of an entry.
VALUES: dict[str, tuple[str, ...]] = {
    Field.DESCRIPTION: ("description",),
    Field.COUNTRIES: ("countries", "countries_note"),
    Field.LEVELS: ("levels", "is_vocational"),
    Field.KINDS: ("kinds",),
    Field.FACTORS: ("factors",),
    Field.AUDIENCES: ("audiences",),
    Field.AGES: ("age_min", "age_max"),
    Field.LANGUAGES: ("languages",),
    Field.DURATION: ("duration",),
    Field.YEAR_START: ("year_start",),
    Field.YEAR_END: ("year_end",),
    Field.STATUS: ("status",),
    Field.IMPACT: ("impact",),
    Field.REACH: ("reach", "reach_text"),
    Field.FUNDING: ("funding", "funding_text"),
    Field.EVALUATION: ("evaluations",),
    Field.OBJECTIVES: ("objectives",),
    Field.ACTIVITIES: ("activities",),
    Field.KEY_STATEMENT: ("key_statement",),
    Field.HIGHLIGHT: ("highlighted_summary", "highlighted_impact"),
}
# In lists and files the basis of each of these values has a column of its own.
BESIDE = (
    Field.COUNTRIES, Field.LEVELS, Field.KINDS, Field.FACTORS, Field.AUDIENCES, Field.DURATION,
    Field.STATUS, Field.YEAR_START, Field.YEAR_END,
)  # fmt: skip
# How long a participant is involved cannot be read from a record as a whole.
NEVER_ASSUMED = (Field.DURATION,)


def is_filled(value: Any) -> bool:
    """Whether a column or the related rows of an entry say something."""
    if hasattr(value, "all"):
        return bool(list_told(value))
    return value is not False and value not in (None, "", [], Programme.Status.UNKNOWN)


def list_told(related: Any) -> list[Any]:
    """Return the related rows of an entry, of figures only those that stand."""
    return [row for row in related.all() if getattr(row, "is_current", True)]


def find_basis(field: str, has_value: bool, cited: Collection[str]) -> str:
    """Return the basis of a field; `cited` are the bases of its own citations and sourced rows.

    One of “stated”, “inferred”, “declared-not-available” and “not-stated”.
    """
    for basis in cited:
        if basis != Citation.Basis.STATED:
            return basis
    if has_value and cited:
        return Citation.Basis.STATED
    return Citation.Basis.INFERRED if has_value and field not in NEVER_ASSUMED else NOT_STATED


def name_basis(field: str) -> str:
    """Return the name of the column with the basis of a field: “levels_basis”."""
    return f"{field}_basis"


BASIS_COLUMNS = {name_basis(field): field for field in BESIDE}
BASIS_MEANINGS = {
    name: format_lazy(
        _("How `{column}` is known: from a source, by our reading, or not at all."), column=field
    )
    for name, field in BASIS_COLUMNS.items()
}

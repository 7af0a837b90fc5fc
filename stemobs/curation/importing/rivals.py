"""Stored figures of which a row tells another number, for the same years: which of them stands?"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from programmes.models import Figure, Reach
from stemobs.curation.importing.drafting import Fact
from stemobs.curation.tasks.numbers import are_apart
from stemobs.entries.wording import format_figure, format_reached

YEARS = ("year_from", "year_to")


@dataclass(frozen=True)
class Rival:
    """A figure that a row tells, and the stored one that says another number of the same."""

    told: Fact
    stored: Reach


def find_rivals(told: Iterable[Fact], stored: Iterable[Reach]) -> list[Rival]:
    """Return what a row tells otherwise than the figures that stand, each of those once."""
    standing = [row for row in stored if row.is_current]
    found = []
    for one in told:
        rival = next((row for row in standing if is_rival(one, row)), None)
        if rival:
            standing.remove(rival)
            found.append(Rival(one, rival))
    return found


def is_rival(told: Fact, row: Reach) -> bool:
    """Whether a row tells of the same as a figure, and both numbers cannot be right.

    Without a year, or counted over another time, both may be.
    """
    years = [str(told.get(name) or "") for name in YEARS]
    is_same = (
        any(years)
        and years == [str(getattr(row, name) or "") for name in YEARS]
        and told.get("unit") == row.unit.slug
        and told.get("unit_detail", "") == row.unit_detail
        and told.get("period_type", "") in ("", row.period_type)
    )
    return is_same and are_apart(make_figure(told), row)


def make_figure(told: Fact) -> Any:
    """Return a figure that is not stored, with the number of a row."""
    most = told.get("value_max")
    return Reach(
        value=Decimal(told["value"]),
        value_max=Decimal(most) if most else None,
        qualifier=told.get("qualifier") or Figure.Qualifier.EXACT,
    )


def tell_rival(name: str, rival: Rival) -> str:
    """Return what the catalogue says of a programme, and what the file says of the same."""
    return _("%(name)s: %(stored)s here, %(told)s in the file") % {
        "name": name,
        "stored": tell_stored(rival.stored),
        "told": tell_number(make_figure(rival.told)),
    }


def tell_stored(row: Reach) -> str:
    return f"{tell_number(row)} {format_reached(row)}"


def tell_number(row: Reach) -> str:
    return format_figure(row.qualifier, row.value, row.value_max)

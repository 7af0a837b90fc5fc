"""Numbers, years and money as people read them: never more exact than the source."""

from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from programmes.models import Figure, Reach

MILLION = Decimal(1_000_000)
BILLION = Decimal(1_000_000_000)
NO_BREAK_SPACE = "\u00a0"


def format_number(value: Decimal) -> str:
    """Return a number with separated thousands and no empty decimals: 60,000 or 59.5."""
    return number_format(
        value.normalize() if value % 1 else value.to_integral(), force_grouping=True
    )


def format_large_number(value: Decimal) -> str:
    """Return a sum in millions or billions where that loses nothing: 1.6 million."""
    for size, name in ((BILLION, _("billion")), (MILLION, _("million"))):
        if value >= size and (value / size * 100) % 1 == 0:
            return f"{format_number(value / size)}{NO_BREAK_SPACE}{name}"
    return format_number(value)


QUALIFIED = {
    "exact": "{low}",
    "about": pgettext_lazy("number", "about {low}"),
    "over": pgettext_lazy("number", "over {low}"),
    "nearly": pgettext_lazy("number", "nearly {low}"),
    "at-least": pgettext_lazy("number", "at least {low}"),
    "up-to": pgettext_lazy("number", "up to {low}"),
    "range": pgettext_lazy("number", "{low} to {high}"),
}


def add_qualifier(qualifier: str, low: str, high: str = "") -> str:
    """Return a number with the words that the source puts before it: “about 60,000”."""
    return str(QUALIFIED[qualifier]).format(low=low, high=high)


def format_figure(qualifier: str, value: Decimal, value_max: Decimal | None = None) -> str:
    """Return a counted figure with its qualifier: “over 4,500”, “20 to 30”."""
    return add_qualifier(
        qualifier, format_number(value), format_number(value_max) if value_max is not None else ""
    )


def format_money(
    currency: str, qualifier: str, amount: Decimal, amount_max: Decimal | None = None
) -> str:
    """Return an amount as stated, never converted: “over EUR 6 million”."""
    low = f"{currency}{NO_BREAK_SPACE}{format_large_number(amount)}"
    return add_qualifier(
        qualifier, low, format_large_number(amount_max) if amount_max is not None else ""
    )


def format_funding(
    currency: str, qualifier: str, amount: Decimal | None, amount_max: Decimal | None = None
) -> str:
    """Return what was paid, or that no source states it."""
    if amount is None:
        return _("Amount not stated")
    return format_money(currency, qualifier, amount, amount_max)


def format_years(first: int | None, last: int | None) -> str:
    """Return a span of years: “2014–2017”, “2016”, “from 2016”, “until 2014”, or nothing."""
    if first and last:
        return str(first) if first == last else f"{first}–{last}"
    if first:
        return _("from {year}").format(year=first)
    return _("until {year}").format(year=last) if last else ""


def format_period(row: Figure) -> str:
    """Return the time a figure is about: as the source words it, else its years."""
    return row.period or format_years(row.year_from, row.year_to)


def format_reach_time(row: Reach) -> str:
    """Return when a figure holds: “a year, 2016”; a moment needs no more than its date."""
    kind = "" if row.period_type == Reach.PeriodType.SNAPSHOT else row.get_period_type_display()
    return ", ".join(filter(None, [str(kind), format_period(row)]))

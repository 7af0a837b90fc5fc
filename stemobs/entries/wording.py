"""Formatting of numbers, money and years in words, never more exact than the source."""

import re
from decimal import Decimal
from itertools import pairwise

from django.utils.dates import MONTHS
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from programmes.models import Figure, Programme, Reach

# A day or a month as sources are recorded with: 2016-10-25, 2016-12.
ISO_DATE = re.compile(r"\b([12]\d{3})-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?\b(?!-)")
# Where a sentence ends and another begins; the letters before the stop are part of a long word.
SENTENCE_END = re.compile(r"(?<=[\w)”’%][\w)”’%][\w)”’%][.!?])\s+(?=[“‘A-ZÀ-Þ\d])")
PARAGRAPH = 3  # sentences that people read at once
LINES = re.compile(r"lines? \d")
MILLION = Decimal(1_000_000)
BILLION = Decimal(1_000_000_000)
NO_BREAK_SPACE = "\u00a0"


def format_number(value: Decimal) -> str:
    """Return a number with separated thousands and no empty decimals: 60,000 or 59.5."""
    return number_format(
        value.normalize() if value % 1 else value.to_integral(), force_grouping=True
    )


def format_large_number(value: Decimal) -> str:
    """Return a number in millions or billions if that is exact (1.6 million), else in digits."""
    for size, name in ((BILLION, _("billion")), (MILLION, _("million"))):
        if value >= size and (value / size * 100) % 1 == 0:
            return f"{format_number(value / size)}{NO_BREAK_SPACE}{name}"
    return format_number(value)


# Countries that stand with “the” within a sentence.
WITH_ARTICLE = ("Netherlands", "United Kingdom", "United States")
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
    """Return a number with the qualifier of its source, such as “about 60,000”."""
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
    """Return an amount with its qualifier, or “Amount not known yet” without an amount."""
    if amount is None:
        return _("Amount not known yet")
    return format_money(currency, qualifier, amount, amount_max)


def format_years(first: int | None, last: int | None) -> str:
    """Return a span of years: “2014–2017”, “2016”, “from 2016”, “until 2014”, or nothing."""
    if first and last:
        return str(first) if first == last else f"{first}–{last}"
    if first:
        return _("from {year}").format(year=first)
    return _("until {year}").format(year=last) if last else ""


def format_period(row: Figure) -> str:
    """Return the period of a figure: in the words of its source, else as a span of years."""
    return row.period or format_years(row.year_from, row.year_to)


def build_anchor(part: str, position: int) -> str:
    """Return the anchor of a figure on the page of its record: “reach-3”."""
    return f"{part}-{position}"


def word_dates(text: str) -> str:
    """Return a text with its dates as people write them: “25 October 2016”, “December 2016”."""

    def word(found: re.Match[str]) -> str:
        year, month, day = found.groups()
        named = [str(int(day))] if day else []
        return " ".join([*named, str(MONTHS[int(month)]), year])

    return ISO_DATE.sub(word, text)


def word_ages(programme: Programme) -> str:
    """Return the ages of a programme: “3 to 19”, “12 and over”, “up to 14”, or ""."""
    low, high = programme.age_min, programme.age_max
    if low is not None and high is not None:
        return str(low) if low == high else _("{low} to {high}").format(low=low, high=high)
    if low is not None:
        return _("{low} and over").format(low=low)
    return _("up to {high}").format(high=high) if high is not None else ""


def describe_state(programme: Programme) -> str:
    """Return whether a programme runs, with the year of which that is known."""
    ended, seen = programme.year_end, programme.status_as_of
    match programme.status:
        case Programme.Status.COMPLETED:
            return _("Ended in {year}").format(year=ended) if ended else _("Ended")
        case Programme.Status.ACTIVE:
            told = _("Running, last confirmed in {year}").format(year=seen)
            return told if seen else _("Running")
        case Programme.Status.PLANNED:
            return _("Announced; we don’t know whether it runs yet")
    return _("We don’t know whether it still runs")


def split_paragraphs(text: str) -> list[str]:
    """Return a text as paragraphs of at most PARAGRAPH sentences, of nearly equal length.

    Paragraphs that the text has stay apart. A stop ends a sentence where a capital or a digit
    follows it, unless the word before it is short or has a stop itself: “St. Gallen”, “e.g. Oslo”.
    """
    told = []
    for block in text.splitlines():
        sentences = SENTENCE_END.split(block.strip())
        number = -(-len(sentences) // PARAGRAPH)
        cuts = [len(sentences) * part // number for part in range(number + 1)]
        told += [" ".join(sentences[start:stop]) for start, stop in pairwise(cuts)]
    return [one for one in told if one]


def find_readers_place(locator: str) -> str:
    """Return the part of a locator that leads a reader somewhere: “p. 4”, “section 3”.

    Lines count in the text from which editors worked, which readers do not have.
    """
    if LINES.match(locator):
        return ""
    parts = (part.strip() for part in locator.split(";"))
    return "; ".join(part for part in parts if not LINES.match(part))


def format_reach_time(row: Reach) -> str:
    """Return the time of a reach figure, such as “a year, 2016”; for a snapshot the date only."""
    return ", ".join(drop_repeated([name_kind_of_time(row), format_period(row)]))


def format_reached(row: Reach) -> str:
    """Return whom a reach figure counts and when: “schools a year, 2014”, “girls, new ones a year”.

    What stands twice in the source’s words is said once.
    """
    kind, unit = name_kind_of_time(row), row.unit.name.lower()
    parts = drop_repeated([kind, format_period(row), row.unit_detail])
    if kind and parts[0] == kind:
        parts, unit = parts[1:], f"{unit} {kind}"
    return ", ".join([unit, *parts])


def name_kind_of_time(row: Reach) -> str:
    """Return over which kind of time a figure counts: “a year”.

    Nothing for a snapshot, nor for a school year that the words of the period name themselves.
    """
    kind = row.period_type
    names_it = kind == Reach.PeriodType.SCHOOL_YEAR and "school year" in row.period.lower()
    is_snapshot = kind == Reach.PeriodType.SNAPSHOT
    return "" if names_it or is_snapshot else str(row.get_period_type_display())


def drop_repeated(parts: list[str]) -> list[str]:
    """Return the texts without the empty ones and without those that a later one holds."""
    return [
        one
        for place, one in enumerate(parts, 1)
        if one and not any(one in later for later in parts[place:])
    ]


def name_place(country: str) -> str:
    """Return the name of a country as it stands within a sentence: “the Netherlands”, “Latvia”."""
    return f"the {country}" if country in WITH_ARTICLE else country

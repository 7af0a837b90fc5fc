"""Reads cells that say when: of figures, of sums, of the programme itself, of the last check."""

from datetime import date

from django.utils.translation import gettext as _

from programmes.columns.texts import clean_line
from stemobs.curation.importing.meanings.asking import CellInHand
from stemobs.curation.importing.meanings.tables import is_nothing, match, read_phrases
from stemobs.curation.importing.meanings.times import (
    CellTime,
    list_months,
    read_time,
    read_words,
)
from stemobs.curation.importing.shapes import FileCell
from stemobs.curation.reading.periods import LONGEST

OVER_YEARS = ("cumulative", "annual")


def read_when(hand: CellInHand) -> CellTime | None:
    """Return the time of a cell; None if it says none, has a fault, or is asked."""
    if is_nothing(hand.text) and hand.cell.value is None:
        return None
    is_school = bool(match_school(hand.column.name))
    time = read_time(hand.cell, is_school=is_school)
    if time.options:
        time = ask_which(hand, time)
    if time.code:
        hand.refuse(time.code, time.told)
        return None
    return time if time.is_clear else None


def match_school(name: str) -> str:
    """Return a text if the name of a column says that it holds school years; "" if not."""
    return match(name, read_phrases("periods", "school-year"))


def ask_which(hand: CellInHand, time: CellTime) -> CellTime:
    """Return the time that people say is meant by an unclear text; the words stay."""
    told = _("Column “%(column)s”: which time is “%(text)s”?")
    told %= {"column": hand.column.name, "text": time.words[:LONGEST]}
    key = f"period:{hand.column.place}:{time.words[:LONGEST]}"
    answer = hand.ask(key, told, time.options, free=True)
    if not answer:
        return time
    meant = read_words(answer)
    if not meant.is_clear:
        hand.ask(f"{key}:{answer[:LONGEST]}", told, time.options)
        return time
    meant.words = time.words
    return meant


def read_figure_time(hand: CellInHand, time: CellTime) -> dict[str, str]:
    """Return when a figure was as its fields."""
    if time.form == "ongoing":
        told = _("“%(text)s” names no year for the figures of this row.")
        hand.refuse("no-year", told, text=time.words[:LONGEST])
        return {}
    return {name: value for name, value in write_period(time).items() if value}


def write_period(time: CellTime) -> dict[str, str]:
    """Return a time as the fields of a figure, with the words of the source."""
    return {
        "period": clean_line(time.words),
        "year_from": str(time.first or ""),
        "year_to": str(time.last or ""),
        "period_type": time.kind,
    }


def ask_over_years(hand: CellInHand, words: str) -> str:
    """Return whether figures of several years are of each year or of all, as people said."""
    place, name = hand.column.place, hand.column.name
    told = _("Column “%(column)s”: “%(text)s” is several years. All together, or each year?")
    told %= {"column": name, "text": words}
    each = (f"period:{place}:{words}", told)
    options = zip(OVER_YEARS, (_("in all these years together"), _("each year")), strict=True)
    return hand.ask_each(f"period:{place}", told, options, each)


def read_beside(text: str) -> dict[str, str]:
    """Return when a figure was, if that is all a text beside it says; asked is nothing here."""
    kind = match(text, read_phrases("periods", "kinds"))
    if kind:
        return {"period_type": kind}
    if not any(letter.isdigit() for letter in text):
        return {}
    time = read_words(text)
    if not time.is_clear or time.form in ("", "ongoing"):
        return {}
    fields = write_period(time)
    return {name: value for name, value in fields.items() if value}


# --- When the programme runs ----------------------------------------------------------------------


def read_runs(hand: CellInHand) -> None:
    """Read from when to when a programme runs."""
    time = read_when(hand)
    if time is None:
        return
    if time.form in ("year", "day", "month") and time.first == time.last:
        read_single_year(hand, time)
        return
    hand.add(write_runs(time.first, time.last, is_ongoing=time.is_ongoing))


def read_single_year(hand: CellInHand, time: CellTime) -> None:
    """Read one year alone, which may be the first one or the only one."""
    place, name = hand.column.place, hand.column.name
    told = _("Column “%(column)s”: is “%(text)s” the year of the start, or the only year?")
    told %= {"column": name, "text": time.words}
    options = (("start", _("the year of the start")), ("only", _("the only year")))
    answer = hand.ask_each(f"runs:{place}", told, options, (f"runs:{place}:{time.words}", told))
    if answer:
        hand.add(write_runs(time.first, time.last if answer == "only" else None))


def write_runs(first: int | None, last: int | None, *, is_ongoing: bool = False) -> dict[str, str]:
    status = "active" if is_ongoing else ""
    return {"year_start": str(first or ""), "year_end": str(last or ""), "status": status}


def read_start(hand: CellInHand) -> None:
    """Read when a programme began."""
    time = read_when(hand)
    if time is None:
        return
    if time.form == "range":
        hand.add(write_runs(time.first, time.last))
    elif time.first is None:
        told = _("“%(text)s” does not say when it began.")
        hand.refuse("no-start", told, text=time.words[:LONGEST])
    else:
        hand.add(write_runs(time.first, None, is_ongoing=time.is_ongoing))


def read_end(hand: CellInHand) -> None:
    """Read when a programme ended, or that it goes on."""
    time = read_when(hand)
    if time is None:
        return
    if time.form == "ongoing":
        hand.add({"status": "active"})
    elif time.last is None:
        told = _("“%(text)s” does not say when it ended.")
        hand.refuse("no-end", told, text=time.words[:LONGEST])
    elif time.form == "range":
        hand.add(write_runs(time.first, time.last))
    else:
        hand.add(write_runs(None, time.last))


# --- The day of a check ---------------------------------------------------------------------------


def read_check(hand: CellInHand, orders: set[str]) -> None:
    """Read the day of a check; `orders` says which of day and month stands first in the column."""
    time = read_when(hand)
    if time is None:
        return
    days = time.days
    if len(days) > 1 and days[0].day == days[1].day:
        days = ask_which_day(hand, time)
    elif len(days) > 1:
        days = choose_order(hand, time, orders)
    elif not days:
        refuse_without_day(hand, time)
    if days:
        hand.add({"value": days[0].isoformat()})


def choose_order(hand: CellInHand, time: CellTime, orders: set[str]) -> tuple[date, ...]:
    """Return the day that 03/04/2024 is, as the column shows or as people said."""
    order = next(iter(orders)) if len(orders) == 1 else ""
    if not order:
        told = _("Column “%(column)s”: is “%(text)s” the day %(one)s, or %(two)s?")
        one, two = (day.isoformat() for day in time.days)
        told %= {"column": hand.column.name, "text": time.words, "one": one, "two": two}
        options = (("day", _("the day stands first")), ("month", _("the month stands first")))
        order = hand.ask(f"day:{hand.column.place}", told, options)
    return {"day": time.days[:1], "month": time.days[1:]}.get(order, ())


def ask_which_day(hand: CellInHand, time: CellTime) -> tuple[date, ...]:
    """Return the day that a text with a month of two languages means, as people said."""
    told = _("Column “%(column)s”: which day is “%(text)s”?")
    told %= {"column": hand.column.name, "text": time.words[:LONGEST]}
    days = {day.isoformat(): day for day in time.days}
    key = f"day:{hand.column.place}:{time.words[:LONGEST]}"
    answer = hand.ask(key, told, [(one, one) for one in days])
    return (days[answer],) if answer else ()


def refuse_without_day(hand: CellInHand, time: CellTime) -> None:
    """Refuse a time that is no single day; “listopad” is another month in another language."""
    months = list_months(time.words)
    told = _("“%(text)s” is no day. Write the day of the check as in 2024-03-15.")
    if len(months) > 1:
        told = _("“%(text)s” names two months, by the language. Write the day as in 2024-03-15.")
    hand.refuse("no-day", told, text=time.words[:LONGEST])


def find_orders(cells: list[FileCell]) -> set[str]:
    """Return which of day and month stands first, as the clear dates of a column show."""
    orders = set()
    for cell in cells:
        parts = [part for part in cell.text.replace(" ", "").split("/") if part.isdecimal()]
        if len(parts) == 3 and len(parts[0]) <= 2 and len(parts[1]) <= 2:
            orders |= {"day"} if int(parts[0]) > 12 else set()
            orders |= {"month"} if int(parts[1]) > 12 else set()
    return orders

"""Reads a line that says how many a programme reaches: “nearly 500 students, 2014 [2]”."""

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from programmes.columns.texts import clean_line
from programmes.models import Reach
from stemobs.curation.reading.lines import LineRead, split_parts, take_brackets
from stemobs.curation.reading.numbers import put_amount, read_amount
from stemobs.curation.reading.periods import KINDS, Period, ask_for_kind, fill_period, read_period
from stemobs.curation.reading.places import take_source
from stemobs.curation.reading.units import Units

Type = Reach.PeriodType
# The answers to the question over which time a figure counts.
OVER_YEARS = ((Type.CUMULATIVE.value, _("in all these years together")), (Type.ANNUAL.value, ""))
# A time without a comma before it: “60,000 students a year”, “500 students in 2014”.
TIME = re.compile(
    r"(?:^|\s)((?:(?:in|for|during|since|until|from|by|ended)\s+(?=[12]\d{3}\b)|[12]\d{3}\b).*|\(\d{4}\))\Z",
    re.IGNORECASE,
)
LONGEST_DETAIL = 120


def read_figure(written: str, units: Units) -> LineRead:
    """Return what a line says of how many a programme reaches."""
    line = LineRead(written)
    text, named = take_source(clean_line(written))
    line.source, line.values["locator"] = named.name, named.place
    head, *parts = split_parts(text)
    amount = read_amount(head)
    if amount.low is None and not amount.unreadable:
        line.ask("value", _("How many? Begin with the number, as in “about 60,000 students”."))
    else:
        put_amount(line, amount, "value")
    rest = put_unit(line, amount.rest, units)
    detail, time = cut_time(rest, KINDS)
    put_detail(line, detail)
    put_period(line, read_period(", ".join(filter(None, [time, *parts]))))
    return line


def put_unit(line: LineRead, text: str, units: Units) -> str:
    """Put what is counted into its field, or ask; return what follows it."""
    unit, rest = units.take(text)
    if not unit:
        return units.ask(line, text)
    line.values["unit"] = unit
    return rest


def put_detail(line: LineRead, text: str) -> None:
    """Put what more is said of what is counted into its field, without the brackets around it."""
    inside, rest = take_brackets(text)
    detail = inside if not rest else text
    if len(detail) > LONGEST_DETAIL:
        line.ask("unit_detail", _("This is too long for what is counted. Say it in fewer words."))
    elif detail:
        known = line.values.get("unit_detail")
        line.values["unit_detail"] = f"{known} {detail}" if known else detail


def cut_time(text: str, kinds: Mapping[str, str]) -> tuple[str, str]:
    """Return a text without the time at its end that no comma sets apart, and that time."""
    inside, behind = take_brackets(text)
    before = text[: len(text) - len(behind)] if inside else ""
    open_text = behind if inside else text
    small = open_text.lower()
    for phrase in kinds:
        if small == phrase or small.endswith(f" {phrase}"):
            return f"{before} {open_text[: -len(phrase)].strip()}".strip(), phrase
    if found := TIME.search(open_text):
        rest, kind = cut_time(f"{before} {open_text[: found.start()]}".strip(), kinds)
        return rest, ", ".join(filter(None, [kind, found[1].strip("()")]))
    return text, ""


def put_period(line: LineRead, period: Period) -> None:
    """Put when it was into its fields, and ask what is not clear."""
    if fill_period(line, period, "period_type") and period.asks_kind:
        options = [(value, word or str(Type(value).label)) for value, word in OVER_YEARS]
        line.asked.setdefault("period_type", ask_for_kind(period, tuple(options)))

"""Reads a time as people write it in any language: its years, and what kind of time it is.

Nothing is asked here: what may mean two things has `options`, texts of which one is meant.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from django.utils.translation import gettext as _

from programmes.columns.validators import EARLIEST_YEAR
from stemobs.curation.importing.meanings.numbers import find_letter, tell_letter
from stemobs.curation.importing.meanings.tables import (
    match,
    read_phrases,
    reduce,
    take_first,
    take_last,
)
from stemobs.curation.importing.shapes import FileCell
from stemobs.curation.reading.periods import CENTURY, LONGEST, read_second

LATEST_YEAR = 2100
DASH = r"\s?[-–—‒−]\s?"
# What names years, the longest first: days, months, two years, one year, and years cut short.
POINT = re.compile(
    r"(?<![\d.,/])(?:"
    r"(?P<iso>(?P<y1>\d{4})[-/.](?P<m1>\d{1,2})[-/.](?P<d1>\d{1,2})(?:[t ]\d\d:\d\d(?::\d\d)?)?)"
    r"|(?P<day>(?P<d2>\d{1,2})(?:\.\s?|[/-])(?P<m2>\d{1,2})(?:\.\s?|[/-])(?P<y2>\d{4}|\d\d))"
    r"|(?P<month>(?P<m3>\d{1,2})\s?[/.-]\s?(?P<y3>\d{4}))"
    r"|(?P<slash>(?P<y4>\d{4})\s?/\s?(?P<z4>\d{4}|\d\d))"
    rf"|(?P<dash>(?P<y5>\d{{4}}){DASH}(?P<z5>\d{{4}}|\d\d))"
    r"|(?P<year>\d{4})"
    r"|(?P<pair>\d\d\s?[/–-]\s?\d\d)"
    r"|(?P<short>['’]\d\d)"
    r")(?![\d/]|[.,]\d)"
)
# A day before its year: “15. března”, “March 15”
SPELLED = re.compile(
    r"(?P<d1>\d{1,2})\.? (?:de |of )?(?P<m1>[^\W\d_]+)\.?(?: de| of)?"
    r"|(?P<m2>[^\W\d_]+)\.? (?P<d2>\d{1,2})"
)
SERIAL = range(29221, 58000)  # days since 1900 as spreadsheets count them, from 1980 to 2058
FIRST_DAY = date(1899, 12, 30)
ON = re.compile(r"->|[-–—‒→]")  # between two years, or behind the first of some


@dataclass
class CellTime:
    """A time as it was read.

    `form` is “year”, “day”, “month”, “school-year”, “range”, “since”, “until” or “ongoing”.
    `days` are the days that a date may mean. `options` are what an unclear text may mean.
    """

    words: str
    form: str = ""
    first: int | None = None
    last: int | None = None
    kind: str = ""
    days: tuple[date, ...] = ()
    is_ongoing: bool = False
    code: str = ""
    told: str = ""
    options: tuple[tuple[str, str], ...] = ()

    @property
    def is_clear(self) -> bool:
        return not self.code and not self.options

    def refuse(self, code: str, told: str) -> "CellTime":
        """Note why this is no time."""
        self.code, self.told = code, told % {"text": self.words[:LONGEST]}
        return self


def read_time(cell: FileCell, *, is_school: bool = False) -> CellTime:
    """Return the time that a cell says; `is_school` if its column is about school years."""
    value = cell.value
    if isinstance(value, bool):
        return CellTime(cell.text).refuse("no-time", _("“%(text)s” is no time."))
    if isinstance(value, date):
        return CellTime(cell.text or str(value), "day", value.year, value.year, days=(value,))
    if isinstance(value, Decimal):
        return read_typed(cell.text, value)
    return read_words(cell.text, is_school=is_school)


def read_typed(text: str, value: Decimal) -> CellTime:
    """Return the time that a number of a workbook is."""
    if value == value.to_integral_value() and EARLIEST_YEAR <= value <= LATEST_YEAR:
        return CellTime(str(int(value)), "year", int(value), int(value))
    return refuse_number(CellTime(text or str(value)), value)


def refuse_number(time: CellTime, value: Decimal) -> CellTime:
    """Refuse a number that is no year, and say which day it may be in a spreadsheet."""
    if value.is_finite() and int(value) in SERIAL:
        day = FIRST_DAY + timedelta(days=int(value))
        told = _("“%(text)s” is no year. In a spreadsheet it may be the day {day}. Write the year.")
        return time.refuse("serial-day", told.replace("{day}", day.isoformat()))
    return time.refuse("no-such-year", _("“%(text)s” is no year. Write it as in 2019 or 2016/17."))


def read_words(text: str, *, is_school: bool = False) -> CellTime:
    """Return the time that a text says."""
    time = CellTime(" ".join(text.split()))
    if letter := find_letter(text):
        return time.refuse("letter-in-year", tell_letter(letter[0]).replace("%", "%%"))
    small = take_kind(time, reduce(text))
    if small in read_phrases("periods", "ongoing"):
        time.form, time.is_ongoing = "ongoing", True
        return time
    if small in read_phrases("periods", "relative"):
        told = _("“%(text)s” means something else every year. Write which year it is.")
        return time.refuse("relative-time", told)
    points = list(POINT.finditer(small))
    if not points:
        return refuse_pointless(time, small)
    if len(points) == 1:
        read_point(time, points[0], is_school=is_school or is_of_school(small))
        if time.is_clear:
            put_words(time, small[: points[0].start()], small[points[0].end() :])
    else:
        join_points(time, small, points)
    return check_years(time)


def take_kind(time: CellTime, small: str) -> str:
    """Take the words that say over which time something counts; return what is left."""
    kinds = read_phrases("periods", "kinds")
    kind, rest = take_last(small.rstrip(" ),."), kinds)
    if not kind:
        kind, rest = take_first(small.lstrip(" (,."), kinds)
    if not kind or not any(letter.isdigit() for letter in rest):
        return small
    time.kind = kind
    return rest.strip(" ,;:(")


def is_of_school(small: str) -> bool:
    """Whether words before or behind the years say that it is a school year."""
    words = read_phrases("periods", "school-year")
    return any(take_first(f"{small[start:]}", words)[0] for start in find_starts(small)) or bool(
        take_last(small.rstrip(" )."), words)[0]
    )


def find_starts(small: str) -> Iterator[int]:
    """Yield where the words of a text begin."""
    yield from (found.start() for found in re.finditer(r"(?<!\w)\w", small))


def refuse_pointless(time: CellTime, small: str) -> CellTime:
    """Refuse a text that names no year."""
    digits = re.sub(r"[\s.,]", "", small)
    if digits.isascii() and digits.isdecimal() and len(digits) <= 15:
        return refuse_number(time, Decimal(digits))
    told = _("We find no year in “%(text)s”. Write it as in 2019, 2016/17 or 2019–2023.")
    return time.refuse("no-year", told)


def read_point(time: CellTime, found: re.Match[str], *, is_school: bool) -> None:
    """Read the one thing in a text that names years."""
    if found["iso"] or found["day"]:
        put_day(time, found)
    elif found["month"]:
        put_month(time, int(found["m3"]), int(found["y3"]))
    elif found["slash"]:
        put_pair(time, int(found["y4"]), found["z4"], is_school=True)
    elif found["dash"]:
        put_pair(time, int(found["y5"]), found["z5"], is_school=is_school)
    elif found["year"]:
        time.form, time.first, time.last = "year", int(found["year"]), int(found["year"])
    else:
        put_short(time, re.sub(r"\s", "", found[0]), is_school=is_school)


def put_month(time: CellTime, month: int, year: int) -> None:
    if 1 <= month <= 12:
        time.form, time.first, time.last = "month", year, year
    else:
        time.refuse("no-such-month", _("“%(text)s” names a month that does not exist."))


def put_day(time: CellTime, found: re.Match[str]) -> None:
    """Read a date; one such as 03/04/2024 may be two days, and 15.3.24 needs its century."""
    if found["iso"]:
        time.days = list_days(int(found["y1"]), (int(found["m1"]), int(found["d1"])))
    else:
        if len(found["y2"]) == 2:
            year, start = 2000 + int(found["y2"]), found["day"][:-2]
            texts = [f"{start}{one}" for one in (year, year - CENTURY)]
            time.options = tuple((one, one) for one in texts)
            return
        one, two = int(found["d2"]), int(found["m2"])
        # With dots the day stands first everywhere; with strokes also the month does.
        orders = [(two, one)] if "." in found["day"] else [(two, one), (one, two)]
        time.days = list_days(int(found["y2"]), *orders)
    if not time.days:
        time.refuse("no-such-day", _("There is no day “%(text)s”."))
        return
    year = time.days[0].year
    time.form, time.first, time.last = "day", year, year


def list_days(year: int, *orders: tuple[int, int]) -> tuple[date, ...]:
    """Return the days of a year that these pairs of month and day are."""
    days = []
    for month, day in orders:
        try:
            days.append(date(year, month, day))
        except ValueError:
            continue
    return tuple(dict.fromkeys(days))


def put_pair(time: CellTime, first: int, second: str, *, is_school: bool) -> None:
    """Read two years: a school year, a range, or a month that is written 2019-09."""
    last = int(second) if len(second) == 4 else read_second(first, second)
    is_next = last == first + 1
    is_cut = len(second) == 2
    if is_cut and not is_school and 1 <= int(second) <= 12:
        if last > first + 50:
            put_month(time, int(second), first)
            return
        time.options = (
            (f"{first}/{second}" if is_next else f"{first}–{last}", f"{first}–{last}"),
            (str(first), f"{first}-{second} ({_('a month')})"),
        )
    elif is_next and (is_school or is_cut):
        time.form, time.first, time.last = "school-year", first, last
        time.kind = time.kind or "school-year"
    elif is_school and "/" in time.words:
        time.options = ((f"{first}–{last}", f"{first}–{last}"),)
    else:
        time.form = "year" if first == last else "range"
        time.first, time.last = first, last


def put_short(time: CellTime, digits: str, *, is_school: bool) -> None:
    """Read years of two digits: they need their century, unless the column is of school years."""
    first, second = int(digits.strip("'’")[:2]), digits[-2:]
    year = 2000 + first if first < 70 else 1900 + first
    is_pair = len(digits) > 3
    is_next = is_pair and read_second(year, second) == year + 1
    if is_pair and is_school and is_next:
        put_pair(time, year, second, is_school=True)
    elif is_pair and is_next:
        time.options = ((f"{year}/{second}", f"{year}/{second}"),)
    elif is_pair:
        time.refuse("no-year", _("We find no year in “%(text)s”. Write years with four digits."))
    else:
        time.options = ((str(year), str(year)),)


def put_words(time: CellTime, before: str, behind: str) -> None:
    """Read the words around a time: “since”, “until”, a school year, a month, or what else."""
    before, behind = before.strip(" ,;:(["), behind.strip(" ,;)].:")
    if time.form == "year" and not behind and (days := list_spelled(before, time.first or 0)):
        time.form, time.days = "day", days
        return
    since = read_phrases("periods", "since")
    if before in since and (not behind or behind in since):
        put_since(time)
    elif before in read_phrases("periods", "until") and not behind:
        put_until(time)
    elif ON.match(behind) and goes_on(ON.sub("", behind, count=1), before):
        put_since(time, is_ongoing=bool(ON.sub("", behind, count=1).strip()))
    elif not before and behind in read_phrases("periods", "since"):
        put_since(time)
    elif not before and behind.strip("-") in read_phrases("periods", "until"):
        put_until(time)
    elif goes_on_after(before, behind):
        put_since(time, is_ongoing=True)
    elif ON.fullmatch(before) and not behind:
        put_until(time)
    elif not all(map(is_beside, [before, behind])):
        time.options = ((write_years(time), write_years(time)),)


def list_spelled(before: str, year: int) -> tuple[date, ...]:
    """Return the days that a text before a year names: “15. března”; “listopad” is two months."""
    found = SPELLED.fullmatch(before)
    if found is None:
        return ()
    months = match(found["m1"] or found["m2"], read_phrases("periods", "months"))
    orders = [(int(month), int(found["d1"] or found["d2"])) for month in months.split("|") if month]
    return list_days(year, *orders) if year >= EARLIEST_YEAR else ()


def goes_on(behind: str, before: str) -> bool:
    """Whether a dash behind a year means that there is no end: “2014–”, “od 2014 – dosud”."""
    bare = behind.strip(" -–—")
    is_start = not before or before in read_phrases("periods", "since")
    return is_start and (not bare or bare in read_phrases("periods", "ongoing"))


def goes_on_after(before: str, behind: str) -> bool:
    """Whether words say that it goes on since a year: “since 2014 until today”."""
    if before and before not in read_phrases("periods", "since") and not is_beside(before):
        return False
    ongoing = read_phrases("periods", "ongoing")
    joined = take_first(behind, read_phrases("periods", "until"))[1]
    return bool(behind) and (behind.strip(" ,;-") in ongoing or joined.strip(" ,") in ongoing)


def put_since(time: CellTime, *, is_ongoing: bool = False) -> None:
    time.form, time.last, time.is_ongoing = "since", None, is_ongoing


def put_until(time: CellTime) -> None:
    time.form, time.first = "until", None


def is_beside(words: str) -> bool:
    """Whether words beside a year change nothing: months, seasons, “in”, “the year”."""
    tables = [read_phrases("periods", name) for name in ("beside", "months", "school-year")]
    rest = words.strip(" .,-–()'")
    while rest:
        length = len(rest)
        rests = [take_first(rest, table)[1] for table in tables]
        rest = min(rests, key=len).strip(" .,-–()'")
        rest = re.sub(r"^[0-9]{1,2}(?![0-9])\.?", "", rest).strip(" .,-–()'")
        if len(rest) == length:
            return False
    return True


def write_years(time: CellTime) -> str:
    """Return the years of a time as it would be clear."""
    if time.form == "school-year" and time.last:
        return f"{time.first}/{time.last % CENTURY:02d}"
    years = [str(year) for year in dict.fromkeys([time.first, time.last]) if year]
    return "–".join(years)


def join_points(time: CellTime, small: str, points: list[re.Match[str]]) -> None:
    """Read several things that name years: the two ends of a range, or a list."""
    parts = []
    for found in points:
        part = CellTime(found[0])
        read_point(part, found, is_school=False)
        if not part.is_clear:
            time.code, time.told, time.options = part.code, part.told, ()
            if not part.code:
                time.refuse("unclear-time", _("We cannot read “%(text)s” as a time."))
            return
        parts.append(part)
    pairs = pairwise(points)
    between = [small[one.end() : two.start()].strip(" ,;.)(") for one, two in pairs]
    before, behind = small[: points[0].start()].strip(" ,("), small[points[-1].end() :]
    years = [year for part in parts for year in (part.first, part.last) if year]
    time.form, time.first, time.last = "range", years[0], years[-1]
    since = read_phrases("periods", "since")
    known = all(is_joint(word) for word in between) and not behind.strip(" ,;).")
    if not known or not (before in since or is_beside(take_first(before, since)[1])):
        single = [str(year) for year in dict.fromkeys(years)]
        whole = [write_years(time)] if years == sorted(years) else []
        time.options = tuple((one, one) for one in [*whole, *single])
    if time.first == time.last:
        time.form = "year"


def is_joint(word: str) -> bool:
    """Whether a word may stand between two times: “to”, “and”, a comma, or a month."""
    bare = word
    for name, part in (("numbers", "to"), ("places", "and"), ("periods", "until")):
        meaning, rest = take_first(bare, read_phrases(name, part))
        if meaning:
            bare = rest
            break
    return is_beside(bare.strip("/+ "))


def check_years(time: CellTime) -> CellTime:
    """Refuse years that cannot be, and times that end before they begin."""
    years = [year for year in (time.first, time.last) if year is not None]
    if time.code or time.options:
        return time
    if any(not EARLIEST_YEAR <= year <= LATEST_YEAR for year in years):
        return time.refuse("no-such-year", _("“%(text)s” is no year of our time. Check it."))
    if years != sorted(years):
        told = _("“%(text)s” ends before it begins. Check the years.")
        return time.refuse("ends-before-it-begins", told)
    if len(time.words) > LONGEST:
        return time.refuse("too-long", _("“%(text)s” is too long to say when it was."))
    return time


def list_months(text: str) -> set[int]:
    """Return the months that the words of a text may mean; “listopad” is two of them."""
    months = read_phrases("periods", "months")
    found = [match(word, months) for word in re.findall(r"[^\W\d_]+\.?", text)]
    return {int(one) for meaning in found if meaning for one in meaning.split("|")}

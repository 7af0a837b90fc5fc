"""Reads when something was counted or paid: the words stay, and the years are taken from them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from stemobs.curation.reading.lines import (
    FieldQuestion,
    LineRead,
    find_phrase,
    put_longest_first,
    split_parts,
)
from stemobs.text import fold

# How people say over which time a figure counts.
KINDS = put_longest_first({
    "each year": "annual", "a year": "annual", "per year": "annual", "every year": "annual",
    "yearly": "annual", "annually": "annual",
    "school year": "school-year", "in the school year": "school-year",
    "a school year": "school-year", "each school year": "school-year",
    "at one time": "snapshot", "at that time": "snapshot", "at the time": "snapshot",
    "in all": "cumulative", "in total": "cumulative", "altogether": "cumulative",
    "together": "cumulative", "in the period together": "cumulative",
    "since the start": "since-start", "since its start": "since-start",
    "since the beginning": "since-start",
})  # fmt: skip
# How people say what a sum is.
BASES = put_longest_first({
    "in total": "total", "in all": "total", "altogether": "total", "total": "total",
    "a year": "annual", "each year": "annual", "per year": "annual", "every year": "annual",
    "yearly": "annual", "annually": "annual",
    "grant": "grant", "a grant": "grant", "as a grant": "grant",
    "for each unit": "per-unit", "per unit": "per-unit", "each": "per-unit",
    "budget of a call": "call-budget", "call budget": "call-budget", "call": "call-budget",
    "prize money": "prize-money", "prize": "prize-money",
    "fee to take part": "participation-fee", "participation fee": "participation-fee",
    "fee": "participation-fee", "pay": "pay",
})  # fmt: skip
YEAR = re.compile(r"(?<![\d.,])(1[89]\d\d|20\d\d)(?:\s?/\s?(\d\d|\d{4}))?(?![\d]|[.,]\d)")
SCHOOL_YEAR = re.compile(r"(?:in |the |school year )*(\d{4})\s?/\s?(\d\d|\d{4})", re.IGNORECASE)
FIRST_ONLY = re.compile(r"(since|from)\b", re.IGNORECASE)
LAST_ONLY = re.compile(r"(to|until|till|up to|ended|by)\b", re.IGNORECASE)
NO_YEAR = re.compile(r"\b(before|after|or later|reported|not dated|undated)\b", re.IGNORECASE)
LETTER_IN_YEAR = re.compile(r"\b(?=\w*\d)(?=\w*[OoIl])[12OoIl][\dOoIl]{3}\b")
NO_SUCH_YEAR = re.compile(r"(?<![\d.,/])(\d{4,})(?![\d.,])")
RELATIVE = re.compile(
    r"(this|last|next|past|the last|the past|present|current) "
    r"(year|school year|summer|autumn|winter|spring|month|season|term)"
    r"|now|currently|today|recently",
    re.IGNORECASE,
)
# What a text about a time says if it names no year.
OF_TIME = re.compile(
    r"\d|\b(year|month|week|day|spring|summer|autumn|winter|season|term|edition|round|call|contest|"
    r"festival|cycle|intake|phase|roadshow|project|competition|undated|dated|start|end|early|"
    r"january|february|march|april|may|june|july|august|september|october|november|december|"
    r"jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)s?\b",
    re.IGNORECASE,
)
LONGEST = 60  # letters of a period
CENTURY = 100
IN = re.compile(r"(in|of|for|during)\s+(?=\d)", re.IGNORECASE)
QUOTED = re.compile(
    r"[“\"](?P<words>[^”\"]*)[”\"](?:\s*=\s*(?P<years>.*))?|(?P<plain>.*?)\s*=\s*(?P<own>.*)"
)


@dataclass
class Period:
    """When something was, as it was read: the words for readers, the years, the kind of time."""

    words: str = ""
    first: int | None = None
    last: int | None = None
    kind: str = ""
    wrong: str = ""
    asks_kind: bool = False

    @property
    def is_range(self) -> bool:
        return None not in (self.first, self.last) and self.first != self.last


def read_period(text: str, kinds: Mapping[str, str] = KINDS) -> Period:
    """Return what the words say of a time: “2016/17”, “since 2014”, “each year, 2019”.

    A kind of time comes from words alone. A range of years without such a word is asked about.
    Words in quotes are taken as they are. Years after “=” count instead of those in the words.
    """
    parts = split_parts(text)
    found = [kind for part in parts if (kind := find_phrase(part, kinds))]
    words = ", ".join(part for part in parts if part and not find_phrase(part, kinds))
    period = Period(kind=found[0] if found else "")
    if len(set(found)) > 1:
        period.wrong = _("“%(text)s” says two things of how it was counted. Leave one.")
        period.wrong %= {"text": text}
        return period
    if exact := QUOTED.fullmatch(words):
        return read_exact(period, exact)
    period.words = IN.sub("", words) if IN.match(words) else words
    period.wrong = find_fault(period.words)
    if not period.wrong:
        put_years(period, period.words)
        put_kind(period, kinds)
    return period


def read_exact(period: Period, found: re.Match[str]) -> Period:
    """Read words that are to stay as they are, with years of their own or those in the words."""
    period.words = found["words"] if found["plain"] is None else found["plain"]
    years = found["years"] if found["own"] is None else found["own"]
    if years == "none":
        years = ""
    period.wrong = find_fault(years or "") or find_length_fault(period.words)
    put_years(period, period.words if years is None else years)
    return period


def find_fault(words: str) -> str:
    """Return what is wrong with the words for a time; "" if nothing is."""
    if found := LETTER_IN_YEAR.search(words):
        told = _(
            "We cannot read “%(text)s” as a year: it has a letter where a digit should be. "
            "Write 2019, 2016/17, since 2014 or 2019–2023."
        )
        return told % {"text": found[0]}
    strange = next((one for one in NO_SUCH_YEAR.findall(words) if not YEAR.fullmatch(one)), "")
    if strange:
        told = _("%(text)s is no year. Write 2019, 2016/17, since 2014 or 2019–2023.")
        return told % {"text": strange}
    if RELATIVE.fullmatch(words):
        told = _("“%(text)s” means something else every year. Write which year it is.")
        return told % {"text": words}
    if words and not OF_TIME.search(fold(words)):
        told = _("Is “%(text)s” a time? What is counted goes before the comma, or in brackets.")
        return told % {"text": words}
    return find_length_fault(words)


def find_length_fault(words: str) -> str:
    if len(words) <= LONGEST:
        return ""
    return _("“%(text)s” is too long: %(number)d letters at most say when it was.") % {
        "text": words,
        "number": LONGEST,
    }


def list_years(words: str) -> list[int]:
    """Return the years in a text; the second of “2016/17” is 2017."""
    years = []
    for year, second in YEAR.findall(words):
        years.append(int(year))
        if second:
            years.append(int(second) if int(second) >= CENTURY else read_second(int(year), second))
    return years


def read_second(first: int, second: str) -> int:
    """Return the second year of “1999/00”, which may be of the next century."""
    year = first - first % CENTURY + int(second)
    return year if year >= first else year + CENTURY


def put_years(period: Period, words: str) -> None:
    """Take the first and the last year from the words."""
    years = [] if NO_YEAR.search(words) else list_years(words)
    if not years:
        return
    period.first, period.last = years[0], years[-1]
    if period.last < period.first:
        period.wrong = _("“%(text)s” ends before it begins. Check the years.") % {"text": words}
    if len(set(years)) == 1:
        if FIRST_ONLY.match(words):
            period.last = None
        elif LAST_ONLY.match(words):
            period.first = None


def put_kind(period: Period, kinds: Mapping[str, str]) -> None:
    """Take a school year from how it is written; ask about a range of years that says nothing."""
    if period.kind:
        return
    if SCHOOL_YEAR.fullmatch(period.words) and "school year" in kinds:
        period.kind = "school-year"
        period.words = re.sub(r"^(?:in |the )+", "", period.words)
    elif period.is_range and not SCHOOL_YEAR.fullmatch(period.words):
        period.asks_kind = True


def ask_for_kind(period: Period, options: tuple[tuple[str, str], ...]) -> FieldQuestion:
    """Return the question over which time something counts that spans several years."""
    told = _("“%(text)s”: in all these years together, or each year? Choose one.")
    return FieldQuestion(told % {"text": period.words}, options)


def fill_period(line: LineRead, period: Period, kind: str) -> bool:
    """Put when it was into its fields, and into `kind` how it counts; False if it is wrong."""
    if period.wrong:
        line.ask("period", period.wrong)
        return False
    line.values |= {
        "period": period.words,
        "year_from": str(period.first or ""),
        "year_to": str(period.last or ""),
        kind: period.kind,
    }
    return True

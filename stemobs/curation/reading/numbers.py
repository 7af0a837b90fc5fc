"""Reads numbers as people write them, with what says how exact they are."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from stemobs.curation.reading.lines import LineRead, put_longest_first, take_phrase

QUALIFIERS = put_longest_first({
    "exactly": "exact", "precisely": "exact",
    "about": "about", "around": "about", "approximately": "about", "approx.": "about",
    "approx": "about", "circa": "about", "ca.": "about", "ca": "about", "c.": "about",
    "roughly": "about", "some": "about", "~": "about",
    "over": "over", "more than": "over", "above": "over", ">": "over",
    "nearly": "nearly", "almost": "nearly", "just under": "nearly",
    "at least": "at-least", "no fewer than": "at-least", "no less than": "at-least",
    "a minimum of": "at-least", "≥": "at-least",
    "up to": "up-to", "at most": "up-to", "no more than": "up-to", "a maximum of": "up-to",
    "≤": "up-to",
    "from": "range", "between": "range",
    "under": "under", "below": "under", "fewer than": "under", "less than": "under", "<": "under",
})  # fmt: skip
SIZES = {
    "thousand": 3, "thousands": 3, "k": 3, "tsd.": 3, "tis.": 3,
    "million": 6, "millions": 6, "m": 6, "mil.": 6, "mil": 6, "mio.": 6, "mio": 6, "mln": 6,
    "mln.": 6, "billion": 9, "billions": 9, "bn": 9, "mrd.": 9, "mrd": 9,
}  # fmt: skip
SIZE = put_longest_first({word: str(zeros) for word, zeros in SIZES.items()})
NUMBER = re.compile(r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?![\d.,])|\d[\dOoIl]*(?:[.,'’][\dOoIl]+)*")
TYPED_LETTER = re.compile(r"[OoIl]")
THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:(?P<mark>[.,'’ \u00a0\u202f])\d{3})(?:(?P=mark)\d{3})*")
DECIMAL = re.compile(r"\d+[.,]\d{1,2}|\d{1,3}(?:,\d{3})+\.\d{1,2}|\d{1,3}(?:\.\d{3})+,\d{1,2}")
UNCLEAR = re.compile(r"[1-9]\d{0,2}\.\d{3}")  # twelve hundred, or one point two
TO = re.compile(r"(?:-|–|—|\bto\b|\band\b)\s*", re.IGNORECASE)
LARGEST = Decimal(10) ** 14  # what the columns hold


class Unreadable(ValueError):
    """A text that is no number, with the reason in words, and with what it may mean instead."""

    def __init__(self, told: str, meant: tuple[Decimal, ...] = ()) -> None:
        super().__init__(told)
        self.told = told
        self.meant = meant

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        """What the field may hold instead, and how that reads."""
        return tuple((write_number(one), f"{one.normalize():,f}") for one in self.meant)


@dataclass
class Amount:
    """How much a line says: a number or a range, how exact it is, and what follows it."""

    qualifier: str = "exact"
    low: Decimal | None = None
    high: Decimal | None = None
    rest: str = ""
    unreadable: list[Unreadable] = field(default_factory=list)


def write_number(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def read_number(text: str) -> Decimal:
    """Return the number that is written as “60,000”, “80’000”, “1.600.000” or “1,5”.

    “1.200” is not decided here: it may mean two numbers.
    """
    if TYPED_LETTER.search(text):
        told = _("We cannot read “%(text)s” as a number: it has a letter where a digit should be.")
        raise Unreadable(told % {"text": text})
    if UNCLEAR.fullmatch(text):
        told = _("Is %(text)s the number %(large)s, or %(small)s? Choose one.")
        large, small = Decimal(text.replace(".", "")), Decimal(text)
        told %= {"text": text, "large": f"{large:,}", "small": write_number(small)}
        raise Unreadable(told, (large, small))
    if text.isdecimal() or THOUSANDS.fullmatch(text):
        return Decimal(re.sub(r"\D", "", text))
    if DECIMAL.fullmatch(text):
        whole, part = re.split(r"[.,](?=\d+\Z)", text)
        return Decimal(f"{re.sub(r'[.,]', '', whole)}.{part}")
    told = _("We cannot read “%(text)s” as a number. Write it as in 60,000 or 12.5.")
    raise Unreadable(told % {"text": text})


def take_number(text: str) -> tuple[Decimal | Unreadable | None, int, str]:
    """Return the number that a text begins with, the zeros of “million” after it, and the rest."""
    found = NUMBER.match(text)
    if found is None:
        return None, 0, text
    rest = text[found.end() :].strip()
    zeros, rest = take_phrase(rest, SIZE)
    try:
        return read_number(found[0]), int(zeros or 0), rest
    except Unreadable as error:
        return error, int(zeros or 0), rest


def read_amount(text: str) -> Amount:
    """Return what a line says of how much, and what follows that."""
    qualifier, rest = take_phrase(text.strip(), QUALIFIERS)
    low, zeros, rest = take_number(rest)
    if rest.startswith("+"):
        qualifier, rest = "plus", rest[1:].strip()
    amount = Amount(qualifier or "exact", rest=rest)
    joined = TO.match(rest)
    high, more, behind = take_number(rest[joined.end() :]) if joined else (None, 0, rest)
    if high is not None and low is not None:
        amount.rest = behind
        amount.qualifier = "range" if qualifier in ("", "range") else f"{qualifier} range"
        amount.high = keep_readable(high, more, amount)
        # “1 to 2 million” means millions at both ends.
        zeros = more if not zeros and amount.high is not None and is_below(low, high) else zeros
    elif qualifier == "range":
        amount.qualifier = "from"
    amount.low = keep_readable(low, zeros, amount)
    return amount


def is_below(low: Decimal | Unreadable, high: Decimal | Unreadable) -> bool:
    return isinstance(low, Decimal) and isinstance(high, Decimal) and low < high


def keep_readable(number: Decimal | Unreadable | None, zeros: int, amount: Amount) -> Any:
    """Return a number with its zeros; note what is wrong with it and return None if it is none."""
    if isinstance(number, Unreadable):
        number.meant = tuple(one.scaleb(zeros) for one in number.meant)
        amount.unreadable.append(number)
        return None
    if number is None:
        return None
    scaled = number.scaleb(zeros)
    if scaled >= LARGEST or scaled != round(scaled, 2):
        told = _("We keep numbers below a hundred million millions, with two decimals at most.")
        amount.unreadable.append(Unreadable(told))
        return None
    return scaled


def put_amount(line: LineRead, amount: Amount, name: str) -> None:
    """Put what a line says of how much into its fields, and ask what is not clear."""
    line.values |= {
        name: write_number(amount.low),
        f"{name}_max": write_number(amount.high),
        "qualifier": amount.qualifier,
    }
    missing = [column for column in (name, f"{name}_max") if not line.values[column]]
    for column, error in zip(missing, amount.unreadable, strict=False):
        line.ask(column, error.told, error.options)
    ask_how_exact(line, amount)
    if amount.low is not None and amount.high is not None and amount.high <= amount.low:
        line.ask(f"{name}_max", _("The upper end of a range is above its lower end. Check both."))


def ask_how_exact(line: LineRead, amount: Amount) -> None:
    """Ask about words that say how exact a number is in a way that we do not record."""
    line.values["qualifier"] = amount.qualifier
    if amount.qualifier == "under":
        told = _("We have no word for “under”. Is it “nearly” or “up to”?")
        line.ask("qualifier", told, [("nearly", _("nearly")), ("up-to", _("up to"))])
    elif amount.qualifier == "plus":
        told = _("Does “+” mean “over” or “at least”?")
        line.ask("qualifier", told, [("over", _("over")), ("at-least", _("at least"))])
    elif amount.qualifier == "from":
        told = _("“From” needs a second number. Or is it “at least”?")
        line.ask("qualifier", told, [("at-least", _("at least"))])
    elif " range" in amount.qualifier:
        told = _("A range has its two ends, without a word such as “about”.")
        line.ask("qualifier", told, [("range", _("from … to …"))])

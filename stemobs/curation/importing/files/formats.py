"""Shows numbers and days of a workbook as people see them there: “12 %”, “60,000 Kč”."""

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from itertools import groupby

EXACT_DIGITS = 15  # what spreadsheets know of a number; what follows is noise
MOST_ZEROS = 20  # beyond which a number is written with an exponent
# The parts of a format: words, what only sets it, currencies, conditions, digits, anything else.
PART = re.compile(
    r'"(?P<word>[^"]*)"|\\(?P<sign>.)|(?P<space>[_*].)|\[\$(?P<currency>[^\]-]*)[^\]]*\]'
    r"|(?P<condition>\[[^\]]*\])|(?P<digits>[#0?.,]+)|(?P<other>.)",
    re.DOTALL,
)
SPOKEN = ("word", "sign", "currency", "other")
SCIENTIFIC = re.compile(r"E[+-]|[#0?]\s*/\s*[#0?\d]|General|Standard|@", re.IGNORECASE)


def read_exactly(value: float) -> Decimal | None:
    """Return a number without the noise behind its fifteenth digit; None if it is infinite."""
    number = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.{EXACT_DIGITS}g}")
    return number if number.is_finite() else None


def write_plainly(value: Decimal) -> str:
    """Return a number as it is written without any format."""
    plain = value.normalize()
    return str(plain) if abs(plain.adjusted()) > MOST_ZEROS else f"{plain:f}"


def show_number(value: Decimal, form: str) -> str:
    """Return a number as its format shows it; a format that is beyond this shows it plainly."""
    if form in ("", "General"):
        return write_plainly(value)
    section, number = choose_section(form, value)
    if not section or SCIENTIFIC.search(re.sub(r'"[^"]*"|\[[^\]]*\]', "", section)):
        return write_plainly(value)
    parts = [(part.lastgroup or "", part[part.lastgroup or 0]) for part in PART.finditer(section)]
    try:
        return put_together(parts, number)
    except InvalidOperation:
        return write_plainly(value)


def choose_section(form: str, value: Decimal) -> tuple[str, Decimal]:
    """Return the part of a format that is for a number, and the number as that part takes it."""
    sections = re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', form)
    if value < 0 and len(sections) > 1 and sections[1]:
        return sections[1], -value
    # A part for zero that says “–” would hide that it is one.
    return sections[0], value


def put_together(parts: list[tuple[str, str]], value: Decimal) -> str:
    """Return the words of a format with the digits between them."""
    digits = [text for kind, text in parts if kind == "digits"]
    if not digits:
        return write_plainly(value)
    is_percent = ("other", "%") in parts
    shown = show_digits(value * 100 if is_percent else value, digits)
    words: list[str] = []
    for is_number, run in groupby(keep_between(parts), key=lambda part: part[0] == "digits"):
        words.append(shown if is_number else "".join(text for kind, text in run if kind in SPOKEN))
    text = "".join(words).replace("%", " %") if is_percent else "".join(words)
    return " ".join(text.split())


def keep_between(parts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the parts of a format, of which the digits are one run: “# ##0” is one number."""
    places = [place for place, (kind, _text) in enumerate(parts) if kind == "digits"]
    return [*parts[: places[0]], ("digits", ""), *parts[places[-1] + 1 :]]


def show_digits(value: Decimal, digits: list[str]) -> str:
    """Return a number with as many digits as its format asks for."""
    pattern = "".join(digits)
    whole, _point, part = pattern.partition(".")
    thousands = len(pattern) - len(pattern.rstrip(","))
    rounded = round_to(value / 1000**thousands, len(re.sub(r"[^#0?]", "", part)))
    is_grouped = "," in whole.rstrip(",") or len(digits) > 1
    text = f"{rounded:,f}" if is_grouped else f"{rounded:f}"
    return drop_zeros(pad(text, whole.count("0")), part.count("0"))


def round_to(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def pad(text: str, least: int) -> str:
    """Return a number with zeros in front, as the codes of schools have them."""
    whole, point, part = text.partition(".")
    return whole.zfill(least) + point + part if least > 1 and "," not in whole else text


def drop_zeros(text: str, least: int) -> str:
    """Return a number without the zeros at its end that its format does not ask for."""
    whole, point, part = text.partition(".")
    kept = part[:least] + part[least:].rstrip("0")
    return whole + point + kept if kept else whole


# --- Days -----------------------------------------------------------------------------------------


def show_day(value: date | time | timedelta, form: str) -> tuple[str, date | None]:
    """Return a day or a time as it is seen, and the day that it is; a time is none."""
    if isinstance(value, datetime):
        clock = "" if value.time() == time() else f" {value:%H:%M}"
        return show_parts(value.date(), form) + clock, value.date()
    if isinstance(value, date):
        return show_parts(value, form), value
    return (f"{value:%H:%M}" if isinstance(value, time) else str(value)), None


def show_parts(value: date, form: str) -> str:
    """Return a day in the order of ISO 8601, with as much of it as its format shows."""
    letters = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", form).lower()
    if "d" in letters or not letters:
        return value.isoformat()
    return value.isoformat()[:7] if "m" in letters else value.isoformat()[:4]

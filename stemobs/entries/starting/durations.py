"""Reads how long something takes from words such as “two to four hours plus preparation”."""

import re

# A working day, and what is left of a week; only for comparing with the time that somebody has.
HOURS = {
    "minute": 1 / 60, "hour": 1, "lesson": 1, "evening": 3, "morning": 4, "afternoon": 4,
    "day": 8, "weekend": 16, "week": 40, "month": 160, "term": 500, "semester": 800, "year": 1600,
}  # fmt: skip
TIMES_A_YEAR = {"week": 36, "month": 12, "year": 1}
# More than this is no time of one participant, but that of all together: “more than 5,000 hours”.
MOST_HOURS = 1_000
WORDS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
)  # fmt: skip
NUMBERS = {
    **{word: float(number) for number, word in enumerate(WORDS, start=1)},
    "a": 1.0, "an": 1.0, "half a": 0.5, "half an": 0.5,
}  # fmt: skip

COUNTED = rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d+(?:\.\d+)?|{'|'.join(WORDS)})"
NUMBER = rf"(?:half an?|{COUNTED}|an?)"
UNIT = rf"(?:{'|'.join(sorted(HOURS, key=len, reverse=True))})s?"
AMOUNT = re.compile(
    rf"(?<![\w:.,-])(?P<number>{NUMBER})(?:(?:\s+(?:to|or|and)\s+|\s?[–-]\s?){COUNTED})?[\s-]+"
    # At most two words may stand before the unit: “three consecutive school years”.
    rf"(?:(?!(?:{NUMBER}|{UNIT})\b)[a-z]+\s+){{0,2}}?(?P<unit>{UNIT})\b"
    rf"(?:\s+(?:and\s+)?(?P<minutes>\d+)\s+minutes?\b)?"
    rf"(?:\s+(?:a|per|each|every)\s+(?P<rate>{'|'.join(TIMES_A_YEAR)})\b)?"
)
# “One visit or a day” names two possibilities, “four or five days” only one.
ALTERNATIVES = re.compile(rf";|\bor\b(?!\s+{COUNTED}\b)")
# Words after which a single day is not the whole: “a project through the school year and one day”.
UNSURE = re.compile(r"^\s*depend|\b(?:over|through|throughout|during) the (?:school )?year\b")
LASTING = re.compile(r"\bmeant to last\b|\blong[- ]term\b|\bbeyond the short term\b")


def read_hours(text: str) -> float | None:
    """Return the least number of hours that a text names; None if it names no length of time.

    Of several possibilities the shortest counts, and of a range its beginning. A rate, such as an
    hour a month, counts for a year, and so does what is meant to last. What depends on something
    else is not known.
    """
    lowered = text.lower()
    if LASTING.search(lowered):
        return HOURS["year"]
    if UNSURE.search(lowered):
        return None
    found = [read_first_amount(part) for part in ALTERNATIVES.split(lowered)]
    return min((hours for hours in found if hours is not None), default=None)


def read_first_amount(text: str) -> float | None:
    """Return the first amount of time in a text in hours; None if there is none."""
    amounts = (measure_amount(match) for match in AMOUNT.finditer(text))
    return next((hours for hours in amounts if hours is not None), None)


def measure_amount(match: re.Match[str]) -> float | None:
    """Return the hours of one amount; None for what cannot be the time of one participant."""
    number, unit = match["number"], match["unit"].removesuffix("s")
    value = NUMBERS.get(number) or float(number.replace(",", ""))
    hours = value * HOURS[unit] + int(match["minutes"] or 0) * HOURS["minute"]
    if unit == "hour" and value > MOST_HOURS:
        return None
    return hours * TIMES_A_YEAR[match["rate"]] if match["rate"] else hours

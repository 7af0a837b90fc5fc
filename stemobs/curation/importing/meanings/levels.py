"""Reads levels of education as countries call them: “1. stupeň ZŠ”, “liceum”, “Klasse 5–10”.

A word that means something else in another country has the meaning of the programme's country. If
that is not known, it is asked once for the word.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from stemobs.curation.importing.meanings.asking import CellInHand
from stemobs.curation.importing.meanings.figures import refuse_odd
from stemobs.curation.importing.meanings.tables import (
    Phrases,
    is_nothing,
    list_words,
    match,
    read_phrases,
    read_table,
    reduce,
    take_last,
)
from stemobs.curation.importing.meanings.terms import read_ages, write_ages
from stemobs.curation.importing.shapes import KnownTerms

SEPARATORS = re.compile(r"[;,|\n•+&]|\s[–—-]\s")
SPAN = re.compile(r"\s[–—-]\s")
STROKE = re.compile(r"\s*/\s*")
IN_BRACKETS = re.compile(r"[^(),;|\n]+\([^()]*\)")  # “gymnasiet (stx, htx)”
ISCED = re.compile(r"isced(?:\s?(?:2011|97))?\s*(?:levels?|level|stufen?|niveau|poziom|:)*\s*(.*)")
NUMBERS = re.compile(r"[0-8](?:\s*(?:[-–—/,&+]|to|and|bis|und|a|i|et|y|e|do|až|az)\s*[0-8])*")
RANGE = re.compile(r"([0-9]{1,2})\s*(?:[-–—]|to|bis|do|az)\s*([0-9]{1,2})")
HIGHEST_LEVEL = 8
ROMAN = {
    "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10,
    "xi": 11, "xii": 12, "xiii": 13,
}  # fmt: skip
HIGHEST_CLASS = 13
# What stands joined to a number that counts: “10.º”, “5th”, “6e”, “3de”.
ORDINAL = frozenset({"o", "a", "e", "er", "eme", "de", "te", "th", "st", "nd", "rd", "η", "ης"})
LONGEST_WORD = 80
VOCATIONAL = "vocational"


@cache
def read_unsure() -> Mapping[str, Any]:
    """Return the words that mean different levels, each with its entry in the table."""
    return {
        word: one for one in read_table("levels")["unsure"] for word in list_words(one["words"])
    }


def list_sure() -> Phrases:
    return read_phrases("levels", "sure")


def read_levels(hand: CellInHand) -> None:
    """Read the levels of a cell."""
    if isinstance(hand.cell.value, bool) or hasattr(hand.cell.value, "year"):
        refuse_odd(hand)
        return
    if is_nothing(hand.text):
        return
    if SPAN.search(hand.text) and leaves_gap(hand):
        ask_for_level(hand, clean(hand.text), list_all(hand.known))
        return
    for part in narrow(hand.take_parts(split_levels(hand.text)), hand.country):
        read_level(hand, part)


def leaves_gap(hand: CellInHand) -> bool:
    """Whether a dash joins levels with another between: “Primary – upper secondary”."""
    found = [list_sure().get(clean(part), "") for part in SPAN.split(hand.text)]
    levels = sorted({int(one) for some in found for one in some.split() if one.isdecimal()})
    return all(found) and any(two - one > 1 for one, two in pairwise(levels))


def narrow(parts: list[str], country: str) -> list[str]:
    """Return the parts of a cell without a school whose classes are named beside it.

    “Szkoła podstawowa, klasy 1–3” is the primary level alone. Classes that are counted anew in a
    school, as in “liceum, klasy 1–3”, say nothing.
    """
    schools = [part for part in parts if clean(part) in list_sure()]
    classes = [found for part in parts if (found := find_classes(part)) and part not in schools]
    if not schools or len(classes) != 1 or len(schools) + 1 != len(parts):
        return parts
    named = {level for part in schools for level in list_sure()[clean(part)].split()}
    told = list_levels_of(country, *classes[0])
    if not told:
        return parts
    is_part = set(told) <= named
    return [part for part in parts if (part in schools) != is_part]


def is_known(text: str) -> bool:
    """Whether a text as a whole is a word for a level, whatever it means."""
    if len(text) > LONGEST_WORD:
        return False
    reduced = clean(text)
    return reduced in list_sure() or reduced in read_unsure()


def clean(text: str) -> str:
    return reduce(text).strip(" .:;,()[]") if reduce(text) not in list_sure() else reduce(text)


def split_levels(text: str) -> Iterator[str]:
    """Yield the parts of a text that name a level each."""
    if is_known(text) or find_numbers(text) or find_classes(text):
        yield text
        return
    if IN_BRACKETS.fullmatch(text.strip()):
        yield from split_at_and(text.strip())
        return
    parts = [part for part in SEPARATORS.split(text) if part.strip()]
    if len(parts) == 1:
        parts = [part for part in STROKE.split(text) if part.strip()]
    if len(parts) > 1:
        for part in parts:
            yield from split_levels(part)
        return
    yield from split_at_and(text.strip())


def split_at_and(text: str) -> Iterator[str]:
    """Yield what stands around a word for “and”, or in brackets, if that is known."""
    words, start = text.split(), 0
    ands = read_phrases("places", "and")
    for place, word in enumerate(words[:-1]):
        before, behind = " ".join(words[start:place]), " ".join(words[place + 1 :])
        if place > start and reduce(word) in ands and (is_known(before) or is_known(behind)):
            yield before
            start = place + 1
    if start:
        yield " ".join(words[start:])
        return
    inside = re.fullmatch(r"[^()]*\(([^()]+)\)", text)
    if inside and (is_known(inside[1]) or find_numbers(inside[1]) or find_classes(inside[1])):
        yield inside[1]
    elif text:
        yield text


def read_level(hand: CellInHand, part: str) -> None:
    """Read one part of a cell: a word, levels of ISCED, classes, or ages."""
    word = clean(part)
    if numbers := find_numbers(part):
        read_numbers(hand, word, numbers)
    elif levels := list_sure().get(word):
        add_levels(hand, levels)
    elif entry := read_unsure().get(word):
        read_unsure_word(hand, part, entry)
    elif classes := find_classes(part):
        read_classes(hand, part, *classes)
    elif ages := read_ages(part, needs_word=True):
        hand.add(write_ages(ages))
    elif match(part, read_phrases("answers", VOCATIONAL)):
        hand.add({VOCATIONAL: "yes"})
    else:
        ask_for_level(hand, part, list_all(hand.known))


def add_levels(hand: CellInHand, levels: str) -> None:
    """Add levels, and that they are vocational."""
    for level in levels.split():
        hand.add({VOCATIONAL: "yes"} if level == VOCATIONAL else {"value": level})


def read_unsure_word(hand: CellInHand, part: str, entry: Mapping[str, Any]) -> None:
    """Read a word that the programme's country decides."""
    levels = entry.get("in", {}).get(hand.country) or entry.get("otherwise", "")
    if levels:
        add_levels(hand, levels)
        return
    key = ":".join(filter(None, ["level", clean(part), hand.country]))
    ask_for_level(hand, part, list_offered(hand.known, entry["options"]), key)


def ask_for_level(
    hand: CellInHand, part: str, options: list[tuple[str, str]], key: str = ""
) -> None:
    """Ask which levels a word means, as the file writes it, once for all rows."""
    told = _("Which level of education is “%(word)s”?")
    if hand.country:
        told = _("Which level of education is “%(word)s” in %(country)s?")
    country = hand.known.countries.get(hand.country, hand.country)
    told %= {"word": part.strip()[:LONGEST_WORD], "country": country}
    answer = hand.ask(key or f"level:{clean(part)[:LONGEST_WORD]}", told, options)
    if answer and answer != "none":
        add_levels(hand, answer)


def list_offered(known: KnownTerms, options: list[str]) -> list[tuple[str, str]]:
    """Return levels as options, by their names in the catalogue."""
    return [(one, name_levels(known, one)) for one in options]


def name_levels(known: KnownTerms, levels: str) -> str:
    """Return how levels are called, with “+” between them."""
    names = {VOCATIONAL: _("vocational"), **known.levels}
    return " + ".join(names.get(level, level) for level in levels.split())


def list_all(known: KnownTerms) -> list[tuple[str, str]]:
    """Return every level as an option, and that a word is none."""
    levels = [*(known.levels or map(str, range(9))), "1 2", "2 3", "1 2 3", VOCATIONAL]
    return [*list_offered(known, levels), ("none", _("it is no level: leave it out"))]


# --- Levels of ISCED by their numbers, and classes ------------------------------------------------


def find_numbers(text: str) -> str:
    """Return the levels of ISCED that a text names by their numbers: “ISCED 2-3”, “2, 3”."""
    reduced = reduce(text)
    found = ISCED.fullmatch(reduced)
    bare = (found[1] if found else reduced).strip(" .:()")
    bare = re.sub(r"\bisced\s*", "", bare)
    return bare if NUMBERS.fullmatch(bare) or RANGE.fullmatch(bare) else ""


def read_numbers(hand: CellInHand, word: str, numbers: str) -> None:
    """Read numbers of levels; numbers alone may be classes as well, so that is asked once."""
    kind = "isced" if "isced" in word else find_kind_in_name(hand.column.name)
    kind = kind or ask_for_kind(hand, numbers)
    found = RANGE.fullmatch(numbers)
    ends = [int(one) for one in re.findall(r"[0-9]+", numbers)]
    if found and ends[0] > ends[1]:
        hand.refuse("range-upside-down", _("“%(text)s” ends below its beginning."), text=numbers)
    elif kind == "classes":
        read_classes(hand, numbers, min(ends), max(ends))
    elif kind == "ages":
        hand.add(write_ages((min(ends), max(ends))))
    elif kind and max(ends) > HIGHEST_LEVEL:
        told = _("“%(text)s” is no level of ISCED. Its levels go from 0 to 8.")
        hand.refuse("no-such-level", told, text=numbers)
    elif kind:
        levels = range(ends[0], ends[1] + 1) if found else ends
        add_levels(hand, " ".join(map(str, levels)))


def find_kind_in_name(name: str) -> str:
    """Return what the name of a column says its numbers are; "" if nothing."""
    reduced = reduce(name)
    words = read_phrases("levels", "class-words")
    if "isced" in reduced:
        return "isced"
    is_of_classes = match(name, words) or take_last(reduced, words)[0]
    return "classes" if is_of_classes else ""


def ask_for_kind(hand: CellInHand, numbers: str) -> str:
    """Return what numbers alone are, as people said for the column."""
    told = _("Column “%(column)s”: what are numbers such as “%(text)s”?")
    told %= {"column": hand.column.name, "text": numbers}
    options = (
        ("isced", _("levels of ISCED")),
        ("classes", _("classes of a school")),
        ("ages", _("ages")),
    )
    return hand.ask(f"levels:{hand.column.place}", told, options)


def find_classes(text: str) -> tuple[int, int] | None:
    """Return the first and the last class that a text names, with a word such as “class”."""
    pieces = re.findall(r"[0-9]+|[^\W\d_]+(?:\.(?=[^\W\d_]))?[^\W\d_]*\.?", reduce(text))
    words = read_phrases("levels", "class-words")
    numbers, has_word = [], False
    for piece in pieces:
        bare = piece.strip(".")
        if bare.isdecimal() and len(bare) <= 2:
            numbers.append(int(bare))
        elif bare in ROMAN and bare not in words:
            numbers.append(ROMAN[bare])
        elif piece in words or bare in words:
            has_word = True
        elif not is_between(bare) and not (numbers and (is_known(bare) or bare in ORDINAL)):
            return None
    fits = has_word and len(numbers) in (1, 2) and max(numbers, default=99) <= HIGHEST_CLASS
    is_whole = len(numbers) > 1 or not any(map(is_open_end, pieces))
    return (
        (numbers[0], numbers[-1]) if fits and is_whole and 0 < numbers[0] <= numbers[-1] else None
    )


def is_open_end(word: str) -> bool:
    """Whether a word before one class alone means that others follow or come before it."""
    return any(word in read_phrases("periods", part) for part in ("since", "until"))


def is_between(word: str) -> bool:
    """Whether a word may stand between the first and the last class."""
    tables = [("numbers", "to"), ("places", "and"), ("periods", "since"), ("periods", "until")]
    return any(word in read_phrases(*table) for table in tables)


def read_classes(hand: CellInHand, text: str, first: int, last: int) -> None:
    """Read classes: which levels they are, the programme's country says."""
    levels = list_levels_of(hand.country or find_country_of(text), first, last)
    if levels and not reduce(text).startswith("year"):
        add_levels(hand, " ".join(levels))
        return
    key = ":".join(filter(None, ["level", reduce(text)[:LONGEST_WORD], hand.country]))
    options = list_offered(hand.known, ["1", "1 2", "2", "2 3", "3", "1 2 3"])
    ask_for_level(hand, reduce(text), options, key)


def find_country_of(text: str) -> str:
    """Return the country whose word for “class” a text has; "" if several have it."""
    words = read_phrases("levels", "class-words-of")
    found = {words.get(piece.strip("."), "") for piece in re.findall(r"[^\W\d_]+", reduce(text))}
    return next(iter(found - {""})) if len(found - {""}) == 1 else ""


def list_levels_of(country: str, first: int, last: int) -> list[str]:
    """Return the levels of these classes in a country; none if it has no such classes."""
    ends = read_table("levels")["classes"].get(country)
    if not ends or not first <= last <= ends[-1]:
        return []
    starts = [0, *ends[:-1]]
    return [
        str(level)
        for level, (start, end) in enumerate(zip(starts, ends, strict=True), 1)
        if first <= end and last > start
    ]

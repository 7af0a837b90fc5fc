"""Reads cells that say how many a programme reaches: “320 žáků”, “12 szkół i 480 uczniów”."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from django.utils.translation import gettext as _

from stemobs.curation.importing.meanings.asking import CellInHand
from stemobs.curation.importing.meanings.numbers import (
    OPENED,
    CellAmount,
    Marks,
    begins_with_number,
    is_typed,
    keep_in_bounds,
    prepare,
    read_amount,
    refuse_number,
    restore,
)
from stemobs.curation.importing.meanings.tables import (
    Phrases,
    is_nothing,
    match,
    read_phrases,
    reduce,
    take_first,
)
from stemobs.curation.importing.meanings.whens import read_beside
from stemobs.curation.importing.shapes import KnownTerms
from stemobs.curation.reading.figures import LONGEST_DETAIL
from stemobs.curation.reading.numbers import write_number

Fields = Mapping[str, str]
# What may stand between two figures: “12 schools and 480 pupils”, “480 pupils from 12 schools”.
BETWEEN = re.compile(r"(?:[,;/+&()|\n]|-(?=\s)|[–—])*\s*")
JOINTS = frozenset({
    "from", "at", "in", "with", "w", "z", "ze", "v", "ve", "na", "aus", "an", "mit", "von", "de",
    "dans", "di", "da", "del", "con", "van", "uit", "op", "bij", "med", "pa", "fra", "fran", "iz",
    "u", "s", "so", "from the", "em", "com", "din", "cu", "от", "в", "από", "σε", "of",
})  # fmt: skip
YEAR_BEFORE = re.compile(r"(?<!\w)(?:19|20)\d\d(?:\s?[/–-]\s?(?:20)?\d\d)?\s*:")
PERCENT = re.compile(r"\s*%")
EACH = re.compile(r"\b[àÀ]\s*\d")
OF_ALL = re.compile(r"\s*(?:of|von|der|de|des|di|z|ze|od|av|af|van|from)\b")  # “50 % of 200”
OF = re.compile(r"(?:de |d'|of |di |st\. |x |× |do )")
DIVIDED = frozenset({"percent", "hours", "volunteer-hours"})  # units that have parts
MOST_FIGURES = 12  # or sums, in one cell


def read_reach(hand: CellInHand, marks: Marks, unit: str, zeros: int) -> list[dict[str, str]]:
    """Return the figures of a cell; `unit` and `zeros` are what the row and the name say.

    What a figure counts is asked if nobody says it.
    """
    if is_typed(hand.cell.value):
        return read_typed_reach(hand, unit, zeros)
    return take_each(hand, prepare, lambda text: take_figure(hand, text, marks, unit, zeros))


def take_each(
    hand: CellInHand,
    prepared: Callable[[str], str],
    take: Callable[[str], tuple[dict[str, str], str]],
) -> list[dict[str, str]]:
    """Return the figures or sums of a cell, taken from its text one after another.

    A time that stands before them is that of each that has none of its own.
    """
    if hand.cell.value is not None:
        refuse_odd(hand)
        return []
    if is_nothing(hand.text):
        return []
    figures = []
    for piece in split_at_years(hand.text):
        time, bare = take_time_before(piece)
        for figure in take_all(prepared(bare), take):
            figures.append(figure if "period" in figure else figure | time)
    return [] if hand.meaning.fault else figures


def split_at_years(text: str) -> list[str]:
    """Return the parts of a text that begin with a year each: “2019: 300; 2020: 350”."""
    starts = [found.start() for found in YEAR_BEFORE.finditer(text)]
    if len(starts) < 2 or text[: starts[0]].strip():
        return [text]
    ends = [*starts[1:], len(text)]
    return [text[one:two].strip(" ,;/\n") for one, two in zip(starts, ends, strict=True)]


def take_all(
    text: str, take: Callable[[str], tuple[dict[str, str], str]]
) -> Iterator[dict[str, str]]:
    """Yield the figures or sums of a prepared text."""
    for _number in range(MOST_FIGURES):
        figure, text = take(text)
        if figure:
            yield figure
        if not text:
            break


def take_time_before(text: str) -> tuple[dict[str, str], str]:
    """Take a time with a colon from before a number: “2019: 320 žáků”."""
    before, _colon, rest = text.partition(":")
    time = read_beside(before) if any(letter.isdigit() for letter in rest) else {}
    return (time, rest) if time.get("period") else ({}, text)


def refuse_odd(hand: CellInHand) -> None:
    """Refuse a day, or yes and no, where a number should be: some programs make days of “6-10”."""
    if isinstance(hand.cell.value, bool):
        refuse_number(hand, hand.text)
        return
    told = _("“%(text)s” is a day, but a number should be here. A program may have changed it.")
    hand.refuse("day-for-number", told, text=hand.text)


def read_typed_reach(hand: CellInHand, unit: str, zeros: int) -> list[dict[str, str]]:
    """Return the figure that a workbook holds as a number, for which nothing has to be guessed."""
    value = hand.cell.value
    is_share = hand.text.endswith("%")
    number = None
    if isinstance(value, Decimal):
        number = scale_typed(hand, value, 2 if is_share else zeros)
    if number is None:
        return []
    if is_share:
        unit = "percent"
    word = re.sub(r"^[\d.,\s'’\u00a0\u202f]+", "", hand.text).strip("% ")
    own = find_unit(hand, word) if word else ""
    if word and own is None:
        return []
    counted = own or unit or ask_for_unit(hand)
    return [put_figure(CellAmount(number), counted)] if counted else []


def scale_typed(hand: CellInHand, value: Decimal, zeros: int) -> Decimal | None:
    """Return the number of a workbook; binary fractions such as 0.1 + 0.2 are cut to two places."""
    if not value.is_finite():
        refuse_number(hand, hand.text)
        return None
    if value < 0:
        hand.refuse("negative-number", _("A number below zero cannot be right here."))
        return None
    scaled = value.scaleb(zeros)
    near = round(scaled, 2) if abs(scaled) < 10**20 else scaled
    is_near = abs(near - scaled) < Decimal("0.000001")
    return keep_in_bounds(hand, near if is_near else scaled)


def take_figure(
    hand: CellInHand, text: str, marks: Marks, unit: str, zeros: int
) -> tuple[dict[str, str], str]:
    """Return the figure that a text begins with, and the text from the next figure on."""
    kind, text = take_kind(text)
    named, text = take_named(hand, text)
    amount = read_amount(hand, text, marks)
    if amount is None:
        if not hand.meaning.asked:
            refuse_number(hand, hand.text)
        return {}, ""
    if zeros and not amount.has_size:
        amount = replace(
            amount,
            low=amount.low and keep_in_bounds(hand, amount.low.scaleb(zeros)),
            high=amount.high and keep_in_bounds(hand, amount.high.scaleb(zeros)),
        )
    said, rest = (named, amount.rest) if named else take_unit(hand, amount.rest)
    if said is None:
        return {}, ""
    time, rest = take_time(rest)
    time = {"period_type": kind, **time} if kind else time
    following = find_next(rest, hand) if said or time else ""
    if following and said == "percent" and OF_ALL.match(rest):
        refuse_second_number(hand, rest)
        return {}, ""
    if not said and not unit and rest and not following and not any(map(str.isdigit, rest)):
        said = ask_about_word(hand, rest)
        rest = ""
    counted = said or unit or (ask_for_unit(hand) if said is not None else "")
    if counted and not is_whole(hand, amount, counted):
        counted = ""
    figure = put_figure(amount, counted) | time if counted else {}
    if not said and not following and refuse_second_number(hand, rest):
        return {}, ""
    if rest and not following and not put_detail(hand, figure, rest):
        figure = {}
    return figure, following


def is_whole(hand: CellInHand, amount: CellAmount, unit: str) -> bool:
    """Whether a number can count its unit; of a part of a pupil it is asked what is meant."""
    parts = [one for one in (amount.low, amount.high) if one is not None and one % 1]
    if not parts or unit in DIVIDED:
        return True
    told = _("Column “%(column)s”: %(number)s counts no whole number. Is it right all the same?")
    told %= {"column": hand.column.name, "number": write_number(parts[0])}
    options = (("keep", _("yes, as it stands")), ("drop", _("leave it out")))
    key = f"part:{hand.column.place}:{write_number(parts[0])}"
    return hand.ask(key, told, options) == "keep"


def put_figure(amount: CellAmount, unit: str) -> dict[str, str]:
    """Return the fields of a figure."""
    low, high, qualifier = amount.fields
    fields = {"value": low, "value_max": high, "qualifier": qualifier, "unit": unit}
    return {name: value for name, value in fields.items() if value}


def take_time(rest: str) -> tuple[dict[str, str], str]:
    """Return when it was, if what follows a figure says that, and what follows then."""
    inside = re.match(r"[,;:\s]*\(([^()]*)\)", rest)
    if inside and (time := read_beside(inside[1])):
        return time, rest[inside.end() :].strip()
    if time := read_beside(rest.strip(OPENED + ".)")):
        return time, ""
    return {}, rest


def take_kind(text: str) -> tuple[str, str]:
    """Take words such as “in total” from before a number: “celkem 320 žáků”."""
    kind, rest = take_first(text, read_phrases("periods", "kinds"))
    bare = rest.lstrip(" :")
    return (kind, bare) if kind and begins_with_number(bare) else ("", text)


def take_named(hand: CellInHand | None, text: str) -> tuple[str, str]:
    """Take a unit with a colon from before its number: “Schulen: 12”."""
    name, colon, rest = text.partition(":")
    if not colon or hand is None or not begins_with_number(rest.strip()):
        return "", text
    slugs = match(name, list_units(hand.known))
    chosen = choose_unit(hand, slugs, name.strip()) if slugs else ""
    return (chosen, rest.strip()) if chosen else ("", text)


def begins_figure(text: str, hand: CellInHand | None) -> bool:
    """Whether a text begins with a number, or with a unit before one."""
    if begins_with_number(text):
        return True
    name, colon, rest = text.partition(":")
    is_named = bool(colon) and begins_with_number(rest.strip())
    return is_named and hand is not None and bool(match(name, list_units(hand.known)))


def find_next(rest: str, hand: CellInHand | None = None) -> str:
    """Return the rest of a text from the next figure on; "" if there is none."""
    found = BETWEEN.match(rest)
    text = rest[found.end() :] if found else rest
    is_cut = bool(found and found[0].strip())
    joined = take_first(text, read_phrases("places", "and"))
    word, _space, behind = text.partition(" ")
    # “12 Klassen à 25 Schüler” are not 25 pupils.
    if joined[0] and not (hand and EACH.search(hand.text)):
        text, is_cut = joined[1], True
    elif word in JOINTS:
        text, is_cut = behind, True
    return text if is_cut and begins_figure(text, hand) else ""


def refuse_second_number(hand: CellInHand, rest: str) -> bool:
    """Refuse a cell with another number of which nothing says what it is: “300/20”."""
    if not any(map(str.isdigit, rest)):
        return False
    told = _("“%(text)s” has more than one number. Write what each of them counts.")
    hand.refuse("several-numbers", told, text=hand.text[:LONGEST_DETAIL])
    return True


def put_detail(hand: CellInHand, figure: dict[str, str], rest: str) -> bool:
    """Keep what else a cell says as the detail of its figure, if somebody says so."""
    detail = restore(hand.text, rest) if re.search(r"\w", rest) else ""
    if not detail:
        return True
    told = _("“%(text)s” says more than a number: “%(more)s”. Keep that as a detail?")
    told %= {"text": hand.text[:LONGEST_DETAIL], "more": detail[:LONGEST_DETAIL]}
    options = (("keep", _("keep it as a detail")), ("drop", _("leave it out")))
    key = f"rest:{hand.column.place}:{detail[:LONGEST_DETAIL]}"
    answer = hand.ask(key, told, options)
    if answer == "keep" and figure:
        figure["unit_detail"] = detail[:LONGEST_DETAIL]
    return bool(answer)


# --- Units ----------------------------------------------------------------------------------------


def list_units(known: KnownTerms) -> Phrases:
    """Return what each word for a unit means: a slug, or several with “|” between them."""
    return collect_units(tuple(known.units.items()), tuple(known.merged_units.items()))


@lru_cache(maxsize=4)
def collect_units(
    units: tuple[tuple[str, str], ...], merged: tuple[tuple[str, str], ...] = ()
) -> Phrases:
    """Return the words for units, also by the names of the catalogue; merged ones as the others."""
    words = follow_merged(read_phrases("units", "units"), dict(merged))
    for slug, name in units:
        words[reduce(name)] = slug
        if name.endswith("s"):
            words.setdefault(reduce(name[:-1]), slug)
    return words


def follow_merged(words: Mapping[str, str], merged: Mapping[str, str]) -> dict[str, str]:
    """Return what words mean, where a unit was merged into another: that other one, once."""
    return {
        word: "|".join(dict.fromkeys(merged.get(one, one) for one in slugs.split("|")))
        for word, slugs in words.items()
    }


def take_unit(hand: CellInHand, rest: str) -> tuple[str | None, str]:
    """Return the unit that a text begins with, "" if none, None if it is asked; and the rest."""
    if found := PERCENT.match(rest):
        return "percent", rest[found.end() :].strip()
    bare = OF.sub("", rest, count=1) if OF.match(rest) else rest
    slugs, behind = take_first(bare, list_units(hand.known))
    if not slugs and bare.startswith("("):
        inside, _closing, after = bare[1:].partition(")")
        slugs, behind = match(inside, list_units(hand.known)), after.strip()
    if not slugs:
        return "", rest
    word = restore(hand.text, bare)[: len(bare) - len(behind)].strip()
    return choose_unit(hand, slugs, reduce(word)) or None, behind


def find_unit(hand: CellInHand, text: str) -> str | None:
    """Return the unit that a text names; None if that is asked."""
    slugs = match(text, list_units(hand.known))
    if slugs:
        return choose_unit(hand, slugs, reduce(text)) or None
    return ask_about_word(hand, text)


def choose_unit(hand: CellInHand, slugs: str, word: str) -> str:
    """Return the unit that a word means, as the catalogue has it, or as people said."""
    known = [one for one in slugs.split("|") if not hand.known.units or one in hand.known.units]
    if len(known) == 1 and "|" not in slugs:
        return known[0]
    if hand.column.unit in known:  # “480 people” in a column of pupils
        return hand.column.unit
    told = _("Column “%(column)s”: what does “%(word)s” count?")
    told %= {"column": hand.column.name, "word": word}
    key = f"unit:{hand.column.place}:{word}"
    return hand.ask(key, told, name_units(hand.known, known), free=False)


def ask_about_word(hand: CellInHand, text: str) -> str | None:
    """Return the unit for a word that is none, as people said; None if they are asked."""
    word = reduce(text).strip(OPENED + ")]")[:LONGEST_DETAIL]
    told = _("Column “%(column)s”: we do not count “%(word)s”. What is nearest?")
    told %= {"column": hand.column.name, "word": word}
    options = name_units(hand.known, list(hand.known.units))
    return hand.ask(f"unit:{hand.column.place}:{word}", told, options) or None


def name_units(known: KnownTerms, slugs: list[str]) -> list[tuple[str, str]]:
    """Return units as options, by the words that partners use for them."""
    own = {"students": _("pupils"), "participants": _("pupils and teachers together")}
    return [(one, own.get(one, known.units.get(one, one))) for one in slugs]


def ask_for_unit(hand: CellInHand) -> str:
    """Return what the numbers of a column count, as people said for it, or for the row."""
    place, name = hand.column.place, hand.column.name
    said = match(name, read_phrases("units", "units")) or "students|participants|schools|teachers"
    said = follow_merged({name: said}, hand.known.merged_units)[name]
    slugs = [one for one in said.split("|") if not hand.known.units or one in hand.known.units]
    if "participants" in slugs and len(slugs) == 1:
        slugs = ["students", "participants"]
    told = _("What does “%(column)s” count?") % {"column": name}
    options = name_units(hand.known, slugs)
    line = _("What does “%(column)s” count in line %(line)d?")
    line %= {"column": name, "line": hand.line}
    return hand.ask_each(f"unit:{place}", told, options, (f"unit:{place}:{hand.line}", line))


def read_unit_cell(hand: CellInHand) -> str:
    """Return the unit that a cell of its own names, and add it as a fact."""
    if is_nothing(hand.text):
        return ""
    unit = find_unit(hand, hand.text) or ""
    hand.add({"value": unit})
    return unit

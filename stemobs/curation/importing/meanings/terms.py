"""Reads words of lists: kinds, audiences, status, languages; and ages."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache

from django.utils.translation import gettext as _
from rapidfuzz import fuzz, process

from stemobs.catalogue.meanings import find_meanings
from stemobs.curation.importing.meanings.asking import CellInHand
from stemobs.curation.importing.meanings.tables import (
    Phrases,
    is_nothing,
    match,
    read_phrases,
    read_table,
    reduce,
    take_first,
    take_last,
)
from stemobs.text import split_words

SEPARATORS = re.compile(r"[;,/|\n•+]|\s&\s")
LONGEST_WORD = 80
MOST_OFFERED, NEAR = 5, 60
OLDEST = 120
AGES = re.compile(r"([0-9]{1,3})(?:\s*(?:[-–—‒/]|[^\W\d_.]+)\s*([0-9]{1,3}))?")
AGE_BREAKS = re.compile(r"\s*[;,\n•&]\s*|\s+/\s+|\s+[^\W\d_]{1,4}\s+(?=[0-9]{1,2}\s?[-–—])")
Ages = tuple[int | None, int | None]


def split_terms(text: str, find: Callable[[str], str]) -> Iterator[str]:
    """Yield the parts of a text that name a term each; a text that is one as a whole stays."""
    if find(text):
        yield text
        return
    for part in SEPARATORS.split(text):
        words = part.split()
        cuts = [
            place
            for place, word in enumerate(words[1:-1], 1)
            if reduce(word) in read_phrases("places", "and")
            and find(" ".join(words[:place]))
            and find(" ".join(words[place + 1 :]))
        ]
        if cuts and not find(part):
            yield " ".join(words[: cuts[0]])
            yield " ".join(words[cuts[0] + 1 :])
        elif words:
            yield " ".join(words)


def read_terms(hand: CellInHand, facet: str, terms: Mapping[str, str]) -> None:
    """Read the terms of a vocabulary that a cell names: `facet` is “kind” or “audience”."""
    if is_nothing(hand.text):
        return

    def find(text: str) -> str:
        return find_term(text, facet, terms)

    for part in hand.take_parts(split_terms(hand.text, find)):
        slug = find(part) or ask_for_term(hand, facet, part, terms)
        if slug != "none":
            hand.add({"value": slug})


def find_term(text: str, facet: str, terms: Mapping[str, str]) -> str:
    """Return the term that a text names, by its own name or by what the search knows."""
    if len(text) > LONGEST_WORD:
        return ""
    reduced = reduce(text).strip(" .")
    for slug, name in terms.items():
        if reduced in (reduce(name), reduce(name).removesuffix("s"), slug):
            return slug
    slug = match(text, read_phrases("units", "units")) if facet == "audience" else ""
    if slug in terms:
        return slug
    words = split_words(text)
    # What the search takes for a kind is not always one: a contest may be of any.
    if facet == "kind" or not words or len(words) > 8:
        return ""
    meanings = find_meanings(words, 0).get(len(words), [])
    found = {value for one in meanings for kind, value in one.values if kind == facet}
    slugs = [slug for slug in found if slug in terms]
    return slugs[0] if len(slugs) == 1 and len(meanings) == 1 else ""


def ask_for_term(hand: CellInHand, facet: str, part: str, terms: Mapping[str, str]) -> str:
    """Return which term people say a word is; they are offered the nearest first, then all."""
    word = part.strip()[:LONGEST_WORD]
    names = {slug: reduce(name) for slug, name in terms.items()}
    near = process.extract(
        reduce(word), names, scorer=fuzz.ratio, limit=MOST_OFFERED, score_cutoff=NEAR
    )
    slugs = dict.fromkeys([*(slug for _name, _score, slug in near), *terms])
    told = {
        "kind": _("Which kind of initiative is “%(word)s”?"),
        "audience": _("Which audience is “%(word)s”?"),
    }[facet]
    options = [*((slug, terms[slug]) for slug in slugs), ("none", _("none: leave it out"))]
    return hand.ask(f"{facet}:{reduce(word)}", told % {"word": word}, options)


# --- Status and languages -------------------------------------------------------------------------


def read_status(hand: CellInHand) -> None:
    """Read whether a programme runs."""
    if isinstance(hand.cell.value, bool):
        hand.add({"value": "active" if hand.cell.value else "completed"})
        return
    status = match(hand.text, read_phrases("answers", "status"))
    if not status and is_nothing(hand.text):
        return
    told = _("What does the status “%(word)s” mean?") % {"word": hand.text[:LONGEST_WORD]}
    options = (
        ("planned", _("planned")),
        ("active", _("running")),
        ("completed", _("ended")),
        ("unknown", _("not known")),
    )
    key = f"status:{reduce(hand.text)[:LONGEST_WORD]}"
    hand.add({"value": status or hand.ask(key, told, options)})


@cache
def read_languages() -> Phrases:
    """Return the code of each language by its names and by itself."""
    names = {}
    for code, words in read_table("languages").items():
        names |= {reduce(word): str(code) for word in [*words, str(code)]}
    return names


def read_language(hand: CellInHand) -> None:
    """Read the languages of a cell, by names in many languages or by codes."""
    if is_nothing(hand.text):
        return

    def find(text: str) -> str:
        return match(text, read_languages())

    for part in hand.take_parts(split_terms(hand.text, find)):
        hand.add({"value": find(part) or ask_for_language(hand, part)})


def ask_for_language(hand: CellInHand, part: str) -> str:
    """Return which language people say a word is."""
    names = read_languages()
    word = reduce(part)[:LONGEST_WORD]
    codes = find_near_languages(word)
    told = _("Which language is “%(word)s”? Type its code, such as en.") % {"word": part.strip()}
    answer = hand.ask(f"language:{word}", told, [(one, one) for one in codes], free=True)
    return match(answer, names)


@lru_cache(maxsize=512)
def find_near_languages(word: str) -> tuple[str, ...]:
    """Return the codes of the languages whose names are most like a word."""
    names = read_languages()
    long = [name for name in names if len(name) > 3]
    near = process.extract(word, long, scorer=fuzz.ratio, limit=MOST_OFFERED, score_cutoff=NEAR)
    return tuple(dict.fromkeys(names[name] for name, _score, _place in near))


# --- Ages -----------------------------------------------------------------------------------------


def read_ages(text: str, *, needs_word: bool = False) -> Ages | None:
    """Return the youngest and the oldest age in a text: “6–10 let”, “ab 12”, “12+”."""
    words = read_phrases("answers", "age-words")
    reduced = reduce(text).strip(" .()")
    before, rest = take_first(reduced, {**read_phrases("units", "units"), **words})
    after, rest = take_last(rest.strip(" :-"), words)
    if needs_word and not (before or after):
        return None
    is_from, rest = take_first(rest.strip(" :"), read_phrases("answers", "from-words"))
    is_to, rest = ("", rest) if is_from else take_first(rest, read_phrases("answers", "to-words"))
    is_up, rest = take_last(rest, read_phrases("answers", "behind"))
    rest = take_last(rest, words)[1] if is_up else rest
    found = AGES.fullmatch(rest.strip(" .-"))
    if found is None:
        return None
    low, high = int(found[1]), int(found[2]) if found[2] else None
    if high is None and is_to:
        return None, low
    return low, high if high is not None or is_from or is_up else low


def read_several_ages(text: str) -> Ages | None:
    """Return the youngest and the oldest age in a text; “5–11, 11–14” is one range if they touch.

    Ranges that lie apart are no range: None.
    """
    if ages := read_ages(text):
        return ages
    found = [read_ages(part) for part in split_ages(text)]
    ranges = [(low, high) for low, high in filter(None, found) if low is not None]
    if len(ranges) < 2 or len(ranges) != len(found):
        return None
    ranges.sort(key=lambda ages: ages[0])
    youngest, oldest = ranges[0]
    for low, high in ranges[1:]:
        if oldest is not None and low > oldest + 1:
            return None
        oldest = None if oldest is None or high is None else max(oldest, high)
    return youngest, oldest


def split_ages(text: str) -> list[str]:
    """Return the parts of a text that name a range of ages each."""
    return [part for part in AGE_BREAKS.split(text) if part.strip()]


def find_age_end(name: str) -> str:
    """Return “from” or “to” if the name of a column says that its ages are one end of a range."""
    reduced = reduce(name.replace("_", " ")).strip(" .:()")
    for end, part in (("from", "from-names"), ("to", "to-names")):
        words = read_phrases("answers", part)
        if take_first(reduced, words)[0] or take_last(reduced, words)[0]:
            return end
    return ""


def write_ages(ages: Ages) -> dict[str, str]:
    low, high = ages
    return {"age_min": str(low) if low is not None else "", "age_max": str(high or "")}


def read_age(hand: CellInHand) -> None:
    """Read the ages of a cell."""
    if is_nothing(hand.text):
        return
    if hasattr(hand.cell.value, "year"):
        told = _("“%(text)s” is a day, but ages should be here. A program may have changed them.")
        hand.refuse("day-for-number", told, text=hand.text)
        return
    ages = read_several_ages(hand.text)
    end = find_age_end(hand.column.name)
    if ages and end and ages[0] == ages[1]:
        ages = (ages[0], None) if end == "from" else (None, ages[1])
    if ages is None:
        told = _("We cannot read “%(text)s” as ages. Write them as in 12–15.")
        hand.refuse("no-age", told, text=hand.text[:LONGEST_WORD])
    elif any(age is not None and age > OLDEST for age in ages) or is_turned(ages):
        told = _("The ages “%(text)s” cannot be right. Check both.")
        hand.refuse("no-such-age", told, text=hand.text[:LONGEST_WORD])
    else:
        hand.add(write_ages(ages))


def is_turned(ages: Ages) -> bool:
    """Whether the oldest age is below the youngest."""
    return ages[0] is not None and ages[1] is not None and ages[1] < ages[0]

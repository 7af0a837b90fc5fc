"""Reads which countries a cell names: by names in many languages, or by codes; several, or none.

What is no country is never replaced by the nearest one: that is only offered.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from django.utils.translation import gettext as _
from rapidfuzz import fuzz, process

from programmes.models.terms import COUNTRY_CODES
from stemobs.catalogue.meanings import read_file
from stemobs.curation.importing.meanings.asking import CellInHand
from stemobs.curation.importing.meanings.tables import (
    Phrases,
    is_nothing,
    list_words,
    read_phrases,
    read_table,
    reduce,
)

WIDE, GONE = "wide", "gone"
OUTSIDE = r"(?![^()\[\]]*[)\]])"  # not within brackets
SEPARATORS = re.compile(rf"(?:[;,/|\n•+]|\s[–—-]\s|\s&\s){OUTSIDE}")
INSIDE = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
BLANKS = re.compile(r"[^\S\n]+")
BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
CODE = re.compile(r"[A-Z]{2,3}")
CODES = re.compile(r"[A-Z]{1,3}(?:\s*[-–\s]\s*[A-Z]{1,3})+")
PART_OF_COUNTRY = re.compile(r"([A-Z]{2})-[A-Z0-9]{1,3}")
MOST_OFFERED, NEAR = 4, 65
LONGEST_NAME, LONGEST_LIST = 80, 160


@cache
def read_names() -> Phrases:
    """Return the code of each country by its names and codes, and what names no country."""
    names: dict[str, str] = {}
    for code, (letters, *words) in read_table("countries").items():
        names |= {reduce(word): code for word in [letters, *words] if word}
    for code, words in read_file("countries.yaml").items():
        names |= {reduce(word): code for word in words}
    names |= {code.lower(): code for code in COUNTRY_CODES}
    names |= read_phrases("places", "names")
    names |= dict.fromkeys(list_words(read_table("places")["gone"]), GONE)
    names |= {word.lower(): GONE for word in read_table("places")["unclear"]}
    names |= dict.fromkeys(list_words(read_table("places")["groups"]), GONE)
    names |= dict.fromkeys(list_words(read_table("places")["wide"]), WIDE)
    return names


def find_country(text: str) -> str:
    """Return the code that a text as a whole means, “wide”, “gone”, or "" if it means none."""
    if len(text) > LONGEST_LIST:
        return ""  # no country is called so, and long texts take long to fold
    if code := read_table("places")["written"].get(text.strip()):
        return str(code)
    reduced = reduce(text).strip(" .*:")
    names = read_names()
    if len(reduced) == 1 and not text.strip().isupper():
        return ""  # “u. a.” is no Austria
    for form in (reduce(text), reduced, reduced.removeprefix("the ")):
        if form in names:
            return names[form]
    found = names.get(reduce(BRACKETS.sub("", text)).strip(" ."), "")
    return "" if found and names_another(text, found) else found


def names_another(text: str, found: str) -> bool:
    """Whether what stands in brackets is another country: “Georgia (USA)”, “Europe (ES, IT)”."""
    parts = [one for inside in INSIDE.findall(text) for one in SEPARATORS.split(inside)]
    return any(find_country(part) not in ("", found) for part in parts if len(part.strip()) > 1)


def names_others(text: str) -> bool:
    """Whether a text goes on with countries that it does not name: “Poland et al.”, “DE u. a.”."""
    reduced = reduce(text).strip(" ,;")
    return reduced in list_others()[0] or reduced.endswith(list_others()[1])


@cache
def list_others() -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the words for further countries, and how texts end with them."""
    words = frozenset(list_words(read_table("places")["others"]))
    return words, tuple(f"{sign}{word}" for word in words for sign in " ,")


def split_countries(text: str) -> Iterator[str]:
    """Yield the parts of a text that name a country each, as far as that is certain."""
    bare = BLANKS.sub(" ", text).strip()
    if find_country(bare) or not bare or names_others(bare):
        yield from filter(None, [bare])
        return
    if CODES.fullmatch(bare) and all(map(find_country, re.split(r"[-–\s]+", bare))):
        yield from split_codes(bare)
        return
    parts = [part.strip() for part in SEPARATORS.split(bare)]
    if len(parts) > 1:
        for part in parts:
            yield from split_countries(part)
        return
    yield from split_at_words(bare)


def split_codes(text: str) -> Iterator[str]:
    """Yield codes that stand in a row; “DE-BY” stays whole: it may be a part of a country."""
    parts = re.split(r"[-–\s]+", text)
    yield from [text] if len(parts) == 2 and "-" in text else parts


def split_at_words(text: str) -> Iterator[str]:
    """Yield what stands around words for “and”, where a country stands before them."""
    words, start = text.split(), 0
    ands = read_phrases("places", "and")
    for place, word in enumerate(words[:-1]):
        before = " ".join(words[start:place])
        if place > start and reduce(word).strip(".") in ands and find_country(before):
            yield before
            start = place + 1
    rest = " ".join(words[start:])
    yield from re.split(r"\s+", rest) if start and is_row_of_codes(rest) else [rest]


def is_row_of_codes(text: str) -> bool:
    """Whether a text is codes of countries in a row, without anything between them."""
    return bool(CODES.fullmatch(text)) and all(map(find_country, text.split()))


def read_countries(hand: CellInHand) -> None:
    """Read the countries of a cell."""
    if is_nothing(hand.text):
        return
    for part in hand.take_parts(split_countries(hand.text)):
        add_country(hand, part, find_country(part))


def add_country(hand: CellInHand, part: str, code: str) -> None:
    """Add the country that a part of a cell names, or ask, or say why it cannot be."""
    found = PART_OF_COUNTRY.fullmatch(part)
    if code == WIDE:
        hand.add({"scope": "eu-wide"})
    elif code == GONE:
        told = _("“%(text)s” names no single country of today. Which are meant?")
        ask_for_country(hand, part, told, list_meant(hand, part))
    elif code:
        add_known(hand, code)
    elif found and found[1] in COUNTRY_CODES and part[3:] not in COUNTRY_CODES:
        add_known(hand, found[1])
    elif found and found[1] in COUNTRY_CODES:
        told = _("Is “%(text)s” a part of one country, or two countries?")
        names = [hand.known.countries.get(one, one) for one in part.split("-")]
        options = ((found[1], names[0]), (part.replace("-", ", "), " + ".join(names)))
        ask_for_country(hand, part, told, options)
    elif CODE.fullmatch(part):
        told = _("There is no country “%(text)s”. Type its name or its code of two letters.")
        hand.refuse("no-such-country", told, text=part)
    else:
        told = _("There is no country “%(text)s”. Which is meant?")
        ask_for_country(hand, part, told, list_near(hand, part))


def list_meant(hand: CellInHand, part: str) -> tuple[tuple[str, str], ...]:
    """Return the countries that a group or a code of two countries may mean."""
    groups = read_phrases("places", "groups")
    meant = read_table("places")["unclear"].get(part.strip().upper(), [])
    meant = [*meant, *filter(None, [groups.get(reduce(part).strip(" ."))])]
    return tuple((one, name_countries(hand, one)) for one in meant)


def name_countries(hand: CellInHand, codes: str) -> str:
    """Return the names of countries, with “+” between them."""
    return " + ".join(hand.known.countries.get(code, code) for code in codes.split(", "))


def add_known(hand: CellInHand, code: str) -> None:
    """Add a country, unless our catalogue lacks it."""
    if hand.known.countries and code not in hand.known.countries:
        told = _("Our catalogue does not have the country “%(text)s” yet. Ask to have it added.")
        hand.refuse("country-not-in-catalogue", told, text=hand.text[:LONGEST_NAME])
        return
    hand.add({"value": code})


def list_near(hand: CellInHand, text: str) -> tuple[tuple[str, str], ...]:
    """Return the countries of our catalogue whose names are most like a text."""
    known = hand.known.countries
    codes = find_near(reduce(text)[:LONGEST_NAME], frozenset(known))
    return tuple((code, known[code]) for code in codes)


@lru_cache(maxsize=512)
def find_near(reduced: str, known: frozenset[str]) -> tuple[str, ...]:
    """Return the codes of the countries among some whose names are most like a text."""
    names = collect_long(known)
    near = process.extract(
        reduced, list(names), scorer=fuzz.ratio, limit=3 * MOST_OFFERED, score_cutoff=NEAR
    )
    return tuple(dict.fromkeys(names[name] for name, _score, _place in near))[:MOST_OFFERED]


@lru_cache(maxsize=2)
def collect_long(known: frozenset[str]) -> Phrases:
    """Return the codes of some countries by those of their names that are no codes."""
    return {name: code for name, code in read_names().items() if len(name) > 3 and code in known}


def ask_for_country(
    hand: CellInHand, part: str, told: str, options: tuple[tuple[str, str], ...]
) -> None:
    """Ask which country is meant; people may choose one, or type one or several."""
    name = part[:LONGEST_NAME]
    answer = hand.inquiry.find_answer(f"country:{name}")
    codes = [find_country(one) for one in split_countries(answer)] if answer else []
    if answer in dict(options) and answer in COUNTRY_CODES:
        codes = [answer]
    if codes and all(code not in ("", GONE) for code in codes):
        for code in codes:
            add_country(hand, answer, code)
        return
    place = f"country:{name}" if not answer else f"country:{name}:{answer[:LONGEST_NAME]}"
    hand.ask(place, told % {"text": name}, options, free=not answer)

"""The words of partners' files in their languages, as tables that stand beside this module.

All words are folded, as `stemobs.text` says. A table may lie in groups, by language or by meaning;
several words stand in one text with commas between them.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from stemobs.text import fold

WORDS = Path(__file__).parent / "words"
SPACES = re.compile(r"\s+")
APOSTROPHES = str.maketrans(dict.fromkeys("’ʼ`´‘", "'"))
LONGEST_PHRASE, LONGEST_MATCH = 60, 200  # letters
Phrases = Mapping[str, str]


@lru_cache(maxsize=4096)
def reduce(text: str) -> str:
    """Return a text as words are compared: folded, with one space between words."""
    return SPACES.sub(" ", fold(text.translate(APOSTROPHES))).strip()


@cache
def read_table(name: str) -> Any:
    """Return a file of words as it stands."""
    return yaml.load((WORDS / f"{name}.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


@cache
def read_phrases(name: str, part: str = "") -> Phrases:
    """Return what each phrase of a table means; a list of phrases means the name of its part."""
    table = read_table(name)[part] if part else read_table(name)
    return dict(list_phrases(table if isinstance(table, Mapping) else {part: table}))


def list_phrases(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each phrase of a table with what it means."""
    for meaning, words in table.items():
        for word in list_words(words):
            yield word, str(meaning)


def list_words(words: Any) -> Iterator[str]:
    """Yield the words of a text with commas, of a list, or of groups of either."""
    if isinstance(words, Mapping):
        for some in words.values():
            yield from list_words(some)
    elif isinstance(words, list):
        for one in words:
            yield reduce(str(one))
    else:
        yield from (one for word in str(words).split(",") if (one := reduce(word).strip('"')))


def match(text: str, phrases: Phrases) -> str:
    """Return what a text means that is one of these phrases as a whole; "" if it is none."""
    if len(text) > LONGEST_MATCH:
        return ""
    reduced = reduce(text)
    return phrases.get(reduced) or phrases.get(reduced.strip(" .:;,()")) or ""


def is_cut(text: str, place: int) -> bool:
    """Whether no word or number runs across a place of a text."""
    before, after = text[place - 1 : place], text[place : place + 1]
    return not (before.isalpha() and after.isalpha()) and not (before.isdigit() and after.isdigit())


def take_first(text: str, phrases: Phrases) -> tuple[str, str]:
    """Return what the longest phrase at the start of a reduced text means, and the rest."""
    for length in range(min(len(text), LONGEST_PHRASE), 0, -1):
        meaning = phrases.get(text[:length])
        if meaning and is_cut(text, length):
            return meaning, text[length:].strip()
    return "", text


def take_last(text: str, phrases: Phrases) -> tuple[str, str]:
    """Return what the longest phrase at the end of a reduced text means, and what is before."""
    for start in range(max(len(text) - LONGEST_PHRASE, 0), len(text)):
        meaning = phrases.get(text[start:])
        if meaning and is_cut(text, start):
            return meaning, text[:start].strip()
    return "", text


def is_nothing(text: str) -> bool:
    """Whether a cell says nothing: it is empty, or says that nothing is known."""
    return not text.strip() or bool(match(text, read_phrases("numbers", "nothing")))

"""What words mean to readers who search: synonyms, and words of the 24 official EU languages.

The words stand in two files beside this module. They lead from a search to English words and to
values of facets; nothing shows them. `words/countries.yaml` holds names from CLDR, as Babel has
them; a test compares the two, so that the site itself needs no Babel.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from stemobs.text import list_other_numbers, list_spellings, split_words

WORDS = Path(__file__).parent / "words"
# A word that is marked as a stem stands for longer words, by at most so many letters.
LONGEST_ENDING = 6
# Names of countries of so many letters may be declined; a shorter one is too like other words.
LONG_NAME = 5
VOWELS = frozenset("aeiouyαεηιουωаеиоуъюя")
# Names that are not declined, as longer words are English ones: islands, services, Franciscans.
NOT_DECLINED = frozenset({"island", "servia", "servie", "francie", "francia", "franca"})
# What Irish and Maltese names begin with: “an Ghearmáin”, “il-Ġermanja”.
ARTICLES = frozenset({"an", "na", "l", "il", "ir", "is", "it", "iz", "id", "ic", "in"})
# A beginning of so many letters may stand for a word of the table that it begins.
LONG_BEGINNING = 5

Words = tuple[str, ...]


class Meaning(NamedTuple):
    """What an expression stands for: English expressions, and pairs of a facet and a value."""

    number: int
    expressions: tuple[Words, ...] = ()
    values: tuple[tuple[str, str], ...] = ()


class Fork:
    """A place in the tree of expressions: what may follow, and what is meant if nothing does."""

    __slots__ = ("cases", "meanings", "stems", "words")

    def __init__(self) -> None:
        self.words: dict[str, Fork] = {}
        self.stems: dict[str, Fork] = {}  # by words that may be longer
        self.cases: dict[str, Fork] = {}  # by words that must be longer
        self.meanings: list[Meaning] = []

    def add(self, expression: str, meaning: Meaning) -> None:
        """Add an expression; a word of it that ends in * may be longer, one that ends in + must."""
        step = self
        for token in filter(split_words, expression.split()):
            *firsts, last = split_words(token)
            for word in firsts:
                step = step.words.setdefault(word, Fork())
            nexts = {"*": step.stems, "+": step.cases}.get(token[-1], step.words)
            step = nexts.setdefault(last, Fork())
        step.meanings.append(meaning)

    def follow(self, word: str) -> Iterator["Fork"]:
        """Yield the steps that a word leads to: itself, its plural, or a stem it has."""
        yield from (
            self.words[form] for form in (word, *list_other_numbers(word)) if form in self.words
        )
        for end in range(max(len(word) - LONGEST_ENDING, 1), len(word) + 1):
            if word[:end] in self.stems:
                yield self.stems[word[:end]]
            if end < len(word) and word[:end] in self.cases:
                yield self.cases[word[:end]]

    def complete(self, beginning: str) -> Iterator["Fork"]:
        """Yield the steps of the words and stems with this beginning."""
        for steps in (self.words, self.stems, self.cases):
            yield from (step for word, step in steps.items() if word.startswith(beginning))


@cache
def read_expressions() -> Fork:
    """Read both files into a tree of expressions."""
    first = Fork()
    for number, row in enumerate(read_file("meanings.yaml")):
        values = tuple(
            (facet, one) for facet, some in row.pop("values", {}).items() for one in some
        )
        english = split_list(row["en"])
        meaning = Meaning(number, tuple(dict.fromkeys(map(split_plainly, english))), values)
        for expression in {one for words in row.values() for one in split_list(words)}:
            first.add(expression, meaning)
    for number, (code, names) in enumerate(read_file("countries.yaml").items()):
        meaning = Meaning(-1 - number, values=(("country", code),))
        for expression in {form for name in names for form in list_declined(name)}:
            first.add(expression, meaning)
    return first


def read_file(name: str) -> Any:
    return yaml.load((WORDS / name).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def split_list(words: str) -> list[str]:
    return [word.strip() for word in words.split(",")]


def split_plainly(expression: str) -> Words:
    return tuple(split_words(expression))


def list_declined(name: str) -> Iterator[str]:
    """Yield a country's name, also without its article, and its stem with a + if it is one word.

    The stem lacks the vowel at the end, which other cases replace: “Suomi”, “Suomessa”.
    """
    words = split_words(name)
    yield " ".join(words)
    bare = words[1:] if words[0] in ARTICLES else words
    yield " ".join(bare)
    if len(bare) == 1 and len(bare[0]) >= LONG_NAME and bare[0] not in NOT_DECLINED:
        yield f"{bare[0][:-1] if bare[0][-1] in VOWELS else bare[0]}+"


def find_meanings(typed: Sequence[str], start: int) -> dict[int, list[Meaning]]:
    """Return what the words from `start` on mean, by how many of the words are needed for it."""
    found: dict[int, list[Meaning]] = {}
    steps: Iterable[Fork] = [read_expressions()]
    for length, word in enumerate(typed[start:], 1):
        forms = list_spellings(word)
        steps = [after for step in steps for form in forms for after in step.follow(form)]
        if not steps:
            break
        if meant := [meaning for step in steps for meaning in step.meanings]:
            found[length] = list({meaning.number: meaning for meaning in meant}.values())
    return found


def complete_meanings(beginning: str) -> list[Meaning]:
    """Return what the words mean that have this beginning."""
    if len(beginning) < LONG_BEGINNING:
        return []
    steps = read_expressions().complete(beginning)
    return [meaning for step in steps for meaning in step.meanings]


def list_numbers(expression: Words) -> Iterator[Words]:
    """Yield an English expression, and its singular or plural."""
    yield expression
    yield from ((*expression[:-1], word) for word in list_other_numbers(expression[-1]))

"""Finds documents by other forms of the searched words: joined, split, synonyms, other languages.

A search is cut into runs of words in every possible way. Each run may be found as it is, written
otherwise (“jetnet” for “Jet-Net”), or by what it means. What is in quotation marks is not cut.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from pyroaring import BitMap

from stemobs.catalogue.bitmaps import NOTHING, SearchPart, unite_bitmaps
from stemobs.catalogue.meanings import Meaning, complete_meanings, find_meanings, list_numbers
from stemobs.text import Search, fold, list_forms, list_other_numbers, list_spellings

if TYPE_CHECKING:
    from stemobs.catalogue.index import Index

# How many typed words may be one written word, unless they are single letters.
MOST_JOINED = 3
# The longest text, without spaces, of which other divisions into words are tried.
LONGEST_JOINED = 40
# With more candidates than this, two words are not looked for in a row: it would take too long.
MOST_READ = 5_000
# The most words that an unfinished word may become when it is split off.
MOST_ENDINGS = 50
Words = tuple[str, ...]


class FoundLoosely(NamedTuple):
    """The documents that a search or its end finds: all of it in names, some there, anywhere."""

    all_in_names: BitMap
    some_in_names: BitMap
    anywhere: BitMap


class Loosely:
    """One search, with the documents that each run of its words finds."""

    def __init__(self, index: "Index", wanted: Search) -> None:
        self.index = index
        self.typed = wanted.typed
        self.folded = [fold(word) for word in wanted.typed]
        self.is_unfinished = bool(wanted.beginning)

    def find(self) -> FoundLoosely:
        """Return what all the words find, whichever way they are cut into runs."""
        everything = self.index.everything
        found = [FoundLoosely(everything, NOTHING, everything)]
        for start in reversed(range(len(self.typed))):
            rests = [
                (part, found[-length]) for length, part in self.list_runs(start) if part.anywhere
            ]
            found.append(unite_found(rests))
        return found[-1]

    def list_runs(self, start: int) -> Iterator[tuple[int, SearchPart]]:
        """Yield the runs that begin at a place: how many words, and the documents found by them."""
        yield 1, self.find_word(start)
        for length, meanings in find_meanings(self.typed, start).items():
            yield length, unite_parts(map(self.find_meaning, meanings))
        for length in self.list_lengths(start):
            run = self.folded[start : start + length]
            is_last = start + length == len(self.folded)
            yield length, self.find_redivided(run, self.is_unfinished and is_last)

    def list_lengths(self, start: int) -> Iterable[int]:
        """Return how many words from a place on may be written in another division."""
        letters = len(list(takewhile(lambda word: len(word) == 1, self.folded[start:])))
        longest = min(max(MOST_JOINED, letters), len(self.folded) - start)
        return range(1, longest + 1)

    # --- One word ---------------------------------------------------------------------------------

    def find_word(self, place: int) -> SearchPart:
        """Return the documents with a word in any spelling, and any number."""
        is_last = self.is_unfinished and place == len(self.typed) - 1
        forms = list_spellings(self.typed[place])
        parts = [self.index.find_word(form) for form in (*forms, *list_other_numbers(forms[0]))]
        if is_last:
            parts.append(self.index.find_beginning(self.folded[place]))
            if not parts[-1].anywhere:
                parts += map(self.find_meaning, complete_meanings(self.folded[place]))
        return unite_parts(parts)

    # --- Meanings ---------------------------------------------------------------------------------

    def find_meaning(self, meaning: Meaning) -> SearchPart:
        """Return the documents with one of the meaning's values or English expressions."""
        known = self.index.meant
        if meaning.number not in known:
            values = unite_bitmaps(
                self.index.find_with_value(facet, [value]) for facet, value in meaning.values
            )
            everything = self.index.everything
            parts = [
                self.index.find_words_in_a_row(words, everything)
                for expression in meaning.expressions
                for words in list_numbers(expression)
            ]
            known[meaning.number] = unite_parts([SearchPart(NOTHING, values), *parts])
        return known[meaning.number]

    # --- Other divisions into words ---------------------------------------------------------------

    def find_redivided(self, run: Sequence[str], is_unfinished: bool) -> SearchPart:
        """Return the documents that write the same letters with other spaces in between."""
        letters = "".join(run)
        if not 1 < len(letters) <= LONGEST_JOINED:
            return SearchPart(NOTHING, NOTHING)
        divisions = dict.fromkeys(self.list_divisions(letters))
        if is_unfinished:
            divisions |= dict.fromkeys(self.list_unfinished(letters))
        divisions.pop(tuple(run), None)
        return unite_parts(map(self.find_row, divisions))

    def list_divisions(self, letters: str) -> Iterator[Words]:
        """Yield one, two or three known words that are these letters; or each letter a word."""
        yield (letters,)
        for first, rest in self.split_off_known(letters):
            yield (first, rest)
            yield from ((first, *two) for two in self.split_off_known(rest))
        yield tuple(letters)

    def split_off_known(self, letters: str) -> Iterator[tuple[str, str]]:
        for end in range(1, len(letters)):
            if self.is_known(letters[:end]):
                yield letters[:end], letters[end:]

    def list_unfinished(self, letters: str) -> Iterator[Words]:
        """Yield the words that these letters may become, alone or after a known word."""
        for first, rest in [("", letters), *self.split_off_known(letters)]:
            words = self.index.list_words_beginning(rest)
            if len(words) <= MOST_ENDINGS:
                yield from ((first, word) if first else (word,) for word in words)

    def find_row(self, words: Words) -> SearchPart:
        """Return the documents with known words in a row; none if that takes too long to see."""
        full = tuple(list_forms(word)[-1] for word in words)
        if not all(map(self.is_known, full)):
            return SearchPart(NOTHING, NOTHING)
        among = BitMap.intersection(*(self.index.find_word(word).anywhere for word in full))
        if len(full) > 1 and len(among) > MOST_READ:
            return SearchPart(NOTHING, NOTHING)
        return self.index.find_words_in_a_row(full, among)

    def is_known(self, word: str) -> bool:
        return bool(self.index.find_word(list_forms(word)[-1]).anywhere)


def unite_parts(parts: Iterable[SearchPart]) -> SearchPart:
    parts = list(parts)
    return SearchPart(
        unite_bitmaps(part.in_names for part in parts),
        unite_bitmaps(part.anywhere for part in parts),
    )


def unite_found(ways: Iterable[tuple[SearchPart, FoundLoosely]]) -> FoundLoosely:
    """Return what is found by a run and by the words after it, for all ways to choose the run."""
    ways = list(ways)
    return FoundLoosely(
        unite_bitmaps(part.in_names & rest.all_in_names for part, rest in ways),
        unite_bitmaps(
            (part.in_names & rest.anywhere) | (part.anywhere & rest.some_in_names)
            for part, rest in ways
        ),
        unite_bitmaps(part.anywhere & rest.anywhere for part, rest in ways),
    )

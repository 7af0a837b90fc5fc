"""A plain model of what a search finds by other forms of its words, for the model of searches.

It shares no code with the site, only the two files of words: it cuts a search into runs in every
way, and asks each programme for each run.
"""

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Text = list[str]
WORDS = Path(__file__).parents[1] / "stemobs" / "catalogue" / "words"
OUT = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"}


class Others:
    """The other forms of words, given how words are folded and which of them have a full form."""

    def __init__(self, words_of: Callable[[str], Text], everyday: dict[str, str]) -> None:
        self.words_of = words_of
        self.everyday = everyday
        self.meanings = [*self.read_meanings()]

    def full(self, words: Iterable[str]) -> Text:
        return [self.everyday.get(word, word) for word in words]

    def read_meanings(self) -> Iterator[tuple[list[list[str]], list[Text], dict[str, list[str]]]]:
        """Yield patterns of the words of each expression, English expressions, and values."""
        for row in yaml.safe_load((WORDS / "meanings.yaml").read_text("utf-8")):
            values = row.pop("values", {})
            every = [one.strip() for words in row.values() for one in words.split(",")]
            english = [self.full(self.words_of(one)) for one in row["en"].split(",")]
            yield [self.make_patterns(one) for one in every], english, values
        for code, names in yaml.safe_load((WORDS / "countries.yaml").read_text("utf-8")).items():
            forms = [form for name in names for form in self.list_declined(name)]
            yield forms, [], {"country": [code]}

    def list_declined(self, name: str) -> Iterator[list[str]]:
        words = self.words_of(name)
        yield words
        if words[0] in ["an", "na", "l", "il", "ir", "is", "it", "iz", "id", "ic", "in"]:
            words = words[1:]
            yield words
        english = "island servia servie francie francia franca"
        if len(words) == 1 and len(words[0]) > 4 and words[0] not in english.split():
            yield [re.sub("[aeiouyαεηιουωаеиоуъюя]$", "", words[0]) + ".{1,6}"]

    def make_patterns(self, expression: str) -> list[str]:
        tokens = [self.full(self.words_of(token)) for token in expression.split()]
        ends = [".{0,6}" if token.endswith("*") else "" for token in expression.split()]
        pairs = [(words, end) for words, end in zip(tokens, ends, strict=True) if words]
        return [word for words, end in pairs for word in [*words[:-1], words[-1] + end]]

    def spellings(self, typed: str) -> list[str]:
        """Return a word in full, as typed, with ä as ae, and with ae as a."""
        word = "".join(self.words_of(typed))
        full = self.everyday.get(word, word)
        composed = unicodedata.normalize("NFC", typed).lower()
        out = "".join(self.words_of("".join(OUT.get(letter, letter) for letter in composed)))
        short = re.sub("(a)e|(o)e|(u)e|(a)a", lambda m: next(filter(None, m.groups())), full)
        return [full, word, out, short]

    def mean(self, typed: Text) -> list[tuple[list[Text], dict[str, list[str]]]]:
        """Return the English expressions and values that exactly these words stand for."""
        forms = [self.spellings(word) for word in typed]
        return [
            (english, values)
            for expressions, english, values in self.meanings
            if any(fits(expression, forms) for expression in expressions)
        ]

    def complete(self, word: str) -> list[tuple[list[Text], dict[str, list[str]]]]:
        """Return what is meant by expressions of one word with this beginning."""
        return [
            (english, values)
            for expressions, english, values in self.meanings
            if len(word) > 4 and any(len(e) == 1 and e[0].startswith(word) for e in expressions)
        ]


def fits(patterns: list[str], forms: list[list[str]]) -> bool:
    """Whether words match patterns; only a pattern without an ending takes other numbers."""
    return len(patterns) == len(forms) and all(
        any(
            re.fullmatch(pattern, form) or ("{" not in pattern and pattern in numbers(form))
            for form in some
        )
        for pattern, some in zip(patterns, forms, strict=True)
    )


def numbers(word: str) -> set[str]:
    """Return the plural and the singular that an English word may have."""
    if len(word) < 3 or not word.isalpha():
        return set()
    found = {f"{word}s", f"{word}es", re.sub("y$", "ies", word)}
    if len(word) > 3:
        found.add(re.sub("(?<!s)s$", "", word))
    if len(word) > 4:
        found |= {re.sub("es$", "", word), re.sub("ies$", "y", word)}
    return found - {word}


@cache
def divide(letters: str, known: frozenset[str]) -> list[tuple[str, ...]]:
    """Return all ways to write letters as one, two or three known words."""
    pieces = [word for word in known if word in letters]
    rows = itertools.chain.from_iterable(itertools.product(pieces, repeat=n) for n in (1, 2))
    found = [row for row in rows if "".join(row) == letters]
    for first, last in itertools.product(pieces, repeat=2):
        middle = letters[len(first) : len(letters) - len(last)]
        if letters == first + middle + last and middle in known:
            found.append((first, middle, last))
    return found


class Loose:
    """One search by its typed words; tells how a programme's names and texts match it."""

    def __init__(
        self, others: Others, typed: Text, unfinished: bool, known: frozenset[str]
    ) -> None:
        self.others, self.typed, self.known = others, typed, known
        self.words = ["".join(others.words_of(word)) for word in typed]
        last = len(typed)
        self.runs = {
            (start, end): self.make_run(start, end, unfinished and end == last)
            for start in range(last)
            for end in range(start + 1, last + 1)
        }

    def make_run(self, start: int, end: int, unfinished: bool) -> tuple[set[str], list[Any]]:
        """Return the phrases that a run may be found by, and the values that it means."""
        run = self.words[start:end]
        meant = self.others.mean(self.typed[start:end])
        phrases: set[tuple[str, ...]] = set()
        if end - start == 1:
            forms = self.others.spellings(self.typed[start])
            phrases |= {(form,) for form in [*forms, *numbers(forms[0])]}
            begun = tuple(self.others.full(run)) + tuple(run)
            begins = {(w,) for w in self.known if w.startswith(begun)} if unfinished else set()
            phrases |= begins
            meant += [] if begins or not unfinished else self.others.complete(run[0])
        for english, _values in meant:
            phrases |= {(*e[:-1], last) for e in english for last in {e[-1], *numbers(e[-1])}}
        phrases |= self.redivide(run, unfinished)
        return {f" {' '.join(phrase)} " for phrase in phrases}, [v for _e, v in meant]

    def redivide(self, run: Text, unfinished: bool) -> set[tuple[str, ...]]:
        letters = "".join(run)
        if (len(run) > 3 and len(letters) > len(run)) or not 1 < len(letters) <= 40:
            return set()
        everyday = self.others.everyday.items()
        known = self.known | {short for short, full in everyday if full in self.known}
        rows = {*divide(letters, known), tuple(letters)}
        for end in range(len(letters) if unfinished else 0):
            first, rest = letters[:end], letters[end:]
            begun = (rest, self.others.everyday.get(rest, rest))
            lasts = [word for word in self.known if word.startswith(begun)]
            if len(lasts) <= 50 and (not first or first in known):
                rows |= {(first, last) if first else (last,) for last in lasts}
        return {tuple(self.others.full(row)) for row in rows}

    def tier(self, names: list[Text], texts: list[Text], values: dict[str, set[str]]) -> int | None:
        """Return 3 if all is in names, 4 if some is, 5 if it is elsewhere, None if nowhere."""
        if not self.typed:
            return None
        named = "\n".join(f" {' '.join(text)} " for text in names)
        told = "\n".join([named, *(f" {' '.join(text)} " for text in texts)])
        ways: list[set[tuple[bool, bool]]] = [{(True, False)}]
        for start in reversed(range(len(self.typed))):
            ways.append(set())
            for end in range(start + 1, len(self.typed) + 1):
                phrases, meant = self.runs[start, end]
                in_names = any(phrase in named for phrase in phrases)
                pairs = [pair for one in meant for pair in one.items()]
                has_value = any({*some} & values.get(facet, set()) for facet, some in pairs)
                if in_names or has_value or any(phrase in told for phrase in phrases):
                    for every, some in ways[len(self.typed) - end]:
                        ways[-1] |= {(False, some)} | ({(every, True)} if in_names else set())
        return min((3 if every else 4 if some else 5 for every, some in ways[-1]), default=None)

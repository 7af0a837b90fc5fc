"""What “the same word” means: folding, words, the parts of a search. Only this module says."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
WORD = re.compile(r"[^\W_]+")
# What XML forbids, and what else controls terminals and printers; lone halves of a character.
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# A word as it stands in a text, with accents that are characters of their own.
UNFOLDED_WORD = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")
# Letters that NFKD leaves whole although people type them without the stroke.
STROKES = str.maketrans(
    {
        "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i",
        "æ": "ae", "œ": "oe", "þ": "th",
    }
)  # fmt: skip
# Everyday forms, and the word that texts and searches are both read to have in their place. A form
# without its last letter begins that word: whoever is still typing finds the same already.
IN_FULL = {
    # What pupils and teachers say, here and overseas; texts about schools write the long word.
    "math": "mathematics", "maths": "mathematics",
    # Who seeks the one means the other: the place, or whoever has it.
    "apprentice": "apprenticeship", "apprentices": "apprenticeship",
    "apprenticeships": "apprenticeship",
    # The American spelling, in the names of some programmes.
    "program": "programme", "programs": "programmes",
}  # fmt: skip
# Quotation marks of Europe's languages: „so“, „tak”, «ainsi», »så».
QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))


def fold(text: str) -> str:
    """Return the text without case, accents and compatibility forms: “Bèta” becomes “beta”."""
    if text.isascii():
        return text.lower()
    return BEYOND_ASCII.sub(lambda letters: fold_letters(letters[0]), text.lower())


@lru_cache(maxsize=4096)
def fold_letters(text: str) -> str:
    """Fold letters beyond ASCII; kept, because a language uses few of them again and again."""
    # Once more after the case: a compatibility form such as ™ hides capitals.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return bare.translate(STROKES)


def spell_in_full(found: list[str]) -> list[str]:
    """Return words, everyday forms in full: “mathematics” for “maths”."""
    if IN_FULL.keys().isdisjoint(found):
        return found
    return [IN_FULL.get(word, word) for word in found]


def split_words(text: str) -> list[str]:
    """Return the folded words of a text in full, in order."""
    return spell_in_full(WORD.findall(fold(text)))


def list_forms(word: str) -> tuple[str, ...]:
    """Return a word as it is spelled and, where that is an everyday form, in full."""
    return (word, IN_FULL[word]) if word in IN_FULL else (word,)


def space_words(texts: Iterable[str]) -> str:
    """Return the words of some texts, a space on both sides of each, every text on a line.

    So “ guest lessons ” is in it exactly where one of the texts has these words in a row.
    """
    return "\n".join(
        f" {' '.join(found)} " for text in texts if text and (found := split_words(text))
    )


def join_in_one_line(text: str) -> str:
    """Return a text as one line that any file, feed or head of a page can hold."""
    return " ".join(UNPRINTABLE.sub(" ", text).split())


@dataclass(frozen=True)
class Search:
    """What was typed: whole words, phrases, and the beginning of a word that ends the text.

    Words and phrases are in full; the beginning is as it is spelled, for it may go on otherwise.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    beginning: str = ""

    def __bool__(self) -> bool:
        return bool(self.words or self.phrases or self.beginning)

    @property
    def beginnings(self) -> tuple[str, ...]:
        """The beginning in all its forms, none where there is no beginning."""
        return list_forms(self.beginning) if self.beginning else ()

    @property
    def terms(self) -> tuple[str, ...]:
        """Every word and beginning, those of phrases included."""
        in_phrases = tuple(word for phrase in self.phrases for word in phrase)
        return (*self.words, *in_phrases, *filter(None, [self.beginning]))


def parse_search(text: str) -> Search:
    """Read what was typed; a quotation mark that never closes quotes the rest."""
    plain: list[str] = []
    phrases: list[tuple[str, ...]] = []
    pieces = text.translate(QUOTES).split('"')
    for number, piece in enumerate(pieces):
        found = WORD.findall(fold(piece))
        if number % 2 and len(found) > 1:
            phrases.append(tuple(spell_in_full(found)))
        else:
            plain.extend(found)
    ends_in_a_word = len(pieces) % 2 == 1 and bool(WORD.search(fold(text)[-1:]))
    beginning = plain.pop() if plain and ends_in_a_word else ""
    # Once each: what is asked twice is found no better, but twice as slowly.
    return Search(
        tuple(dict.fromkeys(spell_in_full(plain))), tuple(dict.fromkeys(phrases)), beginning
    )


def find_spans(text: str, search: Search) -> list[tuple[int, int]]:
    """Return where in a text the words of a search stand: from and to, in order."""
    found = [
        (word, place.span())
        for place in UNFOLDED_WORD.finditer(text)
        for word in split_words(place[0])
    ]
    told = [word for word, _span in found]
    begins = search.beginnings
    marked = {span for word, span in found if word in search.words or word.startswith(begins)}
    for phrase in search.phrases:
        for first in range(len(told) - len(phrase) + 1):
            last = first + len(phrase) - 1
            if tuple(told[first : last + 1]) == phrase:
                marked.add((found[first][1][0], found[last][1][1]))
    return merge_spans(marked)


def merge_spans(marked: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans in order, those that overlap made one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(marked):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def replace_words(text: str, others: Mapping[str, str | None]) -> str:
    """Return a text with some words, given as folded or in full, exchanged for others."""
    return UNFOLDED_WORD.sub(lambda place: find_replacement(place[0], others) or place[0], text)


def find_replacement(word: str, others: Mapping[str, str | None]) -> str | None:
    return next(filter(None, map(others.get, list_forms(fold(word)))), None)

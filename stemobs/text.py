"""Text folding, splitting into words, and parsing of searches.

Only this module decides when two words count as the same word.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
WORD = re.compile(r"[^\W_]+")
# Characters that XML forbids, control characters of terminals and printers, and lone surrogates.
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# A word before folding; its accents may be separate combining characters.
UNFOLDED_WORD = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")
# Letters that Unicode normalisation (NFKD) does not split, with what people type instead.
STROKES = str.maketrans(
    {
        "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i",
        "æ": "ae", "œ": "oe", "þ": "th",
    }
)  # fmt: skip
# Everyday forms of words, and the full word that replaces them in texts and in searches. Each form
# without its last letter is a beginning of the full word, so that a reader who has not finished
# typing the form gets the same results already.
IN_FULL = {
    # Pupils and teachers say the short forms; texts about schools write the long word.
    "math": "mathematics", "maths": "mathematics",
    # Readers who search for apprentices also want apprenticeships, and the reverse.
    "apprentice": "apprenticeship", "apprentices": "apprenticeship",
    "apprenticeships": "apprenticeship",
    # American spellings occur in the names of some programmes.
    "program": "programme", "programs": "programmes",
}  # fmt: skip
# The quotation marks of European languages, such as „so“, „tak”, «ainsi» and »så», become ".
QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))


def fold(text: str) -> str:
    """Return a text in lower case, without accents and compatibility forms: “Bèta” gives “beta”."""
    if text.isascii():
        return text.lower()
    return BEYOND_ASCII.sub(lambda letters: fold_letters(letters[0]), text.lower())


@lru_cache(maxsize=4096)
def fold_letters(text: str) -> str:
    """Fold a run of letters beyond ASCII; results are cached, because the same runs recur often."""
    # The inner normalisation comes before casefold, because a compatibility form such as ™ hides
    # capital letters. The outer one splits the accents of what casefold returns.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return bare.translate(STROKES)


def spell_in_full(found: list[str]) -> list[str]:
    """Replace everyday forms among folded words by full words, “maths” by “mathematics”."""
    if IN_FULL.keys().isdisjoint(found):
        return found
    return [IN_FULL.get(word, word) for word in found]


def split_words(text: str) -> list[str]:
    """Return the folded words of a text in their order, with everyday forms spelled in full."""
    return spell_in_full(WORD.findall(fold(text)))


def list_forms(word: str) -> tuple[str, ...]:
    """Return a word as it was typed, followed by its full word if it is an everyday form."""
    return (word, IN_FULL[word]) if word in IN_FULL else (word,)


def space_words(texts: Iterable[str]) -> str:
    """Return one line for each text: its folded words, with a space before and after each word.

    A line therefore contains “ guest lessons ” exactly if its text has these words in a row.
    """
    return "\n".join(
        f" {' '.join(found)} " for text in texts if text and (found := split_words(text))
    )


def join_in_one_line(text: str) -> str:
    """Return a text on one line, without characters that files, feeds or page headers forbid."""
    return " ".join(UNPRINTABLE.sub(" ", text).split())


@dataclass(frozen=True)
class Search:
    """A parsed search: whole words, quoted phrases, and the last word if it may be unfinished.

    Everyday forms in words and phrases are replaced by full words. The beginning stays as typed,
    because it may become another word: “maths” may become “mathsweek”.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    beginning: str = ""

    def __bool__(self) -> bool:
        return bool(self.words or self.phrases or self.beginning)

    @property
    def beginnings(self) -> tuple[str, ...]:
        """The beginning as typed and with its full word; empty if the search has no beginning."""
        return list_forms(self.beginning) if self.beginning else ()

    @property
    def terms(self) -> tuple[str, ...]:
        """Every word to find: the whole words, the words of phrases, then the beginning."""
        in_phrases = tuple(word for phrase in self.phrases for word in phrase)
        return (*self.words, *in_phrases, *filter(None, [self.beginning]))


def parse_search(text: str) -> Search:
    """Parse the text that a reader typed into a search.

    A quotation mark that is never closed makes the rest of the text a phrase.
    """
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
    # Repeated words and phrases are dropped: they would only make the search slower.
    return Search(
        tuple(dict.fromkeys(spell_in_full(plain))), tuple(dict.fromkeys(phrases)), beginning
    )


def find_spans(text: str, search: Search) -> list[tuple[int, int]]:
    """Return the spans (start, end) of a text that match a search, in order and not overlapping."""
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
    """Return spans (start, end) in order, with overlapping spans joined into one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(marked):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def replace_words(text: str, others: Mapping[str, str | None]) -> str:
    """Replace words in a text; the keys of `others` are folded words or full words.

    A word that `others` lacks, or maps to None, stays as it is.
    """
    return UNFOLDED_WORD.sub(lambda place: find_replacement(place[0], others) or place[0], text)


def find_replacement(word: str, others: Mapping[str, str | None]) -> str | None:
    return next(filter(None, map(others.get, list_forms(fold(word)))), None)

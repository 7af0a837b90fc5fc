"""Text folding, splitting into words, and parsing of searches.

Only this module decides when two words count as the same word.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
WORD = re.compile(r"[^\W_]+")
# Characters that XML forbids, control characters of terminals and printers, and lone surrogates.
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# What Unicode calls “default ignorable”: soft hyphens, joiners, marks of direction, byte order
# marks, variation selectors, fillers. They say how a text is set and are no part of its words.
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
INVISIBLE_ONE = re.compile(f"[{INVISIBLE}]")
# Accents as characters of their own, as macOS writes them in names of files.
ACCENTS = "\u0300-\u036f\u0483-\u0487\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f"
# A word before folding.
UNFOLDED_WORD = re.compile(f"(?:(?![{INVISIBLE}])[^\\W_][{ACCENTS}{INVISIBLE}]*)+")
# Letters that Unicode normalisation (NFKD) does not split, with what people type instead.
STROKES = str.maketrans(
    {
        "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i",
        "æ": "ae", "œ": "oe", "þ": "th", "ŧ": "t", "ŋ": "n",
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
# How people write letters that their keyboard lacks: “Maedchen” for “Mädchen”, also “Aarhus”.
SPELLED_OUT = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"}
SHORTENED = {"ae": "a", "oe": "o", "ue": "u", "aa": "a"}
TWO_LETTERS = re.compile("|".join(SHORTENED))
# The shortest word of which singular and plural count as one.
SHORTEST_NOUN = 3
# The quotation marks of European languages, such as „so“, „tak”, «ainsi» and »så», become ".
QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))


def fold(text: str) -> str:
    """Return a text in lower case, without accents and compatibility forms: “Bèta” gives “beta”.

    Characters that are not seen, such as soft hyphens, are left out.
    """
    if text.isascii():
        return text.lower()
    return BEYOND_ASCII.sub(lambda letters: fold_letters(letters[0]), text.lower())


@lru_cache(maxsize=4096)
def fold_letters(text: str) -> str:
    """Fold a run of letters beyond ASCII; results are cached, because the same runs recur often."""
    text = INVISIBLE_ONE.sub("", text)
    # The inner normalisation comes before casefold, because a compatibility form such as ™ hides
    # capital letters. The outer one splits the accents of what casefold returns.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return bare.translate(STROKES)


def drop_invisible(text: str) -> str:
    """Return a text without the characters that are not seen, such as soft hyphens."""
    return text if text.isascii() else INVISIBLE_ONE.sub("", text)


def make_sort_key(text: str) -> str:
    """Return what a name is sorted by: folded, and as if each gap in it were one space."""
    return fold(join_in_one_line(drop_invisible(text)))


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


def list_spellings(word: str) -> tuple[str, ...]:
    """Return a word folded, then how else people may write it: “Mädchen” also as “maedchen”."""
    folded = IN_FULL.get(fold(word), fold(word))
    composed = unicodedata.normalize("NFC", drop_invisible(word)).lower()
    out = fold("".join(SPELLED_OUT.get(letter, letter) for letter in composed))
    short = TWO_LETTERS.sub(lambda letters: SHORTENED[letters[0]], folded)
    return tuple(dict.fromkeys([folded, fold(word), out, short]))


def list_other_numbers(word: str) -> Iterator[str]:
    """Yield what an English word may be in the plural, and in the singular if it is a plural."""
    if len(word) < SHORTEST_NOUN or not word.isalpha():
        return
    yield from (f"{word}s", f"{word}es")
    if word.endswith("y"):
        yield f"{word[:-1]}ies"
    if len(word) > SHORTEST_NOUN and word.endswith("s") and not word.endswith("ss"):
        yield word[:-1]
    if len(word) > SHORTEST_NOUN + 1 and word.endswith("es"):
        yield word[:-2]
    if len(word) > SHORTEST_NOUN + 1 and word.endswith("ies"):
        yield f"{word[:-3]}y"


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
    because it may become another word: “maths” may become “mathsweek”. `typed` holds the words
    outside of quotation marks as they were typed, in their order: only these may stand for others.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    beginning: str = ""
    typed: tuple[str, ...] = field(default=(), compare=False)

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
    words: list[str] = []
    phrases: list[tuple[str, ...]] = []
    pieces = text.translate(QUOTES).split('"')
    for number, piece in enumerate(pieces):
        if number % 2:
            phrases.append(tuple(split_words(piece)))
        else:
            plain.extend(UNFOLDED_WORD.findall(piece))
            words.extend(WORD.findall(fold(piece)))
    # A character such as ½ or ㋀ is other words when folded; these are then what was typed.
    typed = tuple(plain if len(plain) == len(words) else words)
    ends_in_a_word = len(pieces) % 2 == 1 and bool(WORD.search(fold(text)[-1:]))
    beginning = words.pop() if words and ends_in_a_word else ""
    # Repeated words and phrases are dropped: they would only make the search slower.
    return Search(
        tuple(dict.fromkeys(spell_in_full(words))),
        tuple(dict.fromkeys(filter(None, phrases))),
        beginning,
        typed,
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

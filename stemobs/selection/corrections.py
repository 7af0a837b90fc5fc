"""Similar searches to offer where a search finds nothing: “did you mean”.

They are made of what the reader typed and of words that texts of the catalogue have; whoever offers
one tries first whether it finds something.
"""

from collections.abc import Iterator
from itertools import product

from stemobs.catalogue.index import Index
from stemobs.text import (
    QUOTES,
    UNFOLDED_WORD,
    Search,
    fold,
    list_forms,
    parse_search,
    replace_words,
)

# The most words of a search to correct: each one is compared with every word of the index.
MOST_CORRECTED = 3
# With more words than this, no search is offered that leaves out one of them.
MOST_TRIED = 6
# The shortest piece of a joined word that is taken as right while the rest is corrected.
SHORTEST_PIECE = 3


def list_unknown_words(index: Index, searched: Search) -> list[str]:
    """Return the words of a search that nothing has; those in quotation marks in no other form."""
    typed = [fold(word) for word in searched.typed]
    known = set()
    # Two words may be known together, as “Astra Zeneca” is in texts with “AstraZeneca”.
    for length, start in product((1, 2), range(len(typed))):
        run = typed[start : start + length]
        end = "" if searched.beginning and run == typed[start:] else " "
        if index.search(parse_search(" ".join(run) + end)).found:
            known.update(run)
    unknown = [word for word in typed if word not in known]
    quoted = [word for phrase in searched.phrases for word in phrase]
    return list(dict.fromkeys([*unknown, *(w for w in quoted if not index.find_word(w).anywhere)]))


def list_corrections(text: str, index: Index, lacking: list[str]) -> Iterator[str]:
    """Yield searches to try instead of one that finds nothing, the likeliest first."""
    if len(lacking) > MOST_CORRECTED:
        return
    if lacking:
        nearest = {
            word: index.find_nearest(word) or correct_joined(index, word) for word in lacking
        }
        hopeless = {word for word, other in nearest.items() if not other}
        better = leave_out(replace_words(text, nearest), hopeless)
        yield from (better, drop_quotes(better), leave_out(text, set(lacking)))
    else:
        yield drop_quotes(text)
        yield from list_shorter(text, index)


def drop_quotes(text: str) -> str:
    return " ".join(text.translate(QUOTES).replace('"', " ").split())


def list_shorter(text: str, index: Index) -> Iterator[str]:
    """Yield the search without one of its words, the search that finds most first."""
    words = {fold(word) for word in parse_search(text).typed}
    if 1 < len(words) <= MOST_TRIED:
        shorter = sorted(leave_out(text, {word}) for word in words)
        yield from sorted(shorter, key=lambda one: -len(index.search(parse_search(one)).found))


def leave_out(text: str, words: set[str]) -> str:
    """Return a search without some of its words, and without quotation marks left around none."""
    left = UNFOLDED_WORD.sub(
        lambda place: "" if words & {*list_forms(fold(place[0]))} else place[0], text
    )
    pieces = left.translate(QUOTES).split('"')
    kept = [
        f'"{piece.strip()}"' if number % 2 else piece
        for number, piece in enumerate(pieces)
        if UNFOLDED_WORD.search(piece)
    ]
    return " ".join(" ".join(kept).split()) if words else text


def correct_joined(index: Index, word: str) -> str | None:
    """Return two known words in a row that a joined word may be with one letter wrong, or None."""
    for end in range(SHORTEST_PIECE, len(word) - 1):
        first, rest = word[:end], word[end:]
        among = index.find_word(first).anywhere
        for other in index.list_near(rest, 1) if among else ():
            if index.find_words_in_a_row((first, other), among).anywhere:
                return f"{first} {other}"
    return None

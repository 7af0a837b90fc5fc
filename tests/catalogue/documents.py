"""Random documents for tests of the index, and a simple model that goes through all of them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

import pytest
from hypothesis import strategies as st
from pyroaring import BitMap

from stemobs.catalogue import bitmaps, index
from stemobs.catalogue.documents import SearchDocument
from stemobs.catalogue.index import Index, Tiers
from stemobs.text import Search, space_words
from tests import model
from tests.model import Text, requirements

Documents = dict[int, SearchDocument]


@contextmanager
def constants(**values: int) -> Iterator[None]:
    """Patch constants of the index module at which it switches from one algorithm to another."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setattr(index if hasattr(index, name) else bitmaps, name, value)
        yield


# Runs a test twice, so that each choice between two algorithms is forced to either of them.
ONE_WAY_AND_THE_OTHER = pytest.mark.parametrize("cost", [0, 1_000_000])


def made(number: int = 1, **fields: Any) -> SearchDocument:
    defaults = {"name": "", "slug": f"{number}", "names": (), "texts": (), "values": {}}
    return SearchDocument(number, **{**defaults, **fields})


# --- The simple model of the index ----------------------------------------------------------------


def texts_of(one: SearchDocument) -> list[str]:
    return [*one.names, *one.texts, *one.lines]


def in_words(texts: Iterable[str]) -> list[Text]:
    return [text.lower().split() for text in texts]


def text_has(text: str, words: tuple[str, ...]) -> bool:
    """Whether a text contains these words one after the other."""
    return all(has(text.lower().split()) for has in requirements((), [words], ()))


def tier(one: SearchDocument, wanted: Search) -> int | None:
    starts = (wanted.beginning,) if wanted.beginning else ()
    required = requirements(wanted.words, wanted.phrases, starts)
    return model.tier(in_words(one.names), in_words([*one.texts, *one.lines]), required)


def tiers(documents: Documents, wanted: Search) -> Tiers:
    found = {number: tier(one, wanted) for number, one in documents.items()}
    return Tiers(*(BitMap(n for n, place in found.items() if place == which) for which in range(3)))


def counted(documents: Documents, facet: str, among: BitMap) -> dict[Any, int]:
    return dict(Counter(value for n in among for value in documents[n].values[facet]))


def by_name(documents: Documents, numbers: Any) -> list[int]:
    return sorted(numbers, key=lambda n: (documents[n].name.lower(), documents[n].slug))


def by_change(documents: Documents, numbers: Any) -> list[int]:
    return sorted(by_name(documents, numbers), key=lambda n: -documents[n].changed)


def vocabulary(documents: Documents) -> list[str]:
    texts = (text for one in documents.values() for text in texts_of(one))
    return sorted({word for text in texts for word in text.lower().split()})


def steps(one: str, other: str) -> int:
    """Return the optimal string alignment distance: letters to add, remove, change or swap."""
    table = {(n, 0): n for n in range(len(one) + 1)} | {(0, n): n for n in range(len(other) + 1)}
    for n, m in product(range(1, len(one) + 1), range(1, len(other) + 1)):
        changed = table[n - 1, m - 1] + (one[n - 1] != other[m - 1])
        table[n, m] = min(table[n - 1, m] + 1, table[n, m - 1] + 1, changed)
        if n > 1 and m > 1 and (one[n - 1], one[n - 2]) == (other[m - 2], other[m - 1]):
            table[n, m] = min(table[n, m], table[n - 2, m - 2] + 1)
    return table[len(one), len(other)]


def nearest(documents: Documents, word: str) -> str | None:
    """Return the word nearest to a misspelled one; ties go to the most frequent, then the first."""
    near = []
    for other in vocabulary(documents):
        distance = steps(word, other)
        if distance <= min((len(word) - 1) // 3, 2):
            frequency = len(tiers(documents, Search((other,))).found)
            near.append((distance, -frequency, other))
    return min(near)[2] if near else None


# --- Random documents, searches and changes -------------------------------------------------------

LARGEST_NUMBER = 2**32 - 1
FACETS = ("colour", "year", "pair")
WORDS = st.sampled_from(["a", "b", "ab", "ba", "aab", "bab", "𐐨b", "𐐨"])
TEXTS = st.lists(WORDS, max_size=4).map(" ".join)
CAPITALS = TEXTS.map(str.title)
NUMBERS = st.integers(1, 12) | st.integers(LARGEST_NUMBER - 2, LARGEST_NUMBER)
COLOURS = st.lists(st.sampled_from("abcdefgh"), max_size=3, unique=True)
YEARS = st.sampled_from([1999, 2000, 2001, "none"])


@st.composite
def documents(draw: st.DrawFn) -> SearchDocument:
    number, name, colours = draw(NUMBERS), draw(CAPITALS), draw(COLOURS)
    return SearchDocument(
        number=number,
        name=name,
        slug=f"slug-{number * 37 % 101}",
        names=draw(st.lists(CAPITALS, max_size=2)),
        texts=draw(st.lists(TEXTS, max_size=3)),
        values={
            "colour": colours,
            "year": (draw(YEARS),),
            "pair": [(colour, draw(st.sampled_from("xy"))) for colour in colours],
        },
        changed=draw(st.integers(0, 4)),
        lines=[space_words([line]) for line in draw(st.lists(WORDS, max_size=1))],
        label=name,
    )


CATALOGUES = st.lists(documents(), max_size=14).map(lambda some: {one.number: one for one in some})
CHANGES = st.tuples(st.lists(documents(), max_size=4), st.lists(NUMBERS, max_size=3))
PHRASES = st.lists(WORDS, min_size=1, max_size=3).map(tuple)
SEARCHES = st.builds(
    Search,
    words=st.lists(WORDS, max_size=2).map(tuple),
    phrases=st.lists(PHRASES, max_size=2).map(tuple),
    beginning=st.just("") | WORDS,
)


def some_of(data: st.DataObject, index: Index) -> BitMap:
    """Draw a random subset of the document numbers of an index."""
    return BitMap(n for n in index.everything if data.draw(st.booleans()))

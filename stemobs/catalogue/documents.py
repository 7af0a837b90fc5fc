"""What the index takes in for a row, and what it keeps of it: words as numbers, values, order."""

import datetime
from array import array
from collections.abc import Hashable, Iterable, Mapping
from threading import Lock
from typing import NamedTuple

BETWEEN_TEXTS = 0  # no word's number
WIDTH = array("I").itemsize
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
MICROSECOND = datetime.timedelta(microseconds=1)
NONE = "none"  # the value of a facet for what lacks the fact


def count_microseconds(moment: datetime.datetime) -> int:
    """Return a moment as microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def make_moment(microseconds: int) -> datetime.datetime:
    """Return the moment that is so many microseconds after 1970 began."""
    return EPOCH + microseconds * MICROSECOND


class SearchDocument(NamedTuple):
    """One row to be found: its texts, the values of its facets, and what it is sorted by.

    All documents of an index name the same facets in the same order.
    """

    number: int  # the row's primary key, below 2³²
    name: str
    slug: str
    names: Iterable[str]
    texts: Iterable[str]
    values: Mapping[str, Iterable[Hashable]]
    changed: int = 0  # microseconds since 1970
    lines: Iterable[str] = ()  # further texts, which `text.space_words` has written already
    label: str = ""  # what to call it beside a count, if it is ever counted


class IndexEntry(NamedTuple):
    """What the index keeps of a document."""

    label: str
    name_key: str  # sorts as people read names; the slug at its end settles ties
    changed: int
    names: bytes  # as `Words.encode_lines` writes them
    texts: bytes
    values: tuple[tuple[Hashable, ...], ...]  # one tuple a facet

    @property
    def slug(self) -> str:
        return self.name_key.rpartition("\x00")[2]

    @property
    def change_key(self) -> tuple[int, str]:
        """What sorts by change, the latest first."""
        return -self.changed, self.name_key

    @property
    def name_words(self) -> set[int]:
        return read_numbers(self.names)

    @property
    def all_words(self) -> set[int]:
        return read_numbers(self.names + self.texts)


def read_numbers(written: bytes) -> set[int]:
    return set(array("I", written)) - {BETWEEN_TEXTS}


class Words:
    """A number for every word that was ever met, shared by an index and all that come after it.

    It only grows, so that it can be read while a word is added.
    """

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.spelled = [""]  # by number; BETWEEN_TEXTS is the first
        self.lock = Lock()

    def encode_lines(self, lines: str) -> bytes:
        """Return lines of `text.space_words` with numbers for words, in a quarter of the room."""
        written = array("I", [BETWEEN_TEXTS])
        for line in lines.split("\n"):
            written.extend(map(self.number_word, line.split()))
            written.append(BETWEEN_TEXTS)
        return written.tobytes()

    def number_word(self, word: str) -> int:
        """Return the number of a word, a new one where it has none."""
        if word in self.numbers:
            return self.numbers[word]
        with self.lock:
            if word not in self.numbers:
                self.spelled.append(word)
                self.numbers[word] = len(self.spelled) - 1
            return self.numbers[word]

    def find_numbers(self, words: Iterable[str]) -> list[int] | None:
        """Return the numbers of words, None if one of them was never met."""
        numbers = [self.numbers.get(word, BETWEEN_TEXTS) for word in words]
        return None if BETWEEN_TEXTS in numbers else numbers


def holds_sequence(written: bytes, words: bytes) -> bool:
    """Whether numbers stand in a row among others."""
    place = written.find(words)
    while place % WIDTH and place >= 0:
        place = written.find(words, place + 1)
    return place >= 0


class ReadDocuments(NamedTuple):
    """Documents ready to be put into an index."""

    facets: tuple[str, ...]
    entries: dict[int, IndexEntry]

"""Search documents and the index entries made of them: numbered words, facet values, sort keys."""

import datetime
from array import array
from collections.abc import Hashable, Iterable, Mapping
from threading import Lock
from typing import NamedTuple

BETWEEN_TEXTS = 0  # separates the texts of an entry; no word has this number
WIDTH = array("I").itemsize
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
MICROSECOND = datetime.timedelta(microseconds=1)
NONE = "none"  # the facet value of programmes for which the fact is not stated


def count_microseconds(moment: datetime.datetime) -> int:
    """Return a date and time as microseconds since the start of 1970 in UTC."""
    return (moment - EPOCH) // MICROSECOND


def make_moment(microseconds: int) -> datetime.datetime:
    """Return the UTC date and time for a number of microseconds since the start of 1970."""
    return EPOCH + microseconds * MICROSECOND


class SearchDocument(NamedTuple):
    """A programme or organisation to be indexed: its texts, facet values and sort keys.

    All documents of an index name the same facets in the same order.
    """

    number: int  # the row's primary key, below 2³²
    name: str
    slug: str
    names: Iterable[str]
    texts: Iterable[str]
    values: Mapping[str, Iterable[Hashable]]
    changed: int = 0  # the time of the last change, in microseconds since 1970
    lines: Iterable[str] = ()  # further texts, already in the form that `text.space_words` returns
    label: str = ""  # the name to show where the document is itself a facet value with a count


class IndexEntry(NamedTuple):
    """The compact form in which an index keeps a document."""

    label: str
    name_key: str  # the folded name, then the slug, which decides between equal names
    changed: int
    names: bytes  # words as numbers, in the form that `Words.encode_lines` returns
    texts: bytes
    values: tuple[tuple[Hashable, ...], ...]  # one tuple for each facet of the index

    @property
    def slug(self) -> str:
        return self.name_key.rpartition("\x00")[2]

    @property
    def change_key(self) -> tuple[int, str]:
        """The key that sorts entries by their last change, the latest first, then by name."""
        return -self.changed, self.name_key

    @property
    def name_words(self) -> set[int]:
        return read_numbers(self.names)

    @property
    def all_words(self) -> set[int]:
        return read_numbers(self.names + self.texts)


def read_numbers(written: bytes) -> set[int]:
    return set(array("I", written)) - {BETWEEN_TEXTS}


class Numbers(dict[str, int]):
    """The numbers of words; a word without a number gets the next one when it is asked for.

    Words are only ever added, so that threads can read without a lock while one adds a word.
    """

    def __init__(self, spelled: list[str]) -> None:
        super().__init__((word, number) for number, word in enumerate(spelled) if number)
        self.spelled = spelled
        self.lock = Lock()

    def __missing__(self, word: str) -> int:
        with self.lock:
            if word not in self:
                self.spelled.append(word)
                self[word] = len(self.spelled) - 1
            return self[word]


class Words:
    """The mapping between words and their numbers, shared by an index and all its successors."""

    def __init__(self, spelled: Iterable[str] = ("",)) -> None:
        self.spelled = list(spelled)  # the words by number; place 0 is taken by BETWEEN_TEXTS
        self.numbers = Numbers(self.spelled)

    def encode_lines(self, lines: str) -> bytes:
        """Return the lines of `text.space_words` with each word as a number, to save memory."""
        # Called millions of times while everything is read.
        number_word = self.numbers.__getitem__
        written = array("I", [BETWEEN_TEXTS])
        for line in lines.split("\n"):
            written.extend(map(number_word, line.split()))
            written.append(BETWEEN_TEXTS)
        return written.tobytes()

    def find_numbers(self, words: Iterable[str]) -> list[int] | None:
        """Return the numbers of these words; None if one of them is in no document so far."""
        numbers = [self.numbers.get(word, BETWEEN_TEXTS) for word in words]
        return None if BETWEEN_TEXTS in numbers else numbers


def holds_sequence(written: bytes, words: bytes) -> bool:
    """Whether the numbers in `words` occur one after the other in `written`; both are encoded."""
    place = written.find(words)
    while place % WIDTH and place >= 0:
        place = written.find(words, place + 1)
    return place >= 0


class ReadDocuments(NamedTuple):
    """Documents as index entries, ready to be added to an index, with the names of their facets."""

    facets: tuple[str, ...]
    entries: dict[int, IndexEntry]

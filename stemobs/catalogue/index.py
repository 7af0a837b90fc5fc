"""The catalogue in bitmaps: what matches, how many there are of each value, in which order.

An index never changes: `with_changes` returns a new one, which shares with the old one whatever
stayed the same. So any number of threads read it without a lock. Knows neither database nor HTTP.
"""

import datetime
from array import array
from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from heapq import heappush, heappushpop
from itertools import chain, islice
from operator import attrgetter
from threading import Lock
from typing import Any, NamedTuple

from pyroaring import BitMap
from rapidfuzz import process
from rapidfuzz.distance import OSA

from stemobs.text import Search, fold, forms, spaced

Postings = dict[Any, BitMap]  # a word or a value of a facet, and the numbers of what has it
Narrowing = Callable[[Any], BitMap]
Numbers = Mapping[Any, Iterable[int]]
Entries = Mapping[int, "Entry"]
NOTHING = BitMap()
BETWEEN_TEXTS = 0  # no word's number
WIDTH = array("I").itemsize
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
MICROSECOND = datetime.timedelta(microseconds=1)
NONE = "none"  # the value of a facet for what lacks the fact

# Above this many changes it is cheaper to sort an order anew than to insert them one by one.
MANY_CHANGES = 1_000
# Steps along an order, or values of a facet, that cost as much as one number looked at by itself.
STEPS_A_NUMBER = 8
VALUES_A_NUMBER = 1
# Where a facet has more values than that for each number, counting all is quicker than seeking the
# largest, whose bitmaps are large too.
VALUES_OF_MANY = 8
# Beginnings of very many words, such as “s”, are worth remembering until the next change.
LONG_BEGINNING = 50
MOST_REMEMBERED = 1_000


def microseconds(moment: datetime.datetime) -> int:
    """Return a moment as microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def moment(microseconds: int) -> datetime.datetime:
    """Return the moment that is so many microseconds after 1970 began."""
    return EPOCH + microseconds * MICROSECOND


class Document(NamedTuple):
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
    lines: Iterable[str] = ()  # further texts, which `text.spaced` has written already
    label: str = ""  # what to call it beside a count, if it is ever counted


class Entry(NamedTuple):
    """What the index keeps of a document."""

    label: str
    name_key: str  # sorts as people read names; the slug at its end settles ties
    changed: int
    names: bytes  # as `Words.written` writes them
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
        return numbers_in(self.names)

    @property
    def all_words(self) -> set[int]:
        return numbers_in(self.names + self.texts)


def numbers_in(written: bytes) -> set[int]:
    return set(array("I", written)) - {BETWEEN_TEXTS}


class Words:
    """A number for every word that was ever met, shared by an index and all that come after it.

    It only grows, so that it can be read while a word is added.
    """

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.spelled = [""]  # by number; BETWEEN_TEXTS is the first
        self.lock = Lock()

    def written(self, lines: str) -> bytes:
        """Return what `text.spaced` has written with numbers for words: a quarter of the room."""
        written = array("I", [BETWEEN_TEXTS])
        for line in lines.split("\n"):
            written.extend(map(self.number, line.split()))
            written.append(BETWEEN_TEXTS)
        return written.tobytes()

    def number(self, word: str) -> int:
        """Return the number of a word, a new one where it has none."""
        if word in self.numbers:
            return self.numbers[word]
        with self.lock:
            if word not in self.numbers:
                self.spelled.append(word)
                self.numbers[word] = len(self.spelled) - 1
            return self.numbers[word]

    def known(self, words: Iterable[str]) -> list[int] | None:
        """Return the numbers of words, None if one of them was never met."""
        numbers = [self.numbers.get(word, BETWEEN_TEXTS) for word in words]
        return None if BETWEEN_TEXTS in numbers else numbers


def holds(written: bytes, words: bytes) -> bool:
    """Whether numbers stand in a row among others."""
    place = written.find(words)
    while place % WIDTH and place >= 0:
        place = written.find(words, place + 1)
    return place >= 0


class Read(NamedTuple):
    """Documents ready to be put into an index."""

    facets: tuple[str, ...]
    entries: dict[int, Entry]


class Tiers(NamedTuple):
    """What a search finds: all of it in names, some of it in names, none of it in names."""

    all_in_names: BitMap
    some_in_names: BitMap
    elsewhere: BitMap

    @property
    def found(self) -> BitMap:
        return BitMap.union(*self)


class Part(NamedTuple):
    """What has one part of a search: a word, a beginning or a phrase."""

    in_names: BitMap
    anywhere: BitMap


class Index:
    """Documents by number, and for each word and value the numbers of those that have it."""

    def __init__(self) -> None:
        self.words = Words()
        self.facets: tuple[str, ...] = ()
        self.entries: dict[int, Entry] = {}
        self.everything = NOTHING
        self.in_names: Postings = {}
        self.anywhere: Postings = {}
        self.values: dict[str, Postings] = {}
        self.vocabulary: list[str] = []  # every word, sorted, to find those with a beginning
        self.by_name = array("I")
        self.by_change = array("I")
        # Worked out when first asked for; two threads would only do the same work twice.
        self.beginnings: dict[str, Part] = {}
        self.sizes: dict[str, list[tuple[int, Any]]] = {}

    @classmethod
    def of(cls, documents: Iterable[Document]) -> "Index":
        """Return an index of these documents."""
        return cls().with_changes(documents)

    def __len__(self) -> int:
        return len(self.everything)

    @cached_property
    def slugs(self) -> dict[str, int]:
        """Return the number of every document by its slug."""
        return {entry.slug: number for number, entry in self.entries.items()}

    @cached_property
    def labels(self) -> dict[str, str]:
        """Return the label of every document by its slug, in the order of names."""
        entries = (self.entries[number] for number in self.by_name)
        return {entry.slug: entry.label for entry in entries}

    # --- Changing ---------------------------------------------------------------------------------

    def with_changes(self, documents: Iterable[Document], gone: Collection[int] = ()) -> "Index":
        """Return an index in which these documents are new or renewed, and some are gone."""
        return self.with_entries(self.read(documents), gone)

    def read(self, documents: Iterable[Document]) -> Read:
        """Go through documents once; what reads them from a database need not wait for more."""
        facets: tuple[str, ...] = ()
        entries: dict[int, Entry] = {}
        shared: dict[Any, Any] = {}
        for one in documents:
            facets = tuple(one.values)
            entries[one.number] = self.entry_of(one, shared)
        return Read(facets, entries)

    def entry_of(self, one: Document, shared: dict[Any, Any]) -> Entry:
        """Return a document's entry; equal tuples of values are kept once, in `shared`."""
        lines = "\n".join(filter(None, [spaced(one.texts), *one.lines]))
        return Entry(
            label=one.label,
            name_key=f"{fold(one.name)}\x00{one.slug}",
            changed=one.changed,
            names=self.words.written(spaced(one.names)),
            texts=self.words.written(lines),
            values=tuple(shared.setdefault(v, v) for v in map(tuple, one.values.values())),
        )

    def with_entries(self, read: Read, gone: Collection[int] = ()) -> "Index":
        """Do the same with documents that this index has read."""
        fresh = read.entries
        stale = {n: self.entries[n] for n in {*fresh, *gone} if n in self.entries}
        if not fresh and not stale:
            return self
        new = Index()
        new.words = self.words
        new.facets = read.facets or self.facets
        new.entries = {**self.entries, **fresh}
        for number in stale.keys() - fresh.keys():
            del new.entries[number]
        new.everything = (self.everything - BitMap(stale)) | BitMap(fresh)
        new.in_names = altered(self.in_names, name_postings(stale), name_postings(fresh))
        new.anywhere = altered(self.anywhere, word_postings(stale), word_postings(fresh))
        new.vocabulary = self.extended_vocabulary(new)
        for place, facet in enumerate(new.facets):
            old = self.values.get(facet, {})
            removed, added = value_postings(stale, place), value_postings(fresh, place)
            new.values[facet] = altered(old, removed, added)
        rows = (self.entries, new.entries, stale, fresh)
        new.by_name = reordered(self.by_name, *rows, "name_key")
        new.by_change = reordered(self.by_change, *rows, "change_key")
        return new

    def extended_vocabulary(self, new: "Index") -> list[str]:
        """Return the words that a changed index has, sorted."""
        if new.anywhere.keys() == self.anywhere.keys():
            return self.vocabulary
        numbers, spelled = self.words.numbers, self.words.spelled
        kept = [word for word in self.vocabulary if numbers[word] in new.anywhere]
        added = new.anywhere.keys() - self.anywhere.keys()
        return sorted([*kept, *(spelled[number] for number in added)])

    # --- Matching ---------------------------------------------------------------------------------

    def having(self, facet: str, values: Iterable[Hashable]) -> BitMap:
        """Return the numbers of what has one of these values."""
        postings = self.values.get(facet, {})
        return union(postings[value] for value in values if value in postings)

    def changed_since(self, moment: int) -> BitMap:
        """Return what changed at a moment, in microseconds since 1970, or after it."""
        end = bisect_right(
            self.by_change, -moment, key=lambda number: -self.entries[number].changed
        )
        return BitMap(self.by_change[:end])

    def search(self, wanted: Search) -> Tiers:
        """Return what has every part of a search."""
        parts = [self.word(word) for word in wanted.words]
        if wanted.beginning:
            parts.append(self.beginning(wanted.beginning))
        found = self.everything
        for part in parts:
            found = found & part.anywhere
        for phrase in wanted.phrases:
            parts.append(self.phrase(phrase, found))
            found = found & parts[-1].anywhere
        all_in_names = BitMap.intersection(found, *(part.in_names for part in parts))
        some_in_names = (union(part.in_names for part in parts) & found) - all_in_names
        return Tiers(all_in_names, some_in_names, found - all_in_names - some_in_names)

    def word(self, word: str) -> Part:
        return self.numbered(self.words.numbers.get(word, BETWEEN_TEXTS))

    def numbered(self, word: int) -> Part:
        return Part(self.in_names.get(word, NOTHING), self.anywhere.get(word, NOTHING))

    def beginning(self, beginning: str) -> Part:
        """Return what has a word that begins so."""
        if beginning in self.beginnings:
            return self.beginnings[beginning]
        words = [self.word(word) for word in self.words_beginning(beginning)]
        part = Part(union(word.in_names for word in words), union(word.anywhere for word in words))
        if len(words) > LONG_BEGINNING and len(self.beginnings) < MOST_REMEMBERED:
            self.beginnings[beginning] = part
        return part

    def words_beginning(self, beginning: str) -> list[str]:
        """Return the words that begin so, or as it does in full."""
        words: list[str] = []
        for form in forms(beginning):
            words += self.words_spelled(form)
        return words

    def words_spelled(self, beginning: str) -> list[str]:
        first = bisect_left(self.vocabulary, beginning)
        last = bisect_left(self.vocabulary, beginning + "\U0010ffff")
        return self.vocabulary[first:last]

    def phrase(self, words: Sequence[str], among: BitMap) -> Part:
        """Return which of some have these words in a row, in one and the same text."""
        numbers = self.words.known(words)
        if numbers is None:
            return Part(NOTHING, NOTHING)
        written = array("I", numbers).tobytes()
        parts = [self.numbered(number) for number in numbers]
        in_names = BitMap.intersection(among, *(part.in_names for part in parts))
        anywhere = BitMap.intersection(among, *(part.anywhere for part in parts))
        named = BitMap(n for n in in_names if holds(self.entries[n].names, written))
        told = BitMap(n for n in anywhere - named if holds(self.entries[n].texts, written))
        return Part(named, named | told)

    def has_word(self, beginning: str) -> bool:
        """Whether some document has a word that begins so."""
        return bool(self.words_beginning(beginning))

    def nearest(self, word: str) -> str | None:
        """Return the word that was probably meant; the most frequent of those equally near."""
        furthest = (len(word) - 1) // 3  # a letter in short words, more in long ones
        close = process.extract(
            word, self.vocabulary, scorer=OSA.distance, score_cutoff=min(furthest, 2), limit=None
        )
        ranked = (
            (distance, -len(self.word(other).anywhere), other) for other, distance, _ in close
        )
        return min(ranked, default=(0, 0, None))[2]

    # --- Counting ---------------------------------------------------------------------------------

    def counts(self, facet: str, among: BitMap, narrow: Narrowing | None = None) -> dict[Any, int]:
        """Return how many of these have each value; values without any are left out.

        `narrow` gives the bitmap of a value where not all that have it count.
        """
        postings = self.values.get(facet, {})
        if len(among) == len(self) and not narrow:
            return {value: len(bitmap) for value, bitmap in postings.items()}
        if len(among) * VALUES_A_NUMBER < len(postings):
            return self.counts_of_few(facet, among, narrow)
        bitmap = narrow or postings.__getitem__
        return {
            value: number
            for value in postings
            if (number := bitmap(value).intersection_cardinality(among))
        }

    def counts_of_few(self, facet: str, among: BitMap, narrow: Narrowing | None) -> dict[Any, int]:
        """Return the same by looking at the values that each of these has."""
        place = self.facets.index(facet)
        had = Counter(chain.from_iterable(self.entries[n].values[place] for n in among))
        if not narrow:
            return dict(had)
        narrowed = ((value, narrow(value).intersection_cardinality(among)) for value in had)
        return {value: number for value, number in narrowed if number}

    def values_of(self, number: int, facet: str) -> tuple[Any, ...]:
        """Return the values that one document has."""
        return self.entries[number].values[self.facets.index(facet)]

    def largest(
        self, facet: str, among: BitMap, limit: int, narrow: Narrowing | None = None
    ) -> dict[Any, int]:
        """Return the counts of at least the largest values, and of all that equal the last of them.

        Values are tried by how many have them at all, until none can be among the largest any more.
        """
        postings = self.values.get(facet, {})
        if len(among) * VALUES_OF_MANY < len(postings):
            return self.counts(facet, among, narrow)
        bitmap = narrow or postings.__getitem__
        counts: dict[Any, int] = {}
        best: list[int] = []
        for size, value in self.by_size(facet):
            if len(best) == limit and size < best[0]:
                break
            number = bitmap(value).intersection_cardinality(among)
            if number:
                counts[value] = number
                (heappush if len(best) < limit else heappushpop)(best, number)
        return counts

    def by_size(self, facet: str) -> list[tuple[int, Any]]:
        """Return the values of a facet with how many have them at all, the largest first."""
        if facet not in self.sizes:
            sizes = [(len(bitmap), value) for value, bitmap in self.values.get(facet, {}).items()]
            self.sizes[facet] = sorted(sizes, reverse=True)
        return self.sizes[facet]

    # --- Order ------------------------------------------------------------------------------------

    def split(self, found: BitMap, facet: str, values: Iterable[Hashable]) -> Iterator[BitMap]:
        """Yield what has the first of these values, then the second …"""
        return (part for _value, part in self.named_parts(found, facet, values))

    def named_parts(
        self, found: BitMap, facet: str, values: Iterable[Any]
    ) -> Iterator[tuple[Any, BitMap]]:
        """Yield the same, each with its value; a value that nothing has is left out."""
        postings = self.values.get(facet, {})
        return ((value, found & postings[value]) for value in values if value in postings)

    def in_order_of_names(self, parts: Iterable[BitMap], start: int, stop: int) -> list[int]:
        """Return the numbers from start to stop: part after part, each in the order of names."""
        page: list[int] = []
        for part in parts:
            if stop <= 0:
                break
            page += slice_of(part, self.by_name, self.name_key, max(start, 0), stop)
            start, stop = start - len(part), stop - len(part)
        return page

    def in_order_of_changes(self, found: BitMap, start: int, stop: int) -> list[int]:
        """Return the numbers from start to stop, the latest change first."""
        return slice_of(found, self.by_change, self.change_key, start, stop)

    def before_name(self, key: str, inclusive: bool) -> BitMap:
        """Return what stands before a name, or where it would stand, in the order of names."""
        return before(self.by_name, self.name_key, key, inclusive)

    def before_change(self, key: tuple[int, str], inclusive: bool) -> BitMap:
        """Return what stands before a change in the order of changes."""
        return before(self.by_change, self.change_key, key, inclusive)

    def name_key(self, number: int) -> str:
        return self.entries[number].name_key

    def change_key(self, number: int) -> tuple[int, str]:
        return self.entries[number].change_key


def union(bitmaps: Iterable[BitMap]) -> BitMap:
    """Return the union of any number of bitmaps; CRoaring takes many at once faster."""
    return BitMap.union(NOTHING, *bitmaps)


def before(order: "array[int]", key: Callable[[int], Any], sought: Any, inclusive: bool) -> BitMap:
    """Return the numbers before a key in an order that `key` sorts, or those up to it."""
    end = (bisect_right if inclusive else bisect_left)(order, sought, key=key)
    return BitMap(order[:end])


def slice_of(
    found: BitMap, order: Sequence[int], key: Callable[[int], Any], start: int, stop: int
) -> list[int]:
    """Return the found numbers from start to stop in an order of all numbers, which `key` sorts.

    Few are sorted; of many, the order is walked along until enough of them have come by.
    """
    stop = min(stop, len(found))
    if start >= stop:
        return []
    if len(found) * STEPS_A_NUMBER < len(order) * stop / len(found):
        return sorted(found, key=key)[start:stop]
    return list(islice(filter(found.__contains__, order), start, stop))


# --- What changes in bitmaps and orders -----------------------------------------------------------


def name_postings(entries: Entries) -> Numbers:
    return gathered((number, entry.name_words) for number, entry in entries.items())


def word_postings(entries: Entries) -> Numbers:
    return gathered((number, entry.all_words) for number, entry in entries.items())


def value_postings(entries: Entries, place: int) -> Numbers:
    return gathered((number, entry.values[place]) for number, entry in entries.items())


def gathered(pairs: Iterable[tuple[int, Iterable[Any]]]) -> Numbers:
    """Turn numbers with their words around: words with their numbers."""
    numbers: defaultdict[Any, array[int]] = defaultdict(lambda: array("I"))
    for number, words in pairs:
        for word in words:
            numbers[word].append(number)
    return numbers


def altered(postings: Postings, removed: Numbers, added: Numbers) -> Postings:
    """Return bitmaps without some numbers and with others; those left empty are dropped."""
    new = dict(postings)
    for key in {**removed, **added}:
        bitmap = (new.get(key, NOTHING) - BitMap(removed.get(key, ()))) | BitMap(added.get(key, ()))
        if bitmap:
            new[key] = bitmap
        else:
            new.pop(key, None)
    return new


def reordered(
    order: "array[int]", old: Entries, new: Entries, stale: Entries, fresh: Entries, key: str
) -> "array[int]":
    """Return an order without what is stale and with what is fresh in its place."""
    sort_key = attrgetter(key)
    if len(stale) + len(fresh) > MANY_CHANGES:
        return array("I", sorted(new, key=lambda number: sort_key(new[number])))
    order = order[:]
    for number in stale:
        place = bisect_left(order, sort_key(old[number]), key=lambda n: sort_key(old[n]))
        del order[order.index(number, place)]
    for number in fresh:
        insort(order, number, key=lambda n: sort_key(new[n]))
    return order

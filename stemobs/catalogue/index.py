"""The in-memory search index: full-text search, facet counts and sort orders, held as bitmaps.

An index is immutable: `with_changes` returns a new index, which shares unchanged parts with the old
one. So any number of threads can read an index without a lock. This module uses neither the
database nor HTTP.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from functools import cached_property
from heapq import heappush, heappushpop
from itertools import chain
from typing import Any, NamedTuple

from pyroaring import BitMap
from rapidfuzz import process
from rapidfuzz.distance import OSA

from stemobs.catalogue.bitmaps import (
    NO_POSTINGS,
    NOTHING,
    Entries,
    Pieces,
    Postings,
    SearchPart,
    Sizes,
    alter_postings,
    collect_name_postings,
    collect_value_postings,
    collect_word_postings,
    find_before,
    list_sizes,
    take_slice,
    unite_bitmaps,
    update_order,
    update_sizes,
    update_vocabulary,
)
from stemobs.catalogue.documents import (
    BETWEEN_TEXTS,
    IndexEntry,
    ReadDocuments,
    SearchDocument,
    Words,
    holds_sequence,
)
from stemobs.catalogue.loose import Loosely
from stemobs.text import Search, list_forms, make_sort_key, space_words

Narrowing = Callable[[Any], BitMap]
VALUES_A_NUMBER = 1
# A facet with more values than this for each counted document: counting all its values is faster
# than trying the largest, because the largest bitmaps take longest to intersect.
VALUES_OF_MANY = 8
# Results for a beginning that more words than this share, such as “s”, are cached in the index.
LONG_BEGINNING = 50
MOST_REMEMBERED = 1_000


class Tiers(NamedTuple):
    """The documents that a search finds, best matches first.

    First those with all parts of the search in their names, then those with some there, then the
    rest. After them, in the same order, those that only other forms of the words find.
    """

    all_in_names: BitMap
    some_in_names: BitMap
    elsewhere: BitMap
    all_loosely_in_names: BitMap = NOTHING
    some_loosely_in_names: BitMap = NOTHING
    loosely_elsewhere: BitMap = NOTHING

    @property
    def found(self) -> BitMap:
        return BitMap.union(*self)

    @property
    def as_typed(self) -> BitMap:
        return BitMap.union(self.all_in_names, self.some_in_names, self.elsewhere)


class Index:
    """An immutable index of documents: entries by number, and bitmaps for each word and value."""

    def __init__(self) -> None:
        self.words = Words()
        self.facets: tuple[str, ...] = ()
        self.entries: Pieces[int, IndexEntry] = Pieces()
        self.everything = NOTHING
        self.in_names: Postings = Pieces()
        self.anywhere: Postings = Pieces()
        self.values: dict[str, Postings] = {}
        self.vocabulary: list[str] = []  # every word, sorted, to find words by their beginning
        self.by_name = array("I")
        self.by_change = array("I")
        # Caches, filled on demand without a lock: at worst two threads compute the same result.
        self.beginnings: dict[str, SearchPart] = {}
        self.sizes: dict[str, Sizes] = {}
        self.meant: dict[int, SearchPart] = {}  # by the number of a meaning

    @classmethod
    def of(cls, documents: Iterable[SearchDocument]) -> "Index":
        """Return a new index of these documents."""
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

    # --- Making changed indexes -------------------------------------------------------------------

    def with_changes(
        self, documents: Iterable[SearchDocument], gone: Collection[int] = ()
    ) -> "Index":
        """Return an index with these documents added or replaced, and those in `gone` removed."""
        return self.with_entries(self.read_documents(documents), gone)

    def read_documents(self, documents: Iterable[SearchDocument]) -> ReadDocuments:
        """Turn documents into entries in one pass, so that the database can be released early."""
        facets: tuple[str, ...] = ()
        entries: dict[int, IndexEntry] = {}
        shared: dict[Any, Any] = {}
        for one in documents:
            facets = tuple(one.values)
            entries[one.number] = self.make_entry(one, shared)
        return ReadDocuments(facets, entries)

    def make_entry(self, one: SearchDocument, shared: dict[Any, Any]) -> IndexEntry:
        """Return the entry of a document; `shared` lets entries share equal tuples of values."""
        lines = "\n".join(filter(None, [space_words(one.texts), *one.lines]))
        return IndexEntry(
            label=one.label,
            name_key=f"{make_sort_key(one.name)}\x00{one.slug}",
            changed=one.changed,
            names=self.words.encode_lines(space_words(one.names)),
            texts=self.words.encode_lines(lines),
            values=tuple(shared.setdefault(v, v) for v in map(tuple, one.values.values())),
        )

    def with_entries(self, read: ReadDocuments, gone: Collection[int] = ()) -> "Index":
        """Return an index with documents from `read_documents` added or replaced, and some removed.

        `gone` are the numbers to remove.
        """
        fresh = {n: one for n, one in read.entries.items() if self.entries.get(n) != one}
        gone = {n for n in gone if n in self.entries and n not in read.entries}
        if not fresh and not gone:
            return self
        stale = {n: self.entries[n] for n in (*fresh, *gone) if n in self.entries}
        new = Index()
        new.words = self.words
        new.facets = read.facets or self.facets
        new.entries = self.entries.with_changes(fresh, gone)
        new.everything = (self.everything - BitMap(gone)) | BitMap(fresh)
        new.in_names = alter_postings(
            self.in_names, collect_name_postings(stale), collect_name_postings(fresh)
        )
        removed, added = collect_word_postings(stale), collect_word_postings(fresh)
        new.anywhere = alter_postings(self.anywhere, removed, added)
        new.vocabulary = self.extend_vocabulary(new, {**removed, **added})
        for place in range(len(new.facets)):
            self.alter_values(new, place, stale, fresh)
        rows = (self.entries, new.entries, stale, fresh)
        new.by_name = update_order(self.by_name, *rows, "name_key")
        new.by_change = update_order(self.by_change, *rows, "change_key")
        return new

    def extend_vocabulary(self, new: "Index", touched: Iterable[int]) -> list[str]:
        """Return the sorted vocabulary of `new`, made from this index by touching some words."""
        was = {number for number in touched if number in self.anywhere}
        has = {number for number in touched if number in new.anywhere}
        spelled = self.words.spelled
        gone, added = ([spelled[n] for n in numbers] for numbers in (was - has, has - was))
        return update_vocabulary(self.vocabulary, gone, added)

    def alter_values(self, new: "Index", place: int, stale: Entries, fresh: Entries) -> None:
        """Set the values of the facet at a place in `new`, made from this index."""
        facet = new.facets[place]
        old = self.values.get(facet, NO_POSTINGS)
        removed, added = (collect_value_postings(some, place) for some in (stale, fresh))
        new.values[facet] = alter_postings(old, removed, added)
        if facet in self.sizes:
            changed = (old, new.values[facet], {**removed, **added})
            new.sizes[facet] = update_sizes(self.sizes[facet], *changed)

    # --- Finding documents ------------------------------------------------------------------------

    def find_with_value(self, facet: str, values: Iterable[Hashable]) -> BitMap:
        """Return the documents that have at least one of these values of a facet."""
        postings = self.values.get(facet, NO_POSTINGS)
        return unite_bitmaps(postings[value] for value in values if value in postings)

    def find_changed_since(self, moment: int) -> BitMap:
        """Return the documents changed at or after a moment, in microseconds since 1970."""
        end = bisect_right(
            self.by_change, -moment, key=lambda number: -self.entries[number].changed
        )
        return BitMap(self.by_change[:end])

    def search(self, wanted: Search) -> Tiers:
        """Return the documents that contain every part of a search, in tiers."""
        parts = [self.find_word(word) for word in wanted.words]
        if wanted.beginning:
            parts.append(self.find_beginning(wanted.beginning))
        loose = Loosely(self, wanted).find()
        among = BitMap.intersection(self.everything, *(part.anywhere for part in parts))
        phrases = [self.find_words_in_a_row(p, among | loose.anywhere) for p in wanted.phrases]
        exact = self.rank([*parts, *phrases])
        if not wanted.typed:
            return Tiers(*exact)
        typed = SearchPart(loose.all_in_names, loose.anywhere)
        others = self.rank([typed, *phrases], loose.some_in_names)
        found = unite_bitmaps(exact)
        return Tiers(*exact, *(ids - found for ids in others))

    def rank(self, parts: Sequence[SearchPart], also: BitMap = NOTHING) -> tuple[BitMap, ...]:
        """Return the documents with all parts: all in names, some there, none there.

        Those in `also` have some part in their names too.
        """
        found = BitMap.intersection(self.everything, *(part.anywhere for part in parts))
        all_in_names = BitMap.intersection(found, *(part.in_names for part in parts))
        in_names = unite_bitmaps([also, *(part.in_names for part in parts)])
        some_in_names = (in_names & found) - all_in_names
        return all_in_names, some_in_names, found - all_in_names - some_in_names

    def find_word(self, word: str) -> SearchPart:
        return self.find_number(self.words.numbers.get(word, BETWEEN_TEXTS))

    def find_number(self, word: int) -> SearchPart:
        return SearchPart(self.in_names.get(word, NOTHING), self.anywhere.get(word, NOTHING))

    def find_beginning(self, beginning: str) -> SearchPart:
        """Return the documents that have a word with this beginning."""
        if beginning in self.beginnings:
            return self.beginnings[beginning]
        words = [self.find_word(word) for word in self.list_words_beginning(beginning)]
        part = SearchPart(
            unite_bitmaps(word.in_names for word in words),
            unite_bitmaps(word.anywhere for word in words),
        )
        if len(words) > LONG_BEGINNING and len(self.beginnings) < MOST_REMEMBERED:
            self.beginnings[beginning] = part
        return part

    def list_words_beginning(self, beginning: str) -> list[str]:
        """Return the words with this beginning; for an everyday form also with its full word."""
        words: list[str] = []
        for form in list_forms(beginning):
            words += self.list_words_spelled(form)
        return words

    def list_words_spelled(self, beginning: str) -> list[str]:
        first = bisect_left(self.vocabulary, beginning)
        last = bisect_left(self.vocabulary, beginning + "\U0010ffff")
        return self.vocabulary[first:last]

    def find_words_in_a_row(self, words: Sequence[str], among: BitMap) -> SearchPart:
        """Return the documents of `among` with a phrase, which may be a single word."""
        if len(words) > 1:
            return self.find_phrase(words, among)
        part = self.find_word(*words)
        return SearchPart(part.in_names & among, part.anywhere & among)

    def find_phrase(self, words: Sequence[str], among: BitMap) -> SearchPart:
        """Return which documents of `among` have these words in a row within a single text."""
        numbers = self.words.find_numbers(words)
        if numbers is None:
            return SearchPart(NOTHING, NOTHING)
        written = array("I", numbers).tobytes()
        parts = [self.find_number(number) for number in numbers]
        in_names = BitMap.intersection(among, *(part.in_names for part in parts))
        anywhere = BitMap.intersection(among, *(part.anywhere for part in parts))
        named = BitMap(n for n in in_names if holds_sequence(self.entries[n].names, written))
        told = BitMap(n for n in anywhere - named if holds_sequence(self.entries[n].texts, written))
        return SearchPart(named, named | told)

    def has_word(self, beginning: str) -> bool:
        """Whether some document has a word with this beginning."""
        return bool(self.list_words_beginning(beginning))

    def find_nearest(self, word: str) -> str | None:
        """Return the known word nearest to a misspelled one, None if no word is near.

        Of equally near words, the word in most documents is returned.
        """
        # No wrong letter is allowed in words of up to three letters, one in up to six, else two.
        return next(iter(self.list_near(word, min((len(word) - 1) // 3, 2))), None)

    def list_near(self, word: str, furthest: int) -> list[str]:
        """Return the known words with at most so many wrong letters, the nearest first."""
        close = process.extract(
            word, self.vocabulary, scorer=OSA.distance, score_cutoff=furthest, limit=None
        )
        ranked = (
            (distance, -len(self.find_word(other).anywhere), other) for other, distance, _ in close
        )
        return [other for _distance, _number, other in sorted(ranked)]

    # --- Counting facet values --------------------------------------------------------------------

    def count_values(
        self, facet: str, among: BitMap, narrow: Narrowing | None = None
    ) -> dict[Any, int]:
        """Return for each value of a facet how many documents of `among` have it, without zeros.

        `narrow` returns the bitmap to count for a value, if not all documents with it count.
        """
        postings = self.values.get(facet, NO_POSTINGS)
        if len(among) == len(self) and not narrow:
            return {value: len(bitmap) for value, bitmap in postings.items()}
        if len(among) * VALUES_A_NUMBER < len(postings):
            return self.count_values_of_few(facet, among, narrow)
        return {
            value: number
            for value, bitmap in postings.items()
            if (number := (narrow(value) if narrow else bitmap).intersection_cardinality(among))
        }

    def count_values_of_few(
        self, facet: str, among: BitMap, narrow: Narrowing | None
    ) -> dict[Any, int]:
        """Return what `count_values` does, by going through the documents of `among` singly."""
        place = self.facets.index(facet)
        had = Counter(chain.from_iterable(self.entries[n].values[place] for n in among))
        if not narrow:
            return dict(had)
        narrowed = ((value, narrow(value).intersection_cardinality(among)) for value in had)
        return {value: number for value, number in narrowed if number}

    def list_document_values(self, number: int, facet: str) -> tuple[Any, ...]:
        """Return the values of a facet that one document has."""
        return self.entries[number].values[self.facets.index(facet)]

    def count_largest(
        self, facet: str, among: BitMap, limit: int, narrow: Narrowing | None = None
    ) -> dict[Any, int]:
        """Return counts of at least the `limit` most frequent values of a facet, ties included.

        Values are tried in the order of their total counts, until no further value can be among
        the most frequent.
        """
        postings = self.values.get(facet, NO_POSTINGS)
        if len(among) * VALUES_OF_MANY < len(postings):
            return self.count_values(facet, among, narrow)
        counts: dict[Any, int] = {}
        best: list[int] = []
        for size, value, bitmap in self.list_by_size(facet):
            if len(best) == limit and -size < best[0]:
                break
            number = (narrow(value) if narrow else bitmap).intersection_cardinality(among)
            if number:
                counts[value] = number
                (heappush if len(best) < limit else heappushpop)(best, number)
        return counts

    def list_by_size(self, facet: str) -> Sizes:
        """Return the values of a facet with their negative total counts, in this order."""
        if facet not in self.sizes:
            self.sizes[facet] = list_sizes(self.values.get(facet, NO_POSTINGS))
        return self.sizes[facet]

    # --- Sorting ----------------------------------------------------------------------------------

    def split(self, found: BitMap, facet: str, values: Iterable[Hashable]) -> Iterator[BitMap]:
        """Yield for each of these values, in order, the found documents that have it."""
        return (part for _value, part in self.split_by_value(found, facet, values))

    def split_by_value(
        self, found: BitMap, facet: str, values: Iterable[Any]
    ) -> Iterator[tuple[Any, BitMap]]:
        """Yield pairs of a value and the found documents with it, in the order of `values`.

        Values that no document of the index has are left out.
        """
        postings = self.values.get(facet, NO_POSTINGS)
        return ((value, found & postings[value]) for value in values if value in postings)

    def list_by_name(self, parts: Iterable[BitMap], start: int, stop: int) -> list[int]:
        """Return the slice [start:stop] of all parts one after the other, each sorted by name."""
        page: list[int] = []
        for part in parts:
            if stop <= 0:
                break
            page += take_slice(part, self.by_name, self.name_key, max(start, 0), stop)
            start, stop = start - len(part), stop - len(part)
        return page

    def list_by_change(self, found: BitMap, start: int, stop: int) -> list[int]:
        """Return the slice [start:stop] of the found numbers, the latest change first."""
        return take_slice(found, self.by_change, self.change_key, start, stop)

    def find_before_name(self, key: str, inclusive: bool) -> BitMap:
        """Return the documents sorted before a name key; with `inclusive` also the one at it."""
        return find_before(self.by_name, self.name_key, key, inclusive)

    def find_before_change(self, key: tuple[int, str], inclusive: bool) -> BitMap:
        """Return the documents sorted before a change key; with `inclusive` also the one at it."""
        return find_before(self.by_change, self.change_key, key, inclusive)

    def name_key(self, number: int) -> str:
        return self.entries[number].name_key

    def change_key(self, number: int) -> tuple[int, str]:
        return self.entries[number].change_key

"""What an index is made of: mappings in pieces, bitmaps and sorted lists, and how they are altered.

A changed copy of a mapping shares every piece in which nothing changed. A dict of a hundred
thousand keys takes milliseconds to copy, however little changes in the copy.
"""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import (
    Callable,
    Collection,
    Hashable,
    ItemsView,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from itertools import chain, islice
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar, cast, overload

from pyroaring import BitMap

from stemobs.catalogue.documents import IndexEntry

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Other = TypeVar("Other")

KEYS_A_PIECE = 64
# How many times as many keys as that a piece comes to have before there are more pieces.
CROWDED = 4


class Pieces(Mapping[Key, Value]):
    """An immutable mapping, of which `with_changes` returns a changed copy."""

    __slots__ = ("pieces", "size")

    def __init__(self, pairs: Mapping[Key, Value] | None = None) -> None:
        pairs = pairs or {}
        self.size = len(pairs)
        self.pieces: list[dict[Key, Value]] = [
            {} for _place in range(max(1, self.size // KEYS_A_PIECE))
        ]
        for key, value in pairs.items():
            self.find_piece(key)[key] = value

    def find_piece(self, key: Hashable) -> dict[Key, Value]:
        """Return the piece that has a key, if any has."""
        return self.pieces[hash(key) % len(self.pieces)]

    def with_changes(
        self, fresh: Mapping[Key, Value], gone: Iterable[Key] = ()
    ) -> "Pieces[Key, Value]":
        """Return a copy with these values put in, and other keys, which it has, taken out."""
        if not self.size:
            return Pieces(fresh)
        new = cast("Pieces[Key, Value]", Pieces())
        new.pieces = self.pieces[:]
        own: set[int] = set()

        def find_own_piece(key: Key) -> dict[Key, Value]:
            place = hash(key) % len(new.pieces)
            if place not in own:
                own.add(place)
                new.pieces[place] = new.pieces[place].copy()
            return new.pieces[place]

        new.size = self.size + sum(key not in self for key in fresh)
        for key in gone:
            del find_own_piece(key)[key]
            new.size -= 1
        for key, value in fresh.items():
            find_own_piece(key)[key] = value
        is_crowded = new.size > CROWDED * KEYS_A_PIECE * len(new.pieces)
        return Pieces(dict(new.items())) if is_crowded else new

    # --- Reading ----------------------------------------------------------------------------------

    def __getitem__(self, key: Key) -> Value:
        return self.pieces[hash(key) % len(self.pieces)][key]

    @overload
    def get(self, key: Key, /) -> Value | None: ...
    @overload
    def get(self, key: Key, /, default: Value | Other) -> Value | Other: ...
    def get(self, key: Key, /, default: Any = None) -> Any:
        return self.pieces[hash(key) % len(self.pieces)].get(key, default)

    def __contains__(self, key: object) -> bool:
        return key in self.pieces[hash(key) % len(self.pieces)]

    def __iter__(self) -> Iterator[Key]:
        return chain.from_iterable(self.pieces)

    def __len__(self) -> int:
        return self.size

    def items(self) -> ItemsView[Key, Value]:
        return Pairs(self)


class Pairs(ItemsView[Key, Value]):
    """The pairs of a mapping in pieces, without looking for each key."""

    def __init__(self, mapping: Pieces[Key, Value]) -> None:
        super().__init__(mapping)
        self.pieces = mapping.pieces

    def __iter__(self) -> Iterator[tuple[Key, Value]]:
        return chain.from_iterable(piece.items() for piece in self.pieces)


Postings = Pieces[Any, BitMap]  # from a word or facet value to the numbers of the documents with it
Numbers = Mapping[Any, Iterable[int]]
Entries = Mapping[int, "IndexEntry"]
# The values of a facet, the most frequent first: how many documents have it, negative so that it
# sorts, the value, and the documents.
Sizes = list[tuple[int, Any, BitMap]]
NOTHING = BitMap()
NO_POSTINGS: Postings = Pieces()

# With more changes than this, sorting the whole list is faster than inserting them one by one.
MANY_CHANGES = 1_000
# How many steps along a sorted list cost as much time as sorting one found number by its key.
STEPS_A_NUMBER = 8


class SearchPart(NamedTuple):
    """The documents that contain one part of a search: a word, a beginning or a phrase."""

    in_names: BitMap
    anywhere: BitMap


def unite_bitmaps(bitmaps: Iterable[BitMap]) -> BitMap:
    """Return the union of any number of bitmaps; one call for all is faster than pair by pair."""
    return BitMap.union(NOTHING, *bitmaps)


def find_before(
    order: "array[int]", key: Callable[[int], Any], sought: Any, inclusive: bool
) -> BitMap:
    """Return the numbers that are sorted before a key; with `inclusive` also those at the key.

    `order` is a list of numbers sorted by the function `key`.
    """
    end = (bisect_right if inclusive else bisect_left)(order, sought, key=key)
    return BitMap(order[:end])


def take_slice(
    found: BitMap, order: Sequence[int], key: Callable[[int], Any], start: int, stop: int
) -> list[int]:
    """Return the slice [start:stop] of the found numbers, sorted by `key`.

    `order` is a list of all numbers, sorted by `key`. If few numbers were found, these are sorted;
    if many, `order` is walked along until the slice is full.
    """
    stop = min(stop, len(found))
    if start >= stop:
        return []
    if len(found) * STEPS_A_NUMBER < len(order) * stop / len(found):
        return sorted(found, key=key)[start:stop]
    return list(islice(filter(found.__contains__, order), start, stop))


def collect_name_postings(entries: Entries) -> Numbers:
    return invert_pairs((number, entry.name_words) for number, entry in entries.items())


def collect_word_postings(entries: Entries) -> Numbers:
    return invert_pairs((number, entry.all_words) for number, entry in entries.items())


def collect_value_postings(entries: Entries, place: int) -> Numbers:
    return invert_pairs((number, entry.values[place]) for number, entry in entries.items())


def invert_pairs(pairs: Iterable[tuple[int, Iterable[Any]]]) -> Numbers:
    """Invert pairs of a number and its words (or values) into a mapping from word to numbers."""
    numbers: defaultdict[Any, array[int]] = defaultdict(lambda: array("I"))
    for number, words in pairs:
        for word in words:
            numbers[word].append(number)
    return numbers


def alter_postings(postings: Postings, removed: Numbers, added: Numbers) -> Postings:
    """Return postings with numbers removed and added by key, without empty bitmaps.

    What stays the same is shared, all of it if nothing changes.
    """
    if not postings:
        return Pieces({key: BitMap(more) for key, more in added.items() if more})
    fresh: dict[Any, BitMap] = {}
    gone = []
    for key in {**removed, **added}:
        less, more = removed.get(key, ()), added.get(key, ())
        if less == more:
            continue
        bitmap = (postings.get(key, NOTHING) - BitMap(less)) | BitMap(more)
        if bitmap:
            fresh[key] = bitmap
        elif key in postings:
            gone.append(key)
    return postings.with_changes(fresh, gone) if fresh or gone else postings


def update_vocabulary(words: list[str], gone: Collection[str], added: Collection[str]) -> list[str]:
    """Return a sorted list of words without those that are gone and with those that are added."""
    if len(gone) + len(added) > MANY_CHANGES:
        return sorted({*words, *added}.difference(gone))
    words = words[:] if gone or added else words
    for word in gone:
        del words[bisect_left(words, word)]
    for word in added:
        insort(words, word)
    return words


def list_sizes(postings: Postings) -> Sizes:
    return sorted((-len(bitmap), value, bitmap) for value, bitmap in postings.items())


def update_sizes(sizes: Sizes, old: Postings, new: Postings, touched: Collection[Any]) -> Sizes:
    """Return the sizes of new postings, which differ from old ones in the touched values."""
    if old is new:
        return sizes
    if len(touched) > MANY_CHANGES:
        return list_sizes(new)
    sizes = sizes[:]
    for value in touched:
        if value in old:
            del sizes[bisect_left(sizes, (-len(old[value]), value))]
        if value in new:
            insort(sizes, (-len(new[value]), value, new[value]))
    return sizes


def update_order(
    order: "array[int]", old: Entries, new: Entries, stale: Entries, fresh: Entries, key: str
) -> "array[int]":
    """Return a sorted list of numbers without the stale ones and with the fresh ones inserted.

    `key` names the attribute of entries that the list is sorted by. `stale` holds old entries that
    were changed or removed, `fresh` new ones.
    """
    sort_key = attrgetter(key)

    def is_moved(number: int) -> bool:
        if number not in stale or number not in fresh:
            return True
        return bool(sort_key(stale[number]) != sort_key(fresh[number]))

    gone, come = list(filter(is_moved, stale)), list(filter(is_moved, fresh))
    if len(gone) + len(come) > MANY_CHANGES:
        return array("I", sorted(new, key=lambda number: sort_key(new[number])))
    order = order[:] if gone or come else order
    for number in gone:
        place = bisect_left(order, sort_key(old[number]), key=lambda n: sort_key(old[n]))
        del order[order.index(number, place)]
    for number in come:
        insort(order, number, key=lambda n: sort_key(new[n]))
    return order

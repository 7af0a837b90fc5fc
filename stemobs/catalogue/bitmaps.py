"""Functions on the bitmaps and sorted lists of an index: union, slices, updates."""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple

from pyroaring import BitMap

from stemobs.catalogue.documents import IndexEntry

Postings = dict[Any, BitMap]  # from a word or facet value to the numbers of the documents with it
Numbers = Mapping[Any, Iterable[int]]
Entries = Mapping[int, "IndexEntry"]
NOTHING = BitMap()

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
    """Return a copy of postings with numbers removed and added by key, without empty bitmaps."""
    new = dict(postings)
    for key in {**removed, **added}:
        bitmap = (new.get(key, NOTHING) - BitMap(removed.get(key, ()))) | BitMap(added.get(key, ()))
        if bitmap:
            new[key] = bitmap
        else:
            new.pop(key, None)
    return new


def update_order(
    order: "array[int]", old: Entries, new: Entries, stale: Entries, fresh: Entries, key: str
) -> "array[int]":
    """Return a sorted list of numbers without the stale ones and with the fresh ones inserted.

    `key` names the attribute of entries that the list is sorted by. `stale` holds old entries that
    were changed or removed, `fresh` new ones.
    """
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

"""Bitmaps by word and by value, and lists in order: how they are cut, joined and changed."""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from operator import attrgetter
from typing import Any

from pyroaring import BitMap

from stemobs.catalogue.documents import IndexEntry

Postings = dict[Any, BitMap]  # a word or a value of a facet, and the numbers of what has it
Numbers = Mapping[Any, Iterable[int]]
Entries = Mapping[int, "IndexEntry"]
NOTHING = BitMap()

# Above this many changes it is cheaper to sort an order anew than to insert them one by one.
MANY_CHANGES = 1_000
# Steps along an order, or values of a facet, that cost as much as one number looked at by itself.
STEPS_A_NUMBER = 8


def unite_bitmaps(bitmaps: Iterable[BitMap]) -> BitMap:
    """Return the union of any number of bitmaps; CRoaring takes many at once faster."""
    return BitMap.union(NOTHING, *bitmaps)


def find_before(
    order: "array[int]", key: Callable[[int], Any], sought: Any, inclusive: bool
) -> BitMap:
    """Return the numbers before a key in an order that `key` sorts, or those up to it."""
    end = (bisect_right if inclusive else bisect_left)(order, sought, key=key)
    return BitMap(order[:end])


def take_slice(
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


def collect_name_postings(entries: Entries) -> Numbers:
    return invert_pairs((number, entry.name_words) for number, entry in entries.items())


def collect_word_postings(entries: Entries) -> Numbers:
    return invert_pairs((number, entry.all_words) for number, entry in entries.items())


def collect_value_postings(entries: Entries, place: int) -> Numbers:
    return invert_pairs((number, entry.values[place]) for number, entry in entries.items())


def invert_pairs(pairs: Iterable[tuple[int, Iterable[Any]]]) -> Numbers:
    """Turn numbers with their words around: words with their numbers."""
    numbers: defaultdict[Any, array[int]] = defaultdict(lambda: array("I"))
    for number, words in pairs:
        for word in words:
            numbers[word].append(number)
    return numbers


def alter_postings(postings: Postings, removed: Numbers, added: Numbers) -> Postings:
    """Return bitmaps without some numbers and with others; those left empty are dropped."""
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

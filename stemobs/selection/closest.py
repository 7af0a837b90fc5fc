"""What is near to a selection that finds few: wider ones, and records that fail just one choice.

They are found by the bitmaps of the index, one for each choice that is left out, so that a large
catalogue takes no longer than a small one.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pyroaring import BitMap

from stemobs.catalogue.bitmaps import unite_bitmaps
from stemobs.selection.loosening import word_alone, word_lack, word_way_out
from stemobs.selection.panels import Wider
from stemobs.selection.programmes import ProgrammeFilter
from stemobs.selection.selection import IndexedFilter

FEW = 10  # with as many matches or fewer, a page offers wider selections
ENOUGH = 3  # with as many matches a list needs no help
MOST = 6  # closest records in all
MOST_NEAR = 3  # records of neighbouring countries
COUNTRY = "country"


class Closest(NamedTuple):
    """Records that match all choices but one: that choice, in words, and the first of them.

    `total` is how many there are, and `query` leads to the list without the choice.
    """

    parameter: str
    lack: str
    ids: list[int]
    total: int
    query: str


def list_wider(selection: IndexedFilter) -> list[Wider]:
    """Return selections without one of the parameters, those with fewest more rows first.

    Where all of these are empty, too, those with one parameter alone. None if the selection itself
    has more than a few matches.
    """
    if len(selection.matched) > FEW:
        return []
    ways = [leave_out(selection, name) for name in selection.narrowing]
    if not any(way.count for way in ways):
        ways = [take_alone(selection, name) for name in selection.narrowing]
    more = [way for way in ways if way.count > len(selection.matched)]
    return sorted(more, key=lambda way: (way.count, way.text))


def leave_out(selection: IndexedFilter, name: str) -> Wider:
    text = word_way_out(name, *selection.word_values(name))
    return Wider(text, selection.query("page", name), len(selection.find_matching(without=name)))


def take_alone(selection: IndexedFilter, name: str) -> Wider:
    text = word_alone(*selection.word_values(name))
    others = [other for other in selection.narrowing if other != name]
    found = selection.find_by_parameter(name, selection.values[name])
    return Wider(text, selection.query("page", *others), len(found))


def find_failing(selection: ProgrammeFilter, name: str) -> BitMap:
    """Return the records that match all choices but this one."""
    return selection.find_matching(without=name) - selection.matched


def find_closest(selection: ProgrammeFilter) -> list[Closest]:
    """Return the closest records, at most six, by the choice that they fail.

    Another country is told apart, by `find_near`. One choice alone has no closest records: all
    others fail it.
    """
    names = selection.narrowing
    if len(names) == 1 or len(selection.matched) >= ENOUGH:
        return []
    failing = {name: find_failing(selection, name) for name in names if name != COUNTRY}
    failing = {name: found for name, found in failing.items() if found}
    # The fewer fail a choice, the nearer they are.
    ranked = sorted(failing, key=lambda name: len(failing[name]))[:MOST]
    shares = share_places([len(failing[name]) for name in ranked])
    return [
        make_group(selection, name, failing[name], share)
        for name, share in zip(ranked, shares, strict=True)
    ]


def share_places(sizes: Sequence[int]) -> list[int]:
    """Share the places among groups of these sizes, one after the other, until all are taken."""
    shares = [0] * len(sizes)
    for _place in range(min(MOST, sum(sizes))):
        open_ones = [at for at, size in enumerate(sizes) if shares[at] < size]
        shares[min(open_ones, key=lambda at: (shares[at], at))] += 1
    return shares


def find_near(selection: ProgrammeFilter, near: Sequence[str]) -> Closest | None:
    """Return the records that match all but the country, of these countries, the nearest first."""
    if COUNTRY not in selection.narrowing or len(selection.matched) >= ENOUGH:
        return None
    fails = find_failing(selection, COUNTRY)
    found = fails & unite_bitmaps(selection.index.find_with_value(COUNTRY, [code]) for code in near)
    if not found:
        return None
    ids: list[int] = []
    for part in split_by_country(selection, found, near):
        ids += sort_group(selection, part, MOST_NEAR - len(ids))
    return make_group(selection, COUNTRY, found, 0)._replace(ids=ids)


def split_by_country(
    selection: ProgrammeFilter, found: BitMap, near: Sequence[str]
) -> Iterator[BitMap]:
    """Yield the found records by country, each in the first of its countries."""
    for code in near:
        part = found & selection.index.find_with_value(COUNTRY, [code])
        found = found - part
        yield part


def make_group(selection: ProgrammeFilter, name: str, found: BitMap, most: int) -> Closest:
    return Closest(
        name,
        word_lack(name, *selection.word_values(name)),
        sort_group(selection, found, most),
        len(found),
        selection.query("page", name),
    )


def sort_group(selection: ProgrammeFilter, found: BitMap, most: int) -> list[int]:
    """Return the first of some records: what runs, and has the strongest evidence, first."""
    parts = (ids for _key, ids in selection.order_by_evidence_and_end(found))
    return selection.index.list_by_name(parts, 0, most)

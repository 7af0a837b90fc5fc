"""Finds the line with the names of the columns, which may be two, with titles and groups above."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from stemobs.curation.importing.files.cells import (
    get_cell,
    is_fact,
    list_filled,
    may_be_name,
)
from stemobs.curation.importing.shapes import FileCell, FileLine
from stemobs.text import fold

MOST_ABOVE = 60  # lines above the names of the columns
LOOKED_AT = 200  # lines below them
PART = 0.6  # of the usual width, from which on a line may name columns
MOSTLY = 0.6
NEAR, WIDER = 4, 1.5  # lines below a first candidate, and how much wider the header is


class HeaderFound(NamedTuple):
    """The lines that name the columns, by their places among the lines that are not blank."""

    first: int
    last: int
    names: tuple[str, ...]


def find_header(lines: Sequence[FileLine]) -> HeaderFound | None:
    """Return the lines that name the columns; None if the first wide line holds facts already."""
    usual = find_usual_width(lines)
    candidates = [
        place
        for place, line in enumerate(lines[:MOST_ABOVE])
        if len(list_filled(line)) >= max(PART * usual, min(usual, 2))
    ]
    for turn, place in enumerate(candidates):
        if may_name(lines, place) and (turn == 0 or stands_out(lines, candidates[:turn], place)):
            return join_lines(lines, find_wider(lines, place))
    return None


def find_wider(lines: Sequence[FileLine], place: int) -> int:
    """Return the place of a line just below that is much wider and stands above facts.

    The first was a title then. A wider line of words may as well be a row, and is not taken.
    """
    width = len(list_filled(lines[place]))
    for below in range(place + 1, min(place + 1 + NEAR, len(lines))):
        is_wider = len(list_filled(lines[below])) >= WIDER * width
        if is_wider and may_name(lines, below) and differs(lines[below], lines[below + 1 :]):
            return below
    return place


def take_header(lines: Sequence[FileLine], number: int) -> HeaderFound | None:
    """Return the header that begins in a line that somebody named."""
    places = [place for place, line in enumerate(lines) if line.number == number]
    return join_lines(lines, places[0]) if places else None


def find_usual_width(lines: Sequence[FileLine]) -> int:
    """Return how many cells most lines fill; titles and notes fill one."""
    widths = Counter(len(list_filled(line)) for line in lines[: LOOKED_AT + MOST_ABOVE])
    several = {width: number for width, number in widths.items() if width > 1}
    return max(several or widths, key=lambda width: (widths[width], width), default=1)


def may_name(lines: Sequence[FileLine], place: int) -> bool:
    """Return whether a line may name the columns of the lines below it."""
    line = lines[place]
    if not all(may_be_name(cell) for cell in line.cells):
        return False
    below = lines[place + 1 : place + 1 + LOOKED_AT]
    return differs(line, below) or not repeats(line, below)


def differs(line: FileLine, below: Sequence[FileLine]) -> bool:
    """Return whether below a cell that is a word there are mostly numbers, days or addresses."""
    return any(
        not is_fact(line.cells[place]) and holds_facts(below, place) for place in list_filled(line)
    )


def holds_facts(lines: Sequence[FileLine], place: int) -> bool:
    cells = [get_cell(line, place) for line in lines]
    filled = [cell for cell in cells if cell.text]
    return bool(filled) and sum(map(is_fact, filled)) >= MOSTLY * len(filled)


def repeats(line: FileLine, below: Sequence[FileLine]) -> bool:
    """Return whether a word of a line comes again in its column, as a country does."""
    texts = [cell.text for cell in line.cells]
    others = [other for other in below if [cell.text for cell in other.cells] != texts]
    return any(
        get_cell(other, place).text == line.cells[place].text
        and get_cell(other, place).note != "merged"
        for other in others
        for place in list_filled(line)
    )


def stands_out(lines: Sequence[FileLine], above: Sequence[int], place: int) -> bool:
    """Return whether a line below others is the header: wider than they, and unlike its columns."""
    width = len(list_filled(lines[place]))
    narrow = all(len(list_filled(lines[other])) < width for other in above)
    return narrow and differs(lines[place], lines[place + 1 : place + 1 + LOOKED_AT])


# --- Headers of two lines -------------------------------------------------------------------------


def join_lines(lines: Sequence[FileLine], place: int) -> HeaderFound:
    """Return the header of a line, with the line of groups above or of details below it."""
    names = read_names(lines[place])
    if place + 1 < len(lines) and is_continued(lines, place):
        return HeaderFound(place, place + 1, join_names(names, read_names(lines[place + 1])))
    if place and is_group(lines[place - 1], lines[place]):
        return HeaderFound(place - 1, place, join_names(read_names(lines[place - 1]), names))
    return HeaderFound(place, place, names)


def read_names(line: FileLine) -> tuple[str, ...]:
    return tuple(" ".join(cell.text.split()) for cell in line.cells)


def is_group(above: FileLine, header: FileLine) -> bool:
    """Return whether a line above the names groups them: “Reach” over “Pupils” and “Schools”."""
    filled = list_filled(above)
    if above.number != header.number - 1 or not filled:
        return False
    if len(filled) == 1 and filled[0] == list_filled(header)[0]:
        return False  # a title
    cells = [above.cells[place] for place in filled]
    return all(may_be_name(cell) and not cell.text.endswith(":") for cell in cells)


def is_continued(lines: Sequence[FileLine], place: int) -> bool:
    """Return whether the names go on in the line below: under a group, or with units."""
    header, line = lines[place], lines[place + 1]
    filled = list_filled(line)
    if line.number != header.number + 1 or not all(map(may_be_name, line.cells)) or not filled:
        return False
    if any(is_merged_name(header, cell, at) for at, cell in enumerate(line.cells)):
        return True
    first = list_filled(header)[0] if list_filled(header) else 0
    if get_cell(line, first).text:
        return False
    below = lines[place + 2 : place + 2 + LOOKED_AT]
    named = [other for other in below if get_cell(other, first).text]
    if len(named) < MOSTLY * max(len(below), 1):
        return False
    return all(not get_cell(header, at).text or holds_facts(below, at) or is_over(header, line, at)
               for at in filled)  # fmt: skip


def is_over(header: FileLine, line: FileLine, place: int) -> bool:
    """Return whether a cell of the header is the first of a group of several."""
    return not get_cell(header, place + 1).text and bool(get_cell(line, place + 1).text)


def is_merged_name(header: FileLine, cell: FileCell, place: int) -> bool:
    return cell.note == "merged" and bool(cell.text) and cell.text == get_cell(header, place).text


def join_names(groups: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Return names with the group before them; a group counts until the next one."""
    joined, group = [], ""
    for place in range(max(len(groups), len(names))):
        above = groups[place] if place < len(groups) else ""
        name = names[place] if place < len(names) else ""
        group = above or (group if name else "")
        joined.append(" ".join(dict.fromkeys(filter(None, [group, name]))))
    return tuple(joined)


# --- The header once more -------------------------------------------------------------------------


def is_header_again(line: FileLine, names: Sequence[str]) -> bool:
    """Return whether a line repeats the names of the columns, as on every printed page."""
    filled = list_filled(line)
    if len(filled) < 2 or len(filled) < MOSTLY * sum(map(bool, names)):
        return False
    return all(
        place < len(names) and fold(names[place]).endswith(fold(line.cells[place].text))
        for place in filled
    )


def names_anew(line: FileLine, names: Sequence[str]) -> bool:
    """Return whether a line names the columns in another way: a second table begins there."""
    filled = list_filled(line)
    same = [
        place
        for place in filled
        if place < len(names) and fold(names[place]) == fold(line.cells[place].text)
    ]
    return len(same) > 1 and 2 * len(same) >= len(filled) and all(map(may_be_name, line.cells))


def numbers_columns(line: FileLine) -> bool:
    """Return whether a line only numbers the columns: 1, 2, 3."""
    filled = list_filled(line)
    texts = [line.cells[place].text.strip("(). ") for place in filled]
    counted = [[str(first + turn) for turn in range(len(texts))] for first in (0, 1)]
    return len(filled) > 2 and texts in counted

"""Tells what the cells of a partner's column look like: numbers, sums, times, levels, addresses."""

import re
from collections.abc import Callable, Mapping

from stemobs.curation.importing.meanings.countries import find_country, split_countries
from stemobs.curation.importing.meanings.levels import (
    HIGHEST_CLASS,
    find_classes,
    is_known,
    split_levels,
)
from stemobs.curation.importing.meanings.numbers import begins_with_number, prepare
from stemobs.curation.importing.meanings.tables import read_phrases, take_first
from stemobs.curation.importing.meanings.terms import read_ages
from stemobs.curation.importing.meanings.texts import MAIL
from stemobs.curation.importing.meanings.times import CellTime, read_time
from stemobs.curation.importing.shapes import FileCell

ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:/\S*)?", re.I)
LONGEST = 200  # letters of a cell, or of a name, that are looked at
OLDEST_PUPIL = 25  # years, as far as a column is told by its numbers


def is_address(cell: FileCell) -> bool:
    first = cell.text[:LONGEST].strip().partition(" ")[0]
    return bool(ADDRESS.fullmatch(first))


def is_mail(cell: FileCell) -> bool:
    return "@" in cell.text and bool(MAIL.search(cell.text[:LONGEST]))


def is_country(cell: FileCell) -> bool:
    parts = list(split_countries(cell.text[:LONGEST]))
    return bool(parts) and all(len(part) > 1 and find_country(part) for part in parts)


def is_number(cell: FileCell) -> bool:
    return begins_with_number(prepare(cell.text[:LONGEST]))


def is_sum(cell: FileCell) -> bool:
    """Whether a cell is a number, perhaps with its currency before it: “ca. € 500”."""
    text = prepare(cell.text[:LONGEST])
    for table in (("numbers", "qualifiers"), ("money", "currencies"), ("numbers", "qualifiers")):
        text = take_first(text, read_phrases(*table))[1].strip(" :")
    return begins_with_number(text)


def is_counted(cell: FileCell) -> bool:
    """Whether a cell is a number with a unit behind it."""
    found = re.fullmatch(r"[^\d]{0,12}[\d.,\s]+([^\d]+).*", prepare(cell.text[:LONGEST]), re.DOTALL)
    return bool(found and take_first(found[1].strip(), read_phrases("units", "units"))[0])


def is_time(cell: FileCell) -> bool:
    time = read_time(cell) if len(cell.text) <= LONGEST else CellTime("")
    return bool(time.first or time.last)


def is_words(cell: FileCell) -> bool:
    return not is_number(cell) and not is_time(cell)


def is_low(cell: FileCell) -> bool:
    """Whether a cell is numbers alone that may be those of classes."""
    numbers = re.findall(r"[0-9]+", cell.text[:LONGEST])
    return bool(numbers) and all(int(one) <= HIGHEST_CLASS for one in numbers)


def is_age(cell: FileCell) -> bool:
    ages = read_ages(cell.text[:LONGEST])
    return ages is not None and max(one or 0 for one in ages) <= OLDEST_PUPIL


def is_level(cell: FileCell) -> bool:
    """Whether a cell names levels or classes; numbers alone may be a count."""
    text = cell.text[:LONGEST]
    return any(is_known(part) or bool(find_classes(part)) for part in split_levels(text))


# What most cells of a column look like that becomes this.
TESTS: Mapping[str, Callable[[FileCell], bool]] = {
    "country": is_country, "start": is_time, "end": is_time, "runs": is_time,
    "asked-when": is_time, "reach-when": is_time, "money-when": is_time, "reach": is_number,
    "money": is_sum, "website": is_address, "age": is_age,
}  # fmt: skip

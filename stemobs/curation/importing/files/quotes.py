"""Cuts the lines of a text into fields, where quotation marks may be broken.

A field between marks may hold the delimiter, doubled marks and line breaks. A mark that nothing
closes must not swallow the lines that follow it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

MOST_LINES_OF_A_FIELD = 50
MOST_DELIMITERS_WITHIN = 12  # of a field whose marks are not doubled
OPENING = re.compile(r' *"')
INSIDE = re.compile(r'(?:[^"]|"")*+"')  # up to the mark that closes
OPENS = re.compile(r'(?:^|(?<=[\s(]))"(?=\S)')
MARK_WITHIN = re.compile(r'[\s(]"\S')  # a mark that opens once more inside the field


class RawRecord(NamedTuple):
    """The fields of a record, with the line where it begins; or where a mark stays open."""

    number: int
    fields: list[str]
    lines: int = 1
    open_column: int = 0


class FieldTaken(NamedTuple):
    """A field of a line, and where it ends; −1 if a mark is opened in it and never closed."""

    text: str
    end: int


def cut_records(
    lines: Sequence[str], delimiter: str, width: int, answers: Mapping[int, str]
) -> Iterator[RawRecord]:
    """Yield the records of a text, of which most have so many fields."""
    place = 0
    while place < len(lines):
        record = cut_record(lines, place, delimiter)
        if answers.get(place + 1) == "letter":
            record = RawRecord(place + 1, cut_line(lines[place], delimiter, letters=True)[0])
        elif record.lines > 1 and swallows(record, lines, delimiter, width):
            column = cut_line(lines[place], delimiter)[1]
            record = RawRecord(place + 1, [], open_column=column)
        yield record
        place += record.lines


def find_width(lines: Sequence[str], delimiter: str) -> tuple[int, float]:
    """Return how many fields most records have, and how large a part of all these are."""
    widths: Counter[int] = Counter()
    place = 0
    while place < len(lines):
        record = cut_record(lines, place, delimiter)
        if not record.open_column and any(map(str.strip, record.fields)):
            widths[len(record.fields)] += 1
        place += record.lines
    if not widths:
        return 1, 0.0
    # Titles and notes have one field; they do not decide while there are lines of several.
    several = {width: number for width, number in widths.items() if width > 1}
    most = max(several or widths, key=lambda width: (widths[width], width))
    return most, widths[most] / widths.total()


def swallows(record: RawRecord, lines: Sequence[str], delimiter: str, width: int) -> bool:
    """Return whether a record over several lines has taken in lines that are records themselves."""
    if width <= 1:
        return False
    start = record.number - 1
    first, *between, last = lines[start : start + record.lines]
    stands_alone = len(cut_line(first, delimiter, letters=True)[0]) == width
    fitting = [len(cut_line(line, delimiter, letters=True)[0]) == width for line in between]
    last_fits = len(cut_line(last, delimiter, letters=True)[0]) == width
    if len(record.fields) == width:
        return any(fitting) or (stands_alone and last_fits)
    return any(fitting) or last_fits or stands_alone


def cut_record(lines: Sequence[str], place: int, delimiter: str) -> RawRecord:
    """Return the record that begins in a line; its marks may close in one of those below."""
    fields, column, rest = cut_open_line(lines[place], delimiter)
    number = place + 1
    taken = 1
    while column:
        found = close_field(lines, place + taken, rest, delimiter)
        if found is None or taken + found[2] > MOST_LINES_OF_A_FIELD:
            return RawRecord(number, [], open_column=column)
        text, behind, more = found
        taken += more
        fields.append(text)
        column = 0
        if behind is not None:
            further, column, rest = cut_open_line(behind, delimiter)
            column += len(fields) if column else 0
            fields += further
    return RawRecord(number, fields, taken)


def close_field(
    lines: Sequence[str], place: int, begun: str, delimiter: str
) -> tuple[str, str | None, int] | None:
    """Return a field that was begun above, what follows it, and how many more lines it takes."""
    parts = [begun]
    for more, line in enumerate(lines[place : place + MOST_LINES_OF_A_FIELD], start=1):
        found = INSIDE.match(line) if '"' in line else None
        if found is None:
            parts.append(line)
            continue
        behind = line[found.end() :].lstrip(" ")
        if behind and not behind.startswith(delimiter):
            return None
        text = "\n".join([*parts, found[0][:-1]]).replace('""', '"')
        return text, behind[len(delimiter) :] if behind else None, more
    return None


def cut_line(line: str, delimiter: str, *, letters: bool = False) -> tuple[list[str], int]:
    """Return the fields of a line, and the column where a mark stays open, from 1; 0 if none does.

    With `letters` a mark that stays open is read as a letter.
    """
    fields: list[str] = []
    place = 0
    while True:
        taken = take_field(line, place, delimiter)
        if taken.end < 0:
            if not letters:
                return fields, len(fields) + 1
            taken = take_bare(line, place, delimiter)
        fields.append(taken.text)
        if taken.end >= len(line):
            return fields, 0
        place = taken.end + len(delimiter)


def cut_open_line(line: str, delimiter: str) -> tuple[list[str], int, str]:
    """Return the fields of a line before a mark that stays open, its column, and what follows."""
    fields, column = cut_line(line, delimiter)
    if not column:
        return fields, 0, ""
    place = 0
    for _field in fields:
        place = take_field(line, place, delimiter).end + len(delimiter)
    opening = OPENING.match(line, place)
    return fields, column, line[opening.end() :] if opening else line[place:]


def take_field(line: str, place: int, delimiter: str) -> FieldTaken:
    """Return the field of a line that begins at a place."""
    opening = OPENING.match(line, place)
    if not opening:
        return take_bare(line, place, delimiter)
    inside = INSIDE.match(line, opening.end())
    if not inside:
        return FieldTaken("", -1)
    end = skip_spaces(line, inside.end())
    if is_end(line, end, delimiter):
        return FieldTaken(inside[0][:-1].replace('""', '"'), end)
    return take_loose(line, place, delimiter)


def take_bare(line: str, place: int, delimiter: str) -> FieldTaken:
    """Return a field whose marks are letters."""
    end = line.find(delimiter, place) if delimiter else -1
    end = len(line) if end < 0 else end
    return FieldTaken(line[place:end], end)


def take_loose(line: str, place: int, delimiter: str) -> FieldTaken:
    """Return a field with text behind a mark that seemed to close it: “"abc"def”."""
    first = end = take_bare(line, place, delimiter).end
    for _turn in range(MOST_DELIMITERS_WITHIN):
        text = line[place:end].strip(" ")
        if is_balanced(text) and (end == first or text.endswith('"')):
            return FieldTaken(drop_outer_marks(text), end)
        if end >= len(line):
            break
        end = take_bare(line, end + len(delimiter), delimiter).end
    return FieldTaken("", -1)


def is_balanced(text: str) -> bool:
    """Return whether each mark that opens, before a word, has one that closes it, behind a word."""
    opened = len(OPENS.findall(text))
    return opened * 2 == text.count('"')


def drop_outer_marks(text: str) -> str:
    """Return a text without the marks around it, if those inside stand in pairs of their own."""
    if not (text[0] == text[-1] == '"' and len(text) > 1):
        return text
    within = text.find('"', 1)
    return text[1:-1] if MARK_WITHIN.match(text, within - 1) else text


def skip_spaces(line: str, place: int) -> int:
    while line[place : place + 1] == " ":
        place += 1
    return place


def is_end(line: str, place: int, delimiter: str) -> bool:
    return place >= len(line) or bool(delimiter and line.startswith(delimiter, place))

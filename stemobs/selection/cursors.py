"""Cursors: how far a reader has come in a list, whatever is added or removed meanwhile.

A cursor holds the place of the last row that was told, not its number. So who follows `next` to
the end is told each row that stays as it is exactly once.
"""

from typing import Any, NamedTuple

from django.core.signing import BadSignature, Signer

from stemobs.selection.lists import Ordered, Place

START = "*"  # as Crossref, OpenAlex and Solr have it


class Cursor(NamedTuple):
    """Where to go on: behind a place or before it, and in which direction."""

    place: Place
    is_behind: bool
    is_forward: bool


class Window(NamedTuple):
    """Some rows of a list, and the cursors that lead on from there, if anything is there."""

    rows: list[Any]
    following: Cursor | None
    previous: Cursor | None


def take_window(rows: Ordered[Any], cursor: Cursor | None, size: int) -> Window:
    """Return so many rows from a cursor on, or from the beginning."""
    edge = rows.rank(cursor.place, cursor.is_behind) if cursor else 0
    is_forward = cursor is None or cursor.is_forward
    start, stop = (edge, edge + size) if is_forward else (max(edge - size, 0), edge)
    found = rows.cut(start, stop)
    following, previous = find_ends(rows, found, cursor)
    return Window(found, following if stop < len(rows) else None, previous if start else None)


def find_ends(
    rows: Ordered[Any], found: list[Any], cursor: Cursor | None
) -> tuple[Cursor | None, Cursor | None]:
    """Return the cursors at both ends of what was found; of nothing, where it was looked for."""
    if found:
        first, last = rows.place(found[0]), rows.place(found[-1])
        return Cursor(last, True, True), Cursor(first, False, False)
    if cursor:
        return cursor._replace(is_forward=True), cursor._replace(is_forward=False)
    return None, None


def write_cursor(cursor: Cursor, about: str) -> str:
    """Return a cursor as a word that is good for one list only, which `about` names."""
    return make_signer(about).sign_object(cursor, compress=True)


def read_cursor(word: str, about: str) -> Cursor | None:
    """Return the cursor that a word stands for; None if we did not write it for this list."""
    try:
        place, is_behind, is_forward = make_signer(about).unsign_object(word)
    except BadSignature:
        return None
    return Cursor(tuple(place), is_behind, is_forward)


def make_signer(about: str) -> Signer:
    # Not the default separator, which addresses would have to quote.
    return Signer(salt=f"cursor {about}", sep=".")

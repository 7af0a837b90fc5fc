"""Cursors for paging through lists that may change between two requests.

A cursor holds the sort key (“place”) of the last row sent, not its position. A client that follows
`next` to the end therefore gets every row that stays unchanged exactly once.
"""

from typing import Any, NamedTuple

from django.core.signing import BadSignature, Signer

from stemobs.selection.lists import Ordered, Place

START = "*"  # the cursor of the first page, as in the APIs of Crossref, OpenAlex and Solr


class Cursor(NamedTuple):
    """A position in a list, just after or just before a place, and the direction to read in."""

    place: Place
    is_behind: bool
    is_forward: bool


class Window(NamedTuple):
    """Some rows of a list, and the cursors of the next and the previous rows, None at the ends."""

    rows: list[Any]
    following: Cursor | None
    previous: Cursor | None


def take_window(rows: Ordered[Any], cursor: Cursor | None, size: int) -> Window:
    """Return up to `size` rows from a cursor on, or from the start of the list without a cursor."""
    edge = rows.rank(cursor.place, cursor.is_behind) if cursor else 0
    is_forward = cursor is None or cursor.is_forward
    start, stop = (edge, edge + size) if is_forward else (max(edge - size, 0), edge)
    found = rows.cut(start, stop)
    following, previous = find_ends(rows, found, cursor)
    return Window(found, following if stop < len(rows) else None, previous if start else None)


def find_ends(
    rows: Ordered[Any], found: list[Any], cursor: Cursor | None
) -> tuple[Cursor | None, Cursor | None]:
    """Return the cursors after the last and before the first of the found rows.

    If no row was found, both cursors point to the place of the given cursor.
    """
    if found:
        first, last = rows.place(found[0]), rows.place(found[-1])
        return Cursor(last, True, True), Cursor(first, False, False)
    if cursor:
        return cursor._replace(is_forward=True), cursor._replace(is_forward=False)
    return None, None


def write_cursor(cursor: Cursor, about: str) -> str:
    """Return a cursor as signed text, valid only for the list that `about` names."""
    return make_signer(about).sign_object(cursor, compress=True)


def read_cursor(word: str, about: str) -> Cursor | None:
    """Return the cursor of a signed text; None if this site did not sign it for this list."""
    try:
        place, is_behind, is_forward = make_signer(about).unsign_object(word)
    except BadSignature:
        return None
    return Cursor(tuple(place), is_behind, is_forward)


def make_signer(about: str) -> Signer:
    # The default separator “:” would have to be percent-encoded in addresses.
    return Signer(salt=f"cursor {about}", sep=".")

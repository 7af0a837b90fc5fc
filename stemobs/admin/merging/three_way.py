"""Merges what two people made of the same thing: what only one of them changed stands."""

from typing import Any, Final

Value = str | list[str]  # what a field holds, as plain as a form sends it
Values = dict[str, Value]  # what the fields of a record or of a fact hold, by their names


class _Mark:
    """Something that is equal to nothing but itself."""


UNKNOWN: Final[Any] = _Mark()  # what something was when the form was opened, if that is not known
CONFLICT: Final[Any] = _Mark()  # both changed the same thing, and not in the same way


def merge(base: Any, theirs: Any, mine: Any) -> Any:
    """Return what stands of a field or of a fact, of which None means that it is not there."""
    if mine in (base, theirs):
        return theirs
    return mine if theirs == base else CONFLICT


def merge_lists(base: list[str], theirs: list[str], mine: list[str]) -> list[str]:
    """Return what is ticked in a list, of which each item is merged for itself."""
    kept = [one for one in theirs if one in mine or one not in base]
    return [*kept, *(one for one in mine if one not in base and one not in theirs)]


def merge_field(base: Any, theirs: Any, mine: Any) -> Any:
    if isinstance(base, list):
        return merge_lists(base, theirs, mine)
    return merge(base, theirs, mine)

"""The sentences of which signals are made, and how long they may be."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.text import capfirst

LONGEST_LINE = 14  # words at a glance
MOST_SENTENCES = 2  # below the line


class Told(NamedTuple):
    """A sentence with what it rests on: the rows with their sources, and a part of the entry."""

    text: str
    rows: Sequence[object] = ()
    field: str = ""

    def __str__(self) -> str:
        return self.text


def end_sentence(text: str) -> str:
    """Return a text with a capital letter and a full stop."""
    return f"{capfirst(text.rstrip('.'))}."

"""What a page shows of a selection: chips of chosen values, facet panels, wider selections."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemobs.selection.facets import Facet

MOST_SHOWN_OF_LONG = 12  # a facet with more choices than this is long: it first shows the largest
FIRST_OF_LONG = 8
MOST_NAMED = 5  # how many values of one parameter are named before “or 7 more”


@dataclass(frozen=True)
class Chip:
    """A chosen value of a parameter, and the query string of the selection without this value."""

    parameter: str
    name: str
    text: str
    query: str


@dataclass(frozen=True)
class Wider:
    """A wider selection, made by leaving out one parameter.

    Holds the label of that parameter, its chosen values in words, the query string of the wider
    selection, and how many rows match it.
    """

    name: str
    texts: list[str]
    query: str
    count: int


@dataclass(frozen=True)
class Choice:
    """A value of a facet in a panel, with its count; `most` is the largest count in the facet."""

    value: str
    label: str
    count: int
    is_chosen: bool
    most: int

    @property
    def share(self) -> int:
        """Return the count as a percentage of the facet's largest count, rounded to steps of 5."""
        return round(20 * self.count / self.most) * 5 if self.most else 0


@dataclass(frozen=True)
class Panel:
    """A facet as a page shows it: the values that match something, and labels of the others."""

    facet: Facet
    choices: list[Choice]
    missing: list[str]

    @property
    def chosen(self) -> int:
        return sum(choice.is_chosen for choice in self.choices)

    @property
    def is_long(self) -> bool:
        return len(self.choices) > MOST_SHOWN_OF_LONG

    @cached_property
    def first(self) -> list[Choice]:
        """Return the choices that are shown at first: the largest, then the other chosen ones.

        A small choice stays below the largest when it is chosen, so that it does not jump away
        from the mouse pointer.
        """
        if not self.is_long:
            return self.choices
        ranked = sorted(self.choices, key=lambda choice: -choice.count)
        chosen = [choice for choice in ranked[FIRST_OF_LONG:] if choice.is_chosen]
        return ranked[:FIRST_OF_LONG] + chosen

    @property
    def more(self) -> list[Choice]:
        """Return the choices that a page shows only on demand, sorted by label."""
        rest = [choice for choice in self.choices if choice not in self.first]
        return sorted(rest, key=lambda choice: choice.label)


def join_alternatives(texts: Sequence[str]) -> str:
    """Join the labels of alternative values into words: “Finland, Malta or 7 more”."""
    named, more = texts[:MOST_NAMED], len(texts) - MOST_NAMED
    rest = [ngettext("{more} more", "{more} more", more).format(more=more)] if more > 0 else []
    return get_text_list([*named, *rest], _("or"))

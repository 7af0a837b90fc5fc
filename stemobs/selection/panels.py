"""What a page shows of a selection: chips of chosen values, facet panels, wider selections."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemobs.catalogue.documents import NONE
from stemobs.selection.facets import Facet
from stemobs.text import make_sort_key

MOST_SHOWN_OF_LONG = 12  # a facet with more choices than this has a field to search them
MOST_CHOSEN = 8  # how many chosen values a panel shows beside its first choices
MOST_CHIPS = 4  # how many values of one parameter have a chip each
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

    Holds what that is called, the query string of the wider selection, and how many rows match it.
    """

    text: str
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
    """A facet as a page shows it: the values that match something, and labels of the others.

    A panel that is not open has no choices: they come when asked for, as does what is beyond the
    first of them. `query` leads to the same selection with all choices, or again without them.
    """

    facet: Facet
    choices: list[Choice]
    missing: list[str]
    is_open: bool = True
    is_whole: bool = True
    query: str = ""

    @property
    def heading(self) -> str:
        return str(self.facet.label)

    @property
    def chosen(self) -> int:
        return sum(choice.is_chosen for choice in self.choices)

    @property
    def is_long(self) -> bool:
        return len(self.choices) > MOST_SHOWN_OF_LONG

    @cached_property
    def shown(self) -> list[Choice]:
        """Return all choices by label if they were asked for, else the first and chosen ones.

        A small choice stays below the first when it is chosen, so that it does not jump away from
        the mouse pointer.
        """
        if self.is_whole:
            return self.sort_by_label() if self.is_long else self.choices
        by_value = {choice.value: choice for choice in self.choices}
        first = [by_value[value] for value in self.facet.leading if value in by_value] or sorted(
            self.choices, key=lambda choice: -choice.count
        )[: self.facet.first]
        chosen = [choice for choice in self.choices if choice.is_chosen and choice not in first]
        return first + chosen[:MOST_CHOSEN]

    def sort_by_label(self) -> list[Choice]:
        """Return the choices from A to Z; “not stated” is no name and comes last."""
        return sorted(self.choices, key=lambda one: (one.value == NONE, make_sort_key(one.label)))

    @property
    def kept(self) -> list[str]:
        """Return the chosen values that are not shown, which the form has to keep."""
        return [one.value for one in self.choices if one.is_chosen and one not in self.shown]

    @property
    def has_more(self) -> bool:
        return len(self.shown) < len(self.choices)


def join_alternatives(texts: Sequence[str]) -> str:
    """Join the labels of alternative values into words: “Finland, Malta or 7 more”."""
    named, more = texts[:MOST_NAMED], len(texts) - MOST_NAMED
    rest = [ngettext("{more} more", "{more} more", more).format(more=more)] if more > 0 else []
    return get_text_list([*named, *rest], _("or"))


def join_chips(chips: Sequence[Chip], write_rest: Callable[[str], str]) -> list[Chip]:
    """Return the chips, with one for all values of a parameter that has many.

    `write_rest` returns the query without a parameter.
    """
    joined: list[Chip] = []
    for parameter, group in groupby(chips, key=lambda chip: chip.parameter):
        some = list(group)
        if len(some) > MOST_CHIPS:
            texts = join_alternatives([chip.text for chip in some])
            some = [Chip(parameter, some[0].name, texts, write_rest(parameter))]
        joined += some
    return joined

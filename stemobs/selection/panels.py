"""What a selection looks like: chips for what was chosen, panels of choices, ways to widen it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemobs.selection.facets import Facet

MOST_SHOWN_OF_LONG = 12  # choices; a facet with more shows its largest first
FIRST_OF_LONG = 8
MOST_NAMED = 5  # values of one parameter, in words


@dataclass(frozen=True)
class Chip:
    """A chosen value, and the query without it."""

    parameter: str
    name: str
    text: str
    query: str


@dataclass(frozen=True)
class Wider:
    """The selection without one of its parameters: what was chosen there, and how many match."""

    name: str
    texts: list[str]
    query: str
    count: int


@dataclass(frozen=True)
class Choice:
    """A value of a facet with its count; `most` is the largest count in the facet."""

    value: str
    label: str
    count: int
    is_chosen: bool
    most: int

    @property
    def share(self) -> int:
        """Return the count as a share of the largest, in steps of 5 from 0 to 100."""
        return round(20 * self.count / self.most) * 5 if self.most else 0


@dataclass(frozen=True)
class Panel:
    """A facet as a page shows it: choices with programmes, and the names of those without."""

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
        """Return what a page shows at once: the largest, and below them what was chosen.

        A choice does not move up when it is chosen: it would leave the pointer.
        """
        if not self.is_long:
            return self.choices
        ranked = sorted(self.choices, key=lambda choice: -choice.count)
        chosen = [choice for choice in ranked[FIRST_OF_LONG:] if choice.is_chosen]
        return ranked[:FIRST_OF_LONG] + chosen

    @property
    def more(self) -> list[Choice]:
        """Return what a page shows on demand, by name."""
        rest = [choice for choice in self.choices if choice not in self.first]
        return sorted(rest, key=lambda choice: choice.label)


def join_alternatives(texts: Sequence[str]) -> str:
    """Return values as one of which each match has: “Finland, Malta or 7 more”."""
    named, more = texts[:MOST_NAMED], len(texts) - MOST_NAMED
    rest = [ngettext("{more} more", "{more} more", more).format(more=more)] if more > 0 else []
    return get_text_list([*named, *rest], _("or"))

"""What a suggestion is about: a record, and a part or a row of it, as readers see them."""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from partnerships.models import Funding
from programmes.columns.texts import clean_line
from programmes.models import Programme, Reach, Suggestion
from stemobs.catalogue.visibility.queries import where_known
from stemobs.entries.publication import Merged
from stemobs.entries.slugs import resolve_slugs
from stemobs.entries.wording import format_figure, format_funding, format_reached

# The parts of a record that readers can choose, most by the anchor on its page.
PARTS: dict[str, Any] = {
    "what": _("What happens in it"),
    "works": _("Does it work?"),
    "takes": _("What it takes"),
    "organisations": _("Who runs it"),
    "lineage": _("Where the idea came from and went"),
    "from": _("Where this comes from"),
    "contacts": _("Who to ask"),
    "website": _("Its page on the web"),
    "reach": _("How many it reaches"),
    "funding": _("Who pays for it"),
}
# The parts of which a single row can be chosen: “reach-3” is the figure at position 3.
ROWS: dict[str, type[Reach] | type[Funding]] = {"reach": Reach, "funding": Funding}
POSITION = re.compile(r"[0-9]{1,6}")
# What is asked about facts that are a single value.
VALUES: dict[str, Any] = {
    "website": _("What is the right address?"),
    "reach": _("What is the right figure?"),
    "funding": _("What is the right amount?"),
}


@dataclass(frozen=True)
class Subject:
    """What a suggestion is about; without a programme the reader says it in words."""

    programme: Programme | None = None
    fact: str = ""
    told: str = ""  # what the record says there

    @property
    def part(self) -> str:
        """The name of the part for readers; "" if it is about the record as a whole."""
        return str(PARTS.get(split_fact(self.fact)[0], ""))

    @property
    def asked_value(self) -> str:
        """The question for the right value; "" if it is about more than a single value."""
        part, position = split_fact(self.fact)
        is_single = (part in ROWS) == (position is not None)
        return str(VALUES[part]) if part in VALUES and is_single else ""


def split_fact(fact: str) -> tuple[str, int | None]:
    """Return the part of a fact, and the position of its row: “reach-3” is ("reach", 3)."""
    part, _dash, position = fact.partition("-")
    return part, int(position) if POSITION.fullmatch(position) else None


def find_subject(slug: str, fact: str) -> Subject:
    """Return the record that has or had a slug, and the fact in it as far as both are known.

    A record that moved, was merged or withdrawn is still found. One that readers have never seen is
    not, so that nobody learns of drafts.
    """
    standing = resolve_slugs([slug]).get(slug) if slug else None
    if standing is None:
        return Subject()
    programme = standing.successor if isinstance(standing, Merged) else standing.programme
    return describe_subject(programme, fact) if is_known(programme) else Subject()


def recall_subject(suggestion: Suggestion) -> Subject:
    """Return what a suggestion is about; its record only while readers may know of it."""
    programme = suggestion.programme
    told = programme if programme and is_known(programme) else None
    return Subject(told, suggestion.fact, suggestion.fact_told)


def is_known(programme: Programme) -> bool:
    return Programme.objects.filter(where_known(), pk=programme.pk).exists()


def describe_subject(programme: Programme, fact: str) -> Subject:
    """Return a record and a fact in it; of one that was withdrawn, readers know no facts."""
    told = tell_fact(programme, fact) if programme.is_public else None
    if told is None:
        return Subject(programme)
    part, position = split_fact(fact)
    return Subject(programme, part if position is None else f"{part}-{position}", told)


def tell_fact(programme: Programme, fact: str) -> str | None:
    """Return what a record says of a fact, "" if that is no single value; None if it has none."""
    part, position = split_fact(fact)
    if fact == part and part in PARTS:
        return programme.website if part == "website" else ""
    if part not in ROWS or position is None:
        return None
    standing = ROWS[part].objects.filter(programme=programme, retracted_on=None)
    row = standing.filter(position=position).first()
    return tell_row(row) if row else None


def is_still_told(suggestion: Suggestion) -> bool:
    """Whether the record says what it said when somebody made a suggestion about it.

    The position of a row alone does not tell: that of a row which was deleted may be given again.
    """
    if suggestion.programme is None:
        return False
    now = tell_fact(suggestion.programme, suggestion.fact) or ""
    return cut_told(now) == suggestion.fact_told


def cut_told(told: str) -> str:
    """Return what a record says as it is kept with a suggestion."""
    return clean_line(told[: Suggestion._meta.get_field("fact_told").max_length])


def tell_row(row: Reach | Funding) -> str:
    """Return what a row says, as readers see it: “about 60,000 students a year”."""
    if isinstance(row, Reach):
        figure = format_figure(row.qualifier, row.value, row.value_max)
        return f"{figure} {format_reached(row)}"
    amount = format_funding(row.currency, row.qualifier, row.amount, row.amount_max)
    return f"{row.get_source_type_display()}: {amount}"

"""What a suggestion is about: a record, and a part or a row of it, as readers see them."""

import re
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partnerships.models import Funding, Lineage
from programmes.columns.texts import clean_line
from programmes.models import Field, Programme, Reach, Suggestion
from stemobs.catalogue.visibility.queries import where_known
from stemobs.entries.basis import VALUES
from stemobs.entries.history.differences import FACTS, KINDS, word_fact, word_value
from stemobs.entries.publication import Merged
from stemobs.entries.slugs import resolve_slugs
from stemobs.entries.wording import format_figure, format_funding, format_reached, word_ages

# The parts of a record that have words of their own for readers, most by the anchor on its page.
SECTIONS: dict[str, Any] = {
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
# The parts of a record that readers can choose.
PARTS: dict[str, Any] = {**dict(Field.choices), **KINDS, **SECTIONS}
NUMBER = re.compile(r"[0-9]{1,9}")
# What is asked about facts that are a single value.
QUESTIONS: dict[str, Any] = {
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
        part, number = split_fact(self.fact)
        is_single = (part in FACTS) == (number is not None)
        return str(QUESTIONS[part]) if part in QUESTIONS and is_single else ""


def split_fact(fact: str) -> tuple[str, int | None]:
    """Return the part of a fact, and the number of its row: “reach-3” is ("reach", 3)."""
    part, _dash, number = fact.partition("-")
    return part, int(number) if NUMBER.fullmatch(number) else None


def find_number(row: Any) -> int:
    """Return the number of a row among those of its record: its position, if it has one."""
    number: int = getattr(row, "position", row.pk)
    return number


def name_row(row: Any, part: str) -> str:
    """Return the name by which a row is chosen: “reach-3”."""
    return f"{part}-{find_number(row)}"


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
    part, number = split_fact(fact)
    return Subject(programme, part if number is None else f"{part}-{number}", told)


def tell_fact(programme: Programme, fact: str) -> str | None:
    """Return what a record says of a fact, "" if that is nothing short; None if it has none."""
    part, number = split_fact(fact)
    if part not in PARTS:
        return None
    if fact == part:
        return programme.website if part == "website" else tell_field(programme, part)
    row = find_row(programme, part, number) if part in FACTS and number is not None else None
    return tell_row(row) if row else None


def find_row(programme: Programme, kind: str, number: int) -> Any:
    """Return the row of a kind of facts that has a number, None if readers see none."""
    if kind == "lineage":
        ends = Q(from_programme=programme) | Q(to_programme=programme)
        return Lineage.objects.public(programme).filter(ends, pk=number).first()
    rows = getattr(programme, kind).all()
    columns = {field.name for field in rows.model._meta.concrete_fields}
    standing = {"retracted_on": None} if "retracted_on" in columns else {}
    name = "position" if "position" in columns else "pk"
    return rows.filter(**{name: number}, **standing).first()


def tell_field(programme: Programme, name: str) -> str:
    """Return what a record says in the lists and short columns of a field; "" if it has none."""
    if name == Field.AGES:
        return word_ages(programme)
    told = (tell_column(programme, column) for column in VALUES.get(name, ()))
    return "; ".join(filter(None, told))


def tell_column(programme: Programme, name: str) -> str:
    column: Any = Programme._meta.get_field(name)
    if column.many_to_many:
        return ", ".join(map(str, getattr(programme, name).all()))
    is_short = isinstance(column, models.IntegerField) or getattr(column, "choices", None)
    return word_value(programme, column) if is_short else ""


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


def tell_row(row: Any) -> str:
    """Return what a row says, as readers see it: “about 60,000 students a year”."""
    if isinstance(row, Reach):
        figure = format_figure(row.qualifier, row.value, row.value_max)
        return f"{figure} {format_reached(row)}"
    if isinstance(row, Funding):
        amount = format_funding(row.currency, row.qualifier, row.amount, row.amount_max)
        return f"{row.get_source_type_display()}: {amount}"
    return word_fact(row)

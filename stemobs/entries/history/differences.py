"""What is different between two states of a record, fact by fact, in words.

A fact is the same in both if its row is, whatever it says and wherever it stands.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from pathlib import PurePath
from typing import Any, NamedTuple

from django.db import models
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partnerships.models import Funding, Lineage, Partnership
from programmes.models import Discrepancy, Evaluation, Programme, Reach, TakingPart
from stemobs.entries.history.wording import UNTOLD, name_field
from stemobs.entries.wording import (
    format_figure,
    format_funding,
    format_number,
    format_period,
    format_reached,
)

SHORT = 12  # words; what has more is compared word by word
LEAST_ALIKE = 0.4  # below that, two texts are told one after the other
# Columns that hold digests, of which only the number tells people something.
COUNTED = {"checked_facts"}
# Columns that say to what a row belongs and where it stands, which no reader asks for.
OF_ROWS = UNTOLD | {"programme_id", "discrepancy_id", "position", "slug"}
KINDS: Mapping[str, Any] = {
    "names": gettext_lazy("Other name"),
    "reach": gettext_lazy("Reach figure"),
    "evaluations": gettext_lazy("Evaluation"),
    "funding": gettext_lazy("Funding"),
    "partnerships": gettext_lazy("Organisation"),
    "taking_part": gettext_lazy("Way to take part"),
    "contacts": gettext_lazy("Contact"),
    "assessments": gettext_lazy("Good-practice check"),
    "citations": gettext_lazy("Source"),
    "discrepancies": gettext_lazy("Where sources differ"),
    "documents": gettext_lazy("Document"),
}
# All kinds of facts below a programme. A relation to another belongs to two records.
FACTS = (*KINDS, "lineage")


class TextPiece(NamedTuple):
    """A part of a text that only one of two states has, or both."""

    kind: str  # "del", "ins" or "same"
    text: str


@dataclass(frozen=True)
class Difference:
    """One fact that is different: what it is about, and the pieces of what it was and is."""

    name: str
    pieces: Sequence[TextPiece]


def compare_states(old: Programme, new: Programme) -> list[Difference]:
    """Return what is different, in the order of the record: fields, lists, facts, lineage."""
    found = [*compare_fields(old, new), *compare_lists(old, new)]
    for name, label in KINDS.items():
        rows = (list(getattr(one, name).all()) for one in (old, new))
        found += compare_facts(str(label), *rows)
    lineage: Any = [getattr(one, "lineage_then", []) for one in (old, new)]
    return [*found, *compare_facts(_("Relation to another"), *lineage)]


def compare_fields(old: Programme, new: Programme) -> Iterator[Difference]:
    for field in Programme._meta.concrete_fields:
        if field.attname not in UNTOLD:
            was, now = word_value(old, field), word_value(new, field)
            if was != now:
                yield Difference(name_field(field), compare_texts(was, now))


def compare_lists(old: Programme, new: Programme) -> Iterator[Difference]:
    """Yield the lists of terms in which some came or went."""
    for field in Programme._meta.many_to_many:
        was, now = ([str(term) for term in getattr(one, field.name).all()] for one in (old, new))
        gone = [TextPiece("del", term) for term in was if term not in now]
        come = [TextPiece("ins", term) for term in now if term not in was]
        if gone or come:
            yield Difference(name_field(field), [*gone, *come])


def compare_facts(label: str, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Difference]:
    """Yield the facts of one kind that changed, went or came, in this order."""
    was, now = {row.pk: row for row in old}, {row.pk: row for row in new}
    for pk, row in now.items():
        if pk in was:
            yield from compare_rows(label, was[pk], row)
    for pk, row in was.items():
        if pk not in now:
            yield Difference(label, [TextPiece("del", word_fact(row))])
    for pk, row in now.items():
        if pk not in was:
            yield Difference(label, [TextPiece("ins", word_fact(row))])


def compare_rows(label: str, old: Any, new: Any) -> Iterator[Difference]:
    """Yield how a fact changed: what it says in short, or else each detail by its name."""
    was, now = word_fact(old), word_fact(new)
    if was != now:
        yield Difference(label, compare_texts(was, now))
    told = WORDED.get(type(new), ())
    for name, before, after in list_details(old, new):
        if name not in told:
            about = _("%(kind)s “%(fact)s”: %(detail)s") % {
                "kind": label, "fact": now, "detail": name_detail(new, name),
            }  # fmt: skip
            yield Difference(about, compare_texts(before, after))


def list_details(old: Any, new: Any) -> Iterator[tuple[str, str, str]]:
    """Yield name, former and present words of each column or list that is different."""
    for field in type(new)._meta.concrete_fields:
        if field.attname not in OF_ROWS:
            was, now = word_value(old, field), word_value(new, field)
            if was != now:
                yield field.name, was, now
    for name in MORE.get(type(new), ()):
        was, now = ("; ".join(map(str, getattr(one, name).all())) for one in (old, new))
        if was != now:
            yield name, was, now


def name_detail(row: Any, name: str) -> str:
    field = row._meta.get_field(name)
    verbose = getattr(field, "verbose_name", None) or field.related_model._meta.verbose_name_plural
    return str(verbose)


# --- Words ----------------------------------------------------------------------------------------


def word_value(row: Any, field: Any) -> str:
    """Return the value of a column as people read it; "" for none."""
    value = getattr(row, field.name if field.related_model else field.attname)
    if isinstance(field, models.FileField):
        return PurePath(value.name or "").name
    if value is None or value == "":
        return ""
    if field.name in COUNTED:
        return format_number(Decimal(len(value.split())))
    if isinstance(value, Decimal):
        return format_number(value)
    if isinstance(value, datetime.date):
        return date_format(value, "j F Y")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    return str(value)


def word_fact(row: Any) -> str:
    """Return what a fact says in one line."""
    word = WORDS.get(type(row), str)
    return capfirst(word(row))


def word_reach(row: Reach) -> str:
    figure = format_figure(row.qualifier, row.value, row.value_max)
    return f"{figure} {format_reached(row)}"


def word_funding(row: Funding) -> str:
    given = format_funding(row.currency, row.qualifier, row.amount, row.amount_max)
    payer = row.organisation.name if row.organisation else row.get_source_type_display()
    return join_parts(payer, given, format_period(row))


def word_evaluation(row: Evaluation) -> str:
    return join_parts(row.get_design_display(), row.year, row.evaluator, row.get_result_display())


def word_partnership(row: Partnership) -> str:
    return join_parts(row.organisation.name, row.get_role_display().lower())


def word_way(row: TakingPart) -> str:
    return join_parts(row.get_audience_display(), row.how)


def join_parts(*parts: Any) -> str:
    return ", ".join(str(part) for part in parts if part)


WORDS: Mapping[type[models.Model], Callable[[Any], str]] = {
    Reach: word_reach,
    Funding: word_funding,
    Evaluation: word_evaluation,
    Partnership: word_partnership,
    TakingPart: word_way,
}
# The columns that the words of a fact tell already.
WORDED: Mapping[type[models.Model], Iterable[str]] = {
    Reach: {
        "value", "value_max", "qualifier", "unit", "unit_detail", "period", "period_type",
        "year_from", "year_to",
    },
    Funding: {
        "currency", "qualifier", "amount", "amount_max", "organisation", "period",
        "year_from", "year_to",
    },
    Evaluation: {"design", "year", "evaluator", "result"},
    Partnership: {"organisation", "role"},
    TakingPart: {"audience", "how"},
    Lineage: {
        "from_programme", "from_strategy", "relation", "to_programme", "to_strategy",
        "to_platform", "to_text",
    },
}  # fmt: skip
# What belongs to a fact besides its columns.
MORE: Mapping[type[models.Model], Sequence[str]] = {
    Discrepancy: ("claims",),
    Evaluation: ("further_sources",),
    TakingPart: ("further_sources",),
}


# --- Texts side by side ---------------------------------------------------------------------------


def compare_texts(was: str, now: str) -> list[TextPiece]:
    """Return the pieces of two texts: long ones word by word, if they are much alike."""
    old, new = was.split(), now.split()
    if min(len(old), len(new)) > SHORT:
        matcher = SequenceMatcher(None, old, new, autojunk=False)
        if matcher.quick_ratio() > LEAST_ALIKE and matcher.ratio() > LEAST_ALIKE:
            return list(list_pieces(matcher, old, new))
    return [TextPiece(kind, text) for kind, text in (("del", was), ("ins", now)) if text]


def list_pieces(matcher: Any, old: Sequence[str], new: Sequence[str]) -> Iterator[TextPiece]:
    for tag, start, stop, begin, end in matcher.get_opcodes():
        if tag == "equal":
            yield TextPiece("same", " ".join(old[start:stop]))
            continue
        if stop > start:
            yield TextPiece("del", " ".join(old[start:stop]))
        if end > begin:
            yield TextPiece("ins", " ".join(new[begin:end]))

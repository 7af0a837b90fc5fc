"""Compares two rows fact by fact: what is the same, what only one has, what both say otherwise.

Rows of two records share no number. So they are matched by what they are about: figures by unit and
years, organisations by their role, documents by their address. What both say differently is asked,
and nothing is chosen beforehand where the two contradict. Of texts in our own words, both may be
true: those of the record that probably stays are proposed.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from django.db import models
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programmes.models import Programme, Source
from stemobs.curation.mergers.matching import FactPair, FactRule, read_row
from stemobs.curation.reading.places import reduce_address
from stemobs.entries.history.differences import KINDS, MORE, word_fact, word_value
from stemobs.entries.history.wording import name_field
from stemobs.entries.wording import word_ages

LONGEST_WORDS = 400  # letters of a text in the comparison
# Values that say that nothing is known.
NOT_KNOWN = (None, "", False, Programme.Status.UNKNOWN, Source.LinkState.UNCHECKED)
ADDRESSES = {"website", "url", "archived_url"}
GROUP_NAMES: Mapping[str, Any] = {
    "age_min": gettext_lazy("Ages"),
    "year_start": gettext_lazy("Started"),
    "year_end": gettext_lazy("Ended"),
}


class Keeping(StrEnum):
    """What may be kept where two records differ; each side is called by the id of its record."""

    BOTH = "both"
    KEEP = "keep"
    LEAVE = "leave"


class OfferedAnswer(NamedTuple):
    """One of the answers to a question: what is sent, and what it is called."""

    value: str
    label: str


@dataclass
class MergerQuestion:
    """Something that two records say differently, so that somebody has to choose."""

    name: str
    label: str
    answers: Sequence[OfferedAnswer]
    mark: str  # of what both say: an answer counts only for what was shown with it
    proposed: str = ""
    given: str = ""
    item: str = ""  # of a list, about which it asks

    def read(self, sent: str) -> None:
        """Take what was sent as the answer, if it is one of them, given for what is told now."""
        value, _colon, mark = sent.partition(":")
        if mark == self.mark and value in {one.value for one in self.answers}:
            self.given = value

    @property
    def chosen(self) -> str:
        return self.given or self.proposed

    @property
    def options(self) -> list[tuple[str, str, bool]]:
        """What is sent, what it is called, and whether it is chosen, of each answer."""
        return [
            (f"{one.value}:{self.mark}", one.label, one.value == self.chosen)
            for one in self.answers
        ]


@dataclass
class MergerLine:
    """A line of the comparison: what both say of one thing, and what becomes of it."""

    label: str
    left: str
    right: str
    told: str = ""  # what becomes of it, where nothing is asked
    kind: str = ""  # of facts
    questions: list[MergerQuestion] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return not all(one.chosen for one in self.questions)


@dataclass
class RowsCompared:
    """The facts of one kind in two records."""

    kind: str
    pair: FactPair
    question: MergerQuestion | None = None


class TwoCompared:
    """Two rows of a model beside each other, with the answers that were given so far.

    What is compared of them, and in which order, is said by the class for their model.
    """

    groups: Sequence[tuple[str, ...]] = ()
    in_our_words: Collection[str] = ()

    def __init__(self, left: Any, right: Any, sent: Mapping[str, str]) -> None:
        self.left, self.right = left, right
        self.sent = sent
        self.fields: dict[tuple[str, ...], MergerQuestion] = {}
        self.rows: list[RowsCompared] = []
        self.lines = [*self.compare()]

    def compare(self) -> Iterator[MergerLine]:
        """Yield a line for each thing that one of the two says."""
        yield from self.compare_fields()

    @property
    def questions(self) -> list[MergerQuestion]:
        return [one for line in self.lines for one in line.questions]

    @property
    def open_questions(self) -> list[MergerQuestion]:
        return [one for one in self.questions if not one.chosen]

    def ask(self, name: str, label: str, told: Any, *, both: bool, proposed: str = "") -> Any:
        """Return the question which of two to keep, with the answer if it came with the form."""
        answers = [
            OfferedAnswer(str(self.left.pk), _("Left")),
            OfferedAnswer(str(self.right.pk), _("Right")),
        ]
        if both:
            answers.append(OfferedAnswer(Keeping.BOTH, _("Both")))
        return self.take(MergerQuestion(name, label, answers, make_mark(told), proposed))

    def take(self, question: MergerQuestion) -> MergerQuestion:
        question.read(self.sent.get(question.name, ""))
        return question

    @property
    def told_lines(self) -> list[MergerLine]:
        return [one for one in self.lines if one.kind != "citations"]

    @property
    def lines_of_sources(self) -> list[MergerLine]:
        return [one for one in self.lines if one.kind == "citations"]

    # Fields

    def compare_fields(self) -> Iterator[MergerLine]:
        for names in self.groups:
            left, right = (read_group(one, names) for one in (self.left, self.right))
            if not (left or right):
                continue
            label = name_group(type(self.left), names)
            words = (word_group(self.left, names), word_group(self.right, names))
            line = MergerLine(label, *words)
            if left == right:
                line.told = word_same()
            elif not (left and right):
                line.told = word_along(bool(right))
            else:
                proposed = str(self.left.pk) if names[0] in self.in_our_words else ""
                told = [left, right]
                question = self.ask(names[0], label, told, both=False, proposed=proposed)
                self.fields[names] = question
                line.questions.append(question)
            yield line

    def compare_rows(self, kind: str, rule: FactRule, pair: FactPair) -> MergerLine:
        compared = RowsCompared(kind, pair)
        self.rows.append(compared)
        label = self.name_kind(kind, pair)
        words = (self.tell_row(pair.left, pair), self.tell_row(pair.right, pair))
        line = MergerLine(label, *words, kind=kind)
        if pair.left is None or pair.right is None:
            line.told = self.tell_alone(kind, pair)
        elif read_row(pair.left) == read_row(pair.right):
            line.told = word_same() if has_one_source(pair) else word_two_sources()
        else:
            name = f"{kind}-{pair.left.pk}-{pair.right.pk}"
            asked = self.name_question(label, pair)
            told = [read_row(pair.left), read_row(pair.right)]
            compared.question = self.ask(name, asked, told, both=rule.can_both_stand)
            line.questions.append(compared.question)
        return line

    def name_kind(self, kind: str, pair: FactPair) -> str:
        """Return what facts of a kind are called, or what these two are about."""
        return str(KINDS.get(kind) or _("Relation to another"))

    def name_question(self, label: str, pair: FactPair) -> str:
        fact = Truncator(word_fact(pair.left)).chars(60)
        return _("%(kind)s “%(fact)s”") % {"kind": label, "fact": fact}

    def tell_row(self, row: Any, pair: FactPair) -> str:
        """Return a fact in words; "" for none."""
        return tell_row(row, pair)

    def tell_alone(self, kind: str, pair: FactPair) -> str:
        """Return what becomes of a fact that only one of the two has."""
        return word_along(pair.right is not None)


# --- What both say -------------------------------------------------------------------------------


def name_group(model: type[models.Model], names: Sequence[str]) -> str:
    return str(GROUP_NAMES.get(names[0]) or name_field(model._meta.get_field(names[0])))


def read_group(row: Any, names: Sequence[str]) -> tuple[Any, ...]:
    """Return what fields that mean one thing say; nothing at all for what is not known."""
    values = tuple(getattr(row, name) for name in names)
    if names[0] in ADDRESSES:
        values = (reduce_address(values[0]) if values[0] else "",)
    is_known = any(one not in NOT_KNOWN for one in values)
    return values if is_known else ()


def word_group(row: Any, names: Sequence[str]) -> str:
    if not read_group(row, names):
        return ""
    fields: list[Any] = [type(row)._meta.get_field(name) for name in names]
    told = ", ".join(filter(None, [word_value(row, fields[0]), *word_details(row, fields[1:])]))
    if names[0] == "age_min":
        told = word_ages(row)
    return Truncator("; ".join(told.splitlines())).chars(LONGEST_WORDS)


def word_details(row: Any, fields: Sequence[Any]) -> Iterator[str]:
    """Yield what further fields say that mean one thing with the first: “type is inferred”."""
    for one in fields:
        value = getattr(row, one.attname)
        if value:
            yield str(one.verbose_name) if value is True else word_value(row, one)


def has_one_source(pair: FactPair) -> bool:
    left, right = ([getattr(one, name, None) for name in ("source_id", "locator")] for one in pair)
    return right[0] is None or left == right


def tell_row(row: Any, pair: FactPair) -> str:
    """Return a fact in words, with its source; also the details in which two differ."""
    if row is None:
        return ""
    told = [word_fact(row)]
    other = pair.right if row is pair.left else pair.left
    if other is not None and word_fact(other) == told[0]:
        told += list_details(row, other)
    if source := getattr(row, "source", None):
        told.append(_("Source: %(source)s") % {"source": source})
    return Truncator(" · ".join(told)).chars(LONGEST_WORDS)


def list_details(row: Any, other: Any) -> Iterator[str]:
    theirs = read_row(other)
    for name, value in read_row(row).items():
        if value != theirs.get(name) and name not in MORE.get(type(row), ()):
            column = next(one for one in row._meta.concrete_fields if one.attname == name)
            words = word_value(row, column) or _("empty")
            yield f"{capfirst(str(column.verbose_name))}: {words}"


def make_mark(told: Any) -> str:
    text = json.dumps(told, default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


# --- Words ----------------------------------------------------------------------------------------


def word_same() -> str:
    return _("the same")


def word_two_sources() -> str:
    return _("the same; both sources are kept")


def word_along(is_right: bool) -> str:
    return _("only right; kept") if is_right else _("only left; kept")


def word_follows() -> str:
    return _("goes with what you choose of its field")

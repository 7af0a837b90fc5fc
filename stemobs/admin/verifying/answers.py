"""What somebody answers on the page on which a record is checked, read from what was sent."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from programmes.columns.texts import clean_line
from programmes.models import Field, Reach
from stemobs.curation.reading.lines import FieldQuestion
from stemobs.curation.subjects import tell_field, tell_row
from stemobs.curation.verifying import Answer, Answers, FactAnswer
from stemobs.entries.cited.facts import CitedFact, group_by_source, list_value_names
from stemobs.entries.wording import describe_state

# What the names of the fields begin with; the key of a fact follows.
ANSWER, SEEN, SAYS, PLACE = "answer-", "seen-", "says-", "place-"
TAKE, ASKED = "take-", "asked-"  # of answers to questions, and of the line that was asked about
FIELD = re.compile("[a-z_]{1,30}")
LONGEST_SAYS = 300
LONGEST_PLACE = Reach._meta.get_field("locator").max_length or 0
LONGEST_TOLD = 160
# How people write what has changed, by the parts of a record and by the fields of citations.
EXAMPLES: dict[str, str] = {
    "reach": "about 300 teachers a year, 2023",
    "funding": "EUR 9,650 in 2025",
    "partnerships": "Philips, founder, 2002–2024",
    Field.STATUS: "ended 2024",
    Field.YEAR_START: "since 2014",
    Field.YEAR_END: "ended 2024",
}


@dataclass
class AskedFact:
    """A fact as the page asks about it, with what was answered and what is wrong about that."""

    fact: CitedFact
    told: str
    answer: FactAnswer | None = None
    errors: list[Any] = field(default_factory=list)
    questions: dict[str, FieldQuestion] = field(default_factory=dict)  # about the line, by fields
    is_new: bool = False  # whether it was changed after it was shown, so that it is asked again

    @property
    def key(self) -> str:
        return self.fact.key

    @property
    def chosen(self) -> str:
        return self.answer.answer if self.answer else ""

    @property
    def says(self) -> str:
        return self.answer.says if self.answer else ""

    @property
    def place(self) -> str:
        return self.answer.place if self.answer else ""

    @property
    def taken(self) -> list[tuple[str, str]]:
        """What was answered about the line, without what is asked now."""
        told = self.answer.taken.items() if self.answer else ()
        return [(name, value) for name, value in told if name not in self.questions]

    @property
    def takes_line(self) -> bool:
        return can_be_line(self.fact)

    @property
    def example(self) -> str:
        """How a line about it may read; "" if what has changed is told in words."""
        part = self.fact.row.field if self.fact.part == "citations" else self.fact.part
        return EXAMPLES.get(part, "")

    @property
    def may_change(self) -> bool:
        """Whether it can have changed: an earlier figure is what it was."""
        return not getattr(self.fact.row, "superseded_by_id", None)

    @property
    def options(self) -> list[Any]:
        return [one for one in Answer if one != Answer.CHANGED or self.may_change]


@dataclass
class AskedSource:
    """A source with the facts that rest on it."""

    number: int  # in the record, as readers see it
    facts: list[AskedFact]

    @property
    def source(self) -> Any:
        return self.facts[0].fact.source


class CheckSheet:
    """The facts of a record beneath their sources, with somebody's answers."""

    def __init__(self, programme: Any, facts: Collection[CitedFact], kept: Answers) -> None:
        self.programme = programme
        self.facts = list(facts)
        self.asked = {
            one.key: AskedFact(one, tell_cited(programme, one), kept.get(one.key)) for one in facts
        }

    @property
    def sources(self) -> list[AskedSource]:
        groups = group_by_source(self.facts).values()
        return [
            AskedSource(number, [self.asked[one.key] for one in some])
            for number, some in enumerate(groups, 1)
        ]

    @property
    def answers(self) -> Answers:
        return {key: one.answer for key, one in self.asked.items() if one.answer}

    @property
    def given(self) -> list[AskedFact]:
        return [one for one in self.asked.values() if one.answer and one.answer.is_given]

    @property
    def changed(self) -> list[AskedFact]:
        return [one for one in self.given if one.chosen == Answer.CHANGED]

    @property
    def asked_again(self) -> list[AskedFact]:
        return [one for one in self.asked.values() if one.is_new]

    @property
    def has_errors(self) -> bool:
        return any(one.errors or one.questions for one in self.asked.values())

    @property
    def wrong(self) -> list[AskedFact]:
        return [one for one in self.asked.values() if one.errors or one.questions]

    def take(self, sent: QueryDict) -> None:
        """Take the answers that were sent; about a fact that is another by now it is asked again.

        A fact that was not sent, because it is new, keeps what was answered about it before.
        """
        today = timezone.localdate().isoformat()
        for key, one in self.asked.items():
            given, seen = sent.get(f"{ANSWER}{key}", ""), sent.get(f"{SEEN}{key}", "")
            if given not in [each.value for each in one.options]:
                continue
            if seen != one.fact.digest:
                one.answer, one.is_new = None, given != Answer.NOT_LOOKED
                continue
            says = read_line(sent, f"{SAYS}{key}", LONGEST_SAYS)
            place = read_line(sent, f"{PLACE}{key}", LONGEST_PLACE)
            same = one.answer and one.answer.answer == given
            day = one.answer.day if one.answer and same and given != Answer.CHANGED else today
            taken = read_taken(sent, key)
            one.answer = FactAnswer(given, seen, day, says, place, taken)


def read_line(sent: Mapping[str, Any], name: str, longest: int) -> str:
    """Return what was typed; of what is too long no more than shows that."""
    return clean_line(str(sent.get(name, "")))[: longest + 1]


def read_taken(sent: Mapping[str, Any], key: str) -> dict[str, str]:
    """Return the answers to questions about the line of a fact, by the fields that they fill.

    They count for the line about which they were asked, not for another that was typed since.
    """
    if read_line(sent, f"{ASKED}{key}", LONGEST_SAYS) != read_line(
        sent, f"{SAYS}{key}", LONGEST_SAYS
    ):
        return {}
    prefix = f"{TAKE}{key}-"
    named = {one.removeprefix(prefix): told for one, told in sent.items() if one.startswith(prefix)}
    return {
        name: clean_line(str(told))[:LONGEST_PLACE]
        for name, told in named.items()
        if told and FIELD.fullmatch(name)
    }


# --- Facts in words -------------------------------------------------------------------------------

LINES = ("reach", "funding", "partnerships")


def can_be_line(fact: CitedFact) -> bool:
    """Whether what a fact says can be typed as a line, and so goes into the record by itself."""
    return fact.part in LINES or (fact.part == "citations" and fact.row.field in EXAMPLES)


def tell_cited(programme: Any, fact: CitedFact) -> str:
    """Return what a fact says, as a curator is asked about it."""
    if fact.part == "citations":
        return tell_citation(programme, fact.row)
    told = tell_row(fact.row)
    if fact.part in LINES and getattr(fact.row, "superseded_by_id", None):
        told = _("earlier: %(figure)s") % {"figure": told}
    return cut(told)


def tell_citation(programme: Any, row: Any) -> str:
    if row.field == Field.ENTRY:
        return _("The record as a whole: its summary, and all that has no source of its own")
    told = describe_state(programme) if row.field == Field.STATUS else ""
    told = told or tell_field(programme, row.field) or tell_text(programme, row.field)
    told = told or row.evidence
    label = str(row.get_field_display())
    return cut(f"{label}: {told}" if told else label)


def tell_text(programme: Any, name: str) -> str:
    """Return the texts that a part of a record has."""
    values = (getattr(programme, one) for one in list_value_names(name))
    return " ".join(one for one in values if one and isinstance(one, str))


def cut(text: str) -> str:
    line = clean_line(text)
    return line if len(line) <= LONGEST_TOLD else f"{line[: LONGEST_TOLD - 1]}…"

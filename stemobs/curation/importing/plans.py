"""What becomes of each row of a partner's file: a new record, changes of one, nothing, a question.

A plan is made anew from the file, the answers and the catalogue as it is now. Only what is
confirmed is written, by `making.py` and the form of the record.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partnerships.models import Funding
from programmes.models import ImportedRow, Programme
from stemobs.curation.importing.differences import READ_WITH, find_differences
from stemobs.curation.importing.drafting import RowFacts, write_facts
from stemobs.curation.importing.organisations import KnownPartners, PartnerFound
from stemobs.curation.importing.records import KnownRecords, NearRecord
from stemobs.curation.importing.rivals import Rival, find_rivals, tell_rival
from stemobs.curation.importing.shapes import (
    Answers,
    RowMeaning,
    TableMeaning,
    TableQuestion,
)
from stemobs.text import fold

NEW, LEAVE, KEEP, TAKE, BOTH = "new", "leave", "keep", "take", "both"  # answers
ROW, DIFFERS, PAYS = "row:", "differs:", "pays:"  # begin the keys of questions
FIGURES = f"{DIFFERS}figures"
LONGEST_TOLD = 80  # characters of a value in a question
ROLES = ("coordinator", "partner", "funder")


class Fate(TextChoices):
    """What becomes of a row."""

    NEW = "new", gettext_lazy("new")
    CHANGES = "changes", gettext_lazy("changes a record")
    SAME = "same", gettext_lazy("same")
    ASKED = "asked", gettext_lazy("question")
    FAULT = "fault", gettext_lazy("problem")
    LEFT = "left", gettext_lazy("left out")
    DRAFTED = "drafted", gettext_lazy("drafted already")


@dataclass
class RowPlan:
    """What becomes of a row: its fate, the record that it is about, and what that gets."""

    line: int
    name: str
    meaning: RowMeaning
    fate: Fate = Fate.NEW
    record: Programme | None = None
    facts: RowFacts = field(default_factory=RowFacts)
    was: dict[str, str] = field(default_factory=dict)  # what the record says of what is set
    rivals: list[Rival] = field(default_factory=list)  # figures of which it says another number
    asked: list[str] = field(default_factory=list)
    says: str = ""  # a digest of its facts

    @property
    def is_drafted(self) -> bool:
        """Whether confirming makes a draft of it."""
        return self.fate in (Fate.NEW, Fate.CHANGES)


@dataclass
class ImportPlan:
    """What becomes of all rows, and what has to be answered first."""

    rows: list[RowPlan] = field(default_factory=list)
    questions: list[TableQuestion] = field(default_factory=list)

    def count(self) -> dict[Fate, int]:
        found = dict.fromkeys(Fate, 0)
        for row in self.rows:
            found[row.fate] += 1
        return found

    def list_drafted(self) -> list[RowPlan]:
        return [row for row in self.rows if row.is_drafted]

    def digest(self) -> str:
        """Return a text that is another one if anything that would be written is another."""
        told = [
            (
                row.line,
                row.fate,
                row.record and row.record.pk,
                row.facts.tell(),
                sorted(row.was.items()),
            )
            for row in self.rows
            if row.is_drafted
        ]
        return hashlib.sha256(orjson.dumps(told)).hexdigest()


class Planner:
    """Makes the plan of a file, with what the catalogue holds read once for all of its rows."""

    def __init__(self, meaning: TableMeaning, answers: Answers, sheet: int | None = None) -> None:
        self.meaning = meaning
        self.answers = answers
        self.sheet = sheet  # the id of the import
        self.questions: list[TableQuestion] = [*meaning.questions]
        self.differing: defaultdict[str, list[RowPlan]] = defaultdict(list)
        self.rivalled: list[RowPlan] = []  # the rows with figures that are asked about

    def run(self) -> ImportPlan:
        plans = [self.begin(row) for row in self.meaning.rows]
        self.find_drafted(plans)
        self.find_records([one for one in plans if one.fate is Fate.NEW])
        self.find_partners([one for one in plans if one.fate in (Fate.NEW, Fate.CHANGES)])
        self.compare([one for one in plans if one.fate is Fate.CHANGES])
        self.questions += [*self.ask_what_differs(), *self.ask_about_figures()]
        for plan in plans:
            if plan.asked and plan.fate in (Fate.NEW, Fate.CHANGES, Fate.SAME):
                plan.fate = Fate.ASKED
        return ImportPlan(plans, self.questions)

    def begin(self, row: RowMeaning) -> RowPlan:
        """Return the plan of a row as far as the row itself says it."""
        name = next((one["value"] for one in row.facts.get("name", ())), "")
        plan = RowPlan(row.line, name, row, says=digest_facts(row))
        plan.asked = list(dict.fromkeys(key for cell in row.cells.values() for key in cell.asked))
        if self.answers.get(f"{ROW}{row.line}") == LEAVE:
            plan.fate = Fate.LEFT
        elif any(cell.fault for cell in row.cells.values()):
            plan.fate = Fate.FAULT
        elif not name:
            plan.fate = Fate.ASKED if plan.asked else Fate.FAULT
        return plan

    # What was imported before

    def find_drafted(self, plans: list[RowPlan]) -> None:
        """Take out the rows of which a draft was made: from this file, or the same in another."""
        said = {one.says for one in plans}
        open_ones = ImportedRow.objects.filter(says__in=said).select_related("draft", "programme")
        waiting = {
            row.says
            for row in open_ones
            if (row.draft.is_open if row.draft else row.programme.state in ("draft", "review"))
        }
        own = set(ImportedRow.objects.filter(sheet=self.sheet).values_list("line", flat=True))
        for plan in plans:
            if plan.line in own or (plan.fate is Fate.NEW and plan.says in waiting):
                plan.fate = Fate.DRAFTED

    # Which record

    def find_records(self, plans: list[RowPlan]) -> None:
        if not plans:
            return
        known = KnownRecords()
        chosen: dict[int, list[RowPlan]] = defaultdict(list)
        new: defaultdict[str, list[RowPlan]] = defaultdict(list)
        for plan in plans:
            pk = self.choose_record(plan, known)
            if pk is not None:
                chosen[pk].append(plan)
            elif f"{ROW}{plan.line}" not in plan.asked:
                new[known_name(plan)].append(plan)
        records = Programme.objects.prefetch_related(*READ_WITH).in_bulk(chosen)
        for pk, of_record in chosen.items():
            for plan in of_record:
                plan.record = records[pk]
                plan.fate = Fate.CHANGES
            self.ask_about_twins(of_record)
        for of_name in new.values():
            self.ask_about_twins(of_name)

    def choose_record(self, plan: RowPlan, known: KnownRecords) -> int | None:
        """Return the record that a row is about; None if it is new, or asked about."""
        facts = plan.meaning.facts
        answer = str(self.answers.get(f"{ROW}{plan.line}", ""))
        if answer == NEW:
            return None
        if answer.isdecimal() and int(answer) in known.names:
            return int(answer)
        countries = [one["value"] for one in facts.get("country", ()) if "value" in one]
        website = next((one["value"] for one in facts.get("website", ())), "")
        found = known.find(plan.name, countries, website)
        if found.sure is None and found.near:
            self.ask(plan, self.word_near(plan, found.near), [
                *((str(one.pk), word_same(one)) for one in found.near),
                (NEW, _("another programme: a new record")),
                (LEAVE, _("decide later: leave the row out")),
            ])  # fmt: skip
        elif found.sure is None and found.withdrawn:
            told = _("Line %(line)d: the record “%(name)s” was withdrawn. Is this another one?")
            self.ask(plan, told % {"line": plan.line, "name": found.withdrawn}, [
                (LEAVE, _("the same: leave the row out")),
                (NEW, _("another programme: a new record")),
            ])  # fmt: skip
        return found.sure

    def word_near(self, plan: RowPlan, near: list[NearRecord]) -> str:
        first = near[0]
        words = {"line": plan.line, "name": plan.name, "other": first.name, "alike": first.alike}
        if first.alike == 100:  # of a hundred
            return _("Line %(line)d: there are several records called “%(name)s”. Which?") % words
        if first.same_address:
            told = _("Line %(line)d: “%(name)s” has the website of “%(other)s”. The same?")
            return told % words
        told = _("Line %(line)d: “%(name)s” is %(alike)d%% like “%(other)s”. The same?")
        return told % words

    def ask_about_twins(self, plans: list[RowPlan]) -> None:
        """Ask about the second row on one record: which of them is it, or both?"""
        for plan in plans[1:]:
            if self.answers.get(f"{ROW}{plan.line}") in (None, ""):
                words = {"line": plan.line, "name": plan.name, "first": plans[0].line}
                told = _("Line %(line)d: “%(name)s” stands in line %(first)d too. Take both?")
                options = [(LEAVE, _("leave this row out"))]
                if plan.record is None:
                    options.insert(0, (NEW, _("another programme: a new record")))
                self.ask(plan, told % words, options)

    def ask(self, plan: RowPlan, told: str, options: Iterable[tuple[str, str]]) -> None:
        key = f"{ROW}{plan.line}"
        self.questions.append(TableQuestion(key, told, tuple(options), 0, (plan.line,)))
        plan.asked.append(key)

    # Who takes part

    def find_partners(self, plans: list[RowPlan]) -> None:
        named: defaultdict[str, list[int]] = defaultdict(list)
        for plan in plans:
            for name in list_partners(plan.meaning):
                named[name].append(plan.line)
        found, questions = KnownPartners().find(named, self.answers) if named else ({}, [])
        self.questions += questions
        asked: defaultdict[int, list[str]] = defaultdict(list)
        for question in questions:
            for line in question.lines:
                asked[line].append(question.key)
        for plan in plans:
            plan.asked += asked[plan.line]
            self.write(plan, found)
        self.ask_whose_money([plan.line for plan in plans if PAYS in plan.asked])

    def write(self, plan: RowPlan, found: Mapping[str, PartnerFound | None]) -> None:
        """Write what a row says as what a record would get."""
        plan.facts = write_facts(plan.meaning, found)
        for sum_of_money in plan.facts.funding:
            if not sum_of_money.get("source_type"):
                self.ask_who_pays(plan, sum_of_money)

    def ask_who_pays(self, plan: RowPlan, sum_of_money: dict[str, Any]) -> None:
        """Take what was said of sums of which no payer says what kind of money they are."""
        answer = str(self.answers.get(PAYS, ""))
        if answer == LEAVE:
            plan.facts.funding = [one for one in plan.facts.funding if one is not sum_of_money]
        elif answer in Funding.SourceType.values:
            sum_of_money["source_type"] = answer
        else:
            plan.asked.append(PAYS)

    def ask_whose_money(self, lines: list[int]) -> None:
        """Ask for a whole file what kind of money its sums in these lines are."""
        if lines:
            told = _("Whose money are the sums? The file does not say it for every row.")
            offered = (*Funding.SourceType.choices, (LEAVE, _("leave such sums out")))
            options = tuple((str(value), str(label)) for value, label in offered)
            self.questions.append(TableQuestion(PAYS, told, options, 0, tuple(lines)))

    # What differs

    def compare(self, plans: list[RowPlan]) -> None:
        """Leave of each row what its record does not say already."""
        for plan in plans:
            if plan.record is None:
                continue
            plan.facts, plan.was = find_differences(plan.record, plan.facts)
            for name in [name for name, was in plan.was.items() if was]:
                self.decide(plan, name)
            plan.rivals = find_rivals(plan.facts.reach, plan.record.reach.all())
            if plan.rivals:
                self.decide_figures(plan)
            if plan.facts.is_empty:
                plan.fate = Fate.SAME

    def decide(self, plan: RowPlan, name: str) -> None:
        """Take over what differs, keep what is there, or ask, as it was answered for the file."""
        answer = self.answers.get(f"{DIFFERS}{name}")
        if answer == KEEP:
            del plan.facts.fields[name], plan.was[name]
        elif answer != TAKE:
            plan.asked.append(f"{DIFFERS}{name}")
            self.differing[name].append(plan)

    def decide_figures(self, plan: RowPlan) -> None:
        """Let a row's figures stand instead of stored ones, beside them or not at all, or ask."""
        facts, answer = plan.facts, self.answers.get(FIGURES)
        if answer in (KEEP, TAKE):
            told = [id(one.told) for one in plan.rivals]
            facts.reach = [one for one in facts.reach if id(one) not in told]
        if answer == TAKE:
            facts.corrections = [(one.stored.pk, one.told) for one in plan.rivals]
        elif answer not in (KEEP, BOTH):
            plan.asked.append(FIGURES)
            self.rivalled.append(plan)

    def ask_about_figures(self) -> Iterator[TableQuestion]:
        if not self.rivalled:
            return
        words = {"example": tell_rival(self.rivalled[0].name, self.rivalled[0].rivals[0])}
        told = _("Figures of the same years differ (%(example)s). Which stand?") % words
        options = (
            (KEEP, _("what the catalogue says")),
            (TAKE, _("what the file says: the former ones were misread, or are corrected")),
            (BOTH, _("both: readers see that they differ")),
        )
        lines = tuple(plan.line for plan in self.rivalled)
        yield TableQuestion(FIGURES, told, options, 0, lines)

    def ask_what_differs(self) -> Iterator[TableQuestion]:
        for name, plans in self.differing.items():
            options = ((KEEP, _("what the catalogue says")), (TAKE, _("what the file says")))
            lines = tuple(plan.line for plan in plans)
            yield TableQuestion(
                f"{DIFFERS}{name}", word_differing(plans[0], name), options, 0, lines
            )


def known_name(plan: RowPlan) -> str:
    """Return what makes two rows of a file be about the same new record."""
    codes = sorted(one.get("value", "") for one in plan.meaning.facts.get("country", ()))
    return f"{fold(plan.name)} {' '.join(codes)}"


def word_differing(plan: RowPlan, name: str) -> str:
    """Return which field differs, with what the catalogue and the first such row say of it."""
    column: Any = Programme._meta.get_field(name)
    labels = dict(column.flatchoices)
    was, now = plan.was[name], plan.facts.fields[name]
    words = {
        "field": column.verbose_name,
        "name": plan.name,
        "stored": labels.get(was, was)[:LONGEST_TOLD],
        "told": labels.get(now, now)[:LONGEST_TOLD],
    }
    told = _(
        "“%(field)s” is filled already, and differs in the file (%(name)s: %(stored)s here, "
        "%(told)s in the file). Which stands?"
    )
    return told % words


def word_same(one: NearRecord) -> str:
    return _("the same: change “%(name)s”") % {"name": one.name}


def list_partners(row: RowMeaning) -> list[str]:
    """Return the names of the organisations in a row, each once."""
    named = (one["name"] for role in ROLES for one in row.facts.get(role, ()))
    return list(dict.fromkeys(named))


def digest_facts(row: RowMeaning) -> str:
    """Return a text that two rows share if they say the same."""
    told = orjson.dumps(row.facts, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(told).hexdigest()

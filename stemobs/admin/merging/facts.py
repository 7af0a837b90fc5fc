"""Merges the rows below a record: each fact is merged as a whole, for its fields mean one thing."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from stemobs.admin.merging.base import list_stored_facts
from stemobs.admin.merging.questions import (
    CHOICE,
    WAS,
    MergeQuestion,
    Note,
    Side,
    ask_about_fact,
    describe_fact,
    read_answer,
)
from stemobs.admin.merging.three_way import CONFLICT, Values, merge
from stemobs.admin.merging.values import Sent, list_answers, list_fields, read_stored

INDEX = re.compile(r"([0-9]{1,6})-(\w+)")


@dataclass
class Row:
    """A row as it was sent, or as it is to be shown and saved."""

    sent: dict[str, list[str]]  # what the browser sent, by the names of the fields
    values: Values
    told: Values | None = None  # what its fields shall hold instead of what was sent
    question: MergeQuestion | None = None

    def get(self, name: str) -> str:
        return (self.sent.get(name) or [""])[-1]


class FactMerge:
    """Merges the rows of one formset, and puts the outcome in place of what was sent."""

    def __init__(
        self,
        formset: Any,
        base: dict[str, Values] | None,
        sent: Sent,
        may_change: bool,
        name_others: Callable[[], str] = str,
    ) -> None:
        self.prefix = formset.prefix
        self.base = base
        self.sent = sent
        self.may_change = may_change
        self.name_others = name_others
        self.id = formset.model._meta.pk.name
        self.parent = formset.fk.name
        self.label = str(formset.model._meta.verbose_name)
        empty = formset.empty_form
        self.fields = list_fields(empty)
        self.answers = list_answers(empty)
        self.blank = read_stored(empty)
        self.theirs = list_stored_facts(formset)
        self.stored: list[Row] = []  # rows of the database that the form shows and saves
        self.added: list[Row] = []
        self.notes: list[Note] = []
        self.open: dict[str, Values] = {}  # what rows were about which a question is open
        # How stored rows are without what only tells how a new one came to be.
        self.aside = {name: "" for name in formset.form.aside if name in self.fields}

    def run(self) -> None:
        """Merge all rows; leave them alone if the form does not say how many there are."""
        total = self.read_total()
        if total is None:
            return
        rows = [*self.take_rows(total)]
        named = {pk: row for row in rows if (pk := self.identify(row))}
        new = [row for row in rows if not self.identify(row)]
        for pk in [*self.theirs, *(pk for pk in named if pk not in self.theirs)]:
            self.merge_row(pk, named.get(pk))
        for row in new:
            self.add_row(row)
        self.write_rows()

    def add_all_again(self) -> None:
        """Make every row that was sent a new one, because the record that they were of is gone."""
        for row in [*self.take_rows(self.read_total() or 0)]:
            base = (self.base or {}).get(self.identify(row))
            if "DELETE" in row.sent:
                continue
            if row.values != (base or self.blank):
                self.note(base, row.values)
            row.told = None if self.may_change else row.values
            row.sent.pop(self.parent, None)
            self.add_again(row)
        self.write_rows()

    @property
    def questions(self) -> list[MergeQuestion]:
        return [row.question for row in (*self.stored, *self.added) if row.question]

    # What was sent

    def read_total(self) -> int | None:
        """Return how many rows were sent; None if the form does not say so."""
        total = self.sent.data.get(f"{self.prefix}-TOTAL_FORMS", "")
        return int(total) if re.fullmatch("[0-9]{1,6}", total) else None

    def take_rows(self, total: int) -> Iterator[Row]:
        """Take the rows out of what was sent, in their order."""
        names = {*self.fields, *self.answers, self.id, self.parent, "DELETE", WAS, CHOICE}
        keys: dict[int, dict[str, str]] = defaultdict(dict)
        for key in self.sent.data:
            found = INDEX.fullmatch(key.removeprefix(f"{self.prefix}-"))
            if found and found[2] in names and key.startswith(f"{self.prefix}-"):
                keys[int(found[1])][found[2]] = key
        for number in sorted(keys):
            row = self.read_row(number, keys[number])
            for key in keys[number].values():
                del self.sent.data[key]
            if number < total:
                yield row

    def read_row(self, number: int, keys: dict[str, str]) -> Row:
        row = Row({name: self.sent.data.getlist(key) for name, key in keys.items()}, {})
        pk = self.identify(row)
        unchanged = (self.base or {}).get(pk) or self.theirs.get(pk) or self.blank
        if pk and not self.may_change:
            row.values = unchanged
        else:
            row.values = self.sent.read_all(self.fields, f"{self.prefix}-{number}-", unchanged)
        return row

    def identify(self, row: Row) -> str:
        """Return by what a row is known; "" if it is new."""
        return row.get(self.id) or row.get(WAS)

    # Merging

    def merge_row(self, pk: str, row: Row | None) -> None:
        """Merge what became of one row; a row that was not sent is one that nobody changed here."""
        theirs = self.theirs.get(pk)
        # A row of which it is not known what it was has no values: it equals none that is stored.
        base = {} if self.base is None else self.base.get(pk)
        if row is None:
            mine = theirs if self.base is None else base
        else:
            mine = None if "DELETE" in row.sent else row.values
        merged = merge(base, theirs, mine)
        if merged is CONFLICT and row is not None:
            self.settle(pk, row, base or {}, mine)
        elif merged == theirs:
            self.keep(pk, theirs, row)
            if theirs != mine and base != {}:
                self.note(base, theirs)
        elif row is not None:
            self.place(pk, row)

    def settle(self, pk: str, row: Row, base: Values, mine: Values | None) -> None:
        """Do with a row that two changed what was answered, or ask."""
        theirs = self.theirs.get(pk)
        match read_answer(row.get(CHOICE), theirs):
            case Side.THEIRS:
                self.keep(pk, theirs, row)
            case Side.WAS:
                self.keep(pk, base, row)
            case Side.BOTH:
                self.keep(pk, theirs, None)
                self.add_again(row)
            case Side.MINE if theirs is None:
                self.restore(pk, row)
            case Side.MINE:
                self.place(pk, row)
            case _:
                self.ask(pk, row, base, mine)

    def ask(self, pk: str, row: Row, base: Values, mine: Values | None) -> None:
        theirs = self.theirs.get(pk)
        who = self.name_others()
        row.question = ask_about_fact(who, self.label, self.fields, base, theirs, mine)
        self.open[pk] = base
        if theirs is None:
            self.restore(pk, row)
        else:
            self.place(pk, row)

    def keep(self, pk: str, values: Values | None, row: Row | None) -> None:
        """Let a stored row hold these values; None: it was removed, and is not shown again."""
        if values is None:
            return
        sent = {} if row is None else row.sent
        kept = {name: told for name, told in sent.items() if name != "DELETE"}
        told = values if row is None or row.values != values else None
        self.stored.append(Row({**kept, self.id: [pk]}, values, told))

    def place(self, pk: str, row: Row) -> None:
        """Let a row stand as it was sent."""
        self.stored.append(row)

    def restore(self, pk: str, row: Row) -> None:
        """Let a row stand again that somebody else has removed."""
        self.add_again(row)
        if row.question:
            row.question.removed = pk

    def add_again(self, row: Row) -> None:
        """Let what was sent for a stored row become a row of its own."""
        row.sent = {name: told for name, told in row.sent.items() if name not in (self.id, WAS)}
        self.added.append(row)

    def add_row(self, row: Row) -> None:
        """Keep a new row, unless somebody else has just added the same."""
        theirs = [values for pk, values in self.theirs.items() if pk not in (self.base or {})]
        if row.values == self.blank or {**row.values, **self.aside} not in theirs:
            self.added.append(row)
            return
        label = _("%(fact)s (you added the same, and it is kept once)") % {"fact": self.label}
        now = describe_fact(self.fields, row.values)
        self.notes.append(Note(capfirst(label), _("not there"), now))

    def note(self, base: Values | None, theirs: Values | None) -> None:
        was, now = describe_fact(self.fields, base), describe_fact(self.fields, theirs)
        if theirs is None:
            now = _("removed")
        self.notes.append(Note(capfirst(self.label), was, now))

    # What becomes of it

    def write_rows(self) -> None:
        """Write the rows into what was sent: first those of the database, as Django wants."""
        rows = [*self.stored, *self.added]
        self.sent.data[f"{self.prefix}-INITIAL_FORMS"] = str(len(self.stored))
        self.sent.data[f"{self.prefix}-TOTAL_FORMS"] = str(len(rows))
        for number, row in enumerate(rows):
            self.write_row(f"{self.prefix}-{number}", row)

    def write_row(self, name: str, row: Row) -> None:
        if row.question:
            row.question.name = name
        for part, told in row.sent.items():
            if part != CHOICE:
                self.sent.data.setlist(f"{name}-{part}", told)
        if row.told:
            self.sent.set_all(self.fields, f"{name}-", {**self.blank, **row.told})

"""Merges a form that was sent with what others saved while it was open."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.utils.text import capfirst

from stemobs.admin.merging.base import Base
from stemobs.admin.merging.facts import FactMerge
from stemobs.admin.merging.questions import (
    CHOICE,
    MergeQuestion,
    Note,
    Side,
    ask_about_field,
    describe_value,
    read_answer,
)
from stemobs.admin.merging.three_way import CONFLICT, UNKNOWN, Value, Values, merge_field
from stemobs.admin.merging.values import Sent, list_fields, read_stored


class Merge:
    """Puts what others changed into a form that was sent, and asks where both changed the same.

    `form` and the formsets are as the database has them now. Afterwards the form can be checked and
    saved as if it had been opened just now; what was sent for open questions stays as it was typed.
    """

    def __init__(self, base: Base | None, sent: Sent, name_others: Callable[[], str]) -> None:
        self.base = base
        self.sent = sent
        self.name_others = name_others
        self.questions: list[MergeQuestion] = []
        self.notes: list[Note] = []
        self.open_fields: dict[str, Any] = {}
        self.open_facts: dict[str, Any] = {}

    @property
    def is_refused(self) -> bool:
        """Whether the form cannot be saved: something is to choose, or what it was is not known."""
        return self.base is None or bool(self.questions)

    # The record

    def merge_fields(self, form: Any) -> None:
        theirs = self.read_theirs(form)
        for name, field in list_fields(form).items():
            self.merge_field(form, name, field, theirs[name])

    def read_theirs(self, form: Any) -> Values:
        """Return what the fields hold by now, whoever changed them."""
        return read_stored(form)

    def merge_field(self, form: Any, name: str, field: forms.Field, theirs: Value) -> None:
        base = self.base.find(name) if self.base else UNKNOWN
        html_name = form.add_prefix(name)
        sent = self.sent.read(field, html_name)
        unchanged = theirs if base is UNKNOWN else base
        mine = unchanged if sent is None else sent
        merged = merge_field(base, theirs, mine)
        if merged is CONFLICT:
            merged = self.settle(name, field, base, theirs, mine)
        elif theirs not in (base, mine):
            label = capfirst(str(field.label))
            was = "" if base is UNKNOWN else describe_value(field, base)
            self.notes.append(Note(label, was, describe_value(field, theirs)))
        if merged != sent and (merged or sent):
            self.sent.set(field, html_name, merged)

    def settle(self, name: str, field: forms.Field, base: Any, theirs: Value, mine: Value) -> Value:
        """Return what was answered to stand in a field; what was typed if that is still to ask."""
        answer = read_answer(self.sent.data.get(f"{name}-{CHOICE}", ""), theirs)
        if answer is None:
            question = ask_about_field(self.name_others(), field, base, theirs, mine)
            question.name, question.is_of_field = name, True
            self.questions.append(question)
            self.open_fields[name] = base
        was = theirs if base is UNKNOWN else base
        return {Side.THEIRS: theirs, Side.WAS: was}.get(answer or Side.MINE, mine)

    # The facts

    def merge_facts(self, formset: Any, may_change: bool) -> None:
        base = None if self.base is None else self.base.facts.get(formset.prefix, {})
        facts = FactMerge(formset, base, self.sent, may_change, self.name_others)
        facts.run()
        self.questions += facts.questions
        self.notes += facts.notes
        self.open_facts[formset.prefix] = facts.open

    # Afterwards

    def keep_open(self, base: Base) -> Base:
        """Return what the form is shown with: as stored, but as it was where a question is open."""
        for name, value in self.open_fields.items():
            base.fields.pop(name, None)
            if value is not UNKNOWN:
                base.fields[name] = value
        for prefix, rows in self.open_facts.items():
            base.facts.setdefault(prefix, {}).update(rows)
        return base

    def ask_at_fields(self, form: forms.ModelForm) -> None:
        """Put the questions about the record beside their fields."""
        for question in self.questions:
            if question.is_of_field:
                form.add_error(question.name, question.render())

    def render_questions_of_facts(self) -> dict[str, str]:
        """Return the questions about rows, by the prefixes of their forms."""
        asked: Iterable[MergeQuestion] = self.questions
        return {one.name: one.render() for one in asked if not one.is_of_field}

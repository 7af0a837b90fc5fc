"""What was typed into the form of a record that was deleted meanwhile: shown, to be kept."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.text import capfirst

from stemobs.admin.merging.base import FIELD, Base
from stemobs.admin.merging.facts import FactMerge
from stemobs.admin.merging.questions import Note, describe_value
from stemobs.admin.merging.values import Sent, list_fields, read_stored

# Of a form that was sent, what a new one is sent with by itself.
NOT_AGAIN = {"csrfmiddlewaretoken", FIELD}


class Typed:
    """What somebody changed in a form, and the form as it can be sent to add a new record.

    `form` and the formsets are those of a record that is empty.
    """

    def __init__(self, base: Base | None, sent: Sent) -> None:
        self.base = base or Base(opened_at="")
        self.sent = sent
        self.notes: list[Note] = []

    def read_fields(self, form: Any) -> None:
        was = {**read_stored(form), **self.base.fields}
        for name, field in list_fields(form).items():
            typed = self.sent.read(field, form.add_prefix(name))
            if typed is not None and typed != was[name]:
                told = (describe_value(field, was[name]), describe_value(field, typed))
                self.notes.append(Note(capfirst(str(field.label)), *told))

    def read_facts(self, formset: Any, may_change: bool) -> None:
        was = self.base.facts.get(formset.prefix, {})
        facts = FactMerge(formset, was, self.sent, may_change)
        facts.add_all_again()
        self.notes += facts.notes

    def list_hidden_fields(self) -> Iterator[tuple[str, str]]:
        """Yield the names and values with which the form can be sent to add a record."""
        lists: Iterable[tuple[str, list[Any]]] = self.sent.data.lists()
        for name, values in lists:
            if name not in NOT_AGAIN:
                yield from ((name, value) for value in values)

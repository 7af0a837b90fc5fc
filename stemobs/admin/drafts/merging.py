"""Merges a form with what another author of the same draft has written since it was opened."""

from typing import Any

from django.forms import FileField

from stemobs.admin.merging.base import Base
from stemobs.admin.merging.facts import FactMerge, Row
from stemobs.admin.merging.merging import Merge
from stemobs.admin.merging.questions import KEY, WAS
from stemobs.admin.merging.three_way import Values
from stemobs.admin.merging.values import Sent, list_fields, read_stored

DELETE = "DELETE"


class DraftRows(FactMerge):
    """Merges the rows of one kind of two forms of a draft, stored ones and new ones.

    A stored row that the draft removes is marked in it, and is still there.
    """

    def __init__(
        self, formset: Any, opened: Sent | Base, now: Sent, sent: Sent, **options: Any
    ) -> None:
        super().__init__(formset, None, sent, may_change=True, **options)
        self.theirs = {}
        self.removed: dict[str, Values] = {}  # what rows say that the draft removes or retracts
        if isinstance(opened, Base):
            self.base = opened.facts.get(self.prefix, {})
        else:
            self.base = self.read_rows(opened)
        self.theirs = self.read_rows(now)

    def read_rows(self, document: Sent) -> dict[str, Values]:
        """Return what the rows of a form hold, without those that it removes."""
        mine, self.sent = self.sent, Sent(document.data.copy(), document.files)
        rows = [*self.take_rows(self.read_total() or 0)]
        self.sent = mine
        self.removed = {self.identify(row): row.values for row in rows if DELETE in row.sent}
        kept = [row for row in rows if DELETE not in row.sent]
        return {pk: row.values for row in kept if (pk := self.identify(row))}

    def merge_row(self, pk: str, row: Row | None) -> None:
        """Merge what became of one row; a new one that was not sent is one that was removed."""
        base, theirs = (self.base or {}).get(pk), self.theirs.get(pk)
        if row is not None or pk.isdecimal() or base is None:
            super().merge_row(pk, row)
        elif theirs != base:
            self.keep(pk, theirs, None)
            self.note(base, theirs)

    def identify(self, row: Row) -> str:
        return super().identify(row) or row.get(KEY)

    def place(self, pk: str, row: Row) -> None:
        """Let a row stand among those that are stored, or among the new ones."""
        is_stored = pk.isdecimal()
        row.sent.pop(WAS, None)
        row.sent[self.id if is_stored else KEY] = [pk]
        (self.stored if is_stored else self.added).append(row)

    def keep(self, pk: str, values: Values | None, row: Row | None) -> None:
        sent = {} if row is None else {n: told for n, told in row.sent.items() if n != DELETE}
        if values is not None:
            told = values if row is None or row.values != values else None
            self.place(pk, Row(sent, values, told))
        elif pk.isdecimal():
            told = self.removed.get(pk)
            self.place(pk, Row({**sent, DELETE: ["on"]}, told or {}, told))

    def restore(self, pk: str, row: Row) -> None:
        self.place(pk, row)

    def write_row(self, name: str, row: Row) -> None:
        super().write_row(name, row)
        if row.question:
            row.question.row = self.identify(row)


class DraftMerge(Merge):
    """Puts what another author wrote into a form that was sent, and asks where both did."""

    def __init__(self, opened: Sent | Base, now: Sent, sent: Sent, name_others: Any) -> None:
        super().__init__(Base(""), sent, name_others)
        self.opened, self.now = opened, now

    def merge_fields(self, form: Any) -> None:
        opened = self.opened
        kept = opened.fields if isinstance(opened, Base) else read_kept(form, opened)
        self.base = Base("", kept)
        super().merge_fields(form)

    def read_theirs(self, form: Any) -> Values:
        return read_kept(form, self.now)

    def is_cleared_since(self, name: str) -> bool:
        """Whether the other author has taken a file away since the form was opened."""
        clear = f"{name}-clear"
        was_cleared = isinstance(self.opened, Sent) and clear in self.opened.data
        return clear in self.now.data and not was_cleared

    def merge_facts(self, formset: Any, may_change: bool) -> None:
        rows = DraftRows(formset, self.opened, self.now, self.sent, name_others=self.name_others)
        rows.run()
        self.questions += rows.questions
        self.notes += rows.notes


def read_kept(form: Any, document: Sent) -> Values:
    """Return what the fields of a record hold in a draft.

    Of a file that is the one that the draft had by then, else the published one. It is left out if
    nobody knows any more, as of a draft that was written before steps kept that.
    """
    fields = list_fields(form)
    values = document.read_all(fields, "", {})
    for name in (one for one, field in fields.items() if isinstance(field, FileField)):
        kept = document.data.get(name)
        if kept is None:
            del values[name]
        elif not kept and f"{name}-clear" not in document.data:
            values[name] = read_stored(form)[name]
        else:
            values[name] = kept
    return values


def put_questions(merge: Merge, draft: Merge) -> None:
    """Ask with a merge what is asked of a draft too; rows have other places in the form by now."""
    data = merge.sent.data
    places = {
        (place.rpartition("-")[0], told): place
        for name, told in data.items()
        if name.endswith(("-id", f"-{KEY}")) and told and (place := name.rpartition("-")[0])
    }
    for question in draft.questions:
        if not question.is_of_field:
            prefix = question.name.rpartition("-")[0]
            question.name = places.get((prefix, question.row), question.name)
    merge.questions[:0] = draft.questions
    merge.name_others = draft.name_others

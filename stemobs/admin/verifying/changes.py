"""Writes what a source says now into the form of its record, as if a curator had typed it there.

So what has changed is merged, asked about and checked as whatever is typed: a newer figure
supersedes the old one, and a change of a published record may wait for a second person.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest
from django.utils.translation import gettext as _

from programmes.models import Programme, Unit
from stemobs.admin.checking.records import WHY, read_why
from stemobs.admin.drafts.documents import SEND
from stemobs.admin.figures.questions import FigureAnswer, write_answer
from stemobs.admin.merging.pages import find_merge
from stemobs.admin.merging.values import Sent
from stemobs.admin.record.organisations import (
    KnownOrganisations,
    ask_who_it_is,
    put_kind_of_money,
    put_organisation,
)
from stemobs.admin.record.sending import list_hindrances, make_request, write_stored_form
from stemobs.admin.verifying.answers import LINES, LONGEST_PLACE, LONGEST_SAYS, AskedFact
from stemobs.curation.drafts import find_open_draft
from stemobs.curation.reading.figures import read_figure
from stemobs.curation.reading.lines import FieldQuestion, LineRead
from stemobs.curation.reading.partners import read_partner
from stemobs.curation.reading.runs import read_run
from stemobs.curation.reading.sums import read_sum
from stemobs.curation.reading.units import Units

FIGURES = ("reach", "funding")
# What a new figure has only if its own line says so.
OF_FIGURE = {
    "reach": {
        "qualifier": "exact", "value_max": "", "unit_detail": "", "period": "", "period_type": "",
        "year_from": "", "year_to": "", "note": "",
    },
    "funding": {
        "qualifier": "exact", "amount_max": "", "basis_detail": "", "period": "", "basis": "",
        "year_from": "", "year_to": "", "note": "",
    },
    "partnerships": {"since": "", "until": ""},
}  # fmt: skip
ONCE_SAVED = "once_saved"  # of a request: what is to be done when its form is saved


@dataclass
class NewReading:
    """What a source says now of a fact, by the fields of its form."""

    asked: AskedFact
    values: dict[str, str]
    row: str = ""  # the prefix of its row in the form, once it stands there

    @property
    def prefix(self) -> str:
        return self.asked.fact.part

    @property
    def is_of_row(self) -> bool:
        return self.prefix in LINES


# --- Reading lines --------------------------------------------------------------------------------


def read_changes(changed: Iterable[AskedFact]) -> list[NewReading]:
    """Read what is said of facts that can be lines; what is not clear is asked at the fact."""
    listed = [*changed]
    units = load_units() if any(one.fact.part == "reach" for one in listed) else Units(())
    return [change for one in listed if (change := read_change(one, units))]


def load_units() -> Units:
    rows = Unit.objects.values_list("pk", "slug", "name")
    return Units((str(pk), slug, name) for pk, slug, name in rows)


def read_change(asked: AskedFact, units: Units) -> NewReading | None:
    """Return what was said of a fact; None if something is wrong with it, or it is only words."""
    answer: Any = asked.answer
    if fault := find_fault(answer.says, answer.place):
        asked.errors.append(fault)
        return None
    if not asked.takes_line:
        answer.left = asked.told
        return None
    line = read_line(asked, units)
    for name, value in answer.taken.items():
        if name in line.asked:
            line.values[name] = value
            del line.asked[name]
    asked.questions = line.asked
    if line.asked:
        return None
    values = {**OF_FIGURE.get(asked.fact.part, {}), **line.values}
    values["locator"] = answer.place or line.values.get("locator", "")
    return NewReading(asked, values)


def find_fault(says: str, place: str) -> str:
    if not says:
        return _("Write what the source says now.")
    if len(says) > LONGEST_SAYS:
        return _("Say it in %(number)d letters at most.") % {"number": LONGEST_SAYS}
    if len(place) > LONGEST_PLACE:
        return _("Say the place in %(number)d letters at most.") % {"number": LONGEST_PLACE}
    return ""


def read_line(asked: AskedFact, units: Units) -> LineRead:
    says = asked.answer.says if asked.answer else ""
    match asked.fact.part:
        case "reach":
            return read_figure(says, units)
        case "funding":
            return read_payment(asked, read_sum(says))
        case "partnerships":
            return read_role(asked, read_partner(says))
    return read_run(says)


def read_payment(asked: AskedFact, line: LineRead) -> LineRead:
    """Take who pays from a line, if it says so; else that is who paid before."""
    if not line.values.get("organisation"):
        return line
    known = KnownOrganisations([line.values["organisation"]])
    kind = put_organisation(line, known)
    if line.values.get("new_name"):
        ask_who_it_is(line, known)
        line.values.pop("new_name")
    put_kind_of_money(line, kind)
    return line


def read_role(asked: AskedFact, line: LineRead) -> LineRead:
    known = KnownOrganisations([line.values.get("organisation", "")])
    put_organisation(line, known)
    if line.values.get("new_name"):
        ask_who_it_is(line, known)
        line.values.pop("new_name")
    return line


# --- Writing --------------------------------------------------------------------------------------


class ChangeSender:
    """Sends the form of a record with what its sources say now."""

    def __init__(self, page: Any, request: HttpRequest, reason: str) -> None:
        self.page = page  # of programmes
        self.request = request
        self.reason = reason
        self.asks_why = False  # whether something is odd, and passes if it is said why it is right

    def send(
        self, record: Programme, changes: list[NewReading], once_saved: Callable[[int], None]
    ) -> bool:
        """Save changes, or keep them as a draft; if that cannot be, say at the facts why not."""
        again = make_request(self.request, self.reason)
        again.__dict__[ONCE_SAVED] = once_saved
        again.POST = self.fill_in(again, record, changes)
        response = self.page.changeform_view(again, str(record.pk))
        if response.status_code == 302:
            return True
        explain(response, changes, find_merge(again))
        self.asks_why = any(not fault.is_error for fault in again.__dict__.get("faults", ()))
        return False

    def fill_in(self, request: HttpRequest, record: Programme, changes: list[NewReading]) -> Any:
        """Return the form of a record as it is stored, with what has changed typed into it."""
        sent, formsets = write_stored_form(self.page, request, record)
        for change in changes:
            self.type_over(sent, change, formsets)
        sent.data[WHY] = read_why(self.request)
        if find_open_draft(record) is None:
            sent.data[SEND] = "1"  # a draft that others are writing is sent by them
        return sent.data

    def type_over(self, sent: Sent, change: NewReading, formsets: list[Any]) -> None:
        """Type what a source says now over what the form of the record holds."""
        row = find_form(change, formsets)
        change.row = str(row.prefix)
        for name, told in change.values.items():
            is_of_row = change.is_of_row or (name == "locator" and told)
            if is_of_row and name in row.fields:
                sent.data[f"{row.prefix}-{name}"] = told
            elif not change.is_of_row and name != "locator":
                sent.data[name] = told
        if change.prefix in FIGURES:
            answer = write_answer(FigureAnswer.NEWER, row.read_said())
            sent.data[f"{row.prefix}-happened"] = answer


def find_form(change: NewReading, formsets: Iterable[Any]) -> Any:
    """Return the form of the row of a fact that has changed."""
    rows = (row for one in formsets if one.prefix == change.prefix for row in one.initial_forms)
    return next(row for row in rows if row.instance.pk == change.asked.fact.row.pk)


# --- What keeps it from being saved ---------------------------------------------------------------


def explain(response: Any, changes: list[NewReading], merge: Any) -> None:
    """Say at the facts what keeps a form from being saved."""
    context = getattr(response, "context_data", None) or {}
    formsets = [one.formset for one in context.get("inline_admin_formsets", ())]
    rows = {str(row.prefix): row for one in formsets for row in one.forms}
    for change in changes:
        if change.is_of_row and change.row in rows:
            change.asked.errors += list_told(rows[change.row])
    if not any(change.asked.errors for change in changes):
        is_refused = merge is not None and merge.is_refused
        told = [word_merge()] if is_refused else list_hindrances(response)
        changes[0].asked.errors += told or [_("The form of the record cannot be saved.")]


def list_told(row: Any) -> Iterator[str]:
    """Yield what is wrong in the form of a row, as words alone."""
    if row.question:
        yield word_merge()
    elif getattr(row, "life", None) and row.life.is_open:
        yield _(
            "It counts something else than the record says, so it is not simply newer. Change it "
            "in the form of the record, which asks what has happened."
        )
    else:
        yield from (fault.text for fault in row.faults)
        known = {*row.asked, NON_FIELD_ERRORS} | {fault.field for fault in row.faults}
        for name, told in row.errors.items():
            question = row.asked.get(name)
            if isinstance(question, FieldQuestion):
                yield question.told
            elif name not in known:
                yield from map(str, told)


def word_merge() -> str:
    return _(
        "Somebody has written another change of this into the draft of the record. Open the draft, "
        "and choose there."
    )

"""Two steps of an import: what becomes of each row, with questions and problems, and confirming."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from programmes.models import ChangeDraft, Edit, Import, ImportedRow, Programme
from stemobs.admin.importing.filling import RowSender
from stemobs.admin.importing.reading import ASKED, ReadsFiles, read_answers
from stemobs.admin.importing.steps import MADE, list_sent
from stemobs.admin.suggestions.filling import get_page_of
from stemobs.catalogue.editing import edit
from stemobs.curation.importing.knowledge import remember_columns
from stemobs.curation.importing.making import RecordMaker, RowRefused
from stemobs.curation.importing.plans import (
    BOTH,
    DIFFERS,
    KEEP,
    LEAVE,
    NEW,
    ROW,
    TAKE,
    Fate,
    RowPlan,
)
from stemobs.curation.importing.shapes import (
    CellMeaning,
    FileColumn,
    FileRefused,
    TableQuestion,
)
from stemobs.curation.importing.sheets import CHECKED, FOR_ALL, SheetRead, read_sheet
from stemobs.curation.importing.telling import tell_cell, tell_plan

ON_A_PAGE = 100  # rows
CELL = "cell:"
FEW_ROWS = 3  # that a question names, besides their lines
FEW_OPTIONS = 5  # that are shown one below the other; more are a list to choose from
# Begin the keys of questions to which something else can be typed than is offered.
TYPED_ANSWERS = ("country:", "currency:", "language:", "letters:", "period:")
# Answers in words; all others are words that people chose or typed.
ANSWERS = {
    NEW: gettext_lazy("another programme"),
    LEAVE: gettext_lazy("left out"),
    KEEP: gettext_lazy("what the catalogue says"),
    TAKE: gettext_lazy("what the file says"),
    BOTH: gettext_lazy("both"),
}
SEEN = "_plan"  # the field that says which plan a page shows
READ_AS = "_read"  # the field that says how the file was read that a page shows
LONGEST_CELL = 2000  # characters of one that is mended


@dataclass(frozen=True)
class ShownCell:
    """A cell on the page of rows: what was understood, how it stood in the file, what is wrong."""

    column: FileColumn
    place: str  # the name of the field in which it can be mended
    told: str
    raw: str
    meaning: CellMeaning


@dataclass(frozen=True)
class ShownRow:
    """A row on the page of rows."""

    plan: RowPlan
    cells: list[ShownCell]
    told: str

    @property
    def faulty(self) -> list[ShownCell]:
        return [cell for cell in self.cells if cell.meaning.fault]


class PlansRows(ReadsFiles):
    """Shows what becomes of each row, takes answers, and makes drafts when it is confirmed."""

    def try_reading(self, request: HttpRequest, sheet: Import) -> SheetRead | None:
        try:
            return read_sheet(sheet)
        except FileRefused as refused:
            self.message_user(request, refused.told, messages.ERROR)
            return None

    def show_rows(self, request: HttpRequest, object_id: str) -> HttpResponse:
        sheet = self.find_sheet(request, object_id)
        if request.method == "POST":
            return self.take_answer(
                request,
                sheet,
                "rows",
                lambda locked: self.take_rows(request, locked),
                lambda locked: self.take_rows_late(request, locked),
            )
        read = self.try_reading(request, sheet)
        if read is None:
            return HttpResponseRedirect(self.find_address(sheet, "reading"))
        wanted = request.GET.get("fate", "")
        rows = [row for row in read.plan.rows if wanted in ("", row.fate)]
        page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("p"))
        columns = [one for one in read.columns if one.target not in ("ignore", CHECKED)]
        shown = [show_row(row, columns, read) for row in page]
        context = {
            **self.describe_step(request, sheet, "rows"),
            "columns": columns,
            "counts": list_counts(read),
            "wanted": wanted,
            "questions": [*list_questions(read)],
            "problems": [*self.list_problems(read, columns)],
            "rows": shown,
            "page": page,
            "answered": [*list_answered(sheet.answers, read.columns)],
            "faults": [*read.grid.faults, *read.table.faults],
            "read_as": mark_reading(sheet),
        }
        return TemplateResponse(request, "admin/programmes/import/rows.html", context)

    def list_problems(self, read: SheetRead, columns: list[FileColumn]) -> Iterator[ShownRow]:
        faulty = [row for row in read.plan.rows if row.fate is Fate.FAULT]
        for row in faulty[:ON_A_PAGE]:
            yield show_row(row, columns, read)

    def take_rows(self, request: HttpRequest, sheet: Import) -> HttpResponse:
        self.keep_answers(sheet, answers=read_answers_of_rows(request, sheet))
        return self.lead_on_from_rows(request, sheet)

    def take_rows_late(self, request: HttpRequest, sheet: Import) -> HttpResponse | None:
        """Keep answers to what nobody else has answered since, if the file is read as it was."""
        if request.POST.get(READ_AS) != mark_reading(sheet):
            return None
        sent = read_answers_of_rows(request, sheet)
        if sent == sheet.answers:
            return self.lead_on_from_rows(request, sheet)
        kept = {**sent, **sheet.answers}
        self.keep_answers(sheet, answers=kept)
        told = _("Somebody has changed this import meanwhile, and your answers are kept too.")
        if kept != sent:
            told = _(
                "Somebody has changed this import meanwhile. Where they answered otherwise than "
                "you, their answer stands. Your other answers are kept."
            )
        self.message_user(request, told, messages.WARNING)
        return HttpResponseRedirect(self.find_address(sheet, "rows"))

    def lead_on_from_rows(self, request: HttpRequest, sheet: Import) -> HttpResponse:
        step = "confirm" if "_next" in request.POST else "rows"
        return HttpResponseRedirect(self.find_address(sheet, step))

    # Confirming

    def show_confirm(self, request: HttpRequest, object_id: str) -> HttpResponse:
        sheet = self.find_sheet(request, object_id)
        if request.method == "POST":
            return self.take_answer(
                request,
                sheet,
                "confirm",
                lambda locked: self.confirm(request, locked),
                lambda locked: self.lead_to_made(request, locked),
            )
        read = self.try_reading(request, sheet)
        if read is None:
            return HttpResponseRedirect(self.find_address(sheet, "reading"))
        context = {
            **self.describe_step(request, sheet, "confirm"),
            "number": len(read.plan.list_drafted()),
            "told": list_outcomes(read),
            "digest": read.plan.digest(),
            "drafted": [show_row(row, [], read) for row in read.plan.list_drafted()],
        }
        return TemplateResponse(request, "admin/programmes/import/confirm.html", context)

    def confirm(self, request: HttpRequest, sheet: Import) -> HttpResponse:
        """Make the drafts, all or none, if they are what the page showed."""
        read = self.try_reading(request, sheet)
        if read is None or not read.plan.list_drafted():
            told = _("There is nothing to make a draft of.")
            self.message_user(request, told, messages.WARNING)
            return HttpResponseRedirect(self.find_address(sheet, "rows"))
        if request.POST.get(SEEN) != read.plan.digest():
            told = _(
                "The catalogue has changed after your preview. Look at the rows once more; nothing "
                "was written."
            )
            self.message_user(request, told, messages.WARNING)
            return HttpResponseRedirect(self.find_address(sheet, "confirm"))
        try:
            with transaction.atomic():
                number = self.make_drafts(request, sheet, read)
        except RowRefused as refused:
            words = {"line": refused.line, "told": refused.told}
            told = _("Line %(line)d: %(told)s Nothing was written.") % words
            self.message_user(request, told, messages.ERROR)
            return HttpResponseRedirect(self.find_address(sheet, "rows"))
        told = ngettext(
            "%(number)d draft was made from %(file)s. It waits for review.",
            "%(number)d drafts were made from %(file)s. They wait for review.",
            number,
        )
        self.message_user(request, told % {"number": number, "file": sheet}, messages.SUCCESS)
        return HttpResponseRedirect(self.find_address(sheet, "batch"))

    def lead_to_made(self, request: HttpRequest, sheet: Import) -> HttpResponse | None:
        """Lead a second click to the drafts that were made; None if there are none."""
        if sheet.state not in MADE:
            return None
        self.message_user(request, _("The drafts are made already."), messages.INFO)
        return HttpResponseRedirect(self.find_address(sheet, "batch"))

    def make_drafts(self, request: HttpRequest, sheet: Import, read: SheetRead) -> int:
        """Make a draft of each row that becomes one, and note which; return how many."""
        plans = read.plan.list_drafted()
        words = {"file": sheet.file_name, "sender": sheet.sender}
        reason = _("Imported from %(file)s, sent by %(sender)s") % words
        with edit(Edit.Kind.CURATOR, request.user, reason):
            maker = RecordMaker(sheet)
            made = {
                plan.line: maker.make_record(plan.line, plan.name, plan.facts)
                for plan in plans
                if plan.record is None
            }
            for plan in plans:
                for partner, _in_role in plan.facts.partners:
                    maker.find_organisation(partner)
        sender = RowSender(get_page_of(Programme), request, maker, reason)
        for plan in plans:
            record = plan.record or made[plan.line]
            if plan.record is not None:
                sender.send(plan)
            draft = ChangeDraft.objects.filter(programme=record, state__in=ChangeDraft.OPEN)
            ImportedRow.objects.create(
                sheet=sheet,
                line=plan.line,
                says=plan.says,
                programme=record,
                draft=draft.first() if plan.record else None,
                is_new=plan.record is None,
                told=tell_plan(plan, read.terms)[:2000],
            )
        remember_columns(read.columns)
        self.keep_answers(sheet, state=Import.State.DRAFTED, source=maker.source)
        return len(plans)


def mark_reading(sheet: Import) -> str:
    """Return a mark of how a file is read: with another one, a column may be another too."""
    told = json.dumps([sheet.choices, sheet.columns], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def read_answers_of_rows(request: HttpRequest, sheet: Import) -> dict[str, Any]:
    """Return the answers of an import with those that were sent, and the cells that were mended."""
    answers, sent = read_answers(request, sheet), dict(list_sent(request))
    for name, value in sent.items():
        if name.startswith(CELL) and sent.get(f"was:{name}") != value:
            answers[name] = value[:LONGEST_CELL]
        elif name.startswith(ROW) and value == LEAVE:
            answers[name] = LEAVE
    return answers


def show_row(plan: RowPlan, columns: list[FileColumn], read: SheetRead) -> ShownRow:
    """Return a row as the page shows it."""
    cells = []
    for column in columns:
        meaning = plan.meaning.cells.get(column.place) or CellMeaning("")
        told = tell_cell(column.target, meaning.facts, read.terms)
        place = f"{CELL}{plan.line}:{column.place}"
        cells.append(ShownCell(column, place, told, meaning.raw, meaning))
    is_told = plan.fate in (Fate.NEW, Fate.CHANGES)
    return ShownRow(plan, cells, tell_plan(plan, read.terms) if is_told else "")


def list_questions(read: SheetRead) -> Iterator[tuple[TableQuestion, bool, bool, str]]:
    """Yield the questions: whether each has many options, takes words, and which rows it names."""
    names = {row.line: row.name for row in read.plan.rows}
    for one in read.plan.questions:
        has_many = len(one.options) > FEW_OPTIONS
        named = [names[line] for line in one.lines if names.get(line)]
        is_told = one.key.startswith((ROW, DIFFERS)) or len(one.lines) > FEW_ROWS
        told = "" if is_told else ", ".join(named)
        yield one, has_many, one.key.startswith(TYPED_ANSWERS), told


def list_counts(read: SheetRead) -> list[tuple[str, str, int]]:
    """Return how many rows there are of each fate, all of them first."""
    counts = read.plan.count()
    told = [
        (fate.value, name_fate(fate, number), number) for fate, number in counts.items() if number
    ]
    return [("", _("all"), len(read.plan.rows)), *told]


def name_fate(fate: Fate, number: int) -> str:
    """Return how rows of a fate are counted."""
    if fate is Fate.ASKED:
        return ngettext("with a question", "with questions", number)
    if fate is Fate.FAULT:
        return ngettext("with a problem", "with problems", number)
    if fate is Fate.CHANGES:
        return ngettext("changes a record", "change a record", number)
    return str(fate.label)


def list_outcomes(read: SheetRead) -> list[str]:
    """Return in sentences what becomes of the rows."""
    counts = read.plan.count()
    words = {
        Fate.NEW: ngettext("%d new record", "%d new records", counts[Fate.NEW]),
        Fate.CHANGES: ngettext(
            "%d change of a record", "%d changes of records", counts[Fate.CHANGES]
        ),
        Fate.SAME: ngettext(
            "%d row says what we have and adds nothing",
            "%d rows say what we have and add nothing",
            counts[Fate.SAME],
        ),
        Fate.DRAFTED: ngettext(
            "%d row has a draft already", "%d rows have a draft already", counts[Fate.DRAFTED]
        ),
        Fate.LEFT: ngettext(
            "%d row is left out, as you chose",
            "%d rows are left out, as you chose",
            counts[Fate.LEFT],
        ),
        Fate.ASKED: ngettext(
            "%d row with a question stays here and can follow",
            "%d rows with questions stay here and can follow",
            counts[Fate.ASKED],
        ),
        Fate.FAULT: ngettext(
            "%d row with a problem stays here and can follow",
            "%d rows with problems stay here and can follow",
            counts[Fate.FAULT],
        ),
    }
    return [told % counts[fate] for fate, told in words.items() if counts[fate]]


def list_answered(
    answers: Mapping[str, Any], columns: list[FileColumn]
) -> Iterator[tuple[str, str, str]]:
    """Yield what was answered so far, to be taken back: its key, what was asked, and the answer."""
    for key, value in answers.items():
        if value and not key.startswith((ASKED, FOR_ALL)):
            asked = answers.get(f"{ASKED}{key}") or name_place(key, columns)
            yield key, asked, str(ANSWERS.get(str(value), value))


def name_place(key: str, columns: list[FileColumn]) -> str:
    """Return what an answer is about that no question asked for: a cell, a row."""
    kind, _colon, rest = key.partition(":")
    line, _colon, place = rest.partition(":")
    if kind == "row":
        return _("Line %(line)s:") % {"line": line}
    name = next((one.name for one in columns if str(one.place) == place), "")
    if kind == "cell" and name:
        return _("Line %(line)s, column “%(column)s”:") % {"line": line, "column": name}
    return key

"""Two steps of an import: how the file was read, and what each of its columns becomes."""

from itertools import islice
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from programmes.columns.texts import clean_line
from programmes.models import Import
from stemobs.admin.importing.steps import MADE, StepPages, list_sent
from stemobs.admin.lists import ID
from stemobs.curation.importing.files.encodings import KNOWN
from stemobs.curation.importing.shapes import TARGETS, FileColumn, FileRefused, FileTable
from stemobs.curation.importing.sheets import FILLED, FOR_ALL, OpenedSheet, open_sheet
from stemobs.curation.importing.targets import name_targets

SHOWN = 6  # lines of a file
VALUES = 3  # of a column
LONGEST_SHEET = 100  # letters of its name; workbooks have 31 at most
LABELS = {
    "utf-8": "UTF-8",
    "cp1252": "Windows-1252 (Western Europe)",
    "cp1250": "Windows-1250 (Central Europe)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1257": "Windows-1257 (Baltic)",
    "iso-8859-1": "ISO 8859-1 (Western Europe)",
    "iso-8859-2": "ISO 8859-2 (Central Europe)",
    "iso-8859-15": "ISO 8859-15 (Western Europe, €)",
    "cp850": "DOS 850 (Western Europe)",
    "cp852": "DOS 852 (Central Europe)",
    "mac_roman": "Mac Roman",
}
# Those by which a text can be read; a few have no name that people know better.
ENCODINGS = {name: LABELS.get(name, name.upper()) for name in KNOWN.values()}
DELIMITERS = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}
COLUMN, LINE, ANSWER, TYPED, FORGET = "column:", "line:", "answer:", "typed:", "forget:"
ASKED = "asked:"  # begins the names of fields, and of what is kept, that say what was asked
LONGEST_ANSWER = 500


class ReadsFiles(StepPages):
    """Shows how a file was read, and what its columns become; both can be chosen otherwise."""

    # How it was read

    def show_reading(self, request: HttpRequest, object_id: str) -> HttpResponse:
        sheet = self.find_sheet(request, object_id)
        if request.method == "POST":
            return self.take_answer(
                request,
                sheet,
                "reading",
                lambda locked: self.take_reading(request, locked),
                lambda locked: self.take_reading_late(request, locked),
            )
        opened, refused = self.try_opening(sheet)
        context = {
            **self.describe_step(request, sheet, "reading"),
            "opened": opened,
            "refused": refused,
            "lines": list_first_lines(opened),
            "encodings": list_encodings(opened),
            "delimiters": [(mark, name_delimiter(mark)) for mark in DELIMITERS],
            "faults": [*opened.grid.faults, *opened.table.faults] if opened else [],
            "notices": [*opened.grid.notices, *opened.table.notices] if opened else [],
            "broken": sheet.choices.get("lines", {}),
        }
        return TemplateResponse(request, "admin/programmes/import/reading.html", context)

    def try_opening(self, sheet: Import) -> tuple[OpenedSheet | None, str]:
        try:
            return open_sheet(sheet), ""
        except FileRefused as refused:
            return None, refused.told

    def take_reading(self, request: HttpRequest, sheet: Import) -> HttpResponse:
        if "_aside" in request.POST and sheet.state not in MADE:  # drafts that wait are not left
            return self.set_aside(request, sheet)
        before, _refused = self.try_opening(sheet)
        is_aside = sheet.state == Import.State.ASIDE
        state = Import.State.READING if is_aside else sheet.state
        self.keep_answers(sheet, choices=read_choices(request, sheet), state=state)
        opened, _refused = self.try_opening(sheet)
        if opened and not (before and name_place(opened) == name_place(before)):
            self.forget_columns(request, sheet)
        return self.lead_on_from_reading(request, sheet)

    def take_reading_late(self, request: HttpRequest, sheet: Import) -> HttpResponse | None:
        """Lead on if the file is read as was chosen already."""
        if sheet.state == Import.State.ASIDE and "_aside" in request.POST:
            return self.lead_to_list()
        if sheet.choices != read_choices(request, sheet):
            return None
        return self.lead_on_from_reading(request, sheet)

    def lead_on_from_reading(self, request: HttpRequest, sheet: Import) -> HttpResponse:
        opened, refused = self.try_opening(sheet)
        if refused:
            self.message_user(request, refused, messages.ERROR)
        goes_on = "_next" in request.POST and opened
        return HttpResponseRedirect(self.find_address(sheet, "columns" if goes_on else "reading"))

    def forget_columns(self, request: HttpRequest, sheet: Import) -> None:
        """Forget what was said of columns by their places, as others stand there now."""
        kept = {key: one for key, one in sheet.answers.items() if key.startswith(FOR_ALL)}
        if sheet.columns or kept != sheet.answers:
            told = _("The columns are others now. Say again what they are.")
            self.message_user(request, told, messages.WARNING)
            self.keep_answers(sheet, columns={}, answers=kept)

    def set_aside(self, request: HttpRequest, sheet: Import) -> HttpResponse:
        self.keep_answers(sheet, state=Import.State.ASIDE)
        told = _("“%(name)s” is set aside. It stays in the list.") % {"name": sheet}
        self.message_user(request, told, messages.SUCCESS)
        return self.lead_to_list()

    def lead_to_list(self) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:programmes_import_changelist"))

    # Columns

    def show_columns(self, request: HttpRequest, object_id: str) -> HttpResponse:
        sheet = self.find_sheet(request, object_id)
        opened, refused = self.try_opening(sheet)
        if opened is None:
            self.message_user(request, refused, messages.ERROR)
            return HttpResponseRedirect(self.find_address(sheet, "reading"))
        if request.method == "POST":
            return self.take_answer(
                request,
                sheet,
                "columns",
                lambda locked: self.take_columns(request, locked),
                lambda locked: self.take_columns_late(request, locked),
            )
        told = {column.target for column in opened.columns}
        context = {
            **self.describe_step(request, sheet, "columns"),
            "opened": opened,
            "columns": [
                (
                    column,
                    list_first_values(opened.table, column),
                    sheet.answers.get(f"{COLUMN}{column.place}", ""),
                )
                for column in opened.columns
            ],
            "targets": name_targets(),
            "fillings": list_fillings(opened, told, sheet.answers),
            "has_name": "name" in told,
            "doubtful": count_doubtful(opened, sheet.answers),
        }
        return TemplateResponse(request, "admin/programmes/import/columns.html", context)

    def take_columns(self, request: HttpRequest, sheet: Import) -> HttpResponse:
        opened, _refused = self.try_opening(sheet)
        chosen, answers = read_columns(request, sheet, opened)
        self.keep_answers(sheet, columns=chosen, answers=answers)
        return self.lead_on_from_columns(request, sheet)

    def take_columns_late(self, request: HttpRequest, sheet: Import) -> HttpResponse | None:
        """Lead on if the columns are what was chosen already."""
        opened, _refused = self.try_opening(sheet)
        if (sheet.columns, sheet.answers) != read_columns(request, sheet, opened):
            return None
        return self.lead_on_from_columns(request, sheet)

    def lead_on_from_columns(self, request: HttpRequest, sheet: Import) -> HttpResponse:
        if "name" not in sheet.columns.values():
            told = _("One column has to be the name of the programme. Choose it.")
            self.message_user(request, told, messages.ERROR)
            return HttpResponseRedirect(self.find_address(sheet, "columns"))
        return HttpResponseRedirect(self.find_address(sheet, "rows"))


def read_choices(request: HttpRequest, sheet: Import) -> dict[str, Any]:
    """Return how a file is to be read, as was sent."""
    told = dict(list_sent(request))
    lines = {
        name.removeprefix(LINE): value[:LONGEST_ANSWER]
        for name, value in told.items()
        if name.startswith(LINE) and ID.fullmatch(name.removeprefix(LINE))
    }
    header = told.get("header", "").strip()
    return {
        "encoding": told.get("encoding", "") if told.get("encoding") in ENCODINGS else "",
        "delimiter": told.get("delimiter", "") if told.get("delimiter") in DELIMITERS else "",
        "sheet": told.get("sheet", "")[:LONGEST_SHEET],
        "header": int(header) if ID.fullmatch(header) else 0,
        "lines": {**sheet.choices.get("lines", {}), **lines},
    }


def read_columns(
    request: HttpRequest, sheet: Import, opened: OpenedSheet | None
) -> tuple[dict[str, str], dict[str, Any]]:
    """Return what each column becomes, as was sent, and the answers with those about columns."""
    sent = dict(list_sent(request))
    chosen = {
        name.removeprefix(COLUMN): value
        for name, value in sent.items()
        if name.startswith(COLUMN) and value in TARGETS
    }
    answers = read_answers(request, sheet)
    for column in opened.columns if opened else ():
        key = f"{COLUMN}{column.place}"
        is_other = chosen.get(str(column.place), column.target) != column.target
        is_unticked = f"{ASKED}{key}" in sent and f"{ANSWER}{key}" not in sent
        # Who chooses something else has answered what was asked about the column.
        if is_other or is_unticked:
            answers.pop(key, None)
            answers.pop(f"{ASKED}{key}", None)
    for target in FILLED:
        answers[f"{FOR_ALL}{target}"] = sent.get(f"{FOR_ALL}{target}", "")[:LONGEST_ANSWER]
    return chosen, answers


def name_place(opened: OpenedSheet) -> tuple[object, ...]:
    """Return where in its file a table stands, and what stands between its columns."""
    return opened.grid.sheet, opened.grid.delimiter, opened.table.header_line


def read_answers(request: HttpRequest, sheet: Import) -> dict[str, Any]:
    """Return the answers of an import with those that were sent; forgotten ones are gone."""
    answers, sent = dict(sheet.answers), dict(list_sent(request))
    for name, value in sent.items():
        if name.startswith(ANSWER) and value:
            answers[name.removeprefix(ANSWER)] = value[:LONGEST_ANSWER]
    for name, value in sent.items():
        if name.startswith(TYPED) and (typed := clean_line(value)):
            answers[name.removeprefix(TYPED)] = typed[:LONGEST_ANSWER]
    for name, value in sent.items():
        if name.startswith(ASKED) and name.removeprefix(ASKED) in answers:
            answers[name] = clean_line(value)[:LONGEST_ANSWER]
    for name in sent:
        if name.startswith(FORGET):
            key = name.removeprefix(FORGET)
            answers.pop(key, None)
            answers.pop(f"{ASKED}{key}", None)
    return answers


def list_first_lines(opened: OpenedSheet | None) -> list[tuple[int, bool, list[str]]]:
    """Return the first lines of a file with their numbers, and which of them is the header."""
    if opened is None:
        return []
    header = opened.table.header_line
    rows = [line for line in opened.grid.lines if line.number >= header - 2]
    return [
        (line.number, line.number == header, [cell.text for cell in line.cells])
        for line in rows[:SHOWN]
    ]


def list_first_values(table: FileTable, column: FileColumn) -> str:
    values = (row.cells[column.place].text for row in table.rows if column.place < len(row.cells))
    return " · ".join(islice(dict.fromkeys(filter(None, values)), VALUES))


def list_encodings(opened: OpenedSheet | None) -> list[tuple[str, str]]:
    """Return the encodings that can be chosen, those that are as likely first."""
    likely = [opened.grid.encoding, *opened.grid.encodings] if opened else []
    names = [*(one for one in likely if one in ENCODINGS), *ENCODINGS]
    return [(one, ENCODINGS[one]) for one in dict.fromkeys(names)]


def name_delimiter(mark: str) -> str:
    names = {";": _("semicolon"), ",": _("comma"), "\t": _("tab"), "|": _("bar")}
    return names[mark]


def count_doubtful(opened: OpenedSheet, answers: dict[str, Any]) -> int:
    """Return how many columns are only suggested, and confirmed by nobody."""
    return sum(
        column.certainty == "suggested"
        and column.question is not None
        and f"{COLUMN}{column.place}" not in answers
        for column in opened.columns
    )


def list_fillings(
    opened: OpenedSheet, told: set[str], answers: dict[str, Any]
) -> list[tuple[str, str, list[tuple[str, str]], str]]:
    """Return what can be filled in for all rows, because the file does not say it."""
    names = dict(name_targets())
    terms = {
        "country": opened.terms.countries,
        "level": opened.terms.levels,
        "kind": opened.terms.kinds,
        "audience": opened.terms.audiences,
    }
    return [
        (f"{FOR_ALL}{one}", names[one], [*terms[one].items()], answers.get(f"{FOR_ALL}{one}", ""))
        for one in FILLED
        if one not in told
    ]

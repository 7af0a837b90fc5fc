"""The sections of a record's form: its fields and its facts, in the order of the public page."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin.utils import flatten_fieldsets
from django.utils.functional import Promise

from stemobs.admin.checking.problems import is_deleted
from stemobs.admin.drafts.comments import find_place_of_row
from stemobs.admin.record.reading import LINES, FormRead
from stemobs.admin.record.sentences import write_sentence, write_source
from stemobs.admin.record.sources import PREFIX, list_named_on

# Fields of a row that are shown only while they hold something.
OF_NEW = ("address", "title", "publisher", "new_name", "new_type")
Text = str | Promise


@dataclass(frozen=True)
class Section:
    """A section as a page declares it."""

    slug: str
    title: Text
    fieldsets: tuple[Text, ...] = ()  # by their names
    prefixes: tuple[str, ...] = ()  # of rows


@dataclass(frozen=True)
class Lines:
    """How the lines for some rows are asked for."""

    label: Text
    button: Text
    example: str
    help: Text
    rows: int = 3


@dataclass
class FactRow:
    """A row of a form, as it is drawn: a sentence that opens to its fields."""

    shown: Any  # Django's InlineAdminForm
    prefix: str
    sentence: str = ""
    source: str = ""
    number: int = 0  # of a source in the record
    is_open: bool = False
    lands: bool = False  # whether the page opens at it
    comments: Sequence[Any] = ()  # what somebody said about it

    @property
    def is_wrong(self) -> bool:
        return bool(self.shown.form.errors) and not is_deleted(self.shown.form)

    @property
    def fieldsets(self) -> list[Any]:
        return [open_if_wrong(one) for one in self.shown]

    @property
    def new_fields(self) -> list[Any]:
        """The fields of a source or an organisation that is new, if the row has one."""
        form = self.shown.form
        placed = flatten_fieldsets(self.shown.fieldsets)
        names = [name for name in OF_NEW if name in form.fields and name not in placed]
        is_new = any(form[name].value() for name in names)
        shown = [form[name] for name in names if not form[name].is_hidden]
        return shown if is_new else []

    @property
    def hidden_fields(self) -> list[Any]:
        form = self.shown.form
        names = ("written", "key", *OF_NEW)
        hidden = [form[name] for name in names if name in form.fields and form[name].is_hidden]
        return [one for one in hidden if one.value()]


@dataclass
class Facts:
    """The rows of one kind in a section."""

    shown: Any  # Django's InlineAdminFormSet
    rows: list[FactRow]
    others: list[FactRow] = field(default_factory=list)  # that stand apart, folded away
    blank: FactRow | None = None
    lines: Lines | None = None
    unread: str = ""
    lands: bool = False  # whether the page opens in the box for lines

    @property
    def prefix(self) -> str:
        return str(self.shown.formset.prefix)

    @property
    def lines_name(self) -> str:
        return f"{LINES}{self.prefix}"

    @property
    def number(self) -> int:
        return len(self.rows) + len(self.others)

    @property
    def has_errors(self) -> bool:
        told = self.shown.formset.is_bound and self.shown.formset.non_form_errors()
        return bool(told) or any(row.is_wrong for row in (*self.rows, *self.others))

    @property
    def others_are_open(self) -> bool:
        return any(row.is_open for row in self.others)


@dataclass
class DrawnSection:
    """A section of the page, as it is drawn."""

    slug: str
    title: Text
    fieldsets: list[Any]
    facts: list[Facts]

    @property
    def number(self) -> int:
        return sum(one.number for one in self.facts)

    @property
    def has_errors(self) -> bool:
        lines = (line for one in self.fieldsets for line in one)
        return any(one.has_errors for one in self.facts) or any(line.errors() for line in lines)

    @property
    def first_fault(self) -> str:
        """The id of the first row with an error or a question, else that of the section."""
        rows = (row for one in self.facts for row in (*one.rows, *one.others))
        wrong = (row.prefix for row in rows if row.is_wrong)
        return next(wrong, self.slug)


def build_parts(
    sections: Iterable[Section],
    lines: Mapping[str, Lines],
    context: Mapping[str, Any],
    reading: FormRead | None,
) -> Iterator[DrawnSection]:
    """Yield the sections of a page with their fields and rows."""
    fieldsets = {str(one.name): one for one in context["adminform"]}
    formsets = {one.formset.prefix: one for one in context["inline_admin_formsets"]}
    beside = context.get("beside", {})
    numbers = number_sources(formsets.get(PREFIX))
    for section in sections:
        names = [str(name) for name in section.fieldsets if str(name) in fieldsets]
        shown = [open_if_wrong(fieldsets[name]) for name in names]
        facts = [
            build_facts(formsets[prefix], numbers, lines.get(prefix), reading, beside)
            for prefix in section.prefixes
            if prefix in formsets
        ]
        if shown or facts:
            yield DrawnSection(section.slug, section.title, shown, facts)


def number_sources(shown: Any) -> dict[str, int]:
    named = list_named_on(shown.formset) if shown else []
    return {one: number for number, one in enumerate(named, 1)}


def build_facts(
    shown: Any,
    numbers: Mapping[str, int],
    lines: Lines | None,
    reading: FormRead | None,
    beside: Mapping[str, Sequence[Any]],  # comments on a draft, by the places of rows
) -> Facts:
    formset = shown.formset
    facts = Facts(shown, [])
    told: set[int] = set()
    for index, one in enumerate(shown):
        if one.form.prefix.endswith("__prefix__"):
            facts.blank = FactRow(one, f"{formset.prefix}-empty", is_open=True)
            continue
        row = FactRow(one, f"{formset.prefix}-{index}", write_sentence(one.form))
        row.comments = beside.get(find_place_of_row(formset.prefix, one.form), ())
        row.is_open = is_open(one) or bool(row.comments)
        if formset.prefix == PREFIX:
            place_source(facts, row, numbers, told)
        else:
            row.source = write_source(one.form, numbers)
            facts.rows.append(row)
    if lines and shown.has_add_permission:
        facts.lines = lines
        facts.unread = reading.data.get(facts.lines_name, "") if reading else ""
    return facts


def place_source(facts: Facts, row: FactRow, numbers: Mapping[str, int], told: set[int]) -> None:
    """Put a source of the record among its sources, and what a single field rests on apart."""
    form = row.shown.form
    named = form["source"].value() or form["address"].value()
    number = numbers.get(str(getattr(named, "pk", named)), 0)
    is_first = bool(number) and number not in told
    if form["field"].value() == "entry" or row.is_open or is_first:
        row.number = number if is_first else 0
        told.add(number)
        facts.rows.append(row)
    else:
        row.source = f"S{number}" if number else ""
        facts.others.append(row)


def open_if_wrong(fieldset: Any) -> Any:
    """Let a fieldset not be folded away while something is wrong or asked in it.

    Django itself looks only at fields that stand alone in their lines.
    """
    if fieldset.is_collapsible and any(line.errors() for line in fieldset):
        fieldset.is_collapsible = False
    return fieldset


def is_open(shown: Any) -> bool:
    """Whether a row stands open: it is new, was changed, or something is wrong or asked."""
    form = shown.form
    if getattr(form, "is_proposed", False):  # a reader suggests another value
        return True
    if form.is_bound:
        return bool(form.errors) or form.has_changed()
    return shown.original is None

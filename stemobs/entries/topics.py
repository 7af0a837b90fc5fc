"""The topics of a comparison: for each row, the label and the lines that a programme gets."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import NamedTuple

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partnerships.models import CriterionAssessment, Partnership
from programmes.models import (
    Citation,
    Evaluation,
    Field,
    Programme,
    Reach,
    TakingPart,
)
from stemobs.entries import wording
from stemobs.entries.basis import NOT_STATED
from stemobs.entries.entry import Entry
from stemobs.entries.findings import list_all_studies, tell_in_short
from stemobs.selection.facets import Label

Ways = TakingPart.Audience


class ComparedLine(NamedTuple):
    """A line of a cell: a text such as “over 4,500”, a note such as the year, and a link."""

    text: str
    note: str = ""
    url: str = ""

    def __str__(self) -> str:
        return f"{self.text} ({self.note})" if self.note else self.text

    @property
    def told(self) -> tuple[str, str]:
        """The text and the note, without the link: what is compared between programmes."""
        return self.text, self.note


@dataclass(frozen=True)
class ComparedCell:
    """The lines of one programme in a row; `absent` is shown if there are none."""

    programme: Programme
    lines: tuple[ComparedLine, ...]
    absent: str

    @property
    def told(self) -> tuple[tuple[str, str], ...]:
        return tuple(line.told for line in self.lines)

    @property
    def texts(self) -> set[str]:
        return {line.text for line in self.lines}

    def __str__(self) -> str:
        return "; ".join(map(str, self.lines)) or self.absent


@dataclass(frozen=True)
class ComparedRow:
    """A row of a comparison: a topic, with a cell for each programme."""

    key: str
    label: Label
    cells: tuple[ComparedCell, ...]
    note: Label = ""
    is_list: bool = False

    @property
    def options(self) -> list[str]:
        """All distinct texts in a row of lists, each once; the page aligns equal ones."""
        told = (line.text for cell in self.cells for line in cell.lines)
        return list(dict.fromkeys(told)) if self.is_list else []

    @property
    def differs(self) -> bool:
        """Whether two programmes have lines that are not the same."""
        return len({cell.told for cell in self.cells if cell.lines}) > 1

    @property
    def is_partial(self) -> bool:
        """Whether only some programmes have lines, and these are all the same."""
        return not self.differs and len({bool(cell.lines) for cell in self.cells}) > 1

    @property
    def is_same(self) -> bool:
        return not self.differs and not self.is_partial


Lines = Iterable[ComparedLine]


def tell_text(value: str) -> Lines:
    if value:
        yield ComparedLine(value)


def tell_names(terms: Iterable[object]) -> Lines:
    return (ComparedLine(str(term)) for term in terms)


def tell_levels(programme: Programme) -> Lines:
    yield from tell_names(programme.levels.all())
    if programme.is_vocational:
        yield ComparedLine(_("Vocational education"))


def places(programme: Programme) -> Lines:
    countries = programme.countries.all()
    return tell_names(countries) if countries else tell_text(programme.countries_note)


def tell_times(programme: Programme) -> Lines:
    return tell_text(wording.format_years(programme.year_start, programme.year_end))


def tell_status(programme: Programme) -> Lines:
    if programme.status != Programme.Status.UNKNOWN:
        year = programme.status_as_of
        note = _("as of {year}").format(year=year) if year else ""
        yield ComparedLine(str(programme.get_status_display()), note)


def tell_duration(programme: Programme) -> Lines:
    if Entry(programme).basis(Field.DURATION) != NOT_STATED:
        yield from tell_text(str(programme.get_duration_display()))


def tell_evidence(programme: Programme) -> Lines:
    yield ComparedLine(tell_in_short(programme.evaluations.all()))


def tell_evaluations(programme: Programme) -> Lines:
    for row in list_all_studies(programme.evaluations.all()):
        note = ", ".join(filter(None, [describe_evaluator(row), str(row.year or "")]))
        yield ComparedLine(describe_study(row), note, build_part_url(programme, "evaluation"))


def describe_study(row: Evaluation) -> str:
    """Return design and result, and what was looked at if that is not the programme itself."""
    told = f"{row.get_design_display()}: {row.get_result_display()}"
    return told if row.counts else f"{told} ({row.get_object_display()})"


def describe_evaluator(row: Evaluation) -> str:
    return row.evaluator or str(row.get_independence_display())


def tell_findings(programme: Programme) -> Lines:
    for row in list_all_studies(programme.evaluations.all()):
        if row.finding:
            yield ComparedLine(row.finding, str(row.year or ""))


def tell_ways_in(audience: str, programme: Programme) -> Lines:
    """Yield how one kind of people joins, with a note where the programme is not open to them."""
    for row in programme.taking_part.all():
        if row.audience == audience and (told := row.how or row.who_may_join):
            note = "" if row.is_opening else _("not open now, as far as we know")
            yield ComparedLine(told, note, build_part_url(programme, "take-part"))


def tell_of_ways_in(name: str, programme: Programme) -> Lines:
    """Yield the cost or the time of every way in, with whom it concerns."""
    for row in programme.taking_part.all():
        if text := getattr(row, name):
            yield ComparedLine(text, str(row.get_audience_display()).lower())


def tell_criteria(programme: Programme) -> Lines:
    """Yield one line for each verdict with the names of its criteria; they are not counted."""
    verdicts = CriterionAssessment.Verdict.values
    rows = sorted(programme.assessments.all(), key=lambda row: verdicts.index(row.verdict))
    for verdict, same in groupby(rows, CriterionAssessment.get_verdict_display):
        told = ", ".join(row.criterion.name for row in same)
        yield ComparedLine(str(verdict), told, build_part_url(programme, "good-practice"))


def tell_reach(programme: Programme, unit: str) -> Lines:
    for row in programme.reach.all():
        if row.unit.slug == unit:
            yield make_reach_line(programme, row)


def make_reach_line(programme: Programme, row: Reach) -> ComparedLine:
    figure = wording.format_figure(row.qualifier, row.value, row.value_max)
    when = wording.format_reach_time(row) or _("undated")
    return ComparedLine(
        figure, ", ".join(filter(None, [row.unit_detail, when])), build_part_url(programme, "reach")
    )


def tell_payers(programme: Programme) -> Lines:
    return tell_names(
        dict.fromkeys(row.get_source_type_display() for row in programme.funding.all())
    )


def tell_amounts(programme: Programme) -> Lines:
    for row in programme.funding.all():
        if row.amount is not None:
            amount = wording.format_money(row.currency, row.qualifier, row.amount, row.amount_max)
            facts = [
                row.get_basis_display(),
                row.basis_detail,
                wording.format_period(row) or _("undated"),
            ]
            note = ", ".join(str(fact) for fact in facts if fact)
            yield ComparedLine(amount, note, build_part_url(programme, "funding"))


def tell_runners(programme: Programme) -> Lines:
    for row in programme.partnerships.all():
        if row.role == Partnership.Role.COORDINATOR:
            yield ComparedLine(row.organisation.name, url=row.organisation.get_absolute_url())


def tell_lineage(programme: Programme) -> Lines:
    entry = Entry(programme)
    entry.lineage = [*programme.lineage.all(), *programme.lineage_in.all()]
    for label, other, row in entry.relations:
        note = ", ".join(filter(None, [str(label), str(row.year or "")]))
        yield ComparedLine(str(other), note, build_part_url(programme, "lineage"))


def build_part_url(programme: Programme, name: str) -> str:
    """Return the address of a section of a programme's page."""
    return f"{programme.get_absolute_url()}#{name}"


NOT_RECORDED = gettext_lazy("Not recorded")


@dataclass(frozen=True)
class Topic:
    """The definition of a row: its label, and a function that returns a programme's lines."""

    key: str
    label: Label
    lines: Callable[[Programme], Lines]
    note: Label = ""
    absent: Label = NOT_RECORDED
    # The field of a citation in which a source may declare that this part is not available.
    field: str = ""
    is_list: bool = False

    def make_row(self, programmes: Iterable[Programme]) -> ComparedRow:
        cells = tuple(self.make_cell(programme) for programme in programmes)
        return ComparedRow(self.key, self.label, cells, self.note, self.is_list)

    def make_cell(self, programme: Programme) -> ComparedCell:
        lines = tuple(self.lines(programme))
        return ComparedCell(programme, lines, "" if lines else self.explain_absence(programme))

    def explain_absence(self, programme: Programme) -> str:
        declared = Citation.Basis.DECLARED_NOT_AVAILABLE
        bases = (citation.basis for citation in Entry(programme).citations_by_field[self.field])
        return _("Declared not available by its source") if declared in bases else str(self.absent)


WHAT_IT_IS = (
    Topic("summary", gettext_lazy("In short"), lambda p: tell_text(p.summary)),
    Topic(
        "kinds", gettext_lazy("Kind of initiative"), lambda p: tell_names(p.kinds.all()),
        field=Field.KINDS, is_list=True,
    ),
    Topic("levels", gettext_lazy("Education levels"), tell_levels, field=Field.LEVELS),
    Topic(
        "factors", gettext_lazy("Works on"), lambda p: tell_names(p.factors.all()),
        note=gettext_lazy("career factors"), field=Field.FACTORS, is_list=True,
    ),
    Topic(
        "audiences", gettext_lazy("Audience"), lambda p: tell_names(p.audiences.all()),
        field=Field.AUDIENCES, is_list=True,
    ),
    Topic("countries", gettext_lazy("Where"), places, field=Field.COUNTRIES),
    Topic("years", gettext_lazy("When"), tell_times, field=Field.YEAR_START),
    Topic("status", gettext_lazy("Status"), tell_status, field=Field.STATUS),
    Topic(
        "duration", gettext_lazy("How long a participant is involved"),
        tell_duration, field=Field.DURATION,
    ),
    Topic(
        "record", gettext_lazy("Record type"), lambda p: tell_text(str(p.get_record_type_display()))
    ),
)  # fmt: skip
DOES_IT_WORK = (
    Topic("evidence", gettext_lazy("Evidence"), tell_evidence),
    Topic(
        "evaluations", gettext_lazy("What was evaluated"), tell_evaluations,
        note=gettext_lazy("and by whom"), field=Field.EVALUATION,
    ),
    Topic("findings", gettext_lazy("Findings"), tell_findings),
    Topic("impact", gettext_lazy("Impact"), lambda p: tell_text(p.impact), field=Field.IMPACT),
    Topic(
        "criteria", gettext_lazy("Good-practice criteria"), tell_criteria,
        absent=gettext_lazy("Not assessed"),
    ),
)  # fmt: skip
WHAT_IT_TAKES = (
    Topic("schools", gettext_lazy("How schools take part"), partial(tell_ways_in, Ways.SCHOOLS)),
    Topic(
        "companies", gettext_lazy("How companies take part"), partial(tell_ways_in, Ways.COMPANIES)
    ),
    Topic("cost", gettext_lazy("Cost of taking part"), partial(tell_of_ways_in, "cost")),
    Topic("time", gettext_lazy("Time it takes"), partial(tell_of_ways_in, "time")),
    Topic("payers", gettext_lazy("Who pays"), tell_payers, field=Field.FUNDING),
    Topic("amounts", gettext_lazy("Amounts"), tell_amounts, note=gettext_lazy("as stated")),
    Topic("runners", gettext_lazy("Run by"), tell_runners, field=Field.ORGANISATIONS),
    Topic(
        "lineage", gettext_lazy("Lineage"), tell_lineage, absent=gettext_lazy("None on record"),
        note=gettext_lazy("where it came from, what came of it"),
    ),
)  # fmt: skip


def list_reach_topics(programmes: Iterable[Programme]) -> Iterator[Topic]:
    """Yield a topic for every unit in which at least one of the programmes has a figure."""
    units = {row.unit for programme in programmes for row in programme.reach.all()}
    for unit in sorted(units, key=lambda unit: (unit.position, unit.name)):
        yield Topic(
            f"reach-{unit.slug}",
            capfirst(unit.name),
            partial(tell_reach, unit=unit.slug),
            field=Field.REACH,
        )


NO_FIGURES = Topic("reach", gettext_lazy("Figures"), lambda p: (), field=Field.REACH)

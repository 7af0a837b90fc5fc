"""Programmes side by side: what each says of the same things, and where they differ.

Nothing is ranked or added up. Knows no HTTP.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from re import compile as pattern
from typing import NamedTuple

from django.contrib.humanize.templatetags.humanize import apnumber
from django.db.models import Prefetch, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partnerships.models import CriterionAssessment, Lineage, Partnership
from programmes.models import (
    Citation,
    Evaluation,
    EvidenceStep,
    Field,
    Programme,
    ProgrammeQuerySet,
    Reach,
)
from stemobs.entries import wording
from stemobs.entries.entry import Entry
from stemobs.entries.publication import Found, Gone, Merged, Standing, list_published, resolve_slugs
from stemobs.selection.facets import Label
from stemobs.selection.parameters import Problem

LEAST, MOST = 2, 4
MOST_READ = 20  # of what an address asks for; more cannot be compared anyway
SLUG = pattern(r"[-a-zA-Z0-9_]{1,80}")
PARAMETER = "programme"


# --- What is compared ----------------------------------------------------------------------------


class Line(NamedTuple):
    """One thing that a programme says: “over 4,500”, with when or what exactly, and where."""

    text: str
    note: str = ""
    url: str = ""

    def __str__(self) -> str:
        return f"{self.text} ({self.note})" if self.note else self.text

    @property
    def told(self) -> tuple[str, str]:
        """What it says, wherever it stands."""
        return self.text, self.note


@dataclass(frozen=True)
class Cell:
    """What one programme says of one thing; `absent` stands where it says nothing."""

    programme: Programme
    lines: tuple[Line, ...]
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
class Row:
    """One thing, and what each programme says of it."""

    key: str
    label: Label
    cells: tuple[Cell, ...]
    note: Label = ""
    is_list: bool = False

    @property
    def options(self) -> list[str]:
        """Everything that is told in a row of lists, so that each stands beside itself."""
        told = (line.text for cell in self.cells for line in cell.lines)
        return list(dict.fromkeys(told)) if self.is_list else []

    @property
    def differs(self) -> bool:
        """Whether two programmes say something, and not the same."""
        return len({cell.told for cell in self.cells if cell.lines}) > 1

    @property
    def is_partial(self) -> bool:
        """Whether something is recorded for some only, and the same for all of these."""
        return not self.differs and len({bool(cell.lines) for cell in self.cells}) > 1

    @property
    def is_same(self) -> bool:
        return not self.differs and not self.is_partial


@dataclass(frozen=True)
class Group:
    """Rows under one question."""

    key: str
    label: Label
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Comparison:
    """Some programmes, and the rows in which they stand side by side."""

    programmes: tuple[Programme, ...]
    groups: tuple[Group, ...]

    @property
    def rows(self) -> list[Row]:
        return [row for group in self.groups for row in group.rows]

    @property
    def differing(self) -> list[Row]:
        return [row for row in self.rows if not row.is_same]

    def narrowed(self) -> "Comparison":
        """Return it without the rows, and groups, in which all say the same."""
        groups = [
            Group(group.key, group.label, tuple(row for row in group.rows if not row.is_same))
            for group in self.groups
        ]
        return Comparison(self.programmes, tuple(group for group in groups if group.rows))


# --- Which programmes ----------------------------------------------------------------------------


@dataclass
class Choice:
    """The programmes that can be compared, and what was wrong with the others."""

    programmes: list[Programme] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    replaced: list[tuple[Programme, Programme]] = field(default_factory=list)  # by what

    def add(self, asked: str, standing: Standing | None) -> None:
        """Take what an address stands for, once; say why where it cannot be taken."""
        match standing:
            case Found(programme) | Merged(successor=programme):
                self.take(asked, programme, standing.programme)
            case Gone():
                self.refuse(asked, _("was withdrawn from the catalogue"))
            # Without a word about drafts.
            case _:
                self.refuse(asked, _("is not the address of a programme in the catalogue"))

    def take(self, asked: str, shown: Programme, named: Programme) -> None:
        """Add a programme that readers may see; `named` may be one that it took over from."""
        if shown in self.programmes:
            return
        if len(self.programmes) == MOST:
            reason = _("is left out, because at most {most} can be compared")
            self.refuse(asked, reason.format(most=apnumber(MOST)))
            return
        self.programmes.append(shown)
        if named != shown:
            self.replaced.append((named, shown))

    def refuse(self, asked: str, reason: str) -> None:
        self.problems.append(Problem(PARAMETER, asked, reason))


def choose(asked: Iterable[str]) -> Choice:
    """Return the first four programmes that these slugs lead to, with everything to compare."""
    wanted = list(dict.fromkeys(asked))
    found = resolve_slugs(slug for slug in wanted[:MOST_READ] if SLUG.fullmatch(slug))
    choice = Choice()
    for slug in wanted[:MOST_READ]:
        choice.add(slug, found.get(slug))
    if wanted[MOST_READ:]:
        choice.refuse(wanted[MOST_READ], _("and all that follows was not read"))
    chosen = [programme.pk for programme in choice.programmes]
    choice.programmes = list_published(chosen, with_rows(Programme.objects.all()))
    return choice


def with_rows(programmes: ProgrammeQuerySet) -> QuerySet[Programme]:
    """Load programmes with all that is compared, in a fixed number of queries."""
    lineage = Lineage.objects.public().with_ends()
    return programmes.with_evidence().prefetch_related(
        "countries", "levels", "audiences", "kinds", "factors", "citations", "reach__unit",
        "evaluations", "partnerships__organisation", "funding__organisation",
        "assessments__criterion", Prefetch("lineage", lineage), Prefetch("lineage_in", lineage),
    )  # fmt: skip


# --- What each says ------------------------------------------------------------------------------

Lines = Iterable[Line]


def text(value: str) -> Lines:
    if value:
        yield Line(value)


def names(terms: Iterable[object]) -> Lines:
    return (Line(str(term)) for term in terms)


def levels(programme: Programme) -> Lines:
    yield from names(programme.levels.all())
    if programme.is_vocational:
        yield Line(_("Vocational education"))


def places(programme: Programme) -> Lines:
    countries = programme.countries.all()
    return names(countries) if countries else text(programme.countries_note)


def times(programme: Programme) -> Lines:
    return text(wording.years(programme.year_start, programme.year_end))


def status(programme: Programme) -> Lines:
    if programme.status != Programme.Status.UNKNOWN:
        year = programme.status_as_of
        note = _("as of {year}").format(year=year) if year else ""
        yield Line(str(programme.get_status_display()), note)


def evidence(programme: Programme) -> Lines:
    # The stubs do not see what `with_evidence()` adds.
    yield Line(str(EvidenceStep(programme.evidence).label))  # type: ignore[attr-defined]


def evaluations(programme: Programme) -> Lines:
    for row in programme.evaluations.all():
        note = ", ".join(filter(None, [evaluator(row), str(row.year or "")]))
        yield Line(approach(row), note, part(programme, "evaluation"))


def approach(row: Evaluation) -> str:
    is_stated = row.approach != Evaluation.Approach.UNKNOWN
    return str(row.get_approach_display()) if is_stated else _("Approach not stated")


def evaluator(row: Evaluation) -> str:
    is_stated = row.conducted_by != Evaluation.ConductedBy.UNKNOWN
    told = str(row.get_conducted_by_display()) if is_stated else _("by whom is not stated")
    return row.evaluator or told


def findings(programme: Programme) -> Lines:
    for row in programme.evaluations.all():
        if row.finding:
            yield Line(row.finding, str(row.year or ""))


def criteria(programme: Programme) -> Lines:
    """Tell the criteria under each verdict; no number is made of them."""
    verdicts = CriterionAssessment.Verdict.values
    rows = sorted(programme.assessments.all(), key=lambda row: verdicts.index(row.verdict))
    for verdict, same in groupby(rows, CriterionAssessment.get_verdict_display):
        told = ", ".join(row.criterion.name for row in same)
        yield Line(str(verdict), told, part(programme, "good-practice"))


def reach(programme: Programme, unit: str) -> Lines:
    for row in programme.reach.all():
        if row.unit.slug == unit:
            yield reach_line(programme, row)


def reach_line(programme: Programme, row: Reach) -> Line:
    figure = wording.figure(row.qualifier, row.value, row.value_max)
    when = wording.time(row) or _("undated")
    return Line(figure, ", ".join(filter(None, [row.unit_detail, when])), part(programme, "reach"))


def payers(programme: Programme) -> Lines:
    return names(dict.fromkeys(row.get_source_type_display() for row in programme.funding.all()))


def amounts(programme: Programme) -> Lines:
    for row in programme.funding.all():
        if row.amount is not None:
            amount = wording.money(row.currency, row.qualifier, row.amount, row.amount_max)
            facts = [row.get_basis_display(), row.basis_detail, wording.when(row) or _("undated")]
            note = ", ".join(str(fact) for fact in facts if fact)
            yield Line(amount, note, part(programme, "funding"))


def runners(programme: Programme) -> Lines:
    for row in programme.partnerships.all():
        if row.role == Partnership.Role.COORDINATOR:
            yield Line(row.organisation.name, url=row.organisation.get_absolute_url())


def lineage(programme: Programme) -> Lines:
    entry = Entry(programme)
    entry.lineage = [*programme.lineage.all(), *programme.lineage_in.all()]
    for label, other, row in entry.relations:
        note = ", ".join(filter(None, [str(label), str(row.year or "")]))
        yield Line(str(other), note, part(programme, "lineage"))


def part(programme: Programme, name: str) -> str:
    """Return the address of a part of a programme's page."""
    return f"{programme.get_absolute_url()}#{name}"


# --- The rows ------------------------------------------------------------------------------------


NOT_RECORDED = gettext_lazy("Not recorded")


@dataclass(frozen=True)
class Topic:
    """A row to be: how it is called, and what a programme says of it."""

    key: str
    label: Label
    lines: Callable[[Programme], Lines]
    note: Label = ""
    absent: Label = NOT_RECORDED
    # The part of an entry that a source may declare not to be available.
    field: str = ""
    is_list: bool = False

    def row(self, programmes: Iterable[Programme]) -> Row:
        cells = tuple(self.cell(programme) for programme in programmes)
        return Row(self.key, self.label, cells, self.note, self.is_list)

    def cell(self, programme: Programme) -> Cell:
        lines = tuple(self.lines(programme))
        return Cell(programme, lines, "" if lines else self.absence(programme))

    def absence(self, programme: Programme) -> str:
        declared = Citation.Basis.DECLARED_NOT_AVAILABLE
        bases = (citation.basis for citation in Entry(programme).by_field[self.field])
        return _("Declared not available by its source") if declared in bases else str(self.absent)


WHAT_IT_IS = (
    Topic("summary", gettext_lazy("In short"), lambda p: text(p.summary)),
    Topic(
        "kinds", gettext_lazy("Kind of initiative"), lambda p: names(p.kinds.all()),
        field=Field.KINDS, is_list=True,
    ),
    Topic("levels", gettext_lazy("Education levels"), levels, field=Field.LEVELS),
    Topic(
        "factors", gettext_lazy("Works on"), lambda p: names(p.factors.all()),
        note=gettext_lazy("career factors"), field=Field.FACTORS, is_list=True,
    ),
    Topic(
        "audiences", gettext_lazy("Audience"), lambda p: names(p.audiences.all()),
        field=Field.AUDIENCES, is_list=True,
    ),
    Topic("countries", gettext_lazy("Where"), places, field=Field.COUNTRIES),
    Topic("years", gettext_lazy("When"), times, field=Field.YEAR_START),
    Topic("status", gettext_lazy("Status"), status, field=Field.STATUS),
    Topic(
        "duration", gettext_lazy("How long a participant is involved"),
        lambda p: text(str(p.get_duration_display())),
    ),
    Topic(
        "record", gettext_lazy("Record type"), lambda p: text(str(p.get_record_type_display()))
    ),
)  # fmt: skip
DOES_IT_WORK = (
    Topic("evidence", gettext_lazy("Evidence"), evidence),
    Topic(
        "evaluations", gettext_lazy("What was evaluated"), evaluations,
        note=gettext_lazy("and by whom"), field=Field.EVALUATION,
    ),
    Topic("findings", gettext_lazy("Findings"), findings),
    Topic("impact", gettext_lazy("Impact"), lambda p: text(p.impact), field=Field.IMPACT),
    Topic(
        "criteria", gettext_lazy("Good-practice criteria"), criteria,
        absent=gettext_lazy("Not assessed"),
    ),
)  # fmt: skip
WHAT_IT_TAKES = (
    Topic("payers", gettext_lazy("Who pays"), payers, field=Field.FUNDING),
    Topic("amounts", gettext_lazy("Amounts"), amounts, note=gettext_lazy("as stated")),
    Topic("runners", gettext_lazy("Run by"), runners, field=Field.ORGANISATIONS),
    Topic(
        "lineage", gettext_lazy("Lineage"), lineage, absent=gettext_lazy("None on record"),
        note=gettext_lazy("where it came from, what came of it"),
    ),
)  # fmt: skip


def reach_topics(programmes: Iterable[Programme]) -> Iterator[Topic]:
    """Yield a topic for every unit in which one of the programmes counts."""
    units = {row.unit for programme in programmes for row in programme.reach.all()}
    for unit in sorted(units, key=lambda unit: (unit.position, unit.name)):
        yield Topic(
            f"reach-{unit.slug}",
            capfirst(unit.name),
            partial(reach, unit=unit.slug),
            field=Field.REACH,
        )


NO_FIGURES = Topic("reach", gettext_lazy("Figures"), lambda p: (), field=Field.REACH)


def compare(programmes: Sequence[Programme]) -> Comparison:
    """Put programmes that `with_rows` loaded side by side."""
    counted = tuple(reach_topics(programmes)) or (NO_FIGURES,)
    groups = (
        ("what", gettext_lazy("What it is"), WHAT_IT_IS),
        ("evidence", gettext_lazy("Does it work?"), DOES_IT_WORK),
        ("reach", gettext_lazy("How far it reaches"), counted),
        ("takes", gettext_lazy("What it takes"), WHAT_IT_TAKES),
    )
    return Comparison(
        tuple(programmes),
        tuple(
            Group(key, label, tuple(topic.row(programmes) for topic in topics))
            for key, label, topics in groups
        ),
    )

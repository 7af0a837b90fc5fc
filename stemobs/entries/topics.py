"""The topics of a comparison: for each row, the label and the lines that a programme gets."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
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
    Unit,
    list_figures,
)
from stemobs.entries import wording
from stemobs.entries.basis import NOT_STATED
from stemobs.entries.entry import Entry
from stemobs.entries.findings import BEHIND, list_studies, lower_first
from stemobs.entries.ways_in import (
    CLOSED,
    NOT_OPEN_YET,
    describe_openings,
    list_openings,
    word_closed,
)
from stemobs.selection.facets import Label, name_language

Ways = TakingPart.Audience
LINKED = ("offices", "runners", "lineage")  # rows
NOT_KNOWN_YET = gettext_lazy("Not known yet")
NOT_PUBLISHED = gettext_lazy("Not published")
NO_EVALUATION = gettext_lazy("No evaluation found")
NOT_ASSESSED = gettext_lazy("Not assessed yet")
HAS_ENDED = gettext_lazy("It has ended")
# Words in a cell without lines that nevertheless tell something; others say: not known.
TELLING = (NOT_PUBLISHED, NO_EVALUATION, NOT_ASSESSED, HAS_ENDED, NOT_OPEN_YET, CLOSED)


class ComparedLine(NamedTuple):
    """A line of a cell: a text such as “over 4,500”, a note such as the year, and a link."""

    text: str
    note: str = ""
    url: str = ""
    symbol: str = ""

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
    def texts(self) -> list[str]:
        return [line.text for line in self.lines]

    def __str__(self) -> str:
        return "; ".join(map(str, self.lines)) or self.absent


@dataclass(frozen=True)
class ComparedRow:
    """A row of a comparison: a topic, with a cell for each programme."""

    key: str
    label: Label
    cells: tuple[ComparedCell, ...]
    is_list: bool = False

    @property
    def options(self) -> list[str]:
        """All distinct texts in a row of lists, each once; the page aligns equal ones."""
        told = (line.text for cell in self.cells for line in cell.lines)
        return list(dict.fromkeys(told)) if self.is_list else []

    @property
    def has_links(self) -> bool:
        """Whether its lines name somebody or something that has a page."""
        return self.key in LINKED

    @property
    def differs(self) -> bool:
        """Whether two programmes have lines that are not the same."""
        return len({cell.told for cell in self.cells if cell.lines}) > 1

    @property
    def is_partial(self) -> bool:
        """Whether only some programmes have lines, and these are all the same."""
        return not self.differs and len({bool(cell.lines) for cell in self.cells}) > 1

    @property
    def is_unknown(self) -> bool:
        """Whether nothing is known yet of any programme."""
        return not any(cell.lines or cell.absent in map(str, TELLING) for cell in self.cells)

    @property
    def is_same(self) -> bool:
        """Whether all programmes have the same lines, or the same words tell why they have none."""
        is_one = len({(cell.told, cell.absent) for cell in self.cells}) == 1
        return is_one and not self.is_unknown

    @property
    def shared(self) -> list[str]:
        """The texts of a row of lists that all programmes have."""
        return [one for one in self.options if all(one in cell.texts for cell in self.cells)]


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
    """Yield “Running, last confirmed in 2025”, or when it ended; nothing if nobody knows."""
    if programme.status != Programme.Status.UNKNOWN:
        yield ComparedLine(wording.describe_state(programme))


def tell_ages(programme: Programme) -> Lines:
    return tell_text(wording.word_ages(programme))


def tell_languages(programme: Programme) -> Lines:
    return tell_names(map(name_language, filter(None, programme.languages.split(", "))))


def tell_openings(programme: Programme) -> Lines:
    if programme.status == Programme.Status.COMPLETED:
        return tell_text(_("Ended"))
    return tell_names(audience.label for audience in list_openings(programme))


def tell_duration(programme: Programme) -> Lines:
    if Entry(programme).basis(Field.DURATION) != NOT_STATED:
        yield from tell_text(str(programme.get_duration_display()))


def tell_studies(programme: Programme) -> Lines:
    """Yield the result of each study of the programme, with how it was made and what it found."""
    for row in list_studies(programme.evaluations.all()):
        design = row.design if row.design != Evaluation.Design.NOT_KNOWN else ""
        made = [design and row.get_design_display(), row.year, describe_evaluator(row)]
        found = [", ".join(str(fact) for fact in made if fact), row.headline.rstrip(".")]
        note = ". ".join(capfirst(told) for told in found if told)
        url = build_part_url(programme, "works")
        yield ComparedLine(str(row.get_result_display()), note, url, f"f-{row.result}")


def describe_evaluator(row: Evaluation) -> str:
    """Return who stood behind a study; nothing where that is not known."""
    if row.independence in BEHIND:
        return str(BEHIND[row.independence][1]).strip()
    is_known = row.independence != Evaluation.Independence.NOT_KNOWN
    return lower_first(str(row.get_independence_display())) if is_known else ""


def tell_ways_in(audience: str, programme: Programme) -> Lines:
    """Yield how one kind of people joins, with a note where the programme is not open to them."""
    for row in programme.taking_part.all():
        if row.audience == audience and (told := row.how or row.who_may_join):
            note = word_closed(row)
            yield ComparedLine(told, note, build_part_url(programme, "take-part"))


def tell_of_ways_in(name: str, programme: Programme) -> Lines:
    """Yield the cost or the time of every way in, with whom it concerns."""
    for row in programme.taking_part.all():
        if text := getattr(row, name):
            audience = str(row.get_audience_display()).lower()
            yield ComparedLine(text, _("for {audience}").format(audience=audience))


def tell_criteria(programme: Programme) -> Lines:
    """Yield one line for each verdict with the names of its criteria; they are not counted."""
    verdicts = CriterionAssessment.Verdict.values
    rows = sorted(programme.assessments.all(), key=lambda row: verdicts.index(row.verdict))
    for verdict, same in groupby(rows, CriterionAssessment.get_verdict_display):
        told = ", ".join(row.criterion.name for row in same)
        yield ComparedLine(str(verdict), told, build_part_url(programme, "good-practice"))


def tell_reach(programme: Programme, units: Collection[Unit], names_units: bool) -> Lines:
    """Yield the figures in these units, the newest first."""
    rows = [row for row in list_figures(programme.reach.all()) if row.unit in units]
    for row in sorted(rows, key=lambda row: -(row.year_to or row.year_from or 0)):
        yield make_reach_line(programme, row, names_unit=names_units)


def make_reach_line(programme: Programme, row: Reach, *, names_unit: bool) -> ComparedLine:
    figure = wording.format_figure(row.qualifier, row.value, row.value_max)
    told = f"{figure} {row.unit.name}" if names_unit else figure
    when = wording.format_reach_time(row) or _("undated")
    return ComparedLine(
        told, ", ".join(filter(None, [row.unit_detail, when])), build_part_url(programme, "reach")
    )


def tell_payers(programme: Programme) -> Lines:
    return tell_names(
        dict.fromkeys(
            row.get_source_type_display() for row in list_figures(programme.funding.all())
        )
    )


def tell_amounts(programme: Programme) -> Lines:
    for row in list_figures(programme.funding.all()):
        if row.amount is not None:
            amount = wording.format_money(row.currency, row.qualifier, row.amount, row.amount_max)
            facts = [
                row.get_basis_display(),
                row.basis_detail,
                wording.format_period(row) or _("undated"),
            ]
            note = ", ".join(str(fact) for fact in facts if fact)
            yield ComparedLine(amount, note, build_part_url(programme, "funding"))


def tell_offices(programme: Programme) -> Lines:
    for row in programme.contacts.all():
        yield ComparedLine(row.office, row.email, row.url)


def tell_runners(programme: Programme) -> Lines:
    for row in programme.partnerships.all():
        if row.role == Partnership.Role.COORDINATOR:
            yield ComparedLine(row.organisation.name, url=row.organisation.get_absolute_url())


def tell_lineage(programme: Programme) -> Lines:
    entry = Entry(programme)
    entry.lineage = [*programme.lineage.all(), *programme.lineage_in.all()]
    for label, other, row in entry.relations:
        note = ", ".join(filter(None, [str(label), str(row.year or "")]))
        find_url = getattr(other, "get_absolute_url", None)  # a text names what has no page
        url = find_url() if find_url else build_part_url(programme, "lineage")
        yield ComparedLine(str(other), note, url)


def build_part_url(programme: Programme, name: str) -> str:
    """Return the address of a section of a programme's page."""
    return f"{programme.get_absolute_url()}#{name}"


@dataclass(frozen=True)
class Topic:
    """The definition of a row: its label, and a function that returns a programme's lines."""

    key: str
    label: Label
    lines: Callable[[Programme], Lines]
    absent: Label | Callable[[Programme], str] = NOT_KNOWN_YET
    # The field of a citation in which a source may declare that this part is not available.
    field: str = ""
    is_list: bool = False

    def make_row(self, programmes: Iterable[Programme]) -> ComparedRow:
        cells = tuple(self.make_cell(programme) for programme in programmes)
        return ComparedRow(self.key, self.label, cells, self.is_list)

    def make_cell(self, programme: Programme) -> ComparedCell:
        lines = tuple(self.lines(programme))
        return ComparedCell(programme, lines, "" if lines else self.explain_absence(programme))

    def explain_absence(self, programme: Programme) -> str:
        declared = Citation.Basis.DECLARED_NOT_AVAILABLE
        bases = (citation.basis for citation in Entry(programme).citations_by_field[self.field])
        if declared in bases:
            return str(NOT_PUBLISHED)
        return self.absent(programme) if callable(self.absent) else str(self.absent)


def explain_no_way_in(absent: Label, programme: Programme) -> str:
    ended = programme.status == Programme.Status.COMPLETED
    return str(HAS_ENDED if ended else absent)


FOR_WHOM = (
    Topic("levels", gettext_lazy("School level"), tell_levels, field=Field.LEVELS, is_list=True),
    Topic("ages", gettext_lazy("Ages"), tell_ages),
    Topic(
        "audiences", gettext_lazy("Audience"), lambda p: tell_names(p.audiences.all()),
        field=Field.AUDIENCES, is_list=True,
    ),
    Topic("open", gettext_lazy("Open to"), tell_openings, absent=describe_openings, is_list=True),
    Topic("countries", gettext_lazy("Place"), places, field=Field.COUNTRIES, is_list=True),
    Topic(
        "languages", gettext_lazy("Languages"), tell_languages,
        field=Field.LANGUAGES, is_list=True,
    ),
)  # fmt: skip
WHAT_PUPILS_DO = (
    Topic("summary", gettext_lazy("In short"), lambda p: tell_text(p.summary)),
    Topic(
        "kinds", gettext_lazy("Kinds of activity"), lambda p: tell_names(p.kinds.all()),
        field=Field.KINDS, is_list=True,
    ),
    Topic(
        "factors", gettext_lazy("What it tackles"), lambda p: tell_names(p.factors.all()),
        field=Field.FACTORS, is_list=True,
    ),
    Topic(
        "record", gettext_lazy("What it is"), lambda p: tell_text(str(p.get_record_type_display()))
    ),
)  # fmt: skip
DOES_IT_WORK = (
    Topic(
        "evidence", gettext_lazy("What was found"), tell_studies, field=Field.EVALUATION,
        absent=NO_EVALUATION,
    ),
    Topic("impact", gettext_lazy("Impact"), lambda p: tell_text(p.impact), field=Field.IMPACT),
    Topic(
        "criteria", gettext_lazy("Good practice"), tell_criteria,
        absent=NOT_ASSESSED,
    ),
)  # fmt: skip
WHAT_IT_TAKES = (
    Topic("time", gettext_lazy("Time, by who joins"), partial(tell_of_ways_in, "time")),
    Topic("duration", gettext_lazy("Length"), tell_duration, field=Field.DURATION),
    Topic("cost", gettext_lazy("Money"), partial(tell_of_ways_in, "cost")),
    Topic("payers", gettext_lazy("Who pays"), tell_payers, field=Field.FUNDING, is_list=True),
    Topic("amounts", gettext_lazy("Amounts"), tell_amounts),
)
HOW_TO_TAKE_PART = (
    Topic(
        "schools", gettext_lazy("Schools"), partial(tell_ways_in, Ways.SCHOOLS),
        absent=partial(explain_no_way_in, gettext_lazy("How a school joins is not known yet")),
    ),
    Topic(
        "companies", gettext_lazy("Companies"), partial(tell_ways_in, Ways.COMPANIES),
        absent=partial(explain_no_way_in, gettext_lazy("How a company joins is not known yet")),
    ),
    Topic("offices", gettext_lazy("Who to ask"), tell_offices),
    Topic("runners", gettext_lazy("Run by"), tell_runners, field=Field.ORGANISATIONS),
    Topic(
        "status", gettext_lazy("State"), tell_status, field=Field.STATUS,
        absent=gettext_lazy("We don’t know whether it still runs"),
    ),
)  # fmt: skip
WHERE_IT_WENT = (
    Topic("years", gettext_lazy("When"), tell_times, field=Field.YEAR_START),
    Topic("lineage", gettext_lazy("Where the idea came from and went"), tell_lineage),
)


def list_reach_topics(programmes: Iterable[Programme]) -> Iterator[Topic]:
    """Yield a topic for each unit that programmes share, and one for all their other figures."""
    counted = Counter(
        unit for one in programmes for unit in {row.unit for row in list_figures(one.reach.all())}
    )
    units = sorted(counted, key=lambda unit: (unit.position, unit.name))
    shared = [unit for unit in units if counted[unit] > 1]
    for unit in shared:
        yield make_reach_topic(f"reach-{unit.slug}", capfirst(unit.name), [unit], names_units=False)
    others = [unit for unit in units if unit not in shared]
    if others or not shared:
        label = gettext_lazy("Other figures") if shared else gettext_lazy("Figures")
        yield make_reach_topic("reach", label, others, names_units=True)


def make_reach_topic(
    key: str, label: Label, units: Collection[Unit], *, names_units: bool
) -> Topic:
    tell = partial(tell_reach, units=units, names_units=names_units)
    return Topic(key, label, tell, field=Field.REACH)

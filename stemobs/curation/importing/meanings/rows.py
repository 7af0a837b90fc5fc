"""Reads the rows of a table: each cell by what its column becomes, then those of a row together.

What is asked is gathered over all rows. A figure takes its unit and its time from its own cell,
from a column beside it, or from the name of its column.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from programmes.columns.texts import clean_line
from stemobs.curation.importing.columns.names import (
    YEARS,
    find_qualifier_in_name,
    find_zeros_in_name,
)
from stemobs.curation.importing.columns.settling import is_unsettled, settle_column
from stemobs.curation.importing.meanings.asking import CellInHand, Inquiry
from stemobs.curation.importing.meanings.countries import read_countries
from stemobs.curation.importing.meanings.figures import read_reach, read_unit_cell
from stemobs.curation.importing.meanings.levels import read_levels
from stemobs.curation.importing.meanings.money import find_basis, read_currency, read_sums
from stemobs.curation.importing.meanings.numbers import Marks, find_marks
from stemobs.curation.importing.meanings.tables import is_nothing
from stemobs.curation.importing.meanings.terms import (
    read_age,
    read_language,
    read_status,
    read_terms,
)
from stemobs.curation.importing.meanings.texts import (
    BARE,
    read_organisations,
    read_text,
    read_website,
)
from stemobs.curation.importing.meanings.times import CellTime
from stemobs.curation.importing.meanings.whens import (
    ask_over_years,
    find_orders,
    read_beside,
    read_check,
    read_end,
    read_figure_time,
    read_runs,
    read_start,
    read_when,
    write_period,
)
from stemobs.curation.importing.shapes import (
    Answers,
    CellMeaning,
    FileCell,
    FileColumn,
    FileLine,
    FileTable,
    KnownTerms,
    RowMeaning,
    TableMeaning,
)
from stemobs.curation.importing.spoilt import is_spoilt
from stemobs.curation.importing.spoilt import mend as mend_letters

LONGEST_CELL, LONGEST_TEXT = 1500, 40_000  # letters; more is no cell of a table
TEXTS = frozenset({"summary", "description", "source"})
FIGURES = {"reach": "reach-when", "money": "money-when"}
# What is shown to readers as it was typed.
WORDED = frozenset({"name", "other-name", "region", "coordinator", "partner", "funder"})
LONGEST_TOLD = 100
TIMES = frozenset({"reach-when", "money-when"})
BESIDE = TIMES | {"reach-unit", "currency"}  # what they say stands in the figures of the row
Facts = list[dict[str, str]]


@dataclass
class TableInHand:
    """A table while its rows are read: its columns, and what their cells show together."""

    columns: list[FileColumn]
    inquiry: Inquiry
    marks: dict[int, Marks] = field(default_factory=dict)  # by place
    orders: dict[int, set[str]] = field(default_factory=dict)

    def find(self, target: str) -> list[FileColumn]:
        return [column for column in self.columns if column.target == target]


def read_rows(
    table: FileTable, columns: list[FileColumn], answers: Answers, known: KnownTerms
) -> TableMeaning:
    """Return what the rows of a table say, and what has to be answered first.

    `answers` has, by the keys of questions, the options that people chose. A cell that somebody
    mended is under “cell:LINE:PLACE”, a column that was asked about under “column:PLACE”.
    """
    inquiry = Inquiry(known, answers)
    settled = [settle(column, inquiry) for column in columns]
    rows = [mend(row, settled, inquiry) for row in table.rows]
    hand = TableInHand(settled, inquiry)
    for column in settled:
        cells = [row.cells[column.place] for row in rows if column.place < len(row.cells)]
        short = [cell for cell in cells if len(cell.text) <= LONGEST_CELL]
        hand.marks[column.place] = find_marks(short if column.target in FIGURES else ())
        hand.orders[column.place] = find_orders(short if column.target == "checked" else [])
    meaning = TableMeaning(settled, [read_row(row, hand) for row in rows])
    meaning.questions = inquiry.list_questions()
    return meaning


def settle(column: FileColumn, inquiry: Inquiry) -> FileColumn:
    """Return a column with the answer to its question, if somebody gave one."""
    answer = inquiry.find_answer(f"column:{column.place}")
    return (answer and settle_column(column, answer)) or column


def mend(row: FileLine, columns: Sequence[FileColumn], inquiry: Inquiry) -> FileLine:
    """Return a line with the texts that people typed instead of those of its cells."""
    cells = list(row.cells)
    for column in columns:
        key = f"cell:{row.number}:{column.place}"
        if isinstance(inquiry.answers.get(key), str):
            while len(cells) <= column.place:
                cells.append(FileCell())
            cells[column.place] = FileCell(inquiry.find_answer(key))
    return replace(row, cells=tuple(cells))


# --- The cells of a row ---------------------------------------------------------------------------


def read_row(row: FileLine, table: TableInHand) -> RowMeaning:
    """Return what a row says: countries first, as other cells depend on them; figures last."""
    hands = {
        column.place: take_cell(row, column, table)
        for column in table.columns
        if column.target != "ignore"
    }
    for column in table.find("country"):
        read_countries(hands[column.place])
    codes = [
        fact["value"]
        for column in table.find("country")
        for fact in hands[column.place].meaning.facts
        if "value" in fact
    ]
    for hand in hands.values():
        hand.countries = tuple(dict.fromkeys(codes))
    times = read_cells(hands, table)
    read_figures(hands, times, table)
    meaning = RowMeaning(row.number, {place: hand.meaning for place, hand in hands.items()})
    meaning.facts = gather_facts(hands)
    refuse_nameless(meaning, table, hands)
    return meaning


def take_cell(row: FileLine, column: FileColumn, table: TableInHand) -> CellInHand:
    """Return a cell of a row; one that its line lacks is empty, one of huge length a fault."""
    cell = row.cells[column.place] if column.place < len(row.cells) else FileCell()
    hand = CellInHand(column, row.number, cell, table.inquiry, meaning=CellMeaning(cell.text))
    if cell.note == "error":
        told = _("“%(text)s” is an error of the spreadsheet, not a value.")
        hand.refuse("spreadsheet-error", told, text=cell.text[:40])
    elif len(cell.text) > (LONGEST_TEXT if column.target in TEXTS else LONGEST_CELL):
        hand.refuse("too-long", _("This text is too long for one cell."))
    elif is_unsettled(column) and not (is_nothing(cell.text) and cell.value is None):
        question = column.question
        told = question.told if question else ""
        answer = hand.ask(f"column:{column.place}", told, question.options if question else ())
        if answer == "mixed":
            return hand
    elif column.target in WORDED and is_spoilt(cell.text):
        hand.cell = FileCell(ask_about_letters(hand))
    if hand.meaning.fault or hand.meaning.asked:
        hand.cell = FileCell()
    return hand


def ask_about_letters(hand: CellInHand) -> str:
    """Return a text whose letters are spoilt, as people say that it should read."""
    text = clean_line(hand.text)
    mended = mend_letters(text)
    told = _("Line %(line)d: letters of “%(text)s” seem to be spoilt. How should it read?")
    told %= {"line": hand.line, "text": text[:LONGEST_TOLD]}
    options = [(one, one) for one in dict.fromkeys([mended, text]) if one]
    return hand.ask(f"letters:{hand.line}:{hand.column.place}", told, options, free=True)


def read_cells(
    hands: Mapping[int, CellInHand], table: TableInHand
) -> dict[int, tuple[CellInHand, CellTime]]:
    """Read the cells that are no figures; return the times of figures by place."""
    times = {}
    for place, hand in hands.items():
        target = hand.column.target
        if target in TIMES:
            if time := read_time_cell(hand):
                times[place] = (hand, time)
        elif target == "checked":
            read_check(hand, table.orders[place])
        elif reader := READERS.get(target):
            reader(hand)
    return times


def read_time_cell(hand: CellInHand) -> CellTime | None:
    """Return the time of figures that a cell names, and add it as a fact."""
    time = read_when(hand)
    if time is None or is_of_start(hand, time):
        return None
    hand.add(write_period(time))
    return time


def is_of_start(hand: CellInHand, time: CellTime) -> bool:
    """Put a time into the start of the programme, where people said that “since” is meant so."""
    mixed = hand.inquiry.find_answer(f"column:{hand.column.place}") == "mixed"
    if not mixed or time.form not in ("since", "ongoing"):
        return False
    read_start(hand) if time.form == "since" else hand.add({"status": "active"})
    return True


def read_source(hand: CellInHand) -> None:
    """Read where it stands: an address as programs need it, else the text as it is."""
    text = hand.text.strip()
    if is_nothing(text) or not BARE.fullmatch(text) or "." not in text.partition("/")[0]:
        read_text(hand)
    else:
        read_website(hand)


def read_kind(hand: CellInHand) -> None:
    read_terms(hand, "kind", hand.known.kinds)


def read_audience(hand: CellInHand) -> None:
    read_terms(hand, "audience", hand.known.audiences)


def read_line(hand: CellInHand) -> None:
    read_text(hand, is_line=True)


def read_coordinators(hand: CellInHand) -> None:
    read_organisations(hand, "coordinator")


def read_partners(hand: CellInHand) -> None:
    read_organisations(hand, "partner")


def read_funders(hand: CellInHand) -> None:
    read_organisations(hand, "funder")


READERS: Mapping[str, Callable[[CellInHand], None]] = {
    "name": read_line, "other-name": read_line, "region": read_line, "website": read_website,
    "level": read_levels, "kind": read_kind, "audience": read_audience, "summary": read_text,
    "description": read_text, "source": read_source, "coordinator": read_coordinators,
    "partner": read_partners, "funder": read_funders, "runs": read_runs, "start": read_start,
    "end": read_end, "status": read_status, "age": read_age, "language": read_language,
}  # fmt: skip


# --- Figures and what stands beside them ----------------------------------------------------------


def read_figures(
    hands: Mapping[int, CellInHand],
    times: Mapping[int, tuple[CellInHand, CellTime]],
    table: TableInHand,
) -> None:
    """Read the figures and sums of a row, with units, currencies and times from beside them."""
    read = {"reach": read_unit_cell, "money": read_currency}
    words = {
        column.place: read[target](hands[column.place])
        for target, other in (("reach", "reach-unit"), ("money", "currency"))
        for column in table.find(other)
    }
    for target, when in FIGURES.items():
        for column in table.find(target):
            hand = hands[column.place]
            beside = find_beside(table, column, "reach-unit" if target == "reach" else "currency")
            own = words.get(beside.place, "") if beside else ""
            facts = read_figure_cell(hand, own, table)
            beside = find_beside(table, column, when)
            put_times(facts, hand, times.get(beside.place) if beside else None)
            for fact in facts:
                hand.add(fact)


def find_beside(table: TableInHand, column: FileColumn, target: str) -> FileColumn | None:
    """Return the column that says something of a column of figures.

    One such column is for all figures. Of several, each is for the figures before it.
    """
    found = table.find(target)
    if len(found) < 2:
        return found[0] if found else None
    behind = [one for one in found if one.place > column.place]
    between = [one for one in table.find(column.target) if one.place > column.place]
    if behind and not (between and between[0].place < behind[0].place):
        return behind[0]
    before = [one for one in found if one.place < column.place]
    return before[-1] if before else None


def read_figure_cell(hand: CellInHand, own: str, table: TableInHand) -> Facts:
    """Return the figures of a cell, or its sums."""
    column, marks = hand.column, table.marks[hand.column.place]
    zeros = find_zeros_in_name(column.name)
    if column.target == "money":
        sums = read_sums(hand, marks, own or column.currency, zeros)
        basis = find_basis(column.name)
        sums = [{"basis": basis, **one} if basis else one for one in sums]
        return put_qualifier(sums, column.name)
    unit = "" if "|" in column.unit else column.unit
    return put_qualifier(read_reach(hand, marks, own or unit, zeros), column.name)


def put_qualifier(facts: Facts, name: str) -> Facts:
    """Return figures as exact as the name of their column says, unless they say it themselves."""
    named = find_qualifier_in_name(name)
    for fact in facts if named else ():
        if fact.get("qualifier") == "exact" and fact.get("unit") != "percent":
            fact["qualifier"] = named
    return facts


def put_times(facts: Facts, hand: CellInHand, time: tuple[CellInHand, CellTime] | None) -> None:
    """Give the figures of a cell their time, unless they have one."""
    bare = [fact for fact in facts if not fact.get("year_from") and not fact.get("year_to")]
    fields: dict[str, str] = {}
    if bare and time:
        fields = read_figure_time(*time)
    elif named := YEARS.search(hand.column.name):
        fields = read_beside(named[0])
    for fact in facts:
        if fact in bare:
            fact |= {name: value for name, value in fields.items() if name not in fact}
        settle_kind(fact, time[0] if time and fact in bare else hand, hand.column.target)


def settle_kind(fact: dict[str, str], hand: CellInHand, target: str) -> None:
    """Settle over which time a figure counts, or what a sum is, if it is of several years."""
    kind = fact.pop("period_type", "")
    name = "basis" if target == "money" else "period_type"
    first, last = fact.get("year_from"), fact.get("year_to")
    if not kind and not fact.get(name) and first and last and first != last:
        kind = ask_over_years(hand, fact["period"])
    if target == "money":
        kind = fact.get(name) or {"annual": "annual", "cumulative": "total"}.get(kind, "")
    if kind:
        fact[name] = kind


# --- What a row says together ---------------------------------------------------------------------


def gather_facts(hands: Mapping[int, CellInHand]) -> dict[str, Facts]:
    """Return the facts of a row by target; start, end and running time are one fact of “runs”.

    So are the ages of several cells.
    """
    facts: dict[str, Facts] = {}
    runs: dict[str, str] = {}
    ages: dict[str, str] = {}
    for hand in hands.values():
        target = hand.column.target
        for fact in hand.meaning.facts:
            if target in ("runs", "start", "end") or fact.keys() & {"year_start", "status"}:
                put_run(runs, fact, hand)
            elif fact.keys() & {"age_min", "age_max"}:
                put_ages(ages, fact, hand)
            elif target not in BESIDE:
                put_once(facts, target, fact)
    if runs:
        facts["runs"] = [runs]
    if ages:
        facts["age"] = [ages]
    return facts


def put_once(facts: dict[str, Facts], target: str, fact: dict[str, str]) -> None:
    if fact not in facts.setdefault(target, []):
        facts[target].append(fact)


def put_run(runs: dict[str, str], fact: Mapping[str, str], hand: CellInHand) -> None:
    """Put a start or an end into what is known of the running time; two that differ are a fault."""
    for name, value in fact.items():
        if runs.setdefault(name, value) != value:
            told = _("The row says two things of when it ran: %(one)s and %(two)s. Leave one.")
            hand.refuse("two-times", told, one=runs[name], two=value)
    first, last = runs.get("year_start"), runs.get("year_end")
    if first and last and int(first) > int(last):
        told = _("It ends in %(last)s, before it begins in %(first)s. Check the years.")
        hand.refuse("ends-before-it-begins", told, first=first, last=last)


def put_ages(ages: dict[str, str], fact: Mapping[str, str], hand: CellInHand) -> None:
    """Put ages into what is known of the row's ages; some that differ are a fault."""
    for name, value in fact.items():
        if ages.setdefault(name, value) != value:
            told = _("The row says two ages: %(one)s and %(two)s. Leave one.")
            hand.refuse("two-ages", told, one=ages[name], two=value)
    low, high = ages.get("age_min"), ages.get("age_max")
    if low and high and int(low) > int(high):
        told = _("The ages end at %(high)s, below their beginning at %(low)s. Check both.")
        hand.refuse("no-such-age", told, low=low, high=high)


def refuse_nameless(
    meaning: RowMeaning, table: TableInHand, hands: Mapping[int, CellInHand]
) -> None:
    """Refuse a row without a name, in the cell where its name should be."""
    names = table.find("name")
    if not names or meaning.facts.get("name"):
        return
    hand = hands[names[0].place]
    if not hand.meaning.asked:
        hand.refuse("no-name", _("This row has no name. Type the name of the programme."))

"""Proposes what each column of a partner's table becomes, by its name and by what stands in it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from stemobs.curation.importing.meanings.countries import find_country, split_countries
from stemobs.curation.importing.meanings.figures import list_units, name_units
from stemobs.curation.importing.meanings.levels import (
    HIGHEST_CLASS,
    find_classes,
    is_known,
    split_levels,
)
from stemobs.curation.importing.meanings.names import (
    find_currency_in_name,
    find_targets,
    find_unit_in_name,
    find_unit_within,
    list_targets,
    may_be_no_count,
    trim_name,
)
from stemobs.curation.importing.meanings.numbers import begins_with_number, prepare
from stemobs.curation.importing.meanings.tables import (
    is_nothing,
    read_phrases,
    reduce,
    take_first,
)
from stemobs.curation.importing.meanings.terms import read_ages
from stemobs.curation.importing.meanings.texts import MAIL
from stemobs.curation.importing.meanings.times import CellTime, read_time
from stemobs.curation.importing.shapes import (
    TARGETS,
    FileCell,
    FileColumn,
    FileTable,
    KnownTerms,
)
from stemobs.curation.importing.targets import name_targets
from stemobs.curation.reading.lines import FieldQuestion

ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:/\S*)?", re.I)
MOST = 0.6  # the share of cells that tells what a column is
LONGEST = 200  # letters of a cell, or of a name, that are looked at
OLDEST_PUPIL = 25  # years, as far as a column is told by its numbers
# What is written in words; numbers in such a column count those whom it names.
WORDED = frozenset({"audience", "partner", "coordinator", "funder", "region", "status"})
SOME = 0.3  # the share that tells which of two things of this name it is
MANY = 200  # cells that are looked at
# “Project no.”, “Kod projektu” are numbers that somebody gave to rows.
NUMBERED = re.compile(r"\S\s+(?:no|nr|n°|nº|n\.º|id|code|kod|kód|č|číslo|numer|номер|αρ)\.?\Z")


@dataclass
class ColumnInHand:
    """A column that is being understood: its name, its cells, and what is known beside it."""

    place: int
    name: str
    cells: list[FileCell]
    known: KnownTerms

    @property
    def filled(self) -> list[FileCell]:
        """The cells that say something."""
        return [cell for cell in self.cells if not is_nothing(cell.text)]

    def share(self, test: Callable[[FileCell], bool]) -> float:
        """Return the share of the filled cells that pass a test."""
        filled = self.filled[:MANY]
        return sum(map(test, filled)) / len(filled) if filled else 0.0

    def become(
        self, target: str, certainty: str = "sure", question: FieldQuestion | None = None
    ) -> FileColumn:
        """Return what the column becomes, with the unit and the currency that its name says."""
        unit = find_unit_in_name(self.name, self.known) if target == "reach" else ""
        currency = find_currency_in_name(self.name) if target == "money" else ""
        return FileColumn(self.place, self.name, target, certainty, unit, currency, question)


def propose_columns(
    table: FileTable, known: KnownTerms, remembered: Mapping[str, str]
) -> list[FileColumn]:
    """Return what each column of a table becomes; what is not certain has a question.

    `remembered` has what columns became in earlier files, by their names folded.
    """
    columns = []
    for place, name in enumerate(table.header):
        cells = [row.cells[place] for row in table.rows if place < len(row.cells)]
        hand = ColumnInHand(place, name[:LONGEST], cells, known)
        columns.append(remember(hand, remembered) or doubt(hand, propose(hand)))
    columns = [ask_if_turned(column, table, known) for column in columns]
    columns = settle_partners(settle_years(columns))
    return [ask_if_right(column) for column in ask_about_doubles(columns)]


def remember(hand: ColumnInHand, remembered: Mapping[str, str]) -> FileColumn | None:
    """Return what a column of this name became earlier."""
    answer = remembered.get(reduce(hand.name)) or remembered.get(hand.name) or ""
    column = settle_column(hand.become("ignore"), answer)
    return replace(column, certainty="remembered") if column else None


def settle_column(column: FileColumn, answer: str) -> FileColumn | None:
    """Return a column with the answer to its question; None if that is no answer.

    An answer is a target, or a target with a unit: “reach:students”.
    """
    target, _mark, unit = answer.partition(":")
    if target not in TARGETS:
        return None
    currency = find_currency_in_name(column.name) if target == "money" else ""
    own = column.unit if target == column.target else ""
    return replace(
        column,
        target=target,
        unit=unit or own or (column.unit if target == "reach" else ""),
        currency=column.currency or currency,
        certainty="sure",
        question=None,
    )


def ask_if_right(column: FileColumn) -> FileColumn:
    """Return a column, which asks whether it is what it seems to be, if that is only likely."""
    if column.certainty != "suggested" or column.question or column.target == "ignore":
        return column
    named = dict(name_targets())[column.target]
    told = _("“%(column)s” seems to be “%(target)s”. Is it?")
    told %= {"column": column.name, "target": named}
    kept = f"{column.target}:{column.unit}" if column.unit else column.target
    options = ((kept, _("yes: %(target)s") % {"target": named}), ("ignore", _("no: leave it out")))
    return replace(column, question=FieldQuestion(told, options))


def is_unsettled(column: FileColumn) -> bool:
    """Whether what a column becomes is still asked; what it counts is asked beside its numbers."""
    if column.question is None or column.certainty not in ("asked", "suggested"):
        return False
    return column.certainty == "suggested" or column.target != "reach"


def ask_if_turned(column: FileColumn, table: FileTable, known: KnownTerms) -> FileColumn:
    """Return a column, which asks whether the table lies on its side if it names what rows hold."""
    if column.target != "name":
        return column
    texts = [row.cells[column.place].text for row in table.rows if column.place < len(row.cells)]
    words = {**list_targets(), **list_units(known)}
    named = [one for one in texts[:MANY] if reduce(one[:LONGEST]).strip(" .:*") in words]
    if len(named) < 2 or len(named) <= MOST * len(texts):
        return column
    told = _(
        "“%(column)s” says “%(text)s”. Does the table lie on its side? Turn it in your program."
    )
    told %= {"column": column.name, "text": "”, “".join(named[:3])}
    question = FieldQuestion(told, name_targets(["ignore", "name"]))
    return replace(column, certainty="asked", question=question)


def doubt(hand: ColumnInHand, column: FileColumn) -> FileColumn:
    """Return a column of numbers, which asks whether they are a count if its name leaves that open.

    “Pupils per school”, “planned number” and “fee” are no number of those whom it reached.
    """
    if column.target not in ("reach", "money") or not may_be_no_count(hand.name, hand.known):
        return column
    told = _("“%(column)s” may be a plan, a share, an average or a price. What is it?")
    kept = f"{column.target}:{column.unit}" if column.unit else column.target
    names = {"reach": _("numbers of those reached"), "money": _("sums that were paid")}
    options = ((kept, names[column.target]), ("ignore", _("something else: leave it out")))
    return hand.become("ignore", "asked", FieldQuestion(told % {"column": hand.name}, options))


def propose(hand: ColumnInHand) -> FileColumn:
    """Return what a column becomes by its name, then by its values."""
    if not hand.name.strip():
        return propose_by_values(hand)
    targets, certainty = read_name(hand)
    is_clear = certainty == "sure" or targets == ("money",)
    slug = "" if is_clear else find_unit_within(hand.name, hand.known)
    others = [one for one in targets if one in TESTS and one != "reach"]
    is_other = any(hand.share(TESTS[one]) > MOST for one in others)
    if slug and "|" not in slug and hand.share(is_number) > MOST and not is_other:
        return replace(hand.become("reach", "suggested"), unit=slug)
    target = choose_by_values(hand, targets)
    if len(targets) > 1 and not target:
        told = _("What is the column “%(column)s”?") % {"column": hand.name}
        named = [one.replace("asked-when", "reach-when") for one in targets]
        return hand.become("ignore", "asked", FieldQuestion(told, name_targets(named)))
    if target == "asked-when":
        return ask_whose_time(hand)
    if target == "asked-partner":
        return ask_which_partner(hand)
    if target == "count":
        return propose_count(hand, certainty)
    if not target:
        return propose_by_values(hand)
    if target == "ignore":
        return hand.become("ignore", "suggested")
    return check_by_values(hand, target, certainty)


def read_name(hand: ColumnInHand) -> tuple[tuple[str, ...], str]:
    """Return what the name of a column may mean, and how certain that is."""
    targets, certainty = find_targets(hand.name, hand.known)
    if certainty != "sure" and NUMBERED.search(reduce(hand.name)):
        return ("ignore",), "sure"
    if "count" in targets and find_currency_in_name(hand.name):
        return ("money",), "suggested"
    return targets, certainty


# --- By the values --------------------------------------------------------------------------------


def is_address(cell: FileCell) -> bool:
    first = cell.text[:LONGEST].strip().partition(" ")[0]
    return bool(ADDRESS.fullmatch(first))


def is_mail(cell: FileCell) -> bool:
    return "@" in cell.text and bool(MAIL.search(cell.text[:LONGEST]))


def is_country(cell: FileCell) -> bool:
    parts = list(split_countries(cell.text[:LONGEST]))
    return bool(parts) and all(len(part) > 1 and find_country(part) for part in parts)


def is_number(cell: FileCell) -> bool:
    return begins_with_number(prepare(cell.text[:LONGEST]))


def is_sum(cell: FileCell) -> bool:
    """Whether a cell is a number, perhaps with its currency before it."""
    _currency, rest = take_first(prepare(cell.text[:LONGEST]), read_phrases("money", "currencies"))
    return is_number(cell) or begins_with_number(rest.strip(" :"))


def is_counted(cell: FileCell) -> bool:
    """Whether a cell is a number with a unit behind it."""
    found = re.fullmatch(r"[^\d]{0,12}[\d.,\s]+([^\d]+).*", prepare(cell.text[:LONGEST]), re.DOTALL)
    return bool(found and take_first(found[1].strip(), read_phrases("units", "units"))[0])


def is_time(cell: FileCell) -> bool:
    time = read_time(cell) if len(cell.text) <= LONGEST else CellTime("")
    return bool(time.first or time.last)


def is_words(cell: FileCell) -> bool:
    return not is_number(cell) and not is_time(cell)


def is_low(cell: FileCell) -> bool:
    """Whether a cell is numbers alone that may be those of classes."""
    numbers = re.findall(r"[0-9]+", cell.text[:LONGEST])
    return bool(numbers) and all(int(one) <= HIGHEST_CLASS for one in numbers)


def is_age(cell: FileCell) -> bool:
    ages = read_ages(cell.text[:LONGEST])
    return ages is not None and max(one or 0 for one in ages) <= OLDEST_PUPIL


def is_level(cell: FileCell) -> bool:
    """Whether a cell names levels or classes; numbers alone may be a count."""
    text = cell.text[:LONGEST]
    return any(is_known(part) or bool(find_classes(part)) for part in split_levels(text))


# What most cells of a column look like that becomes this.
TESTS: Mapping[str, Callable[[FileCell], bool]] = {
    "country": is_country, "start": is_time, "end": is_time, "runs": is_time,
    "asked-when": is_time, "reach-when": is_time, "money-when": is_time, "reach": is_number,
    "money": is_sum, "website": is_address, "age": is_age,
}  # fmt: skip


def choose_by_values(hand: ColumnInHand, targets: tuple[str, ...]) -> str:
    """Return the only one of several targets that the values of a column fit; "" if none is."""
    if len(targets) < 2:
        return "".join(targets)
    clear = [one for one in targets if one in TESTS and hand.share(TESTS[one]) >= SOME]
    others = [one for one in targets if one not in TESTS and hand.share(is_words) >= SOME]
    fits = clear or others
    return fits[0] if len(fits) == 1 else ""


def propose_by_values(hand: ColumnInHand) -> FileColumn:
    """Return what a column becomes of which the name says nothing that we know."""
    if not hand.filled:
        return hand.become("ignore", "suggested" if hand.name.strip() else "sure")
    tests: tuple[tuple[Callable[[FileCell], bool], str], ...] = (
        (is_mail, "ignore"), (is_address, "website"), (is_country, "country"), (is_level, "level"),
        (is_counted, "reach"),
    )  # fmt: skip
    for test, target in tests:
        if hand.share(test) > MOST:
            return hand.become(target, "suggested")
    told = _("What is the column “%(column)s”? It says “%(text)s”.")
    if not hand.name.strip():
        told = _("A column has no name. What is it? It says “%(text)s”.")
    texts = list(dict.fromkeys(cell.text[:60] for cell in hand.filled))[:3]
    told %= {"column": hand.name, "text": "”, “".join(texts)}
    options = name_targets(["name", "summary", "description", "region", "ignore"])
    return hand.become("ignore", "asked", FieldQuestion(told, options))


def check_by_values(hand: ColumnInHand, target: str, certainty: str) -> FileColumn:
    """Return what a column becomes by its name, unless its values say something else."""
    if target not in ("ignore", "source", "summary", "description") and hand.share(is_mail) > MOST:
        return hand.become("ignore", "suggested")
    if target in ("name", "country") and hand.share(is_address) > MOST:
        told = _("“%(column)s” holds addresses of websites. What is it?")
        options = name_targets([target, "website", "ignore"])
        question = FieldQuestion(told % {"column": hand.name}, options)
        return hand.become(target, "asked", question)
    is_odd = target in TESTS and hand.filled and hand.share(TESTS[target]) < SOME
    if is_odd and certainty != "sure":
        return propose_by_values(hand)
    if target in WORDED and hand.share(is_number) > MOST:
        return propose_numbers(hand, target)
    if target == "money" and hand.filled and hand.share(is_sum) < SOME:
        told = _("“%(column)s” holds words, not sums. What is it?") % {"column": hand.name}
        options = name_targets(["funder", "money", "description", "ignore"])
        return hand.become("ignore", "asked", FieldQuestion(told, options))
    return hand.become(target, certainty)


def propose_numbers(hand: ColumnInHand, target: str) -> FileColumn:
    """Return what a column becomes whose name says who, and whose cells are numbers."""
    slug = find_unit_in_name(hand.name, hand.known)
    if slug and "|" not in slug:
        return hand.become("reach")
    if target == "audience":
        return ask_whom(hand, "participants")
    told = _("“%(column)s” holds numbers. What is it?") % {"column": hand.name}
    options = name_targets([target, "reach", "money", "ignore"])
    return hand.become("ignore", "asked", FieldQuestion(told, options))


def propose_count(hand: ColumnInHand, certainty: str) -> FileColumn:
    """Return what a column becomes that is called after a unit: numbers, or whom it is for."""
    slugs = find_unit_in_name(hand.name, hand.known)
    counted = take_first(trim_name(hand.name), read_phrases("units", "counts"))[0]
    if slugs == "classes" and hand.share(is_level) > SOME and not counted:
        return hand.become("level", certainty)
    if hand.filled and hand.share(is_number) <= MOST and not counted:
        told = _("“%(column)s” holds words, not numbers. What is it?") % {"column": hand.name}
        options = name_targets(["audience", "partner", "coordinator", "level", "ignore"])
        return replace(hand.become("audience", "asked", FieldQuestion(told, options)), unit="")
    if slugs == "participants" or "|" in slugs:
        return ask_whom(hand, slugs)
    if slugs == "classes" and not counted and hand.filled:
        return propose_classes(hand, certainty)
    return hand.become("reach", certainty)


def propose_classes(hand: ColumnInHand, certainty: str) -> FileColumn:
    """Return whether a column called “classes” says which they are, or how many."""
    if hand.share(is_low) <= MOST:
        return hand.become("reach", certainty)
    told = _("Does “%(column)s” say which classes, or how many?") % {"column": hand.name}
    options = (("level", _("which classes")), ("reach:classes", _("how many")))
    return hand.become("ignore", "asked", FieldQuestion(told, options))


def ask_whom(hand: ColumnInHand, slugs: str) -> FileColumn:
    """Ask what a column counts whose name does not say that: participants, students, people."""
    offered = ["students", "participants"] if slugs == "participants" else slugs.split("|")
    known = [one for one in offered if not hand.known.units or one in hand.known.units]
    told = _("What does “%(column)s” count?") % {"column": hand.name}
    if slugs == "participants":
        told = _("What does “%(column)s” count? It says “participants”.") % {"column": hand.name}
    options = [(f"reach:{one}", name) for one, name in name_units(hand.known, known)]
    options.append(("reach", _("it differs: ask me in each row")))
    column = hand.become("reach", "asked", FieldQuestion(told, tuple(options)))
    return replace(column, unit="")


# --- Names that may mean several things -----------------------------------------------------------


def ask_whose_time(hand: ColumnInHand) -> FileColumn:
    """Ask whether a time is that of the figures or of the start, with what its cells look like."""
    forms: dict[str, str] = {}
    for cell in hand.filled[:MANY]:
        if len(cell.text) <= LONGEST:
            forms.setdefault(read_time(cell).form, cell.text[:40])
    told = _("What is “%(column)s”: the year of the figures, or of the start?")
    since, school = forms.get("since", ""), forms.get("school-year", "")
    if since and school:
        told = _(
            "What is “%(column)s”: the year of the figures, or of the start? “%(since)s” looks "
            "like a start, “%(school)s” like a school year."
        )
    options = [("reach-when", _("year of the figures")), ("start", _("start of the programme"))]
    if since and len(forms) > 1:
        mixed = _("“%(since)s” is the start, the others are of the figures") % {"since": since}
        options.append(("mixed", mixed))
    if "range" in forms:
        options.append(("runs", _("from when to when the programme runs")))
    told %= {"column": hand.name, "since": since, "school": school}
    return hand.become("reach-when", "asked", FieldQuestion(told, tuple(options)))


def settle_years(columns: list[FileColumn]) -> list[FileColumn]:
    """Return the columns; a time is that of the figures if another column says the start."""
    targets = [column.target for column in columns if column.certainty != "asked"]
    has_start = bool({"start", "runs"}.intersection(targets))
    has_figures = any(column.target == "reach" for column in columns)
    is_of_figures = has_start and has_figures and "reach-when" not in targets
    asked = [
        column
        for column in columns
        if column.target == "reach-when" and column.certainty == "asked"
    ]
    if not is_of_figures or len(asked) != 1:
        return columns
    settled = replace(asked[0], certainty="suggested")
    return [settled if column is asked[0] else column for column in columns]


def settle_partners(columns: list[FileColumn]) -> list[FileColumn]:
    """Return the columns; partners are no coordinators where another column has those."""
    if not any(one.target == "coordinator" and one.certainty == "sure" for one in columns):
        return columns
    return [
        replace(one, certainty="sure", question=None) if one.question == ask_role(one.name) else one
        for one in columns
    ]


def ask_which_partner(hand: ColumnInHand) -> FileColumn:
    """Ask in which role partners are; numbers of partners are figures."""
    if hand.filled and hand.share(is_number) > MOST:
        return replace(hand.become("reach", "suggested"), unit="partner-organisations")
    return hand.become("partner", "asked", ask_role(hand.name))


def ask_role(name: str) -> FieldQuestion:
    """Return the question in which role the organisations of a column are."""
    told = _("Who are the organisations in “%(column)s”?") % {"column": name}
    options = (
        ("partner", _("partners")),
        ("coordinator", _("who runs the programme")),
        ("funder", _("who pays for it")),
        ("ignore", _("leave them out")),
    )
    return FieldQuestion(told, options)


def ask_about_doubles(columns: list[FileColumn]) -> list[FileColumn]:
    """Return the columns; if several would be the name, or another single thing, that is asked."""
    single = ("name", "website", "summary", "description", "status", "start", "end", "checked")
    for target in single:
        same = [one for one in columns if one.target == target and one.certainty != "asked"]
        if len(same) > 1:
            columns = [ask_about_double(one) if one in same else one for one in columns]
    return columns


def ask_about_double(column: FileColumn) -> FileColumn:
    """Return a column that asks what it is, as another one would be the same."""
    told = _("“%(column)s” and another column would be the same. What is this one?")
    offered = [column.target, "ignore"]
    if column.target == "name":
        offered = ["name", "other-name", "coordinator", "ignore"]
    question = FieldQuestion(told % {"column": column.name}, name_targets(offered))
    return replace(column, certainty="asked", question=question)

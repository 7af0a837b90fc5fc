"""Proposes what each column of a partner's table becomes, by its name and by what stands in it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from stemobs.curation.importing.columns.looks import (
    LONGEST,
    TESTS,
    is_address,
    is_counted,
    is_country,
    is_level,
    is_low,
    is_mail,
    is_number,
    is_sum,
    is_words,
)
from stemobs.curation.importing.columns.names import (
    find_currency_in_name,
    find_targets,
    find_unit_in_name,
    find_unit_within,
    may_be_no_count,
    trim_name,
)
from stemobs.curation.importing.columns.settling import (
    ask_about_doubles,
    ask_if_right,
    ask_if_turned,
    ask_role,
    settle_column,
    settle_partners,
    settle_years,
)
from stemobs.curation.importing.meanings.figures import name_units
from stemobs.curation.importing.meanings.tables import is_nothing, read_phrases, reduce, take_first
from stemobs.curation.importing.meanings.times import read_time
from stemobs.curation.importing.shapes import FileCell, FileColumn, FileTable, KnownTerms
from stemobs.curation.importing.targets import name_targets
from stemobs.curation.reading.lines import FieldQuestion

MOST = 0.6  # the share of cells that tells what a column is
# What is written in words; numbers in such a column count those whom it names.
WORDED = frozenset({"audience", "partner", "coordinator", "funder", "region", "status"})
SOME = 0.3  # the share that tells which of two things of this name it is
MANY = 200  # cells that are looked at
# What a name that has questions of its own may be, where it is one meaning of several.
ASKED_AS = {"asked-when": "reach-when", "asked-partner": "partner", "count": "reach"}
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
        named = dict.fromkeys(ASKED_AS.get(one, one) for one in targets)
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
    if target == "audience" and hand.share(is_level) > MOST:
        return hand.become("level", "suggested")
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


def ask_which_partner(hand: ColumnInHand) -> FileColumn:
    """Ask in which role partners are; numbers of partners are figures."""
    if hand.filled and hand.share(is_number) > MOST:
        return replace(hand.become("reach", "suggested"), unit="partner-organisations")
    return hand.become("partner", "asked", ask_role(hand.name))

"""What a cell is while it is read, and the questions of a table, each asked once for all its rows.

A reader of cells asks by a key. If the answers hold one of the options under it, that is returned
and nothing is asked; otherwise the question names one more line.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from django.utils.translation import gettext as _

from stemobs.curation.importing.shapes import (
    Answers,
    CellMeaning,
    FileCell,
    FileColumn,
    KnownTerms,
    TableQuestion,
)

MOST_PARTS = 60  # of a cell; there are fewer countries in Europe
Options = Iterable[tuple[str, str]]


@dataclass
class Inquiry:
    """What is asked of a table: the questions so far by their keys, and the answers given."""

    known: KnownTerms
    answers: Answers
    questions: dict[str, TableQuestion] = field(default_factory=dict)
    lines: dict[str, dict[int, None]] = field(default_factory=dict)  # of each question

    def find_answer(self, key: str) -> str:
        """Return what somebody answered, without spaces around it; "" if nobody did."""
        answer = self.answers.get(key)
        return answer.strip() if isinstance(answer, str) else ""

    def note(self, question: TableQuestion) -> None:
        """Keep a question; one that is asked already names one more line."""
        self.questions.setdefault(question.key, question)
        self.lines.setdefault(question.key, {}).update(dict.fromkeys(question.lines))

    def list_questions(self) -> list[TableQuestion]:
        """Return the questions, each with all the lines that it is about."""
        return [replace(one, lines=tuple(self.lines[key])) for key, one in self.questions.items()]


@dataclass
class CellInHand:
    """A cell that is being read: where it stands, what is known of its row, what came of it."""

    column: FileColumn
    line: int
    cell: FileCell
    inquiry: Inquiry
    countries: tuple[str, ...] = ()  # of its row
    meaning: CellMeaning = field(default_factory=lambda: CellMeaning(""))

    @property
    def text(self) -> str:
        return self.cell.text

    @property
    def known(self) -> KnownTerms:
        return self.inquiry.known

    @property
    def country(self) -> str:
        """The country of the row, if there is one only."""
        return self.countries[0] if len(self.countries) == 1 else ""

    def ask(self, key: str, told: str, options: Options, *, free: bool = False) -> str:
        """Return the answer to a question; if there is none, ask and return "".

        An answer that is no option counts only if people may type one.
        """
        offered = tuple(options)
        answer = self.inquiry.find_answer(key)
        if answer and (free or answer in dict(offered)):
            return answer
        if key not in self.meaning.asked:  # a cell may ask the same of each of its parts
            self.meaning.asked.append(key)
            place = self.column.place
            self.inquiry.note(TableQuestion(key, told, offered, place, (self.line,)))
        return ""

    def ask_each(self, key: str, told: str, options: Options, each: tuple[str, str]) -> str:
        """Return the answer for the whole column, or for the cell if they differ: `each`.

        The question about one cell has the key and the told text of `each`.
        """
        offered = tuple(options)
        answer = self.ask(key, told, [*offered, ("each", self.told_each)])
        return self.ask(*each, offered) if answer == "each" else answer

    @property
    def told_each(self) -> str:
        return _("it differs: ask me in each row")

    def refuse(self, code: str, told: str, /, **words: object) -> None:
        """Note why the cell cannot be right; the first reason counts."""
        if not self.meaning.fault:
            self.meaning.code, self.meaning.fault = code, told % words if words else told

    def take_parts(self, parts: Iterable[str]) -> list[str]:
        """Return the different parts of a cell; refuse one that has more than any list has."""
        taken = list(islice(parts, MOST_PARTS + 1))
        if len(taken) > MOST_PARTS:
            told = _("This cell lists more than %(most)d things. Check it.")
            self.refuse("too-many-values", told, most=MOST_PARTS)
            return []
        return list(dict.fromkeys(taken))

    def add(self, fact: Mapping[str, str]) -> None:
        """Add a fact without its empty fields, unless the cell has said it already."""
        filled = {name: value for name, value in fact.items() if value}
        if filled and filled not in self.meaning.facts:
            self.meaning.facts.append(filled)

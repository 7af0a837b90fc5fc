"""The form of a figure that readers may have seen: over it, another number is asked about."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _

from stemobs.admin.base import RowForm
from stemobs.admin.figures.questions import FigureAnswer, FigureQuestion, ask_what_happened
from stemobs.admin.merging.values import RowAnswer
from stemobs.admin.record.questions import render_question
from stemobs.curation.reading.lines import FieldQuestion
from stemobs.curation.reading.periods import read_period

# What a figure says, each in one or several columns: how many, of what, and of which years.
NUMBER = ("value", "value_max", "amount", "amount_max")
UNIT = ("unit", "currency")
YEARS = ("year_from", "year_to")


class SeenFigure(RowForm):
    """The form of a figure; where it says something else to readers, it asks what has happened.

    How exact a figure is, its source, its place there and its note are corrected as anywhere else.
    So is what the figure did not say before, such as its year.
    """

    happened = RowAnswer()
    misread_because = RowAnswer()
    rows: Any = None  # the formset that it belongs to

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.life: FigureQuestion | None = None  # what is asked, or was and is answered
        self.answer: FigureAnswer | None = None
        self.is_kept = False  # though it was to be deleted

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if self.question:  # what two people made of it is asked first
            return cleaned
        if cleaned.get("DELETE") and self.stays() and not self.keep(cleaned):
            return cleaned
        if not cleaned.get("DELETE") and self.says_something_else(cleaned):
            self.see_what_happened(cleaned)
        return cleaned

    @property
    def is_stored(self) -> bool:
        return self.rows is not None and self.instance.pk is not None

    def says_something_else(self, cleaned: dict[str, Any]) -> bool:
        """Whether readers were told something else by what is stored."""
        if not self.is_stored or self.instance.retracted_because:
            return False
        differs = any(self.differs(one, cleaned) for one in (NUMBER, UNIT, YEARS))
        return differs and self.rows.are_seen

    def differs(self, part: Iterable[str], cleaned: dict[str, Any]) -> bool:
        """Whether columns that said something do not say the same any more."""
        names = [name for name in part if name in self.fields]
        was = self.read_stored(names)
        if {*was} == {None} or {*names} & {*self.errors}:
            return False
        return was != [hold(cleaned.get(name)) for name in names]

    def read_stored(self, names: Iterable[str]) -> list[Any]:
        return [hold(getattr(self.instance, name)) for name in names]

    def read_said(self) -> list[Any]:
        """Return what is stored of how many, of what and of which years: answers are for that."""
        return self.read_stored(name for name in (*NUMBER, *UNIT, *YEARS) if name in self.fields)

    # What is deleted

    def stays(self) -> bool:
        """Whether readers have seen the figure, so that its user may only retract it.

        It stays once it is retracted too: the row is what the history tells of.
        """
        return self.is_stored and not self.rows.may_delete and self.rows.are_seen

    def keep(self, cleaned: dict[str, Any]) -> bool:
        """Keep a figure that was to be deleted; say what to do if no reason retracts it."""
        cleaned["DELETE"] = False
        self.changed_data.remove("DELETE")
        if cleaned.get("retracted_because"):
            self.is_kept = True
            return True
        told = _(
            "Readers have seen this figure, so it is not deleted. If it was never right, say here "
            "why, and save: it goes out of all counts, and the history tells readers. If there is "
            "a newer one, untick “Delete” and type that one over it."
        )
        name = "retracted_because"
        self.add_error(name if name in self.fields else None, told)
        return False

    # What is asked

    def see_what_happened(self, cleaned: dict[str, Any]) -> None:
        """Take the answer to what has happened, or ask."""
        if not self.rows.may_add:
            told = _(
                "Readers have seen this figure, so another number needs a row of its own. You may "
                "not add any. Ask somebody who may."
            )
            self.add_error(None, told)
            return
        self.life = ask_what_happened(self, self.read_said(), self.list_offered(cleaned))
        reason = cleaned.get("misread_because") or cleaned.get("retracted_because") or ""
        self.answer = self.life.take_answer(cleaned.get("happened") or "", reason)
        if self.answer is None:
            self.show_question()
        elif self.answer == FigureAnswer.NEWER and "period" not in self.errors:
            self.read_time_of_newer(cleaned)

    def show_question(self) -> None:
        asked: Any = self.life  # not a text yet: it is drawn when the page is
        self.asked[NON_FIELD_ERRORS] = None
        self.add_error(None, ValidationError(asked))

    def list_offered(self, cleaned: dict[str, Any]) -> list[FigureAnswer]:
        """Return the answers that may be given; what is retracted anyway was misread.

        A newer figure counts the same, and supersedes only what nothing superseded yet.
        """
        if cleaned.get("retracted_because"):
            return [FigureAnswer.MISREAD]
        units = [name for name in UNIT if name in self.fields]
        same_unit = [hold(cleaned.get(name)) for name in units] == self.read_stored(units)
        if same_unit and not cleaned.get("superseded_by"):
            return [*FigureAnswer]
        return [FigureAnswer.MISREAD, FigureAnswer.BOTH]

    # Of when a newer figure is

    def lacks_time(self, cleaned: dict[str, Any]) -> bool:
        """Whether no other time was typed than that of the stored figure, or none at all."""
        words, years = hold(cleaned.get("period")), [cleaned.get(name) for name in YEARS]
        same_words = words in (None, *self.read_stored(("period",)))
        return same_words and years in ([None, None], self.read_stored(YEARS))

    def read_time_of_newer(self, cleaned: dict[str, Any]) -> None:
        """See to it that a newer figure has a time of its own, later than the old one."""
        if self.lacks_time(cleaned):
            self.ask_for_time(
                _(
                    "Of when is the newer figure? If its source does not say, write when it was "
                    "reported, such as “reported 2026”."
                )
            )
            return
        self.drop_old_years(cleaned)
        was, now = self.read_stored(YEARS), [cleaned.get(name) for name in YEARS]
        if any(was) and any(now) and find_end(now) < find_end(was):
            self.ask_for_time(
                _("This is of an earlier time than the old figure. Check it, or let both stand.")
            )

    def drop_old_years(self, cleaned: dict[str, Any]) -> None:
        """Let no years of the old figure stand beside words that name none, as “reported 2026”."""
        typed = read_period(cleaned.get("period") or "")
        same = [hold(cleaned.get(name)) for name in YEARS] == self.read_stored(YEARS)
        if same and cleaned.get("period") and typed.first is None and typed.last is None:
            cleaned |= dict.fromkeys(YEARS)

    def ask_for_time(self, told: str) -> None:
        question = FieldQuestion(told)
        self.asked["period"] = question
        self.add_error("period", render_question(question, self.add_prefix("period")))


def hold(value: Any) -> Any:
    """Return what a column holds, with None for whatever is empty."""
    return None if value == "" else value


def find_end(years: list[Any]) -> int:
    return max(year for year in years if year)

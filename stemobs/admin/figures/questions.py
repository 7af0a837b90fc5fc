"""What is asked when somebody types another number over a figure that readers have seen."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from programmes.models import Figure
from stemobs.admin.merging.questions import MergeQuestion, Option, list_links, mark_value
from stemobs.admin.record.sentences import write_sentence

LONGEST_FIGURE = 80  # letters of a figure where it is named
LONGEST_REASON = Figure._meta.get_field("retracted_because").max_length or 0


class FigureAnswer(StrEnum):
    """What another number over a figure means."""

    NEWER = "newer"
    MISREAD = "misread"
    BOTH = "both"


OPTIONS = {
    FigureAnswer.NEWER: (
        gettext_lazy("There is a newer figure"),
        gettext_lazy(
            "Readers see yours, and below it the old one as “earlier”. Give its own period and "
            "source below."
        ),
    ),
    FigureAnswer.MISREAD: (
        gettext_lazy("We misread the old one"),
        gettext_lazy("Yours takes its place. The history tells readers why."),
    ),
    FigureAnswer.BOTH: (
        gettext_lazy("Both stand"),
        gettext_lazy("Readers see both, for example because two sources differ."),
    ),
}


@dataclass(eq=False)
class FigureQuestion(MergeQuestion):
    """The question what has happened to a figure; it is drawn late, with what is known by then."""

    template: ClassVar[str] = "admin/figures/question.html"
    choice: ClassVar[str] = "happened"  # the field of the answer, and below that of the reason
    reason_name: ClassVar[str] = "misread_because"
    longest_reason: ClassVar[int] = LONGEST_REASON

    typed: Any = ""  # how the row reads as it was typed
    reason: str = ""
    wrong: str = ""  # with the reason
    is_open: bool = True

    def offers(self, answer: str) -> bool:
        return any(one.answer == answer for one in self.options)

    def take_answer(self, given: str, reason: str) -> FigureAnswer | None:
        """Take what was answered, if it is offered and was given for what is stored now."""
        answer, _colon, mark = given.partition(":")
        self.reason = reason
        if mark != self.mark or not self.offers(answer):
            return None
        self.chosen = answer
        self.wrong = find_fault(reason) if answer == FigureAnswer.MISREAD else ""
        self.is_open = bool(self.wrong)
        return None if self.is_open else FigureAnswer(answer)

    def propose(self, answer: FigureAnswer) -> None:
        """Choose an answer for somebody who has not answered yet, and can choose another."""
        if not self.chosen and self.offers(answer):
            self.chosen = answer

    def __str__(self) -> str:
        return self.render()


def find_fault(reason: str) -> str:
    """Return what is wrong with the reason of a misreading; "" if nothing is."""
    if not reason:
        return _("Say in a sentence what was wrong with the old one.")
    if len(reason) > LONGEST_REASON:
        return _("Say it in %(number)d letters at most.") % {"number": LONGEST_REASON}
    return ""


def mark_stored(stored: list[Any]) -> str:
    """Return the mark of what a figure says, for which an answer counts."""
    return mark_value([*map(str, stored)])


def write_answer(answer: FigureAnswer, stored: list[Any]) -> str:
    """Return an answer about a figure that says this, as a form sends it."""
    return f"{answer}:{mark_stored(stored)}"


def ask_what_happened(form: Any, stored: list[Any], offered: list[FigureAnswer]) -> FigureQuestion:
    """Return the question about a figure whose form was sent, and whose row is as it is stored."""
    was = write_sentence(form)
    kind = capfirst(str(form.instance._meta.verbose_name))
    figure = Truncator(was).chars(LONGEST_FIGURE)
    return FigureQuestion(
        _("%(kind)s “%(fact)s”") % {"kind": kind, "fact": figure},
        _("Readers have seen it. What has happened?"),
        was,
        [Option(one, str(OPTIONS[one][0]), str(OPTIONS[one][1])) for one in offered],
        mark_stored(stored),
        str(form.prefix),
        typed=SimpleLazyObject(lambda: write_sentence(form)),
    )


def describe_open(questions: list[FigureQuestion]) -> SafeString:
    """Return why a form is not saved yet, with links to what is to choose."""
    told = ngettext(
        "Not saved yet: you changed a figure that readers have seen. Please answer below.",
        "Not saved yet: you changed %(number)d figures that readers have seen. Please answer "
        "below.",
        len(questions),
    ) % {"number": len(questions)}
    # The focus goes there, so that a screen reader begins with it.
    html = '<span class="refusal" tabindex="-1" autofocus>{} {}</span>'
    return format_html(html, told, list_links(questions))

"""What is asked when somebody types another number over a figure that readers have seen."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemobs.admin.merging.questions import MergeQuestion, Option, list_links, mark_value
from stemobs.admin.record.sentences import write_sentence

LONGEST_FIGURE = 80  # letters of a figure where it is named


class Answer(StrEnum):
    """What another number over a figure means."""

    NEWER = "newer"
    MISREAD = "misread"
    BOTH = "both"


@dataclass(eq=False)
class FigureQuestion(MergeQuestion):
    """The question what has happened to a figure; it is drawn late, with what is known by then."""

    template: ClassVar[str] = "admin/figures/question.html"
    choice: ClassVar[str] = "happened"  # the field of the answer, and below that of the reason
    reason_name: ClassVar[str] = "misread_because"

    typed: Any = ""  # how the row reads as it was typed
    reason: str = ""
    lacks_reason: bool = False
    is_open: bool = True

    def offers(self, answer: str) -> bool:
        return any(one.answer == answer for one in self.options)

    def take_answer(self, given: str, reason: str) -> Answer | None:
        """Take what was answered, if it is offered and was given for what is stored now."""
        answer, _colon, mark = given.partition(":")
        self.reason = reason
        if mark != self.mark or not self.offers(answer):
            return None
        self.chosen = answer
        self.lacks_reason = self.is_open = answer == Answer.MISREAD and not reason
        return None if self.is_open else Answer(answer)

    def propose(self, answer: Answer) -> None:
        """Choose an answer for somebody who has not answered yet, and can choose another."""
        if not self.chosen and self.offers(answer):
            self.chosen = answer

    def __str__(self) -> str:
        return self.render()


def ask_what_happened(form: Any, stored: list[Any], may_be_newer: bool) -> FigureQuestion:
    """Return the question about a figure whose form was sent, and whose row is as it is stored."""
    was = write_sentence(form)
    kind = capfirst(str(form.instance._meta.verbose_name))
    figure = Truncator(was).chars(LONGEST_FIGURE)
    return FigureQuestion(
        _("%(kind)s “%(fact)s”") % {"kind": kind, "fact": figure},
        _("Readers have seen it. What has happened?"),
        was,
        [*list_options(may_be_newer)],
        mark_value([*map(str, stored)]),
        str(form.prefix),
        typed=SimpleLazyObject(lambda: write_sentence(form)),
    )


def list_options(may_be_newer: bool) -> Iterator[Option]:
    if may_be_newer:
        told = _(
            "Readers see yours, and below it the old one as “earlier”. Give its own period and "
            "source below."
        )
        yield Option(Answer.NEWER, _("There is a newer figure"), told)
    yield Option(
        Answer.MISREAD,
        _("We misread the old one"),
        _("Yours takes its place. The history tells readers why."),
    )
    yield Option(
        Answer.BOTH,
        _("Both stand"),
        _("Readers see both, for example because two sources differ."),
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

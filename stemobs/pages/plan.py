"""The planner: twelve questions on a partnership, and the programmes that answer them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from partnerships.models import Criterion
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.entries.examples import Example, Examples, find_examples
from stemobs.exports.citations import cite_fixed_page
from stemobs.pages.citable import render_citable
from stemobs.selection.parameters import OptionField, Problem, list_unknown, make_problem

YES, PARTLY, NOT_YET = "yes", "partly", "not-yet"
ANSWERS: Mapping[str, Any] = {
    YES: gettext_lazy("Yes"),
    PARTLY: gettext_lazy("Partly"),
    NOT_YET: gettext_lazy("Not yet"),
}
OPEN = (NOT_YET, PARTLY)  # answers that leave something to do, the one with most to do first


@dataclass(frozen=True)
class Point:
    """A criterion of good practice, the reader's answer, and programmes that meet it."""

    criterion: Criterion
    answer: str
    found: Examples | None

    @property
    def shown(self) -> list[Example]:
        return self.found.shown if self.found else []

    @property
    def answer_words(self) -> str:
        return str(ANSWERS[self.answer]) if self.answer else ""


@dataclass(frozen=True)
class Plan:
    """The points for all criteria in their order, with the reader's answers."""

    points: list[Point]

    def answered(self, answer: str) -> list[Point]:
        return [point for point in self.points if point.answer == answer]

    @property
    def open(self) -> list[Point]:
        """Return the points to work on: first those answered “not yet”, then “partly”."""
        return [point for answer in OPEN for point in self.answered(answer)]

    @property
    def met(self) -> list[Point]:
        return self.answered(YES)

    @property
    def unanswered(self) -> list[Point]:
        return self.answered("")

    @property
    def query(self) -> str:
        """Return the answers as the query string of the planner's address."""
        return urlencode([(p.criterion.slug, p.answer) for p in self.points if p.answer])


@require_safe
def show_plan(request: HttpRequest) -> HttpResponse:
    """Show twelve questions on a partnership, and programmes that do what is lacking.

    The answers are in the query of the address; the site stores none of them.
    """
    criteria = list(Criterion.objects.all())
    answers, problems = read_answers(request.GET, criteria)
    lacking = [one for one in criteria if answers.get(one.slug) in OPEN]
    found = {one.term: one for one in find_examples(lacking, get_request_catalogue(request))}
    points = [Point(one, answers.get(one.slug, ""), found.get(one)) for one in criteria]
    context = {
        "plan": Plan(points),
        "is_answered": bool(answers),
        "answers": ANSWERS,
        "problems": problems,
    }
    reference = cite_fixed_page("plan", get_request_catalogue(request).moment)
    return render_citable(request, "pages/plan/plan.html", context, reference)


def read_answers(
    data: QueryDict, criteria: Sequence[Criterion]
) -> tuple[dict[str, str], list[Problem]]:
    """Return the answers by the criterion's slug, and what is wrong in the query."""
    slugs = [one.slug for one in criteria]
    problems = list_unknown(data.items(), slugs)
    answers: dict[str, str] = {}
    for slug in slugs:
        try:
            answers[slug] = OptionField(options=ANSWERS).clean(data.getlist(slug))
        except ValidationError as error:
            problems += [make_problem(slug, one) for one in error.error_list]
    return {slug: answer for slug, answer in answers.items() if answer}, problems

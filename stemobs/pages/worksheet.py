"""The worksheet for taking an idea elsewhere: one that travelled, eight conditions, own answers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from partnerships.models import GuideItem
from programmes.models import Programme
from stemobs.addresses import drop_empty_parameters
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.entries.lineage import Journey, list_journeys
from stemobs.exports.citations import cite_fixed_page
from stemobs.pages.citable import render_citable
from stemobs.pages.plan import ANSWERS, OPEN
from stemobs.selection.parameters import (
    OptionField,
    Problem,
    SingleField,
    list_unknown,
    make_error,
    make_problem,
)
from stemobs.text import drop_invisible

GUIDE = "transfer-conditions"
CONDITIONS = "Eight conditions"  # the group of the guide's items that are asked one by one
IDEA = "idea"  # the parameter that chooses a journey
# Whole answers must fit into an address, in which a letter can take nine characters.
MOST_LETTERS = 200
# The questions that are answered in the reader's own words, with the guide's item on each.
QUESTIONS: Mapping[str, tuple[Any, str]] = {
    "place": (gettext_lazy("Where do you want to take it, and who there wants it?"), "usable"),
    "core": (gettext_lazy("What must stay, because the idea lives by it?"), "core-elements"),
    "changes": (gettext_lazy("What has to change in your place?"), "no-copy"),
    "partner": (gettext_lazy("Whom do you ask where it comes from?"), "work-together"),
}


class AnswerField(SingleField):
    """Field for an answer in words, at most MOST_LETTERS characters."""

    def read(self, text: str) -> str:
        text = text.replace("\r\n", "\n")  # as forms send a new line, which counts once
        if len(text) > MOST_LETTERS:
            reason = _("is longer than {most} characters").format(most=MOST_LETTERS)
            raise make_error(text, reason)
        return drop_invisible(text)


@dataclass(frozen=True)
class Condition:
    """A condition of the guide, and the reader's answer to it ("" for none)."""

    item: GuideItem
    answer: str


@dataclass(frozen=True)
class Question:
    """A question for the reader's own words, the guide's item on it, and what was answered."""

    name: str
    words: Any
    item: GuideItem | None
    answer: str


@dataclass(frozen=True)
class SharedRow:
    """What origin and adaptation have in common of one kind of thing, and what only one has."""

    name: Any
    both: list[str]
    origin: list[str]
    target: list[str]


@require_safe
@drop_empty_parameters
def show_worksheet(request: HttpRequest) -> HttpResponse:
    """Show the worksheet with the reader's answers; one that is too long is an error of theirs.

    The answers are in the query of the address; the site stores none of them.
    """
    catalogue = get_request_catalogue(request)
    journeys = {name_journey(one): one for one in list_journeys(catalogue)}
    items = list(GuideItem.objects.filter(guide__slug=GUIDE).select_related("guide"))
    asked = [one for one in items if one.group == CONDITIONS and one.slug not in QUESTIONS]
    answers, problems, too_long = read_answers(request.GET, journeys, asked)
    journey = journeys.get(answers.get(IDEA, ""))
    conditions = [Condition(one, answers.get(one.slug, "")) for one in asked]
    context = {
        "journeys": journeys,
        "journey": journey,
        "chosen": answers.get(IDEA, ""),
        "shared": compare_ends(journey) if journey else [],
        "conditions": conditions,
        "open": [one for state in OPEN for one in conditions if one.answer == state],
        "questions": make_questions(items, {**answers, **too_long}),
        "answers": ANSWERS,
        "most": MOST_LETTERS,
        "query": urlencode(answers),
        "problems": problems,
    }
    reference = cite_fixed_page("worksheet", catalogue.moment)
    response = render_citable(request, "pages/worksheet/worksheet.html", context, reference)
    if too_long:
        response.status_code = 400
    return response


def name_journey(journey: Journey) -> str:
    """Return the value by which an address names a journey: the slugs of both of its ends."""
    ends = (journey.origin, journey.target)
    return "..".join(end.url.rstrip("/").rpartition("/")[2] for end in ends)


def read_answers(
    data: QueryDict, journeys: Mapping[str, Journey], asked: Sequence[GuideItem]
) -> tuple[dict[str, str], list[Problem], dict[str, str]]:
    """Return the answers by parameter, what is wrong, and the texts that are too long.

    A field that was left empty is not wrong. Texts that are too long are returned to be shortened.
    """
    fields: dict[str, SingleField] = {IDEA: OptionField(options=journeys)}
    fields |= {one.slug: OptionField(options=ANSWERS) for one in asked}
    fields |= {name: AnswerField() for name in QUESTIONS}
    problems = list_unknown(data.items(), fields)
    answers: dict[str, str] = {}
    too_long: dict[str, str] = {}
    for name, field in fields.items():
        given = [value for value in data.getlist(name) if value.strip()]
        try:
            answers[name] = field.clean(given) or ""
        except ValidationError as error:
            problems += [make_problem(name, one) for one in error.error_list]
            if name in QUESTIONS:
                too_long[name] = given[0]
    return {name: value for name, value in answers.items() if value}, problems, too_long


def make_questions(items: Iterable[GuideItem], answers: Mapping[str, str]) -> list[Question]:
    told = {item.slug: item for item in items}
    return [
        Question(name, words, told.get(slug), answers.get(name, ""))
        for name, (words, slug) in QUESTIONS.items()
    ]


def compare_ends(journey: Journey) -> list[SharedRow]:
    """Return what our records have in common; empty unless both ends are programmes."""
    ends = [end.pk for end in (journey.origin, journey.target)]
    rows = Programme.objects.published().prefetch_related("kinds", "levels", "audiences")
    found = rows.in_bulk([pk for pk in ends if pk])
    if len(found) < len(ends):
        return []
    origin, target = (found[pk] for pk in ends if pk)
    return [
        make_shared_row(name, getattr(origin, relation).all(), getattr(target, relation).all())
        for name, relation in (
            (_("What happens"), "kinds"),
            (_("Education level"), "levels"),
            (_("For whom"), "audiences"),
        )
    ]


def make_shared_row(name: Any, origin: Iterable[Any], target: Iterable[Any]) -> SharedRow:
    first, second = [one.name for one in origin], [one.name for one in target]
    return SharedRow(
        name,
        both=[one for one in first if one in second],
        origin=[one for one in first if one not in second],
        target=[one for one in second if one not in first],
    )

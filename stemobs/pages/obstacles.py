"""The obstacle finder: choose obstacles, and see what is documented, and who shows a way round."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from partnerships.models import Obstacle
from programmes.models import Programme
from stemobs.addresses import drop_empty_parameters
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.entries.examples import with_evidence_and_countries
from stemobs.exports.citations import cite_fixed_page
from stemobs.pages.citable import render_citable
from stemobs.pages.guide import list_help_on_levels
from stemobs.selection.parameters import Problem, ValuesField, list_unknown, write_query
from stemobs.selection.programmes import ProgrammeFilter
from stemobs.text import find_spans, parse_search

PARAMETER = "obstacle"
MOST_SHOWN = 3
MOST_READ = 12  # of how many programmes the texts are read for a sentence with the words
TEXTS = ("summary", "description", "activities", "objectives")
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
# The words that are looked for in the texts of running programmes, by the slug of the obstacle. No
# source ties a programme to an obstacle: which words show a way round it is our reading. Obstacles
# without words here have none that would find such a text.
SHOWING = {
    "resources": '"free of charge"',
    "support": '"school heads"',
    "geography": '"travelling"',
    "goals": '"what they want to reach"',
    "partners": '"matches"',
    "continuity": '"over three years"',
    "communication": '"coordinator"',
    "different-realities": '"working life"',
    "stereotypes": '"image of"',
}
READING_GUIDE = "How to read them"  # the group of items that explain how to read the others


@dataclass(frozen=True)
class Showing:
    """A programme with the sentence of its text that shows a way round an obstacle."""

    programme: Programme
    sentence: str


@dataclass(frozen=True)
class KnownObstacle:
    """What is known about one obstacle: the report's response, and programmes that show a way."""

    obstacle: Obstacle
    words: str  # what was looked for in texts, without quotation marks; "" for nothing
    query: str  # of the list of all programmes with these words
    number: int
    shown: list[Showing]


@require_safe
@drop_empty_parameters
def show_finder(request: HttpRequest) -> HttpResponse:
    """Show all obstacles to choose from, and for those chosen what is documented about them.

    The choice is in the query of the address; the site stores none of it.
    """
    obstacles = list(Obstacle.objects.all())
    chosen, problems = read_chosen(request.GET, obstacles)
    catalogue = get_request_catalogue(request)
    help_on_levels = list_help_on_levels() if chosen else []
    context = {
        "obstacles": obstacles,
        "chosen": chosen,
        "query": write_query((PARAMETER, one.slug) for one in chosen),
        "answers": find_answers(chosen, catalogue) if chosen else [],
        "help": [item for item in help_on_levels if item.group != READING_GUIDE],
        "reading": [item for item in help_on_levels if item.group == READING_GUIDE],
        "problems": problems,
    }
    reference = cite_fixed_page("obstacles", catalogue.moment)
    return render_citable(request, "pages/obstacles/obstacles.html", context, reference)


def read_chosen(
    data: QueryDict, obstacles: Sequence[Obstacle]
) -> tuple[list[Obstacle], list[Problem]]:
    """Return the chosen obstacles in the order of the report, and what is wrong in the query."""
    problems = list_unknown(data.items(), [PARAMETER])
    known = {one.slug: one for one in obstacles}
    given = [part.lower() for part in ValuesField().clean(data.getlist(PARAMETER)) if part]
    reason = _("is not one of its values")
    problems += [
        Problem(PARAMETER, part, reason, tuple(known)) for part in given if part not in known
    ]
    return [one for one in obstacles if one.slug in given], problems


def find_answers(chosen: Iterable[Obstacle], catalogue: Catalogue) -> list[KnownObstacle]:
    """Return what is known about each obstacle, with few queries for all of them."""
    found = {one: search_running(SHOWING.get(one.slug, ""), catalogue) for one in chosen}
    ids = {pk for search in found.values() if search for pk in search.cut(0, MOST_READ)}
    programmes = with_evidence_and_countries().in_bulk(ids) if ids else {}
    return [make_answer(one, search, programmes) for one, search in found.items()]


def search_running(words: str, catalogue: Catalogue) -> ProgrammeFilter | None:
    """Return the search for words in running programmes; None without words."""
    if not words:
        return None
    data = QueryDict(mutable=True)
    data.update({"q": words, "status": Programme.Status.ACTIVE})
    return ProgrammeFilter(data, catalogue)


def make_answer(
    obstacle: Obstacle, search: ProgrammeFilter | None, programmes: Mapping[int, Programme]
) -> KnownObstacle:
    if not search:
        return KnownObstacle(obstacle, "", "", 0, [])
    words = SHOWING[obstacle.slug]
    rows = (programmes[pk] for pk in search.cut(0, MOST_READ) if pk in programmes)
    shown = [Showing(row, sentence) for row in rows if (sentence := find_sentence(row, words))]
    query = search.query()
    return KnownObstacle(obstacle, words.strip('"'), query, len(search.matched), shown[:MOST_SHOWN])


def find_sentence(programme: Programme, words: str) -> str:
    """Return the first sentence of a programme's texts that has the words; "" if none has."""
    search = parse_search(words)
    return next((one for one in split_texts(programme) if find_spans(one, search)), "")


def split_texts(programme: Any) -> Iterator[str]:
    for name in TEXTS:
        yield from filter(None, SENTENCE.split(getattr(programme, name)))

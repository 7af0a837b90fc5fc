"""The page of a programme's record as it was at an earlier revision of the catalogue.

The citation of a record leads there, and so does `?as_of=2026-11-21` at the record.
"""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from stemobs.accepting import depending_on_accept
from stemobs.addresses import NothingThere
from stemobs.entries.entry import Entry
from stemobs.entries.history.states import RecordState, Withheld, read_state, word_missing_state
from stemobs.exports.citations import cite_state
from stemobs.exports.signposts import write_state_links
from stemobs.pages.decorators import choose_ending
from stemobs.pages.programme import describe_parts
from stemobs.pages.redirects import (
    build_state_address,
    find_stated_programme,
    redirect_to_data_of_state,
    show_withheld,
)

TEMPLATE = "pages/state/state.html"


@require_safe
@depending_on_accept
def show_state(request: HttpRequest, slug: str, revision: int) -> HttpResponse:
    """Show a record as it was at a revision; 404 if readers could not see it then.

    A withdrawn record has no states, so it answers 410.
    """
    if ending := choose_ending(request):
        return redirect_to_data_of_state(slug, revision, ending)
    programme = find_stated_programme(
        request, slug, partial(build_state_address, revision=revision)
    )
    if isinstance(programme, HttpResponse):
        return programme
    try:
        state = read_state(programme, revision)
    except Withheld as withheld:
        return show_withheld(request, programme, str(withheld))
    if state is None:
        raise NothingThere(word_missing_state(revision))
    response = render(request, TEMPLATE, describe_state(state))
    response.headers["Link"] = write_state_links(programme.slug)
    return response


def describe_state(state: RecordState) -> dict[str, object]:
    """Return what the template shows; nobody is asked to add to what was."""
    parts = describe_parts(Entry(state.programme))
    return {**parts, "state": state, "reference": cite_state(state), "tell_us": ""}

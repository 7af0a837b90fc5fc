"""Helpers that select programmes by a query string and return their slugs."""

from django.http import QueryDict

from programmes.models import Programme
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.selection.programmes import ProgrammeFilter


def ask(query: str) -> ProgrammeFilter:
    """Return the selection of a query string; fail if the query has problems."""
    selection = ProgrammeFilter(QueryDict(query), get_current_catalogue())
    assert selection.problems == []
    return selection


def slugs(query: str) -> list[str]:
    """Return the slugs of the programmes that a query finds, in the order that it asks for."""
    return in_words(ask(query))


def in_words(selection: ProgrammeFilter) -> list[str]:
    known = dict(Programme.objects.values_list("pk", "slug"))
    return [known[pk] for pk in selection.matches[:]]

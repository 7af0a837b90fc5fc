"""Asks the selection of programmes, and tells what it finds in slugs."""

from django.http import QueryDict

from programmes.models import Programme
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.selection.programmes import ProgrammeFilter


def ask(query: str) -> ProgrammeFilter:
    """Return what a query selects, which must be right."""
    selection = ProgrammeFilter(QueryDict(query), get_current_catalogue())
    assert selection.problems == []
    return selection


def slugs(query: str) -> list[str]:
    """Return the slugs that a query finds, in its order."""
    return in_words(ask(query))


def in_words(selection: ProgrammeFilter) -> list[str]:
    known = dict(Programme.objects.values_list("pk", "slug"))
    return [known[pk] for pk in selection.matches[:]]

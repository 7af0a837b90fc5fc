"""Programmes as rows of a list, made once for each state of the catalogue and then kept."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language

from programmes.catalogue import Catalogue
from programmes.models import Programme
from programmes.text import Search

NOTHING_SEARCHED = Search()
Make = Callable[[list[int]], Mapping[int, Any]]  # from ids to what is made of the rows


def cards(
    catalogue: Catalogue, ids: Iterable[int], searched: Search = NOTHING_SEARCHED
) -> list[str]:
    """Return the cards of programmes as HTML, with the words that were searched marked."""

    def make(missing: list[int]) -> dict[int, str]:
        rows = Programme.objects.published().for_cards().in_bulk(missing)
        return {pk: card(programme, searched) for pk, programme in rows.items()}

    ids = list(ids)
    # Marked cards are for one search: kept, they would push out those that many readers share.
    if searched:
        made = make(ids)
        return [made[pk] for pk in ids if pk in made]
    return kept(catalogue, ("card", get_language()), ids, make)


def card(programme: Programme, searched: Search) -> str:
    context = {"programme": programme, "searched": searched}
    return render_to_string("components/programme_card.html", context)


def kept(catalogue: Catalogue, kind: Hashable, ids: Iterable[int], make: Make) -> list[Any]:
    """Return what was made of each row, making what is not there yet.

    A row that has gone since the catalogue was read is left out.
    """
    found = {pk: catalogue.cards.get((kind, pk)) for pk in ids}
    missing = [pk for pk, thing in found.items() if thing is None]
    if missing:
        made = make(missing)
        found |= made
        if len(catalogue.cards) + len(made) > settings.CARDS_KEPT:
            catalogue.cards.clear()
        if settings.CARDS_KEPT:
            catalogue.cards.update(((kind, pk), thing) for pk, thing in made.items())
    return [thing for thing in found.values() if thing is not None]

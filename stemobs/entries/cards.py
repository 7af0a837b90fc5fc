"""Programme cards as HTML, rendered once for each state of the catalogue and then cached."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language

from programmes.models import Programme
from stemobs.catalogue.catalogue import Catalogue, Store
from stemobs.text import Search

NOTHING_SEARCHED = Search()
Make = Callable[[list[int]], Mapping[int, Any]]  # from ids to the object to cache for each id


CARD = "components/programme_card.html"
# Templates with a checkbox to choose the programme for comparison: a card, and a table row.
CHOOSABLE_CARD = "pages/programmes/card.html"
CHOOSABLE_LINE = "pages/programmes/line.html"


def render_cards(
    catalogue: Catalogue,
    ids: Iterable[int],
    searched: Search = NOTHING_SEARCHED,
    template: str = CARD,
) -> list[str]:
    """Return the cards of these programmes as HTML, with the words of the search marked."""

    def make(missing: list[int]) -> dict[int, str]:
        rows = Programme.objects.published().for_cards().in_bulk(missing)
        return {pk: render_card(programme, searched, template) for pk, programme in rows.items()}

    # Cards with marked words are useful for one search only. In the shared cache they would push
    # out cards that many readers need.
    store = catalogue.marked_cards if searched else catalogue.cards
    return get_or_make(store, (template, get_language(), searched), ids, make)


def render_card(programme: Programme, searched: Search, template: str) -> str:
    return render_to_string(template, {"programme": programme, "searched": searched})


def get_or_make(store: Store, kind: Hashable, ids: Iterable[int], make: Make) -> list[Any]:
    """Return the cached object of each id, calling `make` for the ids that have none yet.

    Ids for which `make` returns nothing are left out: their rows were deleted or withdrawn after
    the catalogue was read.
    """
    found = {pk: store.get((kind, pk)) for pk in ids}
    missing = [pk for pk, thing in found.items() if thing is None]
    if missing:
        made = make(missing)
        found |= made
        if len(store) + len(made) > settings.CARDS_KEPT:
            store.clear()
        if settings.CARDS_KEPT:
            store.update(((kind, pk), thing) for pk, thing in made.items())
    return [thing for thing in found.values() if thing is not None]

"""Programme cards as HTML, rendered once for each state of the catalogue and then cached."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.text import capfirst, get_text_list
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from partnerships.models import Organisation, Partnership
from programmes.models import Programme, TakingPart
from stemobs.catalogue.catalogue import Catalogue, Store
from stemobs.entries.ways_in import list_ways_in
from stemobs.text import Search

NOTHING_SEARCHED = Search()
Make = Callable[[list[int]], Mapping[int, Any]]  # from ids to the object to cache for each id


CARD = "components/programme_card.html"
# Templates with a checkbox to choose the programme for comparison: a card, and a table row.
CHOOSABLE_CARD = "pages/programmes/card.html"
CHOOSABLE_LINE = "pages/programmes/line.html"
# Stands in a cached card where the list that it is shown in is added to its link. No text of the
# catalogue has this character.
TRAIL_MARK = "\0"
LAZY = ' loading="lazy"'  # of the picture of a card; texts have no quotation marks in HTML
MOST_AT_ONCE = 2  # cards whose pictures are loaded at once, as they are in sight
MOST_COUNTRIES = 3  # that a card names
LONGEST_LENGTH = 60  # letters in which a card says how long something takes
# Whose time is that of a programme.
TAKERS = (
    TakingPart.Audience.SCHOOLS,
    TakingPart.Audience.TEACHERS,
    TakingPart.Audience.FAMILIES,
)


def render_cards(
    catalogue: Catalogue,
    ids: Iterable[int],
    searched: Search = NOTHING_SEARCHED,
    template: str = CARD,
    trail: str = "",
) -> list[str]:
    """Return the cards of these programmes as HTML, with the words of the search marked.

    `trail` is added to the links of the cards; see `selection/trail.py`.
    """
    return [*map_cards(catalogue, ids, searched, template, trail).values()]


def map_cards(
    catalogue: Catalogue, ids: Iterable[int], searched: Search, template: str, trail: str
) -> dict[int, str]:
    """Return the cards of these programmes by their ids; see `render_cards`."""

    def make(missing: list[int]) -> dict[int, str]:
        rows = Programme.objects.published().for_cards().in_bulk(missing)
        return {pk: render_card(programme, searched, template) for pk, programme in rows.items()}

    # Cards with marked words are useful for one search only. In the shared cache they would push
    # out cards that many readers need.
    store = catalogue.marked_cards if searched else catalogue.cards
    cards = get_or_make(store, (template, get_language(), searched), ids, make)
    return {
        # A template has escaped the card; the trail is the site's own encoded query.
        pk: mark_safe(place_card(card, trail, number))  # noqa: S308
        for number, (pk, card) in enumerate(cards.items())
    }


def place_card(card: str, trail: str, number: int) -> str:
    """Return a card as it stands in a list, whose first has the number 0."""
    placed = card.replace(TRAIL_MARK, trail)
    return placed.replace(LAZY, "") if number < MOST_AT_ONCE else placed


def render_card(programme: Programme, searched: Search, template: str) -> str:
    context = {"programme": programme, "searched": searched, "trail_mark": TRAIL_MARK}
    return render_to_string(template, context)


def get_or_make(store: Store, kind: Hashable, ids: Iterable[int], make: Make) -> dict[int, Any]:
    """Return the cached objects by their ids, calling `make` for the ids that have none yet.

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
    return {pk: thing for pk, thing in found.items() if thing is not None}


# --- The words on a card --------------------------------------------------------------------------


def describe_whereabouts(programme: Programme) -> str:
    """Return where a programme is, when it runs and who runs it; what is not known is left out."""
    runners = [organisation.name for organisation in list_coordinators(programme)]
    run_by = _("run by {names}").format(names=get_text_list(runners, _("and"))) if runners else ""
    return " · ".join(filter(None, [name_countries(programme), describe_time(programme), run_by]))


def describe_place_and_years(programme: Programme) -> str:
    """Return “Slovakia · since 2016”, which tells programmes apart where they are named."""
    years = describe_time(programme, confirmed=False)
    return " · ".join(filter(None, [name_countries(programme), years]))


def list_coordinators(programme: Programme) -> list[Organisation]:
    """Return the organisations that coordinate a programme."""
    rows = programme.partnerships.all()
    return [row.organisation for row in rows if row.role == Partnership.Role.COORDINATOR]


def name_countries(programme: Programme) -> str:
    """Return the first countries of a programme, and how many more there are; else its scope."""
    names = [country.name for country in programme.countries.all()]
    more = len(names) - MOST_COUNTRIES
    named = ", ".join(names[:MOST_COUNTRIES]) or str(programme.get_scope_display())
    if more <= 0:
        return named
    words = ngettext("{named} and {more} more", "{named} and {more} more", more)
    return words.format(named=named, more=more)


def describe_time(programme: Programme, *, confirmed: bool = True) -> str:
    """Return “since 1998, last confirmed in 2023”, or “2016 to 2022” of what ended."""
    first, last, seen = programme.year_start, programme.year_end, programme.status_as_of
    match programme.status:
        case Programme.Status.COMPLETED:
            return describe_past(first, last)
        case Programme.Status.PLANNED:
            return _("planned for {year}").format(year=first) if first else _("planned")
        case Programme.Status.UNKNOWN:
            return _("began in {year}").format(year=first) if first else ""
    since = _("since {year}").format(year=first) if first else ""
    last_seen = _("last confirmed in {year}").format(year=seen) if seen and confirmed else ""
    return ", ".join(filter(None, [since, last_seen]))


def has_ended(programme: Programme) -> bool:
    return programme.status == Programme.Status.COMPLETED


def describe_past(first: int | None, last: int | None) -> str:
    if first and last:
        return str(first) if first == last else f"{first} {_('to')} {last}"
    if last:
        return _("ended in {year}").format(year=last)
    return _("began in {year}").format(year=first) if first else ""


def describe_length(programme: Programme) -> str:
    """Return how long those who take part are in it: in words of a way in, else in general.

    The time of companies and volunteers, who give theirs, is not that of the programme. Words too
    long for a card are mostly conditions, so the length in general comes before them.
    """
    ways = (way for way in list_ways_in(programme) if way.audience in TAKERS)
    times = (row.time.partition(";")[0] for way in ways for row in way.rows if row.time)
    told = next(times, "")
    if told and len(told) <= LONGEST_LENGTH:
        return capfirst(told)
    if general := programme.get_duration_display():
        return str(general)
    return _("See its record for the time") if told else _("How long it takes is not known yet")
